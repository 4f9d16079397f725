"""Verifying anywhere: every way in which a disc can differ from its seal is found, and the file is named."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from exam_room.errors import ExamError
from exam_room.journal.journal import entry_hash
from exam_room.seal import signature
from exam_room.seal.bag import SEAL
from exam_room.verify.findings import Findings, examine
from sealing.session import SIGNER, make_key
from sealing.sets import image_of, make_bag, make_set, reseal

EXAMS = Path(__file__).parents[3] / "exams"
REPORT = "data/KS01_440100000000000001/单元1/报告 一.docx"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key, its public half, a bag, and a set of two discs; not to be written to."""
    root = tmp_path_factory.mktemp("verify")
    key = make_key(root / "keys")
    (root / "site.pub").write_text(signature.public_key(key) + " 示例考试站\n", encoding="utf-8")
    make_bag(root / "session", key)
    make_set(root / "set", key)
    return root


@pytest.fixture
def bag(made: Path, tmp_path: Path) -> Path:
    shutil.copytree(made / "session/bag", tmp_path / "bag", symlinks=True)
    return tmp_path / "bag"


def look(made: Path, *sources: Path, key: Path | None = None, roster: Path | None = None) -> Findings:
    return examine(sources, key or made / "site.pub", roster, EXAMS)


def faults(found: Findings) -> dict[str, list[str]]:
    said: dict[str, list[str]] = {}
    for report in found.reports:
        for fault in report.faults:
            said.setdefault(fault.path, []).append(fault.en)
    return said


@pytest.fixture(params=["folder", "image"])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[Path], Path]:
    """The bag as it lies there, or as an image that nobody mounts."""
    if request.param == "folder":
        return lambda bag: bag
    return lambda bag: as_image(bag, tmp_path / "disc.iso")


def as_image(bag: Path, target: Path) -> Path:
    """By xorriso itself: the product refuses to make an image of a bag that is damaged."""
    command = ["xorriso", "-compliance", "joliet_long_paths", "-as", "mkisofs", "-quiet", "-J", "-R", "-iso-level", "3"]
    subprocess.run([*command, "-o", str(target), str(bag)], check=True, capture_output=True, timeout=60)
    return target


def test_a_bag_as_it_was_sealed_is_good_and_one_sentence_says_so(
    made: Path, bag: Path, where: Callable[[Path], Path]
) -> None:
    found = look(made, where(bag))
    assert found.good, found.text()
    zh, en = found.text().splitlines()
    assert zh.startswith("合格：") and "完全一致" in zh and "4 个文件" in zh
    assert en.startswith("As sealed: ") and "files 4," in en
    assert "签名已用给定的公钥核对" in zh
    assert zh.count("。") == 1 and en.endswith(".")


def test_the_products_own_image_is_good(made: Path, tmp_path: Path) -> None:
    found = look(made, image_of(made / "session/bag", tmp_path / "x.iso"))
    assert found.good, found.text()


def test_without_a_key_it_says_plainly_that_only_the_discs_own_key_was_there(made: Path, bag: Path) -> None:
    found = examine([bag], None, None, EXAMS)
    fingerprint = signature.fingerprint(signature.public_key(made / "keys/seal"))
    assert found.good and not found.reports[0].trusted
    assert "没有给公钥" in found.text() and fingerprint in found.text()
    assert "by hand" in found.text()


# -- one thing that is wrong


def flip(path: Path, at: int = 100) -> None:
    content = bytearray(path.read_bytes())
    content[at % len(content)] ^= 1
    path.write_bytes(content)


