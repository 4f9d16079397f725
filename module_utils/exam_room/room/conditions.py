"""What an exam file says beyond time, staff and units: what is handed in, the Internet, clauses set differently.

``data`` is content that the schema has let pass.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from . import winnames
from .problems import Rule
from .text import key
from .yamlfile import Place

SECTIONS = ("results", "internet", "clauses", "software")
_POLICIES = {
    "none": ("不允许上网", "no Internet"),
    "allowed": ("允许上网", "the Internet is allowed"),
    "sites": ("只允许访问指定网站", "only these sites"),
}


@dataclass(frozen=True)
class Required:
    """A file that a candidate's folder has to hold: of one of the kinds, in the folder; None or empty is any.

    ``unit`` is the name of the unit that it belongs to, None for every module.
    """

    unit: str | None = None
    kinds: tuple[str, ...] = ()
    folder: str | None = None

    def is_met(self, path: str) -> bool:
        """Whether a file will do; ``path`` is relative to the candidate's folder, with backslashes."""
        name = path.casefold()
        if self.folder is not None:
            top = self.folder.replace("/", "\\").casefold()
            if not name.startswith(f"{top}\\"):
                return False
        return not self.kinds or name.endswith(self.kinds)

    def words(self) -> tuple[str, str]:
        """For people, Chinese and English."""
        zh, en = " / ".join(self.kinds) or "文件", " / ".join(self.kinds) or "a file"
        if self.folder is not None:
            zh, en = f"文件夹“{self.folder}”中的 {zh}", f"{en} in the folder {self.folder}"
        return (zh, en) if self.unit is None else (f"{self.unit} {zh}", f"{self.unit} {en}")

    def to_dict(self) -> dict[str, Any]:
        """As it stands in plans."""
        return {"unit": self.unit, "kinds": list(self.kinds), "folder": self.folder}


@dataclass(frozen=True)
class Results:
    """``kinds``: the endings of every file that the exam produces, such as ``.docx``; empty: the exam does not say.

    ``limit_mb``: how much one candidate may save, in megabytes; None where the exam does not say.
    """

    kinds: tuple[str, ...] = ()
    minimum: tuple[Required, ...] = ()
    limit_mb: int | None = None

    def of_units(self, names: Collection[str]) -> Results:
        """The same for a module of these units."""
        known = {key(name) for name in names}
        return replace(self, minimum=tuple(one for one in self.minimum if one.unit is None or key(one.unit) in known))

    def to_dict(self) -> dict[str, Any]:
        """As it stands in plans."""
        return {
            "kinds": list(self.kinds),
            "minimum": [one.to_dict() for one in self.minimum],
            "limit_mb": self.limit_mb,
        }


@dataclass(frozen=True)
class Internet:
    """``policy``: none, allowed, or sites, which alone then may be reached."""

    policy: str
    sites: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """As it stands in plans."""
        return {"policy": self.policy, "sites": list(self.sites)}

    def words(self) -> tuple[str, str]:
        """For people, Chinese and English."""
        zh, en = _POLICIES[self.policy]
        if self.policy == "sites":
            return f"{zh}：{'、'.join(self.sites)}", f"{en}: {', '.join(self.sites)}"
        return zh, en


def minimum_of(data: Sequence[Mapping[str, Any]]) -> tuple[Required, ...]:
    """``results.minimum`` of an exam file or a plan."""
    return tuple(Required(one.get("unit"), tuple(one.get("kinds", ())), one.get("folder")) for one in data)


def results_of(data: Mapping[str, Any] | None) -> Results:
    """The section ``results`` of an exam file; None where there is none."""
    return (
        Results(tuple(data["kinds"]), minimum_of(data.get("minimum", ())), data.get("limit_mb")) if data else Results()
    )


def internet_of(data: Mapping[str, Any] | None) -> Internet | None:
    """The section ``internet``; None where the exam does not say."""
    return Internet(data["policy"], tuple(data.get("sites", ()))) if data else None


def clause_words(clauses: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What is set differently, a line each, for people."""
    found = []
    if antivirus := clauses.get("V5", {}).get("antivirus"):
        zh, en = {
            "disabled": ("防病毒实时保护须关闭", "real-time protection has to be off"),
            "optional": ("防病毒实时保护开或关均可", "real-time protection may be on or off"),
        }[antivirus["protection"]]
        found.append(
            (f"V5 另有规定：{zh}（{antivirus['reason']}）", f"V5 set differently: {en} ({antivirus['reason']})")
        )
    return found


def beyond_schema(data: Mapping[str, Any], place: Place, units: Collection[str]) -> Iterator[tuple[Place, Rule]]:
    """What no schema can say of the sections in ``data``, which stands at ``place``; ``units`` by name."""
    if "results" not in data:
        return
    results = data["results"]
    known = {key(name) for name in units}
    for index, one in enumerate(results.get("minimum", ())):
        at: Place = (*place, "results", "minimum", index)
        if "unit" in one and key(one["unit"]) not in known:
            yield (
                (*at, "unit"),
                (
                    f"没有名为 {one['unit']} 的单元；有：{'、'.join(units)}",
                    f"no unit is called {one['unit']}; there are: {', '.join(units)}",
                ),
            )
        if more := [kind for kind in one.get("kinds", ()) if kind not in results["kinds"]]:
            yield (
                (*at, "kinds"),
                (
                    f"{'、'.join(more)} 不在 results.kinds 中，请先加到那里",
                    f"{', '.join(more)} is not among results.kinds, add it there",
                ),
            )
        for part in one.get("folder", "x").replace("\\", "/").split("/"):
            if rule := winnames.file_name(part, 60):
                yield (*at, "folder"), rule
                break
