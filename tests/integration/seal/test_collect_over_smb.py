"""What may lie in a candidate's folder on a real SMB server, and what may happen while it is read."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest
from smbprotocol.open import CreateDisposition, ImpersonationLevel, LockFlags, Open, SMB2LockElement, SMB2LockRequest

from exam_room.collect.collect import Collector, Content, Found
from exam_room.collect.discnames import Parts
from exam_room.collect.results import Owner, Table
from exam_room.collect.serverfiles import ServerFiles, connected
from exam_room.errors import ExamError
from exam_room.wire.security import ADMINISTRATORS, DENY, EVERYONE, FULL, Ace, Descriptor
from exam_room.wire.smb import Login, Share, connect
from exam_room.wire.smberrors import AccessDenied, SharingViolation
from integration.seal.conftest import ROOM
from standin import room

pytestmark = pytest.mark.integration

OWNER = Owner("KS01", "44010001")
FOLDER = "Exam\\collect\\KS01"
READ_WRITE, EVERYTHING = 0x12019F, 0x7
HIDDEN_READ_ONLY = 0x3


@pytest.fixture
def share(server: Login) -> Iterator[Share]:
    """The volume of results, with an empty folder for one candidate."""
    with connect(server) as connection:
        made = connection.share("D$")
        made.makedirs(FOLDER)
        yield made
    # By a connection of its own: the test may have broken the other.
    with connect(server) as connection:
        connection.share("D$").remove_tree("Exam\\collect")


def collect(server: Login, session: Path) -> Table:
    return Collector(session, partial(connected, server, "D$", r"Exam\collect", 20.0)).collect([OWNER]).table


def put(share: Share, name: str, content: bytes, attributes: int = 0, sharing: int = EVERYTHING) -> Open:
    """A file or stream as a candidate's program makes it; it is still open."""
    file = Open(share.tree, f"{FOLDER}\\{name}")
    file.create(ImpersonationLevel.Impersonation, READ_WRITE, attributes, sharing, CreateDisposition.FILE_OPEN_IF, 0)
    file.write(content, 0)
    return file


def content_of(session: Path, table: Table, name: str) -> bytes:
    entry = next(entry for entry in table.files if entry.path == name)
    content = (session / "bag" / entry.disc).read_bytes()
    assert hashlib.sha256(content).hexdigest() == entry.sha256
    return content


def test_streams_hidden_files_and_files_of_programs(server: Login, share: Share, tmp_path: Path) -> None:
    put(share, "图.psd", b"picture").close()
    put(share, "图.psd:批注", b"in a stream").close()
    put(share, "图.psd:Zone.Identifier", b"[ZoneTransfer]").close()
    put(share, "隐藏.txt", b"hidden", attributes=HIDDEN_READ_ONLY).close()
    put(share, "~$报告.docx", b"temporary").close()
    table = collect(server, tmp_path)
    assert table.streams() == ["KS01\\图.psd:批注"]
    assert {name: content_of(tmp_path, table, name) for name in ("图.psd", "隐藏.txt", "~$报告.docx")} == {
        "图.psd": b"picture",
        "隐藏.txt": b"hidden",
        "~$报告.docx": b"temporary",
    }
    assert len(table.files) == 3


def test_a_file_that_may_not_be_read_is_named(server: Login, share: Share, tmp_path: Path) -> None:
    """Windows lets an administrator read it, for he asks with backup intent; Samba does not (standin/samba.py)."""
    path = f"{FOLDER}\\私有.txt"
    put(share, "私有.txt", b"mine").close()
    before = share.get_security(path)
    nobody = (Ace(DENY, 0, FULL, ADMINISTRATORS), Ace(DENY, 0, FULL, EVERYONE))
    share.set_security(path, Descriptor(None, None, nobody, protected=True).to_bytes())
    try:
        with pytest.raises(AccessDenied, match=r"私有\.txt"):
            collect(server, tmp_path)
    finally:
        share.set_security(path, before)
    assert content_of(tmp_path, collect(server, tmp_path), "私有.txt") == b"mine"


def test_a_file_that_is_held_open_alone_stops_the_step_by_name_and_is_read_the_next_time(
    server: Login, share: Share, tmp_path: Path
) -> None:
    put(share, "先.txt", b"first").close()
    held = put(share, "占用.xlsx", b"held", sharing=0)
    with pytest.raises(SharingViolation, match=r"占用\.xlsx"):
        collect(server, tmp_path)
    held.close()
    table = collect(server, tmp_path)
    assert content_of(tmp_path, table, "占用.xlsx") == b"held"


def test_a_part_that_is_locked_stops_the_step_by_name(server: Login, share: Share, tmp_path: Path) -> None:
    held = put(share, "数据.accdb", b"x" * 100)
    element = SMB2LockElement()
    element["offset"], element["length"] = 10, 10
    element["flags"] = LockFlags.SMB2_LOCKFLAG_EXCLUSIVE_LOCK | LockFlags.SMB2_LOCKFLAG_FAIL_IMMEDIATELY
    request = SMB2LockRequest()
    request["file_id"], request["locks"] = held.file_id, [element]
    share.receive(share.send(request))
    with pytest.raises(ExamError, match=r"数据\.accdb"):
        collect(server, tmp_path)
    held.close()
    assert content_of(tmp_path, collect(server, tmp_path), "数据.accdb") == b"x" * 100


class Cut:
    """An open file whose server drops the connection after the first piece, once."""

    def __init__(self, inner: Content, cut: list[bool]) -> None:
        self._inner = inner
        self._cut = cut

    @property
    def streams(self) -> Sequence[tuple[str, int]]:
        return self._inner.streams

    @property
    def chunks(self) -> Iterator[bytes | memoryview]:
        for chunk in self._inner.chunks:
            yield chunk
            if not self._cut:
                self._cut.append(True)
                room.execute(ROOM, "server", ["smbcontrol", "smbd", "close-share", "D$"])


def test_a_connection_that_breaks_in_a_file_is_made_anew(server: Login, share: Share, tmp_path: Path) -> None:
    big = bytes(range(256)) * 4 * 20_000
    share.write(f"{FOLDER}\\大.bin", big)
    cut: list[bool] = []

    class Breaking:
        def __init__(self, inner: ServerFiles) -> None:
            self._inner = inner

        def walk(self, folder: str) -> Iterator[Found]:
            return self._inner.walk(folder)

        @contextmanager
        def open_read(self, folder: str, parts: Parts, size: int) -> Iterator[Cut]:
            with self._inner.open_read(folder, parts, size) as content:
                yield Cut(content, cut)

    @contextmanager
    def breaking() -> Iterator[Breaking]:
        with connected(server, "D$", r"Exam\collect", 20.0) as source:
            yield Breaking(source)

    table = Collector(tmp_path, breaking).collect([OWNER]).table
    assert cut
    assert content_of(tmp_path, table, "大.bin") == big
