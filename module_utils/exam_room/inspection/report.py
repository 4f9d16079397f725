"""What stands on the report of an inspection: the verdict in the order in which an inspector reads it."""

from __future__ import annotations

import re
import shlex
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from . import compare
from .outcomes import (
    ADVICE,
    FAILED,
    NOT_APPLICABLE,
    PASSED,
    RECOMMENDED,
    UNKNOWN,
    VERDICTS,
    WAIVED,
    WORDS,
    Words,
    worst,
)
from .waivers import ROOM

_ADVICE = "advice"
_COLUMNS, _MANY, _COLUMNS_OF_MANY = 6, 30, 10
_PLAYBOOK = re.compile(r"[a-z_]+\.yml(?= |$)")
_DOES_NOT_HOLD = (FAILED, UNKNOWN)
_OFTEN = 3
_UTC = ZoneInfo("UTC")


@dataclass(frozen=True)
class Cell:
    """One computer on the seat plan: ``kind`` an outcome or advice, ``clauses`` those that do not hold on it."""

    label: str
    host: str
    kind: str
    sign: str
    clauses: str


@dataclass(frozen=True)
class Row:
    """What was found alike on some hosts."""

    hosts: str
    expected: str
    actual: str


@dataclass
class Point:
    """One rule that did not simply hold: its hosts, and how it is mended."""

    rule: str
    kind: str
    words: Words
    rows: list[Row]
    mend: Sequence[str]
    waiver: str = ""


@dataclass(frozen=True)
class Unread:
    """Hosts of which many rules could not be judged for one and the same reason."""

    hosts: str
    reason: str
    clauses: str
    rules: int


@dataclass(frozen=True)
class Section:
    """One clause with what is to be said of it."""

    clause: Mapping[str, Any]
    points: Sequence[Point]


@dataclass(frozen=True)
class Line:
    """One clause in the table of clauses."""

    clause: Mapping[str, Any]
    kind: str
    words: Words
    counts: str
    where: str


@dataclass(frozen=True)
class Seal:
    """How the report is signed: ``fingerprint`` of the key and ``signer``; ``problem`` where it is not."""

    signer: str = ""
    fingerprint: str = ""
    problem: str = ""


