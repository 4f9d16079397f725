"""The watch from start to end against a server in memory, in simulated time."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from exam_room.errors import ExamError
from exam_room.room.conditions import Required
from exam_room.watch import board, judge, memory
from exam_room.watch.judge import Copies, Now
from exam_room.watch.presence import Presence
from exam_room.watch.saves import ANSWER, Folder, Material, Save, Seen
from exam_room.watch.settings import Settings, settings_of
from exam_room.watch.watch import Outcome, Time, Watch
from exam_room.wire.smberrors import LogonRefused, connection_lost, unreachable
from exam_room.wire.srvsvc import OpenFile

from .samples import DEADLINE, PLAN, START, FakeServer, note, running

CODE = "required_missing"
AT_110_MIN = "2026-11-25T02:50:00.000Z"


class Run:
    """A watch whose sleeping runs what the test wants at each moment; ends by the journal after ``until`` seconds."""

    def __init__(self, directory: Path, server: FakeServer, settings: Settings | None = None) -> None:
        self.directory = directory
        self.server = server
        self.boards: list[dict[str, Any]] = []
        self.events: list[tuple[float, Callable[[], None]]] = []
        self.copies = Copies()
        self.settings = settings or Settings()
        self.plan = PLAN

    def at(self, seconds: float, event: Callable[[], None]) -> None:
        self.events.append((self.server.now + seconds, event))

    def _sleep(self, seconds: float) -> None:
        self.boards.append(board.read(self.directory))
        self.server.sleep(seconds)
        due = [event for moment, event in self.events if moment <= self.server.now]
        self.events = [(moment, event) for moment, event in self.events if moment > self.server.now]
        for event in due:
            event()

    def watch(self) -> Watch:
        clocks = Time(self.server.monotonic, self.server.wall, self._sleep, lambda: 0.0)
        return Watch(
            self.directory,
            self.plan,
            self.server.connect,
            self.settings,
            Material(),
            lambda: self.copies,
            clocks=clocks,
        )

    def run(self, until: float) -> Outcome:
        self.at(until, lambda: note(self.directory, "cutoff", "end", result="done"))
        return self.watch().run()

    def codes(self, seat: int | None = None) -> list[set[str]]:
        """The codes of each board's warnings, of one seat or of the room."""
        places = [one if seat is None else one["seats"][seat - 1] for one in self.boards]
        return [{warning["code"] for warning in place["warnings"]} for place in places]

    def states(self, seat: int) -> list[str]:
        return list(dict.fromkeys(one["seats"][seat - 1]["state"] for one in self.boards))


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run(running(tmp_path), FakeServer())


def test_it_watches_until_the_cut(run: Run) -> None:
    run.server.come("KS01")
    ended = run.run(60)
    assert ended.reason == "cut"
    assert ended.looks >= 15
    last = board.read(run.directory)
    assert last["over"] == "cut"
    assert run.states(1) == ["online"]
    assert run.states(2) == ["not_connected"]
    assert run.states(4) == ["spare"]


def test_connect_lose_and_come_back(run: Run) -> None:
    run.server.come("KS01", since=5)
    run.at(30, lambda: run.server.go("KS01"))
    run.at(120, lambda: run.server.come("KS01"))
    run.run(150)
    assert run.states(1) == ["online", "lost"]
    lost = [at for at, codes in enumerate(run.codes(1)) if "connection_lost" in codes]
    assert lost
    assert run.boards[-1]["seats"][0]["state"] == "online"
    assert run.boards[-1]["seats"][0]["losses"] == 1
    assert not run.codes(1)[-1]


def test_an_idle_connection_that_windows_closed_is_told_apart(run: Run) -> None:
    run.server.come("KS01", idle=880)
    run.at(30, lambda: run.server.go("KS01"))
    run.run(90)
    assert run.states(1) == ["online", "idle"]
    assert "idle_disconnected" in run.codes(1)[-1]


def test_somebody_who_never_comes_and_somebody_at_the_wrong_pc(run: Run) -> None:
    run.server.come("KS02", "10.0.0.199")
    run.server.come("KS03")
    run.server.come("KS03", "10.0.0.150")
    run.run(180)
    assert "not_connected" not in run.codes(1)[0]
    assert "not_connected" in run.codes(1)[-1]
    assert run.codes(2)[-1] == {"wrong_pc"}
    assert run.codes(3)[-1] == {"two_addresses"}


