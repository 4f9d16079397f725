"""The image: the same bytes for the same bag, and what it refuses."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from exam_room.collect import results
from exam_room.discs import image
from exam_room.discs.image import CAPACITY, SECTOR, Image, build, volume_name
from exam_room.errors import ExamError
from sealing.session import collected, make_key, sealed


@pytest.fixture(scope="module")
def bag(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("image")
    session = collected(root / "session")
    sealed(session, make_key(root / "keys"))
    return session / "bag"


def make(bag: Path, target: Path) -> Image:
    return build(bag, target, "EXAM_1", "cd")


def test_the_same_bag_gives_the_same_bytes_anywhere(bag: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = make(bag, tmp_path / "first.iso")
    # Copied by hand: other folder, other order on disk, other modes, none of the times.
    other = tmp_path / "elsewhere" / "bag"
    for path in sorted(bag.rglob("*"), reverse=True):
        copy = other / path.relative_to(bag)
        if path.is_dir():
            copy.mkdir(parents=True, exist_ok=True)
        else:
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)
            copy.chmod(0o600)
    monkeypatch.setenv("TZ", "Asia/Shanghai")
    second = make(other, tmp_path / "second.iso")
    assert (tmp_path / "first.iso").read_bytes() == (tmp_path / "second.iso").read_bytes()
    assert first.sha256 == second.sha256


def test_size_and_hash_are_those_of_the_file(bag: Path, tmp_path: Path) -> None:
    made = make(bag, tmp_path / "a.iso")
    assert made.path.stat().st_size == made.size and made.size % SECTOR == 0
    shown = subprocess.run(["sha256sum", str(made.path)], capture_output=True, check=True, text=True).stdout
    assert shown.startswith(made.sha256)


@pytest.mark.parametrize("mode", ["any", "norock"])
def test_chinese_and_awkward_names_are_in_both_trees(bag: Path, tmp_path: Path, mode: str) -> None:
    made = make(bag, tmp_path / "a.iso")
    command = ["xorriso", "-read_fs", mode, "-indev", str(made.path), "-find", "/", "--"]
    shown = subprocess.run(command, capture_output=True, check=True).stdout.decode()
    table = results.load(bag)
    for entry in table.entries:
        assert "/" + entry.disc.replace("'", "'\"'\"'") in shown
    assert "'/data/KS02_vacant/空文件夹'" in shown.splitlines()


def test_the_candidates_time_is_on_the_disc(bag: Path, tmp_path: Path) -> None:
    made = make(bag, tmp_path / "a.iso")
    command = ["xorriso", "-indev", str(made.path), "-find", "/data/KS01_440100000000000001/Report.txt"]
    command += ["-exec", "lsdl", "--"]
    shown = subprocess.run(command, capture_output=True, check=True, env={"TZ": "UTC", "PATH": "/usr/bin"}).stdout
    assert b"Jun  1  2025" in shown


def test_a_bag_that_is_not_sealed_is_refused(tmp_path: Path) -> None:
    session = collected(tmp_path / "session")
    with pytest.raises(ExamError, match="not sealed"):
        make(session / "bag", tmp_path / "a.iso")
    assert not (tmp_path / "a.iso").exists()


def test_results_larger_than_the_medium_are_refused(bag: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(CAPACITY, "cd", 100 * SECTOR)
    with pytest.raises(ExamError, match=r"一张 CD 只能容纳(.|\n)*one CD holds"):
        make(bag, tmp_path / "discs" / "a.iso")
    assert not (tmp_path / "discs").exists()


def test_the_medium_may_be_filled_to_its_end(bag: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    size = make(bag, tmp_path / "a.iso").size
    monkeypatch.setitem(CAPACITY, "cd", size)
    assert make(bag, tmp_path / "b.iso").size == size
    monkeypatch.setitem(CAPACITY, "cd", size - SECTOR)
    with pytest.raises(ExamError, match="one CD holds"):
        make(bag, tmp_path / "c.iso")


def test_an_image_that_became_too_large_for_the_medium_is_refused(
    bag: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever was thought beforehand, what counts is the image."""
    size = make(bag, tmp_path / "a.iso").size
    monkeypatch.setitem(CAPACITY, "cd", size - SECTOR)
    monkeypatch.setattr(image, "at_most", lambda bag: 0)
    with pytest.raises(ExamError, match="one CD holds"):
        make(bag, tmp_path / "b.iso")
    assert not (tmp_path / "b.iso").exists()


def test_times_that_someone_changed_are_set_again(bag: Path, tmp_path: Path) -> None:
    first = make(bag, tmp_path / "a.iso")
    for path in bag.rglob("*"):
        os.utime(path, (1, 1))
    assert make(bag, tmp_path / "b.iso").sha256 == first.sha256


def test_a_full_disk_is_said_before_writing(bag: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil._ntuple_diskusage(10**9, 10**9, 1000)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    with pytest.raises(ExamError, match="空间不足"):
        make(bag, tmp_path / "a.iso")
    assert list(tmp_path.iterdir()) == []


def test_without_xorriso_it_says_what_to_install(bag: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ExamError, match="apt-get install xorriso"):
        make(bag, tmp_path / "a.iso")


def test_a_run_that_fails_leaves_no_image(bag: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tool = tmp_path / "bin" / "xorriso"
    tool.parent.mkdir()
    tool.write_text(
        "#!/bin/sh\ncase \"$*\" in *print-size*) echo 100;; *) echo part; echo 'no luck' >&2; exit 5;; esac\n"
    )
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tool.parent}:/usr/bin:/bin")
    with pytest.raises(ExamError, match="no luck"):
        make(bag, tmp_path / "a.iso")
    assert not (tmp_path / "a.iso").exists()


def test_a_run_that_hangs_is_stopped(bag: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tool = tmp_path / "bin" / "xorriso"
    tool.parent.mkdir()
    tool.write_text('#!/bin/sh\ncase "$*" in *print-size*) echo 100;; *) exec sleep 60;; esac\n')
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tool.parent}:/usr/bin:/bin")
    monkeypatch.setattr(image, "_LIMIT_S", 0.5)
    with pytest.raises(ExamError, match="did not end within"):
        make(bag, tmp_path / "a.iso")


@pytest.mark.parametrize(
    ("session_id", "disc", "name"),
    [("2025-06-01-am", 1, "2025_06_01_AM_1"), ("S1", 2, "S1_2"), ("rehearsal", 1, "REHEARSAL_1"), ("-a-", 12, "A_12")],
)
def test_a_short_session_id_is_its_volume_name(session_id: str, disc: int, name: str) -> None:
    assert volume_name(session_id, disc) == name


@pytest.mark.parametrize("session_id", ["2025-06-01-am-room-301", "第一批次第2场", "x" * 200, "2025-06-01-am-room-302"])
@pytest.mark.parametrize("disc", [1, 12, 99])
def test_any_volume_name_fits(session_id: str, disc: int) -> None:
    name = volume_name(session_id, disc)
    assert re.fullmatch(r"[A-Z0-9_]{3,15}", name) and name.endswith(f"_{disc}")
    assert volume_name(session_id, disc) == name


def test_two_long_session_ids_have_two_volume_names() -> None:
    assert volume_name("2025-06-01-am-room-301") != volume_name("2025-06-01-am-room-302")
    assert volume_name("甲") != volume_name("乙")
