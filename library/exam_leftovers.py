#!/usr/bin/python
"""Ansible module: what earlier sessions could have left in the room, and the notes on what was found."""

from __future__ import annotations

DOCUMENTATION = r"""
module: exam_leftovers
short_description: Know what earlier sessions could have left behind, and keep the records of what was found
description:
  - With O(state=known) it reads on the controller what is known of all sessions, and makes the parameters that
    C(Find-ExamLeftover.ps1) of role C(clean) is run with. Writes nothing.
  - With O(state=recorded) it keeps the record of what goes into quarantine, or has gone, on one host.
  - With O(state=noted) it notes since when nothing is left over on hosts.
options:
  state:
    description: What to do.
    type: str
    choices: [known, recorded, noted]
    required: true
  sessions_dir:
    description: The folder that holds one directory a session.
    type: path
    required: true
  session_id:
    description: The session that the room is prepared for.
    type: str
    required: true
  room:
    description: The room of the session.
    type: str
    required: true
  hosts:
    description:
      - The hosts that are searched. With V(noted) those on which nothing is left over.
      - C(name); C(installed) is when Windows was installed there, UTC in ISO 8601; C(at), for V(noted), is when
        it was searched, by its own clock.
    type: list
    elements: dict
    default: []
  material:
    description: For V(known), the folder with the raw material of all units.
    type: path
  wanted:
    description:
      - For V(known), the SHA-256 of every file of the raw material that this session examines. No other is allowed.
    type: list
    elements: str
    default: []
  kinds:
    description: For V(known), the endings of files that this session's exam produces.
    type: list
    elements: str
    default: []
  host:
    description: For V(recorded), the host.
    type: str
  run:
    description: For V(recorded), the folder of this run in the quarantine, as V(known) returned it.
    type: str
  leftovers:
    description: For V(recorded), what was found on the host.
    type: dict
  moved:
    description: For V(recorded), what came of it, as C(Find-ExamLeftover.ps1) returned it. Left out before it has run.
    type: list
    elements: dict
notes:
  - Runs on the controller (delegate_to localhost) and asks no host.
attributes:
  check_mode:
    support: full
    description: Reads and predicts; writes nothing.
  diff_mode:
    support: none
    description: What is found is shown by the role.
author:
  - Exam room project (@exam-room)
"""

EXAMPLES = r"""
- name: Learn what earlier sessions could have left behind
  exam_leftovers:
    state: known
    sessions_dir: sessions
    session_id: 20271128-301-1
    room: 301机房
    hosts:
      - {name: pc01, installed: "2026-09-01T02:00:00Z"}
    material: inventories/example/material
    wanted: [9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08]
    kinds: [.docx, .xlsx]
  delegate_to: localhost
"""

RETURN = r"""
known:
  description: With V(known), what is known, for the filter C(exam_leftovers).
  returned: success
  type: dict
search:
  description: With V(known), the parameters of the search that are the same for all hosts.
  returned: success
  type: dict
since:
  description: With V(known), for each host since when its files are judged by their kind.
  returned: success
  type: dict
noted:
  description: With V(known), the hosts on which nothing has been left over since this session prepared them.
  returned: success
  type: list
  elements: str
run:
  description: With V(known), the folder in the quarantine for what this run moves.
  returned: success
  type: str
  sample: 20271128-301-1\20271128T005500Z
record:
  description: With V(recorded), the text of the record, to lie beside the files.
  returned: success
  type: str
moved:
  description: With V(recorded) and O(moved), from and to of every file that is in quarantine now.
  returned: success
  type: list
  elements: dict
not_moved:
  description: With V(recorded) and O(moved), the files that are not, and why.
  returned: success
  type: list
  elements: dict
path:
  description: With V(recorded), where it lies on the controller.
  returned: success
  type: str
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.exam_room.clean import judge, learn, places, records
from ansible.module_utils.exam_room.errors import ExamError


def know(options: dict[str, Any]) -> dict[str, Any]:
    """state=known."""
    sessions = Path(options["sessions_dir"])
    material = Path(options["material"])
    found = learn.gather(sessions, options["session_id"], material, options["wanted"], options["kinds"])
    return {
        "changed": False,
        "known": found.to_dict(),
        "search": {**places.parameters(), **found.parameters()},
        "since": {
            one["name"]: records.baseline(sessions, options["room"], one["name"], one["installed"])
            for one in options["hosts"]
        },
        "noted": records.noted(sessions / options["session_id"]),
        "run": records.run_name(options["session_id"], datetime.now(UTC)),
    }


def keep(options: dict[str, Any], check: bool) -> dict[str, Any]:
    """state=recorded."""
    leftovers, run, host = options["leftovers"], options["run"], options["host"]
    outcome = None if options["moved"] is None else judge.outcome(options["moved"])
    paths = judge.to_move(leftovers)
    text = records.record(options["session_id"], options["room"], host, run, leftovers, paths, outcome)
    path = records.record_path(Path(options["sessions_dir"]) / options["session_id"], host, run)
    if not check:
        records.write_record(path, text)
    return {"changed": True, "record": text, "path": str(path), **(outcome or {})}


def note(options: dict[str, Any], check: bool) -> dict[str, Any]:
    """state=noted."""
    hosts = {one["name"]: {"at": one["at"], "installed": one["installed"]} for one in options["hosts"]}
    if not check and hosts:
        records.note_baseline(Path(options["sessions_dir"]) / options["session_id"], options["room"], hosts)
    return {"changed": bool(hosts)}


def main() -> None:
    """Read the options, do the work, report."""
    module = AnsibleModule(
        argument_spec={
            "state": {"type": "str", "choices": ["known", "recorded", "noted"], "required": True},
            "sessions_dir": {"type": "path", "required": True},
            "session_id": {"type": "str", "required": True},
            "room": {"type": "str", "required": True},
            "hosts": {"type": "list", "elements": "dict", "default": []},
            "material": {"type": "path"},
            "wanted": {"type": "list", "elements": "str", "default": []},
            "kinds": {"type": "list", "elements": "str", "default": []},
            "host": {"type": "str"},
            "run": {"type": "str"},
            "leftovers": {"type": "dict"},
            "moved": {"type": "list", "elements": "dict"},
        },
        required_if=[
            ("state", "known", ["material"]),
            ("state", "recorded", ["host", "run", "leftovers"]),
        ],
        supports_check_mode=True,
    )
    options = module.params
    try:
        if options["state"] == "known":
            result = know(options)
        elif options["state"] == "recorded":
            result = keep(options, module.check_mode)
        else:
            result = note(options, module.check_mode)
    except ExamError as error:
        module.fail_json(msg=str(error))
    module.exit_json(**result)


if __name__ == "__main__":
    main()
