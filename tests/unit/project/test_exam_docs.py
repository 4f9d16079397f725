"""The worked examples of docs/exams.md are exams, and every exam of the project is in its table."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import yaml

from exam_room.room import exams, packages
from exam_room.room.graded import Choice
from exam_room.room.unwanted import UNWANTED

ROOT = Path(__file__).resolve().parents[3]
PAGE = (ROOT / "docs/exams.md").read_text(encoding="utf-8")
EXAMPLES = {yaml.safe_load(text)["code"]: text for text in re.findall(r"^```yaml\n(.*?)^```", PAGE, re.M | re.S)}


def site(tmp_path: Path) -> Path:
    shutil.copy(ROOT / "exams" / exams.SCHEMA, tmp_path)
    for code, text in EXAMPLES.items():
        (tmp_path / f"{code}.yml").write_text(text, encoding="utf-8")
    return tmp_path


def test_the_worked_examples_are_exams(tmp_path: Path) -> None:
    assert len(EXAMPLES) == 3
    plain = exams.load_exam(site(tmp_path), "office-basics")
    assert [unit.weight for unit in plain.units] == [60, 40]
    pictures = exams.load_exam(tmp_path, "shop-pictures")
    assert [one.folder for one in pictures.results.minimum] == ["主图", None]
    assert pictures.clauses["V5"]["antivirus"]["protection"] == "disabled"
    assert [one.package for one in pictures.software.required] == ["Photoshop", "WPS Office", "7-Zip"]
    chosen = exams.load_exam(tmp_path, "clerk", Choice("四级", "财务", "技能考核"))
    assert [unit.weight for unit in chosen.units] == [40, 60]


def test_every_exam_is_in_the_table() -> None:
    for code in exams.available(ROOT / "exams"):
        assert f"[{code}.yml](../exams/{code}.yml)" in PAGE


def test_every_field_of_the_schema_is_explained() -> None:
    schema = (ROOT / "exams" / exams.SCHEMA).read_text(encoding="utf-8")
    fields = set(re.findall(r'"(\w+)": \{"?(?:description|type|\$ref)', schema)) - {"properties", "items"}
    defined = {"text", "minutes", "bilingual", "staff", "weight"}
    missing = {field for field in fields - defined if f"`{field}" not in PAGE and f"{field}:" not in PAGE}
    assert not missing


def test_the_page_on_software_names_every_unwanted_program_and_its_example_is_read(tmp_path: Path) -> None:
    page = (ROOT / "docs/software.md").read_text(encoding="utf-8")
    assert [one.code for one in UNWANTED if f"`{one.code}`" not in page] == []
    (example,) = re.findall(r"^```text\n(packages:.*?)^```", page, re.M | re.S)
    (tmp_path / packages.FILE).write_text(example, encoding="utf-8")
    assert [one.name for one in packages.load_packages(tmp_path).values()] == ["WPS Office", "7-Zip", "Firefox"]
