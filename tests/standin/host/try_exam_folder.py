"""Model of Test-ExamFolder.ps1: one file of random content through the drive of whoever is signed in.

The drive is what the log-on task maps (mapping.py), reached with the account and password of automatic sign-in; it is
there once the server lets that account into the folder, for Connect-ExamFolder.ps1 goes on trying, unless the server
refuses account and password. What reaches the server is real: Samba's client writes it.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from ..endpoint.files import WindowsFiles
from ..endpoint.initial import bare
from ..endpoint.store import Store
from . import drives, system
from .mapping import REFUSALS_AT_MOST, UNC, SignInError, automatic_account, mapped_drive
from .names import names

if TYPE_CHECKING:
    from .task_scripts import Computer

NO_DRIVE, NOT_WRITTEN = 11, 12
SECONDS = 15.0
BYTES = 65536
# As the mapping script.
PAUSE_S = 2.0
# Two attempts and a look have to end before the controller stops waiting.
PATIENCE_S = 5


def run(computer: Computer, given: Mapping[str, str]) -> int:
    """What the script ends with."""
    folder = _folder(given["Letter"])
    if folder is None:
        return NO_DRIVE
    until = computer.now() + float(given.get("Seconds") or SECONDS)
    content = os.urandom(BYTES)
    name = f"~exam-trial-{names().computer.upper()}-{hashlib.sha256(content).hexdigest()}.tmp"
    with tempfile.NamedTemporaryFile() as local:
        Path(local.name).write_bytes(content)
        # Looking first, as the script does, would start one more program on each of many seats of one machine.
        while not folder.takes(local.name, name):
            if computer.now() >= until:
                return NO_DRIVE
            if folder.opens():
                return NOT_WRITTEN
            computer.sleep(PAUSE_S)
    return 0


class _Folder:
    """A folder on a server, as Samba's client reaches it."""

    def __init__(self, path: str, account: str, password: str) -> None:
        found = UNC.match(path)
        if found is None:
            raise SignInError(f"{path} is no folder on a server")
        self._share = f"//{found['server']}/{found['share']}"
        self._folder = found["folder"]
        self._login = f"{account}%{password}"
        self._refusals = 0

    def opens(self) -> bool:
        """Whether it can be listed."""
        return self._does(f'ls "{self._folder}\\*"')

    def takes(self, local: str, name: str) -> bool:
        """Whether a file could be put there."""
        return self._does(f'put "{local}" "{self._folder}\\{name}"')

    def _does(self, command: str) -> bool:
        if self._refusals >= REFUSALS_AT_MOST:
            # The mapping script has stopped trying.
            return False
        line = ("smbclient", "--client-protection=encrypt", "-U", self._login, self._share, "-c", command)
        try:
            done = subprocess.run(line, stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE_S, check=False)
        except subprocess.TimeoutExpired:
            return False
        self._refusals += b"NT_STATUS_LOGON_FAILURE" in done.stdout + done.stderr
        return done.returncode == 0


def _folder(letter: str) -> _Folder | None:
    """What the drive of that letter leads to; None where nothing maps it."""
    from .. import samba

    state = Store(system.STATE / "state.json", bare(server=system.settings()["role"] == "server")).read()
    try:
        account, password = automatic_account(state)
        user = samba.user(account)
        if user is None:
            return None
        path, mapped = mapped_drive(state, WindowsFiles({"C": drives.ROOT / "c"}), user.sid)
        return _Folder(path, account, password) if mapped.casefold() == letter.casefold() else None
    except SignInError:
        return None
