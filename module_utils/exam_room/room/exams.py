"""The exams as data: one YAML file each, checked by the JSON Schema that lies beside them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast

import jsonschema
from jsonschema.exceptions import ValidationError

from . import conditions, graded, software, winnames, yamlfile
from .problems import ProblemList, Rule, refusal
from .staff import Ratio, ratio_of
from .text import key, nearest

SCHEMA = "exam.schema.json"

DurationRule = Literal["exact", "minimum", "free"]


@dataclass(frozen=True)
class Duration:
    """How long the skills exam takes (R1): exactly, at least, or (a rehearsal) any number of seconds.

    ``seconds`` is the duration, the minimum, or what is taken when the session names none.
    """

    rule: DurationRule
    seconds: int


@dataclass(frozen=True)
class Unit:
    """One weighted part of an exam. ``folder`` of its raw material, None where it has none; ``weight`` in percent."""

    number: int
    name: str
    weight: int
    folder: str | None
    tasks: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        return {"number": self.number, "name": self.name, "weight": self.weight, "folder": self.folder}


@dataclass(frozen=True)
class Exam:
    """One exam. R2 is ``assessors``, R3 ``invigilators``, R5 ``pass_mark``, R6 ``place``: None where it sets none.

    ``clauses`` are those that it sets differently, as in its file; ``internet`` is None where it does not say.
    ``material`` is the folder that holds the folders of its units: of a graded exam one for each choice, else empty.
    """

    code: str
    name_zh: str
    name_en: str
    material: str
    duration: Duration
    assessors: Ratio | None
    invigilators: Ratio | None
    pass_mark: int | None
    place: str | None
    units: tuple[Unit, ...]
    results: conditions.Results
    internet: conditions.Internet | None
    clauses: Mapping[str, Any]
    software: software.Software

    def to_dict(self) -> dict[str, Any]:
        """The exam as it stands in plans."""
        return {
            "code": self.code,
            "name": {"zh": self.name_zh, "en": self.name_en},
            "material": self.material,
            "duration": {"rule": self.duration.rule, "seconds": self.duration.seconds},
            "assessors": self.assessors and self.assessors.to_dict(),
            "invigilators": self.invigilators and self.invigilators.to_dict(),
            "pass_mark": self.pass_mark,
            "place": self.place,
            "results": self.results.to_dict(),
            "internet": self.internet and self.internet.to_dict(),
            "clauses": dict(self.clauses),
            "software": self.software.to_dict(),
        }


def available(exams_dir: Path, site_dir: Path | None = None) -> list[str]:
    """The codes of the exams in the project's directory and in the site's own: its files ``<code>.yml``."""
    return sorted({path.stem for folder in _folders(exams_dir, site_dir) for path in _files(folder)})


def _folders(exams_dir: Path, site_dir: Path | None) -> list[Path]:
    if site_dir is None or not site_dir.is_dir() or site_dir.resolve() == exams_dir.resolve():
        return [exams_dir]
    return [exams_dir, site_dir]


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.glob("*.yml") if path.is_file()]


def find(code: str, exams_dir: Path, site_dir: Path | None = None) -> Path | Rule:
    """The file of an exam; what to say where there is none, or one in each directory."""
    folders = _folders(exams_dir, site_dir)
    found = [path for folder in folders for path in _files(folder) if path.stem == code]
    if len(found) == 1:
        return found[0]
    if found:
        files = " / ".join(str(path) for path in found)
        return f"考试 {code} 有两个文件，请给其中一个另起代码：{files}", f"{code} has two files, rename one: {files}"
    codes = available(exams_dir, site_dir)
    where = " / ".join(str(folder) for folder in folders)
    zh = f"未知的考试 {code}，{where} 中有：{'、'.join(codes) or '无'}"
    en = f"unknown exam {code}; {where} has: {', '.join(codes) or 'none'}"
    if other := next((path for folder in folders for path in folder.glob("*.yaml") if path.stem == code), None):
        zh, en = f"{zh}；{other.name} 的扩展名须为 .yml", f"{en}; {other.name} has to end in .yml"
    elif likely := nearest(code, codes):
        zh, en = f"{zh}；是否应为 {likely}？", f"{en}; did you mean {likely}?"
    return zh, en


def load_exam(exams_dir: Path, code: str, choice: graded.Choice = graded.NOTHING) -> Exam:
    """An exam of one directory; of a graded exam what is chosen, which must not be graded.wrong().

    Raises InputRefused: no such exam, or as :func:`read`.
    """
    found = find(code, exams_dir)
    if not isinstance(found, Path):
        raise refusal(str(exams_dir), *found)
    return exam_of(read(found, exams_dir), choice)


def exam_of(data: dict[str, Any], choice: graded.Choice) -> Exam:
    """The exam in what :func:`read` gave."""
    return _exam(graded.plain(data, choice) if graded.is_graded(data) else data)


def read(file: Path, exams_dir: Path) -> dict[str, Any]:
    """The checked content of an exam's file; the schema lies in ``exams_dir``.

    Raises InputRefused: not as the schema says, weights that do not add to 100, a code that is not the file's name,
    numbers that do not count from 1, a unit or a folder that is there twice, a folder name that Windows refuses, a
    program that is required twice, or both required and forbidden.
    """
    document = yamlfile.load(file)
    problems = ProblemList(document.file)
    for error in sorted(_schema(exams_dir).iter_errors(document.data), key=lambda found: found.json_path):
        place = tuple(error.absolute_path)
        problems.add(
            _schema_rule(error, place),
            row=document.row(place),
            field=".".join(str(part) for part in place) or None,
        )
    problems.refuse()
    data = cast("dict[str, Any]", document.data)
    for place, rule in _beyond_schema(data, file.stem):
        problems.add(rule, row=document.row(place), field=".".join(str(part) for part in place))
    problems.refuse()
    return data


def _schema(exams_dir: Path) -> jsonschema.Draft202012Validator:
    path = exams_dir / SCHEMA
    try:
        schema = json.loads(path.read_text(encoding="utf-8"))
        jsonschema.Draft202012Validator.check_schema(schema)
    except (OSError, ValueError, jsonschema.SchemaError) as error:
        raise refusal(SCHEMA, f"{path} 不是 JSON Schema", f"{path} is no JSON Schema") from error
    return jsonschema.Draft202012Validator(schema)


def _schema_rule(error: ValidationError, place: yamlfile.Place) -> Rule:
    """The rule broken, in words; jsonschema's own sentence is English and quotes the data at any length."""
    wanted = error.validator_value
    instance = cast("dict[str, Any]", error.instance)
    match error.validator:
        case "required":
            missing = [name for name in cast("list[str]", wanted) if name not in instance]
            return f"缺少 {'、'.join(missing)}", f"{', '.join(missing)} missing"
        case "additionalProperties":
            known = list(cast("dict[str, Any]", error.schema)["properties"])
            extra = [name for name in instance if name not in known]
            return (
                f"未知的键 {'、'.join(extra)}；可用：{'、'.join(known)}",
                f"unknown keys {', '.join(extra)}; known are {', '.join(known)}",
            )
        case "type":
            return f"类型须为 {wanted}", f"must be of type {wanted}"
        case "minProperties" | "maxProperties":
            return "必须且只能给出其中一项", "exactly one of the keys must be given"
        case "minItems" | "minLength" if not instance:
            return "不能为空", "must not be empty"
        case "uniqueItems":
            return "有重复", "holds something twice"
        case "enum":
            choices = [str(one) for one in cast("list[Any]", wanted)]
            return f"须为 {'、'.join(choices)} 之一", f"must be one of {', '.join(choices)}"
        case "anyOf":
            names = [name for one in cast("list[Any]", wanted) for name in one["required"]]
            return f"{'、'.join(names)} 至少给出一项", f"give at least one of {', '.join(names)}"
        case None if place[-1:] == ("internet",):
            return "只有 policy: sites 才列出网站", "sites are listed with policy: sites only"
        case None:
            return (
                "分等级的考试，units、duration、assessors、invigilators、place 写在 parts 中",
                "with levels, units, duration, assessors, invigilators and place go into parts",
            )
        case "pattern":
            given = cast("dict[str, Any]", error.schema).get("examples")
            zh, en = (f"，例如 {given[0]}", f", such as {given[0]}") if given else ("", "")
            return f"须符合 {wanted}{zh}", f"must match {wanted}{en}"
        case _:
            return f"不符合规则 {error.validator}: {wanted}", f"breaks the rule {error.validator}: {wanted}"


