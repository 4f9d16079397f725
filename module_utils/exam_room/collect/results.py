"""The table of the results in a bag: true names and times of what was collected, and where it lies in the bag.

``results.json`` is exact and for programs, ``results.csv`` is the same for people (UTF-8 with BOM, opens in Excel).
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from ..errors import ExamError
from ..files import write_atomic
from ..wire.filetime import EPOCH, PER_SECOND
from .discnames import Parts

JSON_NAME = "results.json"
CSV_NAME = "results.csv"
VERSION = 1

# How long the server may take to write down what it had in hand at the cut.
GRACE_S = 2
FILE = "file"
FOLDER = "folder"
REPARSE = "reparse"
LATE = "late"
STREAM = "stream"
# What Windows and browsers add to a downloaded file themselves.
ZONE_STREAM = "Zone.Identifier"
_KINDS_ZH = {
    FILE: "文件",
    FOLDER: "文件夹",
    REPARSE: "重解析点（未跟随）",
    LATE: "截止后出现（不收）",
    STREAM: "附加数据流（不收）",
}

# Times outside cannot be had on every file system; the table keeps them as they were.
_EARLIEST_NS = 315_532_800 * 10**9  # 1980-01-01
_LATEST_NS = 4_354_819_200 * 10**9  # 2108-01-01


@dataclass(frozen=True)
class Owner:
    """Whose folder it is; a seat without a candidate is collected too, for someone may have been moved there."""

    account: str
    exam_number: str | None
    spare: bool = False

    @property
    def label(self) -> str:
        return self.exam_number or ("spare" if self.spare else "vacant")


def owners(seats: Sequence[Mapping[str, Any]]) -> list[Owner]:
    """The owners of the folders of all seats, in the order of the seats."""
    found = []
    for seat in seats:
        candidate = seat.get("candidate") or {}
        found.append(Owner(str(seat["account"]), candidate.get("exam_number"), bool(seat.get("spare", False))))
    return found


@dataclass(frozen=True, slots=True)
class Entry:
    """One file, folder or reparse point. ``modified`` and ``changed`` are FILETIMEs (100 ns since 1601, UTC)."""

    account: str
    kind: str
    parts: Parts
    """True path, relative to the candidate's folder."""
    disc: str
    """Path in the bag and on the disc."""
    size: int
    modified: int
    changed: int
    sha256: str = ""
    sha512: str = ""

    @property
    def path(self) -> str:
        return "\\".join(self.parts)

    @property
    def is_mark_of_download(self) -> bool:
        """An alternate data stream that Windows or a browser added itself: nobody need be told."""
        return self.kind == STREAM and self.path.casefold().endswith(f":{ZONE_STREAM}".casefold())

    def hashed(self, sha256: str, sha512: str) -> Entry:
        return replace(self, sha256=sha256, sha512=sha512)


@dataclass(frozen=True)
class Table:
    """All that was collected, and when (UTC, ISO 8601)."""

    begun_at: str
    ended_at: str
    owners: Sequence[Owner]
    tops: Mapping[Owner, str]
    entries: Sequence[Entry]

    @property
    def files(self) -> list[Entry]:
        return [entry for entry in self.entries if entry.kind == FILE]

    @property
    def size(self) -> int:
        return sum(entry.size for entry in self.files)

    def summary(self) -> list[dict[str, Any]]:
        """For each candidate: account, exam_number, folder, files, bytes, last_modified (null without files)."""
        found = []
        for owner in self.owners:
            mine = [entry for entry in self.files if entry.account == owner.account]
            newest = max((entry.modified for entry in mine), default=None)
            found.append(
                {
                    "account": owner.account,
                    "exam_number": owner.exam_number,
                    "folder": self.tops[owner],
                    "files": len(mine),
                    "bytes": sum(entry.size for entry in mine),
                    "last_modified": None if newest is None else filetime_text(newest),
                }
            )
        return found

    def late(self) -> list[str]:
        """Files that came into being after the cutoff: no results (V6), named and not collected."""
        return [printable(f"{entry.account}\\{entry.path}") for entry in self.entries if entry.kind == LATE]

    def changed_since(self, moment: int) -> list[str]:
        """Collected files whose ChangeTime lies after the moment (FILETIME): a person has to look at them."""
        return [printable(f"{entry.account}\\{entry.path}") for entry in self.files if entry.changed > moment]

    def reparse_points(self) -> list[str]:
        return [printable(f"{entry.account}\\{entry.path}") for entry in self.entries if entry.kind == REPARSE]

    def streams(self) -> list[str]:
        """Alternate data streams, which no disc can hold: named and not collected; the mark of a download left out."""
        found = (entry for entry in self.entries if entry.kind == STREAM)
        return [printable(f"{entry.account}\\{entry.path}") for entry in found if not entry.is_mark_of_download]

    def renamed(self) -> list[dict[str, str]]:
        """What bears another name on the disc: path (true) and disc."""
        tops = {owner.account: self.tops[owner] for owner in self.owners}
        return [
            {"path": printable(f"{entry.account}\\{entry.path}"), "disc": entry.disc}
            for entry in self.entries
            if entry.kind in (FILE, FOLDER) and entry.disc != "/".join((tops[entry.account], *entry.parts))
        ]


