"""Runs the rules over many folders of evidence in one process beside this one: their own pytest, as inspect uses it.

Usage: judging.py RULES FOLDER…        each FOLDER gets a verdict.json; prints one exit status a line
"""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
RULES = ROOT / "tests/compliance"


def judge(folders: Sequence[Path], rules: Path = RULES) -> list[int]:
    """The exit status of pytest for each folder."""
    done = subprocess.run(
        [sys.executable, __file__, str(rules), *map(str, folders)],
        capture_output=True,
        text=True,
        # It bounds a run that hangs; a slow machine takes as long as it takes.
        timeout=1800,
        check=True,
        # Without what this pytest run was started with.
        env={name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
        | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
    )
    return [int(line) for line in done.stdout.split()]


def main() -> None:
    rules, *folders = sys.argv[1:]
    for folder in folders:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            status = pytest.main(["-q", f"--evidence={folder}", f"--verdict={folder}/verdict.json", rules])
        print(int(status))


if __name__ == "__main__":
    main()
