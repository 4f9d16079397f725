#!/usr/bin/python
"""Ansible module: what an inspector lets pass."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: exam_waivers
short_description: Read what an inspector lets pass
description:
  - Reads the file of waivers, so that one that cannot be read, or waives what cannot be waived, stops an inspection
    before anything is looked at. Which of them count is for the judgement to say (M(exam_inspection)).
options:
  path:
    description: The file. No file is no waiver.
    type: path
    required: true
  rules:
    description: The folder of the rules, with C(clauses.yml).
    type: path
    required: true
  hosts:
    description: The hosts of the room; a waiver for another one is refused.
    type: list
    elements: str
    required: true
attributes:
  check_mode:
    support: full
    description: Only reads.
  diff_mode:
    support: none
    description: Only reads.
author:
  - Exam Room (@exam-room)
"""

EXAMPLES = r"""
- name: Read what the inspector lets pass
  exam_waivers:
    path: inventories/example/waivers.yml
    rules: tests/compliance
    hosts: [server, pc01, pc02]
  delegate_to: localhost
"""

RETURN = r"""
waivers:
  description: Each with C(clause), C(host), C(reason), C(who) and C(expires).
  returned: success
  type: list
  elements: dict
"""

from pathlib import Path

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.exam_room.errors import ExamError
from ansible.module_utils.exam_room.inspection import clauses, waivers


def main() -> None:
    """Read the options, read the file, report."""
    module = AnsibleModule(
        argument_spec={
            "path": {"type": "path", "required": True},
            "rules": {"type": "path", "required": True},
            "hosts": {"type": "list", "elements": "str", "required": True},
        },
        supports_check_mode=True,
    )
    options = module.params
    try:
        found = waivers.load(Path(options["path"]), clauses.load(Path(options["rules"])), options["hosts"])
    except ExamError as error:
        module.fail_json(msg=str(error))
    module.exit_json(changed=False, waivers=[one.to_dict() for one in found])


if __name__ == "__main__":
    main()
