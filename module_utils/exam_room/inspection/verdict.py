"""The verdict as a document: every clause, every finding, the waivers, the evidence that it rests on.

Nothing but ``judged_at`` depends on when or where it is judged: the same evidence and rules give the same bytes.

``{"schema_version": 2, "judged_at", "inspected_at", "valid_until", "session": {"id", "room"}, "verdict", "text",
"text_en", "counts", "clauses", "findings", "waivers", "evidence"}``

* clauses, each: id, title (zh, en), words (source, place, text), readings (kind, zh, en), outcome, decides, counts (of
  its findings by outcome), advice (how many recommended rules do not hold), reason (why not applicable, else null)
* findings, each: clause, severity, rule, test, host (``room`` for the whole room), outcome, expected, actual, mend,
  asked (document, section, at), waiver (place in ``waivers``, else null)
* waivers, each: clause, host, reason, who, expires, state (used, unused or expired)
* evidence: SHA-256 of each document, by name
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from ..files import write_atomic
from . import waivers as waiving
from .clauses import VERDICT_CLAUSE, Clause, Clauses
from .outcomes import (
    DECIDING,
    FAILED,
    NOT_APPLICABLE,
    PASSED,
    RECOMMENDED,
    REFUSED,
    UNKNOWN,
    VERDICTS,
    WAIVED,
    judge,
    worst,
)
from .waivers import Waiver

SCHEMA_VERSION = 2
USED, UNUSED, EXPIRED = "used", "unused", "expired"
DEFAULT_VALID_HOURS = 24.0
"""A day: an inspection of the evening before is good for the next morning, and for no later day."""
_DOES_NOT_HOLD = (FAILED, UNKNOWN)


def build(
    findings: Iterable[Mapping[str, Any]],
    plan: Mapping[str, Any],
    clauses: Clauses,
    waivers: Sequence[Waiver] = (),
    evidence: Mapping[str, str] | None = None,
    judged_at: str = "",
) -> dict[str, Any]:
    """The verdict that follows from the findings of the rules.

    ``plan``: the document plan.json, which may be empty where it could not be read. A deciding clause that no rule has
    judged is unknown.
    """
    inspected_at = str(plan.get("inspected_at") or "")
    said = [_finding(finding) for finding in findings]
    judged = {finding["clause"] for finding in said}
    said += [_unjudged(clause) for clause in clauses.all if clause.id not in judged and not _is_exempt(clause)]
    listed = _waive(said, waivers, inspected_at)
    verdict = judge(said)
    session = plan.get("session") or {}
    return {
        "schema_version": SCHEMA_VERSION,
        "judged_at": judged_at,
        "inspected_at": inspected_at,
        "valid_until": _valid_until(plan, inspected_at, [one for one in listed if one["state"] == USED]),
        "session": {"id": session.get("id"), "room": session.get("room")},
        "verdict": verdict,
        "text": VERDICTS[verdict].zh,
        "text_en": VERDICTS[verdict].en,
        "counts": _counts(said),
        "sources": clauses.sources,
        "clauses": [_clause(clause, said, verdict) for clause in (*clauses.all, *_strangers(clauses, judged))],
        "findings": said,
        "waivers": listed,
        "evidence": dict(sorted((evidence or {}).items())),
    }


def digests(folder: Path) -> dict[str, str]:
    """SHA-256 of each document of the evidence in ``folder``, by its name."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*.json"))
    }


def write(path: Path, verdict: Mapping[str, Any]) -> None:
    """Write the verdict, whole or not at all; durable once whoever keeps it has made its folder so."""
    write_atomic(path, _text(verdict).encode("utf-8", "backslashreplace"), durable=False)


