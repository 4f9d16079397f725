"""From what was seen to what the board says of each seat and of the room. Pure: moments and findings are given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..files import megabytes
from ..room.conditions import Required
from . import words
from .moments import local_time, to_iso
from .presence import Presence
from .saves import ANSWER, MATERIAL, TEMPORARY, Folder
from .settings import Settings


@dataclass(frozen=True)
class Now:
    """The moment by the server's clock, and the session's two; None before the start. ``running``: candidates work."""

    at: float
    started: float | None
    deadline: float | None
    running: bool

    @property
    def to_deadline(self) -> float | None:
        """Seconds; None before the start."""
        return None if self.deadline is None else self.deadline - self.at

    @property
    def since_start(self) -> float:
        """Seconds."""
        return 0.0 if self.started is None else self.at - self.started


@dataclass
class Facts:
    """What is known of the server besides seats. None: not looked at yet.

    ``armed``: ``{"session", "deadline"}`` of the armed switch, empty when it is not armed. ``expiry_wrong``: accounts
    that do not expire at the deadline. ``disagreements``: how often in a row switch or expiry differed: while the
    deadline is being moved they differ for a moment.
    """

    free_bytes: int | None = None
    armed: Mapping[str, str] | None = None
    armed_problem: str = ""
    expiry_wrong: tuple[str, ...] | None = None
    disagreements: int = 0
    clock_moved_s: float = 0.0


@dataclass(frozen=True)
class Copies:
    """How the safety copies stand; moments are the controller's, ISO 8601."""

    every_min: float = 0.0
    last_round_at: str | None = None
    age_s: float | None = None
    files: int = 0
    bytes: int = 0
    never_copied: Mapping[str, Sequence[str]] = field(default_factory=dict)
    stopped_zh: str = ""
    stopped_en: str = ""


def state_of(seat: Mapping[str, Any], presence: Presence, settings: Settings) -> str:
    """The state of a seat (words.STATES)."""
    if seat.get("ended"):
        return words.ENDED
    if not seat.get("candidate"):
        return words.SPARE if seat.get("spare") else words.VACANT
    if seat.get("absent"):
        return words.ABSENT
    if presence.connected:
        return words.ONLINE
    if presence.first is None:
        return words.NOT_CONNECTED
    return words.IDLE if presence.idle_s >= settings.idle_disconnect_s else words.LOST


def seat_row(
    seat: Mapping[str, Any],
    moved: bool,
    presence: Presence,
    folder: Folder,
    opened: int,
    never_copied: Sequence[str],
    now: Now,
    settings: Settings,
    required: Sequence[Required] = (),
) -> dict[str, Any]:
    """One seat as it stands in board.json. ``required``: what the exam asks for at the least."""
    state = state_of(seat, presence, settings)
    candidate = seat.get("candidate") or {}
    save = folder.last_save
    return {
        "seat": int(seat["number"]),
        "host": str(seat["host"]),
        "address": str(seat["address"]),
        "account": str(seat["account"]),
        "exam_number": candidate.get("exam_number"),
        "name": candidate.get("name"),
        "spare": bool(seat.get("spare")),
        "moved": moved,
        "state": state,
        "state_zh": words.STATES[state],
        "ended_reason": str(seat.get("ended") or ""),
        "connected_from": list(presence.addresses),
        "connected_since": to_iso(presence.since),
        "lost_at": to_iso(presence.lost_at),
        "losses": presence.losses,
        "open_files": opened,
        "files": folder.count(ANSWER),
        "bytes": folder.bytes,
        "material_files": folder.count(MATERIAL),
        "temporary_files": folder.count(TEMPORARY),
        "last_save": None
        if save is None
        else {"at": to_iso(save.at), "path": save.path, "size": save.size, "evidence": save.evidence},
        "last_activity": to_iso(folder.last_activity or None),
        "folder_looked_at": to_iso(folder.looked_at or None),
        "warnings": list(_of_seat(seat, state, presence, folder, never_copied, now, settings, required)),
    }


def _of_seat(
    seat: Mapping[str, Any],
    state: str,
    presence: Presence,
    folder: Folder,
    never_copied: Sequence[str],
    now: Now,
    settings: Settings,
    required: Sequence[Required],
) -> list[dict[str, str]]:
    found = _of_connection(seat, state, presence, now, settings)
    if folder.missing:
        found.append(words.warning("folder_missing"))
    if folder.unreadable:
        found.append(words.warning("folder_unreadable", path=folder.unreadable[0]))
    if now.running:
        found += _of_saving(state, folder, now, settings)
        found += _of_required(state, folder, now, settings, required)
        if never_copied:
            found.append(words.warning("never_copied", count=len(never_copied), path=never_copied[0]))
    return sorted(found, key=lambda one: one["level"] != words.RED)


