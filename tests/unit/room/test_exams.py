from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from exam_room.errors import InputRefused
from exam_room.room.conditions import Required
from exam_room.room.exams import SCHEMA, available, load_exam
from exam_room.room.staff import Ratio
from unit.room.samples import EXAMS, ROOT, only


def site(tmp_path: Path, **changes: Any) -> Path:
    """A site's own directory of exams with one exam of two units; a change of None removes a key."""
    unit = {"number": 1, "name": "甲", "weight": 40, "folder": "一", "tasks": ["做"]}
    exam: dict[str, Any] = {
        "code": "own",
        "name": {"zh": "自设", "en": "Own"},
        "source": {"document": "文件"},
        "duration": {"minimum_minutes": 90},
        "units": [unit, unit | {"number": 2, "name": "乙", "weight": 60, "folder": "二"}],
    }
    exam = {key: value for key, value in (exam | changes).items() if value is not None}
    (tmp_path / "own.yml").write_text(json.dumps(exam, indent=1), encoding="utf-8")
    shutil.copy(EXAMS / SCHEMA, tmp_path)
    return tmp_path


def test_s1_is_what_the_source_says() -> None:
    exam = load_exam(EXAMS, "cross-border-ecommerce")
    assert (exam.duration.rule, exam.duration.seconds) == ("exact", 120 * 60)
    assert exam.assessors == Ratio(30)
    assert exam.invigilators is None
    assert exam.pass_mark is None
    assert exam.place == "机房（四（四）1–9）"
    assert [(unit.number, unit.name, unit.weight, len(unit.tasks)) for unit in exam.units] == [
        (1, "跨境平台账号申请", 10, 13),
        (2, "聚优选品", 15, 8),
        (3, "商品文字编辑", 15, 3),
        (4, "图片编辑与上传", 5, 4),
        (5, "商品管理（二次优化）", 20, 7),
        (6, "订单管理", 5, 3),
        (7, "跨境物流管理", 10, 4),
        (8, "客服管理及客服模板设置", 20, 4),
    ]


@pytest.mark.parametrize(("code", "room"), [("cross-border-ecommerce", "example"), ("rehearsal", "rehearsal")])
def test_every_unit_has_raw_material(code: str, room: str) -> None:
    material = ROOT / "inventories" / room / "material"
    folders = {unit.folder or "" for unit in load_exam(EXAMS, code).units}
    assert {path.name for path in material.iterdir()} == folders
    assert all(any(path.is_file() for path in (material / folder).rglob("*")) for folder in folders)
    assert sum(path.stat().st_size for path in material.rglob("*") if path.is_file()) < 400_000


def test_the_rehearsal_is_free() -> None:
    duration = load_exam(EXAMS, "rehearsal").duration
    assert (duration.rule, duration.seconds) == ("free", 60)


def test_a_site_adds_an_exam_by_adding_a_file(tmp_path: Path) -> None:
    exam = load_exam(site(tmp_path), "own")
    assert available(tmp_path) == ["own"]
    assert (exam.duration.rule, exam.duration.seconds, exam.assessors) == ("minimum", 5400, None)


def test_a_plain_exam_may_want_invigilators_too(tmp_path: Path) -> None:
    exam = load_exam(site(tmp_path, invigilators={"candidates_each": 15, "at_least": 2}, pass_mark=60), "own")
    assert (exam.invigilators, exam.pass_mark, exam.place) == (Ratio(15, 2), 60, None)


def test_a_unit_may_have_no_raw_material(tmp_path: Path) -> None:
    units = [unit(weight=50, folder=None), unit(number=2, name="乙", weight=50, folder=None)]
    assert [one.folder for one in load_exam(site(tmp_path, units=units), "own").units] == [None, None]


def unit(**changes: Any) -> dict[str, Any]:
    return {"number": 1, "name": "甲", "weight": 100, "folder": "一", "tasks": ["做"]} | changes


