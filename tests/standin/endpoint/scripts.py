"""Models of the project's PowerShell files, each bound to the SHA-256 of the text it was written for.

The stand-in cannot run PowerShell. When a script changes, its model no longer answers until somebody has compared the
two and put the new hash here. Hashes are of the text with LF line ends, without a byte order mark and without white
space at the end, so that a checkout on Windows has the same.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..host import find_exam_leftover, get_installed_program, write_results_disc
from .host import Host

ScriptModel = Callable[[Host, dict[str, Any], bool], dict[str, Any]]


class UnknownScript(Exception):
    """No model has this hash; the text says which files to compare."""


@dataclass(frozen=True)
class Script:
    """``file`` in the project, the ``model`` that does what it does: (host, parameters, check mode) -> result keys."""

    file: str
    sha256: str
    model: ScriptModel


SCRIPTS: list[Script] = [
    Script(
        "roles/burner/files/server/Write-ResultsDisc.ps1",
        "5f553c3eaf7a2c85d6a89cd5c78714c9bf83d537821a983e7f6d15ab567b20a4",
        write_results_disc.directly,
    ),
    Script(
        "roles/clean/files/host/Find-ExamLeftover.ps1",
        "9fd36942eab00040ee15c2e5c27da222f8027389a0cbf828ff01c97de4e8222c",
        find_exam_leftover.directly,
    ),
    Script(
        "roles/software/files/host/Get-InstalledProgram.ps1",
        "d1c5f9dcb6f6b590d36d51a408fdea97544d12b71c26f2f3d7ec76ddc3cbf570",
        get_installed_program.directly,
    ),
]


def digest(text: str) -> str:
    """The hash that a script is known by."""
    plain = text.removeprefix("\ufeff").replace("\r\n", "\n").rstrip()
    return hashlib.sha256(plain.encode()).hexdigest()


def model_of(text: str) -> ScriptModel:
    """The model for this very text.

    :raises UnknownScript: if none was written for it.
    """
    sha256 = digest(text)
    for script in SCRIPTS:
        if script.sha256 == sha256:
            return script.model
    known = ", ".join(f"{script.file} ({script.sha256})" for script in SCRIPTS) or "none"
    raise UnknownScript(
        f"The stand-in has no model of the script with SHA-256 {sha256}. Compare the script with its model and then "
        f"put the hash into standin/endpoint/scripts.py. Known: {known}"
    )
