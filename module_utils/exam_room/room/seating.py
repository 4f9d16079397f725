"""Who sits where, and the 座次表 that says so, as CSV and as a page to print."""

from __future__ import annotations

import csv
import hashlib
import io
import secrets
from dataclasses import dataclass
from typing import Any

import jinja2

from . import text
from .problems import refusal
from .room import Room, Seat
from .roster import Candidate, Roster
from .seating_page import PAGE
from .session import Session

_FORMULA_STARTS = ("=", "+", "-", "@", "|", "%")
_LONG_NUMBER = 12
"""Excel shows numbers of 12 digits and more as 4.4E+11."""


@dataclass(frozen=True)
class SeatingPlan:
    """Every seat of the room with its candidate or None; ``seed`` of the lot, None where none was drawn."""

    seats: tuple[tuple[Seat, Candidate | None], ...]
    seed: str | None

    def to_list(self) -> list[dict[str, Any]]:
        return [seat.to_dict(candidate.to_dict() if candidate else None) for seat, candidate in self.seats]


def new_seed() -> str:
    """A seed that nobody can foresee."""
    return secrets.token_hex(16)


def assign(room: Room, roster: Roster, lot: bool, seed: str | None) -> SeatingPlan:
    """Give every candidate a seat.

    By the roster's 机位 where it has them, else in roster order, else by lot: candidates are put in the order of
    SHA-256(seed, line feed, exam number) in UTF-8, compared as hexadecimal text, the exam number without spaces, in
    lower case and half width; the first gets the first seat. Whoever knows seed and roster can draw it again.
    Raises InputRefused when seats are to be drawn though the roster gives them.
    """
    if lot and roster.seats_given:
        raise refusal(
            "roster.seating",
            "名单已给出机位，不能再抽签；请删去机位列或改为 seating: roster",
            "the roster gives seats, so none can be drawn; remove that column or say seating: roster",
        )
    if roster.seats_given:
        taken = {candidate.seat: candidate for candidate in roster.candidates}
        return SeatingPlan(tuple((seat, taken.get(seat.number)) for seat in room.seats), None)
    order = list(roster.candidates)
    if lot:
        seed = seed or new_seed()
        order.sort(key=lambda candidate: lot_key(seed or "", candidate.exam_number))
    numbers = {seat.number: candidate for seat, candidate in zip(room.places, order, strict=False)}
    return SeatingPlan(tuple((seat, numbers.get(seat.number)) for seat in room.seats), seed if lot else None)


def lot_key(seed: str, exam_number: str) -> str:
    """What decides a candidate's place in the lot; see assign()."""
    return hashlib.sha256(f"{seed}\n{text.key(exam_number)}".encode()).hexdigest()


def seating_csv(plan: SeatingPlan) -> bytes:
    """The 座次表 for Excel: UTF-8 with BOM, CRLF.

    A cell that Excel would take for a formula starts with an apostrophe, a long number with a tab, which keeps
    Excel from turning it into 4.4E+17. Programs read plan.json instead.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(["机位", "用户名", "准考证号", "姓名", "备注"])
    for seat, candidate in plan.seats:
        number, name = (candidate.exam_number, candidate.name) if candidate else ("", "")
        writer.writerow([seat.number, *map(_safe, (seat.account, number, name)), _remark(seat, candidate)])
    return out.getvalue().encode("utf-8-sig")


def _safe(value: str) -> str:
    if value.isdigit() and len(value) >= _LONG_NUMBER:
        return f"\t{value}"
    # Excel looks at full-width signs as well.
    return f"'{value}" if text.key(value).startswith(_FORMULA_STARTS) else value


def _remark(seat: Seat, candidate: Candidate | None) -> str:
    if seat.spare:
        return "备用机"
    return "" if candidate else "空位"


def seating_html(session: Session, plan: SeatingPlan) -> bytes:
    """The 座次表 as a page for A4, complete in one file; every value is escaped."""
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    rows = [(seat, candidate, _remark(seat, candidate)) for seat, candidate in plan.seats]
    page = environment.from_string(PAGE).render(
        session=session,
        rows=rows,
        seated=sum(1 for _, candidate in plan.seats if candidate),
        seed=plan.seed,
        start=session.planned_start.strftime("%H:%M"),
        minutes=f"{session.duration_seconds / 60:g}",
    )
    return page.encode("utf-8")
