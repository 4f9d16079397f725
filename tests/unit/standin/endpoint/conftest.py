"""A host without Samba, in a temporary folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from standin.endpoint.__main__ import without_samba
from standin.endpoint.commands import Commands
from standin.endpoint.host import Host
from standin.endpoint.payload import ModuleCall

RunModule = Callable[..., dict[str, Any]]


@pytest.fixture
def host(tmp_path: Path) -> Host:
    """A bare server."""
    return without_samba(tmp_path)


@pytest.fixture
def run(host: Host) -> RunModule:
    """Runs a module of ansible.windows, or of another collection by its whole name."""
    commands = Commands(host)

    def _run(module: str, /, *, check: bool = False, diff: bool = False, **arguments: Any) -> dict[str, Any]:
        full = module if "." in module else f"ansible.windows.{module}"
        return commands.module(ModuleCall(full, arguments, check, diff))

    return _run
