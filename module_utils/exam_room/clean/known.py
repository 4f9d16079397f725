"""What the controller knows of all sessions that can be recognised on a computer.

Of earlier sessions the contents of results, raw material and images of discs; of every session the exam numbers and
names of its candidates; of the exams the kinds of file they produce. A purge leaves the tables: old results stay known.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from ..collect import results
from ..collect.collect import BAG
from ..discs import record
from ..errors import ExamError
from ..journal.journal import Journal
from ..room.plan import PLAN
from ..server.material import local_manifest

#: A shorter exam number, like a name, is part of too many other words to prove anything by itself.
SURE_LENGTH: Final = 6
SHORTEST: Final = 2
#: What Windows makes by itself in every folder.
EVERYWHERE: Final = frozenset({"desktop.ini", "thumbs.db"})
#: How much of a SHA-256 is sent to the computers: enough that hardly a file is listed by chance.
SENT_CHARACTERS: Final = 8


@dataclass(frozen=True)
class Content:
    """A file that may not be on a computer: bytes, and what it is, for people."""

    size: int
    zh: str
    en: str


@dataclass(frozen=True)
class Word:
    """A part of a name that gives a file away: of which session, and whether it does so whatever the file is."""

    session: str
    sure: bool
    zh: str
    en: str


@dataclass
class Known:
    """``contents`` by SHA-256, ``words`` in small letters, ``kinds`` with their dot, ``unread``: sessions, and why."""

    contents: dict[str, Content] = field(default_factory=dict)
    words: dict[str, Word] = field(default_factory=dict)
    kinds: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)

    def to_dict(self) -> dict[str, Any]:
        """As a module returns it."""
        return {
            "contents": {sha256: vars(one) for sha256, one in self.contents.items()},
            "words": {word: vars(one) for word, one in self.words.items()},
            "kinds": self.kinds,
            "unread": self.unread,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Known:
        """What ``to_dict`` gave."""
        return cls(
            {sha256: Content(**one) for sha256, one in data["contents"].items()},
            {word: Word(**one) for word, one in data["words"].items()},
            list(data["kinds"]),
            list(data["unread"]),
        )

    def parameters(self) -> dict[str, Any]:
        """What Find-ExamLeftover.ps1 looks for."""
        contents = {f"{one.size}:{sha256[:SENT_CHARACTERS]}" for sha256, one in self.contents.items()}
        return {"Kind": self.kinds, "Word": sorted(self.words), "Content": " ".join(sorted(contents))}

    def _content(self, sha256: str, size: int, name: str, zh: str, en: str) -> None:
        if size and sha256 and name.casefold() not in EVERYWHERE:
            self.contents.setdefault(sha256, Content(size, zh, en))

    def _word(self, text: str, word: Word) -> None:
        if len(text) >= SHORTEST:
            self.words.setdefault(text.casefold(), word)


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
        known._content(item.sha256, item.size, item.path.rpartition("\\")[2], zh, en)


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
        known._content(image["sha256"], image["size"], volume, zh, en)
    bag = directory / BAG
    if (bag / results.JSON_NAME).is_file():
        _results(known, name, results.load(bag).files)


def _candidates(known: Known, name: str, candidates: Iterable[Mapping[str, Any]]) -> None:
    for candidate in candidates:
        number, person = str(candidate["exam_number"]), str(candidate["name"])
        sure = len(number) >= SURE_LENGTH
        known._word(
            number, Word(name, sure, f"场次 {name} 的准考证号 {number}", f"exam number {number} of session {name}")
        )
        known._word(person, Word(name, False, f"场次 {name} 的考生 {person}", f"candidate {person} of session {name}"))


def _material(known: Known, name: str, journal: Journal) -> None:
    for entry in journal.read().entries:
        if entry.step == "material":
            for file in entry.data.get("files", ()):
                path = str(file["path"])
                zh, en = f"场次 {name} 的原始素材 {path}", f"raw material of session {name}, {path}"
                known._content(file["sha256"], file["size"], path.rpartition("\\")[2], zh, en)


def _results(known: Known, name: str, files: Iterable[results.Entry]) -> None:
    for file in files:
        path = results.printable(f"{file.account}\\{file.path}")
        zh, en = f"场次 {name} 的考试结果 {path}", f"result of session {name}, {path}"
        known._content(file.sha256, file.size, file.parts[-1], zh, en)
