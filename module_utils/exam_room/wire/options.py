"""Options that all wire modules share: where to log on, and as which administrator."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .smb import Login


def login_spec() -> dict[str, dict[str, Any]]:
    """The part of an argument_spec that describes an administrator's log-on."""
    return {
        "address": {"type": "str", "required": True},
        "username": {"type": "str", "required": True},
        "password": {"type": "str", "required": True, "no_log": True},
        "timeout": {"type": "float", "default": 10.0},
    }


def login_of(params: Mapping[str, Any]) -> Login:
    """The log-on that the options name."""
    return Login(params["address"], params["username"], params["password"])
