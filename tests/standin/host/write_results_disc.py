r"""The model of roles/burner/files/server/Write-ResultsDisc.ps1: does to the modelled burner what that does to IMAPI2.

The report and the sign of life are real files on the host's volume. Where it differs: writing takes no longer than
copying does, the tray is not moved, and nothing limits the time.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import burner as burners
from .burner import Burner, BurnerError

if TYPE_CHECKING:
    from ..endpoint.host import Host
    from .task_scripts import Computer

Real = Callable[[str], Path]
PARAMETERS = {"Report", "Image", "Sha256", "Letter", "LimitMinutes", "Check", "Bytes", "WaitSeconds", "Seen"}
# What powershell.exe takes for itself.
OWN = {"NoProfile", "NonInteractive", "ExecutionPolicy"}
WRITE_ONCE = (2, 6, 8, 9, 11, 15, 18)
BEAT_S = 0.5
LOOK_S = 3.0
REFUSED = 1


def run(computer: Computer, parameters: Mapping[str, str]) -> int:
    """The script as a task runs it: its exit status."""
    given = {name: value for name, value in parameters.items() if name not in OWN}
    if "Check" in given:
        given["Check"] = "true"
    if not _takes(given):
        return REFUSED
    perform(computer.real, given, Burner(sleep=computer.sleep))
    return 0


def directly(host: Host, parameters: dict[str, Any], check_mode: bool) -> dict[str, Any]:
    """The script as win_powershell runs it: the keys of the result."""
    given = {name: str(value) for name, value in parameters.items() if value is not False}
    if not _takes(given):
        return {"failed": True, "msg": f"the script does not take these parameters: {sorted(given)}"}
    burner = Burner(store=host.store, root=next(iter(host.files.drives.values())).parent)
    return {"output": [perform(host.files.real, given, burner)]}


def _takes(given: Mapping[str, str]) -> bool:
    """PowerShell does not begin with a parameter that it does not know, nor the script's work without a report."""
    return bool(given.get("Report") or "Check" in given) and not set(given) - PARAMETERS


def perform(real: Real, given: Mapping[str, str], burner: Burner) -> dict[str, Any]:
    """The report, which is also left in its file where one is named."""
    report = real(given["Report"]) if given.get("Report") else None
    found: dict[str, Any] = {
        "ok": False,
        "reason": "",
        "stage": "start",
        "hresult": "",
        "detail": "",
        "drive": "",
        "device": "",
        "owner": "",
        "medium": 0,
        "blank": False,
        "free": 0,
        "size": 0,
        "written": False,
        "closed": False,
        "label": "",
        "seconds": 0,
        "sha256": given.get("Sha256", ""),
    }
    with _beating(report.with_name("beat.txt")) if report else nullcontext():
        try:
            _invoke(real, given, burner, found)
        except BurnerError as error:
            found["hresult"], found["detail"] = f"0x{error.hresult:08X}", str(error)
            if error.hresult == burners.NO_MEDIA:
                found["reason"] = "no_medium"
        if report is None:
            return found
        partial = report.with_name(f"{report.name}.part")
        partial.write_text(json.dumps(found, ensure_ascii=False), encoding="utf-8")
        # On Windows it inherits the folder's rights; Samba reads them from the mode where no list is kept.
        partial.chmod(0o666)
        partial.replace(report)
    return found


@contextmanager
def _beating(file: Path) -> Iterator[None]:
    ended = threading.Event()

    def beat() -> None:
        number = 0
        while True:
            number += 1
            file.write_text(str(number))
            file.chmod(0o666)
            if ended.wait(BEAT_S):
                return

    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
        file.unlink(missing_ok=True)


def _invoke(real: Real, given: Mapping[str, str], burner: Burner, found: dict[str, Any]) -> None:
    found["stage"] = "drive"
    if not _choose(given, burner, found):
        return
    if "Check" in given:
        found["stage"], found["size"] = "medium", int(given.get("Bytes", 0))
        waiting = real(given["Report"] + ".wait") if given.get("Report") else None
        _watch_medium(waiting, given, burner, found)
        found["ok"] = not found["reason"]
        return
    found["stage"] = "image"
    image = real(given["Image"]) if given.get("Image") else None
    if image is None or not image.is_file():
        found["reason"] = "image_missing"
        return
    found["size"] = image.stat().st_size
    with image.open("rb") as content:
        if hashlib.file_digest(content, "sha256").hexdigest() != found["sha256"].lower():
            found["reason"] = "image_damaged"
            return
    found["stage"] = "lock"
    try:
        burner.lock()
    except BurnerError:
        found["owner"] = "Other burning program"
        raise
    found["stage"] = "medium"
    _read_medium(burner, found)
    if found["reason"]:
        return
    found["stage"], found["written"] = "write", True
    try:
        burner.write(image)
    except BurnerError:
        medium = burner.medium
        found["written"] = medium is None or medium["state"] != burners.BLANK
        raise
    found["closed"] = True
    found["stage"] = "mount"
    found["label"] = str(burner.drive["volume"] or "")
    found["ok"] = True


def _choose(given: Mapping[str, str], burner: Burner, found: dict[str, Any]) -> bool:
    if not burner.there:
        found["reason"] = "no_recorder"
        return False
    drive = burner.drive
    if given.get("Letter") and f"{given['Letter'].rstrip(':')}:".upper() != drive["drive"]:
        found["reason"], found["detail"] = "no_such_drive", f"{drive['drive']} {drive['name']}"
        return False
    found["drive"], found["device"] = drive["drive"], drive["name"]
    return True


def _watch_medium(waiting: Path | None, given: Mapping[str, str], burner: Burner, found: dict[str, Any]) -> None:
    waited = 0.0
    while True:
        problem, wrong = None, ""
        found |= {"reason": "", "medium": 0, "blank": False, "free": 0}
        try:
            _read_medium(burner, found)
            wrong = found["reason"]
        except BurnerError as error:
            problem, wrong = error, f"0x{error.hresult:08X}"
        known = wrong in (f"0x{burners.NO_MEDIA:08X}", given.get("Seen", ""))
        over = waited >= int(given.get("WaitSeconds", 0)) or waiting is None or not waiting.exists()
        if not wrong or not known or over:
            if problem:
                raise problem
            return
        burner.sleep(LOOK_S)
        waited += LOOK_S


def _read_medium(burner: Burner, found: dict[str, Any]) -> None:
    medium = burner.present()
    found["medium"] = burners.KINDS[medium["kind"]]
    if found["medium"] in burners.READ_ONLY:
        found["reason"] = "unsupported"
        return
    blank = medium["state"] == burners.BLANK
    found["blank"] = blank
    found["free"] = medium["bytes"] if blank else 0
    if not blank:
        found["reason"] = "not_blank"
    elif found["medium"] not in WRITE_ONCE:
        found["reason"] = "rewritable"
    elif found["size"] > found["free"]:
        found["reason"] = "too_small"