def digit_of_the_first_hash(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    path.write_text(("1" if text[0] != "1" else "2") + text[1:], encoding="utf-8")


def change_the_table(bag: Path) -> None:
    path = bag / "results.json"
    path.write_text(path.read_text(encoding="utf-8").replace("440100000000000001", "440100000000000009"))


def change_the_journal(bag: Path) -> None:
    path = bag / "journal.jsonl"
    path.write_text(path.read_text(encoding="utf-8").replace('"seat":3', '"seat":1'))


def add(bag: Path) -> None:
    (bag / "data/KS01_440100000000000001/后加.txt").write_text("late")


CHANGES: dict[str, tuple[Callable[[Path], object], set[str]]] = {
    "a byte of a result": (lambda bag: flip(bag / REPORT), {REPORT}),
    "a byte of a manifest": (
        lambda bag: digit_of_the_first_hash(bag / "manifest-sha256.txt"),
        {"manifest-sha256.txt"},
    ),
    "a byte of the other manifest": (
        lambda bag: digit_of_the_first_hash(bag / "manifest-sha512.txt"),
        {"manifest-sha512.txt"},
    ),
    "a byte of a tag manifest": (lambda bag: digit_of_the_first_hash(bag / "tagmanifest-sha256.txt"), {SEAL}),
    "a byte of the tag manifest that is not signed": (
        lambda bag: digit_of_the_first_hash(bag / "tagmanifest-sha512.txt"),
        {"tagmanifest-sha512.txt"},
    ),
    "a byte of the table": (change_the_table, {"results.json"}),
    "the table for people": (lambda bag: flip(bag / "results.csv"), {"results.csv"}),
    "a line of the journal": (change_the_journal, {"journal.jsonl"}),
    "the cutoff's record": (lambda bag: flip(bag / "cutoff.json"), {"cutoff.json"}),
    "bag-info": (lambda bag: flip(bag / "bag-info.txt", 2), {"bag-info.txt"}),
    "the declaration": (lambda bag: flip(bag / "bagit.txt"), {"bagit.txt"}),
    "a file added": (add, {"data/KS01_440100000000000001/后加.txt"}),
    "a file added beside the payload": (lambda bag: (bag / "x.txt").write_text("x"), {"x.txt"}),
    "a folder of files beside the payload": (
        lambda bag: shutil.copytree(bag / "data", bag / "more"),
        {f"more/{path}" for path in ("KS02_440100000000000002/说明.txt", REPORT.removeprefix("data/"))},
    ),
    "a file removed": (lambda bag: (bag / REPORT).unlink(), {REPORT}),
    "a file renamed": (lambda bag: (bag / REPORT).rename(bag / REPORT.replace("一", "二")), {REPORT}),
    "a tag file removed": (lambda bag: (bag / "cutoff.json").unlink(), {"cutoff.json"}),
    "the signature removed": (lambda bag: (bag / SEAL).unlink(), {SEAL}),
    "the signature damaged": (lambda bag: flip(bag / SEAL, 120), {SEAL}),
    "a manifest removed": (lambda bag: (bag / "manifest-sha512.txt").unlink(), {"manifest-sha512.txt"}),
    "results without the table": (lambda bag: (bag / "results.json").unlink(), {"results.json"}),
}


@pytest.mark.parametrize("name", CHANGES)
def test_whatever_was_changed_is_found_and_named(
    made: Path, bag: Path, where: Callable[[Path], Path], name: str
) -> None:
    change, named = CHANGES[name]
    change(bag)
    found = look(made, where(bag))
    assert not found.good
    assert named <= faults(found).keys(), found.text()
    assert {path for path in faults(found).keys() - named if not path.startswith("more/")} <= (
        {"allowed_signers"} if SEAL in named else set()
    ), "nothing else is blamed"
    for path in named:
        assert path in found.text()
    assert found.text().startswith("不合格：")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("a byte of a result", "its content was changed"),
        ("a file added", "added"),
        ("a file removed", "missing"),
        ("a file renamed", "it was renamed to data/KS01_440100000000000001/单元1/报告 二.docx"),
    ],
)
def test_what_became_of_the_file_is_said(made: Path, bag: Path, name: str, said: str) -> None:
    change, (path,) = CHANGES[name]
    change(bag)
    assert any(said in one for one in faults(look(made, bag))[path])


def test_an_altered_journal_line_is_named_by_its_number(made: Path, bag: Path) -> None:
    change_the_journal(bag)
    assert any("line 5" in one for one in faults(look(made, bag))["journal.jsonl"])


