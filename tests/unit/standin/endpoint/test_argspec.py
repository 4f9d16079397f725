"""Arguments are checked against what the collections document."""

from __future__ import annotations

import json
from typing import Any

import pytest

from standin.endpoint import argspec
from standin.endpoint.models import MODELS


def test_the_data_is_what_ansible_doc_says() -> None:
    assert json.loads(argspec.DATA.read_text(encoding="utf-8")) == argspec.generate()


def test_every_module_has_a_model_and_a_spec() -> None:
    assert set(MODELS) == set(argspec.MODULES) == set(argspec.specs())


def test_defaults_aliases_and_types_are_filled_in() -> None:
    checked = argspec.check(
        "ansible.windows.win_regedit", {"key": "HKLM:\\X", "entry": "N", "data": 1, "type": "DWORD", "delete_key": "no"}
    )
    assert checked["path"] == "HKLM:\\X"
    assert checked["name"] == "N"
    assert checked["type"] == "dword"
    assert checked["state"] == "present"
    assert checked["delete_key"] is False


@pytest.mark.parametrize(
    ("module", "arguments", "part"),
    [
        ("ansible.windows.win_nothing", {}, "no module"),
        ("ansible.windows.win_user", {"name": "a", "colour": "red"}, "colour"),
        ("ansible.windows.win_user", {}, "missing required arguments: name"),
        ("ansible.windows.win_user", {"name": "a", "state": "gone"}, "must be one of"),
        ("ansible.windows.win_user", {"name": "a", "account_disabled": "perhaps"}, "bool"),
        ("ansible.windows.win_user", {"name": {"a": 1}}, "str"),
        ("ansible.windows.win_auto_logon", {"logon_count": "many"}, "int"),
        ("community.windows.win_scheduled_task", {"name": "a", "triggers": [{"type": "sometimes"}]}, "must be one of"),
        ("community.windows.win_scheduled_task", {"name": "a", "actions": [{"command": "x"}]}, "command"),
    ],
)
def test_what_the_documentation_does_not_allow_is_refused(module: str, arguments: dict[str, Any], part: str) -> None:
    with pytest.raises(argspec.ArgumentError, match=part):
        argspec.check(module, arguments)
