"""From the sealed bag to a disc that was read back, with files that play the disc (stdio:)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from exam_room.errors import ExamError
from exam_room.seal import burner, discs
from exam_room.seal.burner import Medium, check_blank, read_back
from exam_room.seal.discs import Order, check, expected_files, make
from exam_room.seal.image import Image
from sealing.session import FILES, NOW, collected, make_key, sealed


@pytest.fixture(scope="module")
def bag(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("discs")
    session = collected(root / "session")
    sealed(session, make_key(root / "keys"))
    return session / "bag"


def order(bag: Path, discs: Path, target: str = "image") -> Order:
    return Order(bag, discs, "2025-06-01-am", "cd", target)


def test_an_image_is_built_and_every_file_compared(bag: Path, tmp_path: Path) -> None:
    disc = make(order(bag, tmp_path), lambda: NOW)
    assert disc.image.path == tmp_path / "2025_06_01_AM_1.iso"
    tag_files = sum(path.is_file() for path in bag.iterdir())
    assert disc.files == 2 * len(FILES) + tag_files
    assert disc.closed is None and disc.built
    record = json.loads((tmp_path / "2025_06_01_AM_1.json").read_text())
    assert record["sha256"] == disc.image.sha256
    assert [copy["target"] for copy in record["copies"]] == ["image"]


def test_an_image_of_this_bag_is_not_built_again(bag: Path, tmp_path: Path) -> None:
    make(order(bag, tmp_path))
    before = (tmp_path / "2025_06_01_AM_1.iso").stat().st_mtime_ns
    assert not make(order(bag, tmp_path)).built
    assert (tmp_path / "2025_06_01_AM_1.iso").stat().st_mtime_ns == before


def test_an_image_that_rotted_is_built_again(bag: Path, tmp_path: Path) -> None:
    first = make(order(bag, tmp_path)).image
    flip(first.path, 50_000)
    again = make(order(bag, tmp_path))
    assert again.built and again.image.sha256 == first.sha256


def test_a_disc_holds_the_image_and_both_are_recorded(bag: Path, tmp_path: Path) -> None:
    device = tmp_path / "disc"
    make(order(bag, tmp_path))
    disc = make(order(bag, tmp_path, f"stdio:{device}"))
    assert device.read_bytes()[: disc.image.size] == disc.image.path.read_bytes()
    record = json.loads((tmp_path / "2025_06_01_AM_1.json").read_text())
    assert [copy["target"] for copy in record["copies"]] == ["image", f"stdio:{device}"]


def test_a_disc_that_is_not_blank_is_refused_and_left_alone(bag: Path, tmp_path: Path) -> None:
    device = f"stdio:{tmp_path / 'disc'}"
    make(order(bag, tmp_path, device))
    before = (tmp_path / "disc").read_bytes()
    with pytest.raises(ExamError, match=r"不是空白盘(.|\n)*not blank"):
        make(order(bag, tmp_path, device))
    with pytest.raises(ExamError, match="not blank"):
        check(order(bag, tmp_path, device))
    assert (tmp_path / "disc").read_bytes() == before


def test_a_drive_that_is_not_there_is_said(bag: Path, tmp_path: Path) -> None:
    with pytest.raises(ExamError, match="/dev/exam-no-such-drive"):
        make(order(bag, tmp_path, "/dev/exam-no-such-drive"))
    assert list(tmp_path.iterdir()) == [], "it asks before the long work"


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


def flip(path: Path, at: int) -> None:
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.write_bytes(content)


@pytest.fixture
def burned(bag: Path, tmp_path: Path) -> tuple[Image, Path]:
    device = tmp_path / "disc"
    disc = make(order(bag, tmp_path, f"stdio:{device}"))
    return disc.image, device


@pytest.mark.parametrize("fraction", [0.0, 0.1, 0.5, 0.9999])
def test_one_flipped_bit_anywhere_on_the_disc_is_found(bag: Path, burned: tuple[Image, Path], fraction: float) -> None:
    image, device = burned
    flip(device, int(image.size * fraction))
    with pytest.raises(ExamError, match=r"第 \d+ 扇区(.|\n)*Read back, sector \d+ "):
        read_back(image, f"stdio:{device}", expected_files(bag))


def test_a_disc_cut_short_is_found(bag: Path, burned: tuple[Image, Path]) -> None:
    image, device = burned
    with device.open("r+b") as handle:
        handle.truncate(image.size // 2)
    with pytest.raises(ExamError, match=r"第 \d+ 扇区(.|\n)*sector \d+ "):
        read_back(image, f"stdio:{device}", expected_files(bag))


def test_an_image_that_lacks_what_the_manifest_promises_is_found(bag: Path, burned: tuple[Image, Path]) -> None:
    image, _ = burned
    expected = expected_files(bag)
    with pytest.raises(ExamError, match=r"data/KS01_1/lost\.txt"):
        read_back(image, None, expected | {"data/KS01_1/lost.txt": "0" * 64})
    path = "data/KS02_vacant/Report.txt"
    with pytest.raises(ExamError, match=r"KS02_vacant/Report\.txt"):
        read_back(image, None, expected | {path: "0" * 64})
    del expected[path]
    with pytest.raises(ExamError, match=r"KS02_vacant/Report\.txt"):
        read_back(image, None, expected)


def test_a_burn_that_fails_is_said_and_not_recorded(bag: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(image: Image, device: str) -> None:
        raise ExamError("刻录失败", "Burning failed")

    monkeypatch.setattr(discs, "burn", fail)
    with pytest.raises(ExamError, match="Burning failed"):
        make(order(bag, tmp_path, f"stdio:{tmp_path / 'disc'}"))
    assert not (tmp_path / "2025_06_01_AM_1.json").exists()


def test_check_mode_answers_the_volume_and_writes_nothing(bag: Path, tmp_path: Path) -> None:
    assert check(order(bag, tmp_path, f"stdio:{tmp_path / 'disc'}")) == "2025_06_01_AM_1"
    assert list(tmp_path.iterdir()) == []
