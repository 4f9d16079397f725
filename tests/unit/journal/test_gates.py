"""The gates between the steps of an exam day, through the phases that the module offers."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from exam_room.errors import ExamError
from exam_room.journal.journal import Journal
from unit.journal.days import DONE, Day


@pytest.fixture
def day(tmp_path: Path) -> Day:
    return Day(tmp_path / "S-1")


def test_a_whole_day_passes(day: Day) -> None:
    day.run("prepare", "inspect", "open", "start", "cutoff", "burn", "reset")
    result = day.call("read").result
    assert result["state"]["prepare"] == "never", "after a reset a new sitting begins"
    day.run("prepare", "inspect", "open")


@pytest.mark.parametrize(
    ("done", "step", "missing"),
    [
        ([], "open", "inspect"),
        (["prepare"], "open", "inspect"),
        (["inspect", "prepare"], "open", "inspect"),
        (["inspect"], "start", "open"),
        (["inspect", "open", "prepare"], "start", "open"),
        (["inspect", "open", "prepare", "inspect"], "start", "open"),
        (["inspect", "open"], "cutoff", "start"),
        (["inspect", "open", "start"], "burn", "cutoff"),
        (["inspect", "open", "start"], "prepare", "cutoff"),
        (["inspect", "open", "start"], "open", "cutoff"),
        (["inspect", "open", "start", "cutoff"], "reset", "burn"),
        (["inspect", "open", "start", "cutoff"], "prepare", "burn"),
        (["inspect", "open", "start", "cutoff", "burn"], "prepare", "reset"),
        (["inspect", "open", "start", "cutoff", "burn", "reset"], "open", "inspect"),
    ],
)
def test_out_of_order_is_refused_and_says_what_to_run(day: Day, done: list[str], step: str, missing: str) -> None:
    day.run(*done)
    before = day.call("read").result["last_hash"]
    with pytest.raises(ExamError) as refused:
        day.begin(step)
    zh, en = refused.value.zh, refused.value.en
    assert f"ansible-playbook playbooks/{missing}.yml" in zh
    assert f"ansible-playbook playbooks/{missing}.yml" in en
    assert zh.startswith("不能执行")
    assert day.call("read").result["last_hash"] == before


@pytest.mark.parametrize("done", [["inspect", "open", "start"], ["inspect", "open", "start", "cutoff"]])
def test_time_is_never_started_twice(day: Day, done: list[str]) -> None:
    day.run(*done)
    with pytest.raises(ExamError, match="Cannot start"):
        day.begin("start")


@pytest.mark.parametrize("data", [{"verdict": "failed"}, {"verdict": "unknown"}, {}, {"verdict": True}])
def test_only_a_passing_inspection_opens(day: Day, data: Mapping[str, Any]) -> None:
    day.run("prepare", "inspect")
    day.begin("inspect")
    day.end("inspect", data=data)
    with pytest.raises(ExamError, match="did not pass"):
        day.begin("open")


def test_an_inspection_that_did_not_reach_every_host_does_not_open(day: Day) -> None:
    day.begin("inspect")
    day.end("inspect", hosts=DONE | {"pc02": "unreachable"})
    with pytest.raises(ExamError, match="did not pass"):
        day.begin("open")


def test_an_inspection_that_was_killed_does_not_leave_the_older_one_standing(day: Day) -> None:
    day.run("inspect")
    day.begin("inspect")
    with pytest.raises(ExamError, match="did not end"):
        day.begin("open")


@pytest.mark.parametrize("data", [{}, {"read_back": False}, {"read_back": "true"}])
def test_a_disc_that_was_not_read_back_does_not_allow_a_reset(day: Day, data: Mapping[str, Any]) -> None:
    day.run("inspect", "open", "start", "cutoff")
    day.begin("burn")
    day.end("burn", data=data)
    with pytest.raises(ExamError, match=r"playbooks/burn\.yml"):
        day.begin("reset")


@pytest.mark.parametrize("step", ["prepare", "inspect", "open", "start", "cutoff", "burn", "reset"])
def test_a_killed_step_may_be_repeated(day: Day, step: str) -> None:
    order = ["prepare", "inspect", "open", "start", "cutoff", "burn", "reset"]
    day.run(*order[: order.index(step)])
    day.begin(step)
    day.run(step)


@pytest.mark.parametrize("step", ["prepare", "inspect", "open", "cutoff", "burn", "reset"])
def test_a_finished_step_other_than_start_may_be_repeated(day: Day, step: str) -> None:
    order = ["prepare", "inspect", "open", "start", "cutoff", "burn", "reset"]
    day.run(*order[: order.index(step) + 1])
    day.run(step)


def test_a_start_that_failed_on_one_host_can_be_cut_off_and_repeated(day: Day) -> None:
    day.run("inspect", "open")
    day.begin("start")
    assert day.end("start", hosts=DONE | {"pc01": "failed"}).failure
    assert day.begin("start").result["deadline"] == "2025-06-01T03:00:00.000Z"
    with pytest.raises(ExamError):
        day.begin("prepare")
    day.run("cutoff")


def test_an_extension_moves_the_deadline(day: Day) -> None:
    day.run("inspect", "open", "start")
    day.begin("extend", data={"minutes": 10})
    assert day.call("read").result["deadline"] == "2025-06-01T03:00:00.000Z", "not before the server has it"
    day.end("extend", data={"deadline": "2025-06-01T03:10:00.000Z", "minutes": 10, "reason": "停电"})
    day.call("note", "status", data={"deadline": "1999-01-01T00:00:00.000Z"})
    result = day.call("read").result
    assert result["deadline"] == "2025-06-01T03:10:00.000Z"
    assert result["started_at"] == "2025-06-01T01:00:00.000Z"


def test_an_override_passes_and_is_journalled_with_what_it_overrode(day: Day) -> None:
    outcome = day.begin("open", override="督考员同意，检查见纸面记录")
    assert outcome.result["overridden"] and outcome.warning and "督考员同意" in outcome.warning
    entry = Journal(day.directory).read().entries[-1]
    assert entry.data["override"] == "督考员同意，检查见纸面记录"
    assert "inspect" in entry.data["refused"][1]
    assert day.call("read").result["overrides"][0]["step"] == "open"


def test_an_override_that_nothing_asks_for_leaves_no_trace(day: Day) -> None:
    outcome = day.begin("prepare", override="by the way")
    assert not outcome.result["overridden"] and outcome.warning is None
    assert outcome.result["overrides"] == []


@pytest.mark.parametrize("reason", ["", "  ", "\u3000"])
def test_an_override_needs_a_reason(day: Day, reason: str) -> None:
    with pytest.raises(ExamError, match="written reason"):
        day.begin("open", override=reason)


def test_a_host_that_is_not_done_fails_the_step_by_name(day: Day) -> None:
    day.begin("prepare")
    outcome = day.end("prepare", hosts={"server": "done", "pc02": "failed", "pc01": "unreachable"})
    assert outcome.failure is not None
    assert "pc01（连接不上）、pc02（失败）" in outcome.failure.zh
    assert "pc01 (unreachable), pc02 (failed)" in outcome.failure.en
    assert day.call("read").result["state"]["prepare"] == "failed"


@pytest.mark.parametrize("hosts", [{}, None, {"server": "ok"}])
def test_every_host_has_to_be_accounted_for(day: Day, hosts: Mapping[str, str] | None) -> None:
    day.begin("prepare")
    with pytest.raises(ExamError, match="every host"):
        day.end("prepare", hosts=hosts)


def test_a_step_that_was_not_begun_cannot_end(day: Day) -> None:
    with pytest.raises(ExamError, match="not begun"):
        day.end("prepare")
    day.run("prepare")
    with pytest.raises(ExamError, match="ended already"):
        day.end("prepare")


@pytest.mark.parametrize("other", [{"session_id": "S-2"}, {"room": "302"}])
def test_the_journal_of_another_session_or_room_is_refused(day: Day, other: Mapping[str, Any]) -> None:
    day.run("inspect")
    with pytest.raises(ExamError, match="belongs to"):
        day.begin("open", override="never mind", **other)
    with pytest.raises(ExamError, match="belongs to"):
        day.call("read", **other)


def test_check_mode_checks_the_same_and_writes_nothing(day: Day) -> None:
    with pytest.raises(ExamError):
        day.begin("open", dry=True)
    assert day.begin("prepare", dry=True).changed
    assert day.call("end", "prepare", dry=True, hosts=DONE).changed
    assert not day.directory.exists()


@pytest.mark.parametrize("name", ["result", "hosts", "override", "refused"])
def test_data_cannot_pretend_a_result(day: Day, name: str) -> None:
    with pytest.raises(ExamError, match=name):
        day.call("note", "prepare", data={name: "done"})


def test_an_unknown_step_is_refused(day: Day) -> None:
    with pytest.raises(ExamError, match="no step 'party'"):
        day.begin("party")
