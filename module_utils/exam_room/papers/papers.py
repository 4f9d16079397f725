"""Makes the papers of a session in its folder papers/: the same papers for the same session, nothing twice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from ..errors import ExamError
from ..files import told, write_atomic
from ..room.planfile import PLAN
from . import discs, marks, pages, pdf, restoresheet
from .roomrecord import room_record
from .session import Session, read, read_json
from .slips import Slip, slips

FOLDER = "papers"
SLIPS = "slips"
HANDOVER = "handover"
RESTORE_CARDS = "restore_cards"
MARKS_FILE = "marks.xlsx"


@dataclass(frozen=True)
class Order:
    """What to make: ``stage`` restore_cards (before the exam), slips (before burning) or handover (after).

    ``seen`` (restoresheet.values) is for restore_cards only.
    """

    directory: Path
    templates: Path
    stage: str
    inspector_title: str
    pdf: bool = True
    seen: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True)
class Page:
    """One paper: its name in the folder, its title, and what its template is given, a part for each stack of sheets."""

    name: str
    zh: str
    parts: Sequence[Mapping[str, Any]]
    whole: Mapping[str, Any]


@dataclass
class Made:
    """What there is now. ``print`` are the files to print, with their titles; ``warnings`` in both languages."""

    changed: list[str] = field(default_factory=list)
    print: list[tuple[str, Path]] = field(default_factory=list)
    warnings: list[ExamError] = field(default_factory=list)

    def warn(self, error: ExamError) -> None:
        """Something that is not as it should be and stops nothing; said once."""
        if str(error) not in map(str, self.warnings):
            self.warnings.append(error)


def make(order: Order, dry: bool = False) -> Made:
    """Make the papers of a stage. ``dry``: say what would change, write nothing.

    Raises ExamError when the results are not sealed (slips, handover), nothing was burned (handover), or something is
    damaged. A PDF that cannot be made is a warning: the HTML is there.
    """
    made = Made()
    folder = order.directory / FOLDER
    if order.stage == RESTORE_CARDS:
        _pages(_restore_cards(order), folder, order, made, dry)
        return made
    session = read(order.directory)
    found = slips(session)
    wanted = _slips if order.stage == SLIPS else _handover
    _pages(wanted(session, found, order), folder, order, made, dry)
    if order.stage == SLIPS:
        _marks(marks.workbook(session, found), folder / MARKS_FILE, made, dry)
    return made


def _restore_cards(order: Order) -> list[Page]:
    values = restoresheet.values(read_json(order.directory / PLAN), order.seen)
    return [Page("restore_cards", "还原卡切换单", [values], values)]


def _pages(pages: Sequence[Page], folder: Path, order: Order, made: Made, dry: bool) -> None:
    if not dry:
        with told(folder):
            folder.mkdir(mode=0o750, exist_ok=True)
    for page in pages:
        _page(page, folder, order, made, dry)


def _slips(session: Session, found: Sequence[Slip], order: Order) -> list[Page]:
    record = {"session": session, "record": room_record(session, found, order.inspector_title)}
    return [
        Page(
            "slips",
            "考生成果确认单",
            [{"session": session, "slips": [slip]} for slip in found],
            {"session": session, "slips": found},
        ),
        Page("record", "考场情况记录单", [record], record),
    ]


def _handover(session: Session, found: Sequence[Slip], order: Order) -> list[Page]:
    values = {
        "session": session,
        "burned": discs.burned(order.directory),
        "candidates": len(found),
        "inspector_title": order.inspector_title,
    }
    return [Page("handover", "光盘交接单", [values], values), Page("labels", "光盘标签", [values], values)]


def _page(page: Page, folder: Path, order: Order, made: Made, dry: bool) -> None:
    """Write the page and its PDF where they are missing or old.

    The old PDF goes first and the new one comes last: killed anywhere, what lies there is of one making.
    """
    render = partial(pages.render, order.templates, f"{page.name}.html.j2")
    html, paper = folder / f"{page.name}.html", folder / f"{page.name}.pdf"
    content = render(page.whole)
    same = _held(html) == content
    if dry:
        made.changed += [] if same else [html.name]
        made.print.append((page.zh, paper if order.pdf else html))
        return
    with told(folder):
        if not same:
            paper.unlink(missing_ok=True)
            write_atomic(html, content, mode=0o640)
            made.changed.append(html.name)
        if order.pdf and not paper.exists():
            try:
                write_atomic(paper, pdf.make([render(part) for part in page.parts]), mode=0o640)
                made.changed.append(paper.name)
                if boxes := pdf.without_glyph(content):
                    made.warn(_boxes(page, boxes))
            except ExamError as exc:
                made.warn(exc)
    made.print.append((page.zh, paper if paper.exists() else html))


def _boxes(page: Page, characters: Sequence[str]) -> ExamError:
    shown = "、".join(f"{one}（U+{ord(one):04X}）" for one in characters)
    return ExamError(
        f"{page.zh} 的 PDF 中下列字没有字体，显示为方框，请手写补上：{shown}",
        f"No font has these characters, they are boxes in {page.name}.pdf, add them by hand: {shown}",
    )


def _marks(content: bytes, path: Path, made: Made, dry: bool) -> None:
    """Write the blank workbook once; one that differs may hold marks already and is never written over."""
    held = _held(path)
    if held is None:
        if not dry:
            with told(path):
                write_atomic(path, content, mode=0o640)
        made.changed.append(path.name)
    elif held != content:
        made.warn(
            ExamError(
                f"{path} 与空白评分表不同，可能已填写，没有覆盖；要重做请先移走。",
                f"{path} differs from the blank sheet and may hold marks: left as it is. Move it away for a new one.",
            )
        )
    made.print.append((marks.TITLE, path))


def _held(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
