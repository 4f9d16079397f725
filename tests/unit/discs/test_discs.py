"""From the sealed discs to images and to media that were read back, with files that play the disc (stdio:)."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from exam_room.discs import burner, discs, record
from exam_room.discs.burner import Medium, check_blank, read_back
from exam_room.discs.discs import expected_files, make_images, recorded_image, write_disc
from exam_room.discs.image import CAPACITY, Image, build
from exam_room.errors import ExamError
from sealing.discs import session_with_discs
from sealing.session import FILES


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two discs with their images."""
    root = tmp_path_factory.mktemp("discs")
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(CAPACITY, "cd", 1_600_000)
        session, _ = session_with_discs(root)
        make_images(session)
    return session


@pytest.fixture
def session(original: Path, tmp_path: Path) -> Path:
    shutil.copytree(original, tmp_path / "session", symlinks=True)
    return tmp_path / "session"


def first(session: Path) -> Image:
    return recorded_image(session, 1)


def expected(session: Path) -> dict[str, str]:
    return expected_files(session / "discs/sealed/2025_06_01_AM_1")


def test_the_image_of_every_disc_is_built_and_every_file_compared(session: Path) -> None:
    made = make_images(session)
    assert [one.image.path.name for one in made] == ["2025_06_01_AM_1.iso", "2025_06_01_AM_2.iso"]
    for one in made:
        tag_files = sum(path.is_file() for path in one.disc.folder.iterdir())
        assert one.files == len(FILES) + tag_files
        assert json.loads(one.expected.read_text(encoding="utf-8")) == expected_files(one.disc.folder)
    images = record.read(session).images
    assert [images[number]["sha256"] for number in (1, 2)] == [one.image.sha256 for one in made]


def test_images_of_these_contents_are_not_built_again(session: Path) -> None:
    before = [path.stat().st_mtime_ns for path in sorted((session / "discs").glob("*.iso"))]
    assert not any(one.built for one in make_images(session))
    assert [path.stat().st_mtime_ns for path in sorted((session / "discs").glob("*.iso"))] == before


def test_an_image_that_rotted_or_is_gone_is_built_again_the_same(session: Path) -> None:
    hashes = [one.image.sha256 for one in make_images(session)]
    flip(first(session).path, 50_000)
    again = make_images(session)
    assert [one.built for one in again] == [True, False]
    first(session).path.unlink()
    again = make_images(session)
    assert [one.built for one in again] == [True, False]
    assert [one.image.sha256 for one in again] == hashes


def test_an_image_killed_between_two_is_gone_on_with(session: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for path in (session / "discs").glob("*.iso"):
        path.unlink()

    def second_is_killed(folder: Path, target: Path, volume: str, medium: str) -> Image:
        if volume.endswith("_2"):
            raise KeyboardInterrupt
        return build(folder, target, volume, medium)

    with monkeypatch.context() as patch:
        patch.setattr(discs, "build", second_is_killed)
        with pytest.raises(KeyboardInterrupt):
            make_images(session)
    assert [one.built for one in make_images(session)] == [False, True]


def test_all_images_together_have_to_fit_on_the_controllers_disk(
    session: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    size = first(session).size
    for path in (session / "discs").glob("*.iso"):
        path.unlink()
    free = size + 64 * 1024 * 1024 + 1000
    monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(10**9, 10**9 - free, free))
    with pytest.raises(ExamError, match="空间不足"):
        make_images(session)
    assert not list((session / "discs").glob("*.iso*"))


def test_without_sealed_discs_it_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ExamError, match="Run the burn step again"):
        make_images(tmp_path)
    with pytest.raises(ExamError, match="no image of disc 1"):
        write_disc(tmp_path, 1, 1, "image")


def test_a_disc_holds_the_image(session: Path, tmp_path: Path) -> None:
    device = tmp_path / "disc"
    done = write_disc(session, 1, 1, f"stdio:{device}")
    image = first(session)
    assert (done.ok, done.written, done.files) == (True, True, len(expected(session)))
    assert device.read_bytes()[: image.size] == image.path.read_bytes()


def test_a_rehearsal_writes_files_that_play_the_discs(session: Path) -> None:
    for copy in (1, 2):
        done = write_disc(session, copy, 2, "image")
        assert (done.ok, done.closed) == (True, None)
        path = session / f"discs/copy{copy}/2025_06_01_AM_2.iso"
        assert done.device == f"copy{copy}/2025_06_01_AM_2.iso"
        assert path.read_bytes() == recorded_image(session, 2).path.read_bytes()
        assert not path.samefile(recorded_image(session, 2).path)


