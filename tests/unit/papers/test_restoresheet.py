"""The sheet for whoever switches restore cards by hand: every computer, every product, nothing that no source tells."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pypdf
import pytest

from exam_room.errors import ExamError
from exam_room.look import restorecards
from exam_room.papers.papers import RESTORE_CARDS, Made, Order, make
from sealing import example
from unit.papers.test_role import play, said

SEATS = 30
FREEZE, DEFENDER, SEEWO = (
    next(card for card in restorecards.CARDS if card.en.startswith(name))
    for name in ("Faronics", "Shadow Defender", "Seewo")
)


def section(*cards: tuple[restorecards.Card, bool | None]) -> dict[str, Any]:
    return {"value": {"cards": [{"name": card.name, "tells": card.tells, "protects": on} for card, on in cards]}}


@pytest.fixture
def prepared(tmp_path: Path) -> Path:
    """The directory of a session that is being prepared: its plan, and nothing else."""
    directory = tmp_path / "20270619-301-1"
    directory.mkdir()
    plan = {
        "session": {
            "id": directory.name,
            "site": {"name": "示例学院", "code": "4401"},
            "room": "301",
            "date": "2027-06-19",
        },
        "room": {"server": {"host": "server", "address": "192.168.10.10"}},
        "seats": [{"number": number, "host": f"pc{number:02}"} for number in range(1, SEATS + 1)],
    }
    (directory / "plan.json").write_text(json.dumps(plan), encoding="utf-8")
    return directory


def sheet(directory: Path, seen: Mapping[str, Any], pdf: bool = False) -> Made:
    return make(Order(directory, example.TEMPLATES, RESTORE_CARDS, "督考员", pdf=pdf, seen=seen))


def text(directory: Path) -> str:
    return (directory / "papers/restore_cards.html").read_text(encoding="utf-8")


def rows(directory: Path) -> list[list[str]]:
    """The cells of the table of computers, without markup."""
    body = text(directory).partition('class="seats"')[2].partition("</table>")[0]
    found = re.findall(r"<tr>(<td.*?)</tr>", body, re.DOTALL)
    cells = [re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL) for row in found]
    return [[html.unescape(re.sub(r"<[^>]+>", "", cell)).strip() for cell in row] for row in cells]


def test_every_computer_has_its_row_the_server_first(prepared: Path) -> None:
    seen = {
        "server": section(),
        "pc01": section((FREEZE, True)),
        "pc02": section((FREEZE, False)),
        "pc03": {"unknown": "?"},
    }
    made = sheet(prepared, seen)
    assert made.print == [("还原卡切换单", prepared / "papers/restore_cards.html")]
    found = rows(prepared)
    assert [row[1] for row in found] == ["server"] + [f"pc{number:02}" for number in range(1, SEATS + 1)]
    # A server is opened and never protected; signatures are empty.
    assert found[0] == ["服务器", "server", "未识别到 none seen", "", "□", "—", ""]
    assert found[1] == ["1", "pc01", "冰点还原 Faronics Deep Freeze", "保护中 on", "□", "□", ""]
    assert found[2][3] == "未保护 off"
    assert found[3][2] == found[4][2] == "没有读到 not read"


def test_two_cards_of_one_computer_are_two_rows(prepared: Path) -> None:
    sheet(prepared, {"pc01": section((FREEZE, True), (SEEWO, None))})
    assert [(row[1], row[3]) for row in rows(prepared)[1:3]] == [("pc01", "保护中 on"), ("pc01", "状态不明 not known")]


def test_each_product_is_explained_once_and_only_by_a_source(prepared: Path) -> None:
    seen = {f"pc{number:02}": section((FREEZE, True)) for number in range(1, 20)}
    sheet(prepared, seen | {"pc20": section((SEEWO, None))})
    page = text(prepared)
    assert page.count("启动后解冻") == 1
    assert FREEZE.guide is not None and html.escape(FREEZE.guide.source) in page.replace("&#39;", "&#x27;")
    explained = page.partition(SEEWO.name)[2].partition("</section>")[0]
    assert "请按厂家说明书操作" in explained and "<li>" not in explained
    assert "影子模式" not in page
    assert "硬件还原卡" in page


def test_without_any_card_there_is_still_the_list(prepared: Path) -> None:
    sheet(prepared, {})
    assert len(rows(prepared)) == SEATS + 1


def test_the_same_room_gives_the_same_sheet_and_nothing_new(prepared: Path) -> None:
    assert sheet(prepared, {"pc01": section((FREEZE, True))}).changed == ["restore_cards.html"]
    assert sheet(prepared, {"pc01": section((FREEZE, True))}).changed == []
    assert sheet(prepared, {"pc01": section((FREEZE, False))}).changed == ["restore_cards.html"]


def test_the_pdf_has_the_table_on_one_sheet_of_a4(prepared: Path) -> None:
    made = sheet(prepared, {f"pc{number:02}": section((DEFENDER, True)) for number in range(1, SEATS + 1)}, pdf=True)
    assert not made.warnings
    pages = [re.sub(r"\s+", "", page.extract_text()) for page in pypdf.PdfReader(made.print[0][1]).pages]
    assert "退出影子模式" in pages[0]
    table = next(page for page in pages if "pc01" in page)
    assert all(f"pc{number:02}" in table for number in range(1, SEATS + 1))


def test_a_session_without_its_plan_is_named(tmp_path: Path) -> None:
    with pytest.raises(ExamError, match=r"plan\.json"):
        sheet(tmp_path, {})


def test_the_role_makes_it_and_says_so(prepared: Path, tmp_path: Path) -> None:
    report = play(
        tmp_path,
        prepared,
        entry="restore_cards",
        papers_pdf=False,
        papers_restore_cards={"pc01": section((FREEZE, True))},
    )
    assert report["rc"] == 0
    assert "还原卡切换单" in said(report)
    assert "pc01" in text(prepared)
