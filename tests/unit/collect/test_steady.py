"""Writing big files steadily, writing files in pieces, and following what a program writes."""

from __future__ import annotations

import errno
import os
import sys
from contextlib import closing
from pathlib import Path

import pytest

from exam_room import tools
from exam_room.errors import ExamError
from exam_room.files import WINDOW_BYTES, SteadyWriter, write_atomic

WRITES_SLOWLY = """
import sys, time
for number in range(20):
    sys.stdout.write(f"{number:04d}" * 1000)
    sys.stdout.flush()
    time.sleep(0.01)
"""


@pytest.mark.parametrize("size", [0, 1, WINDOW_BYTES, WINDOW_BYTES + 1, 3 * WINDOW_BYTES + 4097])
@pytest.mark.parametrize("piece", [1_000_003, 5 * WINDOW_BYTES])
def test_what_is_written_steadily_is_there(size: int, piece: int, tmp_path: Path) -> None:
    content = os.urandom(4096 + 7) * (size // 4103 + 1)
    target = tmp_path / "big"
    with target.open("wb", buffering=0) as handle:
        writer = SteadyWriter(handle.fileno())
        for start in range(0, size, piece):
            writer.write(memoryview(content)[start : min(start + piece, size)])
    assert target.read_bytes() == content[:size]


def test_a_disk_that_refuses_to_keep_it_is_an_error() -> None:
    with Path("/dev/null").open("wb", buffering=0) as handle, pytest.raises(OSError) as caught:
        SteadyWriter(handle.fileno()).write(bytes(WINDOW_BYTES))
    assert caught.value.errno == errno.ESPIPE


def test_a_full_disk_is_an_error() -> None:
    with Path("/dev/full").open("wb", buffering=0) as handle, pytest.raises(OSError) as caught:
        SteadyWriter(handle.fileno()).write(b"x")
    assert caught.value.errno == errno.ENOSPC


def test_a_file_in_pieces_is_whole_or_not_there(tmp_path: Path) -> None:
    target = tmp_path / "table"
    write_atomic(target, (text.encode() for text in ("一", "二")))
    assert target.read_text(encoding="utf-8") == "一二"
    with pytest.raises(ZeroDivisionError):
        write_atomic(target, (b"%d" % (1 // number) for number in (1, 0)))
    assert target.read_text(encoding="utf-8") == "一二"


def test_what_a_program_writes_is_followed_to_its_end(tmp_path: Path) -> None:
    expected = b"".join(b"%04d" % number * 1000 for number in range(20))
    with (tmp_path / "out").open("wb") as sink:
        command = [sys.executable, "-c", WRITES_SLOWLY]
        pieces = [bytes(piece) for piece in tools.follow(command, sink, 3000)]
    assert b"".join(pieces) == expected == (tmp_path / "out").read_bytes()
    assert max(map(len, pieces)) <= 3000


def test_a_program_that_is_followed_and_fails_is_an_error(tmp_path: Path) -> None:
    with (tmp_path / "out").open("wb") as sink, pytest.raises(ExamError, match="no luck"):
        list(tools.follow(["sh", "-c", "echo part; echo no luck >&2; exit 3"], sink, 100))


def test_a_program_that_is_followed_ends_when_nobody_reads_on(tmp_path: Path) -> None:
    with (tmp_path / "out").open("wb") as sink:
        with closing(tools.follow(["sh", "-c", "echo $$; exec sleep 60"], sink, 100)) as pieces:
            process = int(bytes(next(pieces)))
        with pytest.raises(ProcessLookupError):
            os.kill(process, 0)


def test_a_program_that_hangs_while_it_is_followed_is_stopped(tmp_path: Path) -> None:
    with (tmp_path / "out").open("wb") as sink, pytest.raises(ExamError, match="did not end within"):
        list(tools.follow(["sleep", "60"], sink, 100, timeout=0.1))
