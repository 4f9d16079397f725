"""Running commands and keeping small JSON files, inside a container."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

STATE = Path(os.environ.get("STANDIN_STATE", "/var/lib/standin"))
SETTINGS = Path(os.environ.get("STANDIN_SETTINGS", "/etc/standin/host.json"))

BOOT_FILE = "boot.json"


class CommandFailed(Exception):
    """A command of Samba or of the system ended badly; the text is what it said."""


def run(*command: str, stdin: str | None = None, timeout: float = 30) -> str:
    """Run a command and return what it printed; raise CommandFailed with its words otherwise."""
    try:
        done = subprocess.run(command, input=stdin or "", capture_output=True, text=True, timeout=timeout, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise CommandFailed(f"{command[0]}: {error}") from error
    if done.returncode != 0:
        raise CommandFailed(f"{command[0]}: {(done.stderr.strip() or done.stdout.strip())[-400:]}")
    return done.stdout


def run_anyway(*command: str) -> None:
    """The same where failing is fine, for example because smbd is not running."""
    with contextlib.suppress(CommandFailed):
        run(*command)


def settings() -> dict[str, Any]:
    """What the room told this host: room, name, role, seat, address, machine_sid, computer, admin."""
    loaded: dict[str, Any] = json.loads(SETTINGS.read_text(encoding="utf-8"))
    return loaded


def load(name: str, default: dict[str, Any]) -> dict[str, Any]:
    """The JSON file of that name in the state folder, or the default if there is none yet."""
    try:
        loaded: dict[str, Any] = json.loads((STATE / name).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return dict(default)
    return loaded


def save(name: str, value: dict[str, Any]) -> None:
    """Replace the JSON file of that name in one step."""
    STATE.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=STATE, prefix=f".{name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(value, file, ensure_ascii=False, indent=1)
        Path(temporary).replace(STATE / name)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def uptime() -> float:
    """Seconds since this host started, by a clock that nobody can set."""
    return time.monotonic() - float(load(BOOT_FILE, {}).get("monotonic", 0.0))


def volatile() -> Path:
    """A folder of this very start of the host: after the next one there is another."""
    folder = Path("/tmp") / f"boot-{load(BOOT_FILE, {}).get('monotonic', 0.0)}"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


@contextlib.contextmanager
def lock(name: str) -> Iterator[None]:
    """Hold the lock of that name against other processes of this host."""
    STATE.mkdir(parents=True, exist_ok=True)
    with (STATE / f"{name}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
