"""The discs of a session as papers name them, from the record that burning leaves (docs/discs.md)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..discs import index, record
from ..errors import ExamError

_TARGETS = {record.TO_SERVER: "服务器刻录机", record.TO_IMAGE: "映像文件（演练）"}


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
    try:
        known = record.read(directory)
        if known.sealed is None:
            raise ExamError("还没有刻盘记录，不能打印光盘交接单。", "There is no record of discs to hand over yet.")
        return _burned(directory, known, {int(disc["number"]): disc for disc in known.sealed["discs"]})
    except (KeyError, TypeError, ValueError, IndexError, OSError) as exc:
        raise ExamError(f"刻盘记录损坏：{exc!r}", f"The record of the discs is damaged: {exc!r}") from exc


def _burned(directory: Path, known: record.Record, sealed: Mapping[int, Mapping[str, Any]]) -> Burned:
    pairs = [(copy, number) for copy in range(1, record.MOST_COPIES + 1) for number in sorted(sealed)]
    counting = [(sealed[number], one) for copy, number in pairs if (one := known.done(copy, number)) is not None]
    if not counting:
        raise ExamError(
            "还没有核对无误的光盘，不能打印光盘交接单。", "No disc was read back equal yet, none to hand over."
        )
    return Burned(
        [_disc(directory, disc, len(sealed), one) for disc, one in counting],
        [_bad(sealed, one) for one in known.bad],
    )


def _disc(directory: Path, sealed: Mapping[str, Any], of: int, verified: Mapping[str, Any]) -> Disc:
    volume = str(sealed["volume"])
    path = directory / record.FOLDER / "sealed" / volume / index.JSON_NAME
    listed = index.parse(path.read_bytes(), str(path))["discs"]
    own = next(disc for disc in listed if disc["number"] == sealed["number"])
    numbers = sealed.get("exam_numbers") or {}
    target = str(verified["target"])
    return Disc(
        volume=volume,
        number=int(sealed["number"]),
        of=of,
        copy=record.copy_name(int(verified["copy"]))[0],
        candidates=len({one["exam_number"] for one in own["candidates"] if one["exam_number"]}),
        first=str(numbers.get("first", "—")),
        last=str(numbers.get("last", "—")),
        files=int(sealed["files"]),
        bytes=int(sealed["bytes"]),
        sha256=str(verified["image_sha256"]),
        target=_TARGETS.get(target, f"主控机 {target}"),
        burned_by=str(verified["who"]),
        burned_at=str(verified["at"]),
    )


def _bad(sealed: Mapping[int, Mapping[str, Any]], data: Mapping[str, Any]) -> BadDisc:
    """A disc that does not count; of an earlier sealing its number may be of no disc today."""
    number = int(data["disc"])
    volume = str(sealed[number]["volume"]) if number in sealed else "—"
    return BadDisc(volume, number, record.copy_name(int(data["copy"]))[0], str(data["zh"]), str(data["at"]))
