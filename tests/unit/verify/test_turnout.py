"""Who has no file of his own and why, and what a roster does not agree on."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from exam_room.errors import ExamError
from exam_room.seal import signature
from exam_room.seal.bag import CUTOFF
from exam_room.verify.findings import Findings, examine
from exam_room.verify.turnout import without_files
from sealing.session import make_key
from sealing.sets import OWNERS, make_bag, make_set, reseal

EXAMS = Path(__file__).parents[3] / "exams"
NUMBERS = [owner.exam_number for owner in OWNERS if owner.exam_number]
SESSION = """\
site: {name: 示例考试站, code: "4401"}
batch: B1
session: 2025-06-01-am
date: 2025-06-01
planned_start: "09:00"
room: "301"
exam: cross-border-ecommerce
assessors: [陈志远]
inspector: 林国华
roster: {file: roster.csv, session: 第1场}
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("turnout")
    key = make_key(root / "keys")
    (root / "site.pub").write_text(signature.public_key(key), encoding="utf-8")
    make_bag(root / "session", key)
    make_set(root / "set", key)
    return root


def look(made: Path, *sources: str, roster: Path | None = None) -> Findings:
    return examine([made / source for source in sources], made / "site.pub", roster, EXAMS)


def test_candidates_without_a_file_of_their_own_are_named_and_why(made: Path) -> None:
    found = look(made, "session/bag")
    assert found.good, "a candidate who saved nothing is no fault of the disc"
    assert {one.account: one.why for one in found.no_file[0]} == {
        "KS02": "blank",
        "KS03": "absent",
        "KS04": "blank",
        "KS05": "unknown",
    }
    text = found.text()
    assert "缺考 1 名（440100000000000003）" in text
    assert "空白卷 2 名（440100000000000002、440100000000000004）" in text
    assert "原因不明 1 名（440100000000000005）" in text


def test_without_the_note_of_the_material_a_copy_of_it_is_a_file_like_any_other(made: Path) -> None:
    (report,) = look(made, "session/bag").reports
    assert "KS02" in {one.account for one in without_files(report)}
    report.entries = [entry for entry in report.entries if entry.step != "material"]
    assert "KS02" not in {one.account for one in without_files(report)}


def test_a_candidate_spread_over_discs_is_not_judged_by_one_of_them(made: Path) -> None:
    found = look(made, "set/disc1/bag")
    (report,) = found.reports
    assert "KS02" in {one.account for one in without_files(report)}
    assert report.index is not None
    for one in report.index["discs"][0]["candidates"]:
        one["parts"] = 2
    assert without_files(report) == []


def test_an_unfinished_cutoff_is_told_and_is_no_fault_of_the_disc(made: Path, tmp_path: Path) -> None:
    bag = make_bag(tmp_path / "s", made / "keys/seal")
    record = (bag / CUTOFF).read_text(encoding="utf-8")
    (bag / CUTOFF).write_text(record.replace('"complete": true', '"complete": false'), encoding="utf-8")
    reseal(bag, made / "keys/seal")
    found = examine([bag], made / "site.pub", None, EXAMS)
    assert found.good and "收卷未完成" in found.text()


def test_who_is_absent_is_known_on_any_disc_of_a_set_and_without_the_record_of_the_cutoff(made: Path) -> None:
    (report,) = look(made, "set/disc2/bag").reports
    assert {one.account: one.why for one in without_files(report)} == {"KS04": "blank", "KS05": "unknown"}
    (report,) = look(made, "set/disc1/bag").reports
    report.cutoff = {}
    assert {one.account: one.why for one in without_files(report)} == {"KS02": "blank", "KS03": "absent"}


# -- the roster


def write_roster(folder: Path, rows: list[list[str]]) -> Path:
    path = folder / "roster.csv"
    with path.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows([["准考证号", "姓名", "考场", "场次"], *rows])
    return path


def rows(numbers: list[str], session: str = "第1场") -> list[list[str]]:
    return [[number, f"考生{number[-1]}", "301", session] for number in numbers]


def test_the_right_roster_is_agreed_with_and_other_sessions_in_it_do_not_matter(made: Path, tmp_path: Path) -> None:
    roster = write_roster(tmp_path, rows(NUMBERS) + rows(["440100000000000077"], "第2场"))
    found = look(made, "session/bag", roster=roster)
    assert found.good, found.text()


def test_a_session_file_will_do_for_a_roster(made: Path, tmp_path: Path) -> None:
    write_roster(tmp_path, rows(NUMBERS) + rows(["440100000000000077"], "第2场"))
    (tmp_path / "session.yml").write_text(SESSION, encoding="utf-8")
    assert look(made, "session/bag", roster=tmp_path / "session.yml").good
    (tmp_path / "session.yml").write_text(SESSION.replace("2025-06-01-am", "2025-06-01-pm"), encoding="utf-8")
    found = look(made, "session/bag", roster=tmp_path / "session.yml")
    assert not found.good and "2025-06-01-pm" in found.text()


def test_somebody_missing_and_somebody_too_many_are_named(made: Path, tmp_path: Path) -> None:
    found = look(made, "session/bag", roster=write_roster(tmp_path, rows([*NUMBERS[1:], "440100000000000066"])))
    assert not found.good
    assert "440100000000000066 考生6 不在光盘上" in found.text()
    assert f"光盘上的 {NUMBERS[0]} 不在名册上" in found.text()


def test_the_roster_of_another_session_is_called_wrong(made: Path, tmp_path: Path) -> None:
    found = look(made, "session/bag", roster=write_roster(tmp_path, rows(["550100000000000001"])))
    assert not found.good
    assert [fault.zh for fault in found.set_faults] == ["名册不是这一场的：没有一个准考证号在光盘上"]


def test_candidates_with_two_sessions_need_the_session_file(made: Path, tmp_path: Path) -> None:
    roster = write_roster(tmp_path, rows(NUMBERS) + rows(NUMBERS, "第2场"))
    with pytest.raises(ExamError, match=r"session\.yml"):
        look(made, "session/bag", roster=roster)


def test_one_disc_of_a_set_speaks_for_all_of_them(made: Path, tmp_path: Path) -> None:
    found = look(made, "set/disc1/bag", roster=write_roster(tmp_path, rows(NUMBERS)))
    assert found.good, found.text()
    assert {one.account for one in found.no_file[0]} == {"KS02", "KS03"}


@pytest.mark.parametrize("content", [b"", b"\x00\x01", "甲,乙\n1,2\n".encode()])
def test_what_is_no_roster_is_refused(made: Path, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "roster.csv").write_bytes(content)
    with pytest.raises(ExamError, match=r"roster\.csv"):
        look(made, "session/bag", roster=tmp_path / "roster.csv")
