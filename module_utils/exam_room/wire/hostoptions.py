"""Options of the modules that reach hosts over WinRM. Apart from options.py: those need no WS-Management."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .wsman import Login


def hosts_login_spec() -> dict[str, dict[str, Any]]:
    """The part of an argument_spec that describes an administrator's log-on to several hosts."""
    return {
        "username": {"type": "str", "required": True},
        "password": {"type": "str", "required": True, "no_log": True},
        "ca_path": {"type": "path", "required": True},
        "port": {"type": "int", "default": 5986},
    }


def host_login_spec() -> dict[str, dict[str, Any]]:
    """The same for one host; ``name`` is for messages."""
    return {
        "name": {"type": "str", "required": True},
        "address": {"type": "str", "required": True},
        **hosts_login_spec(),
    }


def login_at(address: str, params: Mapping[str, Any]) -> Login:
    """The log-on to one of several hosts."""
    return Login(address, params["username"], params["password"], params["ca_path"], params["port"])


def host_login_of(params: Mapping[str, Any]) -> Login:
    """The log-on to the host that the options name."""
    return login_at(params["address"], params)
