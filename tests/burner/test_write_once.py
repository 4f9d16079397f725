"""V7 on a write-once device: what a DVD+R drive makes of the discs that the controller burns (make test-burner)."""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = pytest.mark.burner

Answers = dict[str, dict[str, Any]]
BLANK = {"present": True, "blank": True, "closed": False}
CLOSED = {"present": True, "blank": False, "closed": True}


def has(facts: dict[str, Any], wanted: dict[str, Any]) -> bool:
    """Whether the drive reported a medium of this kind."""
    return all(facts["result"][name] == value for name, value in wanted.items())


def refused(facts: dict[str, Any], zh: str, en: str) -> bool:
    """Whether the step was refused in these words; a Chinese sentence has to stand before the English one."""
    return "refused" in facts and zh in facts["refused"][0] and en in facts["refused"][1]


def test_every_case_came_to_its_end(answers: Answers) -> None:
    assert {name: facts["broken"] for name, facts in answers.items() if "broken" in facts} == {}


def test_a_blank_is_burned_closed_and_read_back_byte_by_byte_and_file_by_file(answers: Answers) -> None:
    facts = answers["whole"]
    assert has(facts["blank"], {"kind": "DVD+R", **BLANK})
    assert "refused" not in facts["burn"]
    assert has(facts["after"], CLOSED)
    assert facts["read"]["result"] == facts["files"] > 20


def test_a_second_write_is_refused_and_leaves_the_disc_as_it_is(answers: Answers) -> None:
    facts = answers["whole"]
    assert refused(facts["again"], "不是空白盘", "is not blank")
    assert facts["same"]


def test_the_drive_itself_takes_no_second_write(answers: Answers) -> None:
    facts = answers["closed_for_xorriso"]
    assert facts["status"] != 0
    assert "Closed media with data detected" in facts["xorriso"][-1]["said"]


def test_a_session_on_two_discs_is_burned_and_no_disc_passes_for_the_other(answers: Answers) -> None:
    facts = answers["second"]
    assert facts["candidates"] == [["KS01_440100000000000001"], ["KS02_vacant"]]
    assert len(set(facts["index"])) == 1, "both discs have the index of the session"
    assert "refused" not in facts["burn"]
    assert facts["read"]["result"] == facts["files"]
    assert refused(facts["mistaken"], "回读核对不一致：第 ", "Read back, sector ")


def test_a_watched_drive_names_a_used_disc_and_sees_the_blank_that_comes(answers: Answers) -> None:
    facts = answers["watched"]
    assert "不是空白盘" in facts["told"][0] and "is not blank" in facts["told"][1]
    assert facts["status"] == 4 and facts["ended"] and facts["looks"] == 2


def test_a_drive_without_a_disc_asks_for_one(answers: Answers) -> None:
    facts = answers["empty"]
    assert not facts["look"]["result"]["present"]
    assert facts["status"] in (1, 2) and "没有光盘" in facts["waited"]["result"]
    assert facts["asked"] == 0, "xorriso would draw the tray in"
    assert refused(facts["burn"], "里没有光盘。请放入空白光盘。", "There is no disc in /dev/sr")
    assert refused(facts["read"], "里没有光盘，无法回读核对", "to read back")


def test_a_disc_that_is_too_small_stays_blank(answers: Answers) -> None:
    facts = answers["too_small"]
    assert refused(facts["burn"], "光盘太小", "is too small")
    assert has(facts["look"], BLANK)
    assert facts["untouched"]


def test_a_flipped_bit_is_found_where_it_is(answers: Answers) -> None:
    facts = answers["rotten"]
    assert "refused" not in facts["burn"]
    assert refused(facts["read"], f"第 {facts['sector']} 扇区", f"sector {facts['sector']} ")


def test_a_disc_that_cannot_be_read_to_its_end_is_told_by_the_first_sector_that_cannot(answers: Answers) -> None:
    facts = answers["unreadable"]
    assert "refused" not in facts["burn"]
    first = facts["passed"] // 2048
    # xorriso reads 32 sectors at once, and gives up all of them.
    assert 0 <= facts["sector"] - first < 32 and facts["status"] != 0
    assert refused(facts["read"], f"从第 {first} 扇区（从 0 数起）开始读不出来", f"unreadable from sector {first} ")


def test_a_disc_that_refuses_to_be_written_is_to_be_thrown_away(answers: Answers) -> None:
    facts = answers["wears_out"]
    assert refused(facts["burn"], "刻录失败：光盘写不进去", "the disc cannot be written")
    assert refused(facts["burn"], "这张光盘请作废", "Mark this disc as bad")
    assert refused(facts["read"], "请作废重刻", "burn another")


def test_a_disc_whose_burn_was_killed_never_counts_and_the_next_blank_works(answers: Answers) -> None:
    facts = answers["killed"]
    assert 0 < facts["written"] < facts["whole"], "it has to be killed half-way"
    assert refused(facts["read"], "请作废重刻", "burn another")
    assert refused(facts["again"], "不是空白盘", "is not blank")
    assert refused(facts["read_again"], "扇区（从 0 数起）", "sector ")
    assert "refused" not in facts["next_burn"]
    assert facts["next_read"]["result"] == answers["whole"]["files"]


def test_a_drive_that_is_not_there_is_said(answers: Answers) -> None:
    assert refused(answers["no_such_drive"], "没有这个设备", "there is no such device")
