"""The report states the figures that the rules hold a room against, not others."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from exam_room.inspection import clauses
from exam_room.room.staff import ratio_of
from exam_room.room.yamlfile import load
from unit.compliance.judging import ROOT, RULES

UNITS = {"DAYS": ("天", "days"), "SECONDS": ("秒", "s"), "MB_A_SEAT": ("MB", "MB")}
CLAUSES = clauses.load(RULES)


def _figures() -> list[tuple[str, str, int, tuple[str, str]]]:
    """Clause, name, value and unit of each constant of the rules that has one."""
    found = []
    for path in sorted(RULES.glob("test_*.py")):
        text = path.read_text(encoding="utf-8")
        clause = re.search(r'mark\.clause\("(\w+)"\)', text)
        assert clause
        for node in ast.parse(text).body:
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
                (target,) = node.targets
                assert isinstance(target, ast.Name)
                for ending, unit in UNITS.items():
                    if target.id.endswith(ending):
                        found.append((clause[1], target.id, int(str(node.value.value)), unit))
    return found


FIGURES = _figures()


def _stated(clause: str, zh: str, en: str) -> bool:
    readings = CLAUSES[clause].data.get("readings", ())
    return any(re.search(zh, one["zh"]) and re.search(en, one["en"]) for one in readings)


def test_the_figures_are_found() -> None:
    assert {name for _, name, _, _ in FIGURES} >= {"SIGNATURE_DAYS", "SCAN_DAYS", "CLOCK_SECONDS", "MB_A_SEAT"}


@pytest.mark.parametrize(("clause", "name", "value", "unit"), FIGURES, ids=[name for _, name, _, _ in FIGURES])
def test_a_reading_states_each_figure(clause: str, name: str, value: int, unit: tuple[str, str]) -> None:
    zh, en = (rf"(?<!\d){value} {word}(?!\w)" for word in unit)
    assert _stated(clause, zh.replace(r"(?!\w)", ""), en), f"{name} = {value} stands in no reading of {clause}"


def _exam(name: str) -> Path:
    return ROOT / "exams" / f"{name}.yml"


def test_figures_of_the_exams_are_those_of_their_files() -> None:
    minutes = load(_exam("cross-border-ecommerce")).data["duration"]["exact_minutes"]
    assert _stated("R1", rf"S1 的时间按正好 {minutes} 分钟", rf"S1's {minutes} minutes")
    skills = next(one for one in load(_exam("e-commerce")).data["parts"] if one["code"] == "skills")
    ratio = ratio_of(skills["assessors"])
    assert ratio
    assert _stated("R2", rf"60 名考生须 {ratio.needed(60)} 名", rf"60 candidates, {ratio.needed(60)} assessors")
