"""The papers as they lie in the session's directory."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest

from exam_room.collect import answers
from exam_room.errors import ExamError
from exam_room.papers import pdf
from exam_room.papers.papers import HANDOVER, SLIPS, Made, Order, make
from exam_room.room import identity
from sealing import example

IDENTITY = "440106199001010013"


def order(directory: Path, stage: str = SLIPS, **changes: object) -> Order:
    whole = Order(directory, example.TEMPLATES, stage, "督考员", pdf=False)
    return replace(whole, **changes)  # type: ignore[arg-type]


def text(directory: Path, name: str) -> str:
    return (directory / "papers" / name).read_text(encoding="utf-8")


def names(made: Made) -> list[str]:
    return [path.name for _, path in made.print]


def test_slips_record_and_marks_before_burning(directory: Path) -> None:
    made = make(order(directory))
    assert made.print == [
        ("考生成果确认单", directory / "papers/slips.html"),
        ("考场情况记录单", directory / "papers/record.html"),
        ("评分表", directory / "papers/marks.xlsx"),
    ]
    assert not made.warnings
    assert sorted(path.name for path in (directory / "papers").iterdir()) == ["marks.xlsx", "record.html", "slips.html"]


def test_hand_over_and_labels_afterwards(directory: Path) -> None:
    assert names(make(order(directory, HANDOVER))) == ["handover.html", "labels.html"]
    labels = text(directory, "labels.html")
    assert labels.count('<section class="card">') == 4
    handover = text(directory, "handover.html")
    for page in (labels, handover):
        assert page.count("20270619_301_1") >= 2
    assert "移交人签名" in handover and "接收人签名" in handover
    assert "回读的内容与映像不同" in handover


def test_a_label_has_all_that_stands_on_a_disc(directory: Path) -> None:
    make(order(directory, HANDOVER))
    card = re.sub(r"<[^>]+>|\s+", " ", text(directory, "labels.html").split("<section")[1])
    for label in (
        "考试站 示例职业技能考试站（SL4401）",
        "考场 301考场",
        "批次 2027年第二批",
        "场次 20270619-301-1",
        "日期 2027-06-19",
        "项目 跨境电商运营",
        "开考模块 单元 1、2、3、4、5、6、7、8",
        "考生数 5 名",
        "正本 第 1 张 / 共 2 张",
        "刻录人 jfgly@kongzhiji",
        "督考员 林国华",
        "（只印前 16 位）",
    ):
        assert label in re.sub(r"\s+", " ", card), label
    assert re.search(r"准考证号\s+\d+ 至 \d+", card)


def test_a_slip_names_the_candidate_and_says_what_is_shortened(directory: Path) -> None:
    make(order(directory))
    sections = text(directory, "slips.html").split('<section class="slip">')[1:]
    assert len(sections) == 8
    by_seat = {int(re.findall(r'data-who="(\d+) ', section)[0]): section for section in sections}
    usual = by_seat[22]
    assert "作答_上架模板.csv" in usual and "散列值只印前 16 位" in usual
    assert not re.search(r"[0-9a-f]{17}", usual)
    assert usual.count("签名</td>") == 2
    assert "缺考" in by_seat[example.ABSENT] and "考生签名" not in by_seat[example.ABSENT]
    assert "空白卷" in by_seat[example.BLANK] and "只有未改动的原始素材" in by_seat[example.BLANK]
    assert "空白卷" in by_seat[example.EMPTY] and "没有任何文件" in by_seat[example.EMPTY]
    assert "已换到 spare01" in by_seat[example.MOVED]
    assert "提前结束，原因：提前交卷" in by_seat[example.ENDED]
    many = by_seat[example.MANY]
    assert "最后保存的 200 个，另有 40 个只列合计" in many and "results.csv" in many


def test_hostile_names_stay_text(directory: Path) -> None:
    make(order(directory))
    page = text(directory, "slips.html")
    assert "{{ 7*7 }}.txt" in page and "49" not in page.split("{{ 7*7 }}")[1][:20]
    assert "⟨U+202E⟩" in page and "\u202e" not in page
    assert "&amp;" in page


def test_a_name_with_markup_is_escaped(directory: Path) -> None:
    plan = json.loads((directory / "plan.json").read_text(encoding="utf-8"))
    for seat in plan["seats"]:
        if seat["candidate"]:
            seat["candidate"]["name"] = "<script>alert(1)</script>"
    (directory / "plan.json").write_text(json.dumps(plan), encoding="utf-8")
    make(order(directory))
    for name in ("slips.html", "record.html"):
        assert "<script>" not in text(directory, name)
        assert "&lt;script&gt;" in text(directory, name)


def everything(directory: Path) -> str:
    """All that is printed, as text."""
    book = openpyxl.load_workbook(directory / "papers/marks.xlsx").active
    assert book is not None
    cells = " ".join(str(cell.value) for row in book.iter_rows() for cell in row)
    pages = [path.read_text(encoding="utf-8") for path in sorted((directory / "papers").glob("*.html"))]
    return "\n".join([cells, *pages])


def test_no_identity_card_number_is_printed(directory: Path, original: Path) -> None:
    """Neither from the roster, whose column is not carried at all, nor from a file name or a plan somebody changed."""
    plan = json.loads((directory / "plan.json").read_text(encoding="utf-8"))
    assert all(set(seat["candidate"]) == {"exam_number", "name"} for seat in plan["seats"] if seat["candidate"])
    assert IDENTITY in (original.parent / "roster.csv").read_text(encoding="utf-8")
    assert identity.find(json.dumps(plan)) is None
    changed = next(seat for seat in plan["seats"] if seat["candidate"])
    changed["candidate"] = {"exam_number": IDENTITY, "name": f"张三 {IDENTITY}", "身份证号": IDENTITY}
    plan["session"]["staff"]["inspector"] = [IDENTITY]
    (directory / "plan.json").write_text(json.dumps(plan), encoding="utf-8")
    make(order(directory))
    make(order(directory, HANDOVER))
    printed = everything(directory)
    assert "身份证440*************13.png" in printed
    assert identity.find(printed) is None
    assert IDENTITY not in printed


def test_a_second_run_changes_nothing(directory: Path) -> None:
    for stage in (SLIPS, HANDOVER):
        assert make(order(directory, stage)).changed
        assert not make(order(directory, stage)).changed


def test_check_mode_writes_nothing(directory: Path) -> None:
    assert make(order(directory), dry=True).changed == ["slips.html", "record.html", "marks.xlsx"]
    assert not (directory / "papers").exists()


def test_marks_that_were_filled_in_are_never_written_over(directory: Path) -> None:
    make(order(directory))
    (directory / "papers/marks.xlsx").write_bytes(b"filled in")
    made = make(order(directory))
    assert (directory / "papers/marks.xlsx").read_bytes() == b"filled in"
    assert not made.changed
    assert "没有覆盖" in made.warnings[0].zh


def test_without_a_note_of_the_raw_material_the_slips_say_that_nothing_was_compared(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(order(directory))
    assert "没有与原始素材比对" not in text(directory, "slips.html")
    monkeypatch.setattr(answers, "MATERIAL", "nothing")
    make(order(directory))
    assert "没有与原始素材比对" in text(directory, "slips.html")
    assert "没有与原始素材比对" not in text(directory, "record.html")


def test_nothing_is_handed_over_before_burning(directory: Path) -> None:
    (directory / "discs/journal.jsonl").unlink()
    with pytest.raises(ExamError, match="还没有刻盘记录"):
        make(order(directory, HANDOVER))


def test_a_pdf_that_cannot_be_made_leaves_the_html_and_one_line(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(pages: object) -> bytes:
        raise ExamError("没有中文字体", "no font")

    monkeypatch.setattr(pdf, "make", refuse)
    made = make(order(directory, pdf=True))
    assert names(made) == ["slips.html", "record.html", "marks.xlsx"]
    assert [warning.zh for warning in made.warnings] == ["没有中文字体"]


def test_a_name_that_no_font_can_show_is_a_warning(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "make", lambda pages: b"%PDF")
    monkeypatch.setattr(pdf, "without_glyph", lambda page: ["\U0003134a"])
    warnings = [one.zh for one in make(order(directory, pdf=True)).warnings]
    assert len(warnings) == 2 and "U+3134A" in warnings[0] and "手写补上" in warnings[0]


def test_an_old_pdf_never_stays_beside_new_html(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "make", lambda pages: b"%PDF of " + pages[0][:0])
    assert make(order(directory, pdf=True)).changed == [
        "slips.html",
        "slips.pdf",
        "record.html",
        "record.pdf",
        "marks.xlsx",
    ]

    def refuse(pages: object) -> bytes:
        raise ExamError("没有中文字体", "no font")

    monkeypatch.setattr(pdf, "make", refuse)
    (directory / "papers/record.html").write_text("old", encoding="utf-8")
    assert names(make(order(directory, pdf=True))) == ["slips.pdf", "record.html", "marks.xlsx"]
    assert not (directory / "papers/record.pdf").exists()


def test_killed_between_html_and_pdf_the_next_run_makes_the_pdf(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(pages: object) -> bytes:
        raise KeyboardInterrupt

    monkeypatch.setattr(pdf, "make", killed)
    with pytest.raises(KeyboardInterrupt):
        make(order(directory, pdf=True))
    monkeypatch.setattr(pdf, "make", lambda pages: b"%PDF")
    assert "slips.pdf" in make(order(directory, pdf=True)).changed


def test_a_template_that_is_missing_is_named(directory: Path, tmp_path: Path) -> None:
    with pytest.raises(ExamError, match=r"slips\.html\.j2"):
        make(order(directory, templates=tmp_path))


@pytest.mark.parametrize("name", sorted(path.name for path in example.TEMPLATES.iterdir()))
def test_templates_ask_for_nothing_from_elsewhere(name: str) -> None:
    content = (example.TEMPLATES / name).read_text(encoding="utf-8")
    assert not re.search(r"://|url\(|<link|<img|<script|@import", content)
