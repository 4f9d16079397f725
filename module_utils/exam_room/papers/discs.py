"""The discs of a session as papers name them, from the record that burning leaves (docs/discs.md)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import ExamError
from ..journal.journal import Entry, Journal

FOLDER = "discs"
_TARGETS = {"server": "服务器刻录机", "image": "映像文件（演练）"}
_INTERRUPTED = "刻录中断，没有回读核对"
COPIES = ("正本", "副本", "副本2", "副本3")


@dataclass(frozen=True)
class Disc:
    """One disc of one copy that was read back equal. Moments in UTC, ISO 8601; ``sha256`` of its image."""

    volume: str
    number: int
    of: int
    copy: str
    candidates: int
    first: str
    last: str
    files: int
    bytes: int
    sha256: str
    target: str
    burned_by: str
    burned_at: str


@dataclass(frozen=True)
class BadDisc:
    """A disc that does not count, and why."""

    volume: str
    number: int
    copy: str
    reason: str
    at: str


@dataclass(frozen=True)
class Burned:
    """What burning has left so far."""

    discs: Sequence[Disc]
    bad: Sequence[BadDisc]


def burned(directory: Path) -> Burned:
    """The discs of the session in ``directory``; raises ExamError when none was read back equal yet."""
    entries = Journal(directory / FOLDER).read().entries
    starts = [index for index, entry in enumerate(entries) if entry.event == "sealed"]
    if not starts:
        raise ExamError("还没有刻盘记录，不能打印光盘交接单。", "There is no record of discs to hand over yet.")
    try:
        return _burned(directory, entries, starts[-1])
    except (KeyError, TypeError, ValueError, IndexError, OSError) as exc:
        raise ExamError(f"刻盘记录损坏：{exc!r}", f"The record of the discs is damaged: {exc!r}") from exc


def _burned(directory: Path, entries: Sequence[Entry], last_sealed: int) -> Burned:
    sealed = {int(disc["number"]): disc for disc in entries[last_sealed].data["discs"]}
    images: dict[int, str] = {}
    good: dict[tuple[int, int], Disc] = {}
    for entry in entries[last_sealed:]:
        number = int(entry.data.get("disc", 0))
        if entry.event == "image":
            images[number] = str(entry.data["sha256"])
        elif entry.event == "verified" and entry.data["image_sha256"] == images[number]:
            good[int(entry.data["copy"]), number] = _disc(directory, sealed[number], len(sealed), entry)
    if not good:
        raise ExamError(
            "还没有核对无误的光盘，不能打印光盘交接单。", "No disc was read back equal yet, none to hand over."
        )
    # Of discs of an earlier sealing the bad ones lie about too.
    volumes = {
        int(disc["number"]): str(disc["volume"])
        for entry in entries
        if entry.event == "sealed"
        for disc in entry.data["discs"]
    }
    return Burned([good[pair] for pair in sorted(good)], _bad(entries, volumes))


def _disc(directory: Path, sealed: Mapping[str, Any], of: int, verified: Entry) -> Disc:
    volume = str(sealed["volume"])
    index = json.loads((directory / FOLDER / "sealed" / volume / "index.json").read_bytes())
    own = next(disc for disc in index["discs"] if disc["number"] == sealed["number"])
    numbers = sealed.get("exam_numbers") or {}
    return Disc(
        volume=volume,
        number=int(sealed["number"]),
        of=of,
        copy=COPIES[int(verified.data["copy"]) - 1],
        candidates=len({one["exam_number"] for one in own["candidates"] if one["exam_number"]}),
        first=str(numbers.get("first", "—")),
        last=str(numbers.get("last", "—")),
        files=int(sealed["files"]),
        bytes=int(sealed["bytes"]),
        sha256=str(verified.data["image_sha256"]),
        target=_TARGETS.get(str(verified.data["target"]), f"主控机 {verified.data['target']}"),
        burned_by=verified.who,
        burned_at=verified.at,
    )


def _bad(entries: Sequence[Entry], volumes: Mapping[int, str]) -> list[BadDisc]:
    """Discs marked bad, and those whose burning never ended."""
    found = []
    begun: Entry | None = None
    for entry in (*entries, None):
        if begun is not None and (entry is None or entry.event in ("begun", "sealed")):
            found.append(_one_bad(begun, volumes, _INTERRUPTED))
            begun = None
        if entry is None:
            break
        if entry.event == "begun":
            begun = entry
        elif entry.event in ("verified", "bad", "refused"):
            begun = None
        if entry.event == "bad":
            found.append(_one_bad(entry, volumes, str(entry.data.get("zh", ""))))
    return found


def _one_bad(entry: Entry, volumes: Mapping[int, str], reason: str) -> BadDisc:
    number = int(entry.data["disc"])
    return BadDisc(volumes[number], number, COPIES[int(entry.data["copy"]) - 1], reason, entry.at)
