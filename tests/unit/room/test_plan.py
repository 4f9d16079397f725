from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from exam_room.errors import ExamError, InputRefused
from exam_room.room import plan as planning
from unit.room.samples import EXAMPLE, EXAMS, SESSION, room_data

BEFORE = datetime(2027, 6, 1, tzinfo=UTC)


def put(tmp_path: Path, roster: str = "", **changes: str) -> Path:
    kept = [line for line in SESSION.splitlines(keepends=True) if line.split(":")[0] not in changes]
    content = "".join([*kept, *(f"{key}: {value}\n" for key, value in changes.items())])
    content = content.replace("{file: roster.csv}", f"{{file: roster.csv{roster}}}")
    (tmp_path / "session.yml").write_text(content, encoding="utf-8")
    rows = "".join(f"000{n},考生{n}\n" for n in range(1, 4))
    (tmp_path / "roster.csv").write_text("准考证号,姓名\n" + rows, encoding="utf-8")
    return tmp_path


def build(directory: Path, room: dict[str, Any] | None = None, now: datetime | None = BEFORE) -> planning.Plan:
    return planning.build_plan(directory / "session.yml", EXAMS, room or room_data(), directory / "sessions", now)


def test_csv_and_xlsx_of_the_example_give_the_same_plan(tmp_path: Path) -> None:
    shutil.copytree(EXAMPLE, tmp_path / "room", ignore=shutil.ignore_patterns("material"))
    room = room_data(seats=30, spares=2)
    one = build(tmp_path / "room", room).to_dict()
    session = tmp_path / "room" / "session.yml"
    session.write_text(session.read_text(encoding="utf-8").replace("roster.csv\n", "roster.xlsx\n"), encoding="utf-8")
    other = build(tmp_path / "room", room).to_dict()
    assert other.pop("roster")["file"] == "roster.xlsx"
    assert one.pop("roster")["file"] == "roster.csv"
    assert one == other
    assert (one["candidates"], one["other_rows"], one["seed"]) == (30, 8, None)
    assert all(seat["candidate"] for seat in one["seats"][:30])
    assert [seat["candidate"] for seat in one["seats"][30:]] == [None, None]


def test_problems_of_session_and_room_are_told_together(tmp_path: Path) -> None:
    with pytest.raises(InputRefused) as refused:
        build(put(tmp_path, units="[99]"), room_data(workgroup="A/B"))
    assert {problem.file for problem in refused.value.problems} == {"session.yml", "inventory"}


def test_the_session_has_to_be_held_in_this_room(tmp_path: Path) -> None:
    assert build(put(tmp_path), room_data(name="３01 考场"))
    with pytest.raises(InputRefused, match="this inventory is of 302考场"):
        build(put(tmp_path), room_data(name="302考场"))


def test_a_deadline_in_the_past_is_refused_before_the_exam_only(tmp_path: Path) -> None:
    late = datetime(2028, 1, 1, tzinfo=UTC)
    with pytest.raises(InputRefused, match="in the past"):
        build(put(tmp_path), now=late)
    assert build(put(tmp_path), now=None)


def test_building_touches_nothing(tmp_path: Path) -> None:
    build(put(tmp_path))
    assert not (tmp_path / "sessions").exists()


def test_writing_twice_changes_nothing(tmp_path: Path) -> None:
    plan = build(put(tmp_path))
    assert planning.write(plan) == ["plan.json", "seating.csv", "seating.html"]
    before = {path: path.stat().st_ino for path in plan.directory.iterdir()}
    assert planning.write(build(tmp_path)) == []
    assert {path: path.stat().st_ino for path in plan.directory.iterdir()} == before
    assert len(before) == 3
    assert json.loads((plan.directory / "plan.json").read_bytes()) == plan.to_dict()


def test_only_what_is_outdated_is_written(tmp_path: Path) -> None:
    plan = build(put(tmp_path))
    planning.write(plan)
    (plan.directory / "seating.csv").write_text("old")
    assert planning.outdated(plan) == ["seating.csv"]
    assert planning.write(plan) == ["seating.csv"]


def test_a_lot_once_drawn_stays(tmp_path: Path) -> None:
    put(tmp_path, roster=", seating: lot")
    plan = build(tmp_path)
    planning.write(plan)
    assert plan.seating.seed
    assert build(tmp_path).to_dict() == plan.to_dict()
    put(tmp_path, roster=", seating: lot, lot_seed: other")
    with pytest.raises(InputRefused, match="cannot change to other"):
        build(tmp_path)


def test_a_seed_that_the_session_names_is_used(tmp_path: Path) -> None:
    assert build(put(tmp_path, roster=", seating: lot, lot_seed: 第一次")).seating.seed == "第一次"


