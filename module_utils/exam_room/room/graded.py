"""Exams with levels, tracks and parts (S2): what a session chooses of them, and the plain exam that comes of it.

``data`` is the content of an exam file that the schema has let pass.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from . import conditions, winnames
from .problems import Rule
from .text import key
from .yamlfile import Place

CHOICE = ("level", "track", "part")
_OF_A_PART = ("place", "assessors", "invigilators")
# Four of them make the name of a folder, which has at most 255 bytes.
_MAX_NAME = 20


@dataclass(frozen=True)
class Choice:
    """What a session file says, as it is written there; empty for nothing."""

    level: str = ""
    track: str = ""
    part: str = ""

    def given(self) -> list[str]:
        """The names of those that are said."""
        return [name for name in CHOICE if getattr(self, name)]


NOTHING = Choice()


def is_graded(data: Mapping[str, Any]) -> bool:
    """Whether an exam has levels, so that a session has to choose."""
    return "levels" in data


def beyond_schema(data: Mapping[str, Any]) -> Iterator[tuple[Place, Rule]]:
    """What no schema can say: a weight for each level, tracks where weights differ, columns that add up to 100.

    And names, for they make the name of the folder of the raw material: different ones, and such as Windows takes.
    """
    levels = data["levels"]
    yield from _called(("name",), [data["name"]])
    yield from _called(("levels",), [level["name"] for level in levels])
    for number, level in enumerate(levels):
        yield from _called(("levels", number, "tracks"), level.get("tracks", ()))
    yield from _called(("parts",), [part["name"] for part in data["parts"]])
    for number, part in enumerate(data["parts"]):
        fine = True
        for index, unit in enumerate(part.get("units", ())):
            place: Place = ("parts", number, "units", index, "weights")
            if len(unit["weights"]) != len(levels):
                fine = False
                yield (
                    place,
                    (
                        f"须为每个等级各给一个比重，共 {len(levels)} 个",
                        f"needs one weight for each of the {len(levels)} levels",
                    ),
                )
                continue
            for level, weight in zip(levels, unit["weights"], strict=True):
                if isinstance(weight, list) and "tracks" not in level:
                    fine = False
                    name = level["name"]
                    yield place, (f"{name['zh']} 不分方向，只能有一个比重", f"{name['en']} has no tracks: one weight")
        if fine and part.get("units"):
            yield from _columns(data, number, part)


def _called(place: Place, names: Sequence[Mapping[str, str]]) -> Iterator[tuple[Place, Rule]]:
    seen: set[str] = set()
    for name in names:
        if rule := winnames.file_name(name["zh"], _MAX_NAME):
            yield place, (f"{name['zh']}：{rule[0]}", f"{name['zh']}: {rule[1]}")
        if key(name["zh"]) in seen:
            yield place, (f"{name['zh']} 重复", f"{name['zh']} is there twice")
        seen.add(key(name["zh"]))


def _columns(data: Mapping[str, Any], number: int, part: Mapping[str, Any]) -> Iterator[tuple[Place, Rule]]:
    for index, level in enumerate(data["levels"]):
        for track in range(len(level.get("tracks", [None]))):
            total = sum(weight for _, weight in _units(part, index, track))
            if total != 100:
                names = [level["name"], *level.get("tracks", [])[track : track + 1]]
                zh, en = (" ".join(name[language] for name in names) for language in ("zh", "en"))
                yield (
                    ("parts", number, "units"),
                    (f"{zh} 各单元比重合计须为 100，现为 {total}", f"{en}: weights must add up to 100, not {total}"),
                )


def wrong(data: Mapping[str, Any], choice: Choice) -> Iterator[tuple[str, Rule]]:
    """What is wrong with a session's choice: the key of the session file, and what would be right."""
    level = _find(data["levels"], choice.level)
    if level is None:
        yield "level", _one_of(choice.level, [one["name"] for one in data["levels"]])
    else:
        tracks = data["levels"][level].get("tracks")
        if tracks is None and choice.track:
            yield "track", ("该等级不分方向，请删去此项", "this level has no tracks, leave it out")
        elif tracks is not None and _find(tracks, choice.track) is None:
            yield "track", _one_of(choice.track, tracks)
    part = _find(data["parts"], choice.part)
    held = [one for one in data["parts"] if "units" in one]
    if part is None:
        yield "part", _one_of(choice.part, [one["name"] for one in held])
    elif "units" not in data["parts"][part]:
        name = data["parts"][part]["name"]
        yield "part", (f"{name['zh']}不在计算机考场进行", f"the {name['en']} is not held at computers")


def plain(data: Mapping[str, Any], choice: Choice) -> dict[str, Any]:
    """The exam that was chosen, in the shape of a plain one. The choice must not be :func:`wrong`."""
    level = _find(data["levels"], choice.level)
    part_number = _find(data["parts"], choice.part)
    assert level is not None and part_number is not None, "ask wrong() first"
    part = data["parts"][part_number]
    tracks = data["levels"][level].get("tracks", [])
    track = _find(tracks, choice.track) or 0
    names = [data["name"], data["levels"][level]["name"], *tracks[track : track + 1], part["name"]]
    called = " ".join(name["zh"] for name in names)
    made = {
        "code": data["code"],
        "name": {"zh": called, "en": ", ".join(name["en"] for name in names)},
        # The same unit has other raw material at another level.
        "material": called,
        "duration": part["duration"],
        "units": [
            {"number": number, "name": unit["name"], "weight": weight, "folder": unit.get("folder", unit["name"])}
            for number, (unit, weight) in enumerate(_units(part, level, track), 1)
        ],
    }
    made |= {name: data[name] for name in ("pass_mark", *conditions.SECTIONS) if name in data}
    # What a part says of itself comes before what holds for all.
    return made | {name: part[name] for name in (*_OF_A_PART, *conditions.SECTIONS) if name in part}


def _units(part: Mapping[str, Any], level: int, track: int) -> Iterator[tuple[dict[str, Any], int]]:
    """The units examined at a level in a track, each with its weight."""
    for unit in part["units"]:
        weight = unit["weights"][level]
        weight = weight[track] if isinstance(weight, list) else weight
        if weight is not None:
            yield unit, weight


def _find(among: Sequence[Mapping[str, Any]], said: str) -> int | None:
    """The one called so: by a name in either language, a title, a code, or both of 五级/初级工."""
    wanted = key(said.partition("/")[0])
    for index, one in enumerate(among):
        name = one.get("name", one)
        if wanted and wanted in {
            key(text) for text in (name["zh"], name["en"], one.get("title"), one.get("code")) if text
        }:
            return index
    return None


def _one_of(said: str, names: Sequence[Mapping[str, str]]) -> Rule:
    zh, en = "、".join(name["zh"] for name in names), ", ".join(name["en"] for name in names)
    if not said:
        return f"缺少；可填：{zh}", f"missing; one of: {en}"
    return f"没有 {said}；可填：{zh}", f"there is no {said}; one of: {en}"
