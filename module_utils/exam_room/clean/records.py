"""What the clean step notes on the controller, in the folder ``clean`` of a session's directory.

``baseline.json``: since when nothing was left over on each host, by the host's clock. ``HOST-STAMP.json``: what went
into quarantine in one run; the same text lies beside the files as record.json.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from ..files import told, write_atomic
from .places import QUARANTINE

FOLDER: Final = "clean"
BASELINE: Final = "baseline.json"
VERSION: Final = 1


def run_name(session_id: str, moment: datetime) -> str:
    r"""The folder in the quarantine for what one run moves: ``SESSION\20271125T101500Z``."""
    return f"{session_id}\\{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def baseline(sessions: Path, room: str, host: str, installed: str) -> str:
    """Since when files on ``host`` are judged by their kind: the last time that nothing was left over on it.

    Before the first time, and on a computer that was installed anew since, the moment Windows was installed. UTC.
    A note that cannot be read says nothing: the baseline is earlier then, and more is judged.
    """
    found = [installed]
    for path in sessions.glob(f"*/{FOLDER}/{BASELINE}"):
        try:
            note = json.loads(path.read_text(encoding="utf-8"))
            one = note["hosts"].get(host)
            if note["room"] == room and one is not None and one["installed"] == installed:
                found.append(datetime.fromisoformat(one["at"]).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))
        except (OSError, ValueError, LookupError, TypeError, AttributeError):
            continue
    return max(found, key=datetime.fromisoformat)


def note_baseline(directory: Path, room: str, hosts: Mapping[str, Mapping[str, str]]) -> None:
    """Note for each of ``hosts`` ``at`` (its own clock) and ``installed``; what stands there of others stays.

    Raises ExamError when the controller's disk refuses.
    """
    path = directory / FOLDER / BASELINE
    with told(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        held = _held(path)
        content = {"version": VERSION, "room": room, "hosts": dict(sorted({**held, **hosts}.items()))}
        write_atomic(path, _text(content).encode())


def noted(directory: Path) -> list[str]:
    """The hosts that the session in ``directory`` has noted; a note that cannot be read names none."""
    return sorted(_held(directory / FOLDER / BASELINE))


def _held(path: Path) -> dict[str, Any]:
    try:
        held: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))["hosts"]
        return dict(held)
    except (OSError, ValueError, LookupError, TypeError):
        return {}


def record(
    session_id: str, room: str, host: str, run: str, leftovers: Mapping[str, Any], paths: Sequence[str], found: Any
) -> str:
    """The record of one run on one host as text. ``found``: what came of it, None while that is not known."""
    reasons = {one["path"]: one for one in leftovers["found"]}
    files = [
        {
            **reasons.get(path, {"path": path, "zh": "回收站对它的记录", "en": "what the recycle bin notes of it"}),
            "to": f"{path[:2]}\\{QUARANTINE}\\{run}\\files{path[2:]}",
        }
        for path in paths
    ]
    content = {"version": VERSION, "session": session_id, "room": room, "host": host, "run": run, "files": files}
    return _text(content | {"outcome": found})


def record_path(directory: Path, host: str, run: str) -> Path:
    """Where the record of one run on one host lies on the controller, in a session's directory."""
    stamp = run.rpartition("\\")[2]
    return directory / FOLDER / f"{host}-{stamp}.json"


def write_record(path: Path, text: str) -> None:
    """Keep a record on the controller. Raises ExamError when its disk refuses."""
    with told(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomic(path, text.encode("utf-8", "backslashreplace"))


def _text(content: Any) -> str:
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"
