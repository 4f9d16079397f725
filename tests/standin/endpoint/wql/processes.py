"""The processes of a host, a few of the hundreds that Windows has, and the method that starts one."""

from __future__ import annotations

from typing import Any

from .. import defender
from ..host import Host
from ..soap import Fault

Rows = list[dict[str, Any]]
_ALWAYS = (
    (4, "System", None),
    (1432, "svchost.exe", r"C:\Windows\System32\svchost.exe -k LocalService -p"),
    (3120, "MsMpEng.exe", None),
)


def processes(host: Host) -> Rows:
    """A protected process gives no command line."""
    return [
        {"ProcessId": number, "Handle": str(number), "Name": name, "CommandLine": line}
        for number, name, line in (*_ALWAYS, *defender.processes(host))
    ]


def create(host: Host, given: dict[str, str | None]) -> list[tuple[str, str, Any]]:
    """Win32_Process.Create. :raises Fault: for a program that the stand-in has no model of."""
    line = given.get("CommandLine") or ""
    try:
        code, number = defender.create(host, line)
    except defender.UnknownLine:
        reason = f"The stand-in does not know this program: {line}"
        raise Fault("w:InternalError", 2150858752, reason, reason, sender=False) from None
    return [("ProcessId", "uint32", number), ("ReturnValue", "uint32", code)]
