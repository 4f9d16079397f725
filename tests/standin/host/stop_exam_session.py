r"""The model of roles/dead_man_switch/files/server/Stop-ExamSession.ps1: does to Samba what the script does to Windows.

Where it differs: ending a session in Samba ends its connection and closes its files, so no file is closed apart from
its session; a lost connection leaves none behind. There is no second way (net.exe) beside the first.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import accounts, sessions, shares, system

if TYPE_CHECKING:
    from .task_scripts import Computer

NOTHING_LEFT, SOMETHING_LEFT, DAMAGED = 0, 1, 2
FOLDER = r"C:\Program Files\ExamRoom"
WAIT_S = 70.0
GRACE_S = 10
WORK_S = 40.0
PAUSE_S = 0.5
READ_TRIES = 5
READ_PAUSE_S = 0.2


@dataclass(frozen=True)
class Armed:
    """What the script takes from armed.json; the deadline in seconds since 1970."""

    session: str
    key: str
    deadline: float
    share: str
    accounts: tuple[str, ...]


@dataclass
class Done:
    """What one run did, for its line in switch.jsonl."""

    share_removed: bool = False
    accounts_disabled: list[str] = field(default_factory=list)
    sessions_ended: list[str] = field(default_factory=list)
    files_closed: list[str] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)

    def line(self) -> dict[str, Any]:
        """As the script writes it: what is named twice stands there once."""
        return {
            name: list(dict.fromkeys(value)) if isinstance(value, list) else value for name, value in vars(self).items()
        }


def run(computer: Computer, parameters: Mapping[str, str]) -> int:
    """The script: its exit status."""
    folder = parameters.get("Folder", FOLDER)
    armed_file, record = computer.real(rf"{folder}\armed.json"), computer.real(rf"{folder}\switch.jsonl")
    graced = False
    while True:
        try:
            armed = _read(computer, armed_file)
        except ValueError as error:
            _note_damage(computer, record, str(error))
            return DAMAGED
        if armed is None:
            return NOTHING_LEFT
        now, first = _moment(computer, armed, computer.volatile() / "switch-seen.json")
        left = armed.deadline - now
        if left > WAIT_S:
            return NOTHING_LEFT
        if left <= 0 and (graced or not first):
            return _cut_off(computer, armed, record)
        if left <= 0:
            graced = True
            for _ in range(GRACE_S):
                computer.sleep(1.0)
            continue
        computer.sleep(min(1.0, left))


def parse(content: bytes) -> Armed:
    """ValueError for what the script would not understand."""
    read = json.loads(content.decode())
    if not isinstance(read, dict):
        raise ValueError("no object")
    deadline = str(read.get("deadline"))
    if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", deadline):
        raise ValueError(f"deadline: {deadline}")
    share = str(read.get("share") or "")
    if not share or share.endswith("$") or set(share) & set("*?[]\\/"):
        raise ValueError(f"share: {share}")
    root = str(read.get("root") or "").rstrip("\\")
    if not re.match(r"[A-Za-z]:\\.", root):
        raise ValueError(f"root: {root}")
    names = read.get("accounts")
    listed = tuple(str(name) for name in (names if isinstance(names, list) else [names]) if name is not None)
    if not listed or "" in listed:
        raise ValueError("accounts")
    if not read.get("session"):
        raise ValueError("session")
    key = f"{read.get('armed_at')} {deadline}"
    return Armed(str(read["session"]), key, datetime.fromisoformat(deadline).timestamp(), share, listed)


def _moment(computer: Computer, armed: Armed, file: Path) -> tuple[float, bool]:
    """The host's clock when this armed file was first seen and what has passed since by one that nobody can set, and
    whether it is seen for the first time. ``file`` stands for the volatile registry key: a restart forgets it.
    """
    uptime = computer.uptime()
    try:
        seen = json.loads(file.read_bytes())
        if seen["key"] == armed.key and seen["uptime"] <= uptime:
            return float(seen["now"]) + uptime - float(seen["uptime"]), False
    except (OSError, ValueError, KeyError):
        # Not there yet, or damaged: it is made anew.
        pass
    now = computer.now()
    file.write_text(json.dumps({"key": armed.key, "now": now, "uptime": uptime}))
    return now, True


def _read(computer: Computer, file: Path) -> Armed | None:
    for attempt in range(1, READ_TRIES + 1):
        try:
            return parse(file.read_bytes())
        except FileNotFoundError:
            return None
        except OSError as error:
            if attempt == READ_TRIES:
                raise ValueError(str(error)) from error
            computer.sleep(READ_PAUSE_S)
    return None


def _cut_off(computer: Computer, armed: Armed, record: Path) -> int:
    done = Done()
    began = computer.now()
    while True:
        found = _stop_share(armed, done) + _disable_accounts(armed, done) + _stop_sessions(armed, done)
        if found:
            computer.sleep(PAUSE_S)
        if not found or computer.now() - began >= WORK_S:
            break
    if found or done != Done():
        head = {"at": _stamp(began), "session": armed.session, "deadline": _stamp(armed.deadline)}
        _append(record, {**head, **done.line(), "complete": not found, "ended": _stamp(computer.now())})
    return SOMETHING_LEFT if found else NOTHING_LEFT


def _stop_share(armed: Armed, done: Done) -> int:
    try:
        shares.remove_share(armed.share)
    except LookupError:
        return 0
    except system.CommandFailed as error:
        done.troubles.append(f"share: {error}")
        return 1
    done.share_removed = True
    return 1


def _disable_accounts(armed: Armed, done: Done) -> int:
    found = 0
    try:
        users = accounts.users()
    except system.CommandFailed as error:
        done.troubles.append(f"accounts: {error}")
        return 1
    for user in users:
        if user.disabled or not _seat(armed, user.name):
            continue
        found += 1
        try:
            # Not accounts.set_disabled, which looks at all accounts once more for each.
            system.run("net", "sam", "set", "disabled", user.name, "yes")
            done.accounts_disabled.append(user.name)
        except system.CommandFailed as error:
            done.troubles.append(f"{user.name}: {error}")
    return found


def _stop_sessions(armed: Armed, done: Done) -> int:
    try:
        found = [one for one in sessions.sessions() if _seat(armed, one.user)]
    except system.CommandFailed as error:
        done.troubles.append(f"sessions: {error}")
        return 1
    sessions.end(one.pid for one in found)
    done.sessions_ended += [f"{one.user} {one.client}" for one in found]
    done.files_closed += [f"{one.user} {path}" for one in found for path in one.files]
    return len(found)


def _seat(armed: Armed, user: str) -> bool:
    return user.rpartition("\\")[2].casefold() in {name.casefold() for name in armed.accounts}


def _note_damage(computer: Computer, record: Path, reason: str) -> None:
    """A damaged file is seen each minute but recorded once."""
    try:
        last = json.loads(record.read_text(encoding="utf-8").splitlines()[-1])
    except (OSError, ValueError, IndexError):
        last = {}
    if last.get("damaged") != reason:
        _append(record, {"at": _stamp(computer.now()), "damaged": reason})


def _append(record: Path, entry: Mapping[str, Any]) -> None:
    new = not record.exists()
    with record.open("a", encoding="utf-8") as lines:
        lines.write(json.dumps(entry, ensure_ascii=False) + "\n")
    if new:
        # On Windows it inherits the folder's rights; Samba reads them from the mode where no list is kept.
        record.chmod(0o666)


def _stamp(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
