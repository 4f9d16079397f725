"""A room, a session file and a roster that are right, for tests to make wrong in one point."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from exam_room.errors import InputRefused, Problem
from exam_room.room.room import Room, load_room
from exam_room.room.roster import Roster, read_roster
from exam_room.room.session import RosterSource

ROOT = Path(__file__).parents[3]
EXAMS = ROOT / "exams"
EXAMPLE = ROOT / "inventories" / "example"

SESSION = """\
site: {name: 示例考试站, code: 0123}
batch: 2027年第二批
session: s-1
date: 2027-06-19
room: 301考场
exam: cross-border-ecommerce
planned_start: 14:30
assessors: [陈志远]
inspector: 林国华
roster: {file: roster.csv}
"""


def room_data(seats: int = 3, spares: int = 1, **changes: Any) -> dict[str, Any]:
    """The inventory's data of a room of pc01, pc02 … and spares after them."""
    data: dict[str, Any] = {
        "workgroup": "KAOCHANG",
        "network": "192.168.10.0/24",
        "client_range": "192.168.10.101-192.168.10.199",
        "server": {"host": "server", "address": "192.168.10.10"},
        "seats": [
            {"number": n, "host": f"pc{n:02d}", "address": f"192.168.10.{100 + n}", "spare": n > seats}
            for n in range(1, seats + spares + 1)
        ],
    }
    return data | changes


def room(seats: int = 3, spares: int = 1) -> Room:
    return load_room(room_data(seats, spares))


def source(file: Path, **changes: Any) -> RosterSource:
    """The session's side of the roster: batch 二批, session 1, room 301."""
    values: dict[str, Any] = {
        "file": file,
        "sheet": "",
        "seating": "roster",
        "lot_seed": None,
        "batch": "二批",
        "session": "1",
        "room": "301",
    }
    return RosterSource(**(values | changes))


def read(path: Path, seats: int = 3, **changes: Any) -> Roster:
    return read_roster(source(path, **changes), room(seats))


def only(refused: InputRefused) -> Problem:
    """The one problem of a refusal; that there is no second belongs to what is tested."""
    assert len(refused.problems) == 1, str(refused)
    problem = refused.problems[0]
    assert problem.zh and problem.en and problem.zh != problem.en
    return problem