@pytest.mark.parametrize("path", ["../outside.txt", "data/../../outside.txt", "/etc/passwd"])
def test_a_path_out_of_the_bag_is_refused_and_not_followed(made: Path, bag: Path, path: str) -> None:
    with (bag / "manifest-sha256.txt").open("a") as manifest:
        manifest.write(f"{'0' * 64}  {path}\n")
    reseal(bag, made / "keys/seal")
    found = faults(look(made, bag))
    assert any(path in one for one in found["manifest-sha256.txt"])


def test_a_link_in_place_of_a_result_is_no_result(made: Path, bag: Path) -> None:
    copy = bag.parent / "copy"
    (bag / REPORT).rename(copy)
    (bag / REPORT).symlink_to(copy)
    assert REPORT in faults(look(made, bag))


@pytest.mark.parametrize("name", ["results.json", "bag-info.txt", "manifest-sha256.txt", "journal.jsonl", SEAL])
def test_a_link_in_place_of_what_proves_is_not_followed(made: Path, bag: Path, name: str) -> None:
    (bag / name).unlink()
    (bag / name).symlink_to("/dev/zero")
    assert name in faults(look(made, bag))


# -- the signature


def other_key(tmp_path: Path) -> Path:
    signature.make_key(tmp_path / "other", SIGNER)
    return tmp_path / "other"


def test_a_bag_that_another_key_sealed_is_named_with_its_fingerprint(made: Path, bag: Path, tmp_path: Path) -> None:
    key = other_key(tmp_path)
    (bag / "allowed_signers").write_text(signature.allowed_signers(SIGNER, signature.public_key(key)))
    reseal(bag, key)
    found = look(made, bag)
    assert set(faults(found)) == {SEAL}
    assert signature.fingerprint(signature.public_key(key)) in faults(found)[SEAL][0]
    assert examine([bag], None, None, EXAMS).good, "whoever gives no key can only be told the fingerprint"


def test_a_key_that_is_not_even_the_bags_own_is_found_without_a_given_key(bag: Path, tmp_path: Path) -> None:
    reseal(bag, other_key(tmp_path))
    assert set(faults(examine([bag], None, None, EXAMS))) == {SEAL}


def test_a_signature_over_something_else_is_found(made: Path, bag: Path) -> None:
    (bag / SEAL).write_bytes(signature.sign(made / "keys/seal", b"something else"))
    assert set(faults(look(made, bag))) == {SEAL}


def test_a_signature_for_another_purpose_is_found(made: Path, bag: Path) -> None:
    command = ["ssh-keygen", "-q", "-Y", "sign", "-f", str(made / "keys/seal"), "-n", "file"]
    content = (bag / "tagmanifest-sha256.txt").read_bytes()
    (bag / SEAL).write_bytes(subprocess.run(command, input=content, check=True, capture_output=True).stdout)
    assert set(faults(look(made, bag))) == {SEAL}


def test_an_allowed_signers_file_will_do_and_gives_the_signers_name(made: Path, bag: Path, tmp_path: Path) -> None:
    allowed = tmp_path / "allowed_signers"
    line = signature.allowed_signers("4401", signature.public_key(made / "keys/seal"))
    allowed.write_text("# 考试站\n" + signature.allowed_signers("x", signature.public_key(other_key(tmp_path))) + line)
    found = look(made, bag, key=allowed)
    assert found.good and found.reports[0].signer == "4401"


@pytest.mark.parametrize("content", ["", "not a key", "-----BEGIN OPENSSH PRIVATE KEY-----\nabc\n"])
def test_what_is_no_public_key_is_refused(made: Path, bag: Path, tmp_path: Path, content: str) -> None:
    (tmp_path / "key").write_text(content)
    with pytest.raises(ExamError, match="ssh-ed25519"):
        look(made, bag, key=tmp_path / "key")


def test_the_key_on_the_disc_itself_is_refused(made: Path, bag: Path, tmp_path: Path) -> None:
    with pytest.raises(ExamError, match="proves nothing"):
        look(made, bag, key=bag / "allowed_signers")
    (tmp_path / "published").symlink_to(bag / "allowed_signers")
    with pytest.raises(ExamError, match="proves nothing"):
        look(made, bag, key=tmp_path / "published")