@pytest.mark.parametrize(
    ("changes", "field", "english"),
    [
        ({"code": "other"}, "code", "must be the file's name"),
        ({"code": "Own"}, "code", "must match"),
        ({"name": None}, None, "name missing"),
        ({"name": {"zh": "x"}}, "name", "en missing"),
        ({"name": {"zh": "x", "en": ""}}, "name.en", "not be empty"),
        ({"durations": 1}, None, "unknown keys durations"),
        ({"duration": {}}, "duration", "exactly one"),
        ({"duration": {"exact_minutes": 1, "minimum_minutes": 1}}, "duration", "exactly one"),
        ({"duration": {"exact_minutes": "120"}}, "duration.exact_minutes", "type integer"),
        ({"duration": {"exact_minutes": 0}}, "duration.exact_minutes", "minimum"),
        ({"duration": {"free": {}}}, "duration.free", "default_seconds missing"),
        ({"units": []}, "units", "not be empty"),
        ({"units": [unit(weight=99)]}, "units", "add up to 100, not 99"),
        ({"units": [unit(weight=50), unit(number=2, name="乙", weight=51, folder="二")]}, "units", "not 101"),
        ({"units": [unit(number=2)]}, "units.0.number", "count from 1"),
        ({"units": [unit(folder="a:b")]}, "units.0.folder", "may hold"),
        ({"units": [unit(weight=50), unit(number=2, name="乙", weight=50)]}, "units.1.folder", "two units"),
        ({"units": [unit(weight=50), unit(number=2, weight=50, folder="二")]}, "units.1.name", "two units"),
        (
            {"units": [unit(weight=50), unit(number=3, name="乙", weight=50, folder="二")]},
            "units.1.number",
            "this is 2",
        ),
        ({"units": [unit(tasks=[])]}, "units.0.tasks", "not be empty"),
        ({"assessors": {"candidates_each": 0}}, "assessors.candidates_each", "minimum"),
        ({"levels": [{"name": {"zh": "五级", "en": "5"}}], "units": None, "duration": None}, None, "parts missing"),
        ({"duration": None}, None, "duration missing"),
    ],
)
def test_refuses(tmp_path: Path, changes: dict[str, Any], field: str | None, english: str) -> None:
    with pytest.raises(InputRefused) as refused:
        load_exam(site(tmp_path, **changes), "own")
    problem = only(refused.value)
    assert problem.field == field
    assert english in problem.en
    assert problem.file == "own.yml"
    assert problem.row


def handed_in(*minimum: dict[str, Any]) -> dict[str, Any]:
    return {"results": {"kinds": [".docx", ".png"], "minimum": list(minimum)}}


