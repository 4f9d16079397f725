"""Listing and reading many files fast over one connection: a small file is one exchange (create, streams, read, close
as a related compound, MS-SMB2 3.2.4.1.4), a big one several reads under way at a time.

The compound is only a short way: whatever does not go smoothly there is done again step by step, and it is that which
names what is wrong.
"""

from __future__ import annotations

import struct
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Final

from smbprotocol.connection import Commands
from smbprotocol.exceptions import SMBException

from .smbentry import Entry, listing, streams
from .smberrors import from_status, status_name
from .smbfiles import NO_FOLLOW, READ_ATTRIBUTES, READ_DATA, SHARE_ALL, SYNCHRONIZE, ReadHandle, Share
from .smbpump import HEADER_BYTES, Answer, Part, PumpedConnection

#: A file of at most so many bytes comes in one exchange.
SMALL: Final = 256 * 1024
CHUNK: Final = 1024 * 1024
READ_AHEAD: Final = 4
STREAMS_BYTES: Final = 16 * 1024
LISTING_BYTES: Final = 256 * 1024
CREDIT_BYTES: Final = 65536
#: Stands for the file that the first message of a related compound opens (MS-SMB2 2.2.14.1).
THE_OPENED: Final = b"\xff" * 16
DIRECTORY: Final = 0x1
NON_DIRECTORY: Final = 0x40
FILE_OPEN: Final = 1
IMPERSONATION: Final = 2
INFO_FILE: Final = 1
STREAM_INFORMATION: Final = 22
FULL_DIRECTORY: Final = 2
SUCCESS: Final = 0
END_OF_FILE: Final = 0xC000_0011
NO_MORE_FILES: Final = 0x8000_0006


class Opened:
    """A file that is open or has been read already; like smbfiles.ReadHandle."""

    def __init__(self, chunks: Iterable[bytes | memoryview], found: list[tuple[str, int]]) -> None:
        self.chunks = chunks
        self.streams = found


class Reader:
    """Reads files of a share whose connection is a PumpedConnection."""

    def __init__(self, share: Share) -> None:
        self._share = share
        self._connection: PumpedConnection = share.tree.session.connection
        self._session = share.tree.session
        self._tree_id = int(share.tree.tree_connect_id)
        self._most = min(CHUNK, int(self._connection.max_read_size))

    def walk(self, path: str) -> Iterator[Entry]:
        """Everything below folder ``path``, a folder before its content; reparse points are named, not entered."""
        for entry in self._listed(path):
            yield entry
            if entry.is_dir and not entry.is_reparse:
                yield from self.walk(entry.path)

    def _listed(self, path: str) -> list[Entry]:
        """What lies in a folder, sorted by name."""
        what = self._share.name_of(path)
        entries: list[Entry] = []
        with self._share.translate(what):
            opened, listed = self._exchange([_create(path, READ_DATA | READ_ATTRIBUTES, DIRECTORY), _ask(THE_OPENED)])
            if opened.status != SUCCESS:
                raise from_status(status_name(opened.status), what)
            file_id = _file_id(opened)
            while listed.status == SUCCESS:
                entries.extend(listing(_information(listed), path))
                (listed,) = self._exchange([_ask(file_id)])
            self._exchange([_close(file_id)])
            if listed.status != NO_MORE_FILES:
                raise from_status(status_name(listed.status), what)
        return sorted(entries, key=lambda entry: entry.name)

    @contextmanager
    def open(self, path: str, size: int) -> Iterator[Opened]:
        """The file, its size as it was listed; with backup intent, while others may read, write and delete it.

        What is read is what is there, whatever ``size`` says. ``chunks`` are valid until the next is asked for.
        """
        what = self._share.name_of(path)
        if size <= min(SMALL, self._most):
            with self._share.translate(what):
                found = self._at_once(path, size)
            if found is not None:
                yield found
                return
        with self._share.open_read(path) as handle:
            yield Opened(self._chunks(handle, what), handle.streams())

    def _at_once(self, path: str, size: int) -> Opened | None:
        """The whole file in one exchange; None when anything is not as it was listed."""
        access = READ_DATA | READ_ATTRIBUTES | SYNCHRONIZE
        parts = [_create(path, access, NON_DIRECTORY), _ask_streams(THE_OPENED)]
        if size:
            parts.append(_read(THE_OPENED, 0, size))
        parts.append(_close(THE_OPENED))
        answers = self._exchange(parts)
        opened, told, *read, closed = answers
        if opened.status != SUCCESS:
            return None
        (there,) = struct.unpack_from("<q", opened.message, HEADER_BYTES + 48)
        content = _data(read[0]) if read and read[0].status == SUCCESS else memoryview(b"")
        if closed.status != SUCCESS:
            # A server may give up a compound at its first failure: the file is still open then.
            self._exchange([_close(_file_id(opened))])
        if closed.status != SUCCESS or told.status != SUCCESS or there != size or len(content) != size:
            return None
        return Opened([content] if size else [], list(streams(_information(told))))

    def _chunks(self, handle: ReadHandle, what: str) -> Iterator[memoryview]:
        """The content from its beginning to its end, several reads under way."""
        file_id, size = handle.file_id, handle.entry.size
        waiting: deque[tuple[int, int]] = deque()
        asked = done = 0
        try:
            while waiting or asked < size:
                with self._share.translate(what):
                    while asked < size and len(waiting) < READ_AHEAD:
                        part = _read(file_id, asked, min(self._most, size - asked))
                        if waiting and part.charge > self._connection.credits:
                            break
                        (sent,) = self._connection.exchange(self._session, self._tree_id, [part])
                        waiting.append((sent, min(self._most, size - asked)))
                        asked += waiting[-1][1]
                    sent, length = waiting.popleft()
                    answer = self._connection.answer(sent)
                    if answer.status == END_OF_FILE:
                        return
                    if answer.status != SUCCESS:
                        raise from_status(status_name(answer.status), what)
                    data = _data(answer)
                done += len(data)
                if not data:
                    return
                yield data
                if len(data) < length:
                    # The file became shorter, or the server gives less at a time: what follows is asked for anew.
                    self._forget(waiting)
                    asked = done
        finally:
            # The connection may be used again only when nothing is under way any more.
            with suppress(SMBException, OSError):
                self._forget(waiting)

    def _forget(self, waiting: deque[tuple[int, int]]) -> None:
        while waiting:
            self._connection.answer(waiting.popleft()[0])

    def _exchange(self, parts: list[Part]) -> list[Answer]:
        ids = self._connection.exchange(self._session, self._tree_id, parts)
        return [self._connection.answer(number) for number in ids]


