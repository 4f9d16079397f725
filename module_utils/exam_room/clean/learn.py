"""What the controller knows of all sessions that can be recognised on a computer.

Of earlier sessions the contents of results, raw material and images of discs; of every session the exam numbers and
names of its candidates; of the exams the kinds of file they produce. A purge leaves the tables: old results stay known.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from ..collect import results
from ..collect.collect import BAG
from ..discs import record
from ..errors import ExamError
from ..journal.journal import Journal
from ..room.planfile import PLAN
from ..room.rawmaterial import local_manifest
from .known import Known, Word

#: A shorter exam number, like a name, is part of too many other words to prove anything by itself.
SURE_LENGTH: Final = 6


def gather(sessions: Path, session_id: str, material: Path, wanted: Iterable[str], kinds: Sequence[str]) -> Known:
    """Everything known in ``sessions``, the folder of all sessions, seen from the session ``session_id``.

    ``material`` holds the raw material of all units; ``wanted`` are the SHA-256 of this session's, the only one
    allowed; ``kinds`` are those of its exam. What cannot be read of another session or unit is named in ``unread``, and
    the rest counts.
    """
    known = Known(kinds=sorted({kind.casefold() for kind in kinds}))
    for directory in sorted(path for path in sessions.glob("*") if (path / PLAN).is_file()):
        try:
            _session(known, directory, own=directory.name == session_id)
        except (ExamError, OSError, ValueError, LookupError, TypeError, AttributeError) as error:
            known.unread.append(f"{directory.name}: {_said(error)}")
    try:
        _other_material(known, material)
    except (ExamError, OSError) as error:
        known.unread.append(_said(error))
    # What candidates copied out of this session's own raw material is no secret, and allowed.
    for sha256 in wanted:
        known.contents.pop(sha256, None)
    return known


def _other_material(known: Known, material: Path) -> None:
    for item in local_manifest(material).values():
        zh, en = f"非本场开考模块的素材 {item.path}", f"raw material that this session does not examine, {item.path}"
        known.content(item.sha256, item.size, item.path.rpartition("\\")[2], zh, en)


def _said(error: Exception) -> str:
    return str(error) if isinstance(error, ExamError) else repr(error)


def _session(known: Known, directory: Path, own: bool) -> None:
    plan = json.loads((directory / PLAN).read_text(encoding="utf-8"))
    name = directory.name
    _candidates(known, name, [seat["candidate"] for seat in plan["seats"] if seat["candidate"]])
    if own:
        return
    exam = plan["session"]["exam"]
    known.kinds = sorted({*known.kinds, *(kind.casefold() for kind in exam.get("results", {}).get("kinds", ()))})
    _material(known, name, Journal(directory))
    for image in record.read(directory).images.values():
        volume = image["volume"]
        zh, en = f"场次 {name} 的光盘映像 {volume}", f"image of the disc {volume} of session {name}"
        known.content(image["sha256"], image["size"], volume, zh, en)
    bag = directory / BAG
    if (bag / results.JSON_NAME).is_file():
        _results(known, name, results.load(bag).files)


def _candidates(known: Known, name: str, candidates: Iterable[Mapping[str, Any]]) -> None:
    for candidate in candidates:
        number, person = str(candidate["exam_number"]), str(candidate["name"])
        sure = len(number) >= SURE_LENGTH
        known.word(
            number, Word(name, sure, f"场次 {name} 的准考证号 {number}", f"exam number {number} of session {name}")
        )
        known.word(person, Word(name, False, f"场次 {name} 的考生 {person}", f"candidate {person} of session {name}"))


def _material(known: Known, name: str, journal: Journal) -> None:
    for entry in journal.read().entries:
        if entry.step == "material":
            for file in entry.data.get("files", ()):
                path = str(file["path"])
                zh, en = f"场次 {name} 的原始素材 {path}", f"raw material of session {name}, {path}"
                known.content(file["sha256"], file["size"], path.rpartition("\\")[2], zh, en)


def _results(known: Known, name: str, files: Iterable[results.Entry]) -> None:
    for file in files:
        path = results.printable(f"{file.account}\\{file.path}")
        zh, en = f"场次 {name} 的考试结果 {path}", f"result of session {name}, {path}"
        known.content(file.sha256, file.size, file.parts[-1], zh, en)
