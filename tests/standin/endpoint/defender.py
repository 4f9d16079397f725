"""Defender at work: what its processes do to the signatures and to the files that really lie on the drives.

A process runs by the host's clock and is done when somebody looks after its end; a restart of the host ends it. A file
of signatures says what it holds in a line that :func:`package` writes; one with a threat begins as :data:`THREAT` says.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from .files import PathError
from .host import Host
from .store import State

#: How a file with a threat begins; the name of the threat follows, up to the end of the line.
THREAT = b"STANDIN THREAT "
NEVER = 4_294_967_295
_SIGNATURES = re.compile(rb"STANDIN SIGNATURES (?P<version>[0-9.]+) (?P<built>[0-9]{4}-[0-9]{2}-[0-9]{2})")
_CMD = re.compile(r'^cmd\.exe /s /c "(?P<inner>.+)"$')
_INSTALL = re.compile(r'^start "" /wait "(?P<path>[^"]+)" -q$')
_DELETE = re.compile(r'^del /f /q "(?P<path>[^"]+)"$')
_SCAN = re.compile(r'^"(?P<program>[^"]+\\MpCmdRun\.exe)" -Scan -ScanType (?P<kind>[12])$')
_KINDS = {"1": "quick", "2": "full"}
_QUICK = (r"C:\Users", r"C:\Windows\Temp", r"C:\ProgramData")
_FOUND, _NOT_FOUND = 0, 9


def package(version: str, built: date) -> bytes:
    """A file of signatures as the stand-in reads it."""
    return b"MZ\0\0" + f"STANDIN SIGNATURES {version} {built.isoformat()}\n".encode()


class UnknownLine(Exception):
    """A command line that has no model."""


def create(host: Host, line: str) -> tuple[int, int | None]:
    """Start a process: the code of Win32_Process.Create and the process id. :raises UnknownLine: for any other line."""
    parts = _parts(line)
    state = settled(host)["antivirus"]
    if (found := _SCAN.match(parts[0])) and not _is_there(state, found):
        return _NOT_FOUND, None
    now = host.clock()
    with host.store.change() as whole:
        model = whole["antivirus"]
        if model["process"] is None:
            model["process"] = {
                "id": 5000 + len(model["detections"]),
                "line": line,
                "begun": now.isoformat(),
                "ends": (now + timedelta(seconds=model["seconds"])).isoformat(),
                "booted": host.backend.boot_time(),
            }
        return _FOUND, model["process"]["id"]


def processes(host: Host) -> list[tuple[int, str, str]]:
    """Id, name and command line of what runs of Defender."""
    running = settled(host)["antivirus"]["process"]
    if running is None:
        return []
    line = running["line"]
    name = "cmd.exe" if line.startswith("cmd.exe") else line.split('"')[1].rpartition("\\")[2]
    return [(running["id"], name, line)]


def settled(host: Host) -> State:
    """The state once everything is done that has come to its end by now."""
    state = host.store.read()
    running = state["antivirus"]["process"]
    if running is None or not _over(host, running):
        return state
    with host.store.change() as changed:
        model = changed["antivirus"]
        process = model["process"]
        if process is not None and _over(host, process):
            model["process"] = None
            if process["booted"] == host.backend.boot_time():
                _done(host, model, process)
    return host.store.read()


def age_days(host: Host, model: dict[str, Any], what: str) -> int:
    """How old something is now: it grows older with the host's clock."""
    age: int = model[f"{what}_age" if what == "signature" else f"{what}_scan_age"]
    return age if age == NEVER else age + (host.clock() - datetime.fromisoformat(model["as_of"][what])).days


def scan_times(model: dict[str, Any], kind: str) -> tuple[datetime | None, datetime | None]:
    """When the last scan of a kind began and ended."""
    age = model[f"{kind}_scan_age"]
    if age == NEVER:
        return None, None
    end = datetime.fromisoformat(model["as_of"][kind]) - timedelta(days=age)
    begun = model["begun"].get(kind)
    return (datetime.fromisoformat(begun) if begun else end - timedelta(minutes=5)), end


def _parts(line: str) -> list[str]:
    found = _CMD.match(line)
    parts = found["inner"].split(" & ") if found else [line]
    known = (_INSTALL, _DELETE, _SCAN) if found else (_SCAN,)
    if not all(any(pattern.match(part) for pattern in known) for part in parts):
        raise UnknownLine(line)
    return parts


def _is_there(model: dict[str, Any], found: re.Match[str]) -> bool:
    """Whether the program of a scan is that of the platform in use; cmd.exe only says that it is not."""
    program: str = model["program"]
    return found["program"].casefold() == f"{program}\\MpCmdRun.exe".casefold()


def _over(host: Host, process: dict[str, Any]) -> bool:
    return process["booted"] != host.backend.boot_time() or datetime.fromisoformat(process["ends"]) <= host.clock()


def _done(host: Host, model: dict[str, Any], process: dict[str, Any]) -> None:
    for part in _parts(process["line"]):
        if found := _INSTALL.match(part):
            _install(host, model, found["path"])
        elif found := _DELETE.match(part):
            host.files.real(found["path"]).unlink(missing_ok=True)
        elif (found := _SCAN.match(part)) and model["enabled"] and not model["scan_fails"] and _is_there(model, found):
            _scan(host, model, _KINDS[found["kind"]], process)


def _install(host: Host, model: dict[str, Any], path: str) -> None:
    """Defender takes signatures that are whole and newer than its own."""
    real = host.files.real(path)
    found = _SIGNATURES.search(real.read_bytes()) if real.is_file() else None
    if found is None or _numbers(found["version"].decode()) <= _numbers(model["signature_version"]):
        return
    now = host.clock()
    model["signature_version"] = found["version"].decode()
    model["signature_age"] = (now.date() - date.fromisoformat(found["built"].decode())).days
    model["as_of"]["signature"] = now.isoformat()


def _numbers(version: str) -> list[int]:
    return [int(part) for part in version.split(".")]


def _scan(host: Host, model: dict[str, Any], kind: str, process: dict[str, Any]) -> None:
    for path in _files(host, kind):
        with path.open("rb") as content:
            begins = content.readline(200)
        if not begins.startswith(THREAT):
            continue
        name = begins.removeprefix(THREAT).decode().strip()
        model["detections"].append(
            {
                "id": str(uuid.uuid4()).upper(),
                "name": name,
                "file": host.files.windows(path),
                "at": process["ends"],
                "cleaned": not model["cannot_clean"],
            }
        )
        if not model["cannot_clean"]:
            path.unlink()
        elif name not in model["threats"]:
            model["threats"].append(name)
    model["begun"][kind] = process["begun"]
    model["as_of"][kind] = process["ends"]
    model[f"{kind}_scan_age"] = 0


def _files(host: Host, kind: str) -> Iterator[Path]:
    roots = list(host.files.drives.values())
    if kind == "quick":
        roots = []
        for path in _QUICK:
            try:
                roots.append(host.files.real(path))
            except PathError:
                continue
    for root in roots:
        yield from sorted(path for path in root.rglob("*") if path.is_file() and not path.is_symlink())
