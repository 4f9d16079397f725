"""What waits for the next start of a host: updates, installations, a new name.

Windows itself says so in the registry: the keys RebootPending (servicing of its components) and RebootRequired (Windows
Update) are there while a restart is due, and ComputerName differs from ActiveComputerName after a renaming. Files that
are renamed or deleted at the next start (MoveFileEx with MOVEFILE_DELAY_UNTIL_REBOOT, in PendingFileRenameOperations)
are left by browsers, antivirus programs and uninstallers every other day; of themselves they ask for no restart.
"""

from __future__ import annotations

from typing import Any, Final

from ..wire.wsman import Wmi

SERVICING: Final = r"SOFTWARE\Microsoft\Windows\CurrentVersion\Component Based Servicing\RebootPending"
UPDATES: Final = r"SOFTWARE\Microsoft\Windows\CurrentVersion\WindowsUpdate\Auto Update\RebootRequired"
SESSIONS: Final = r"SYSTEM\CurrentControlSet\Control\Session Manager"
NAMES: Final = r"SYSTEM\CurrentControlSet\Control\ComputerName"
_RENAMES: Final = "PendingFileRenameOperations"


def restart_pending(wmi: Wmi) -> dict[str, Any]:
    """servicing, updates, file_renames: whether such wait; name, next_name: now and after the next start, or null."""
    return {
        "servicing": wmi.registry_keys(SERVICING) is not None,
        "updates": wmi.registry_keys(UPDATES) is not None,
        "file_renames": _RENAMES.casefold() in wmi.registry_values(SESSIONS),
        "name": _name(wmi, "ActiveComputerName"),
        "next_name": _name(wmi, "ComputerName"),
    }


def _name(wmi: Wmi, key: str) -> str | None:
    name: str | None = wmi.registry(rf"{NAMES}\{key}", ("ComputerName",))[0]["ComputerName"]
    return name
