"""Models of the PowerShell files that scheduled tasks run, each bound to the SHA-256 of the text it was written for.

A task with the action ``powershell.exe … -File X …`` is answered by the model of X's very text (``digest``, as in
endpoint/scripts.py), for SYSTEM in a process of its own (host/run_task.py), for who is signed in in the endpoint's
(endpoint/wql/taskmethods.py). A script whose hash is not here makes the task fail with ``NO_MODEL``, which is kept as
the task's last result, until somebody has compared script and model and put the new hash here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from ..endpoint.scripts import digest
from . import stop_exam_session, system, try_exam_folder, write_results_disc

# What PowerShell itself returns for a script that stops with an error; no script of ours may return it.
NO_MODEL = 0xFFFD0000


@dataclass(frozen=True)
class Computer:
    """What a script finds on the host it runs on. Everything else of the host is reached as its other models do it:
    ``standin.host.accounts``, ``shares`` and ``system``, and Samba's own tools.

    ``real`` gives the place on disk of a Windows path (letter case as on disk; the file need not exist). ``now`` is the
    host's clock in seconds since 1970 in UTC, ``sleep`` waits, ``uptime`` counts the seconds since the host started,
    ``volatile`` is a folder that a restart forgets, as it forgets a volatile registry key.
    """

    real: Callable[[str], Path]
    now: Callable[[], float]
    sleep: Callable[[float], None]
    uptime: Callable[[], float] = system.uptime
    volatile: Callable[[], Path] = system.volatile


ScriptModel = Callable[[Computer, Mapping[str, str]], int]


@dataclass(frozen=True)
class TaskScript:
    """``file`` in the project; ``model`` does what it does: (computer, named parameters) -> exit status."""

    file: str
    sha256: str
    model: ScriptModel


SCRIPTS: list[TaskScript] = [
    TaskScript(
        "roles/dead_man_switch/files/server/Stop-ExamSession.ps1",
        "b9929564fd86e65ac04625980e4ca54c82a0fef30f066317b8a4cfb285d66fe0",
        stop_exam_session.run,
    ),
    TaskScript(
        "roles/burner/files/server/Write-ResultsDisc.ps1",
        "5f553c3eaf7a2c85d6a89cd5c78714c9bf83d537821a983e7f6d15ab567b20a4",
        write_results_disc.run,
    ),
    TaskScript(
        "roles/drive_mapping/files/client/Test-ExamFolder.ps1",
        "8b9e61967fc4edbc5a04246aa95e78a29e647da6d17ccf5afa81f2d743c4a8b1",
        try_exam_folder.run,
    ),
]


def script_of(text: str) -> TaskScript | None:
    """The entry for this very text; None if no model was written for it."""
    sha256 = digest(text)
    return next((script for script in SCRIPTS if script.sha256 == sha256), None)