def unix_ns(filetime: int) -> int:
    """Nanoseconds since 1970, held within what file systems and ISO 9660 can say."""
    return min(max((filetime - EPOCH) * 100, _EARLIEST_NS), _LATEST_NS)


def filetime(moment: str) -> int:
    """An ISO 8601 moment with its zone as a FILETIME; raises ExamError for anything else."""
    try:
        parsed = datetime.fromisoformat(moment)
        since = parsed - datetime(1601, 1, 1, tzinfo=UTC)
    except (ValueError, TypeError) as exc:
        raise ExamError(f"时间 {moment!r} 不是带时区的 ISO 8601", f"{moment!r} is no ISO 8601 time with zone") from exc
    return (since // timedelta(microseconds=1)) * 10


def last_moment(cut_at: str) -> int:
    """Until when a change still belongs to the results of a session that was cut then, as a FILETIME.

    What the server had in hand at the cut comes into being a moment later. Raises ExamError as ``filetime``.
    """
    return filetime(cut_at) + GRACE_S * PER_SECOND


def filetime_text(filetime: int) -> str:
    """A FILETIME as ISO 8601 with its seven decimals; the bare number when no calendar reaches it."""
    seconds, ticks = divmod(filetime, 10_000_000)
    try:
        moment = datetime(1601, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    except OverflowError:
        return str(filetime)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{ticks:07d}Z"


def printable(text: str) -> str:
    """The text with what UTF-8 cannot say (lone surrogates) written as escapes."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def save(bag: Path, table: Table) -> None:
    """Write both forms of the table into the bag; the same table always gives the same bytes."""
    write_atomic(bag / JSON_NAME, _json(table))
    write_atomic(bag / CSV_NAME, _csv(table))


def _json(table: Table) -> Iterator[bytes]:
    """A line an entry, each encoded by itself: indenting 60,000 takes seconds, and their text as a whole 100 MB."""
    owners = [
        {"account": o.account, "exam_number": o.exam_number, "spare": o.spare, "folder": table.tops[o]}
        for o in table.owners
    ]
    content = {"version": VERSION, "begun_at": table.begun_at, "ended_at": table.ended_at, "owners": owners}
    head = json.dumps(content, ensure_ascii=False, indent=1).removesuffix("\n}")
    yield f'{head},\n "entries": ['.encode("utf-8", "backslashreplace")
    for number, entry in enumerate(table.entries):
        line = json.dumps(_fields(entry), ensure_ascii=False)
        yield f"{',' if number else ''}\n{line}".encode("utf-8", "backslashreplace")
    yield b"\n ]\n}\n"


def _fields(entry: Entry) -> dict[str, Any]:
    return {
        "account": entry.account,
        "kind": entry.kind,
        "parts": list(entry.parts),
        "disc": entry.disc,
        "size": entry.size,
        "modified": entry.modified,
        "changed": entry.changed,
        "sha256": entry.sha256,
        "sha512": entry.sha512,
    }


def _csv(table: Table) -> Iterator[bytes]:
    """A line an entry, with a byte order mark before the first."""
    line = _Line()
    writer = csv.writer(line)
    yield b"\xef\xbb\xbf"
    writer.writerow(
        [
            "用户名 account",
            "准考证号 exam number",
            "类型 kind",
            "原路径 path",
            "光盘路径 path on disc",
            "字节 bytes",
            "修改时间 modified (UTC)",
            "SHA-256",
        ]
    )
    yield line.taken()
    numbers = {owner.account: owner.exam_number or "" for owner in table.owners}
    for entry in table.entries:
        row = [
            entry.account,
            excel_text(numbers[entry.account]),
            f"{_KINDS_ZH[entry.kind]} {entry.kind}",
            _harmless(entry.path),
            entry.disc if entry.kind in (FILE, FOLDER) else "",
            entry.size if entry.kind in (FILE, LATE, STREAM) else "",
            filetime_text(entry.modified),
            entry.sha256,
        ]
        writer.writerow(row)
        yield line.taken()


class _Line:
    """What csv.writer writes one row to."""

    def __init__(self) -> None:
        self._text = ""

    def write(self, text: str) -> None:
        self._text = text

    def taken(self) -> bytes:
        return self._text.encode("utf-8", "backslashreplace")


def excel_text(number: str) -> str:
    """An exam number as a formula that gives text: Excel would cut a bare number of 18 digits to 15."""
    return f'="{number}"' if number.isdigit() else _harmless(number)


def _harmless(text: str) -> str:
    """A text from a candidate that Excel will not take for a formula."""
    return "'" + text if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def load(bag: Path) -> Table:
    """The table of a bag; raises ExamError when it is missing or not one of ours."""
    path = bag / JSON_NAME
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if content["version"] != VERSION:
            raise ValueError(f"version {content['version']}")
        tops = {Owner(o["account"], o["exam_number"], o["spare"]): str(o["folder"]) for o in content["owners"]}
        entries = tuple(
            Entry(
                e["account"],
                e["kind"],
                tuple(e["parts"]),
                e["disc"],
                e["size"],
                e["modified"],
                e["changed"],
                e["sha256"],
                e["sha512"],
            )
            for e in content["entries"]
        )
        return Table(content["begun_at"], content["ended_at"], tuple(tops), tops, entries)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as exc:
        raise ExamError(
            f"结果清单 {path} 缺失或损坏：{exc}", f"The table of results {path} is missing or damaged: {exc}"
        ) from exc
