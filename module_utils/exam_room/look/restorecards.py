"""Restore cards (还原卡, V8): what brings a computer back to an earlier state at each start, known by what it runs.

To add one: its name in both languages, its drivers (``sc query type= driver``) and services as Windows calls them,
where that is known from and how sure it is. How a person switches it stands here only where there is a public source;
without one the sheet to print refers to the maker's manual.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

UWF: Final = "uwf"
DEEP_FREEZE: Final = "deep_freeze"

#: How sure the names of a product are: written by its maker (or in its source code), or by others who have met it.
MAKER: Final = "maker"
OTHERS: Final = "others"

Said = tuple[str, str]
"""The same in Chinese and English."""


@dataclass(frozen=True)
class Guide:
    """How a person lets a card keep what is written (``open``), and lets it protect again: steps in their order."""

    open: tuple[Said, ...]
    protect: tuple[Said, ...]
    source: str


@dataclass(frozen=True)
class Card:
    """One product. ``tells``: the part of the evidence by which it says itself whether it protects now.

    ``running``: what it means that one runs which does not say so: True, a driver of the kind writes nothing through;
    None, it runs while it does not protect as well, so that only a restart shows (:mod:`canary`).
    """

    zh: str
    en: str
    source: str
    sure: str
    drivers: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    tells: str = ""
    running: bool | None = True
    guide: Guide | None = None

    @property
    def name(self) -> str:
        """In both languages."""
        return f"{self.zh} {self.en}"


CARDS: Final = (
    Card(
        "统一写入筛选器 UWF",
        "Unified Write Filter",
        "https://learn.microsoft.com/windows/configuration/unified-write-filter/",
        MAKER,
        drivers=("uwfvol",),
        tells=UWF,
        guide=Guide(
            open=(
                ("以管理员身份运行 uwfmgr.exe filter disable", "as administrator, run uwfmgr.exe filter disable"),
                ("重新启动", "restart"),
            ),
            protect=(
                ("以管理员身份运行 uwfmgr.exe volume protect C:", "as administrator, run uwfmgr.exe volume protect C:"),
                ("运行 uwfmgr.exe filter enable", "run uwfmgr.exe filter enable"),
                ("重新启动", "restart"),
            ),
            source="Microsoft, uwfmgr.exe: https://learn.microsoft.com/windows/configuration/unified-write-filter/",
        ),
    ),
    Card(
        "冰点还原",
        "Faronics Deep Freeze",
        r"Deep Freeze Enterprise user guide; 'DF Status' below HKLM\SOFTWARE\WOW6432Node\Faronics\Deep Freeze 6",
        MAKER,
        drivers=("DeepFrz", "DepFrzLo", "DepFrzHi"),
        services=("DFServ", "DF5Serv"),
        tells=DEEP_FREEZE,
        guide=Guide(
            open=(
                (
                    "按住 Shift 双击任务栏右侧的冰点图标（或按 Ctrl+Alt+Shift+F6），输入密码",
                    "hold Shift and double-click its icon beside the clock (or Ctrl+Alt+Shift+F6), give the password",
                ),
                ("选择“启动后解冻”（Boot Thawed），确定", "choose Boot Thawed, OK"),
                ("重新启动", "restart"),
            ),
            protect=(
                ("同样打开，选择“启动后冻结”（Boot Frozen），确定", "open it in the same way, choose Boot Frozen, OK"),
                ("重新启动", "restart"),
            ),
            source="Faronics, Deep Freeze user guide; from the command line: technical paper 'Remote Administration "
            "& Secure Command Line Control' (DFC password /BOOTTHAWED, /BOOTFROZEN)",
        ),
    ),
    Card(
        "影子卫士",
        "Shadow Defender",
        "its driver diskpt.sys, version 1.5; the service by https://github.com/EvilBytecode/GoDefender",
        OTHERS,
        drivers=("diskpt",),
        services=("{0CBD4F48-3751-475D-BE88-4F271385B672}",),
        guide=Guide(
            open=(
                ("打开 Shadow Defender，选“模式设置”（Mode Setting）", "open Shadow Defender, Mode Setting"),
                (
                    "选中受保护的盘，点“退出影子模式”（Exit Shadow Mode），按提示重新启动",
                    "mark the protected drives, Exit Shadow Mode, restart as it asks",
                ),
            ),
            protect=(
                (
                    "在“模式设置”中选中 C 盘，点“进入影子模式”（Enter Shadow Mode）",
                    "in Mode Setting mark drive C, Enter Shadow Mode",
                ),
                (
                    "选择重启后继续影子模式（Continue Shadow Mode after reboot），否则重启后不再保护",
                    "choose to continue Shadow Mode after reboot, or the next start ends the protection",
                ),
            ),
            source="users' descriptions of its window 'Mode Setting'; the maker: https://www.shadowdefender.com",
        ),
    ),
    Card("傲盾还原", "AodFreeze", "https://github.com/YWFhYmJi/AodFreeze", MAKER, drivers=("diskflt", "DiskFilter")),
    Card(
        "希沃冰点还原",
        "Seewo freeze (希沃管家)",
        "https://github.com/XSere/swfrztool, which reads this driver's state",
        OTHERS,
        drivers=("SWFreeze",),
        running=None,
    ),
    Card(
        "Reboot Restore Rx、RollBack Rx、Drive Vaccine",
        "Horizon DataSys",
        "shield.sys, signed by New Horizon Datasys Inc: https://www.loldrivers.io and Elastic's rule "
        "Windows_VulnDriver_Shield; that its service is called Shield is written by others. RollBack Rx runs the same "
        "driver and does not restore at each start",
        OTHERS,
        drivers=("Shield",),
        running=None,
    ),
    Card(
        "增强写入筛选器 EWF",
        "Enhanced Write Filter",
        "https://learn.microsoft.com/previous-versions/windows/embedded/",
        MAKER,
        drivers=("ewf",),
    ),
    Card(
        "文件写入筛选器 FBWF",
        "File-Based Write Filter",
        "https://learn.microsoft.com/previous-versions/windows/embedded/",
        MAKER,
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
    return card.running, card.running


def named(name: str) -> Card | None:
    """The product of a name in both languages, as :meth:`Found.as_dict` gives it."""
    return next((card for card in CARDS if card.name == name), None)


def protecting(cards: Sequence[Mapping[str, Any]], filter_is_ours: bool) -> list[str]:
    """Of :meth:`Found.as_dict`, the texts of those that protect, or may: what is set up now may not outlast a restart.

    ``filter_is_ours``: the Unified Write Filter is switched by prepare itself.
    """
    return [
        str(card["text"])
        for card in cards
        if card["protects"] is not False and not (filter_is_ours and card["tells"] == UWF)
    ]
