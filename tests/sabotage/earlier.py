"""An earlier session on the controller, for whose traces the room's computers are searched."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from exam_room.collect import results
from exam_room.collect.collect import BAG
from exam_room.collect.results import FILE, Entry, Owner, Table
from exam_room.journal.journal import Journal

SESSION, ROOM = "sabotage-yesterday", "昨日考场"
NUMBER, PERSON = "990001012500", "欧阳昨日"
RESULT = "昨天的考试结果 yesterday's result".encode()


@contextmanager
def session(sessions: Path) -> Iterator[None]:
    """One candidate of another room has left one file; the session is forgotten on leaving."""
    directory = sessions / SESSION
    shutil.rmtree(directory, ignore_errors=True)
    bag = directory / BAG
    bag.mkdir(parents=True)
    candidate = {"exam_number": NUMBER, "name": PERSON}
    seats = [{"number": 1, "account": "KS01", "candidate": candidate}]
    plan = {"session": {"id": SESSION, "room": ROOM, "exam": {"code": "rehearsal"}}, "seats": seats}
    (directory / "plan.json").write_text(json.dumps(plan, ensure_ascii=False), encoding="utf-8")
    with Journal(directory).writing() as writer:
        writer.append("sabotage", "session", "created", {"session_id": SESSION, "room": ROOM})
    digest = hashlib.sha256(RESULT).hexdigest()
    owner = Owner("KS01", NUMBER)
    file = Entry("KS01", FILE, ("答案.docx",), "data/KS01/答案.docx", len(RESULT), 1, 1, digest, "00")
    table = Table("2026-01-05T01:00:00Z", "2026-01-05T01:01:00Z", [owner], {owner: "data/KS01"}, [file])
    results.save(bag, table)
    try:
        yield
    finally:
        shutil.rmtree(directory, ignore_errors=True)
