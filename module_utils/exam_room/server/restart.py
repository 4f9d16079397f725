"""Restarting a Windows host and proving that it restarted: the boot time has changed, not just a port closed.

One process start on the host (``shutdown.exe``); everything else is asked by WQL. ansible.windows.win_reboot does the
same with six PowerShell starts, of one to two seconds each on Windows.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from ..errors import ExamError
from ..wire.wsman import CIMV2, HostError, Login, LogonRefused, Wmi, WsmanError

_POLL_S = 1.0
_QUICK_S = 5.0


class Host(Protocol):
    """What restarting needs of a host; injected so that tests need neither host nor time."""

    def boot_time(self) -> datetime:
        """Win32_OperatingSystem.LastBootUpTime (UTC). Raises HostError or WsmanError while the host is away."""

    def shut_down(self) -> None:
        """Start shutdown.exe /r."""


class WindowsHost:
    """A host reached by WS-Management, a new connection each time: the old one dies with the restart."""

    def __init__(self, login: Login, message: str) -> None:
        self._login = login
        self._message = message

    def boot_time(self) -> datetime:
        with Wmi(self._login, timeout=_QUICK_S) as wmi:
            rows = wmi.query(CIMV2, "Win32_OperatingSystem", {"LastBootUpTime": "datetime"})
        if len(rows) != 1 or rows[0]["LastBootUpTime"] is None:
            raise WsmanError("主机没有给出启动时间", "the host does not tell its boot time")
        found: datetime = rows[0]["LastBootUpTime"]
        return found

    def shut_down(self) -> None:
        with Wmi(self._login) as wmi:
            wmi.start("shutdown.exe", ["/r", "/t", "1", "/c", self._message])


def restart(
    host: Host,
    name: str,
    timeout: float,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> datetime:
    """Restart ``host`` and return its new boot time once it answers again.

    :raises ExamError: when the boot time has not changed after ``timeout`` seconds; LogonRefused at the first refusal.
    """
    before = host.boot_time()
    host.shut_down()
    end = clock() + timeout
    while clock() < end:
        sleep(_POLL_S)
        try:
            now = host.boot_time()
        except LogonRefused:
            # It is back and takes this password no longer: each further try would count towards locking the account.
            raise
        except (HostError, WsmanError):
            # Away, as it has to be for a while.
            continue
        if now != before:
            return now
    raise ExamError(
        f"{name} 在 {timeout:g} 秒内没有完成重新启动，请到机位查看",
        f"{name} has not come back from its restart within {timeout:g} s: look at the computer",
    )
