"""The image as programs that are not ours read it: pycdlib (Python) and libarchive's bsdtar, each in both trees."""

from __future__ import annotations

import io
import os
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pycdlib
import pytest
from pycdlib.dr import DirectoryRecord

from exam_room.collect import results
from exam_room.collect.results import FOLDER
from exam_room.discs.discs import DiscImage, expected_files, make_images
from sealing.discs import session_with_discs

TREES = {"joliet": "!rockridge", "rockridge": "!joliet"}


@pytest.fixture(scope="module")
def disc(tmp_path_factory: pytest.TempPathFactory) -> DiscImage:
    session, _ = session_with_discs(tmp_path_factory.mktemp("readers"))
    (made,) = make_images(session)
    return made


def with_pycdlib(image: Path, tree: str) -> dict[str, bytes]:
    """Path -> content of every file."""
    facade = {"joliet": "joliet_path", "rockridge": "rr_path"}[tree]
    reader = pycdlib.PyCdlib()
    reader.open(str(image))
    found = {}
    for folder, _, files in reader.walk(**{facade: "/"}):
        for name in files:
            path, content = f"{folder.rstrip('/')}/{name}", io.BytesIO()
            reader.get_file_from_iso_fp(content, **{facade: path})
            found[path.removeprefix("/")] = content.getvalue()
    reader.close()
    return found


def with_bsdtar(image: Path, tree: str) -> dict[str, bytes]:
    """Path -> content of every file."""
    target = image.parent / f"bsdtar-{tree}"
    target.mkdir(exist_ok=True)
    command = ["bsdtar", "--options", TREES[tree], "-x", "-f", str(image), "-C", str(target)]
    subprocess.run(command, check=True, capture_output=True, timeout=60, env={**os.environ, "LC_ALL": "C.UTF-8"})
    return {str(path.relative_to(target)): path.read_bytes() for path in target.rglob("*") if path.is_file()}


@pytest.mark.parametrize("tree", ["joliet", "rockridge"])
@pytest.mark.parametrize("read", [with_pycdlib, with_bsdtar])
def test_every_file_is_there_under_its_chinese_name(
    disc: DiscImage, tree: str, read: Callable[[Path, str], dict[str, bytes]]
) -> None:
    found = read(disc.image.path, tree)
    assert set(found) == set(expected_files(disc.disc.folder))
    assert "data/KS01_440100000000000001/单元1/报告 一.docx" in found and "光盘索引.csv" in found
    for path, content in found.items():
        assert content == (disc.disc.folder / path).read_bytes(), path


@pytest.mark.parametrize("tree", ["joliet", "rockridge"])
def test_empty_folders_are_there(disc: DiscImage, tree: str) -> None:
    command = ["bsdtar", "--options", TREES[tree], "-t", "-f", str(disc.image.path)]
    shown = subprocess.run(
        command, check=True, capture_output=True, timeout=60, env={**os.environ, "LC_ALL": "C.UTF-8"}
    ).stdout.decode()
    folders = [entry.disc for entry in results.load(disc.disc.folder).entries if entry.kind == FOLDER]
    assert folders and all(folder in shown.replace("/\n", "\n").splitlines() for folder in folders)


def test_the_volume_bears_its_name_and_the_times_are_the_candidates(disc: DiscImage) -> None:
    reader = pycdlib.PyCdlib()
    reader.open(str(disc.image.path))
    assert reader.pvd.volume_identifier.decode().rstrip() == disc.disc.volume == "2025_06_01_AM_1"
    record = reader.get_record(joliet_path="/data/KS01_440100000000000001/Report.txt")
    assert isinstance(record, DirectoryRecord)
    date = record.date
    saved = datetime(1900 + date.years_since_1900, date.month, date.day_of_month, date.hour, date.minute, tzinfo=UTC)
    assert (saved, date.gmtoffset) == (datetime(2025, 6, 1, 0, 58, tzinfo=UTC), 0)
    reader.close()
