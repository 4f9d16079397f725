"""board.json: everything the live board shows, one document, replaced as a whole at each look (docs/status.md).

Times are UTC ISO 8601 by the server's clock, except ``at``, which is the controller's. Between two looks the reader
goes on counting by the controller's monotonic clock, which nobody can set.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ..errors import ExamError
from ..files import told, write_atomic
from . import words
from .moments import boot_id, from_iso, to_iso

FOLDER: Final = "watch"
FILE: Final = "board.json"
VERSION: Final = 1
STALE_AFTER_S: Final = 15.0


def path_of(session_directory: Path) -> Path:
    """Where the board of a session lies."""
    return session_directory / FOLDER / FILE


def json_bytes(value: object) -> bytes:
    """JSON on one line; a lone surrogate in a file name becomes an escape, as in the journal."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return (text + "\n").encode("utf-8", "backslashreplace")


def write(session_directory: Path, board: Mapping[str, Any]) -> None:
    """Replace the board in one step."""
    path = path_of(session_directory)
    with told(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomic(path, json_bytes(board), 0o640, durable=False)


@dataclass(frozen=True)
class Heartbeat:
    """The controller's clocks at the moment of writing."""

    at: str
    monotonic_s: float
    boot_id: str


@dataclass(frozen=True)
class View:
    """A board as a reader sees it: how old it is and what time it is on the server now."""

    data: Mapping[str, Any]
    age_s: float
    now: float | None
    """Server's seconds since 1970, counted on from the last look; None when it was never asked."""

    @property
    def stale(self) -> bool:
        """Nobody has written for too long: what it shows cannot be trusted. A sitting that is over may rest."""
        return self.age_s > STALE_AFTER_S and not self.data["over"]

    @property
    def remaining_s(self) -> float | None:
        """Seconds to the deadline by the server's clock, negative after it; None without a deadline."""
        deadline = from_iso(self.data["deadline"])
        return None if deadline is None or self.now is None else deadline - self.now

    @property
    def colour(self) -> str:
        """red, yellow or green: the worst of all."""
        levels = {one["level"] for one in self.warnings()}
        if self.stale or words.RED in levels:
            return "red"
        return "yellow" if words.YELLOW in levels else "green"

    def warnings(self) -> list[dict[str, Any]]:
        """Every warning, red ones first; of a seat with its ``seat`` (number) and ``name``."""
        found = [dict(one) for one in self.data["warnings"]]
        for seat in self.data["seats"]:
            found += [{**one, "seat": seat["seat"], "name": seat["name"]} for one in seat["warnings"]]
        return sorted(found, key=lambda one: (one["level"] != words.RED, "seat" in one))

    def lines(self) -> list[dict[str, Any]]:
        """A dictionary a seat, for programs: what is of the seat, and of the session what each line needs."""
        remaining = self.remaining_s
        common = {
            "version": self.data["version"],
            "session": self.data["session"]["id"],
            "room": self.data["session"]["room"],
            "deadline": self.data["deadline"],
            "over": self.data["over"],
            "server_time": to_iso(self.now),
            "remaining_s": None if remaining is None else round(remaining, 1),
            "age_s": round(self.age_s, 1),
            "stale": self.stale,
        }
        return [common | dict(seat) for seat in self.data["seats"]]


def view(
    data: Mapping[str, Any],
    wall: Callable[[], float] = time.time,
    monotonic: Callable[[], float] = time.monotonic,
    boot: Callable[[], str] = boot_id,
) -> View:
    """The board now. Its age is monotonic where this machine has not restarted since, else by the wall clock."""
    beat = data["heartbeat"]
    if beat["boot_id"] and beat["boot_id"] == boot():
        age = monotonic() - beat["monotonic_s"]
    else:
        age = wall() - (from_iso(beat["at"]) or 0.0)
    server_time = from_iso(data["server"]["time"])
    return View(data, max(age, 0.0), None if server_time is None else server_time + age)


def read(session_directory: Path) -> dict[str, Any]:
    """The board as it was written last. ExamError when there is none or it is damaged."""
    path = path_of(session_directory)
    try:
        found = json.loads(path.read_bytes())
        if found["version"] == VERSION:
            return dict(found)
    except FileNotFoundError:
        raise ExamError(
            f"{path} 不存在：本场还没有看板。开考后由收卷程序自动建立；也可执行 playbooks/status.yml 查看一次。",
            f"There is no {path}: this session has no board yet. The cutoff makes it after the start; "
            "playbooks/status.yml looks once.",
        ) from None
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise ExamError(f"读不了 {path}：{error}", f"{path} cannot be read: {error}") from None
    raise ExamError(f"{path} 是另一版本的看板", f"{path} is a board of another version")


def document(
    beat: Heartbeat,
    plan: Mapping[str, Any],
    sitting: Mapping[str, Any],
    server: Mapping[str, Any],
    facts: Mapping[str, Any],
    copies: Mapping[str, Any],
    load: Mapping[str, Any],
    warnings: Sequence[Mapping[str, Any]],
    seats: Sequence[Mapping[str, Any]],
) -> dict[str, Any]:
    """The whole board. ``plan``: id, room, exam, timezone. ``sitting``: started_at, deadline, over."""
    return {
        "version": VERSION,
        "heartbeat": {"at": beat.at, "monotonic_s": beat.monotonic_s, "boot_id": beat.boot_id},
        "session": dict(plan),
        **sitting,
        "server": dict(server),
        **facts,
        "copies": dict(copies),
        "load": dict(load),
        "warnings": list(warnings),
        "seats": list(seats),
    }