def _beyond_schema(data: dict[str, Any], code: str) -> Iterator[tuple[yamlfile.Place, Rule]]:
    if data["code"] != code:
        yield ("code",), (f"须与文件名相同：{code}", f"must be the file's name: {code}")
    if graded.is_graded(data):
        yield from graded.beyond_schema(data)
        held: list[tuple[yamlfile.Place, dict[str, Any]]] = [
            (("parts", number), part) for number, part in enumerate(data["parts"]) if "units" in part
        ]
        for above, part in held:
            yield from _units(above, part["units"])
            yield from conditions.beyond_schema(part, above, _names(part["units"]))
            yield from software.beyond_schema(part, above)
        yield from conditions.beyond_schema(data, (), _names(unit for _, part in held for unit in part["units"]))
        yield from software.beyond_schema(data, ())
        return
    total = sum(unit["weight"] for unit in data["units"])
    if total != 100:
        yield ("units",), (f"各单元比重合计须为 100，现为 {total}", f"the weights must add up to 100, not {total}")
    for index, unit in enumerate(data["units"]):
        if unit["number"] != index + 1:
            yield (
                ("units", index, "number"),
                (f"单元须按次序编号，此处应为 {index + 1}", f"units count from 1: this is {index + 1}"),
            )
    yield from _units((), data["units"])
    yield from conditions.beyond_schema(data, (), _names(data["units"]))
    yield from software.beyond_schema(data, ())