def test_a_file_that_plays_the_disc_is_really_read_back(session: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    replace = Path.replace

    def spoil(path: Path, target: Path) -> Path:
        flip(path, 60_000)
        return replace(path, target)

    monkeypatch.setattr(Path, "replace", spoil)
    done = write_disc(session, 1, 1, "image")
    assert (done.ok, done.written) == (False, True)


def test_a_file_that_plays_the_disc_is_whole_or_not_there(session: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def kill(*args: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", kill)
        with pytest.raises(KeyboardInterrupt):
            write_disc(session, 1, 1, "image")
    assert not list((session / "discs/copy1").glob("*.iso"))
    assert write_disc(session, 1, 1, "image").ok
    assert [path.name for path in (session / "discs/copy1").iterdir()] == ["2025_06_01_AM_1.iso"]


def test_a_full_disk_is_said_before_a_file_is_written(session: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(10**9, 10**9, 0))
    with pytest.raises(ExamError, match="空间不足"):
        write_disc(session, 1, 1, "image")
    assert not (session / "discs/copy1").exists()


def test_a_disc_that_is_not_blank_is_not_used_and_left_alone(session: Path, tmp_path: Path) -> None:
    device = f"stdio:{tmp_path / 'disc'}"
    write_disc(session, 1, 1, device)
    before = (tmp_path / "disc").read_bytes()
    done = write_disc(session, 1, 2, device)
    assert (done.ok, done.written) == (False, False)
    assert "不是空白盘" in done.zh and "not blank" in done.en
    assert (tmp_path / "disc").read_bytes() == before


def test_a_drive_that_is_not_there_is_said(session: Path) -> None:
    done = write_disc(session, 1, 1, "/dev/exam-no-such-drive")
    assert (done.ok, done.written) == (False, False)
    assert "/dev/exam-no-such-drive" in done.en


@pytest.mark.parametrize(
    ("medium", "said"),
    [
        (Medium("", "", 0), "no disc"),
        (Medium("is not present", "is not present", 0), "no disc"),
        (Medium("DVD+R", "is written , is closed", 0), "not blank"),
        (Medium("DVD+R", "is written , is appendable", 10**9), "not blank"),
        (Medium("CD-R", "is blank", 999), "too small"),
    ],
)
def test_a_medium_that_cannot_take_the_image_is_refused(
    monkeypatch: pytest.MonkeyPatch, medium: Medium, said: str
) -> None:
    monkeypatch.setattr(burner, "look", lambda device: medium)
    with pytest.raises(ExamError, match=said):
        check_blank("/dev/sr0", 1000)


@pytest.mark.parametrize(
    ("closed", "outcome"), [(True, (True, True)), (False, (False, True))], ids=["closed", "not closed"]
)
def test_a_disc_that_can_still_be_written_to_does_not_count(
    session: Path, monkeypatch: pytest.MonkeyPatch, closed: bool, outcome: tuple[bool, bool]
) -> None:
    after = Medium("DVD+R", "is written , is closed" if closed else "is written , is appendable", 0)
    for name, answer in (("check_blank", None), ("burn", None), ("read_back", 5), ("look", after)):
        monkeypatch.setattr(discs, name, lambda *args, answer=answer: answer)
    done = write_disc(session, 1, 1, "/dev/sr0")
    assert (done.ok, done.written, done.closed) == (*outcome, closed)


def fail(image: Image, device: str) -> None:
    raise ExamError("刻录失败", "Burning failed")


def burn_and_spoil(image: Image, device: str) -> None:
    burner.burn(image, device)
    flip(Path(device.removeprefix("stdio:")), image.size // 2)


@pytest.mark.parametrize(("burn", "said"), [(fail, "Burning failed"), (burn_and_spoil, "Read back, sector")])
def test_a_bad_disc_then_a_good_one(
    session: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, burn: object, said: str
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(discs, "burn", burn)
        done = write_disc(session, 1, 1, f"stdio:{tmp_path / 'bad'}")
    assert (done.ok, done.written) == (False, True)
    assert said in done.en and done.zh
    assert write_disc(session, 1, 1, f"stdio:{tmp_path / 'good'}").ok


def flip(path: Path, at: int) -> None:
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.write_bytes(content)


@pytest.fixture
def burned(session: Path, tmp_path: Path) -> tuple[Image, Path]:
    device = tmp_path / "disc"
    assert write_disc(session, 1, 1, f"stdio:{device}").ok
    return first(session), device


@pytest.mark.parametrize("fraction", [0.0, 0.1, 0.5, 0.9999])
def test_one_flipped_bit_anywhere_on_the_disc_is_found(
    session: Path, burned: tuple[Image, Path], fraction: float
) -> None:
    image, device = burned
    flip(device, int(image.size * fraction))
    with pytest.raises(ExamError, match=r"第 \d+ 扇区(.|\n)*Read back, sector \d+ "):
        read_back(image, f"stdio:{device}", expected(session))


def test_a_disc_cut_short_is_found(session: Path, burned: tuple[Image, Path]) -> None:
    image, device = burned
    with device.open("r+b") as handle:
        handle.truncate(image.size // 2)
    with pytest.raises(ExamError, match=r"第 \d+ 扇区(.|\n)*sector \d+ "):
        read_back(image, f"stdio:{device}", expected(session))


def test_an_image_that_lacks_what_the_manifest_promises_is_found(session: Path) -> None:
    image, files = first(session), expected(session)
    with pytest.raises(ExamError, match=r"data/KS01_1/lost\.txt"):
        read_back(image, None, files | {"data/KS01_1/lost.txt": "0" * 64})
    path = "data/KS01_440100000000000001/Report.txt"
    with pytest.raises(ExamError, match=r"_440100000000000001/Report\.txt"):
        read_back(image, None, files | {path: "0" * 64})
    del files[path]
    with pytest.raises(ExamError, match=r"_440100000000000001/Report\.txt"):
        read_back(image, None, files)
