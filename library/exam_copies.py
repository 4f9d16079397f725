#!/usr/bin/python
"""Ansible module: keep the record of the discs of a session."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: exam_copies
short_description: Keep the record of the discs of a session, and say what is still to be burned
description:
  - The record, C(discs/journal.jsonl) of the session directory, is append-only, chained by hashes and durable. It says
    for each copy and disc what was burned, read back and found equal, and which discs were bad.
  - A disc counts when it was compared with the image of the results as they are sealed now.
options:
  directory:
    description: The session directory.
    type: path
    required: true
  state:
    description:
      - V(read) answers what the record says.
      - V(begun) notes that a disc is about to be written. One that was begun earlier and never ended is bad.
      - V(ended) notes how that ended.
    type: str
    choices: [read, begun, ended]
    default: read
  copies:
    description: How many copies there have to be.
    type: int
    default: 2
  target:
    description: Where is burned, V(server), a drive of the controller, or V(image).
    type: str
    required: true
  rehearsal:
    description: Whether the session is a rehearsal, for which an image file counts as a disc.
    type: bool
    default: false
  copy:
    description: Number of the copy; needed to note something.
    type: int
  disc:
    description: Number of the disc; needed to note something.
    type: int
  outcome:
    description:
      - How it ended, C(ok), C(device), C(files), C(closed), C(written), C(reason) (C(zh) and C(en)), as M(exam_burn)
        answers. A disc that is not ok and was written on is bad.
      - C(resumed) says that this is the disc whose burning was interrupted, which the server had finished all the same.
    type: dict
attributes:
  check_mode:
    support: full
    description: Notes nothing.
  diff_mode:
    support: none
    description: The record only grows.
author:
  - Exam Room (@exam-room)
"""

EXAMPLES = r"""
- name: Ask which discs are still to be burned
  exam_copies:
    directory: sessions/2025-06-01-am-1
    target: server
  delegate_to: localhost
  run_once: true
"""

RETURN = r"""
pending:
  description: What is still to be burned at this target, C(copy), C(name_zh), C(name_en), C(disc), C(of), C(volume),
    C(interrupted), whether its last burning never ended, and C(resumable), whether the disc of that burning may be read
    back now. It may not once another copy of it counts, for which it could be mistaken.
  returned: success
  type: list
  elements: dict
discs:
  description: The discs of a copy as M(exam_seal) answers them, without candidates; C(size) and C(sha256) of the image.
  returned: success
  type: list
  elements: dict
final:
  description: Whether every disc of every copy was read back equal. An image file makes a rehearsal final only.
  returned: success
  type: bool
copies:
  description: The discs that count, C(copy), C(disc), C(target), C(device), C(begun_at), C(at), C(closed), C(files).
  returned: success
  type: list
  elements: dict
bad:
  description: The discs that do not, C(copy), C(disc), C(target), C(device), C(at), C(zh) and C(en).
  returned: success
  type: list
  elements: dict
tries:
  description: Attempts in a row at O(copy) and O(disc) that did not end well.
  returned: success
  type: int
deviations:
  description: What differs from the regulation, C(clause), C(zh) and C(en).
  returned: success
  type: list
  elements: dict
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.exam_room.discs import record
from ansible.module_utils.exam_room.errors import ExamError


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "directory": {"type": "path", "required": True},
            "state": {"type": "str", "choices": ["read", "begun", "ended"], "default": "read"},
            "copies": {"type": "int", "default": 2},
            "target": {"type": "str", "required": True},
            "rehearsal": {"type": "bool", "default": False},
            "copy": {"type": "int"},
            "disc": {"type": "int"},
            "outcome": {"type": "dict"},
        },
        required_if=[("state", "begun", ("copy", "disc")), ("state", "ended", ("copy", "disc", "outcome"))],
        supports_check_mode=True,
    )
    options: dict[str, Any] = module.params
    session, target, rehearsal = Path(options["directory"]), options["target"], options["rehearsal"]
    noted: Mapping[str, Any] = {"copy": options["copy"], "disc": options["disc"], "target": target}
    try:
        if options["state"] == "read" or module.check_mode:
            found = record.read(session)
        elif options["state"] == "begun":
            found = record.append(session, record.BEGUN, noted)
        else:
            found = record.end(session, noted, options["outcome"])
        answer = record.answer(found, options["copies"], target, rehearsal)
    except ExamError as exc:
        module.fail_json(msg=str(exc))
    tries = found.tries.get((options["copy"], options["disc"]), 0)
    module.exit_json(changed=options["state"] != "read", tries=tries, **answer)


if __name__ == "__main__":
    main()
