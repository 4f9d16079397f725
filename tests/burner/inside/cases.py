"""What happens to discs in the drive, with the controller's own code; one line of JSON a case, judged elsewhere.

Called with the path of the serial line that the answers go to. ``/burner/images.json`` lists the images to burn: name
of the file, volume, SHA-256 and the files that have to be on the disc.
"""

from __future__ import annotations

import dataclasses
import json
import os
import signal
import subprocess
import sys
import termios
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from exam_room.discs import burner
from exam_room.discs.image import SECTOR, Image
from exam_room.errors import ExamError
from exam_room.tools import run as really_run

from .drive import Drive, until

HERE = Path("/burner")
HALF = 2 << 20
BURN = """
import sys
from pathlib import Path
from exam_room.discs.burner import burn
from exam_room.discs.image import Image
burn(Image(Path(sys.argv[1]), "KILLED_1", int(sys.argv[2]), ""), sys.argv[3])
"""
Facts = dict[str, Any]


class Cases:
    """The drive, the images, and what xorriso said since the last case."""

    def __init__(self) -> None:
        self._said: list[Facts] = []
        vars(burner)["run"] = self.recorded
        self.drive = Drive()
        self.device = self.drive.device
        self.images: list[Image] = []
        self.expected: list[dict[str, str]] = []
        for one in json.loads((HERE / "images.json").read_text(encoding="utf-8")):
            path = HERE / one["file"]
            self.images.append(Image(path, one["volume"], path.stat().st_size, one["sha256"]))
            self.expected.append(one["expected"])

    def recorded(self, command: list[str], **more: Any) -> subprocess.CompletedProcess[bytes]:
        done = really_run(command, **more)
        said = (done.stdout + done.stderr).decode("utf-8", "replace")
        self._said.append({"command": command, "status": done.returncode, "said": said})
        return done

    def answer(self, name: str, case: Callable[[Cases], Facts]) -> Facts:
        """Run one case; its facts, how long it took and the words of xorriso."""
        self._said = []
        began = time.monotonic()
        try:
            facts = case(self)
        except Exception:
            facts = {"broken": traceback.format_exc()}
        return {"case": name, **facts, "seconds": round(time.monotonic() - began, 1), "xorriso": self._said}

    def fresh(self, name: str) -> Path:
        """A blank, in the drive."""
        medium = self.drive.blank(name)
        self.drive.insert(medium)
        return medium

    def burn(self, which: int = 0) -> Facts:
        return self.told(lambda: burner.burn(self.images[which], self.device))

    def read_back(self, which: int = 0) -> Facts:
        return self.told(lambda: burner.read_back(self.images[which], self.device, self.expected[which]))

    def look(self) -> Facts:
        return self.told(lambda: _medium(burner.look(self.device)))

    def told(self, act: Callable[[], object]) -> Facts:
        try:
            return {"result": act()}
        except ExamError as error:
            return {"refused": [error.zh, error.en]}


def _medium(medium: burner.Medium) -> Facts:
    return {**dataclasses.asdict(medium), **{name: getattr(medium, name) for name in ("present", "blank", "closed")}}


def no_such_drive(cases: Cases) -> Facts:
    return cases.told(lambda: burner.burn(cases.images[0], "/dev/sr9"))


def whole(cases: Cases) -> Facts:
    """A blank is burned and read back; what is on it afterwards cannot be burned again and is still the same."""
    medium = cases.fresh("whole")
    blank, burn, after = cases.look(), cases.burn(), cases.look()
    read = cases.read_back()
    before = medium.read_bytes()
    again = cases.burn()
    same = medium.read_bytes() == before and before.startswith(cases.images[0].path.read_bytes())
    seen = {"blank": blank, "burn": burn, "after": after, "read": read, "files": len(cases.expected[0])}
    return {**seen, "again": again, "same": same}


def closed_for_xorriso(cases: Cases) -> Facts:
    """The same disc, without this project's question before: the drive itself takes no more."""
    command = ["xorriso", "-as", "cdrecord", "-v", f"dev={cases.device}", "-tao", str(cases.images[0].path)]
    done = cases.recorded(command, timeout=600.0)
    return {"status": done.returncode}


def second(cases: Cases) -> Facts:
    """The other disc of the session, which holds the other candidate; reading it back as the first says so."""
    cases.fresh("second")
    seen = {"burn": cases.burn(1), "read": cases.read_back(1), "mistaken": cases.read_back(0)}
    candidates = [sorted({path.split("/")[1] for path in one if path.startswith("data/")}) for one in cases.expected]
    index = [one["index.json"] for one in cases.expected]
    return {**seen, "files": len(cases.expected[1]), "candidates": candidates, "index": index}


def watched(cases: Cases) -> Facts:
    """The drive is watched with a used disc in it, until somebody puts a blank in."""
    size, looks = cases.images[0].size, []

    def change(seconds: float) -> None:
        looks.append(seconds)
        if len(looks) == 2:
            cases.fresh("watched")

    status = burner.drive_status(cases.device)
    told = burner.await_blank(cases.device, size, 60)
    known = told.en if told else ""
    ended = burner.await_blank(cases.device, size, 60, known, sleep=change)
    told_words = [told.zh, told.en] if told else []
    return {"status": status, "told": told_words, "ended": ended is None, "looks": len(looks)}


