"""Reading files over a connection whose answers are given here: smooth, and in every way that is not."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator, Sequence
from types import SimpleNamespace
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from smbprotocol.connection import Ciphers, Commands, Dialects
from smbprotocol.exceptions import SMBException

from exam_room.wire.smb import translated
from exam_room.wire.smberrors import AccessDenied, ConnectionLost
from exam_room.wire.smbpump import HEADER, HEADER_BYTES, RELATED, STATUS_PENDING, Part, PumpedConnection
from exam_room.wire.smbread import CHUNK, END_OF_FILE, NO_MORE_FILES, SMALL, SUCCESS, Reader

KEY = bytes(range(16))
SESSION = SimpleNamespace(session_id=7, encryption_key=KEY, decryption_key=KEY)
FILE_ID = b"0123456789abcdef"
DENIED = 0xC000_0022
CREATE, READ, CLOSE = int(Commands.SMB2_CREATE), int(Commands.SMB2_READ), int(Commands.SMB2_CLOSE)
QUERY, LIST = int(Commands.SMB2_QUERY_INFO), int(Commands.SMB2_QUERY_DIRECTORY)


def answer_to_create(size: int) -> bytes:
    return struct.pack("<HBBIqqqqqqII16sII", 89, 0, 0, 1, 1, 1, 1, 1, size, size, 0x20, 0, FILE_ID, 0, 0)


def answer_to_read(data: bytes) -> bytes:
    return struct.pack("<HBBIII", 17, HEADER_BYTES + 16, 0, len(data), 0, 0) + data


def answer_to_query(data: bytes) -> bytes:
    return struct.pack("<HHI", 9, HEADER_BYTES + 8, len(data)) + data


def stream_list(*named: tuple[str, int]) -> bytes:
    raw = b""
    for number, (name, size) in enumerate(named):
        text = f":{name}:$DATA".encode("utf-16-le")
        length = -(-(24 + len(text)) // 8) * 8
        following = 0 if number == len(named) - 1 else length
        raw += (struct.pack("<IIqq", following, len(text), size, size) + text).ljust(length, b"\0")
    return raw


def entry_list(*named: tuple[str, int, int]) -> bytes:
    raw = b""
    for number, (name, size, attributes) in enumerate(named):
        text = name.encode("utf-16-le")
        length = -(-(68 + len(text)) // 8) * 8
        following = 0 if number == len(named) - 1 else length
        fixed = struct.pack("<IIqqqqqqIII", following, 0, 1, 1, 5, 6, size, size, attributes, len(text), 0)
        raw += (fixed + text).ljust(length, b"\0")
    return raw


class Server:
    """A server with one file at the other end of a socket pair. What it does wrong is set by the tests."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.streams: list[tuple[str, int]] = [("", len(content))]
        self.folders: dict[str, list[tuple[str, int, int]]] = {}
        self.refused: dict[int, int] = {}
        self.gives_up = False
        self.pending = False
        self.most_read = 1 << 30
        self.damaged = False
        self.silent = False
        self.commands: list[int] = []
        self.opened: list[str] = []
        self.closed = 0
        self.related: list[bool] = []
        self._listed = ""
        self._given = False
        self.ours, theirs = socket.socketpair()
        self.connection = PumpedConnection("server", 445, timeout=0.5)
        self.connection.transport = SimpleNamespace(_sock=theirs, connected=True, close=theirs.close)
        self.connection.dialect = Dialects.SMB_3_1_1
        self.connection.max_read_size = 8 * CHUNK
        self.connection.cipher_id = Ciphers.AES_128_GCM
        self.connection.sequence_window = {"low": 10, "high": 10 + 128}
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def reader(self) -> Reader:
        session = SimpleNamespace(**vars(SESSION), connection=self.connection)
        tree = SimpleNamespace(session=session, tree_connect_id=3)
        share: Any = SimpleNamespace(
            tree=tree, translate=translated, name_of=lambda path: path, open_read=self._plainly_opened
        )
        return Reader(share)

    def _plainly_opened(self, path: str) -> Any:
        raise PlainWay(path)

    def end(self) -> None:
        self.ours.shutdown(socket.SHUT_RDWR)
        self._thread.join(5)
        self.ours.close()

    def _whole(self, count: int) -> bytes:
        data = b""
        while len(data) < count:
            if not (more := self.ours.recv(count - len(data))):
                raise EOFError
            data += more
        return data

    def _serve(self) -> None:
        try:
            while True:
                length = int.from_bytes(self._whole(4), "big")
                message = self._whole(length)
                nonce = message[20:32]
                plain = AESGCM(KEY).decrypt(nonce, message[52:] + message[4:20], message[20:52])
                self._answer(plain)
        except (EOFError, OSError):
            return

    def _answer(self, plain: bytes) -> None:
        parts, at = [], 0
        while True:
            fields = HEADER.unpack_from(plain, at)
            following = fields[7]
            self.related.append(bool(fields[6] & RELATED))
            parts.append((fields[4], fields[2], fields[8], plain[at : at + following if following else len(plain)]))
            if not following:
                break
            at += following
        failed, answers = SUCCESS, []
        for command, charge, number, message in parts:
            self.commands.append(command)
            status, body = self._do(command, message)
            if failed != SUCCESS:
                status, body = failed, b"\x09" + bytes(8)
            elif status != SUCCESS and (self.gives_up or command == CREATE):
                failed = status
            if command == CLOSE and status == SUCCESS:
                self.closed += 1
            answers.append((command, status, charge, number, body))
        if self.silent:
            return
        if self.pending:
            self._send(
                [(command, STATUS_PENDING, charge, number, bytes(9)) for command, _, charge, number, _ in answers], 2
            )
            answers = [(command, status, 0, number, body) for command, status, _, number, body in answers]
        self._send(answers, 0)

    def _send(self, answers: Sequence[tuple[int, int, int, int, bytes]], flags: int) -> None:
        plain = b""
        for at, (command, status, granted, number, body) in enumerate(answers):
            length = HEADER_BYTES + len(body)
            following = 0 if at == len(answers) - 1 else -(-length // 8) * 8
            head = HEADER.pack(b"\xfeSMB", 64, 0, status, command, granted, 1 | flags, following, number, 0, 3, 7, b"")
            plain += (head + body).ljust(following, b"\0")
        nonce = bytes(12)
        bound = struct.pack("<16sIHHQ", nonce, len(plain), 0, 1, 7)
        sealed = AESGCM(KEY).encrypt(nonce, plain, bound)
        tag = bytes(16) if self.damaged else sealed[-16:]
        whole = b"\xfdSMB" + tag + bound + sealed[:-16]
        self.ours.sendall(struct.pack(">I", len(whole)) + whole)

    def _do(self, command: int, message: bytes) -> tuple[int, bytes]:
        if command in self.refused:
            return self.refused[command], b"\x09" + bytes(8)
        body = message[HEADER_BYTES:]
        if command == CREATE:
            start, length = struct.unpack_from("<HH", body, 44)
            self.opened.append(message[start : start + length].decode("utf-16-le", "surrogatepass"))
            self._listed, self._given = self.opened[-1], False
            return SUCCESS, answer_to_create(len(self.content))
        if command == QUERY:
            return SUCCESS, answer_to_query(stream_list(*self.streams))
        if command == LIST:
            if self._given or self._listed not in self.folders:
                return NO_MORE_FILES, b"\x09" + bytes(8)
            self._given = True
            return SUCCESS, answer_to_query(entry_list(*self.folders[self._listed]))
        if command == READ:
            _, _, _, length, offset = struct.unpack_from("<HBBIQ", body)
            data = self.content[offset : offset + min(length, self.most_read)]
            return (SUCCESS, answer_to_read(data)) if data else (END_OF_FILE, b"\x09" + bytes(8))
        assert command == CLOSE and body[8:24] in (FILE_ID, b"\xff" * 16)
        return SUCCESS, bytes(60)


class PlainWay(Exception):
    """The reader went on step by step, with smbprotocol."""


@pytest.fixture
def servers() -> Iterator[list[Server]]:
    made: list[Server] = []
    yield made
    for server in made:
        server.end()


@pytest.fixture
def server(servers: list[Server]) -> Server:
    servers.append(Server(b"content of a small file"))
    return servers[0]


def whole(server: Server, size: int) -> tuple[bytes, list[tuple[str, int]]]:
    with server.reader().open("单元1\\报告 一.docx", size) as opened:
        return b"".join(bytes(chunk) for chunk in opened.chunks), opened.streams


def chunks_of(server: Server, size: int) -> Iterator[memoryview]:
    handle: Any = SimpleNamespace(file_id=FILE_ID, entry=SimpleNamespace(size=size))
    return server.reader()._chunks(handle, "大.bin")


def test_a_small_file_is_one_exchange(server: Server) -> None:
    server.streams.append(("备注", 12))
    assert whole(server, len(server.content)) == (b"content of a small file", [("备注", 12)])
    assert server.commands == [CREATE, QUERY, READ, CLOSE]
    assert server.related == [False, True, True, True]
    assert server.opened == ["单元1\\报告 一.docx"]


def test_an_empty_file_is_not_read(servers: list[Server]) -> None:
    servers.append(Server(b""))
    assert whole(servers[0], 0) == (b"", [])
    assert servers[0].commands == [CREATE, QUERY, CLOSE]


def test_a_name_that_is_no_utf16_is_asked_for_as_it_is(server: Server) -> None:
    with server.reader().open("lone\ud800", len(server.content)):
        pass
    assert server.opened == ["lone\ud800"]


def test_an_interim_answer_is_waited_out(server: Server) -> None:
    server.pending = True
    assert whole(server, len(server.content))[0] == server.content


@pytest.mark.parametrize("listed", [0, 5, 100])
def test_a_file_that_is_not_as_it_was_listed_is_opened_step_by_step(server: Server, listed: int) -> None:
    with pytest.raises(PlainWay):
        whole(server, listed)
    assert server.closed == 1


@pytest.mark.parametrize("command", [CREATE, QUERY, READ, CLOSE])
def test_what_is_refused_is_asked_again_step_by_step(server: Server, command: int) -> None:
    server.refused[command] = DENIED
    with pytest.raises(PlainWay):
        whole(server, len(server.content))


@pytest.mark.parametrize("command", [QUERY, READ])
def test_nothing_stays_open_when_the_server_gives_up_in_the_middle(server: Server, command: int) -> None:
    server.refused[command] = DENIED
    server.gives_up = True
    with pytest.raises(PlainWay):
        whole(server, len(server.content))
    assert server.closed == 1


def test_a_large_file_is_never_asked_for_at_once(server: Server) -> None:
    with pytest.raises(PlainWay):
        whole(server, SMALL + 1)
    assert server.commands == []


def test_a_big_file_comes_whole_and_in_order(servers: list[Server]) -> None:
    content = b"".join(bytes([number]) * CHUNK for number in range(9)) + b"end"
    servers.append(Server(content))
    assert b"".join(bytes(chunk) for chunk in chunks_of(servers[0], len(content))) == content


def test_a_server_that_gives_less_at_a_time_gives_everything_in_the_end(servers: list[Server]) -> None:
    content = b"".join(bytes([number]) * (CHUNK // 2) for number in range(9)) + b"end"
    servers.append(Server(content))
    servers[0].most_read = CHUNK - 1000
    assert b"".join(bytes(chunk) for chunk in chunks_of(servers[0], len(content))) == content


def test_no_more_is_asked_for_than_the_server_reads_at_once(servers: list[Server]) -> None:
    content = bytes(range(256)) * 1024
    servers.append(Server(content))
    servers[0].connection.max_read_size = 65536
    assert b"".join(bytes(chunk) for chunk in chunks_of(servers[0], len(content))) == content
    assert servers[0].commands == [READ] * 4


def test_few_credits_only_slow_it_down(servers: list[Server]) -> None:
    content = bytes(5 * CHUNK + 7)
    servers.append(Server(content))
    servers[0].connection.sequence_window["high"] = servers[0].connection.sequence_window["low"] + 17
    assert sum(len(chunk) for chunk in chunks_of(servers[0], len(content))) == len(content)


def test_a_file_that_became_shorter_ends_early_and_the_connection_serves_on(servers: list[Server]) -> None:
    servers.append(Server(bytes(CHUNK + 10)))
    got = sum(len(chunk) for chunk in chunks_of(servers[0], 6 * CHUNK))
    assert got == CHUNK + 10
    servers[0].content = b"next"
    assert whole(servers[0], 4)[0] == b"next"


def test_a_reader_who_stops_in_the_middle_leaves_a_connection_that_serves_on(servers: list[Server]) -> None:
    servers.append(Server(bytes(6 * CHUNK)))
    pieces = chunks_of(servers[0], 6 * CHUNK)
    next(pieces)
    pieces.close()  # type: ignore[attr-defined]
    servers[0].content = b"next"
    assert whole(servers[0], 4)[0] == b"next"


def test_a_refused_read_is_said_with_the_name(servers: list[Server]) -> None:
    servers.append(Server(bytes(2 * CHUNK)))
    servers[0].refused[READ] = DENIED
    with pytest.raises(AccessDenied, match=r"大\.bin"):
        list(chunks_of(servers[0], 2 * CHUNK))


def test_a_connection_that_goes_in_the_middle_is_lost(servers: list[Server]) -> None:
    servers.append(Server(bytes(6 * CHUNK)))
    pieces = chunks_of(servers[0], 6 * CHUNK)
    next(pieces)
    servers[0].ours.shutdown(socket.SHUT_RDWR)
    with pytest.raises(ConnectionLost):
        list(pieces)


def test_a_silent_server_is_lost_after_the_time_allowed(server: Server) -> None:
    server.silent = True
    with pytest.raises(ConnectionLost) as caught:
        whole(server, len(server.content))
    assert caught.value.status == "TIMEOUT"


def test_a_message_that_was_tampered_with_is_no_answer(server: Server) -> None:
    server.damaged = True
    with pytest.raises(ConnectionLost, match="decrypt"):
        whole(server, len(server.content))


def test_a_message_that_is_too_short_is_no_answer(server: Server) -> None:
    server.ours.sendall(struct.pack(">I", 4) + b"\xfdSMB")
    with pytest.raises(ConnectionLost, match="cut short"):
        whole(server, len(server.content))


def test_more_than_the_credits_allow_is_not_sent(server: Server) -> None:
    with pytest.raises(SMBException, match="credits"):
        server.connection.exchange(SESSION, 3, [Part(READ, b"", charge=1000)])
    assert server.commands == []


def test_a_tree_is_walked_sorted_and_links_are_not_entered(server: Server) -> None:
    server.folders = {
        "root": [(".", 0, 0x10), ("..", 0, 0x10), ("z.txt", 5, 0x20), ("a", 0, 0x10), ("link", 0, 0x410)],
        "root\\a": [("深.txt", 3, 0x22)],
    }
    found = [(entry.path, entry.size, entry.is_reparse) for entry in server.reader().walk("root")]
    assert found == [
        ("root\\a", 0, False),
        ("root\\a\\深.txt", 3, False),
        ("root\\link", 0, True),
        ("root\\z.txt", 5, False),
    ]
    assert server.closed == 2


@pytest.mark.parametrize("command", [CREATE, LIST])
def test_a_folder_that_cannot_be_listed_is_said_with_its_name(server: Server, command: int) -> None:
    server.refused[command] = DENIED
    with pytest.raises(AccessDenied, match="root"):
        list(server.reader().walk("root"))
    assert server.closed == (0 if command == CREATE else 1)
