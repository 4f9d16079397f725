"""Exams with levels, tracks and parts: S2 figure by figure, what a session chooses, what is refused."""

from __future__ import annotations

import copy
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from exam_room.errors import InputRefused
from exam_room.room import conditions, exams, graded
from exam_room.room.graded import Choice
from exam_room.room.staff import Ratio
from unit.room.samples import EXAMS, only

CODE = "e-commerce"
SHOP, CROSS = "网商", "跨境电子商务师"
# Typed from the tables of weights of the source (4.1, 4.2), a row a unit; "a/b" is 网商/跨境电子商务师.
THEORY = """
职业道德 5 5 5 5 5
基础知识 30 25 20 5 5
产品及服务信息管理 10 10 10 10 -
线上店铺设计与装修 15/20 10/15 10 - -
营销推广 10/- 15/10 15 20 -
业务处理 10/20 10/15 10/15 20 -
客户服务 10/- 10 15 - -
商务数据分析 10/15 15/10 15/10 20 20
电子商务战略规划 - - - - 25
电子商务模式设计 - - - - 25
技术管理与培训 - - - 20 20
"""
SKILLS = """
产品及服务信息管理 20 20 15 15 -
线上店铺设计与装修 15/35 15 15/10 - -
营销推广 20/- 20/15 20/25 25/20 -
业务处理 15/30 15/20 15/20 20 -
客户服务 15/- 15 15 - -
商务数据分析 15 15 20/15 20/25 25
电子商务战略规划 - - - - 25
电子商务模式设计 - - - - 25
技术管理与培训 - - - 20 25
"""
PLACES = {
    "theory": "标准教室或计算机教室",
    "skills": "可接入计算机局域网及互联网的教学设备和软件的教室",
    "review": "标准教室或会议室",
}
LEVELS = ("五级", "四级", "三级", "二级", "一级")


def column(table: str, level: int, track: int) -> list[tuple[str, int]]:
    found = []
    for row in table.split("\n")[1:-1]:
        name, *cells = row.split()
        both = cells[level].split("/")
        weight = both[track] if len(both) == 2 else both[0]
        if weight != "-":
            found.append((name, int(weight)))
    return found


CHOICES = [
    (part, table, level, track)
    for part, table in (("theory", THEORY), ("skills", SKILLS))
    for level in range(5)
    for track in ((0,) if level == 4 else (0, 1))
]


@pytest.mark.parametrize(("part", "table", "level", "track"), CHOICES)
def test_s2_is_what_the_source_says(part: str, table: str, level: int, track: int) -> None:
    exam = exams.load_exam(EXAMS, CODE, Choice(LEVELS[level], "" if level == 4 else (SHOP, CROSS)[track], part))
    assert [(unit.name, unit.weight) for unit in exam.units] == column(table, level, track)
    assert [unit.number for unit in exam.units] == list(range(1, len(exam.units) + 1))
    assert (exam.duration.rule, exam.duration.seconds) == ("minimum", 90 * 60)
    assert exam.pass_mark == 60
    theory = part == "theory"
    # 1.9.5
    assert exam.place == PLACES[part]
    assert exam.assessors == (None if theory else Ratio(15, 3, True))
    assert exam.invigilators == (Ratio(15, 2) if theory else None)


def test_the_review_is_there_with_its_figures_and_not_held_at_computers() -> None:
    data = exams.read(EXAMS / f"{CODE}.yml", EXAMS)
    review = data["parts"][2]
    assert (review["duration"], review["panel"]["at_least"], review["panel"]["odd"]) == (
        {"minimum_minutes": 15},
        3,
        True,
    )
    assert review["place"] == PLACES["review"]
    assert "不在计算机考场" in dict(graded.wrong(data, Choice("一级", "", "review")))["part"][0]


@pytest.mark.parametrize(
    "choice",
    [
        Choice("三级", SHOP, "技能考核"),
        Choice("高级工", "online merchant", "skills"),
        Choice("三级/高级工", "网商", "Skills"),
    ],
)
def test_people_may_say_it_in_their_words(choice: Choice) -> None:
    exam = exams.load_exam(EXAMS, CODE, choice)
    assert exam.name_zh == "电子商务师 三级 网商 技能考核"
    assert exam.name_en == "E-commerce specialist, level 3, online merchant, skills"
    assert exam.code == CODE


@pytest.mark.parametrize(
    ("choice", "field", "english"),
    [
        (Choice("", SHOP, "skills"), "level", "missing; one of: level 5"),
        (Choice("六级", SHOP, "skills"), "level", "there is no 六级"),
        (Choice("五级", "", "skills"), "track", "missing; one of: online merchant, cross-border"),
        (Choice("五级", "微商", "skills"), "track", "there is no 微商"),
        (Choice("一级", SHOP, "skills"), "track", "has no tracks, leave it out"),
        (Choice("五级", SHOP, ""), "part", "missing; one of: theory, skills"),
        (Choice("五级", SHOP, "口试"), "part", "there is no 口试"),
    ],
)
def test_a_choice_that_cannot_be_is_told_with_what_would_be_right(choice: Choice, field: str, english: str) -> None:
    ((name, rule),) = graded.wrong(exams.read(EXAMS / f"{CODE}.yml", EXAMS), choice)
    assert name == field
    assert english in rule[1]