@dataclass(frozen=True)
class Report:
    """Everything that the template prints. ``verdict`` and ``plan`` are the documents."""

    verdict: Mapping[str, Any]
    plan: Mapping[str, Any]
    changes: Mapping[str, Any] | None = None
    seal: Seal = field(default_factory=Seal)
    verdict_sha256: str = ""
    inspector_title: str = "督考员"

    @property
    def words(self) -> Words:
        """The verdict in words."""
        return VERDICTS[self.verdict["verdict"]]

    @property
    def session(self) -> Mapping[str, Any]:
        """The session as plans have it; empty where plan.json could not be read."""
        found: Mapping[str, Any] = self.plan.get("session") or {}
        return found

    @property
    def zone(self) -> ZoneInfo:
        """The room's time."""
        return ZoneInfo(self.session["timezone"]) if self.session.get("timezone") else _UTC

    @property
    def hosts(self) -> list[str]:
        """The server and the clients in seat order."""
        server = (self.plan.get("server") or {}).get("host")
        return [str(host) for host in (server, *(seat["host"] for seat in self._seats)) if host]

    @property
    def _seats(self) -> list[Mapping[str, Any]]:
        return sorted(self.plan.get("seats") or (), key=lambda seat: int(seat["number"]))

    @property
    def columns(self) -> int:
        """How many seats stand beside each other on the plan."""
        return _COLUMNS_OF_MANY if len(self._seats) > _MANY else _COLUMNS

    def seat_rows(self) -> list[list[Cell]]:
        """The seats in their rows."""
        cells = [
            self._cell(f"{seat['number']}" + (" 备" if seat.get("spare") else ""), str(seat["host"]))
            for seat in self._seats
        ]
        return [cells[start : start + self.columns] for start in range(0, len(cells), self.columns)]

    def wide_cells(self) -> list[Cell]:
        """The server, and what is judged once for the whole room."""
        server = self.hosts[:1]
        return [*(self._cell("服务器", host) for host in server), self._cell("全考场 whole room", ROOM)]

    def _cell(self, label: str, host: str) -> Cell:
        own = [one for one in self.verdict["findings"] if one["host"] == host]
        deciding = worst(one["outcome"] for one in own if one["severity"] != RECOMMENDED)
        advice = any(one["outcome"] in _DOES_NOT_HOLD for one in own if one["severity"] == RECOMMENDED)
        kind = _ADVICE if advice and deciding in (PASSED, NOT_APPLICABLE) else deciding
        if not own:
            kind = UNKNOWN
        shown = dict.fromkeys(
            one["clause"] for one in own if one["outcome"] in (FAILED, UNKNOWN, WAIVED) and _kind(one) == kind
        )
        return Cell(label, "" if host == ROOM else host, kind, _words(kind).sign, " ".join(shown))

    def legend(self) -> list[tuple[str, Words]]:
        """The signs of the seat plan, the worst first."""
        return [(kind, _words(kind)) for kind in (FAILED, UNKNOWN, WAIVED, _ADVICE, PASSED)]

    def lines(self) -> list[Line]:
        """The table of clauses."""
        return [self._line(clause) for clause in self.verdict["clauses"]]

    def _line(self, clause: Mapping[str, Any]) -> Line:
        bad = [
            one
            for one in self.verdict["findings"]
            if one["clause"] == clause["id"] and one["outcome"] in (*_DOES_NOT_HOLD, WAIVED)
        ]
        kind = _ADVICE if clause["advice"] and clause["outcome"] == PASSED else clause["outcome"]
        return Line(clause, kind, _words(kind), _counted(clause["counts"]), self._names(one["host"] for one in bad))

    def sections(self) -> list[Section]:
        """The clauses of which something is to be said, with every finding that did not simply hold."""
        return [
            Section(clause, points)
            for clause in self.verdict["clauses"]
            if (
                points := self._points(
                    one
                    for one in self.verdict["findings"]
                    if one["clause"] == clause["id"] and (one["host"], one["actual"]) not in self._silent
                )
            )
        ]

    @cached_property
    def _silent(self) -> set[tuple[str, str]]:
        """Host and reason of what is unknown so often that it is said once for all rules."""
        counts = Counter(
            (str(one["host"]), str(one["actual"])) for one in self.verdict["findings"] if one["outcome"] == UNKNOWN
        )
        return {place for place, count in counts.items() if count >= _OFTEN}

    def unread(self) -> list[Unread]:
        """The hosts that could not be asked, or of which a document says nothing."""
        found: dict[str, list[Mapping[str, Any]]] = {}
        for one in self.verdict["findings"]:
            if one["outcome"] == UNKNOWN and (one["host"], one["actual"]) in self._silent:
                found.setdefault(str(one["actual"]), []).append(one)
        return [
            Unread(
                self._names(one["host"] for one in own),
                reason,
                " ".join(dict.fromkeys(str(one["clause"]) for one in own)),
                len(own),
            )
            for reason, own in found.items()
        ]

    def _points(self, findings: Iterable[Mapping[str, Any]]) -> list[Point]:
        groups: dict[tuple[str, str, str, Any], list[Mapping[str, Any]]] = {}
        for one in findings:
            if one["outcome"] in (FAILED, UNKNOWN, WAIVED):
                groups.setdefault((_kind(one), one["test"], one["rule"], one["waiver"]), []).append(one)
        order = [FAILED, UNKNOWN, WAIVED, _ADVICE]
        return [
            Point(
                rule,
                kind,
                _words(kind),
                self._rows(found),
                self._mend(found),
                self._waiver(waiver),
            )
            for (kind, _, rule, waiver), found in sorted(groups.items(), key=lambda group: order.index(group[0][0]))
        ]

    def _rows(self, findings: Iterable[Mapping[str, Any]]) -> list[Row]:
        alike: dict[tuple[str, str], list[str]] = {}
        for one in findings:
            alike.setdefault((str(one["expected"]), str(one["actual"])), []).append(str(one["host"]))
        return [Row(self._names(hosts), *said) for said, hosts in alike.items()]

    def _waiver(self, number: Any) -> str:
        if number is None:
            return ""
        one = self.verdict["waivers"][number]
        return f"{one['reason']}（{one['who']}，至 until {one['expires']}）"

    def _mend(self, findings: Sequence[Mapping[str, Any]]) -> list[str]:
        """How these findings are mended: one command for all hosts where they differ in nothing else."""
        templates: dict[str, list[str]] = {}
        for one in findings:
            host, mend = str(one["host"]), str(one["mend"]).strip()
            if mend:
                named = re.sub(rf"(?<![\w.-]){re.escape(host)}(?![\w.-])", "\0", mend)
                templates.setdefault(named, []).append(host)
        return [self.command(template.replace("\0", self._limit(hosts))) for template, hosts in templates.items()]

    def _limit(self, hosts: Sequence[str]) -> str:
        """The hosts as --limit takes them: the group where it is all of one."""
        known = self.hosts
        if len(known) > 2:
            if set(hosts) == set(known):
                return "exam_room"
            if set(hosts) == set(known[1:]):
                return "exam_clients"
        return ",".join(hosts)

    def command(self, mend: str) -> str:
        """A playbook with its options as the command that is typed; anything else as it is."""
        if not _PLAYBOOK.match(mend):
            return mend
        rooms = " ".join(f"-i {shlex.quote(str(room))}" for room in self.plan.get("inventory") or ("ROOM",))
        return f"ansible-playbook {rooms} playbooks/{mend}"

    def _names(self, hosts: Iterable[str]) -> str:
        """Hosts in the order of the seats, neighbours as first–last: server、pc01–pc03、pc07."""
        given = set(hosts)
        known = self.hosts
        runs: list[list[str]] = []
        for place, host in enumerate(known):
            if host not in given:
                continue
            # The server is no neighbour of the first seat.
            if runs and place > 1 and known[place - 1] in given:
                runs[-1].append(host)
            else:
                runs.append([host])
        shown = [
            run[0] if len(run) == 1 else "、".join(run) if len(run) == 2 else f"{run[0]}–{run[-1]}" for run in runs
        ]
        others = sorted(given - set(known) - {ROOM})
        return "、".join([*(["全考场 room"] if ROOM in given else []), *shown, *others])

    def readings(self) -> list[tuple[str, str, Mapping[str, Any]]]:
        """Where we read a clause more strictly or more loosely than it is written, or had to decide what it means."""
        kinds = {"stricter": "更严 stricter", "looser": "放宽 looser", "reading": "理解 reading"}
        return [
            (clause["id"], kinds[one["kind"]], one) for clause in self.verdict["clauses"] for one in clause["readings"]
        ]

    def source(self, name: str) -> str:
        """The document that a clause stands in."""
        return str(self.verdict["sources"][name]["zh"])

    def judged(self) -> list[tuple[str, str, str]]:
        """Every rule with how often it ended how: clause, rule, counts."""
        found: dict[tuple[str, str], dict[str, int]] = {}
        for one in self.verdict["findings"]:
            counts = found.setdefault((one["clause"], one["rule"]), {})
            counts[one["outcome"]] = counts.get(one["outcome"], 0) + 1
        order = {clause["id"]: place for place, clause in enumerate(self.verdict["clauses"])}
        return [
            (clause, rule, _counted(counts))
            for (clause, rule), counts in sorted(found.items(), key=lambda item: order[item[0][0]])
        ]

    def changed(self) -> list[tuple[str, str, str, str]]:
        """What has changed since the inspection before: what, clause, rule, hosts; of what is new only the bad."""
        if self.changes is None:
            return []
        found: dict[tuple[str, str, str, str], list[str]] = {}
        for kind in compare.KINDS:
            for one in self.changes[kind]:
                if kind in (compare.NEW, compare.GONE) and (one["is"] or one["was"]) in (PASSED, NOT_APPLICABLE):
                    continue
                turned = " → ".join(WORDS[name].zh for name in (one["was"], one["is"]) if name)
                said = f"{' '.join(compare.WORDS[kind])}：{turned}"
                found.setdefault((said, one["clause"], one["rule"], kind), []).append(one["host"])
        return [(said, clause, rule, self._names(hosts)) for (said, clause, rule, _), hosts in found.items()]

    def changed_in_short(self) -> tuple[str, str]:
        """How many of each kind have changed."""
        return compare.summary(self.changes) if self.changes is not None else ("", "")

    def signers(self) -> list[tuple[str, str]]:
        """Who signs: the assessors and the inspector, each on a line."""
        staff = self.session.get("staff") or {}
        lines = []
        for label, names in (("考评员", staff.get("assessors")), (self.inspector_title, staff.get("inspector"))):
            lines += [(f"{label}签名", f"（{name}）" if name else "") for name in names or [""]]
        return lines


def _kind(finding: Mapping[str, Any]) -> str:
    """What it is on the seat plan: its outcome, or advice where it decides nothing."""
    if finding["severity"] == RECOMMENDED and finding["outcome"] in _DOES_NOT_HOLD:
        return _ADVICE
    return str(finding["outcome"])


def _counted(counts: Mapping[str, int]) -> str:
    """How many ended how; in words, for a sign before a number reads as a root."""
    return "，".join(f"{WORDS[name].zh} {counts[name]}" for name in WORDS if name in counts)


def _words(kind: str) -> Words:
    return ADVICE if kind == _ADVICE else WORDS[kind]
