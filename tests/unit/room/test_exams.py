from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from exam_room.errors import InputRefused
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


def test_a_unit_may_have_no_raw_material(tmp_path: Path) -> None:
    units = [unit(weight=50, folder=None), unit(number=2, weight=50, folder=None)]
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
        ({"units": [unit(weight=50), unit(number=2, weight=51, folder="二")]}, "units", "not 101"),
        ({"units": [unit(number=2)]}, "units.0.number", "count from 1"),
        ({"units": [unit(folder="a:b")]}, "units.0.folder", "may hold"),
        ({"units": [unit(weight=50), unit(number=2, weight=50)]}, "units.1.folder", "two units"),
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


def test_refuses_an_unknown_exam_and_a_missing_schema(tmp_path: Path) -> None:
    with pytest.raises(InputRefused, match="did you mean own"):
        load_exam(site(tmp_path), "won")
    (tmp_path / SCHEMA).unlink()
    with pytest.raises(InputRefused, match="JSON Schema"):
        load_exam(tmp_path, "own")
    (tmp_path / SCHEMA).write_text("{")
    with pytest.raises(InputRefused, match="JSON Schema"):
        load_exam(tmp_path, "own")
