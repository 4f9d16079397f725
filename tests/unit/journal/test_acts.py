"""Acts between the steps of the day: when they may happen, and what the sitting says afterwards."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from exam_room.errors import ExamError
from exam_room.journal import acts
from exam_room.journal.journal import Journal
from exam_room.journal.sitting import COMMIT, Follower, Sitting, seats_now, sitting
from unit.journal.days import Day

RUNNING = ("inspect", "open", "start")
LATER = {"minutes": 10, "reason": "停电", "deadline": "2025-06-01T03:10:00.000Z", "deviation": True}
DATA: dict[str, dict[str, Any]] = {
    "extend": LATER,
    "cancel": {"reason": "火警", "cut_at": "2025-06-01T02:00:00.000Z"},
    "move_seat": {"seat": 2, "host": "spare01", "address": "10.0.0.131", "reason": "死机"},
    "absent": {"seat": 3},
    "end_seat": {"seat": 1, "reason": "提前交卷"},
    "restore_copy": {"seat": 1, "reason": "误删"},
    "prove_restore_cards": {"undone": ["pc01"], "stayed": ["server"]},
}
# The room has to be empty: it is restarted.
EMPTY = {"prove_restore_cards"}
CUT = {"cut_at": "2025-06-01T03:00:00.100Z"}


@pytest.fixture
def day(tmp_path: Path) -> Day:
    return Day(tmp_path / "S-1")


def act(day: Day, name: str, **data: Any) -> None:
    day.begin(name, data=DATA[name])
    day.end(name, data=DATA[name] | data)


def now(day: Day) -> Sitting:
    return sitting(Journal(day.directory).read().entries)


def test_every_act_has_a_name_for_people_and_data_in_this_test() -> None:
    assert set(DATA) == set(acts.ACTS)


@pytest.mark.parametrize("name", sorted(set(acts.ACTS) - EMPTY))
def test_every_act_may_happen_while_the_exam_runs(day: Day, name: str) -> None:
    day.run(*RUNNING)
    act(day, name)


@pytest.mark.parametrize("name", sorted(set(acts.ACTS) - EMPTY))
def test_no_act_before_the_room_is_open(day: Day, name: str) -> None:
    day.run("inspect")
    with pytest.raises(ExamError, match="不能执行"):
        day.begin(name)


@pytest.mark.parametrize("done", [[], ["prepare"], ["prepare", "inspect"], ["inspect", "open", "prepare"]])
def test_restore_cards_are_proved_while_nobody_is_in_the_room(day: Day, done: list[str]) -> None:
    day.run(*done)
    act(day, "prove_restore_cards")


@pytest.mark.parametrize(
    ("done", "why"),
    [
        (["inspect", "open"], "playbooks/prepare.yml"),
        (["prepare", "inspect", "open"], "playbooks/prepare.yml"),
        (list(RUNNING), "清场之前"),
        ([*RUNNING, "cutoff"], "清场之前"),
        ([*RUNNING, "cutoff", "burn"], "清场之前"),
        (["inspect", "open", "cancel"], "清场之前"),
    ],
)
def test_no_room_is_restarted_in_which_candidates_may_be(day: Day, done: list[str], why: str) -> None:
    for step in done:
        act(day, step) if step in DATA else day.run(step)
    with pytest.raises(ExamError, match="不能执行“验证还原卡”") as refused:
        day.begin("prove_restore_cards")
    assert why in refused.value.zh


def test_a_room_that_was_restarted_for_a_proof_is_inspected_again(day: Day) -> None:
    day.run("prepare", "inspect")
    act(day, "prove_restore_cards")
    with pytest.raises(ExamError, match=r"又验证过还原卡.*playbooks/inspect\.yml"):
        day.begin("open")
    day.run("inspect", "open")


@pytest.mark.parametrize("name", sorted(set(acts.ACTS) - EMPTY - {"absent"}))
def test_after_the_cut_nothing_of_the_room_changes(day: Day, name: str) -> None:
    day.run(*RUNNING, "cutoff")
    with pytest.raises(ExamError, match="已收卷"):
        day.begin(name)


@pytest.mark.parametrize("name", ["extend", "cancel", "end_seat"])
def test_what_began_before_the_cut_and_is_done_after_it_has_come_too_late(day: Day, name: str) -> None:
    day.run(*RUNNING)
    day.begin(name, data=DATA[name])
    day.call("note", "cutoff", data={COMMIT: True})
    with pytest.raises(ExamError, match="正在收卷"):
        day.end(name, data=DATA[name])
    assert now(day).deadline == "2025-06-01T03:00:00.000Z"
    assert now(day).over == ""


def test_no_override_lets_an_act_pass_that_comes_too_late(day: Day) -> None:
    day.run(*RUNNING, "cutoff")
    with pytest.raises(ExamError, match="已收卷"):
        day.begin("extend", override="因为")


def test_an_absent_candidate_may_be_marked_until_the_results_are_burned(day: Day) -> None:
    day.run(*RUNNING, "cutoff")
    act(day, "absent")
    assert now(day).absent == {3}
    act(day, "absent", present=True)
    assert now(day).absent == frozenset()
    day.run("burn")
    with pytest.raises(ExamError, match="已经刻盘"):
        day.begin("absent")


def test_an_extension_holds_for_everybody_once_it_is_done(day: Day) -> None:
    day.run(*RUNNING)
    follower = Follower(day.directory)
    assert follower.sitting().deadline == "2025-06-01T03:00:00.000Z"
    act(day, "extend")
    assert follower.sitting().deadline == LATER["deadline"]
    (extension,) = follower.sitting().extensions
    assert (extension["minutes"], extension["reason"], extension["who"]) == (10, "停电", "root@c")
    assert "result" not in extension


def test_an_extension_that_the_server_did_not_take_moves_nothing(day: Day) -> None:
    day.run(*RUNNING)
    day.begin("extend", data=LATER)
    assert day.end("extend", data=LATER, hosts={"server": "failed"}).failure is not None
    assert now(day).deadline == "2025-06-01T03:00:00.000Z"


def test_a_step_of_the_servers_clock_moves_start_and_deadline_together(day: Day) -> None:
    day.run(*RUNNING)
    moved = {"started_at": "2025-06-01T01:01:30.000Z", "deadline": "2025-06-01T03:01:30.000Z", "jump_s": 90.0}
    day.call("note", "clock", data=moved)
    assert (now(day).started_at, now(day).deadline) == (moved["started_at"], moved["deadline"])


def test_a_cancelled_session_that_had_started_is_burned_before_it_is_reset(day: Day) -> None:
    day.run(*RUNNING)
    act(day, "cancel")
    assert now(day).over == "cancelled"
    assert day.call("read").result["cut_at"] == DATA["cancel"]["cut_at"]
    for step in ("cutoff", "start", "open", "prepare", "reset"):
        with pytest.raises(ExamError, match=r"取消|刻盘"):
            day.begin(step)
    day.run("burn", "reset", "prepare")


def test_a_cancelled_session_that_had_not_started_is_reset_at_once(day: Day) -> None:
    day.run("inspect", "open")
    act(day, "cancel")
    with pytest.raises(ExamError, match=r"playbooks/reset\.yml"):
        day.begin("prepare")
    with pytest.raises(ExamError, match="收卷"):
        day.begin("burn")
    day.run("reset", "prepare")


def test_seats_say_who_moved_who_is_absent_and_who_ended(day: Day) -> None:
    day.run(*RUNNING)
    for name in ("move_seat", "absent", "end_seat"):
        act(day, name)
    seats = [{"number": number, "host": f"pc0{number}", "address": f"10.0.0.10{number}"} for number in (1, 2, 3)]
    found = {seat["number"]: seat for seat in seats_now(seats, now(day))}
    assert (found[2]["host"], found[2]["address"]) == ("spare01", "10.0.0.131")
    assert [found[number]["absent"] for number in (1, 2, 3)] == [False, False, True]
    assert [found[number]["ended"] for number in (1, 2, 3)] == ["提前交卷", "", ""]


def test_the_next_sitting_knows_nothing_of_the_last(day: Day) -> None:
    day.run(*RUNNING)
    act(day, "absent")
    day.run("cutoff", "burn", "reset")
    assert now(day) == Sitting(session_id="S-1", room="301")


def test_a_follower_says_when_the_journal_was_altered(day: Day) -> None:
    day.run(*RUNNING)
    follower = Follower(day.directory)
    follower.sitting()
    path = Journal(day.directory).path
    path.write_bytes(path.read_bytes().replace(b"03:00", b"04:00"))
    with pytest.raises(ExamError, match="日志"):
        follower.sitting()
