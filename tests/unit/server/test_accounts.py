"""Keeping accounts: what is created, tried, set and left alone."""

from __future__ import annotations

import pytest

from exam_room.errors import ExamError
from exam_room.server.accounts import Outcome, Wanted, ensure, switched_on, unexpected
from exam_room.wire import samr
from exam_room.wire.smberrors import ConnectionLost, NotFound
from unit.wire_fakes import FakeDomain

WANTED = [Wanted(f"KS{number:02d}", f"Pw-{number}!", f"机位 {number}") for number in range(1, 4)]


@pytest.fixture
def host() -> FakeDomain:
    return FakeDomain()


def present(host: FakeDomain, enabled: bool | None = None, check: bool = False) -> Outcome:
    return ensure(host, WANTED, "present", enabled, check)


def test_missing_accounts_are_made_disabled_and_complete(host: FakeDomain) -> None:
    outcome = present(host)
    assert outcome.created == ["KS01", "KS02", "KS03"]
    for wanted in WANTED:
        account = host.accounts[wanted.name]
        assert account["flags"] == samr.NORMAL_ACCOUNT | samr.NEVER_EXPIRES | samr.DISABLED
        assert account["password"] == wanted.password
        assert account["comment"] == wanted.comment
        assert not account["may_change"]


def test_only_the_first_new_password_is_proved(host: FakeDomain) -> None:
    outcome = present(host, enabled=True)
    assert host.logons == ["KS01"]
    assert outcome.proven == {"account": "KS01", "status": "STATUS_SUCCESS"}


def test_a_password_that_does_not_work_stops_the_rest(host: FakeDomain) -> None:
    host.forced_status["KS01"] = "STATUS_LOGON_FAILURE"
    with pytest.raises(ExamError, match="KS01"):
        present(host)
    assert "KS02" not in host.accounts


def test_a_refused_password_leaves_no_half_made_account(host: FakeDomain) -> None:
    host.refuse_password.add("KS01")
    with pytest.raises(ExamError):
        present(host)
    assert "KS01" not in host.accounts


def test_the_second_run_writes_nothing(host: FakeDomain) -> None:
    present(host, enabled=True)
    host.writes = 0
    outcome = present(host, enabled=True)
    assert not outcome.changed
    assert host.writes == 0
    assert outcome.before == outcome.after


def test_check_mode_predicts_and_writes_nothing(host: FakeDomain) -> None:
    predicted = present(host, check=True)
    assert (host.writes, host.logons) == (0, [])
    done = present(host)
    assert predicted.created == done.created
    assert predicted.after == done.after


def test_check_mode_on_what_differs_predicts_too(host: FakeDomain) -> None:
    present(host)
    host.accounts["KS02"].update(password="other", comment="old", may_change=True)
    host.writes = 0
    predicted = present(host, enabled=True, check=True)
    assert host.writes == 0
    done = present(host, enabled=True)
    for name in ("password_set", "settings_changed", "enabled", "created", "after"):
        assert getattr(predicted, name) == getattr(done, name), name
    assert done.password_set == ["KS02"]
    assert done.settings_changed == ["KS02"]
    assert done.enabled == ["KS01", "KS02", "KS03"]


def test_each_existing_password_is_tried_once(host: FakeDomain) -> None:
    present(host)
    host.logons.clear()
    present(host)
    assert sorted(host.logons) == ["KS01", "KS02", "KS03"]


def test_enabled_left_out_leaves_existing_accounts_as_they_are(host: FakeDomain) -> None:
    present(host, enabled=True)
    assert not present(host).changed
    assert not host.accounts["KS01"]["flags"] & samr.DISABLED


def test_a_locked_account_gets_its_password_set_and_its_lock_lifted(host: FakeDomain) -> None:
    present(host, enabled=True)
    host.accounts["KS03"]["flags"] |= samr.AUTO_LOCKED
    host.forced_status["KS03"] = "STATUS_ACCOUNT_LOCKED_OUT"
    outcome = present(host, enabled=True)
    assert outcome.password_set == ["KS03"]
    assert not host.accounts["KS03"]["flags"] & samr.AUTO_LOCKED