@pytest.mark.parametrize(
    ("changes", "field", "chinese", "english"),
    [
        ({"results": {}}, "results", "缺少 kinds", "kinds missing"),
        ({"results": {"kinds": []}}, "results.kinds", "不能为空", "not be empty"),
        ({"results": {"kinds": ["docx"]}}, "results.kinds.0", "例如 .docx", "such as .docx"),
        ({"results": {"kinds": [".DOCX"]}}, "results.kinds.0", "例如 .docx", "such as .docx"),
        ({"results": {"kinds": [".a", ".a"]}}, "results.kinds", "有重复", "twice"),
        ({"results": {"kinds": [".a"], "limit_mb": 9}}, "results.limit_mb", "minimum", "minimum"),
        (handed_in({"unit": "甲"}), "results.minimum.0", "至少给出一项", "at least one of kinds, folder"),
        (handed_in({"unit": "丙", "folder": "x"}), "results.minimum.0.unit", "有：甲、乙", "there are: 甲, 乙"),
        (handed_in({"kinds": [".pdf"]}), "results.minimum.0.kinds", ".pdf 不在", ".pdf is not among"),
        (handed_in({"folder": "a/b:c"}), "results.minimum.0.folder", "不允许", "may hold"),
        (handed_in({"folder": "../a"}), "results.minimum.0.folder", "点", "dot"),
        (handed_in({"folder": "a//b"}), "results.minimum.0.folder", "不能为空", "empty"),
        ({"internet": {}}, "internet", "缺少 policy", "policy missing"),
        (
            {"internet": {"policy": "open"}},
            "internet.policy",
            "none、allowed、sites 之一",
            "one of none, allowed, sites",
        ),
        ({"internet": {"policy": "sites"}}, "internet", "缺少 sites", "sites missing"),
        ({"internet": {"policy": "sites", "sites": []}}, "internet.sites", "不能为空", "not be empty"),
        (
            {"internet": {"policy": "sites", "sites": ["https://a.cn/x"]}},
            "internet.sites.0",
            "例如 www.example.com",
            "such as www.example.com",
        ),
        ({"internet": {"policy": "none", "sites": ["a.cn"]}}, "internet", "只有 policy: sites", "policy: sites"),
        ({"clauses": {}}, "clauses", "只能给出其中一项", "one of the keys"),
        ({"clauses": {"V6": {}}}, "clauses", "未知的键 V6；可用：V5", "known are V5"),
        (
            {"clauses": {"V5": {"antivirus": {"protection": "disabled"}}}},
            "clauses.V5.antivirus",
            "缺少 reason",
            "reason missing",
        ),
        (
            {"clauses": {"V5": {"antivirus": {"protection": "off", "reason": "x"}}}},
            "clauses.V5.antivirus.protection",
            "disabled、optional 之一",
            "one of disabled, optional",
        ),
    ],
)
def test_refuses_of_results_internet_and_clauses(
    tmp_path: Path, changes: dict[str, Any], field: str, chinese: str, english: str
) -> None:
    with pytest.raises(InputRefused) as refused:
        load_exam(site(tmp_path, **changes), "own")
    problem = only(refused.value)
    assert (problem.file, problem.field) == ("own.yml", field)
    assert chinese in problem.zh
    assert english in problem.en
    assert problem.row


def test_every_unit_of_what_is_handed_in_is_a_unit() -> None:
    results = load_exam(EXAMS, "cross-border-ecommerce").results
    assert [one.unit for one in results.minimum] == ["商品文字编辑", "图片编辑与上传"]
    assert results.of_units(["图片编辑与上传"]).minimum == results.minimum[1:]
    assert results.of_units(["聚优选品"]).minimum == ()


def test_how_much_a_candidate_may_save(tmp_path: Path) -> None:
    results = {"kinds": [".mp4"], "limit_mb": 8000}
    assert load_exam(site(tmp_path, results=results), "own").to_dict()["results"]["limit_mb"] == 8000
    assert load_exam(EXAMS, "rehearsal").results.limit_mb is None


@pytest.mark.parametrize(
    ("required", "path", "met"),
    [
        (Required(kinds=(".docx", ".wps")), "子\\作品.DOCX", True),
        (Required(kinds=(".docx",)), "作品.doc", False),
        (Required(folder="主图"), "主图\\1.png", True),
        (Required(folder="主图"), "主图2\\1.png", False),
        (Required(folder="主图"), "主图", False),
        (Required(folder="甲/Yi", kinds=(".png",)), "甲\\yi\\深\\1.png", True),
        (Required(folder="甲/乙", kinds=(".png",)), "甲\\1.png", False),
    ],
)
def test_which_file_will_do(required: Required, path: str, met: bool) -> None:
    assert required.is_met(path) == met


def test_refuses_an_unknown_exam_and_a_missing_schema(tmp_path: Path) -> None:
    with pytest.raises(InputRefused, match="did you mean own"):
        load_exam(site(tmp_path), "won")
    (tmp_path / SCHEMA).unlink()
    with pytest.raises(InputRefused, match="JSON Schema"):
        load_exam(tmp_path, "own")
    (tmp_path / SCHEMA).write_text("{")
    with pytest.raises(InputRefused, match="JSON Schema"):
        load_exam(tmp_path, "own")
