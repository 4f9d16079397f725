"""Runs the rules over many folders of evidence in one process beside this one: their own pytest, as inspect uses it.

Standard input is a list of [rules, folder] as JSON; each folder gets a verdict.json. Prints one exit status a line.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
RULES = ROOT / "tests/compliance"


def judge(folders: Sequence[Path], rules: Path = RULES) -> list[int]:
    """The exit status of pytest for each folder, judged by all rules."""
    return judge_each([(str(rules), folder) for folder in folders])


def judge_each(wanted: Sequence[tuple[str, Path]]) -> list[int]:
    """The exit status of pytest for each folder, judged by the rules before it, or by one as pytest names it."""
    done = subprocess.run(
        [sys.executable, __file__],
        input=json.dumps([(rules, str(folder)) for rules, folder in wanted]),
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
    for rules, folder in json.load(sys.stdin):
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            status = pytest.main(["-q", f"--evidence={folder}", f"--verdict={folder}/verdict.json", rules])
        print(int(status))


if __name__ == "__main__":
    main()