@pytest.mark.parametrize("content", ["", "[]", "{}", "null", "{"])
def test_a_lot_is_not_drawn_again_because_its_plan_is_damaged(tmp_path: Path, content: str) -> None:
    put(tmp_path, roster=", seating: lot")
    planning.write(build(tmp_path))
    (tmp_path / "sessions" / "s-1" / "plan.json").write_text(content)
    with pytest.raises(ExamError, match="lot's seed is unknown"):
        build(tmp_path)


def test_a_directory_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (put(tmp_path) / "sessions").write_text("a file")
    with pytest.raises(ExamError, match="Cannot write"):
        planning.write(build(tmp_path))


def test_the_report_counts_the_others(tmp_path: Path) -> None:
    lines = build(put(tmp_path, roster=", seating: lot, lot_seed: abc")).report()
    assert "3 candidates, 3 seats, 1 spares, seats drawn by lot, seed abc" in lines[1]["en"]
    assert lines[2]["zh"] == "名单中其他场次 0 行，未取用"


def test_the_report_says_how_seats_were_given(tmp_path: Path) -> None:
    assert "seats in roster order" in build(put(tmp_path)).report()[1]["en"]
    (tmp_path / "roster.csv").write_text("准考证号,姓名,机位\n1,甲,1\n", encoding="utf-8")
    assert "seats as the roster says" in build(tmp_path).report()[1]["en"]


def test_a_plan_without_a_lot_does_not_keep_one_from_being_drawn(tmp_path: Path) -> None:
    planning.write(build(put(tmp_path)))
    assert build(put(tmp_path, roster=", seating: lot, lot_seed: x")).seating.seed == "x"
    assert len(build(put(tmp_path, roster=", seating: lot")).seating.seed or "") == 32


def test_the_report_says_what_the_exam_asks_of_the_room(tmp_path: Path) -> None:
    put(tmp_path, exam="shop", assessors="[甲, 乙]")
    own = tmp_path / "exams"
    own.mkdir()
    (own / "shop.yml").write_text(SHOP, encoding="utf-8")
    assert [line["zh"] for line in build(tmp_path).report()[3:]] == [
        "场地：本站机房",
        "网络：只允许访问指定网站：a.example.com、*.example.net",
        "考生至少应保存：甲 文件夹“主图”中的 .png",
        "V5 另有规定：防病毒实时保护须关闭（拦截考试软件）",
        "R2：考评员 2 名，考生 3 名，应至少 3 名，单数",
    ]


SHOP = """\
code: shop
name: {zh: 网店, en: Shop}
source: {document: 本站规范}
place: 本站机房
duration: {minimum_minutes: 60}
assessors: {candidates_each: 15, at_least: 3, odd: true}
results: {kinds: [.png], minimum: [{unit: 甲, folder: 主图, kinds: [.png]}]}
internet: {policy: sites, sites: [a.example.com, "*.example.net"]}
clauses: {V5: {antivirus: {protection: disabled, reason: 拦截考试软件}}}
units: [{number: 1, name: 甲, weight: 100, folder: null}]
"""


def s2(directory: Path, **changes: str) -> planning.Plan:
    return build(put(directory, exam="e-commerce", assessors="[甲, 乙, 丙]", **changes))


def test_a_plan_of_s2_names_what_was_chosen(tmp_path: Path) -> None:
    plan = s2(tmp_path, level="三级", track="网商", part="技能考核")
    session = plan.to_dict()["session"]
    assert session["exam"]["name"]["zh"] == session["exam"]["material"] == "电子商务师 三级 网商 技能考核"
    assert [unit["weight"] for unit in session["units"]] == [15, 15, 20, 15, 15, 20]
    assert all(unit["folder"] == unit["name"] for unit in session["units"])
    assert session["exam"]["internet"] == {"policy": "allowed", "sites": []}
    assert ".psd" in session["exam"]["results"]["kinds"]
    assert (session["duration_seconds"], session["duration_rule"]) == (90 * 60, "minimum")
    assert "电子商务师 三级 网商 技能考核" in plan.files()["seating.html"].decode()


def test_a_plan_of_s2_theory_has_no_raw_material(tmp_path: Path) -> None:
    session = s2(tmp_path, level="一级", part="理论知识考试", invigilators="[丁]").to_dict()["session"]
    assert {unit["folder"] for unit in session["units"]} == {None}
    assert (session["exam"]["internet"], session["exam"]["results"]) == (
        None,
        {"kinds": [], "minimum": [], "limit_mb": None},
    )