def graded_exam(**changes: Any) -> dict[str, Any]:
    """One level with tracks and one without, one part."""
    names = [{"zh": "甲向", "en": "a"}, {"zh": "乙向", "en": "b"}]
    exam: dict[str, Any] = {
        "code": "own",
        "name": {"zh": "自设", "en": "Own"},
        "source": {"document": "文件"},
        "levels": [{"name": {"zh": "二级", "en": "2"}, "tracks": names}, {"name": {"zh": "一级", "en": "1"}}],
        "parts": [
            {
                "code": "skills",
                "name": {"zh": "技能", "en": "skills"},
                "duration": {"minimum_minutes": 90},
                "units": [
                    {"name": "一", "weights": [[40, 50], 100]},
                    {"name": "二", "weights": [[60, 50], None]},
                ],
            }
        ],
    }
    return exam | changes


RESULTS = "parts.0.results.minimum.0.unit"


def test_a_part_replaces_what_holds_for_all(tmp_path: Path) -> None:
    every = {"internet": {"policy": "none"}, "results": {"kinds": [".a"], "minimum": [{"unit": "一", "kinds": [".a"]}]}}
    choice = Choice("一级", "", "技能")
    whole = exams.load_exam(site(tmp_path, graded_exam(**every)), "own", choice)
    assert whole.internet == conditions.Internet("none")
    assert whole.results.minimum == (conditions.Required("一", (".a",)),)
    own = parts(internet={"policy": "allowed"}, results={"kinds": [".b"]})
    part = exams.load_exam(site(tmp_path, graded_exam(**every | own)), "own", choice)
    assert part.internet == conditions.Internet("allowed")
    assert part.results == conditions.Results((".b",))


def parts(*weights: Any, **changes: Any) -> dict[str, Any]:
    made = copy.deepcopy(graded_exam()["parts"][0]) | changes
    for unit, weight in zip(made["units"], weights, strict=False):
        unit["weights"] = weight
    return {"parts": [made]}


def site(tmp_path: Path, exam: dict[str, Any]) -> Path:
    (tmp_path / "own.yml").write_text(json.dumps(exam, indent=1), encoding="utf-8")
    shutil.copy(EXAMS / exams.SCHEMA, tmp_path)
    return tmp_path


def test_a_site_adds_a_graded_exam_by_adding_a_file(tmp_path: Path) -> None:
    exam = exams.load_exam(site(tmp_path, graded_exam()), "own", Choice("二级", "乙向", "技能"))
    assert [(unit.name, unit.weight, unit.folder) for unit in exam.units] == [("一", 50, "一"), ("二", 50, "二")]


@pytest.mark.parametrize(
    ("changes", "field", "english"),
    [
        (parts([[40, 50], 100], [[60, 49], None]), "parts.0.units", "2 b: weights must add up to 100, not 99"),
        (parts([[40, 50], 99]), "parts.0.units", "1: weights must add up to 100, not 99"),
        (parts([[40, 50]]), "parts.0.units.0.weights", "one weight for each of the 2 levels"),
        (parts([[40, 50], [100, 100]]), "parts.0.units.0.weights", "1 has no tracks: one weight"),
        (parts([40, 100.5]), "parts.0.units.0.weights.1", "oneOf"),
        (parts(units=[{"name": "a:b", "weights": [100, 100]}]), "parts.0.units.0.name", "may hold"),
        (parts(units=[{"name": "一", "weights": [50, 50]}] * 2), "parts.0.units.1.name", "two units"),
        (parts(code="Skills"), "parts.0.code", "must match"),
        ({"duration": {"minimum_minutes": 90}}, None, "go into parts"),
        ({"levels": [*graded_exam()["levels"][:1]] * 2}, "levels", "二级 is there twice"),
        ({"name": {"zh": "甲/乙", "en": "x"}}, "name", "no Windows file name"),
        (parts(name={"zh": "技" * 21, "en": "x"}), "parts", "at most 20"),
        (parts(internet={"policy": "sites"}), "parts.0.internet", "sites missing"),
        (parts(results={"kinds": [".a"], "minimum": [{"unit": "三", "folder": "x"}]}), RESULTS, "there are: 一, 二"),
        ({"parts": []}, "parts", "not be empty"),
    ],
)
def test_refuses(tmp_path: Path, changes: dict[str, Any], field: str | None, english: str) -> None:
    with pytest.raises(InputRefused) as refused:
        exams.read(site(tmp_path, graded_exam(**changes)) / "own.yml", tmp_path)
    problem = only(refused.value)
    assert problem.field == field
    assert english in problem.en
    assert problem.row
