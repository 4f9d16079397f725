"""The plan of a session: session file, room, exam and roster put together, checked, and written down."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from ..errors import ExamError, InputRefused, Problem
from ..files import told, write_atomic
from . import seating, software, text
from .conditions import clause_words
from .planfile import PLAN
from .problems import refusal
from .room import Room, load_room
from .roster import Roster, read_roster
from .session import Session, load_session
from .staff import shortages

VERSION = 1

_Loaded = TypeVar("_Loaded")


@dataclass(frozen=True)
class Plan:
    """Everything a session needs to know before any host is touched; ``directory`` is where its papers go."""

    session: Session
    room: Room
    roster: Roster
    seating: seating.SeatingPlan
    directory: Path

    def to_dict(self) -> dict[str, Any]:
        """The content of plan.json: the same for the same input, so that a second writing changes nothing."""
        room = self.room.to_dict()
        seats = self.seating.to_list()
        del room["seats"]
        return {
            "version": VERSION,
            "session": self.session.to_dict(),
            "room": room,
            "seats": seats,
            "candidates": len(self.roster.candidates),
            "other_rows": self.roster.other_rows,
            "seed": self.seating.seed,
            "roster": {"file": self.session.roster.file.name, "sha256": self.roster.sha256},
        }

    def text(self) -> str:
        """plan.json as text."""
        return json.dumps(self.to_dict(), ensure_ascii=False, indent=2) + "\n"

    def files(self) -> dict[str, bytes]:
        """The papers by name."""
        return {
            PLAN: self.text().encode("utf-8"),
            "seating.csv": seating.seating_csv(self.seating),
            "seating.html": seating.seating_html(self.session, self.seating),
        }

    def report(self) -> list[dict[str, str]]:
        """What the technician is told, a line each, in both languages."""
        session, roster = self.session, self.roster
        units = ", ".join(str(unit.number) for unit in session.units)
        start = session.planned_start.strftime("%Y-%m-%d %H:%M")
        how_zh, how_en = self._seats_given_by()
        places, seconds = len(self.room.places), session.duration_seconds
        spares = len(self.room.seats) - places
        return [
            {
                "zh": f"场次 {session.id}：{session.exam.name_zh}，单元 {units}，{start} 开考，{seconds} 秒",
                "en": f"session {session.id}: {session.exam.name_en}, units {units}, start {start}, {seconds} s",
            },
            {
                "zh": f"考生 {len(roster.candidates)} 名，机位 {places} 个，备用机 {spares} 台，{how_zh}",
                "en": f"{len(roster.candidates)} candidates, {places} seats, {spares} spares, {how_en}",
            },
            {
                "zh": f"名单中其他场次 {roster.other_rows} 行，未取用",
                "en": f"{roster.other_rows} rows of the roster belong to other sessions and were left out",
            },
            *({"zh": zh, "en": en} for zh, en in self._conditions()),
        ]

    def _conditions(self) -> Iterator[tuple[str, str]]:
        """What the exam asks of the room and its people."""
        exam = self.session.exam
        if exam.place:
            yield f"场地：{exam.place}", f"place: {exam.place}"
        if exam.internet:
            zh, en = exam.internet.words()
            yield f"网络：{zh}", f"Internet: {en}"
        for one in exam.results.minimum:
            zh, en = one.words()
            yield f"考生至少应保存：{zh}", f"candidates save at the least: {en}"
        yield from software.words(exam.software)
        yield from clause_words(exam.clauses)
        yield from shortages(self.session.to_dict(), len(self.roster.candidates))

    def _seats_given_by(self) -> tuple[str, str]:
        if self.seating.seed is not None:
            return f"机位抽签，种子 {self.seating.seed}", f"seats drawn by lot, seed {self.seating.seed}"
        if self.roster.seats_given:
            return "机位按名单", "seats as the roster says"
        return "机位按名单次序", "seats in roster order"


def build_plan(session_file: Path, exams_dir: Path, room_data: Any, sessions_dir: Path, now: datetime | None) -> Plan:
    """Read and check everything; see load_session() for ``now``. Touches nothing.

    Raises InputRefused with the problems of session file and room together, then with those of the roster.
    """
    problems: list[Problem] = []
    session = _collect(lambda: load_session(session_file, exams_dir, now), problems)
    room = _collect(lambda: load_room(room_data), problems)
    if session is None or room is None:
        raise InputRefused(problems)
    if room.name and text.key(room.name) != text.key(session.room):
        raise refusal(
            session_file.name,
            f"场次的考场是 {session.room}，本机房清单是 {room.name}",
            f"the session is held in {session.room}, this inventory is of {room.name}",
            field="room",
        )
    roster = read_roster(session.roster, room)
    directory = sessions_dir / session.id
    lot = session.roster.seating == "lot"
    seed = _seed(session, directory) if lot else None
    return Plan(session, room, roster, seating.assign(room, roster, lot, seed), directory)


def _collect(load: Callable[[], _Loaded], problems: list[Problem]) -> _Loaded | None:
    try:
        return load()
    except InputRefused as refused:
        problems.extend(refused.problems)
        return None


def _seed(session: Session, directory: Path) -> str | None:
    """The lot's seed: drawn once for a session, it stays, so that no second run can draw better seats."""
    path = directory / PLAN
    wanted = session.roster.lot_seed
    try:
        drawn = json.loads(path.read_bytes())["seed"]
    except FileNotFoundError:
        return wanted
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise ExamError(
            f"读不了已有的 {path}，无法得知抽签种子；请先恢复或移走该文件",
            f"the plan {path} that exists cannot be read, so the lot's seed is unknown; restore it or move it away",
        ) from error
    if drawn is not None and wanted not in (None, drawn):
        raise refusal(
            path.name,
            f"本场次已用种子 {drawn} 抽签，不能改用 {wanted}",
            f"the seats of this session were drawn with the seed {drawn}, it cannot change to {wanted}",
            field="seed",
        )
    return wanted if drawn is None else str(drawn)


def written(plan: Plan) -> str:
    """The plan.json that lies in the session's directory now, empty when there is none."""
    return (_read(plan.directory / PLAN) or b"").decode("utf-8", "replace")


def outdated(plan: Plan) -> list[str]:
    """The papers that are missing or say something else."""
    return [name for name, data in plan.files().items() if _read(plan.directory / name) != data]


def write(plan: Plan) -> list[str]:
    """Write the papers that are outdated, each atomically. Returns their names. Raises ExamError."""
    files = plan.files()
    names = outdated(plan)
    with told(plan.directory):
        if names:
            plan.directory.mkdir(mode=0o750, parents=True, exist_ok=True)
        for name in names:
            write_atomic(plan.directory / name, files[name], mode=0o640)
    return names


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None
