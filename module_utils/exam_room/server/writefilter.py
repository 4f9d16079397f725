"""Windows' own restore card, the Unified Write Filter, switched off or on for a drive (V8).

Its settings hold from the next start on, so each switch restarts the computer; they are changed with ``uwfmgr.exe`` and
read back over WMI. Sources: Microsoft, uwfmgr.exe; UWF_Filter; UWF_Volume. Education, Enterprise and IoT editions.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from ..errors import ExamError
from ..look.protection import DRIVER, write_filter
from ..wire.wsman import CIMV2, Login, Wmi, WsmanError, quoted

PROGRAM = "uwfmgr.exe"


class Filter(Protocol):
    """What switching needs of a computer; tests give a fake."""

    def read(self) -> dict[str, Any] | None:
        """As :func:`exam_room.look.protection.write_filter`; None where Windows has no such filter."""

    def run(self, *arguments: str) -> None:
        """uwfmgr.exe, to its end. Raises WsmanError when it fails."""

    def restart(self) -> None:
        """Restart the computer and wait until it has."""


@dataclass(frozen=True)
class Outcome:
    """What came of it. ``restarts`` of the computer; ``left_out``: the paths that were not excluded, and why."""

    changed: bool
    restarts: int = 0
    left_out: tuple[str, ...] = ()


def switch_off(computer: Filter, name: str, check: bool) -> Outcome:
    """Nothing protects ``name`` now or after its next start. A computer without the filter is left alone."""
    now = computer.read()
    if now is None or not (now["enabled"] or now["enabled_next"]):
        return Outcome(False)
    if check:
        return Outcome(True)
    computer.run("filter", "disable")
    if now["enabled"]:
        computer.restart()
    _must(computer.read(), lambda found: not found["enabled"] and not found["enabled_next"], name, "关闭", "off")
    return Outcome(True, int(now["enabled"]))


def switch_on(computer: Filter, name: str, drive: str, excluded: Sequence[str], check: bool) -> Outcome:
    """``drive`` (C:) of ``name`` is protected now and after each start; what is written to ``excluded`` paths stays.

    :raises ExamError: where Windows has no such filter, or does not do what it was told.
    """
    now = computer.read()
    if now is None:
        raise ExamError(
            f"{name} 的 Windows 没有统一写入筛选器（UWF）：只有教育版、企业版和 IoT 版有，并须先启用该可选功能。"
            "请改用还原卡，并把 restore_card_manage 设为 by_hand。",
            f"Windows on {name} has no Unified Write Filter: it is an optional feature of Education, Enterprise and "
            "IoT editions. Use another restore card, with restore_card_manage: by_hand.",
        )
    if _protects(now, drive):
        return Outcome(False)
    if check:
        return Outcome(True)
    left_out = []
    for path in excluded:
        try:
            computer.run("file", "add-exclusion", path)
        except WsmanError as error:
            # What is written there is lost at the next start, as without exclusions; protection comes first.
            left_out.append(f"{path}: {error.en}")
    computer.run("volume", "protect", drive)
    computer.run("filter", "enable")
    computer.restart()
    _must(computer.read(), lambda found: _protects(found, drive), name, "打开", "on")
    return Outcome(True, 1, tuple(left_out))


def _protects(seen: dict[str, Any], drive: str) -> bool:
    drives = [{one.upper() for one in seen[key]} for key in ("volumes", "volumes_next")]
    return bool(seen["enabled"] and seen["enabled_next"] and all(drive.upper() in found for found in drives))


def _must(seen: dict[str, Any] | None, holds: Callable[[dict[str, Any]], bool], name: str, zh: str, en: str) -> None:
    if seen is None or not holds(seen):
        raise ExamError(
            f"{name} 重新启动后，UWF 没有{zh}（{seen}），请到机位用 uwfmgr.exe get-config 查看",
            f"{name}: UWF is not {en} after the restart ({seen}); look at it with uwfmgr.exe get-config",
        )


class WindowsFilter:
    """The filter of a computer reached by WS-Management, a new connection each time."""

    def __init__(self, login: Login, restart: Callable[[], object]) -> None:
        self._login = login
        self._restart = restart

    def read(self) -> dict[str, Any] | None:
        """Asked only where its driver is."""
        with Wmi(self._login) as wmi:
            if not wmi.query(CIMV2, "Win32_SystemDriver", {"Name": "str"}, f"Name = {quoted(DRIVER)}"):
                return None
            return write_filter(wmi)

    def run(self, *arguments: str) -> None:
        """One process on the computer."""
        with Wmi(self._login) as wmi:
            wmi.start(PROGRAM, list(arguments))

    def restart(self) -> None:
        """As given."""
        self._restart()
