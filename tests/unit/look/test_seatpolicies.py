"""Policies of who is signed in: read in his part of the registry, once he is, at all seats at once."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import pytest

from exam_room.look.policies import USER_POLICIES, user_policies
from exam_room.look.seatpolicies import Seat, Seen, at_seat, look
from exam_room.server.policies import write
from exam_room.wire.wsman import Wmi, WsmanError
from standin.endpoint.__main__ import without_samba
from standin.endpoint.commands import Commands
from standin.endpoint.host import Host
from standin.endpoint.models.principals import sid_of
from standin.endpoint.models.profiles import load_profile
from standin.endpoint.payload import ModuleCall
from unit.served_host import serving

BOTH: Final = ("sleep", "notifications")
NAMES: Final = ["ScreenSaveActive", "NoToastApplicationNotification"]


@pytest.fixture
def host(tmp_path: Path) -> Host:
    """A client with the account of its seat."""
    host = without_samba(tmp_path)
    host.server = False
    account = {"name": "KS01", "password": "Pw-12345678", "groups": ["S-1-5-32-545"]}
    assert Commands(host).module(ModuleCall("ansible.windows.win_user", account, False, False))["changed"]
    return host


@pytest.fixture
def wmi(host: Host, tmp_path: Path) -> Iterator[Wmi]:
    with serving(host, tmp_path) as served, Wmi(served.login) as connection:
        yield connection


def sign_in(host: Host) -> None:
    with host.store.change() as state:
        load_profile(host, state, "KS01")


def names(seen: dict[str, Any] | None) -> list[str] | None:
    return None if seen is None else [one["name"] for one in seen["policies"]]


def settle(wmi: Wmi, purposes: Sequence[str] = BOTH) -> None:
    """What prepare does at a seat."""
    seen = at_seat(wmi, "KS01", purposes, 0)
    assert seen is not None
    write(wmi, seen["policies"], seen["sid"])


def test_what_is_set_is_what_the_next_look_finds_right(host: Host, wmi: Wmi) -> None:
    sign_in(host)
    assert names(at_seat(wmi, "KS01", BOTH, 0)) == names(at_seat(wmi, "ks01", BOTH, 0)) == NAMES
    settle(wmi)
    assert at_seat(wmi, "KS01", BOTH, 0) == {"sid": sid_of(host, "KS01"), "policies": []}
    (found,) = user_policies(wmi) or []
    assert found["sid"] == sid_of(host, "KS01")
    assert all(one["found_is_wanted"] for one in found["policies"])
    assert {one["name"]: one["found"] for one in found["policies"]} == {one.name: one.wanted for one in USER_POLICIES}


def test_what_the_site_does_not_want_stays(host: Host, wmi: Wmi) -> None:
    sign_in(host)
    settle(wmi, ["updates", "sleep"])
    assert names(at_seat(wmi, "KS01", BOTH, 0)) == NAMES[1:]
    assert names(at_seat(wmi, "KS01", ["updates"], 0)) == []


def test_a_new_profile_has_none_of_them(host: Host, wmi: Wmi) -> None:
    sign_in(host)
    settle(wmi)
    with host.store.change() as state:
        state["profiles"][sid_of(host, "KS01")]["loaded"] = False
    gone = {"username": "KS01", "state": "absent"}
    assert Commands(host).module(ModuleCall("ansible.windows.win_user_profile", gone, False, False))["changed"]
    sign_in(host)
    assert names(at_seat(wmi, "KS01", BOTH, 0)) == NAMES


class Clock:
    """Moves by what is slept; ``then`` happens after the first pause."""

    def __init__(self, then: Any = None) -> None:
        self.now, self.then = 0.0, then

    def read(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        if self.then is not None:
            self.then()


def test_an_account_that_is_being_signed_in_is_waited_for(host: Host, wmi: Wmi) -> None:
    clock = Clock(then=lambda: sign_in(host))
    wrong = at_seat(wmi, "KS01", BOTH, 60, clock.read, clock.sleep)
    assert names(wrong) == NAMES
    assert 0 < clock.now < 10


@pytest.mark.parametrize("account", ["KS01", "KS02"])
def test_nobody_is_waited_for_for_ever(host: Host, wmi: Wmi, account: str) -> None:
    clock = Clock()
    assert at_seat(wmi, account, BOTH, 60, clock.read, clock.sleep) is None
    assert clock.now <= 60


def test_nothing_is_made_for_who_is_not_signed_in(host: Host, wmi: Wmi) -> None:
    wanted = [{"key": "Software", "name": "A", "wanted": "0"}]
    with pytest.raises(WsmanError, match="error 87"):
        write(wmi, wanted, sid_of(host, "KS01"))
    sign_in(host)
    write(wmi, wanted, sid_of(host, "KS01"))


def test_a_seat_that_cannot_be_asked_does_not_keep_the_others(host: Host, tmp_path: Path) -> None:
    sign_in(host)
    with serving(host, tmp_path) as served:
        up, down = served.login, dataclasses.replace(served.login, port=1)
        seen = look([Seat("pc01", "KS01", up), Seat("pc02", "KS02", up), Seat("pc03", "KS03", down)], BOTH, 0)
    assert {name: names(wrong) for name, wrong in seen.wrong.items()} == {"pc01": NAMES}
    assert seen.not_signed_in == ["pc02"]
    assert list(seen.failed) == ["pc03"] and "127.0.0.1" in seen.failed["pc03"]


def test_no_seat_at_all() -> None:
    assert look([], BOTH, 60) == Seen()