# -- what the bag says twice has to agree, whoever sealed it


def rewrite_journal(bag: Path) -> None:
    """A journal with a later deadline whose chain holds, as its forger would write it."""
    prev, lines = "0" * 64, []
    for line in (bag / "journal.jsonl").read_text(encoding="utf-8").splitlines():
        fields = json.loads(line.replace("03:00:00.000Z", "03:30:00.000Z")) | {"prev": prev}
        prev = fields["hash"] = entry_hash(fields)
        lines.append(json.dumps(fields, ensure_ascii=False, separators=(",", ":")) + "\n")
    (bag / "journal.jsonl").write_text("".join(lines), encoding="utf-8")


def rewrite(name: str, old: str, new: str) -> Callable[[Path], None]:
    def change(bag: Path) -> None:
        text = (bag / name).read_text(encoding="utf-8")
        assert old in text
        (bag / name).write_text(text.replace(old, new), encoding="utf-8")

    return change


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (rewrite_journal, "journal.jsonl"),
        (rewrite_journal, "bag-info.txt"),
        (rewrite("bag-info.txt", "Exam-Room: 301", "Exam-Room: 302"), "journal.jsonl"),
        (rewrite("bag-info.txt", "Payload-Oxum: ", "Payload-Oxum: 1"), "bag-info.txt"),
        (rewrite("cutoff.json", "03:00:00.000Z", "03:30:00.000Z"), "cutoff.json"),
        (rewrite("results.json", '"size": 6000', '"size": 6001'), REPORT),
        (rewrite("results.json", '"kind": "file"', '"kind": "late"'), REPORT),
        (rewrite("bagit.txt", "1.0", "0.97"), "bagit.txt"),
    ],
)
def test_even_a_bag_that_was_sealed_again_has_to_agree_with_itself(
    made: Path, bag: Path, change: Callable[[Path], None], named: str
) -> None:
    change(bag)
    reseal(bag, made / "keys/seal")
    assert named in faults(look(made, bag))


# -- not a bag


def test_an_incomplete_image_names_what_cannot_be_read(made: Path, tmp_path: Path) -> None:
    bag = make_bag(tmp_path / "s", made / "keys/seal")
    (bag / REPORT).write_bytes(os.urandom(400_000))
    image = as_image(bag, tmp_path / "whole.iso")
    whole = image.read_bytes()
    image.write_bytes(whole[: whole.index((bag / REPORT).read_bytes()[:2048]) + 200_000])
    found = look(made, image)
    assert any("cannot be read" in one for one in faults(found)[REPORT])


@pytest.mark.parametrize("size", [0, 20_000, 2_000_000])
def test_what_is_no_image_at_all_is_refused(made: Path, tmp_path: Path, size: int) -> None:
    (tmp_path / "x.iso").write_bytes(bytes(size))
    with pytest.raises(ExamError) as refused:
        look(made, tmp_path / "x.iso")
    assert "x.iso" in str(refused.value)