def _text(verdict: Mapping[str, Any]) -> str:
    """As JSON, a line a finding: what differs between two is found by any program that compares lines."""
    parts = []
    for name, value in verdict.items():
        lines = ",\n  ".join(json.dumps(one, ensure_ascii=False) for one in value) if isinstance(value, list) else ""
        whole = f"[\n  {lines}\n]" if lines else json.dumps(value, ensure_ascii=False)
        parts.append(f"{json.dumps(name)}: {whole}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _is_exempt(clause: Clause) -> bool:
    return clause.follows or clause.never is not None


def _finding(finding: Mapping[str, Any]) -> dict[str, Any]:
    return {**finding, "waiver": None}


def unjudged(clause: str, rule: str, reason: str) -> dict[str, Any]:
    """The finding that something was not judged, and why."""
    return {
        "clause": clause,
        "severity": DECIDING,
        "rule": rule,
        "test": "",
        "host": waiving.ROOM,
        "outcome": UNKNOWN,
        "expected": "有判定 judged",
        "actual": reason,
        "mend": "",
        "asked": [],
    }


def _unjudged(clause: Clause) -> dict[str, Any]:
    title = clause.data["title"]
    return _finding(
        unjudged(clause.id, f"{title['zh']} {title['en']}", "没有规则判定这一条 no rule has judged this clause")
    )


def _waive(findings: Sequence[dict[str, Any]], waivers: Sequence[Waiver], inspected_at: str) -> list[dict[str, Any]]:
    """Let pass what a waiver covers, and say of each waiver what became of it."""
    listed = []
    for number, waiver in enumerate(waivers):
        # When the room was inspected, not when the evidence is judged: judged again later it is the same.
        over = not inspected_at or waiver.is_over(inspected_at)
        covered = [one for one in findings if waiver.covers(one) and one["outcome"] in _DOES_NOT_HOLD]
        if not over:
            for one in covered:
                one |= {"outcome": WAIVED, "waiver": number}
        listed.append(waiver.to_dict() | {"state": EXPIRED if over else USED if covered else UNUSED})
    return listed


def _valid_until(plan: Mapping[str, Any], inspected_at: str, used: Sequence[Mapping[str, Any]]) -> str:
    """Until when the verdict may open the room: a limit of age, and no longer than the waivers that it rests on."""
    if not inspected_at:
        return ""
    limit = datetime.fromisoformat(inspected_at).astimezone(UTC) + timedelta(
        hours=float(plan.get("valid_hours", DEFAULT_VALID_HOURS))
    )
    ends = [limit, *(datetime.fromisoformat(one["expires"]).astimezone(UTC) for one in used)]
    return min(ends).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _strangers(clauses: Clauses, judged: Iterable[str]) -> list[Clause]:
    """Clauses that a rule of the site's own judges and the data does not know."""
    return [Clause({"id": name, "title": {"zh": name, "en": ""}}) for name in sorted(judged) if name not in clauses]


def _counts(findings: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    return dict(sorted(Counter(str(finding["outcome"]) for finding in findings).items()))


def _clause(clause: Clause, findings: Sequence[Mapping[str, Any]], verdict: str) -> dict[str, Any]:
    own = [finding for finding in findings if finding["clause"] == clause.id]
    deciding = [finding["outcome"] for finding in own if finding["severity"] == DECIDING]
    never = clause.never
    if clause.id == VERDICT_CLAUSE:
        outcome = {PASSED: PASSED, REFUSED: FAILED}.get(verdict, UNKNOWN)
    elif clause.follows and not own:
        # The place is what V1 to V8 say of it.
        venue = [one for one in findings if one["clause"].startswith("V") and one["severity"] == DECIDING]
        outcome = {PASSED: PASSED, REFUSED: FAILED}.get(judge(venue), UNKNOWN)
    else:
        outcome = NOT_APPLICABLE if never else worst(deciding or (PASSED for _ in own))
    data = clause.data
    return {
        "id": clause.id,
        "title": data["title"],
        "words": data.get("words", []),
        "readings": data.get("readings", []),
        "outcome": outcome,
        "decides": never is None,
        "counts": _counts(own),
        "advice": sum(one["severity"] == RECOMMENDED and one["outcome"] in _DOES_NOT_HOLD for one in own),
        "reason": never or _reason(own, outcome),
    }


def _reason(own: Sequence[Mapping[str, Any]], outcome: str) -> dict[str, str] | None:
    """Why a clause that may judge a room does not judge this one."""
    said = {str(one["actual"]): None for one in own if one["outcome"] == NOT_APPLICABLE}
    return {"zh": "；".join(said), "en": ""} if outcome == NOT_APPLICABLE and said else None
