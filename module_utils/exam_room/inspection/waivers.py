"""Waivers 豁免: what the inspector lets pass although it does not hold, in a file beside the inventory.

V1 to V7 cannot be waived. An expired waiver counts for nothing, and the report says so.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ..room import text, yamlfile
from ..room.fields import Fields
from ..room.problems import ProblemList, Rule, refusal
from ..room.yamlfile import Document, Place
from .clauses import Clauses

SCHEMA_VERSION = 1
ROOM = "room"
"""The host of what is judged once for the whole room."""
_KEYS = ("clause", "host", "reason", "who", "expires")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|\+00:00)")


@dataclass(frozen=True)
class Waiver:
    """One waiver: ``clause`` on ``host`` (or ROOM), why, whose word it is, and until when (UTC, ISO 8601 with Z)."""

    clause: str
    host: str
    reason: str
    who: str
    expires: str

    def is_over(self, moment: str) -> bool:
        """Whether it has expired by ``moment`` (UTC, ISO 8601)."""
        return datetime.fromisoformat(moment) >= datetime.fromisoformat(self.expires)

    def covers(self, finding: Mapping[str, Any]) -> bool:
        """Whether it speaks of this finding."""
        return (self.clause, self.host) == (finding["clause"], finding["host"])

    def to_dict(self) -> dict[str, str]:
        """As it stands in evidence and verdicts."""
        return asdict(self)


def load(path: Path, clauses: Clauses, hosts: Collection[str]) -> list[Waiver]:
    """The waivers of a file; none where there is no file. ``hosts``: every host of the room.

    Raises InputRefused with the file, the row and the field of everything that is wrong.
    """
    if not path.exists():
        return []
    document = yamlfile.load(path, text_only=True)
    problems = ProblemList(document.file)
    data = document.data
    if not isinstance(data, dict) or not isinstance(data.get("waivers"), list) or len(data) != 1:
        raise refusal(
            document.file,
            "须为一项 waivers，下列各条豁免（- clause: …）；没有豁免时删除本文件",
            "must be one key, waivers, with a list below (- clause: …); without waivers remove the file",
            row=document.row(("waivers",)),
        )
    found = [
        _waiver(document, problems, ("waivers", index), one, clauses, hosts)
        for index, one in enumerate(data["waivers"])
    ]
    problems.refuse()
    return found


def _waiver(
    document: Document, problems: ProblemList, place: Place, data: Any, clauses: Clauses, hosts: Collection[str]
) -> Waiver:
    fields = Fields(document, problems, data, _KEYS, place)
    fields.require(*_KEYS)
    values = {name: fields.string(name) for name in _KEYS}
    rules = {
        "clause": _clause_rule(values["clause"], clauses),
        "host": _host_rule(values["host"], hosts),
        "expires": _expiry_rule(values["expires"]),
    }
    for name, rule in rules.items():
        if rule and values[name]:
            fields.problem((name,), rule)
    return Waiver(**values)


def _clause_rule(clause: str, clauses: Clauses) -> Rule | None:
    waivable = clauses.waivable
    if clause in waivable:
        return None
    if clause in clauses:
        return (
            f"{clause} 不能豁免；可豁免的有：{'、'.join(waivable)}",
            f"{clause} cannot be waived; these can: {', '.join(waivable)}",
        )
    return (
        f"没有条款 {clause}；可豁免的有：{'、'.join(waivable)}",
        f"there is no clause {clause}; these can be waived: {', '.join(waivable)}",
    )


def _host_rule(host: str, hosts: Collection[str]) -> Rule | None:
    if host in hosts or host == ROOM:
        return None
    likely = text.nearest(host, [*hosts, ROOM])
    zh = f"考场中没有主机 {host}" + (f"，是否应为 {likely}？" if likely else f"；对全考场的豁免写 {ROOM}")
    en = f"the room has no host {host}" + (f"; did you mean {likely}?" if likely else f"; for the whole room: {ROOM}")
    return zh, en


def _expiry_rule(moment: str) -> Rule | None:
    if _MOMENT.fullmatch(moment):
        try:
            datetime.fromisoformat(moment)
            return None
        except ValueError:
            pass
    return (
        "须为 UTC 时间，末尾写 Z，如 2027-06-30T10:00:00Z（北京时间减 8 小时）",
        "must be a moment in UTC that ends in Z, such as 2027-06-30T10:00:00Z",
    )


def to_document(waivers: Collection[Waiver]) -> dict[str, Any]:
    """The waivers as a document of evidence."""
    return {"schema_version": SCHEMA_VERSION, "waivers": [waiver.to_dict() for waiver in waivers]}


def from_document(document: Mapping[str, Any]) -> list[Waiver]:
    """Back from to_document(); KeyError or TypeError for something else."""
    return [Waiver(**{name: str(one[name]) for name in _KEYS}) for one in document["waivers"]]


def earliest(waivers: Collection[Waiver]) -> datetime | None:
    """When the first of them expires."""
    return min((datetime.fromisoformat(waiver.expires).astimezone(UTC) for waiver in waivers), default=None)
