"""The sealed discs: each a bag of its own, one proves the others, and they follow from the sealed bag alone."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import shutil
import subprocess
from pathlib import Path

import bagit  # type: ignore[import-untyped]
import pytest

from exam_room.collect import results
from exam_room.discs import discset, image, record
from exam_room.discs.discset import SealedDisc, load, seal_discs
from exam_room.errors import ExamError
from exam_room.seal import bag as sealed_bag
from exam_room.seal import signature
from exam_room.seal.bag import SEAL, read_info, verify
from sealing.discs import ENCLOSED, session_with_discs
from sealing.session import FILES, NOW, SIGNER


@pytest.fixture
def small_cd(monkeypatch: pytest.MonkeyPatch) -> None:
    """A medium that holds one of the two candidates of the session, and not both."""
    monkeypatch.setitem(image.CAPACITY, "cd", 1_600_000)


@pytest.fixture
def session(small_cd: None, tmp_path: Path) -> Path:
    return session_with_discs(tmp_path)[0]


def discs(session: Path) -> list[SealedDisc]:
    return load(session)


def again(session: Path, medium: str = "cd") -> tuple[list[SealedDisc], bool]:
    return seal_discs(session, medium, session.parent / "keys/seal", SIGNER, ENCLOSED, lambda: NOW)


def test_one_disc_holds_everything(tmp_path: Path) -> None:
    session, (disc,) = session_with_discs(tmp_path)
    assert read_info(disc.folder)["Bag-Count"] == "1 of 1"
    assert results.load(disc.folder) == results.load(session / "bag")


def test_every_disc_is_a_bag_that_an_independent_reader_finds_valid(session: Path) -> None:
    assert [disc.volume for disc in discs(session)] == ["2025_06_01_AM_1", "2025_06_01_AM_2"]
    for disc in discs(session):
        bag = bagit.Bag(str(disc.folder))
        assert bag.is_valid()
        assert bag.info["Bag-Count"] == f"{disc.number} of 2"
        assert bag.info["Bag-Group-Identifier"] == "2025-06-01-am"
        assert len(bag.payload_entries()) == len(FILES)


def test_every_disc_is_sealed_and_complete_in_itself(session: Path) -> None:
    allowed = signature.allowed_signers(SIGNER, signature.public_key(session.parent / "keys/seal"))
    for disc in discs(session):
        assert verify(disc.folder, allowed, SIGNER) == []
        assert [owner.account for owner in results.load(disc.folder).owners] == [f"KS0{disc.number}"]
        for name in ("cutoff.json", "journal.jsonl", "allowed_signers"):
            assert (disc.folder / name).read_bytes() == (session / "bag" / name).read_bytes()
        assert (disc.folder / "校验说明.txt").read_bytes() == ENCLOSED["校验说明.txt"]
        assert (
            disc.folder / f"data/KS0{disc.number}_{['440100000000000001', 'vacant'][disc.number - 1]}/空文件夹"
        ).is_dir()
        command = ["sha256sum", "--check", "--strict", "--quiet", "manifest-sha256.txt"]
        assert subprocess.run(command, cwd=disc.folder, capture_output=True, check=False).returncode == 0


def test_one_disc_proves_the_others(session: Path) -> None:
    first, second = discs(session)
    index = json.loads((first.folder / "index.json").read_text(encoding="utf-8"))
    assert (second.folder / "index.json").read_bytes() == (first.folder / "index.json").read_bytes()
    for disc, told in zip((first, second), index["discs"], strict=True):
        for name in ("sha256", "sha512"):
            manifest = (disc.folder / f"manifest-{name}.txt").read_bytes()
            assert told[f"manifest_{name}"] == hashlib.new(name, manifest).hexdigest()
        assert (told["files"], told["bytes"]) == (len(FILES), sum(map(len, FILES.values())))
    assert index["discs"][0]["exam_numbers"] == {"first": "440100000000000001", "last": "440100000000000001"}
    assert index["discs"][1]["exam_numbers"] is None
    tagmanifest = (session / "bag/tagmanifest-sha256.txt").read_bytes()
    assert index["session_tagmanifest_sha256"] == hashlib.sha256(tagmanifest).hexdigest()


def test_people_find_in_the_index_which_disc_a_candidate_is_on(session: Path) -> None:
    content = (discs(session)[0].folder / "光盘索引.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    assert rows[1][:5] == ["1/2", "2025_06_01_AM_1", "1", '="440100000000000001"', '="440100000000000001"']
    assert rows[-2][:4] == ["1/2", "KS01", '="440100000000000001"', "1/1"]
    assert rows[-1][:4] == ["2/2", "KS02", "", "1/1"]


def test_the_table_on_the_disc_has_true_names_and_times_to_100_ns(session: Path) -> None:
    rows = list(csv.reader(io.StringIO((discs(session)[0].folder / "results.csv").read_text(encoding="utf-8-sig"))))
    (row,) = [row for row in rows if row[3] == "笑😀.txt"]
    assert row[4] != "data/KS01_440100000000000001/笑😀.txt", "Joliet has no such name"
    assert row[6] == "2025-06-01T00:58:43.4567891Z"


def test_the_payload_is_on_the_controllers_disk_once(session: Path) -> None:
    for disc in discs(session):
        for entry in results.load(disc.folder).files:
            assert (disc.folder / entry.disc).samefile(session / "bag" / entry.disc)


def test_a_candidate_larger_than_a_disc_is_spread_by_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(image.CAPACITY, "cd", 2_500_000)
    files = {f"夹/{n}.bin": bytes([n]) * 400_000 for n in range(6)}
    session, found = session_with_discs(tmp_path, files=files)
    parts = [(one["account"], one["part"], one["parts"]) for disc in found for one in disc.content["candidates"]]
    assert len(found) > 2 and ("KS01", 1, 2) in parts and ("KS01", 2, 2) in parts
    on_discs = sorted(entry.disc for disc in found for entry in results.load(disc.folder).files)
    assert on_discs == sorted(entry.disc for entry in results.load(session / "bag").files)
    for disc in found:
        assert bagit.Bag(str(disc.folder)).is_valid()


def test_sealing_again_changes_nothing(session: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in (session / "discs").rglob("*")}
    assert not again(session)[1]
    assert {path: path.stat().st_mtime_ns for path in (session / "discs").rglob("*")} == before


def test_the_same_bag_gives_the_same_discs(session: Path, tmp_path: Path) -> None:
    before = {path: path.read_bytes() for path in (session / "discs/sealed").rglob("*") if path.is_file()}
    shutil.rmtree(session / "discs")
    assert again(session)[1]
    assert {path: path.read_bytes() for path in (session / "discs/sealed").rglob("*") if path.is_file()} == before


def remove_a_file(folder: Path) -> None:
    next(path for path in folder.rglob("空.txt")).unlink()


def change_the_index(folder: Path) -> None:
    (folder / "index.json").write_text("{}")


def replace_a_file(folder: Path) -> None:
    path = next(path for path in folder.rglob("空.txt"))
    path.unlink()
    path.write_bytes(b"other")


@pytest.mark.parametrize("alter", [remove_a_file, change_the_index, replace_a_file, shutil.rmtree])
def test_what_is_no_longer_as_it_was_sealed_is_made_again(session: Path, alter: object) -> None:
    before = (discs(session)[1].folder / "tagmanifest-sha256.txt").read_bytes()
    assert callable(alter)
    alter(discs(session)[1].folder)
    made, changed = again(session)
    assert changed and (made[1].folder / "tagmanifest-sha256.txt").read_bytes() == before
    assert (made[1].folder / next(iter(results.load(made[1].folder).files)).disc).exists()


def burned(session: Path) -> None:
    noted = {"copy": 1, "disc": 1, "target": "server"}
    record.append(session, record.IMAGE, {"disc": 1, "volume": "V", "sha256": "a", "size": 1, "files": 1})
    record.append(session, record.VERIFIED, {**noted, "image_sha256": "a", "files": 1, "closed": True, "device": "D:"})


def test_another_medium_gives_other_discs_until_one_is_burned(session: Path) -> None:
    made, changed = again(session, "dvd")
    assert changed and len(made) == 1
    assert len(again(session, "cd")[0]) == 2
    burned(session)
    with pytest.raises(ExamError, match="exam_medium=cd"):
        again(session, "dvd")
    assert not again(session, "cd")[1]


def test_a_bag_sealed_anew_after_a_disc_was_burned_is_refused(session: Path) -> None:
    burned(session)
    (session / "bag" / SEAL).write_bytes(b"another seal")
    with pytest.raises(ExamError, match=r"不是当时封存的(.|\n)*not the one that was sealed"):
        again(session)


@pytest.mark.parametrize("killed_at", ["tag files", "made", "replaced", "recorded"])
def test_a_sealing_that_was_killed_is_done_over(session: Path, monkeypatch: pytest.MonkeyPatch, killed_at: str) -> None:
    def kill(*args: object, **kwargs: object) -> None:
        raise KeyboardInterrupt

    before = {path: path.read_bytes() for path in (session / "discs/sealed").rglob("*") if path.is_file()}
    again(session, "dvd")
    with monkeypatch.context() as patch:
        where: dict[str, tuple[object, str]] = {
            "tag files": (sealed_bag, "write_atomic"),
            "made": (discset, "_sync"),
            "replaced": (Path, "rename"),
            "recorded": (record, "append"),
        }
        patch.setattr(*where[killed_at], kill)
        with pytest.raises(KeyboardInterrupt):
            again(session)
    made, _ = again(session)
    assert len(made) == 2
    assert {path: path.read_bytes() for path in (session / "discs/sealed").rglob("*") if path.is_file()} == before
    assert not (session / "discs/sealed.partial").exists()


def test_a_disk_that_takes_no_links_is_said(session: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object, **kwargs: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    with pytest.raises(ExamError, match="ext4"):
        again(session, "dvd")


def test_a_full_disk_of_the_controller_is_said_by_name(session: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*args: object, **kwargs: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("exam_room.seal.bag.write_atomic", full)
    with pytest.raises(ExamError, match=r"No space left"):
        again(session, "dvd")


def test_an_altered_record_is_refused(session: Path) -> None:
    path = session / "discs/journal.jsonl"
    path.write_bytes(path.read_bytes().replace(b'"medium":"cd"', b'"medium":"bd"'))
    with pytest.raises(ExamError, match=r"discs/journal\.jsonl"):
        again(session)


def test_without_sealed_discs_it_says_what_to_do(session: Path) -> None:
    shutil.rmtree(session / "discs/sealed")
    with pytest.raises(ExamError, match="Run the burn step again"):
        load(session)
