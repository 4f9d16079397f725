"""The process of a scheduled task: ``python3 -m standin.host.run_task ACTIONS``, ACTIONS as the model keeps them.

Prints the result of the task as its last line: that of its last action, as Windows shows it.
"""

from __future__ import annotations

import json
import ntpath
import sys
import time
import traceback
from collections.abc import Mapping
from typing import Any

from ..endpoint.files import PathError, WindowsFiles
from . import drives
from .task_parameters import parameters
from .task_scripts import NO_MODEL, Computer, script_of

FILE_NOT_FOUND = 0x80070002
SCRIPT_FAILED = 1


def run(action: Mapping[str, Any], files: WindowsFiles) -> int:
    """What the action returns; only PowerShell with a file can be run."""
    if ntpath.basename(action["path"]).casefold() not in ("powershell.exe", "powershell"):
        print(f"no model of the program {action['path']}", file=sys.stderr)
        return FILE_NOT_FOUND
    given = parameters(action.get("arguments") or "")
    try:
        script = files.real(given.pop("File"))
        text = script.read_text(encoding="utf-8-sig")
    except (KeyError, OSError, PathError, UnicodeDecodeError) as error:
        print(f"no script to run: {error!r}", file=sys.stderr)
        # What powershell.exe returns when the file of -File is missing.
        return NO_MODEL
    found = script_of(text)
    if found is None:
        print(f"no model of this version of {script}: see standin/host/task_scripts.py", file=sys.stderr)
        return NO_MODEL
    try:
        return found.model(Computer(files.real, time.time, time.sleep), given)
    except Exception:
        # As PowerShell with a script that throws: said on standard error, and the exit status tells.
        traceback.print_exc()
        return SCRIPT_FAILED


def main() -> None:
    """Run all actions, one after the other."""
    folders = {letter.upper(): drives.ROOT / letter for letter in "cd" if (drives.ROOT / letter).is_dir()}
    results = [run(action, WindowsFiles(folders)) for action in json.loads(sys.argv[1])]
    print(f"\n{results[-1]}", flush=True)


if __name__ == "__main__":
    main()
