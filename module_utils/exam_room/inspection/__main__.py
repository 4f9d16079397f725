"""bin/exam-inspect: run the inspection and end with its verdict, or set two inspections side by side.

ansible-playbook ends with 2 for any failed host, be it the verdict or a broken cable. The verdict of this very run
comes back in a file, so that each has an exit status of its own.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..errors import ExamError
from . import compare
from .keeping import read_verdict
from .outcomes import PASSED, REFUSED, UNDECIDED, VERDICTS, WORDS

PROJECT = Path(__file__).resolve().parents[3]
MAY_OPEN, NOT_JUDGED, MAY_NOT_OPEN, CANNOT_TELL = 0, 1, 2, 3
_STATUS = {PASSED: MAY_OPEN, REFUSED: MAY_NOT_OPEN, UNDECIDED: CANNOT_TELL}
_INTERRUPTED = 130


def status_of(told: bytes | None, ended: int) -> tuple[int, str]:
    """The exit status and a line for the person: from what the playbook told of its verdict, and how it ended.

    A verdict that lets open counts only where the playbook did everything else too, the journal above all.
    """
    try:
        verdict = str(json.loads(told or b"{}")["verdict"])
        words = VERDICTS[verdict]
    except (ValueError, LookupError, TypeError):
        return NOT_JUDGED, "没有得出结论，原因见上面的输出 nothing was judged, see above why"
    if verdict == PASSED and ended != 0:
        return CANNOT_TELL, "结论是允许开考，但检查没有做完 the verdict lets open, but the inspection did not end"
    return _STATUS[verdict], f"{words.zh} {words.en}"


def inspect(room: Path, options: Sequence[str]) -> int:
    """Run the playbook on the room and give the exit status of its verdict."""
    with tempfile.TemporaryDirectory(prefix="exam-inspect-") as scratch:
        told = Path(scratch) / "verdict.json"
        command = ["ansible-playbook", "-i", str(room.absolute()), "playbooks/inspect.yml", *options]
        command += ["-e", json.dumps({"exam_verdict_file": str(told)})]
        try:
            ended = subprocess.run(command, cwd=PROJECT, check=False).returncode
        except FileNotFoundError as exc:
            raise ExamError(
                "找不到 ansible-playbook，请运行 make venv。", "No ansible-playbook; run make venv."
            ) from exc
        except KeyboardInterrupt:
            return _INTERRUPTED
        status, line = status_of(told.read_bytes() if told.exists() else None, ended)
    print(line, flush=True)
    return status


def lines_of(changes: dict[str, Any]) -> list[str]:
    """Two inspections side by side, for a terminal."""
    lines = [
        f"{label} {one['inspected_at']} {VERDICTS[one['verdict']].zh} {VERDICTS[one['verdict']].en}"
        for label, one in (("之前 before:", changes["before"]), ("之后 after: ", changes["after"]))
    ]
    for kind in compare.KINDS:
        for one in changes[kind]:
            turned = " → ".join(WORDS[name].zh for name in (one["was"], one["is"]) if name)
            what = f"{one['clause']} {one['host']} {one['rule']}"
            lines.append(f"{' '.join(compare.WORDS[kind])}: {what}: {turned} | {one['actual']}")
    return [*lines, *compare.summary(changes)]


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="exam-inspect",
        description="考前检查：0 允许开考，2 不允许开考，3 无法判定，1 没有判定。 The check before the exam.",
    )
    parser.add_argument(
        "room", nargs="?", type=Path, metavar="ROOM", help="考场目录 the room, like inventories/example"
    )
    parser.add_argument(
        "--compare",
        nargs=2,
        type=Path,
        metavar=("BEFORE", "AFTER"),
        help="比较两次检查 two folders of sessions/ID/inspection",
    )
    given, options = parser.parse_known_args()
    try:
        if given.compare:
            before, after = (read_verdict(path) for path in given.compare)
            print("\n".join(lines_of(compare.compare(before, after))))
            return 0
        if given.room is None:
            parser.error("请写出考场目录 name the room's folder")
        if not given.room.exists():
            raise ExamError(f"没有考场 {given.room}。", f"There is no room {given.room}.")
        return inspect(given.room, options)
    except ExamError as error:
        print(error, file=sys.stderr)
        return NOT_JUDGED


if __name__ == "__main__":
    sys.exit(main())