def _of_connection(
    seat: Mapping[str, Any], state: str, presence: Presence, now: Now, settings: Settings
) -> list[dict[str, str]]:
    where = "、".join(presence.addresses)
    if state == words.ENDED:
        return [words.warning("ended_connected", where=where)] if presence.connected and now.running else []
    if len(presence.addresses) > 1:
        return [words.warning("two_addresses", where=where)]
    if presence.addresses and presence.addresses[0] != seat["address"]:
        return [words.warning("wrong_pc", where=where, wanted=seat["address"])]
    if not now.running:
        return []
    if state == words.NOT_CONNECTED and now.since_start >= settings.not_connected_after_s:
        return [words.warning("not_connected", minutes=int(now.since_start // 60))]
    if state in (words.LOST, words.IDLE) and presence.lost_at is not None:
        seconds = now.at - presence.lost_at
        if seconds >= settings.lost_after_s:
            code = "connection_lost" if state == words.LOST else "idle_disconnected"
            return [words.warning(code, seconds=int(seconds))]
    return []


def _of_saving(state: str, folder: Folder, now: Now, settings: Settings) -> list[dict[str, str]]:
    save = folder.last_save
    if state in (words.ABSENT, words.VACANT):
        return [] if save is None else [words.warning("unexpected_save", state=words.STATES[state])]
    if state in (words.ENDED, words.SPARE):
        return []
    if save is None:
        late = now.since_start >= settings.first_save_min * 60
        # Before the first look at the folder nothing can be said of it.
        if late and folder.looked_at and not folder.missing:
            return [words.warning("nothing_saved", minutes=int(now.since_start // 60))]
        return []
    if now.at - save.at >= settings.save_every_min * 60:
        return [words.warning("no_save", minutes=int((now.at - save.at) // 60))]
    return []


def _of_required(
    state: str, folder: Folder, now: Now, settings: Settings, required: Sequence[Required]
) -> list[dict[str, str]]:
    """One warning that names everything missing; where nothing was saved at all, that is said already."""
    left = now.to_deadline
    # Most exams ask for nothing: the files of a seat are then not gone through at each look.
    if not required or left is None or folder.last_save is None:
        return []
    if state in (words.ABSENT, words.VACANT, words.ENDED, words.SPARE):
        return []
    # Short exams: not before three quarters of the time are over.
    if left > min(settings.required_min * 60, now.since_start / 3):
        return []
    held = [path for path, seen in folder.files.items() if seen.kind == ANSWER and seen.size]
    missing = [one.words() for one in required if not any(one.is_met(path) for path in held)]
    if not missing:
        return []
    said = {"what_zh": "；".join(zh for zh, _ in missing), "what_en": "; ".join(en for _, en in missing)}
    return [words.warning("required_missing", minutes=max(1, int(-(-left // 60))), **said)]


def of_room(
    facts: Facts, copies: Copies, session_id: str, deadline: str | None, now: Now, settings: Settings, timezone: str
) -> list[dict[str, str]]:
    """What is wrong with the server, the switch and the copies. ``timezone``: in which people read moments."""
    found = []
    if abs(facts.clock_moved_s) > settings.clock_step_s:
        found.append(words.warning("clock_step", seconds=f"{facts.clock_moved_s:+.1f}"))
    if facts.free_bytes is not None and facts.free_bytes < settings.disc_low_gb * 1e9:
        code = "disc_full" if facts.free_bytes < settings.disc_full_gb * 1e9 else "disc_low"
        found.append(words.warning(code, free=megabytes(facts.free_bytes)))
    if now.running:
        found += _of_switch(facts, session_id, deadline, timezone)
    found += _of_copies(copies, now)
    return sorted(found, key=lambda one: one["level"] != words.RED)


def disagrees(facts: Facts, session_id: str, deadline: str | None) -> bool:
    """Switch or expiry is not what it should be while the session runs."""
    armed = facts.armed
    right = armed is not None and armed.get("session") == session_id and armed.get("deadline") == deadline
    return not right or bool(facts.expiry_wrong)


def _of_switch(facts: Facts, session_id: str, deadline: str | None, timezone: str) -> list[dict[str, str]]:
    if facts.disagreements < 2:
        return []
    found = []
    if facts.armed_problem:
        found.append(words.warning("switch_unread", reason=facts.armed_problem))
    elif facts.armed is not None and not facts.armed:
        found.append(words.warning("switch_missing"))
    elif facts.armed is not None and (facts.armed["session"], facts.armed["deadline"]) != (session_id, deadline):
        told = local_time(facts.armed["deadline"], timezone)
        if facts.armed["session"] != session_id:
            told = f"{facts.armed['session']} {told}"
        found.append(words.warning("switch_differs", armed=told, deadline=local_time(deadline, timezone)))
    if facts.expiry_wrong:
        named = "、".join(facts.expiry_wrong[:3]) + ("…" if len(facts.expiry_wrong) > 3 else "")
        found.append(words.warning("expiry_differs", accounts=named))
    return found


def _of_copies(copies: Copies, now: Now) -> list[dict[str, str]]:
    if copies.stopped_zh:
        stopped = words.warning("copies_stopped", reason=copies.stopped_zh)
        return [stopped | {"en": words.WARNINGS["copies_stopped"].en.format(reason=copies.stopped_en)}]
    if not now.running or not copies.every_min:
        return []
    age = now.since_start if copies.age_s is None else min(copies.age_s, now.since_start)
    if age > 3 * 60 * copies.every_min:
        return [words.warning("copies_late", minutes=int(age // 60))]
    return []