def test_a_change_of_seat_moves_the_right_address(run: Run) -> None:
    run.server.come("KS02", "10.0.0.104")
    run.at(
        30, lambda: note(run.directory, "move_seat", "end", result="done", seat=2, host="pc04", address="10.0.0.104")
    )
    run.run(60)
    assert "wrong_pc" in run.codes(2)[0]
    assert not run.codes(2)[-1]
    assert run.boards[-1]["seats"][1]["moved"]


def test_absent_and_ended_are_said(run: Run) -> None:
    run.server.come("KS02")
    note(run.directory, "absent", "end", result="done", seat=1)
    note(run.directory, "end_seat", "end", result="done", seat=2, reason="提前交卷")
    run.run(200)
    assert run.states(1) == ["absent"]
    assert not run.codes(1)[-1]
    assert run.states(2) == ["ended"]
    assert run.codes(2)[-1] == {"ended_connected"}


def test_saves_and_their_absence(run: Run) -> None:
    for account in ("KS01", "KS02", "KS03"):
        run.server.come(account)
    run.at(60, lambda: run.server.save("KS01\\报告 一.docx", b"12345"))
    run.at(1500, lambda: run.server.save("KS02\\a", b"1"))
    run.run(1800)
    seat = run.boards[-1]["seats"][0]
    assert (seat["files"], seat["bytes"], seat["last_save"]["path"]) == (1, 5, "报告 一.docx")
    assert run.codes(1)[-1] == {"no_save"}
    assert not run.codes(2)[-1]
    assert "nothing_saved" in run.codes(3)[-1]


def test_what_the_exam_asks_for_and_is_not_there_is_said_near_the_deadline(run: Run) -> None:
    run.plan = replace(
        PLAN, required=[Required("表格处理", (".xlsx", ".et")), Required(folder="主图", kinds=(".png",))]
    )
    for account in ("KS01", "KS02", "KS03"):
        run.server.come(account)
    run.server.save("KS01\\账.xlsx", b"1")
    run.server.save("KS01\\主图\\1.PNG", b"1")
    # Empty, and in another folder: neither will do.
    run.server.save("KS02\\账.ET", b"")
    run.server.save("KS02\\1.png", b"1")
    run.at(7000, lambda: run.server.save("KS02\\账.ET", b"now"))
    run.run(7150)
    said = [next((one for one in each["seats"][1]["warnings"] if one["code"] == CODE), None) for each in run.boards]
    first = next(one for one in said if one)
    assert first["zh"].startswith("离截止还有 10 分钟")
    assert first["zh"].endswith("表格处理 .xlsx / .et；文件夹“主图”中的 .png")
    assert first["en"].endswith("表格处理 .xlsx / .et; .png in the folder 主图")
    assert said[-1] and said[-1]["en"].endswith("is not on the exam drive: .png in the folder 主图")
    before = [one for one, each in zip(said, run.boards, strict=True) if (each["server"]["time"] or "") < AT_110_MIN]
    assert before and not any(before)
    assert not any(CODE in codes for codes in run.codes(1))
    # Who has saved nothing at all is told so, once.
    assert run.codes(3)[-1] == {"nothing_saved"}


def of_seat(at: float, **changes: Any) -> list[str]:
    """What is said of a seat of an exam of a minute, whose candidate has saved one file, at ``at`` seconds."""
    now = Now(START + at, START, START + 60, True)
    folder = Folder({"a": Seen(1, 0, ANSWER)}, Save(START + 40, "a", 1, "seen"), looked_at=START + 44)
    here = Presence(addresses=(str(PLAN.seats[0]["address"]),), first=START, since=START)
    wanted = [Required(kinds=(".docx",))]
    seat = dict(PLAN.seats[0]) | changes
    row = judge.seat_row(seat, False, here, folder, 0, (), now, Settings(), wanted)
    return [one["zh"] for one in row["warnings"] if one["code"] == CODE]


def test_a_short_exam_is_nearly_over_before_anybody_is_reminded() -> None:
    assert of_seat(44) == []
    assert of_seat(45) == ["离截止还有 1 分钟，考试盘里还没有规定的文件：.docx"]


