"""What the burner makes of xorriso's words, as a DVD+R drive made it say them (recorded by make test-burner)."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from exam_room.discs import burner
from exam_room.discs.image import Image
from exam_room.errors import ExamError

Replies = Callable[..., None]

HEAD = "xorriso 1.5.4 : RockRidge filesystem manipulator, libburnia project.\n\n"
DRIVE = "Drive current: -outdev '/dev/sr0'\n"
BLANK = """\
Drive access : exclusive:unrestricted
Drive type   : vendor 'IET' product 'VIRTUAL-CDROM' revision '0001'
Drive id     : ''
Media current: DVD+R
Media product: //0 , (not found in manufacturer list)
Media status : is blank
Media blocks : 0 readable , 2295104 writable , 2295104 overall
Media summary: 0 sessions, 0 data blocks, 0 data, 4483m free
"""
CLOSED = """\
Media current: DVD-ROM
Media status : is written , is closed
Media blocks : 3264 readable , 0 writable , 3264 overall
TOC layout   : Idx ,  sbsector ,       Size , Volume Id
ISO session  :   1 ,         0 ,         0s , TEST_1
Media summary: 1 session, 0 data blocks,     0 data,     0 free
"""
EMPTY = "Media current: is not recognizable\nMedia status : is not present\n"
NO_DRIVE = """\
libburn : FAILURE : File object '/dev/sr9' not found
libburn : FAILURE : Cannot access '/dev/sr9' as SG_IO CDROM drive
xorriso : FAILURE : Cannot acquire drive '/dev/sr9'
xorriso : aborting : -abort_on 'FAILURE' encountered 'FAILURE'
"""
WORN = """\
Beginning to write data track.
xorriso : UPDATE :    0 of   13 MB written [buf  50%]
libburn : FATAL : SCSI error on write(1024,16): [3 11 00] Medium error. Unrecovered read error.
libburn : FATAL : CDB= WRITE(10) : 2a 00 00 00 04 00 00 00 10 00  : dxfer_len= 32768
xorriso : FATAL : -abort_on 'FAILURE' encountered 'FATAL' during image writing
xorriso : NOTE : libburn has now been urged to cancel its operation
xorriso : FAILURE : libburn indicates failure with writing.
xorriso : NOTE : Gave up -outdev ''
xorriso : FAILURE : -as cdrecord: Job could not be performed properly.
xorriso : aborting : -abort_on 'FAILURE' encountered 'FATAL'
"""
UNREADABLE = """\
xorriso : NOTE : Disc status unsuitable for writing
Drive current: -outdev '/dev/sr0'
Media current: DVD-ROM
Media status : is written , is closed
Media summary: 1 session, 0 data blocks,     0 data,     0 free
libburn : SORRY : SCSI error on read_10(3200,32): [3 11 00] Medium error. Unrecovered read error.
libburn : SORRY : SCSI error on read_10(3232,32): [3 11 00] Medium error. Unrecovered read error.
"""
# What it did then: the sectors up to there, of 6452, on its standard output, and this exit status.
READABLE, ALL, STATUS = 3200, 6452, 32
IMAGE = Image(Path("/images/TEST_1.iso"), "TEST_1", 6_684_672, "")


@pytest.fixture
def replies(monkeypatch: pytest.MonkeyPatch) -> Replies:
    """Let each run of xorriso answer with the next of (exit status, stdout, stderr)."""

    def expect(*answers: tuple[int, str, str]) -> None:
        left = list(answers)

        def run(command: list[str], timeout: float) -> subprocess.CompletedProcess[bytes]:
            status, out, err = left.pop(0)
            return subprocess.CompletedProcess(command, status, out.encode(), err.encode())

        monkeypatch.setattr(burner, "run", run)

    return expect


def test_a_blank_dvd_is_seen_as_one(replies: Replies) -> None:
    replies((0, DRIVE + BLANK, HEAD + DRIVE + BLANK))
    medium = burner.look("/dev/sr0")
    assert (medium.kind, medium.writable) == ("DVD+R", 2_295_104 * 2048)
    assert medium.present and medium.blank and not medium.closed


def test_a_closed_dvd_is_seen_as_one(replies: Replies) -> None:
    replies((0, DRIVE + CLOSED, HEAD))
    medium = burner.look("/dev/sr0")
    assert medium.present and medium.closed and not medium.blank and medium.writable == 0


def test_an_empty_drive_asks_for_a_disc(replies: Replies) -> None:
    replies((0, DRIVE + EMPTY, HEAD), (0, DRIVE + EMPTY, HEAD))
    with pytest.raises(ExamError, match=r"没有光盘。请放入空白光盘(.|\n)*Insert a blank one"):
        burner.burn(IMAGE, "/dev/sr0")
    with pytest.raises(ExamError, match=r"没有光盘，无法回读核对(.|\n)*no disc in /dev/sr0 to read back"):
        burner.read_back(IMAGE, "/dev/sr0", {})


def test_a_disc_that_is_still_blank_cannot_be_read_back(replies: Replies) -> None:
    replies((0, DRIVE + BLANK, HEAD))
    with pytest.raises(ExamError, match=r"没有刻好(.|\n)*作废重刻(.|\n)*takes it for a blank one"):
        burner.read_back(IMAGE, "/dev/sr0", {})


def test_a_drive_that_is_not_there_is_said_by_its_cause(replies: Replies) -> None:
    replies((5, "", HEAD + NO_DRIVE))
    with pytest.raises(ExamError) as told:
        burner.look("/dev/sr9")
    assert told.value.zh == (
        "刻录机 /dev/sr9 不能用：没有这个设备（libburn : FAILURE : File object '/dev/sr9' not found）"
    )
    assert "there is no such device" in told.value.en and "aborting" not in told.value.en


def test_a_disc_that_cannot_be_written_is_said_by_its_cause(replies: Replies) -> None:
    replies((0, DRIVE + BLANK, HEAD), (5, "", HEAD + DRIVE + WORN))
    with pytest.raises(ExamError) as told:
        burner.burn(IMAGE, "/dev/sr0")
    assert told.value.zh == (
        "刻录失败：光盘写不进去（libburn : FATAL : SCSI error on write(1024,16): [3 11 00] Medium error. "
        "Unrecovered read error.）。这张光盘请作废，换一张空白光盘重做。"
    )
    assert "Mark this disc as bad" in told.value.en


def test_a_disc_that_cannot_be_read_to_its_end_is_said_by_the_first_sector_that_cannot(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = Image(tmp_path / "TEST_1.iso", "TEST_1", ALL * 2048, "")
    image.path.write_bytes(bytes(range(256)) * (ALL * 8))
    (tmp_path / "toc").write_text(DRIVE + CLOSED, encoding="utf-8")
    (tmp_path / "said").write_text(HEAD + UNREADABLE, encoding="utf-8")
    xorriso = tmp_path / "xorriso"
    xorriso.write_text(
        f"""#!/bin/sh
