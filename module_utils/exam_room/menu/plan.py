"""What the menu knows of the session: asked once, of the playbook plan.yml, as every other step reads it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from ..errors import ExamError

PLAYBOOK = "plan"
# One JSON document instead of text for people.
ENVIRONMENT: Mapping[str, str] = {
    "ANSIBLE_STDOUT_CALLBACK": "ansible.posix.json",
    "ANSIBLE_DEPRECATION_WARNINGS": "false",
}


class PasswordRefused(ExamError):
    """The vault could not be opened."""


@dataclass(frozen=True)
class Plan:
    """Session and seats as exam_session returns them."""

    session: Mapping[str, Any]
    seats: tuple[Mapping[str, Any], ...]
    directory: Path

    @property
    def id(self) -> str:
        return str(self.session["id"])

    @property
    def room(self) -> str:
        return str(self.session["room"])

    @property
    def exam(self) -> str:
        return str(self.session["exam"]["name"]["zh"])

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(str(self.session["timezone"]))

    @property
    def planned_start(self) -> datetime:
        return datetime.fromisoformat(str(self.session["planned_start"]))

    @property
    def minutes(self) -> float:
        return float(self.session["duration_seconds"]) / 60

    @property
    def candidates(self) -> int:
        return sum(1 for seat in self.seats if seat["candidate"])


def parse(output: str, complaint: str) -> Plan:
    """The plan in what plan.yml printed. Raises ExamError with what it said when it has failed."""
    start = output.find("{")
    try:
        # The closing account of the hosts follows the document, or comes before it.
        told = json.JSONDecoder().raw_decode(output, start)[0] if start >= 0 else {}
    except ValueError:
        told = {}
    for play in told.get("plays", []):
        for task in play["tasks"]:
            for result in task["hosts"].values():
                if result.get("failed"):
                    raise ExamError(*_both(str(result.get("msg", ""))))
                if "seats" in result and "session" in result:
                    return Plan(result["session"], tuple(result["seats"]), Path(result["directory"]).resolve())
    if "Decryption failed" in complaint or "vault secrets" in complaint:
        raise PasswordRefused("口令不对，打不开 vault。", "The password does not open the vault.")
    last = "\n".join(line for line in complaint.strip().splitlines()[:6])
    raise ExamError(f"读不到场次：\n{last}", "The session could not be read.")


def _both(message: str) -> tuple[str, str]:
    """A module's message, Chinese lines and then English lines, as the two halves of an error."""
    lines = message.splitlines()
    half = len(lines) // 2
    return ("\n".join(lines[:half]), "\n".join(lines[half:])) if half else (message, "")
