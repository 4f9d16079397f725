"""The sealed bag: what stands in it, and that nothing in it changes unnoticed."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import bagit  # type: ignore[import-untyped]
import pytest

from exam_room.errors import ExamError
from exam_room.journal.journal import Journal
from exam_room.seal import signature
from exam_room.seal.bag import SEAL, read_info, seal, verify
from sealing.session import FILES, NOW, SIGNER, SITTING, collected, make_key, sealed


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("sealed")
    session = collected(root / "session")
    sealed(session, make_key(root / "keys"))
    return root


@pytest.fixture
def root(original: Path, tmp_path: Path) -> Path:
    shutil.copytree(original, tmp_path / "root", symlinks=True)
    return tmp_path / "root"


def faults(root: Path) -> list[str]:
    key = root / "keys/seal"
    allowed = signature.allowed_signers(SIGNER, signature.public_key(key))
    return [fault.path for fault in verify(root / "session/bag", allowed, SIGNER)]


def test_a_sealed_bag_is_as_it_was_sealed(root: Path) -> None:
    assert faults(root) == []


def test_an_independent_reader_of_bags_finds_it_valid(root: Path) -> None:
    bag = bagit.Bag(str(root / "session/bag"))
    assert bag.is_valid()
    assert len(bag.payload_entries()) == 2 * len(FILES)


@pytest.mark.parametrize("algorithm", ["sha256", "sha512"])
def test_the_manifests_can_be_checked_without_this_project(root: Path, algorithm: str) -> None:
    for manifest in (f"manifest-{algorithm}.txt", f"tagmanifest-{algorithm}.txt"):
        command = [f"{algorithm}sum", "--check", "--strict", "--quiet", manifest]
        done = subprocess.run(command, cwd=root / "session/bag", capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode()


def test_the_seal_can_be_checked_without_this_project(root: Path) -> None:
    bag = root / "session/bag"
    command = ["ssh-keygen", "-Y", "verify", "-f", "allowed_signers", "-I", SIGNER]
    command += ["-n", signature.NAMESPACE, "-s", SEAL]
    content = (bag / "tagmanifest-sha256.txt").read_bytes()
    assert subprocess.run(command, cwd=bag, input=content, check=False, capture_output=True).returncode == 0


def test_bag_info_tells_the_session(root: Path) -> None:
    info = read_info(root / "session/bag")
    assert info["Source-Organization"] == "示例考试站"
    assert info["Exam-Deadline"] == "2025-06-01T03:00:00.000Z"
    assert info["Payload-Oxum"] == f"{2 * sum(map(len, FILES.values()))}.{2 * len(FILES)}"
    assert info["Journal-Last-Hash"] == Journal(root / "session").read().last_hash


def a_result(bag: Path) -> Path:
    return bag / "data/KS01_440100000000000001/单元1/报告 一.docx"


def change_a_byte(bag: Path) -> Path:
    path = a_result(bag)
    content = bytearray(path.read_bytes())
    content[100] ^= 1
    path.unlink()
    path.write_bytes(content)
    return path


def lose(bag: Path) -> Path:
    a_result(bag).unlink()
    return a_result(bag)


def add(bag: Path) -> Path:
    path = bag / "data/KS01_440100000000000001/后加.txt"
    path.write_bytes(b"late")
    return path


def link_in_place_of_a_file(bag: Path) -> Path:
    path = a_result(bag)
    copy = bag.parent / "elsewhere"
    shutil.copy(path, copy)
    path.unlink()
    path.symlink_to(copy)
    return path


def link_to_a_folder(bag: Path) -> Path:
    path = bag / "data/outside"
    path.symlink_to("/etc")
    return path


def change_cutoff(bag: Path) -> Path:
    (bag / "cutoff.json").write_text("{}")
    return bag / "cutoff.json"


def change_journal(bag: Path) -> Path:
    path = bag / "journal.jsonl"
    path.write_bytes(path.read_bytes().replace(b"done", b"gone"))
    return path


def cut_journal(bag: Path) -> Path:
    (bag / "journal.jsonl").write_bytes(b"")
    return bag / "journal.jsonl"


def add_a_tag_file(bag: Path) -> Path:
    (bag / "note.txt").write_text("trust me")
    return bag / "note.txt"


def lose_the_seal(bag: Path) -> Path:
    (bag / SEAL).unlink()
    return bag / SEAL


@pytest.mark.parametrize(
    "tamper",
    [
        change_a_byte,
        lose,
        add,
        link_in_place_of_a_file,
        link_to_a_folder,
        change_cutoff,
        change_journal,
        cut_journal,
        add_a_tag_file,
        lose_the_seal,
    ],
)
def test_whatever_is_altered_is_named(root: Path, tamper: Callable[[Path], Path]) -> None:
    bag = root / "session/bag"
    path = tamper(bag)
    assert path.relative_to(bag).as_posix() in faults(root)


def test_manifests_rewritten_to_fit_do_not_fit_the_seal(root: Path) -> None:
    bag = root / "session/bag"
    old = hashlib.sha256(a_result(bag).read_bytes()).hexdigest()
    new = hashlib.sha256(change_a_byte(bag).read_bytes()).hexdigest()
    for name in ("manifest-sha256.txt", "tagmanifest-sha256.txt"):
        path = bag / name
        before = hashlib.sha256(path.read_bytes()).hexdigest()
        path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
        old, new = before, hashlib.sha256(path.read_bytes()).hexdigest()
    assert SEAL in faults(root)


def test_a_bag_sealed_with_another_key_is_refused(root: Path, tmp_path: Path) -> None:
    other = make_key(tmp_path / "other")
    allowed = signature.allowed_signers(SIGNER, signature.public_key(other))
    assert [fault.path for fault in verify(root / "session/bag", allowed, SIGNER)] == [SEAL]
    with pytest.raises(ExamError, match=r"tagmanifest-sha256\.txt\.sig"):
        sealed(root / "session", other)


@pytest.mark.parametrize("path", ["../../../etc/passwd", "/etc/passwd", "data/../../x"])
def test_a_manifest_that_leads_out_of_the_bag_is_not_followed(root: Path, path: str) -> None:
    manifest = root / "session/bag/manifest-sha256.txt"
    manifest.write_text(f"{'0' * 64}  {path}\n")
    assert "manifest-sha256.txt" in faults(root)


def test_sealing_again_verifies_and_changes_nothing(root: Path) -> None:
    bag = root / "session/bag"
    before = {path: path.read_bytes() for path in bag.iterdir() if path.is_file()}
    with Journal(root / "session").writing() as writer:
        writer.append("root@c", "burn", "note", {})
    assert not sealed(root / "session", root / "keys/seal").changed
    assert {path: path.read_bytes() for path in bag.iterdir() if path.is_file()} == before
    change_a_byte(bag)
    with pytest.raises(ExamError, match="报告 一"):
        sealed(root / "session", root / "keys/seal")


def test_a_sealing_that_was_interrupted_is_done_over(root: Path) -> None:
    bag = root / "session/bag"
    for name in (SEAL, "tagmanifest-sha256.txt", "manifest-sha512.txt"):
        (bag / name).unlink()
    assert sealed(root / "session", root / "keys/seal").changed
    assert faults(root) == []


def test_the_same_results_sealed_at_the_same_moment_give_the_same_bag(root: Path, tmp_path: Path) -> None:
    again = collected(tmp_path / "again")
    sealed(again, root / "keys/seal")
    for path in (root / "session/bag").iterdir():
        if path.is_file():
            assert path.read_bytes() == (again / "bag" / path.name).read_bytes(), path.name


@pytest.mark.parametrize("missing", ["cutoff.json", "journal.jsonl", "bag/results.json"])
def test_what_is_missing_is_named(tmp_path: Path, missing: str) -> None:
    session = collected(tmp_path / "session")
    (session / missing).unlink()
    with pytest.raises(ExamError, match=Path(missing).name):
        sealed(session, make_key(tmp_path / "keys"))


def test_a_broken_journal_is_not_sealed(tmp_path: Path) -> None:
    session = collected(tmp_path / "session")
    journal = session / "journal.jsonl"
    journal.write_bytes(journal.read_bytes().replace(b"done", b"gone"))
    with pytest.raises(ExamError, match="line 1"):
        sealed(session, make_key(tmp_path / "keys"))


def test_a_line_break_in_a_name_makes_no_label(tmp_path: Path) -> None:
    session = collected(tmp_path / "session")
    sitting = replace(SITTING, site="Site\nExam-Deadline: 1999")
    seal(session, session / "bag", sitting, make_key(tmp_path / "keys"), SIGNER, lambda: NOW)
    assert read_info(session / "bag")["Exam-Deadline"] == SITTING.deadline