def test_an_answer_that_says_nothing_about_the_password_stops_everything(host: FakeDomain) -> None:
    present(host)
    host.forced_status["KS02"] = "STATUS_ACCOUNT_RESTRICTION"
    host.writes = 0
    with pytest.raises(ExamError, match="KS02"):
        present(host)
    assert host.writes == 0


def test_an_account_without_a_password_cannot_be_made(host: FakeDomain) -> None:
    with pytest.raises(ExamError):
        ensure(host, [Wanted("KS01")], "present")
    assert "KS01" not in host.accounts


@pytest.mark.parametrize(("state", "before"), [("enabled", False), ("disabled", True)])
def test_switching_changes_only_what_differs(host: FakeDomain, state: str, before: bool) -> None:
    present(host, enabled=before)
    first = ensure(host, WANTED, state)
    assert getattr(first, state) == ["KS01", "KS02", "KS03"]
    assert not ensure(host, WANTED, state).changed
    assert bool(host.accounts["KS01"]["flags"] & samr.DISABLED) == before


def test_switching_an_account_that_is_missing_is_an_error(host: FakeDomain) -> None:
    with pytest.raises(NotFound, match="KS01"):
        ensure(host, WANTED, "disabled")


def test_absent_removes_and_is_harmless_twice(host: FakeDomain) -> None:
    present(host)
    assert ensure(host, WANTED, "absent", check=True).removed == ["KS01", "KS02", "KS03"]
    assert "KS01" in host.accounts
    assert ensure(host, WANTED, "absent").changed
    assert not ensure(host, WANTED, "absent").changed
    assert list(host.accounts) == ["Administrator"]


def test_accounts_that_look_like_seats_are_named() -> None:
    known = ["Administrator", "KS01", "ks99", "KSX", "KS", "Guest", "XKS01"]
    assert unexpected(known, ["KS01", "KS02"]) == ["ks99"]


def test_names_are_compared_without_case(host: FakeDomain) -> None:
    present(host, enabled=True)
    lower = [Wanted(one.name.lower(), one.password, one.comment) for one in WANTED]
    host.accounts = {name.upper() if name.startswith("KS") else name: one for name, one in host.accounts.items()}
    host.try_logon = lambda name, password: "STATUS_SUCCESS"  # type: ignore[method-assign]
    assert not ensure(host, lower, "present", True).changed


def test_a_password_is_never_shown() -> None:
    assert "Pw-1!" not in repr(WANTED[0])


def enabled(host: FakeDomain) -> list[str]:
    return [name for name, one in host.accounts.items() if not one["flags"] & samr.DISABLED]


def test_accounts_are_on_for_the_length_of_a_block(host: FakeDomain) -> None:
    present(host)
    with switched_on(host, ["KS01", "ks02", "KS77"]):
        assert enabled(host) == ["KS01", "KS02"]
    assert enabled(host) == []
    with pytest.raises(ZeroDivisionError), switched_on(host, ["KS01"]):
        raise ZeroDivisionError
    assert enabled(host) == []


def test_what_is_wrong_with_an_account_stays_while_it_is_on(host: FakeDomain) -> None:
    """An inspection has to find it."""
    present(host)
    wrong = samr.NORMAL_ACCOUNT | samr.DISABLED | samr.AUTO_LOCKED | samr.PASSWORD_NOT_REQUIRED
    host.accounts["KS01"]["flags"] = wrong
    with switched_on(host, ["KS01"]):
        assert host.accounts["KS01"]["flags"] == wrong & ~samr.DISABLED
    assert host.accounts["KS01"]["flags"] == wrong


def test_accounts_are_switched_off_also_where_the_connection_was_lost(host: FakeDomain) -> None:
    present(host)
    with switched_on(host, ["KS01"]):
        host.lose = 1
    assert enabled(host) == []
    with pytest.raises(ConnectionLost), switched_on(host, ["KS01"]):
        host.lose = 2


def test_an_account_that_is_listed_but_gone_does_not_stop_the_others(host: FakeDomain) -> None:
    present(host)
    host.gone.add("KS02")
    with switched_on(host, ["KS01", "KS02", "KS03"]):
        assert enabled(host) == ["KS01", "KS03"]
    assert enabled(host) == []
