"""The cutoff against a server in memory, in simulated time: order, repetition, faults, and whom it leaves alone."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from exam_room.cutoff import cutoff
from exam_room.cutoff import record as cutoff_record
from exam_room.cutoff.order import Order, Time
from exam_room.cutoff.record import Record
from exam_room.errors import ExamError
from exam_room.server.clock import Sample, ServerClock, combine
from exam_room.wire.smberrors import AccessDenied, ConnectionLost, Unreachable, connection_lost, unreachable
from exam_room.wire.srvsvc import OpenFile, SessionInfo

EPOCH = 1_700_000_000.0
ROOT = r"D:\Exam\share"
SEATS = [
    {"number": number, "host": f"pc{number:02d}", "address": f"10.0.0.{100 + number}", "account": f"KS{number:02d}"}
    for number in (1, 2, 3)
]


class FakeServer:
    """A server with a share, accounts, sessions and files. Monotonic time advances by sleeping and by calling."""

    def __init__(self, ahead: float = 0.0) -> None:
        self.now = 0.0
        self.ahead = ahead
        self.share: str | None = ROOT
        self.enabled = {str(seat["account"]): True for seat in SEATS}
        self.session_list = [SessionInfo(f"\\\\{seat['address']}", str(seat["account"]), 1, 9, 0) for seat in SEATS]
        self.session_list += [SessionInfo("\\\\10.0.0.1", "Administrator", 1, 9, 0)]
        self.files = [
            OpenFile(10 + int(str(s["number"])), f"{ROOT}\\{s['account']}\\a.docx", str(s["account"]), 0) for s in SEATS
        ]
        self.files += [OpenFile(1, f"{ROOT}\\KS01\\a.docx", "Administrator", 0), OpenFile(2, r"D:\other.txt", "Bob", 0)]
        self.log: list[tuple[str, float]] = []
        self.faults: dict[str, list[Exception]] = {}
        self.events: list[tuple[float, Callable[[], None]]] = []
        self.survive_share_removal = False
        self.armed: float | None = None
        self._lock = threading.RLock()

    # what the test turns

    def at(self, moment: float, event: Callable[[], None]) -> None:
        self.events.append((moment, event))

    def fail(self, name: str, *errors: Exception) -> None:
        self.faults[name] = list(errors)

    def calls(self, name: str) -> list[float]:
        return [moment for called, moment in self.log if called == name]

    # time

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        assert seconds >= 0
        with self._lock:
            self._pass(seconds)

    def _pass(self, seconds: float) -> None:
        self.now += seconds
        for event in [one for one in self.events if one[0] <= self.now]:
            self.events.remove(event)
            event[1]()

    def _call(self, name: str) -> None:
        with self._lock:
            self._pass(0.001)
            self.log.append((name, self.now))
            if self.faults.get(name):
                raise self.faults[name].pop(0)

    # cutoff.Wire

    def reconnect(self, line: int) -> None:
        self._call(f"reconnect{line}")

    def clock(self) -> ServerClock:
        self._call("clock")
        stamps = [Sample(self.now - 0.002, self.now - 0.001, int((EPOCH + self.now + self.ahead) * 100))]
        return combine(stamps, EPOCH)

    def clock_sample(self) -> Sample:
        self._call("clock_sample")
        return Sample(self.now - 0.002, self.now - 0.001, int((EPOCH + self.now + self.ahead) * 100))

    def rearm(self, deadline: float) -> None:
        self._call("rearm")
        self.armed = deadline

    def share_path(self) -> str | None:
        self._call("share_path")
        return self.share

    def delete_share(self) -> bool:
        self._call("delete_share")
        there, self.share = self.share is not None, None
        if there and not self.survive_share_removal:
            self.files = [one for one in self.files if not one.user.startswith("KS")]
        return there

    def sessions(self, line: int = 0) -> list[SessionInfo]:
        self._call("sessions")
        return list(self.session_list)

    def end_session(self, client: str, user: str, line: int = 0) -> bool:
        self._call("end_session")
        assert user
        before = len(self.session_list)
        self.session_list = [one for one in self.session_list if (one.client, one.user) != (client, user)]
        return len(self.session_list) < before

    def open_files(self, line: int = 0) -> list[OpenFile]:
        self._call("open_files")
        return list(self.files)

    def close_file(self, file_id: int, line: int = 0) -> bool:
        self._call("close_file")
        before = len(self.files)
        self.files = [one for one in self.files if one.id != file_id]
        return len(self.files) < before

    def ready_accounts(self, names: Sequence[str]) -> list[str]:
        self._call("ready_accounts")
        return [name for name in names if name not in self.enabled]

    def disable_accounts(self) -> list[str]:
        self._call("disable_accounts")
        changed = [name for name, on in self.enabled.items() if on]
        self.enabled = dict.fromkeys(self.enabled, False)
        return changed

    def try_logon(self, account: str, password: str) -> str:
        self._call("try_logon")
        return "STATUS_SUCCESS" if self.enabled[account] else "STATUS_ACCOUNT_DISABLED"

    def last_write(self, accounts: Sequence[str]) -> tuple[str, float] | None:
        self._call("last_write")
        return r"Exam\share\KS02\a.docx", EPOCH + 119.5


def order(deadline: float | None = EPOCH + 120.0, **more: Any) -> Order:
    settings: dict[str, Any] = {
        "server": "10.0.0.10",
        "share": "exam",
        "root": ROOT,
        "own_user": "Administrator",
        "seats": SEATS,
        "deadline": deadline,
        "look_again_s": 5.0,
        "give_up_s": 30.0,
        "passwords": {"KS02": "secret"},
    }
    return Order(**{**settings, **more})


def run(server: FakeServer, wanted: Order | None = None, check: bool = False) -> Record:
    return cutoff.run(server, wanted or order(), Time(server.monotonic, server.sleep), check)


@pytest.mark.parametrize("ahead", [0.0, 90.0, -90.0], ids=["in step", "ahead", "behind"])
def test_nothing_is_touched_before_the_deadline_of_the_servers_clock(ahead: float) -> None:
    server = FakeServer(ahead)
    record = run(server)
    touched = [
        moment
        for name, moment in server.log
        if name in ("delete_share", "disable_accounts", "end_session", "close_file")
    ]
    assert min(touched) + ahead >= 120.0
    assert min(touched) + ahead < 120.05
    assert record.complete


def test_everything_of_the_seats_is_gone_and_nothing_else() -> None:
    server = FakeServer()
    record = run(server).as_dict()
    assert server.share is None
    assert not any(server.enabled.values())
    assert [one.user for one in server.session_list] == ["Administrator"]
    assert [one.id for one in server.files] == [1, 2]
    assert record["complete"]
    assert record["logon"] == {
        "account": "KS02",
        "status": "STATUS_ACCOUNT_DISABLED",
        "refused": True,
        "start_ms": pytest.approx(record["logon"]["start_ms"]),
        "end_ms": pytest.approx(record["logon"]["end_ms"]),
    }
    assert record["last_write"]["ms_from_deadline"] == -500.0


def test_the_share_goes_first_with_nothing_beside_it() -> None:
    server = FakeServer()
    run(server)
    touching = [name for name, _ in server.log if name in ("delete_share", "disable_accounts", "end_session")]
    assert touching[:2] == ["delete_share", "disable_accounts"]


def test_a_server_slow_with_the_share_is_not_waited_for_with_the_accounts() -> None:
    server = FakeServer()
    disabled = threading.Event()
    delete, disable = server.delete_share, server.disable_accounts

    def slow() -> bool:
        # Fails, instead of waiting for ever, where the accounts come after the share.
        assert disabled.wait(20)
        return delete()

    def disabling() -> list[str]:
        disabled.set()
        return disable()

    server.delete_share = slow  # type: ignore[method-assign]
    server.disable_accounts = disabling  # type: ignore[method-assign]
    assert run(server).complete
    assert server.share is None


def test_opens_that_outlive_the_share_are_closed_even_without_a_session() -> None:
    server = FakeServer()
    server.survive_share_removal = True
    server.files.append(OpenFile(77, f"{ROOT}\\KS01\\lost.xlsx", "", 0))
    record = run(server)
    assert [one.id for one in server.files] == [1, 2]
    assert record.complete


def test_a_neighbouring_folder_with_the_same_beginning_is_left_alone() -> None:
    server = FakeServer()
    server.files.append(OpenFile(78, ROOT + r"-old\a.txt", "Bob", 0))
    run(server)
    assert 78 in [one.id for one in server.files]


def test_every_seat_stands_in_the_record_with_what_it_had_open() -> None:
    server = FakeServer()
    server.session_list = [one for one in server.session_list if one.user != "KS03"]
    server.files = [one for one in server.files if one.user != "KS03"]
    seats = run(server).as_dict()["seats"]
    assert [(seat["account"], seat["connected"], len(seat["open_files"])) for seat in seats] == [
        ("KS01", True, 1),
        ("KS02", True, 1),
        ("KS03", False, 0),
    ]
    assert seats[0]["connected_from"] == ["10.0.0.101"]


def test_sessions_that_come_back_are_ended_until_none_is_left() -> None:
    server = FakeServer()
    comebacks = [5]
    real = server.end_session

    def stubborn(client: str, user: str, line: int = 0) -> bool:
        done = real(client, user)
        if done and user == "KS01" and comebacks[0]:
            comebacks[0] -= 1
            server.session_list.append(SessionInfo(client, user, 0, 0, 0))
        return done

    server.end_session = stubborn  # type: ignore[method-assign]
    record = run(server)
    assert record.complete
    assert not [one for one in server.session_list if one.user == "KS01"]


def test_a_second_cut_changes_nothing() -> None:
    server = FakeServer()
    assert run(server).changed
    server.log.clear()
    again = run(server, order(deadline=None))
    assert not again.changed
    assert again.complete
    assert not server.calls("end_session") + server.calls("close_file")


def test_now_does_not_wait() -> None:
    server = FakeServer()
    record = run(server, order(deadline=None))
    assert server.calls("delete_share")[0] < 1.0
    assert record.as_dict()["mode"] == "now"


def test_a_deadline_that_is_past_cuts_at_once_and_says_how_late() -> None:
    server = FakeServer()
    record = run(server, order(deadline=EPOCH - 60.0)).as_dict()
    assert server.calls("delete_share")[0] < 1.0
    assert record["share_removed_ms"] > 60_000


def test_check_mode_touches_nothing_and_does_not_wait() -> None:
    server = FakeServer()
    record = run(server, check=True)
    names = {name for name, _ in server.log}
    assert not names & {"delete_share", "disable_accounts", "end_session", "close_file", "try_logon"}
    assert server.now < 1.0
    assert [seat["connected"] for seat in record.as_dict()["seats"]] == [True, True, True]
    assert not record.changed
    assert "act by hand" not in cutoff_record.text(record.as_dict())


@pytest.mark.parametrize("name", ["delete_share", "disable_accounts", "sessions", "open_files", "last_write"])
def test_a_lost_connection_is_made_anew_and_the_action_repeated(name: str) -> None:
    server = FakeServer()
    server.at(119.9, lambda: server.fail(name, connection_lost("10.0.0.10", "reset"), connection_lost("10", "reset")))
    record = run(server)
    assert server.share is None
    assert not any(server.enabled.values())
    assert not [one for one in server.session_list if one.user.startswith("KS")]
    assert record.complete
    assert record.retries


def test_the_connection_may_be_lost_while_waiting() -> None:
    server = FakeServer()
    server.at(50.0, lambda: server.fail("clock", connection_lost("10.0.0.10", "reset")))
    server.at(50.0, lambda: server.fail("reconnect0", *[unreachable("10.0.0.10", "no route")] * 3))
    record = run(server)
    assert record.complete
    assert server.calls("delete_share")[0] == pytest.approx(120.0, abs=0.1)


def test_a_server_gone_for_good_is_a_problem_and_the_task_ends() -> None:
    server = FakeServer()

    def dead() -> None:
        for name in (
            "delete_share",
            "disable_accounts",
            "sessions",
            "reconnect0",
            "reconnect1",
            "try_logon",
            "last_write",
        ):
            server.fail(name, *[unreachable("10.0.0.10", "no route")] * 10_000)

    server.at(119.9, dead)
    record = run(server)
    assert not record.complete
    assert record.problems
    assert server.now < 120 + 30 + 60


def test_a_refusal_of_one_action_does_not_stop_the_others() -> None:
    server = FakeServer()
    server.fail("delete_share", AccessDenied("", "not allowed", "STATUS_ACCESS_DENIED"))
    record = run(server)
    assert not any(server.enabled.values())
    assert not [one for one in server.session_list if one.user.startswith("KS")]
    assert any("not allowed" in problem for problem in record.problems)


def test_what_comes_back_within_the_look_is_cut_again() -> None:
    server = FakeServer()

    def restore() -> None:
        server.share = ROOT
        server.enabled["KS02"] = True
        server.session_list.append(SessionInfo("\\\\10.0.0.102", "KS02", 1, 0, 0))

    server.at(122.5, restore)
    record = run(server)
    assert server.share is None
    assert not any(server.enabled.values())
    assert not [one for one in server.session_list if one.user == "KS02"]
    assert len(record.found_again) == 3
    assert record.looked_again_s == pytest.approx(5.0, abs=1.0)


def test_a_candidate_who_can_still_log_on_is_a_problem() -> None:
    server = FakeServer()
    server.try_logon = lambda account, password: "STATUS_SUCCESS"  # type: ignore[method-assign]
    record = run(server)
    assert not record.complete
    assert record.as_dict()["logon"]["refused"] is False


def test_without_a_password_the_logon_is_unknown_not_refused() -> None:
    record = run(FakeServer(), order(passwords={})).as_dict()
    assert "unknown" in record["logon"]
    assert "refused" not in record["logon"]


def test_a_missing_account_is_said() -> None:
    server = FakeServer()
    del server.enabled["KS03"]
    record = run(server)
    assert any("KS03" in problem for problem in record.problems)


def test_the_administrator_can_never_be_a_seat() -> None:
    with pytest.raises(ExamError):
        run(FakeServer(), order(own_user="KS01"))


def test_the_text_is_chinese_then_english_and_holds_no_password() -> None:
    text = cutoff_record.text(run(FakeServer()).as_dict())
    assert text.index("截止断连记录") < text.index("Record of the cutoff")
    assert "secret" not in text
    assert "KS02" in text


def test_errors_that_are_retried_are_those_of_the_connection() -> None:
    assert issubclass(ConnectionLost, ExamError)
    assert not issubclass(AccessDenied, ConnectionLost | Unreachable)
