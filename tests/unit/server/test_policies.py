"""Policies of a machine: written once, made where their key is missing, and read back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

import pytest

from exam_room.look.policies import POLICIES, policies
from exam_room.server.policies import write
from exam_room.wire.wsman import Wmi, WsmanError


def test_what_is_written_is_what_the_next_look_finds_right(wmi: Wmi) -> None:
    before = policies(wmi)
    assert len(before) == len(POLICIES) and not any(one["found_is_wanted"] for one in before)
    write(wmi, before)
    assert all(one["found_is_wanted"] for one in policies(wmi))


def test_other_values_of_the_key_stay(wmi: Wmi) -> None:
    key = r"SOFTWARE\Policies\Microsoft\Windows\WindowsUpdate"
    write(wmi, [{"key": key, "name": "WUServer", "wanted": 7}, {"key": key, "name": "设置", "wanted": 4_294_967_295}])
    write(wmi, [{"key": key.upper(), "name": "SETACTIVEHOURS", "wanted": 1}])
    found, names = wmi.registry(key, ["WUServer", "设置", "SetActiveHours"])
    assert (found, len(names)) == ({"WUServer": 7, "设置": 4_294_967_295, "SetActiveHours": 1}, 3)


class Deaf:
    """A registry that refuses, or that says yes and keeps what it had."""

    def __init__(self, code: int) -> None:
        self.code = code

    def invoke(self, namespace: str, class_name: str, method: str, given: Mapping[str, str]) -> int:
        return self.code if method == "SetDWORDValue" else 0

    def registry(self, key: str, names: Sequence[str], hive: int) -> tuple[dict[str, Any], frozenset[str]]:
        return dict.fromkeys(names), frozenset()


@pytest.mark.parametrize(("code", "said"), [(5, "error 5"), (0, "None")])
def test_what_is_not_written_is_an_error(code: int, said: str) -> None:
    with pytest.raises(WsmanError, match=said):
        write(cast("Wmi", Deaf(code)), [{"key": "K", "name": "Deny_All", "wanted": 1}])


def test_a_policy_of_updates_that_would_undo_another_is_wanted_off() -> None:
    """With "no auto-restart with logged on users" on, the active hours have no effect."""
    wanted = {one.name: one.wanted for one in POLICIES if one.purpose == "updates"}
    assert wanted["NoAutoRebootWithLoggedOnUsers"] == wanted["AlwaysAutoRebootAtScheduledTime"] == 0
    assert wanted["SetActiveHours"] == 1
    assert (int(wanted["ActiveHoursEnd"]) - int(wanted["ActiveHoursStart"])) % 24 <= 18


def test_the_computer_stays_awake_on_mains_and_on_battery() -> None:
    keys = {one.key for one in POLICIES if "PowerSettings" in one.key}
    for key in keys:
        assert {one.name for one in POLICIES if one.key == key} == {"ACSettingIndex", "DCSettingIndex"}