cd {tmp_path}
case "$*" in
*-toc*) cat toc ;;
*"data_to=-"*) head -c {READABLE * 2048} {image.path.name}; cat said >&2; exit {STATUS} ;;
esac
""",
        encoding="utf-8",
    )
    xorriso.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    with pytest.raises(ExamError) as told:
        burner.read_back(image, "/dev/sr0", {})
    assert f"从第 {READABLE} 扇区（从 0 数起）开始读不出来" in told.value.zh and "作废重刻" in told.value.zh
    assert f"unreadable from sector {READABLE} " in told.value.en


class Waiting:
    """Waiting for a blank disc of the size of IMAGE: the drive answers with the next of ``toc`` at each look."""

    def __init__(self, replies: Replies, *toc: str) -> None:
        replies(*((0, DRIVE + each, HEAD) if each != NO_DRIVE else (5, "", HEAD + NO_DRIVE) for each in toc))
        self.seconds = 0.0

    def wait(self, known: str = "") -> ExamError | None:
        return burner.await_blank("/dev/sr0", IMAGE.size, 60, known, lambda: self.seconds, self.sleep)

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds


def test_a_drive_is_watched_until_a_blank_disc_is_in_it(replies: Replies) -> None:
    waiting = Waiting(replies, EMPTY, EMPTY, BLANK)
    assert waiting.wait() is None
    assert 2 <= waiting.seconds / 2 <= 20


def test_a_tray_that_somebody_has_opened_is_left_alone(replies: Replies, monkeypatch: pytest.MonkeyPatch) -> None:
    disc, none, opened, not_ready = 4, 1, 2, 3
    answers = [none, opened, opened, not_ready, disc]
    monkeypatch.setattr(burner, "drive_status", lambda device: answers.pop(0))
    # One answer: xorriso is not asked before there is a disc.
    waiting = Waiting(replies, BLANK)
    assert waiting.wait() is None
    assert answers == []


def test_what_is_no_drive_has_no_status(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert burner.drive_status(str(tmp_path / "file")) == 0
    assert burner.drive_status(f"stdio:{tmp_path / 'file'}") == 0


def test_a_disc_that_will_not_do_is_told_once(replies: Replies) -> None:
    waiting = Waiting(replies, EMPTY, CLOSED, CLOSED, EMPTY, CLOSED, BLANK)
    told = waiting.wait()
    assert told is not None and "不是空白盘" in told.zh
    assert waiting.wait(told.en) is None


def test_a_drive_that_is_lost_is_told_once_and_waited_for(replies: Replies) -> None:
    waiting = Waiting(replies, NO_DRIVE, NO_DRIVE, BLANK)
    told = waiting.wait()
    assert told is not None and "没有这个设备" in told.zh
    assert waiting.wait(told.en) is None


def test_waiting_comes_to_an_end(replies: Replies) -> None:
    waiting = Waiting(replies, *[EMPTY] * 60)
    told = waiting.wait()
    assert told is not None and "没有光盘" in told.zh
    assert 60 <= waiting.seconds < 70


def test_words_nobody_has_recorded_are_passed_on(replies: Replies) -> None:
    replies((0, DRIVE + BLANK, HEAD), (5, "", "xorriso : FAILURE : something new\nxorriso : aborting : it\n"))
    with pytest.raises(ExamError, match="刻录失败：xorriso : FAILURE : something new。"):
        burner.burn(IMAGE, "/dev/sr0")