@pytest.mark.parametrize("changes", [{"absent": True}, {"ended": "提前交卷"}, {"candidate": None}])
def test_nobody_is_reminded_who_does_not_work(changes: dict[str, Any]) -> None:
    assert of_seat(50)
    assert of_seat(50, **changes) == []


def test_open_files_are_counted_below_the_own_folder_only(run: Run) -> None:
    run.server.come("KS01")
    run.server.save("KS01\\a.docx", b"1")
    run.server.open_list = [
        OpenFile(1, "D:\\Exam\\share\\KS01\\a.docx", "SERVER\\ks01", 0),
        OpenFile(2, "D:\\Exam\\share\\KS01\\a.docx", "ks01", 0),
        OpenFile(3, "D:\\Exam\\share\\KS01", "ks01", 0),
        OpenFile(4, "\\PIPE\\srvsvc", "ks01", 0),
        OpenFile(5, "D:\\Exam\\share\\KS02\\a.docx", "Administrator", 0),
    ]
    run.run(10)
    assert [seat["open_files"] for seat in run.boards[-1]["seats"]] == [1, 0, 0, 0]


def test_a_lost_connection_is_said_and_made_anew(run: Run) -> None:
    run.server.come("KS01")
    run.at(15, lambda: run.server.faults.append(connection_lost("server", "cable")))
    run.at(16, lambda: run.server.refusals.extend([unreachable("server", "off")] * 6))
    run.run(90)
    assert any("server_lost" in codes for codes in run.codes())
    assert not any(run.boards[-1]["warnings"])
    # While nobody can see, no seat is called lost.
    blind = [one for one in run.boards if not one["server"]["reachable"]]
    assert blind and all(not one["seats"][0]["warnings"] for one in blind)
    # Never so long without a word that the board would look dead.
    beats = [one["heartbeat"]["monotonic_s"] for one in run.boards]
    assert max(late - early for early, late in itertools.pairwise(beats)) < board.STALE_AFTER_S


def test_a_refused_password_is_tried_once(run: Run) -> None:
    run.server.refusals = [LogonRefused("错", "wrong", "STATUS_LOGON_FAILURE")] * 3
    with pytest.raises(LogonRefused):
        run.run(60)
    assert run.server.connects == 1
    assert [one["code"] for one in board.read(run.directory)["warnings"]] == ["logon_refused"]


def test_the_switch_is_compared_with_the_deadline_but_not_while_it_moves(run: Run) -> None:
    later = "2026-11-25T03:10:00.000Z"

    def extend() -> None:
        note(run.directory, "extend", "end", result="done", deadline=later, minutes=10, reason="停电")

    def rearm() -> None:
        run.server.armed_as = {"session": "s1", "deadline": later}
        run.server.expires = dict.fromkeys(run.server.expires, START + 7800)

    run.at(30, extend)
    run.at(33, rearm)
    run.run(300)
    assert not any(run.codes())
    assert run.boards[-1]["deadline"] == later


@pytest.mark.parametrize(
    ("armed", "code"),
    [
        ({}, "switch_missing"),
        ({"session": "s1", "deadline": "2026-11-25T04:00:00.000Z"}, "switch_differs"),
        ({"session": "other", "deadline": DEADLINE}, "switch_differs"),
    ],
)
def test_a_switch_that_is_wrong_is_said(run: Run, armed: dict[str, str], code: str) -> None:
    run.server.armed_as = armed
    run.run(30)
    assert run.codes()[-1] == {code}


def test_a_damaged_switch_and_wrong_expiry_are_said(run: Run) -> None:
    run.server.expires["KS02"] = None

    def damaged() -> dict[str, str]:
        raise ExamError("坏", "damaged")

    run.server.armed = damaged  # type: ignore[method-assign]
    run.run(30)
    assert run.codes()[-1] == {"switch_unread", "expiry_differs"}


def test_a_clock_that_is_set_is_said_at_the_next_look(run: Run) -> None:
    def set_clock() -> None:
        run.server.offset += 90

    run.at(30, set_clock)
    run.run(60)
    assert not any("clock_step" in codes for codes in run.codes()[:9])
    assert "clock_step" in run.codes()[-1]
    assert run.boards[-1]["server"]["moved_ms"] == pytest.approx(90_000)


