"""The board for people, drawn with rich: a full table where there is room, compact cells at 80 by 24, worst first."""

from __future__ import annotations

import io
import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

from rich.cells import cell_len, set_cell_size
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from . import words
from .board import View
from .moments import from_iso, local_time

CELL_WIDTH: Final = 39
WIDE: Final = 110
HEADER_LINES: Final = 3
HEADING_LINES: Final = 3
FEWEST_WARNINGS: Final = 4
STALE: Final = "看板数据已停止更新 {age} 秒，以下内容不可信 / the board's data is {age} s old"
_HEADINGS: Final = (
    ("机位", "seat"),
    ("用户名", "account"),
    ("考生", "candidate"),
    ("准考证号", "exam number"),
    ("状态", "state"),
    ("登录自", "from"),
    ("打开", "open"),
    ("文件", "files"),
    ("大小", "size"),
    ("上次保存", "last save"),
    ("保存的文件", "file saved"),
)
_OVER: Final = {"cut": "已收卷 cut off", "cancelled": "已取消 cancelled"}
_STYLES: Final = {
    words.ONLINE: "green",
    words.LOST: "red",
    words.IDLE: "yellow",
    words.NOT_CONNECTED: "red",
}


def countdown(view: View) -> str:
    """The remaining time: ``1:02:03``, or what there is instead."""
    if view.data["over"]:
        return _OVER[view.data["over"]]
    remaining = view.remaining_s
    if remaining is None:
        return "未开考 not started"
    if remaining <= 0:
        return "时间到 time is up"
    seconds = math.ceil(remaining)
    return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def ago(seat: Mapping[str, Any], now: float | None) -> str:
    """How long ago the last save was: ``3:05`` (minutes and seconds), ``-`` for none."""
    save = seat["last_save"]
    if save is None or now is None:
        return "-"
    seconds = max(int(now - (from_iso(save["at"]) or now)), 0)
    return f"{seconds // 60}:{seconds % 60:02}"


def size(count: int) -> str:
    """Bytes in at most six characters."""
    if count < 1000:
        return f"{count}B"
    return f"{count / 1000:.0f}K" if count < 1_000_000 else f"{count / 1_000_000:.1f}M"


