"""One row a case, as in cases.py: the server's burner and volume, what waits for a restart, and scripts."""

from __future__ import annotations

from typing import Any

from exam_room.discs.image import CAPACITY
from unit.compliance.case import FAILED, PASSED, UNKNOWN, rule
from unit.compliance.good_room import GONE, HASH, MAPPING, UNREAD

_SERVER = "inside/server"
_DISC = f"{_SERVER}/burner"
_SCRIPTS = "inside/pc01/scripts"
_SCRIPT = f"{_SCRIPTS}/value/{MAPPING}"
_WAITS = "inside/pc01/restart_pending"
# 200 and 2048 MiB a seat: 629,145,600 bytes for three, and more than a DVD holds.
_LIMIT = {"plan/session/exam/results/limit_mb": 200}
_MUCH = {"plan/session/exam/results/limit_mb": 2048}


def _wrong(code: str) -> dict[str, Any]:
    """The look at the burner found something wrong; the size alone would do."""
    return {f"{_DISC}/value/wrong": code, f"{_DISC}/value/blank": False}


CASES = [
    *rule(
        "test_server_has_space_for_the_results",
        "server",
        (PASSED, "just enough for three", {f"{_SERVER}/disks/value/0/free": 300_000_000}),
        (FAILED, "a byte less", {f"{_SERVER}/disks/value/0/free": 299_999_999}),
        (FAILED, "no such volume", {f"{_SERVER}/disks/value/0/drive": "E:"}),
        (UNKNOWN, "not read", {f"{_SERVER}/disks/value/0/free": None}),
        (UNKNOWN, "no section", {f"{_SERVER}/disks": UNREAD}),
        (FAILED, "less than the exam lets them save", _LIMIT | {f"{_SERVER}/disks/value/0/free": 629_145_599}),
        (PASSED, "all that the exam lets them save", _LIMIT | {f"{_SERVER}/disks/value/0/free": 629_145_600}),
    ),
    *rule(
        "test_blank_disc_is_in_the_burner",
        "server",
        (PASSED, "just enough for three", {f"{_DISC}/value/free": 300_000_000}),
        (FAILED, "a byte less", {f"{_DISC}/value/free": 299_999_999}),
        (PASSED, "as much as the exam lets them save", _LIMIT | {f"{_DISC}/value/free": 629_145_600}),
        (FAILED, "less than that", _LIMIT | {f"{_DISC}/value/free": 629_145_599}),
        (PASSED, "one of several", _MUCH | {f"{_DISC}/value/free": CAPACITY["dvd"]}),
        (FAILED, "one of several, but smaller than those planned", _MUCH | {f"{_DISC}/value/free": 700_000_000}),
        (PASSED, "small ones, as planned", _MUCH | {"plan/burning/medium": "cd", f"{_DISC}/value/free": 737_000_000}),
        (FAILED, "no disc", _wrong("no_medium")),
        (FAILED, "not blank", _wrong("not_blank")),
        (FAILED, "one that is only read", _wrong("unsupported")),
        (FAILED, "one that can be rewritten", _wrong("rewritable")),
        (FAILED, "no burner", _wrong("no_recorder")),
        (UNKNOWN, "not read", {_DISC: UNREAD}),
        (UNKNOWN, "not asked", {_DISC: GONE}),
        (UNKNOWN, "no size in it", {f"{_DISC}/value/free": None}),
        (UNKNOWN, "the plan does not say which discs", {"plan/burning": GONE}),
    ),
    *rule(
        "test_no_restart_is_pending",
        "pc01",
        (PASSED, "nothing waits", {}),
        (PASSED, "files to be renamed alone", {f"{_WAITS}/value/file_renames": True}),
        (PASSED, "the name in other letters", {f"{_WAITS}/value/next_name": "pc01"}),
        (FAILED, "components", {f"{_WAITS}/value/servicing": True}),
        (FAILED, "updates, whatever is unread", {f"{_WAITS}/value/updates": True, f"{_WAITS}/value/name": None}),
        (FAILED, "a new name", {f"{_WAITS}/value/next_name": "PC33"}),
        (UNKNOWN, "no name", {f"{_WAITS}/value/next_name": None}),
        (UNKNOWN, "not read", {_WAITS: UNREAD}),
        (UNKNOWN, "not asked", {_WAITS: GONE}),
    ),
    *rule(
        "test_mapping_runs_our_script",
        "pc01",
        (
            PASSED,
            "of another release, if the plan says so",
            {"plan/mapping_script_sha256": "77" * 32, f"{_SCRIPT}/value": "77" * 32},
        ),
        (PASSED, "named in other letters", {f"{_SCRIPTS}/value": {MAPPING.upper(): {"value": HASH}}}),
        (FAILED, "changed", {f"{_SCRIPT}/value": HASH[:-1] + "0"}),
        (FAILED, "gone", {f"{_SCRIPT}/value": None}),
        (UNKNOWN, "the file could not be read", {_SCRIPT: UNREAD}),
        (UNKNOWN, "not asked for", {_SCRIPT: GONE}),
        (UNKNOWN, "not read", {_SCRIPTS: UNREAD}),
        (UNKNOWN, "no such section", {_SCRIPTS: GONE}),
    ),
]
