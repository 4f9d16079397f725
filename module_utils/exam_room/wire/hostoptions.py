"""Options of the modules that reach one host over WinRM. Apart from options.py: those need no WS-Management."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .wsman import Login


def host_login_spec() -> dict[str, dict[str, Any]]:
    """The part of an argument_spec that describes an administrator's log-on to a host; ``name`` is for messages."""
    return {
        "name": {"type": "str", "required": True},
        "address": {"type": "str", "required": True},
        "username": {"type": "str", "required": True},
        "password": {"type": "str", "required": True, "no_log": True},
        "ca_path": {"type": "path", "required": True},
        "port": {"type": "int", "default": 5986},
    }


def host_login_of(params: Mapping[str, Any]) -> Login:
    """The log-on to the host that the options name."""
    return Login(params["address"], params["username"], params["password"], params["ca_path"], params["port"])
