"""Bare PowerShell texts that Ansible's action plugins send: each is recognised whole, nothing else is answered.

Restarting: plugin_utils/_reboot.py of ansible.windows and microsoft.ad. Clearing up: shell/powershell.py.
"""

from __future__ import annotations

import json
import re
import shutil
import threading
from collections.abc import Callable

from .files import PathError
from .host import Host
from .models.writefilter import UWFMGR, uwfmgr
from .shells import Output

LOGON_UI = r"SOFTWARE\Microsoft\Windows NT\CurrentVersion\Winlogon\AutoLogonChecked"
# 1 January 1601 to 1 January 1970, the difference of FILETIME and Unix time (MS-DTYP 2.3.3).
_EPOCH_DIFFERENCE = 11_644_473_600

_STRICT = re.compile(r"^Set-StrictMode -Version Latest\s+")
_EXIT = re.compile(r"[;\s]+If \(-not \$\?\) \{ If \(Get-Variable LASTEXITCODE .*\Z", re.DOTALL)
_BOOT_TIME = re.compile(
    r"^\(Get-CimInstance -ClassName Win32_OperatingSystem -Property LastBootUpTime\)\.LastBootUpTime\.ToFileTime\(\)$"
)
_SHUTDOWN = re.compile(
    r"^\$ErrorActionPreference = 'Continue'\s+if \(\$(?:True|False)\) \{.*?\}\s+\$stdout = \$null\s+.*?"
    r"shutdown\.exe /r /t (\d+) /c '(?:[^']|'')*' \| Set-Variable stdout \}",
    re.DOTALL,
)
# A plain command line, as WS-Management starts a program.
_SHUTDOWN_PROGRAM = re.compile(r'^shutdown\.exe /r /t (\d+) /c (?:"[^"]*"|\S+)$')
_LOGON_READY = re.compile(r"^Get-Item -LiteralPath 'HKLM:\\(.+)' -ErrorAction Stop; '(success-[0-9a-f-]+)'$")
_REMOVE = re.compile(r"^Remove-Item '((?:[^']|'')+)' -Force( -Recurse)?;?$")


def run(host: Host, text: str) -> Output:
    """The output of a known text; an unknown one fails and says so."""
    bare = _EXIT.sub("", _STRICT.sub("", text.strip())).strip()
    for pattern, answer in _KNOWN:
        found = pattern.match(bare)
        if found:
            return answer(host, found)
    return Output(b"", f"The stand-in cannot run PowerShell; it does not know this command: {bare[:200]}".encode(), 1)


def _boot_time(host: Host, found: re.Match[str]) -> Output:
    return Output(f"{int((host.backend.boot_time() + _EPOCH_DIFFERENCE) * 10_000_000)}\r\n".encode())


def _shutdown(host: Host, found: re.Match[str]) -> Output:
    # Even "now" leaves the answer time to go out, as Windows does.
    timer = threading.Timer(max(float(found.group(1)), 0.5), host.backend.reboot)
    timer.daemon = True
    timer.start()
    return Output(json.dumps({"stdout": "", "stderr": "", "rc": 0}).encode() + b"\r\n")


def _logon_ready(host: Host, found: re.Match[str]) -> Output:
    # LogonUI makes this key when the log-on screen appears; a host that answers here shows it.
    if found.group(1).casefold() != LOGON_UI.casefold():
        return Output(b"", f"Cannot find path 'HKLM:\\{found.group(1)}' because it does not exist.".encode(), 1)
    return Output(found.group(2).encode() + b"\r\n")


def _whoami(host: Host, found: re.Match[str]) -> Output:
    return Output(f"{host.backend.computer_name().lower()}\\administrator\r\n".encode())


def _remove(host: Host, found: re.Match[str]) -> Output:
    try:
        path = host.files.real(found.group(1).replace("''", "'"))
    except PathError as exc:
        return Output(b"", str(exc).encode(), 1)
    if path.is_dir() and found.group(2):
        shutil.rmtree(path)
    elif path.is_dir():
        path.rmdir()
    elif path.exists():
        path.unlink()
    else:
        return Output(b"", f"Cannot find path '{found.group(1)}' because it does not exist.".encode(), 1)
    return Output()


_KNOWN: tuple[tuple[re.Pattern[str], Callable[[Host, re.Match[str]], Output]], ...] = (
    (_BOOT_TIME, _boot_time),
    (_SHUTDOWN, _shutdown),
    (_SHUTDOWN_PROGRAM, _shutdown),
    (_LOGON_READY, _logon_ready),
    (re.compile(r"^whoami(?:\.exe)?$"), _whoami),
    (UWFMGR, uwfmgr),
    (_REMOVE, _remove),
)