def _names(units: Iterable[Mapping[str, Any]]) -> list[str]:
    return list(dict.fromkeys(unit["name"] for unit in units))


def _units(above: yamlfile.Place, units: list[dict[str, Any]]) -> Iterator[tuple[yamlfile.Place, Rule]]:
    """Names and folders of raw material: no two units share one, and Windows takes the folders."""
    names: set[str] = set()
    folders: set[str] = set()
    for index, unit in enumerate(units):
        place = (*above, "units", index)
        if key(unit["name"]) in names:
            yield (*place, "name"), ("单元名称重复", "two units have this name")
            continue
        names.add(key(unit["name"]))
        named = "folder" if "folder" in unit else "name"
        folder = unit[named]
        if folder is None:
            continue
        if rule := winnames.file_name(folder, 60):
            yield (*place, named), rule
        if folder.casefold() in folders:
            yield (*place, named), ("素材文件夹重复", "the folder is given to two units")
        folders.add(folder.casefold())


def _exam(data: dict[str, Any]) -> Exam:
    return Exam(
        code=data["code"],
        name_zh=data["name"]["zh"],
        name_en=data["name"]["en"],
        material=data.get("material", ""),
        duration=_duration(data["duration"]),
        assessors=ratio_of(data.get("assessors")),
        invigilators=ratio_of(data.get("invigilators")),
        pass_mark=data.get("pass_mark"),
        place=data.get("place"),
        units=tuple(
            Unit(unit["number"], unit["name"], unit["weight"], unit["folder"], tuple(unit.get("tasks", ())))
            for unit in data["units"]
        ),
        results=conditions.results_of(data.get("results")),
        internet=conditions.internet_of(data.get("internet")),
        clauses=data.get("clauses", {}),
        software=software.software_of(data.get("software")),
    )


def _duration(data: dict[str, Any]) -> Duration:
    if "exact_minutes" in data:
        return Duration("exact", data["exact_minutes"] * 60)
    if "minimum_minutes" in data:
        return Duration("minimum", data["minimum_minutes"] * 60)
    return Duration("free", data["free"]["default_seconds"])
