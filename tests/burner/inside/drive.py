"""The emulated DVD+R burner of the machine: tgt on one side of an iSCSI connection, the kernel's drive on the other."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from pathlib import Path

NAME = "iqn.2025-01.example.exam-room:burner"
MEDIA = Path("/tmp/media")
_UNIT = ("--lld", "iscsi", "--mode", "logicalunit", "--tid", "1", "--lun", "1")


def _run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr or done.stdout}")
    return done.stdout


def until(what: str, happened: Callable[[], object], seconds: float = 300.0) -> None:
    """Wait until ``happened`` answers with something true; RuntimeError after ``seconds``."""
    end = time.monotonic() + seconds
    while not happened():
        if time.monotonic() > end:
            raise RuntimeError(f"{what}: not within {seconds:.0f} s")
        time.sleep(0.05)


class Drive:
    """One drive; ``insert`` and ``take_out`` are what a person does with a disc."""

    def __init__(self) -> None:
        MEDIA.mkdir()
        self._daemons = [subprocess.Popen(["tgtd", "-f"])]
        until("tgtd answers", self._answers)
        _run("tgtadm", "--lld", "iscsi", "--mode", "target", "--op", "new", "--tid", "1", "-T", NAME)
        _run("tgtadm", *_UNIT, "--op", "new", "-b", str(self.blank("first")), "--device-type", "cd")
        _run("tgtadm", "--lld", "iscsi", "--mode", "target", "--op", "bind", "--tid", "1", "-I", "ALL")
        Path("/etc/iscsi/initiatorname.iscsi").write_text("InitiatorName=iqn.2025-01.example.exam-room:controller\n")
        self._daemons.append(subprocess.Popen(["iscsid", "-f"]))
        until("iscsid answers", lambda: subprocess.run(["iscsiadm", "-m", "session"], check=False).returncode == 21)
        _run("iscsiadm", "-m", "discovery", "-t", "sendtargets", "-p", "127.0.0.1")
        _run("iscsiadm", "-m", "node", "-T", NAME, "-p", "127.0.0.1", "--login")
        until("the drive appears", lambda: list(Path("/dev").glob("sr*")))
        self.device = str(next(Path("/dev").glob("sr*")))

    @property
    def daemon(self) -> int:
        """The process that plays the drive."""
        return self._daemons[0].pid

    def _answers(self) -> bool:
        command = ["tgtadm", "--lld", "iscsi", "--mode", "target", "--op", "show"]
        return subprocess.run(command, capture_output=True, check=False).returncode == 0

    def blank(self, name: str, shelf: Path = MEDIA) -> Path:
        """A blank DVD+R, not in the drive yet: the file that holds what is burned on it."""
        medium = shelf / name
        _run("tgtimg", "--op", "new", "--device-type", "cd", "--type", "dvd+r", "--file", str(medium))
        return medium

    def insert(self, medium: Path) -> None:
        """Put a disc into the drive, in place of the one that may be in it."""
        _run("tgtadm", *_UNIT, "--op", "update", "--params", "online=0")
        _run("tgtadm", *_UNIT, "--op", "update", "--params", f"path={medium}")
        _run("tgtadm", *_UNIT, "--op", "update", "--params", "online=1")

    def throw_out(self, medium: Path) -> None:
        """Leave the drive empty; the disc is gone for good, or xorriso would draw the tray in again and find it."""
        _run("tgtadm", *_UNIT, "--op", "update", "--params", "online=0")
        medium.unlink()
        # Makes the drive look for the disc, and see that there is none.
        _run("tgtadm", *_UNIT, "--op", "update", "--params", "online=1")