def test_a_folder_that_is_no_bag_is_refused_and_the_one_in_it_named(made: Path, tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_bytes(b"x")
    with pytest.raises(ExamError, match="不是封存的考试结果"):
        look(made, tmp_path)
    with pytest.raises(ExamError, match="bag in it may be one"):
        look(made, made / "session")
    with pytest.raises(ExamError, match="打不开"):
        look(made, tmp_path / "nothing.iso")


# -- sets


def test_one_disc_says_which_others_belong_to_it(made: Path) -> None:
    found = look(made, made / "set/disc1/bag")
    assert found.good
    assert "第 1 张，共 2 张" in found.text() and "同属一套的还有 20250601AM_2" in found.text()


def test_all_discs_together_are_a_complete_set(made: Path) -> None:
    found = look(made, made / "set/disc1/bag", made / "set/disc2/bag")
    assert found.good, found.text()
    assert "整套光盘齐全" in found.text()


def test_two_copies_of_one_disc_are_no_complete_set(made: Path, tmp_path: Path) -> None:
    shutil.copytree(made / "set/disc1/bag", tmp_path / "copy")
    found = look(made, made / "set/disc1/bag", tmp_path / "copy")
    assert not found.good
    assert [fault.path for fault in found.set_faults] == ["20250601AM_2"]
    assert "缺第 2 张光盘" in found.text()


def test_discs_of_two_sealings_are_no_set(made: Path, tmp_path: Path) -> None:
    shutil.copytree(made / "set/disc2/bag", tmp_path / "other")
    rewrite("index.json", '"version": 1', '"version": 1, "medium": "cd"')(tmp_path / "other")
    reseal(tmp_path / "other", made / "keys/seal")
    found = look(made, made / "set/disc1/bag", tmp_path / "other")
    assert not found.good and "不是一次封存的同一套" in found.text()


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ('"manifest_sha256": "', '"manifest_sha256": "0', "manifest-sha256.txt"),
        ('"number": 1', '"number": 3', "index.json"),
        ("data/KS02_", "data/KS09_", "index.json"),
        ('"volume": "20250601AM_1"', '"volume": "20250601PM_1"', "index.json"),
    ],
)
def test_the_index_has_to_agree_with_its_disc(made: Path, tmp_path: Path, old: str, new: str, named: str) -> None:
    shutil.copytree(made / "set/disc1/bag", tmp_path / "disc")
    rewrite("index.json", old, new)(tmp_path / "disc")
    reseal(tmp_path / "disc", made / "keys/seal")
    assert named in faults(look(made, tmp_path / "disc"))


def test_a_disc_without_its_index_is_not_whole(made: Path, tmp_path: Path) -> None:
    shutil.copytree(made / "set/disc1/bag", tmp_path / "disc")
    (tmp_path / "disc/index.json").unlink()
    reseal(tmp_path / "disc", made / "keys/seal")
    assert "index.json" in faults(look(made, tmp_path / "disc"))


# -- by hand, as docs/verify.md says


def by_hand(made: Path, disc: Path) -> list[subprocess.CompletedProcess[str]]:
    """Run the documented commands in the folder of the disc."""
    text = (Path(__file__).parents[3] / "docs/verify.md").read_text(encoding="utf-8").partition("## By hand")[2]
    commands = [line for block in text.split("```sh\n")[1:] for line in block.partition("```")[0].splitlines()]
    signers = disc.parent / "signers"
    signers.write_text(f"4401 {signature.public_key(made / 'keys/seal')}\n")
    return [
        subprocess.run(
            command.replace("SIGNERS", str(signers)).replace("CODE", "4401"),
            shell=True,
            cwd=disc,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        for command in commands
    ]


@pytest.fixture
def unpacked(made: Path, tmp_path: Path) -> Path:
    """The disc as a Linux without this project reads it."""
    image = image_of(made / "set/disc1/bag", tmp_path / "x.iso")
    command = ["xorriso", "-osirrox", "on", "-indev", str(image), "-extract", "/", str(tmp_path / "disc")]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    subprocess.run(["chmod", "-R", "u+w", str(tmp_path / "disc")], check=True, timeout=60)
    return tmp_path / "disc"


def test_a_good_disc_passes_by_hand(made: Path, unpacked: Path) -> None:
    done = by_hand(made, unpacked)
    assert [one.returncode for one in done] == [0, 0, 0, 0], done
    assert signature.fingerprint(signature.public_key(made / "keys/seal")) in done[-1].stdout


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (REPORT, [0, 0, 1, 0]),
        ("manifest-sha256.txt", [0, 1, 1, 0]),
        ("journal.jsonl", [0, 1, 0, 0]),
        ("tagmanifest-sha256.txt", [255, 1, 0, 255]),
    ],
)
def test_an_altered_disc_fails_by_hand(made: Path, unpacked: Path, path: str, status: list[int]) -> None:
    flip(unpacked / path, 3)
    assert [one.returncode for one in by_hand(made, unpacked)] == status
