#!/usr/bin/python
"""Ansible module: put one candidate's safety copies back beside what is in his folder."""

from __future__ import annotations

DOCUMENTATION = r"""
module: exam_safety_copy
short_description: Put one candidate's safety copies back beside what is in his folder
description:
  - Writes the newest safety copy of every file of one candidate, files he deleted too, into a new folder inside his
    folder on the server. Nothing that is there is touched. The files inherit the access of his folder.
  - Each file is read back and compared by SHA-256.
  - Refused without a written reason, before the start, after the cut, for a seat that was ended early or is marked
    absent, and in the last minute before the deadline. When time runs out meanwhile, the new folder is removed again.
extends_documentation_fragment: [exam_server_login]
options:
  directory:
    description: The session's directory on the controller.
    type: path
    required: true
  seats:
    description: The seats as M(exam_session) returns them.
    type: list
    elements: dict
    required: true
  seat:
    description: Number of the candidate's seat in the plan.
    type: int
    required: true
  reason:
    description: Why; for the journal and the report.
    type: str
    required: true
  timezone:
    description: Time zone of the room, for the folder's name.
    type: str
    default: Asia/Shanghai
  folder:
    description: Name of the new folder; C(恢复_HHMM) when empty. A number is added where the name is taken.
    type: str
    default: ""
  volume:
    description: Administrative share of the volume that holds the results.
    type: str
    default: D$
  root:
    description: The results root, relative to O(volume).
    type: str
    default: Exam\share
attributes:
  check_mode:
    support: full
    description: Says what would be put back, touches nothing.
  diff_mode:
    support: none
    description: Files are only ever added.
author:
  - The exam-room maintainers
"""

EXAMPLES = r"""
- name: Give seat 5 its files back
  exam_safety_copy:
    address: 192.168.10.10
    username: Administrator
    password: "{{ exam_admin_password }}"
    directory: "{{ exam_plan.directory }}"
    seats: "{{ exam_plan.seats }}"
    seat: 5
    reason: 考生误删文件
  delegate_to: localhost
"""

RETURN = r"""
folder:
  description: The new folder inside the candidate's.
  returned: success
  type: str
  sample: 恢复_1032
files:
  description: Each file with C(path), C(size), C(sha256), C(copied_at), C(steady) (it did not change while it was
    copied) and C(deleted) (it was no longer on the server).
  returned: success
  type: list
  elements: dict
bytes:
  description: Their size.
  returned: success
  type: int
"""

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.exam_room.errors import ExamError
from ansible.module_utils.exam_room.watch.restore import restore_seat
from ansible.module_utils.exam_room.wire.options import login_spec


def main() -> None:
    """Read the options, restore, report."""
    module = AnsibleModule(
        argument_spec={
            **login_spec(),
            "directory": {"type": "path", "required": True},
            "seats": {"type": "list", "elements": "dict", "required": True},
            "seat": {"type": "int", "required": True},
            "reason": {"type": "str", "required": True},
            "timezone": {"type": "str", "default": "Asia/Shanghai"},
            "folder": {"type": "str", "default": ""},
            "volume": {"type": "str", "default": "D$"},
            "root": {"type": "str", "default": "Exam\\share"},
        },
        supports_check_mode=True,
    )
    try:
        done = restore_seat(module.params, module.check_mode)
    except ExamError as error:
        module.fail_json(msg=str(error))
    module.exit_json(**done.result())


if __name__ == "__main__":
    main()
