"""Restore cards (还原卡, V8): what brings a computer back to an earlier state at each start, known by what it runs.

To add one: its name in both languages, its drivers (``sc query type= driver``) and services as Windows calls them, and
where that is known from.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

UWF: Final = "uwf"
DEEP_FREEZE: Final = "deep_freeze"


@dataclass(frozen=True)
class Card:
    """One product. ``tells``: the part of the evidence by which it says itself whether it protects now.

    One that does not say so counts as protecting while it runs: a driver of the kind writes nothing through.
    """

    zh: str
    en: str
    source: str
    drivers: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    tells: str = ""

    @property
    def name(self) -> str:
        """In both languages."""
        return f"{self.zh} {self.en}"


CARDS: Final = (
    Card(
        "统一写入筛选器 UWF",
        "Unified Write Filter",
        "https://learn.microsoft.com/windows/configuration/unified-write-filter/",
        drivers=("uwfvol",),
        tells=UWF,
    ),
    Card(
        "冰点还原",
        "Faronics Deep Freeze",
        r"Deep Freeze Enterprise user guide; 'DF Status' below HKLM\SOFTWARE\WOW6432Node\Faronics\Deep Freeze 6",
        drivers=("DeepFrz", "DepFrzLo", "DepFrzHi"),
        services=("DFServ", "DF5Serv"),
        tells=DEEP_FREEZE,
    ),
    Card("影子卫士", "Shadow Defender", "its driver diskpt.sys, version 1.5", drivers=("diskpt",)),
    Card("傲盾还原", "AodFreeze", "https://github.com/YWFhYmJi/AodFreeze", drivers=("diskflt", "DiskFilter")),
    Card(
        "增强写入筛选器 EWF",
        "Enhanced Write Filter",
        "https://learn.microsoft.com/previous-versions/windows/embedded/",
        drivers=("ewf",),
    ),
    Card(
        "文件写入筛选器 FBWF",
        "File-Based Write Filter",
        "https://learn.microsoft.com/previous-versions/windows/embedded/",
        drivers=("fbwf",),
    ),
)


@dataclass(frozen=True)
class Found:
    """A card that runs on a host. ``protects`` now; None when it should say so itself and does not."""

    card: Card
    protects: bool | None
    protects_next: bool | None
    """After the next start, as far as the product says."""

    def as_dict(self) -> dict[str, Any]:
        """For playbooks: name, tells, protects, and a text for people."""
        return {"name": self.card.name, "tells": self.card.tells, "protects": self.protects, "text": str(self)}

    def __str__(self) -> str:
        words = {True: "保护中 on", False: "未保护 off", None: "状态不明 not known"}
        after = "；下次启动后保护 on after the next start" if self.protects_next and not self.protects else ""
        return f"{self.card.name}: {words[self.protects]}{after}"


def found(seen: Mapping[str, Any]) -> list[Found]:
    """The cards that run, of the evidence's section ``restore_protection`` (:mod:`facts`)."""
    running = {name.casefold() for name in (*seen["drivers"], *seen["services"])}
    return [
        Found(card, *_says(card, seen))
        for card in CARDS
        if running & {name.casefold() for name in (*card.drivers, *card.services)}
    ]


def _says(card: Card, seen: Mapping[str, Any]) -> tuple[bool | None, bool | None]:
    if card.tells == UWF:
        uwf = seen["uwf"]
        if uwf is None or uwf["enabled"] is None:
            return None, None
        return bool(uwf["enabled"] and uwf["volumes"]), bool(uwf["enabled_next"] and uwf["volumes_next"])
    if card.tells == DEEP_FREEZE:
        state = {"frozen": True, "thawed": False}.get(str(seen["deep_freeze"]).casefold())
        return state, None
    return True, True
