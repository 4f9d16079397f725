"""The Unified Write Filter: while it is on, what a host writes is gone at its next start, but for what is excluded.

C: protected means the accounts, shares, registry and services of the host as well, for on Windows they lie there. The
filter's own settings stay, as on Windows.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from . import drives, system

SNAPSHOT = Path("/var/lib/standin-uwf")
#: What lies on C: of a real Windows: Samba's databases and the Unix accounts behind them.
SYSTEM = (Path("/var/lib/samba"), Path("/etc/passwd"), Path("/etc/group"), Path("/etc/shadow"), Path("/etc/gshadow"))
MODEL = "state.json"
#: Of the stand-in, not of Windows: what was asked of the host.
NOT_WINDOWS = ("calls.jsonl",)


def start() -> None:
    """What the filter does at a start: throw away, then take up the settings for this session."""
    before = _model()
    if before is None or before["uwf"] is None:
        return
    uwf = before["uwf"]
    if SNAPSHOT.is_dir():
        _put_back(uwf)
        shutil.rmtree(SNAPSHOT)
    for name in ("enabled", "volumes", "exclusions"):
        uwf[name] = uwf[f"{name}_next"]
    now = _model()
    assert now is not None
    now["uwf"] = uwf
    system.save(MODEL, now)
    protect(uwf)


def protect(uwf: dict[str, Any]) -> None:
    """From now on, until the next start, what is written will be undone by it; as the settings ``uwf`` say."""
    if uwf["enabled"] and uwf["volumes"]:
        SNAPSHOT.mkdir()
        for number, place in enumerate(_places(uwf)):
            _copy(place, SNAPSHOT / str(number))


def _model() -> dict[str, Any] | None:
    try:
        read: dict[str, Any] = json.loads((system.STATE / MODEL).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return read


def _places(uwf: dict[str, Any]) -> Iterator[Path]:
    for letter in uwf["volumes"]:
        yield drives.ROOT / letter.lower()
    if "C" in uwf["volumes"]:
        yield system.STATE
        yield from (place for place in SYSTEM if place.exists())


def _put_back(uwf: dict[str, Any]) -> None:
    kept = SNAPSHOT / "kept"
    kept.mkdir()
    excluded = [drives.to_unix(path) for path in uwf["exclusions"]]
    excluded += [system.STATE / name for name in NOT_WINDOWS]
    excluded = [path for path in excluded if path.exists()]
    for number, path in enumerate(excluded):
        _copy(path, kept / str(number))
    for number, place in enumerate(_places(uwf)):
        _replace(SNAPSHOT / str(number), place)
    for number, path in enumerate(excluded):
        path.parent.mkdir(parents=True, exist_ok=True)
        _replace(kept / str(number), path)


def _copy(source: Path, target: Path) -> None:
    system.run("cp", "-a", "--", str(source), str(target))


def _replace(source: Path, place: Path) -> None:
    """The place itself stays: it may be a mount, or the file that a service has open by its name."""
    if not source.is_dir():
        system.run("cp", "-a", "--remove-destination", "--", str(source), str(place))
        return
    place.mkdir(exist_ok=True)
    for entry in place.iterdir():
        shutil.rmtree(entry) if entry.is_dir() and not entry.is_symlink() else entry.unlink()
    system.run("cp", "-a", "--", f"{source}/.", str(place))