def test_moments_move_with_the_clock_once_the_journal_says_so(run: Run) -> None:
    run.server.come("KS01")
    run.server.save("KS01\\a", b"1", START + 1)

    def set_clock() -> None:
        run.server.offset += 3600
        moments = {"started_at": "2026-11-25T02:00:00.000Z", "deadline": "2026-11-25T04:00:00.000Z"}
        note(run.directory, "clock", "note", **moments)

    run.at(30, set_clock)
    run.run(60)
    seat = run.boards[-1]["seats"][0]
    assert seat["state"] == "online"
    assert seat["losses"] == 0
    assert seat["last_save"]["at"] == "2026-11-25T02:00:01.000Z"
    assert "no_save" not in run.codes(1)[-1]
    # A watch started again finds the sitting it knows.
    again = Run(run.directory, run.server)
    again.watch().once()
    assert memory.load(run.directory).started_at == "2026-11-25T02:00:00.000Z"


def test_disc_space(run: Run) -> None:
    run.server.free = 3_000_000_000
    run.at(100, lambda: setattr(run.server, "free", 500_000_000))
    run.run(200)
    assert run.codes()[5] == {"disc_low"}
    assert run.codes()[-1] == {"disc_full"}


def test_nobody_is_disturbed_around_the_deadline(run: Run) -> None:
    run.server.offset += 7170
    run.settings = Settings(give_up_min=1)
    run.at(35, run.server.listed.clear)
    ended = run.watch().run()
    assert ended.reason == "deadline"
    assert run.server.listed == []
    assert not run.codes(1)[-1], "after the deadline nobody is missing"


def test_started_again_it_goes_on(run: Run) -> None:
    run.server.come("KS01")
    run.server.save("KS01\\a", b"1", START + 1)
    run.at(40, lambda: run.server.go("KS01"))

    class Killed(BaseException):
        pass

    def kill() -> None:
        raise Killed

    run.at(45, kill)
    with pytest.raises(Killed):
        run.watch().run()
    again = Run(run.directory, run.server)
    again.server.now += 600
    again.run(30)
    seat = again.boards[-1]["seats"][0]
    assert seat["state"] == "lost"
    assert seat["last_save"]["at"] == "2026-11-25T01:00:01.000Z"
    assert again.boards[-1]["server"]["moved_ms"] == 0


def test_a_damaged_memory_is_no_memory(run: Run) -> None:
    path = run.directory / "watch" / memory.FILE
    path.parent.mkdir()
    path.write_bytes(b'{"version": 1')
    run.run(10)
    assert memory.load(run.directory).started_at is not None


def test_another_sitting_forgets_the_one_before(run: Run) -> None:
    run.server.come("KS01")
    run.server.save("KS01\\a", b"1")
    run.run(10)
    kept = memory.load(run.directory)
    assert kept.of(PLAN.accounts, kept.started_at).folders["KS01"].files
    assert not kept.of(PLAN.accounts, "2026-11-26T01:00:00.000Z").folders["KS01"].files


def test_a_journal_that_is_broken_is_said_and_the_watch_goes_on(run: Run) -> None:
    def break_it() -> None:
        (run.directory / "journal.jsonl").write_bytes(b"{}\n")

    run.at(20, break_it)

    class Enough(BaseException):
        pass

    def enough() -> None:
        raise Enough

    run.at(40, enough)
    with pytest.raises(Enough):
        run.watch().run()
    assert "journal_unread" in run.codes()[-1]
    assert run.boards[-1]["deadline"] == DEADLINE


def test_one_look_writes_nothing(run: Run) -> None:
    run.server.save("KS02\\a", b"123")
    seen = run.watch().once()
    assert seen["seats"][1]["bytes"] == 3
    assert not (run.directory / "watch").exists()


def test_options_that_make_no_sense_are_refused() -> None:
    with pytest.raises(ExamError, match="interval_s"):
        settings_of({"interval_s": 0.0})
    with pytest.raises(ExamError, match="scan_share"):
        settings_of({"scan_share": 0.0})
    assert settings_of({"interval_s": None, "first_save_min": 3.0}).first_save_min == 3.0
