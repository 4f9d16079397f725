"""V5: a clean system, complete, with nothing of the exam on it but its raw material."""

from __future__ import annotations

from sabotage.case import Case

CURRENT = r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion"
SESSIONS = r"HKLM\SYSTEM\CurrentControlSet\Control\Session Manager"

CASES = [
    Case(
        "V5",
        "pc01",
        "组件更新等待重启 components wait for a restart",
        lambda door: door.do("pc01", "registry_key", key=rf"{CURRENT}\Component Based Servicing\RebootPending"),
    ),
    Case(
        "V5",
        "server",
        "服务器的更新等待重启 the server's updates do",
        lambda door: door.do("server", "registry_key", key=rf"{CURRENT}\WindowsUpdate\Auto Update\RebootRequired"),
    ),
    Case(
        "V5",
        "pc02",
        "重启后改名 another name after a restart",
        lambda door: door.do("pc02", "next_name", computer="PC22"),
    ),
]