def worst_first(seats: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Red, then yellow, then candidates, then empty seats; by number within each."""

    def rank(seat: Mapping[str, Any]) -> tuple[int, int]:
        levels = {one["level"] for one in seat["warnings"]}
        if words.RED in levels:
            return 0, seat["seat"]
        if levels:
            return 1, seat["seat"]
        return (3 if seat["state"] in (words.VACANT, words.SPARE) else 2), seat["seat"]

    return sorted(seats, key=rank)


def draw(view: View, width: int, height: int) -> RenderableType:
    """The whole board in at most ``height`` lines."""
    notes = view.warnings()
    seats = worst_first(view.data["seats"])
    room = height - HEADER_LINES - 1
    if width >= WIDE and len(seats) + HEADING_LINES + min(len(notes), FEWEST_WARNINGS) <= room:
        table: RenderableType = _table(view, sorted(seats, key=lambda seat: int(seat["seat"])))
        used = len(seats) + HEADING_LINES
    else:
        table, used = _grid(view, seats, width, room - min(len(notes), FEWEST_WARNINGS))
    return Group(*_header(view, width), table, *_fitting(view, width, max(room - used, 0)))


def _fitting(view: View, width: int, left: int) -> list[Text]:
    """The warnings in ``left`` lines: in both languages, or in Chinese, or cut short and counted."""
    for english in (True, False):
        notes = _notes(view, english)
        if sum(len(note.wrap(Console(width=width), width)) for note in notes) <= left:
            return notes
    shown = notes[:left]
    if len(notes) > left and shown:
        shown[-1] = Text(f"……另有 {len(notes) - left + 1} 条 / {len(notes) - left + 1} more", style="yellow")
    for note in shown:
        note.truncate(width, overflow="ellipsis")
    return shown


def _header(view: View, width: int) -> list[RenderableType]:
    data = view.data
    zone = data["session"]["timezone"]
    seats = data["seats"]
    expected = [one for one in seats if one["state"] not in (words.VACANT, words.SPARE, words.ABSENT, words.ENDED)]
    online = sum(one["state"] == words.ONLINE for one in expected)
    title = Text(f" {data['session']['room']}  {data['session']['id']}  {data['session']['exam']['zh']}", style="bold")
    title.truncate(width, overflow="ellipsis")
    colour = view.colour
    time = Text(f" 剩余 left {countdown(view)} ", style=f"bold reverse {colour}")
    time.append(f" 截止时间 deadline {local_time(data['deadline'], zone) or '-'}", style="not reverse bold")
    time.append(f" 在线 online {online}/{len(expected)}", style="not reverse bold")
    if data["armed"]:
        time.append(f" 开关 {local_time(data['armed']['deadline'], zone)}", style="not reverse")
    time.truncate(width)
    if view.stale:
        last = Text(STALE.format(age=int(view.age_s)), style="bold white on red")
    else:
        copies = data["copies"]
        said = f" 服务器时间 {local_time(data['server']['time'], zone) or '-'}"
        if copies["every_min"]:
            said += f"  安全副本 {local_time(copies['last_round_at'], zone) or '尚无'}（{copies['files']} 个）"
        if data["free_bytes"] is not None:
            said += f"  结果盘剩 {data['free_bytes'] / 1e9:.1f} GB"
        last = Text(said, style="dim")
    last.truncate(width)
    return [title, time, last]


def _notes(view: View, english: bool) -> list[Text]:
    """A warning each: what is so and what to do."""
    found = []
    for one in view.warnings():
        who = f"{one['seat']:02} {one['name'] or ''} " if "seat" in one else ""
        after = f" / {one['en']}. {one['do_en']}" if english else ""
        found.append(Text(f"{who}{one['zh']}。{one['do_zh']}{after}", style=one["level"]))
    return found


def _style(seat: Mapping[str, Any]) -> str:
    return str(seat["warnings"][0]["level"]) if seat["warnings"] else _STYLES.get(seat["state"], "dim")


def _state(seat: Mapping[str, Any]) -> str:
    if seat["warnings"]:
        return str(seat["warnings"][0]["short"])
    return f"{seat['state_zh']}{'·换机' if seat['moved'] else ''}"


def _table(view: View, seats: Sequence[Mapping[str, Any]]) -> Table:
    table = Table(box=None, padding=(0, 1), expand=False)
    headings = (
        "机位",
        "用户名",
        "考生",
        "准考证号",
        "状态",
        "登录自",
        "打开",
        "文件",
        "大小",
        "上次保存",
        "保存的文件",
    )
    for heading in headings:
        right = heading in ("打开", "文件", "大小", "上次保存")
        table.add_column(heading, justify="right" if right else "left", no_wrap=True)
    for seat in seats:
        save = seat["last_save"]
        table.add_row(
            f"{seat['seat']:02}",
            seat["account"],
            seat["name"] or "-",
            seat["exam_number"] or "-",
            _state(seat),
            " ".join(seat["connected_from"]) or "-",
            str(seat["open_files"]),
            str(seat["files"]),
            size(seat["bytes"]),
            ago(seat, view.now),
            Text(_printable(save["path"] if save else "-")),
            style=_style(seat),
        )
    return table


def _grid(view: View, seats: Sequence[Mapping[str, Any]], width: int, lines: int) -> tuple[RenderableType, int]:
    """Compact cells in as many columns as fit; the last cell says how many seats are not shown."""
    columns = max(width // CELL_WIDTH, 1)
    lines = max(lines, 1)
    cells = [_cell(view, seat) for seat in seats]
    if len(cells) > columns * lines:
        hidden = len(cells) - columns * lines + 1
        cells = [*cells[: columns * lines - 1], Text(f"……另有 {hidden} 个机位 / {hidden} more seats", style="dim")]
    rows = math.ceil(len(cells) / columns)
    grid = Table.grid(padding=(0, 1))
    for _ in range(columns):
        grid.add_column(width=CELL_WIDTH - 1, no_wrap=True)
    for row in range(rows):
        grid.add_row(*(cells[at] for at in range(row, len(cells), rows)))
    return Padding(grid, 0), rows


def _cell(view: View, seat: Mapping[str, Any]) -> Text:
    name = set_cell_size(seat["name"] or "-", 8)
    state = set_cell_size(_state(seat), 12)
    files = f"{seat['files']}件"
    saved = ago(seat, view.now)
    text = f"{seat['seat']:02} {name} {state} {' ' * max(5 - cell_len(files), 0)}{files} {saved:>6}"
    return Text(text, style=_style(seat))


def _printable(path: str) -> str:
    """A name with a lone surrogate cannot be written to a terminal."""
    return path.encode("utf-8", "replace").decode()


def plain(view: View, width: int = 120) -> str:
    """The board as lines of text, everything shown, without colour."""
    console = Console(file=io.StringIO(), width=width, no_color=True, force_terminal=False, legacy_windows=False)
    lines = len(view.data["seats"]) + 4 * len(view.warnings()) + HEADER_LINES + HEADING_LINES + 2
    console.print(draw(view, width, lines))
    file = console.file
    assert isinstance(file, io.StringIO)
    return "\n".join(line.rstrip() for line in file.getvalue().splitlines())
