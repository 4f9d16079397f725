"""The invigilators' pages say what the menu does, and the emergency page's commands are the same in both languages."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pypdf
import pytest
import tree_sitter_powershell
from scripts import print_page
from scripts.print_page import page
from tree_sitter import Language, Parser

from exam_room.menu.choices import MENU, START_WAITING

ROOT = Path(__file__).resolve().parents[3]
HANDBOOKS = ("docs/invigilator.zh-CN.md", "docs/invigilator.md")
EMERGENCY = ("docs/emergency.zh-CN.md", "docs/emergency.en.md")


def _text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def _commands(name: str) -> list[str]:
    return re.findall(r"^```powershell\n(.*?)^```", _text(name), re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("name", HANDBOOKS)
def test_the_handbook_has_a_row_for_every_entry(name: str) -> None:
    rows = re.findall(r"^\| (\d+) \| (.*?) \|", _text(name), re.MULTILINE)
    shown = [(choice.key, choice.zh) for choice in (*MENU, START_WAITING)] + [("0", "退出")]
    assert [key for key, _ in rows] == [key for key, _ in shown]
    assert [title for (_, title), (_, zh) in zip(rows, shown, strict=True) if not title.startswith(zh)] == []


@pytest.mark.parametrize("name", HANDBOOKS)
def test_programs_that_the_handbook_names_exist(name: str) -> None:
    named = re.findall(r"(?:^|\s)((?:bin|scripts|docs)/[\w.-]+\w)", _text(name), re.MULTILINE)
    assert {"bin/exam-menu", "scripts/print_page.py"} <= set(named)
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_the_emergency_commands_are_powershell_and_the_same_in_both_languages() -> None:
    chinese, english = (_commands(name) for name in EMERGENCY)
    assert chinese == english
    assert len(chinese) == 2
    parser = Parser(Language(tree_sitter_powershell.language()))
    assert not any(parser.parse(block.encode()).root_node.has_error for block in chinese)


def test_only_candidates_are_cut_by_hand() -> None:
    _, cut = _commands(EMERGENCY[0])
    for line in cut.splitlines():
        assert re.search(r"KS|exam", line, re.IGNORECASE), line


@pytest.mark.parametrize("name", EMERGENCY)
def test_the_emergency_page_is_one_sheet_of_a4_with_its_blanks(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["print_page.py", str(ROOT / name), str(tmp_path)])
    assert print_page.main() == 0
    (sheet,) = pypdf.PdfReader(tmp_path / f"{Path(name).stem}.pdf").pages
    assert [round(float(side) / 72 * 25.4) for side in sheet.mediabox[2:]] == [210, 297]
    # Underscores that Markdown takes for bold type are no blanks any more.
    blanks = re.compile("[_＿]{2,}")
    assert blanks.findall(_text(name)) == blanks.findall(sheet.extract_text())


@pytest.mark.parametrize("name", EMERGENCY)
def test_the_page_to_print_holds_the_commands_and_no_link(name: str) -> None:
    printed = page(_text(name), "zh-CN")
    assert printed.count("<pre>") == 2
    assert "net share exam /delete /y" in printed
    assert "<a " not in printed
    assert "<table>" in printed
    assert "English" not in printed and "中文" not in printed
