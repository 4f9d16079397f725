"""Where left-overs are searched for: every fixed drive, but for what belongs to Windows, to programs, to this session.

So profiles, data drives, recycle bins, temporary files and the server's own folders are searched; so is any folder that
somebody made at the top of a drive. Names without a drive are compared whatever their case.
"""

from __future__ import annotations

from typing import Any, Final

#: At the top of a drive, for what was found; Administrators and SYSTEM alone may enter.
QUARANTINE: Final = "Exam quarantine"
#: At the top of any drive: Windows itself and installed programs. "System Volume Information" lets nobody in.
LEAVE_TOP: Final = (
    "Windows",
    "Program Files",
    "Program Files (x86)",
    "ProgramData",
    "System Volume Information",
    "Recovery",
    "PerfLogs",
    "Config.Msi",
    "MSOCache",
    "Boot",
    "EFI",
    "$WinREAgent",
    "$SysReset",
    "$GetCurrent",
    "$Windows.~BT",
    "$Windows.~WS",
    QUARANTINE,
)
ALSO: Final = (r"%SystemRoot%\Temp",)
#: Where a folder that holds an .exe or .dll is nobody's program: people keep downloads there.
PEOPLE: Final = ("Users", "$Recycle.Bin")
#: Programs keep pictures and texts of their own here, so that a file's kind says nothing; names and contents still do.
QUIET: Final = ("AppData",)
LOUD: Final = (r"AppData\Local\Temp", r"AppData\Local\Microsoft\Office\UnsavedFiles")
#: More than this on one host, and the rest is only counted.
MOST: Final = 5000


def parameters() -> dict[str, Any]:
    """Where Find-ExamLeftover.ps1 looks on every host; what it leaves alone on one is added for that one."""
    return {
        "LeaveTop": list(LEAVE_TOP),
        "Also": list(ALSO),
        "People": list(PEOPLE),
        "Quiet": list(QUIET),
        "Loud": list(LOUD),
        "Most": MOST,
    }
