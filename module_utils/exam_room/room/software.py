"""The software of an exam room (V5): what an exam requires and forbids, and how that shows among installed programs.

A pattern is compared with a program's whole name as Windows lists it (DisplayName): ``*`` is anything, letter case,
spaces and width do not count. So "QQ" is QQ alone, not QQ浏览器, and "WPS Office*" takes any version of it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from .problems import Rule
from .text import clean_code, key, nearest
from .unwanted import UNWANTED, Unwanted
from .yamlfile import Place

HOSTS_ZH: Final = {"clients": "客户端", "server": "服务器", "all": "服务器和客户端"}
_NUMBERS: Final = re.compile(r"[0-9]{1,9}(?:[.,] ?[0-9]{1,9}){0,7}")
Version = tuple[int, ...]
#: name, version and publisher of an installed program, as the look's section ``software`` has them.
Program = Mapping[str, Any]


@dataclass(frozen=True)
class Required:
    """A program that has to be there. ``minimum`` is a version, empty for any; ``package`` names what installs it."""

    name: str
    match: tuple[str, ...]
    minimum: str
    hosts: str
    package: str

    def concerns(self, server: bool) -> bool:
        """Whether the server, or else a client, has to have it."""
        return self.hosts in ("all", "server" if server else "clients")

    def words(self) -> tuple[str, str]:
        """For people, Chinese and English."""
        if not self.minimum:
            return self.name, self.name
        return f"{self.name} {self.minimum} 或更高", f"{self.name} {self.minimum} or newer"

    def to_dict(self) -> dict[str, Any]:
        """As it stands in plans."""
        return {
            "name": self.name,
            "match": list(self.match),
            "minimum": self.minimum,
            "hosts": self.hosts,
            "package": self.package,
        }


@dataclass(frozen=True)
class Forbidden:
    """A program that must not be there, besides :data:`unwanted.UNWANTED`."""

    name: str
    match: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """As it stands in plans."""
        return {"name": self.name, "match": list(self.match)}


@dataclass(frozen=True)
class Software:
    """``allowed`` are codes of :data:`unwanted.UNWANTED`; what is required is allowed anyway."""

    required: tuple[Required, ...] = ()
    forbidden: tuple[Forbidden, ...] = ()
    allowed: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """As it stands in plans."""
        return {
            "required": [one.to_dict() for one in self.required],
            "forbidden": [one.to_dict() for one in self.forbidden],
            "allowed": list(self.allowed),
        }


def software_of(data: Mapping[str, Any] | None) -> Software:
    """The section ``software`` of an exam file or a plan; None where there is none."""
    data = data or {}
    return Software(
        tuple(
            Required(
                one["name"],
                tuple(one["match"]),
                str(one.get("minimum", "")),
                one.get("hosts", "clients"),
                one.get("package") or one["name"],
            )
            for one in data.get("required", ())
        ),
        tuple(Forbidden(one["name"], tuple(one["match"])) for one in data.get("forbidden", ())),
        tuple(data.get("allowed", ())),
    )


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(".*".join(re.escape(part) for part in key(pattern).split("*")), re.DOTALL)


def matches(patterns: Collection[str], name: str) -> bool:
    """Whether one of the patterns takes the whole name."""
    return any(_compiled(pattern).fullmatch(key(name)) for pattern in patterns)


def version_of(text: str | None) -> Version | None:
    """A version as numbers, so that 10.2 is newer than 9.8 and 1.0 is 1; None for what is no version.

    Only numbers between dots (or commas, as old installers write them) are read, with a v before them: what a word
    behind them means, nobody knows.
    """
    plain = clean_code(text or "").casefold().removeprefix("v").strip()
    if not _NUMBERS.fullmatch(plain):
        return None
    numbers = [int(number) for number in re.split(r"[.,] ?", plain)]
    while len(numbers) > 1 and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)


@dataclass(frozen=True)
class Standing:
    """How a required program stands on one host. ``met`` is None where its version cannot be read."""

    required: Required
    met: bool | None
    found: str

    def words(self) -> str:
        """Program, what was found, what was wanted, for people."""
        zh, en = self.required.words()
        return f"{self.required.name}: {self.found}（应为 wanted: {zh}{'' if zh == en else f' / {en}'}）"


def standing(required: Required, programs: Sequence[Program]) -> Standing:
    """The best of the programs that the requirement takes; several versions may be there side by side."""
    found = [one for one in programs if matches(required.match, one["name"])]
    if not found:
        return Standing(required, False, "未安装 not installed")
    shown = "；".join(f"{one['name']} {one['version'] or '版本不明 version not known'}" for one in found)
    wanted = version_of(required.minimum)
    if wanted is None:
        return Standing(required, True, shown)
    versions = [version_of(one["version"]) for one in found]
    if any(version is not None and version >= wanted for version in versions):
        return Standing(required, True, shown)
    return Standing(required, None if None in versions else False, shown)


def intruders(software: Software, programs: Sequence[Program]) -> list[tuple[Program, str]]:
    """The programs that must not be there, each with the name and kind of what it is."""
    found: list[tuple[Program, str]] = []
    general = [one for one in UNWANTED if one.code not in software.allowed]
    for program in programs:
        own = next((one for one in software.forbidden if matches(one.match, program["name"])), None)
        if own is not None:
            found.append((program, f"{own.name}（考试文件禁止 forbidden by the exam）"))
        elif any(matches(one.match, program["name"]) for one in software.required):
            continue
        elif (product := next((one for one in general if _is(one, program)), None)) is not None:
            found.append((program, product.words))
    return found


def _is(product: Unwanted, program: Program) -> bool:
    if matches(product.match, program["name"]):
        return True
    return bool(product.publisher) and matches((product.publisher,), program["publisher"] or "")


def words(software: Software) -> Iterator[tuple[str, str]]:
    """What the exam requires, a line for each kind of host, for people."""
    for hosts, zh in HOSTS_ZH.items():
        wanted = [one.words() for one in software.required if one.hosts == hosts]
        if wanted:
            en = {"all": "server and clients"}.get(hosts, hosts)
            yield (
                f"必需软件（{zh}）：{'、'.join(one for one, _ in wanted)}",
                f"required software ({en}): {', '.join(one for _, one in wanted)}",
            )


def beyond_schema(data: Mapping[str, Any], place: Place) -> Iterator[tuple[Place, Rule]]:
    """What no schema can say of the section ``software`` in ``data``, which stands at ``place``."""
    if "software" not in data:
        return
    section, at = data["software"], (*place, "software")
    for part in ("required", "forbidden"):
        for index, one in enumerate(section.get(part, ())):
            for number, pattern in enumerate(one["match"]):
                if len(key(pattern).replace("*", "")) < 2:
                    yield (
                        (*at, part, index, "match", number),
                        ("除 * 外至少要有两个字符", "must have two characters or more besides *"),
                    )
    yield from _required(section.get("required", ()), (*at, "required"))
    yield from _forbidden(section, at)
    codes = [one.code for one in UNWANTED]
    for index, code in enumerate(section.get("allowed", ())):
        if code not in codes:
            likely = nearest(code, codes)
            zh, en = f"禁止清单中没有 {code}", f"the list of unwanted programs has no {code}"
            if likely:
                zh, en = f"{zh}，是否应为 {likely}？", f"{en}; did you mean {likely}?"
            yield (*at, "allowed", index), (zh, en)


def _required(entries: Sequence[Mapping[str, Any]], at: Place) -> Iterator[tuple[Place, Rule]]:
    """No program twice, by its name or by a pattern: with two minimums nobody knows which one holds."""
    for index, one in enumerate(entries):
        for number, before in enumerate(entries[:index]):
            named = key(one["name"]) == key(before["name"])
            if not named and not {key(each) for each in one["match"]} & {key(each) for each in before["match"]}:
                continue
            first, second = before.get("minimum"), one.get("minimum")
            if first != second:
                zh, en = (
                    f"，且最低版本矛盾：{first or '无'} 与 {second or '无'}",
                    f", with another minimum: {first or 'none'} and {second or 'none'}",
                )
            else:
                zh, en = "", ""
            yield (
                (*at, index, "name" if named else "match"),
                (f"与第 {number + 1} 项是同一程序{zh}", f"is the same program as entry {number + 1}{en}"),
            )


def _forbidden(section: Mapping[str, Any], at: Place) -> Iterator[tuple[Place, Rule]]:
    """No program is both forbidden and required, or forbidden and allowed."""
    for index, one in enumerate(section.get("forbidden", ())):
        here = (*at, "forbidden", index)
        for wanted in section.get("required", ()):
            if key(one["name"]) == key(wanted["name"]) or _all_taken(wanted["match"], one["match"]):
                name = wanted["name"]
                yield here, (f"{name} 既必需又禁止", f"{name} is both required and forbidden")
        for product in UNWANTED:
            if product.code in section.get("allowed", ()) and _all_taken(product.match, one["match"]):
                yield here, (f"{product.zh} 既允许又禁止", f"{product.en} is both allowed and forbidden")


def _all_taken(narrow: Collection[str], wide: Collection[str]) -> bool:
    """Whether every name that one of the ``narrow`` patterns takes is taken by ``wide`` too, for any of them."""
    return any(matches(wide, pattern) for pattern in narrow)
