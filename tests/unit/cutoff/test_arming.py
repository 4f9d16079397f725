"""Both locks together: in which order they move, and what is said when the second fails."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

import pytest

from exam_room.cutoff import switch
from exam_room.cutoff.arming import Locks, Outcome
from exam_room.cutoff.switch import ARMED, Armed
from exam_room.errors import ExamError
from exam_room.wire.smberrors import NotFound, connection_lost
from unit.cutoff.test_switch import SESSION, FakeServer
from unit.wire_fakes import FakeDomain, FakeShare, FakeUser

DEADLINE = SESSION.seconds
NOW = DEADLINE - 3600
LATER = dataclasses.replace(SESSION, deadline="2026-11-25T03:10:00.000Z")
EARLIER = dataclasses.replace(SESSION, deadline="2026-11-25T02:50:00.000Z")


class Watched:
    """A server and its accounts that note, after every single change, what would strike first."""

    def __init__(self) -> None:
        self.server, self.domain = FakeServer(), FakeDomain()
        self.now = NOW
        self.fail_after: int | None = None
        self.seen: list[tuple[float | None, list[float | None]]] = []
        for name in ("KS01", "KS02"):
            self.domain.create(name)
        self.domain.writes = 0

    def locks(self, check: bool = False) -> Locks:
        return Locks(self.server, self.domain, lambda: self.now, check, lambda seconds: None)

    def arm(self, wanted: Armed = SESSION, check: bool = False) -> Outcome:
        return self.locks(check).arm(wanted)

    @property
    def file(self) -> float | None:
        armed = switch.held(self.server)
        return armed.seconds if armed else None

    @property
    def expiry(self) -> dict[str, float | None]:
        return {name: self.domain.accounts[name]["expires"] for name in ("KS01", "KS02")}

    @property
    def writes(self) -> int:
        return self.server.files.writes + self.domain.writes

    def breaks_off(self) -> bool:
        """Whether the connection is lost before the next change."""
        return self.fail_after is not None and len(self.seen) >= self.fail_after

    def note(self) -> None:
        self.seen.append((self.file, list(self.expiry.values())))


@pytest.fixture
def room(monkeypatch: pytest.MonkeyPatch) -> Iterator[Watched]:
    watched = Watched()

    def wrap(kind: type[Any], name: str) -> None:
        act = getattr(kind, name)

        def noted(*arguments: Any) -> Any:
            if watched.breaks_off():
                raise connection_lost("10.0.0.10", "reset")
            result = act(*arguments)
            watched.note()
            return result

        monkeypatch.setattr(kind, name, noted)

    wrap(FakeUser, "set_expires")
    wrap(FakeShare, "write")
    wrap(FakeShare, "remove")
    yield watched


def test_arming_sets_both_and_the_second_time_writes_nothing(room: Watched) -> None:
    outcome = room.arm()
    assert outcome.changed
    assert outcome.armed == dataclasses.replace(SESSION, armed_at="2026-11-25T02:00:00.000Z")
    assert room.file == DEADLINE
    assert room.expiry == {"KS01": DEADLINE, "KS02": DEADLINE}
    writes = room.writes
    room.now += 60
    again = room.arm()
    assert not again.changed
    assert (again.before, again.armed) == (again.after, outcome.armed)
    assert room.writes == writes


@pytest.mark.parametrize("wanted", [LATER, EARLIER])
def test_nothing_ever_strikes_before_the_old_and_the_new_deadline(room: Watched, wanted: Armed) -> None:
    room.arm()
    room.seen.clear()
    room.arm(wanted)
    assert room.seen
    for file, expiries in room.seen:
        assert file in (DEADLINE, wanted.seconds)
        # No account is locked out while the switch still leaves it in.
        assert all(one is not None and one >= file for one in expiries)
    assert (room.file, set(room.expiry.values())) == (wanted.seconds, {wanted.seconds})


def test_disarming_frees_the_accounts_first(room: Watched) -> None:
    room.arm()
    room.seen.clear()
    outcome = room.locks().disarm(["KS01"])
    assert outcome.changed
    assert outcome.armed is None
    # KS02 is not named, but the file names it.
    assert room.seen == [(DEADLINE, [None, DEADLINE]), (DEADLINE, [None, None]), (None, [None, None])]
    assert not room.locks().disarm(["KS01", "KS02"]).changed


def test_disarming_a_bare_server_changes_nothing(room: Watched) -> None:
    room.server.files.files.clear()
    outcome = room.locks().disarm(["KS01", "KS99"])
    assert not outcome.changed
    assert outcome.expires == {"KS01": None}


def test_a_damaged_file_is_removed_by_disarming_and_replaced_by_arming(room: Watched) -> None:
    room.server.files.files[ARMED] = b"{"
    assert room.locks().disarm([]).changed
    room.server.files.files[ARMED] = b"{"
    room.arm()
    assert room.file == DEADLINE


def test_reading_changes_nothing_and_leaves_out_who_is_not_there(room: Watched) -> None:
    room.arm()
    writes = room.writes
    outcome = room.locks().read(["ks01", "KS99"])
    assert (outcome.changed, outcome.armed and outcome.armed.deadline) == (False, SESSION.deadline)
    assert outcome.result()["expires"] == {"ks01": SESSION.deadline}
    assert room.writes == writes


def test_check_mode_predicts_and_writes_nothing(room: Watched) -> None:
    predicted = room.arm(check=True)
    assert room.writes == 0
    done = room.arm()
    assert predicted == done
    room.seen.clear()
    predicted = room.locks(check=True).disarm(["KS01", "KS02"])
    assert not room.seen
    assert room.locks().disarm(["KS01", "KS02"]) == predicted


@pytest.mark.parametrize("now", [DEADLINE, DEADLINE + 60])
def test_a_deadline_that_is_past_is_refused_before_anything_is_touched(room: Watched, now: float) -> None:
    room.now = now
    with pytest.raises(ExamError, match="cut at once"):
        room.arm()
    assert room.writes == 0


def test_what_is_armed_already_may_be_past(room: Watched) -> None:
    room.arm()
    room.now = DEADLINE + 60
    assert not room.arm().changed


def test_an_account_that_is_missing_is_refused_before_anything_is_touched(room: Watched) -> None:
    with pytest.raises(NotFound, match="KS99"):
        room.arm(dataclasses.replace(SESSION, accounts=("KS01", "KS99")))
    assert room.writes == 0


@pytest.mark.parametrize(
    ("wanted", "after", "said"),
    [
        # Later: expiry first. The switch still holds the old deadline.
        (LATER, 0, "still armed for .*T03:00:00.000Z; expiry changed: -; not changed, or not known: KS01, KS02"),
        (LATER, 1, "still armed for .*T03:00:00.000Z; expiry changed: KS01; not changed, or not known: KS02"),
        (LATER, 2, "T03:00:00.000Z or armed for .*T03:10:00.000Z.*; expiry changed: KS01, KS02; .* known: -"),
        # Earlier: the switch first.
        (EARLIER, 0, "T03:00:00.000Z or armed for .*T02:50:00.000Z.*; expiry changed: -; .* known: KS01, KS02"),
        (EARLIER, 1, "armed for .*T02:50:00.000Z already; expiry changed: -; not changed, or not known: KS01, KS02"),
        (EARLIER, 2, "armed for .*T02:50:00.000Z already; expiry changed: KS01; not changed, or not known: KS02"),
    ],
)
def test_when_it_breaks_off_the_message_says_what_is_in_force(
    room: Watched, wanted: Armed, after: int, said: str
) -> None:
    room.arm()
    room.seen.clear()
    room.fail_after = after
    with pytest.raises(ExamError, match=said) as caught:
        room.arm(wanted)
    assert "connection lost" in caught.value.en
    assert "连接中断" in caught.value.zh
    # And it is mended by doing it again.
    room.fail_after = None
    assert room.arm(wanted).changed
    assert (room.file, set(room.expiry.values())) == (wanted.seconds, {wanted.seconds})


def test_an_expiry_that_does_not_stay_is_told(room: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FakeUser, "set_expires", lambda self, moment: None)
    with pytest.raises(ExamError, match="reads back differently: KS01, KS02"):
        room.arm()