def empty(cases: Cases) -> Facts:
    cases.drive.throw_out(cases.fresh("gone"))
    status, asked = burner.drive_status(cases.device), len(cases._said)
    waited = cases.told(lambda: str(burner.await_blank(cases.device, cases.images[0].size, 0)))
    seen = {"status": status, "waited": waited, "asked": len(cases._said) - asked}
    return {**seen, "look": cases.look(), "burn": cases.burn(), "read": cases.read_back()}


def too_small(cases: Cases) -> Facts:
    """Nothing of an image that is larger than the blank gets onto it."""
    medium = cases.fresh("small")
    large = Path("/tmp/large.iso")
    with large.open("wb") as file:
        file.truncate(2_295_105 * SECTOR)
    refused = cases.told(lambda: burner.burn(Image(large, "LARGE_1", large.stat().st_size, ""), cases.device))
    large.unlink()
    return {"burn": refused, "look": cases.look(), "untouched": medium.stat().st_size == 0}


def rotten(cases: Cases) -> Facts:
    """One byte in the middle of the disc is not what was written."""
    medium = cases.fresh("rotten")
    burn = cases.burn()
    sector = cases.images[0].size // SECTOR // 2
    with medium.open("r+b") as file:
        file.seek(sector * SECTOR + 17)
        byte = file.read(1)[0]
        file.seek(-1, os.SEEK_CUR)
        file.write(bytes([byte ^ 0x40]))
    return {"burn": burn, "sector": sector, "read": cases.read_back()}


def unreadable(cases: Cases) -> Facts:
    """The drive cannot read the second half of the disc any more: the file behind it has lost it."""
    medium = cases.fresh("unreadable")
    burn = cases.burn()
    sector = cases.images[0].size // SECTOR // 2
    os.truncate(medium, sector * SECTOR)
    passed = Path("/tmp/passed")
    with passed.open("wb") as out:
        command = burner.reading(cases.images[0], cases.device)
        done = subprocess.run(command, stdout=out, stderr=subprocess.PIPE, timeout=600, check=False)
    seen = {"status": done.returncode, "passed": passed.stat().st_size, "said": done.stderr.decode("utf-8", "replace")}
    passed.unlink()
    return {"burn": burn, "sector": sector, **seen, "read": cases.read_back()}


def wears_out(cases: Cases) -> Facts:
    """The medium refuses to be written after 2 MB: the file behind it has no more room."""
    room = Path("/tmp/worn")
    room.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={HALF}", "worn", str(room)], check=True)
    cases.drive.insert(cases.drive.blank("worn", room))
    return {"burn": cases.burn(), "read": cases.read_back()}


def killed(cases: Cases) -> Facts:
    """The controller's xorriso is killed when a part of the image is on the disc, which the drive then finishes."""
    medium = cases.fresh("killed")
    image = cases.images[0]
    burning = subprocess.Popen([sys.executable, "-c", BURN, str(image.path), str(image.size), cases.device])
    until("a part is written", lambda: medium.stat().st_size > HALF or burning.poll() is not None)
    # The drive stands still while the processes are ended: the burn cannot get further meanwhile.
    os.kill(cases.drive.daemon, signal.SIGSTOP)
    written = medium.stat().st_size
    for pid in [burning.pid, *_xorrisos()]:
        os.kill(pid, signal.SIGKILL)
    os.kill(cases.drive.daemon, signal.SIGCONT)
    burning.wait()
    until("xorriso has ended", lambda: not _xorrisos())
    facts: Facts = {"written": written, "whole": image.size, "read": cases.read_back()}
    # This drive knows what is on a disc that was not closed only when the disc is put in again.
    cases.drive.insert(medium)
    facts |= {"again": cases.burn(), "read_again": cases.read_back()}
    cases.fresh("after")
    return {**facts, "next_burn": cases.burn(), "next_read": cases.read_back()}


def _xorrisos() -> list[int]:
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if (folder / "comm").read_text().strip() == "xorriso" and "Z" not in _state(folder):
                found.append(int(folder.name))
        except (FileNotFoundError, ProcessLookupError):
            continue
    return found


def _state(folder: Path) -> str:
    return (folder / "stat").read_text().rpartition(")")[2].split()[0]


CASES: tuple[Callable[[Cases], Facts], ...] = (
    no_such_drive,
    whole,
    closed_for_xorriso,
    second,
    watched,
    empty,
    too_small,
    rotten,
    unreadable,
    wears_out,
    killed,
)


def main(line: str) -> None:
    """Write the answers to the serial line, the last one when all cases had their turn."""
    with Path(line).open("w", encoding="utf-8") as out:
        cases = Cases()
        for case in CASES:
            print(f"burner: {case.__name__}", flush=True)
            out.write(json.dumps(cases.answer(case.__name__, case)) + "\n")
            out.flush()
        out.write(json.dumps({"end": True}) + "\n")
        out.flush()
        termios.tcdrain(out)


if __name__ == "__main__":
    main(sys.argv[1])
