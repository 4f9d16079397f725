"""考生成果确认单: what was collected of one candidate, for him to read and to sign before he leaves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..collect import answers
from ..collect.answers import Seen, is_material, why_none
from ..collect.results import FILE, LATE, REPARSE, STREAM, Entry, last_moment
from . import words
from .session import Session

MOST_FILES = 200
"""More files than these are not all listed; the disc has the whole list."""
MOST_FOLDERS = 20
MOST_OUTSIDE = 50

ABSENT, BLANK, UNKNOWN = (answers.NAMES[why][0] for why in (answers.ABSENT, answers.BLANK, answers.UNKNOWN))
ABSENT_WITH_FILES = f"{ABSENT}（但有文件）"
HANDED_IN = "有作答文件"


@dataclass(frozen=True)
class File:
    """One line of the slip. ``saved`` by the server's clock, in the room's time; ``note`` what is special about it."""

    path: str
    size: int
    saved: str
    sha256: str
    note: str


@dataclass(frozen=True)
class Folder:
    """What was left out of one folder: number of files and their bytes."""

    name: str
    files: int
    size: int


@dataclass(frozen=True)
class Slip:
    """One candidate. ``files``: at most MOST_FILES, ``left_out`` sums up the others; ``outside`` was not collected."""

    seat: Mapping[str, Any]
    status: str
    files: Sequence[File]
    count: int
    size: int
    last_saved: str
    left_out: Sequence[Folder]
    outside: Sequence[str]
    material_known: bool

    @property
    def number(self) -> str:
        return str(self.seat["candidate"]["exam_number"])

    @property
    def name(self) -> str:
        return str(self.seat["candidate"]["name"])

    @property
    def absent(self) -> bool:
        return self.status in (ABSENT, ABSENT_WITH_FILES)

    @property
    def blank(self) -> bool:
        return self.status == BLANK

    @property
    def unknown(self) -> bool:
        return self.status == UNKNOWN

    @property
    def remark(self) -> str:
        """The status where it is not that there are answers."""
        return "" if self.status == HANDED_IN else self.status

    @property
    def left_out_count(self) -> int:
        return sum(one.files for one in self.left_out)

    @property
    def left_out_size(self) -> int:
        return sum(one.size for one in self.left_out)


def slips(session: Session) -> list[Slip]:
    """The slip of every candidate, by exam number."""
    known = answers.seen(
        session.entries, session.cutoff, {int(seat["number"]): str(seat["account"]) for seat in session.seats}
    )
    by_account: dict[str, list[Entry]] = {}
    for entry in session.table.entries:
        by_account.setdefault(entry.account, []).append(entry)
    cut = session.sitting.cut_at
    latest = None if cut is None else last_moment(cut)
    return [
        _slip(session, seat, by_account.get(str(seat["account"]), []), known, latest) for seat in session.candidates
    ]


def status(account: str, entries: Sequence[Entry], known: Seen) -> str:
    """What is said of a candidate by his part of the table."""
    if account.casefold() in known.absent and any(entry.kind == FILE for entry in entries):
        return ABSENT_WITH_FILES
    why = why_none(account, entries, known)
    return HANDED_IN if why is None else answers.NAMES[why][0]


def _slip(
    session: Session,
    seat: Mapping[str, Any],
    entries: Sequence[Entry],
    known: Seen,
    latest: int | None,
) -> Slip:
    files = [entry for entry in entries if entry.kind == FILE]
    newest = sorted(files, key=_saved, reverse=True)
    shown = sorted(newest[:MOST_FILES], key=lambda entry: [part.casefold() for part in entry.parts])
    top = next((top for owner, top in session.table.tops.items() if owner.account == seat["account"]), "")
    return Slip(
        seat=seat,
        status=status(str(seat["account"]), entries, known),
        files=[
            File(
                path=entry.path,
                size=entry.size,
                saved=words.saved(_saved(entry), session.zone),
                sha256=entry.sha256,
                note="；".join(_notes(entry, top, known, latest)),
            )
            for entry in shown
        ],
        count=len(files),
        size=sum(entry.size for entry in files),
        last_saved=words.saved(_saved(newest[0]), session.zone) if newest else "—",
        left_out=_folders(newest[MOST_FILES:]),
        outside=_outside(entries),
        material_known=known.material is not None,
    )


_OUTSIDE = {LATE: "收卷后才出现，不收", REPARSE: "链接，未跟随", STREAM: "附加数据流，不收"}


def _outside(entries: Sequence[Entry]) -> list[str]:
    """What lay in the folder and is no result; the mark that Windows puts on downloads is nobody's concern."""
    found = [
        f"{entry.path}（{_OUTSIDE[entry.kind]}）"
        for entry in entries
        if entry.kind in _OUTSIDE and not entry.is_mark_of_download
    ]
    return found[:MOST_OUTSIDE] + ([f"共 {len(found)} 项"] if len(found) > MOST_OUTSIDE else [])


def _saved(entry: Entry) -> int:
    """When the server last saw the file change. Its time of modification a program may set, and a copy keeps."""
    return entry.changed or entry.modified


def _notes(entry: Entry, top: str, known: Seen, latest: int | None) -> Iterable[str]:
    if entry.size == 0:
        yield "空文件"
    elif is_material(entry, known):
        yield "与原始素材相同"
    if latest is not None and entry.changed > latest:
        yield "收卷后有变动"
    on_disc = tuple(entry.disc.removeprefix(f"{top}/").split("/"))
    if on_disc[:-1] != entry.parts[:-1]:
        yield f"盘上路径 {'/'.join(on_disc)}"
    elif on_disc != entry.parts:
        yield f"盘上名称 {on_disc[-1]}"


def _folders(entries: Sequence[Entry]) -> list[Folder]:
    counts: Counter[str] = Counter()
    sizes: Counter[str] = Counter()
    for entry in entries:
        name = entry.parts[0] if len(entry.parts) > 1 else "（考试文件夹）"
        counts[name] += 1
        sizes[name] += entry.size
    names = [name for name, _ in counts.most_common()]
    found = [Folder(name, counts[name], sizes[name]) for name in names[:MOST_FOLDERS]]
    rest = names[MOST_FOLDERS:]
    if rest:
        found.append(Folder(f"其余 {len(rest)} 个文件夹", sum(counts[n] for n in rest), sum(sizes[n] for n in rest)))
    return found