def _create(path: str, access: int, options: int) -> Part:
    """MS-SMB2 2.2.13: open what is there, with backup intent, links themselves and not their targets."""
    name = path.encode("utf-16-le", "surrogatepass")
    fixed = struct.pack(
        "<HBBIQQIIIIIHHII",
        57,
        0,
        0,
        IMPERSONATION,
        0,
        0,
        access,
        0,
        int(SHARE_ALL),
        FILE_OPEN,
        int(NO_FOLLOW) | options,
        HEADER_BYTES + 56,
        len(name),
        0,
        0,
    )
    return Part(Commands.SMB2_CREATE, fixed + name)


def _file_id(answer: Answer) -> bytes:
    """The handle in the answer to a create (MS-SMB2 2.2.14)."""
    return bytes(answer.message[HEADER_BYTES + 64 : HEADER_BYTES + 80])


def _ask(file_id: bytes) -> Part:
    """MS-SMB2 2.2.33: more of a folder."""
    fixed = struct.pack("<HBBI16sHHI", 33, FULL_DIRECTORY, 0, 0, file_id, HEADER_BYTES + 32, 2, LISTING_BYTES)
    return Part(Commands.SMB2_QUERY_DIRECTORY, fixed + b"*\0", LISTING_BYTES // CREDIT_BYTES)


def _ask_streams(file_id: bytes) -> Part:
    """MS-SMB2 2.2.37, for FileStreamInformation."""
    fixed = struct.pack("<HBBIHHIII16s", 41, INFO_FILE, STREAM_INFORMATION, STREAMS_BYTES, 0, 0, 0, 0, 0, file_id)
    return Part(Commands.SMB2_QUERY_INFO, fixed + b"\0")


def _read(file_id: bytes, offset: int, length: int) -> Part:
    """MS-SMB2 2.2.19."""
    fixed = struct.pack("<HBBIQ16sIIIHH", 49, 0x50, 0, length, offset, file_id, 0, 0, 0, 0, 0)
    return Part(Commands.SMB2_READ, fixed + b"\0", max(1, -(-length // CREDIT_BYTES)))


def _close(file_id: bytes) -> Part:
    """MS-SMB2 2.2.15."""
    return Part(Commands.SMB2_CLOSE, struct.pack("<HHI16s", 24, 0, 0, file_id))


def _data(answer: Answer) -> memoryview:
    """What a read gave (MS-SMB2 2.2.20)."""
    _, start, _, length = struct.unpack_from("<HBBI", answer.message, HEADER_BYTES)
    return _piece(answer.message, start, length)


def _information(answer: Answer) -> bytes:
    """What a query gave (MS-SMB2 2.2.34, 2.2.38)."""
    _, start, length = struct.unpack_from("<HHI", answer.message, HEADER_BYTES)
    return bytes(_piece(answer.message, start, length))


def _piece(message: memoryview, start: int, length: int) -> memoryview:
    if start + length > len(message):
        raise SMBException("the server's answer is cut short")
    return message[start : start + length]
