#!/usr/bin/python
"""Ansible module: cut every seat off the server at the deadline (V6)."""

from __future__ import annotations

DOCUMENTATION = r"""
module: exam_cutoff
short_description: Cut every seat off the server at the deadline
description:
  - Connects ahead of time, measures the server's clock, and waits by it.
  - At the deadline it removes the exam share, disables the seats' accounts, ends their sessions and closes
    their files, until the server reports none. Never a moment early; running it twice is harmless.
  - Then it tries one log-on as a candidate, finds the last write that was accepted, and looks at the server
    again for a while.
  - Only accounts of seats are touched, never an administrator's session and never the collection's own files.
extends_documentation_fragment: [exam_server_login]
options:
  seats:
    description: The seats, each with at least C(number), C(host), C(address) and C(account).
    type: list
    elements: dict
    required: true
  deadline:
    description:
      - The moment of the cut by the server's clock, UTC ISO 8601 such as V(2026-11-21T03:00:00.000Z), or
        V(now).
    type: str
    required: true
  share:
    description: Name of the exam share.
    type: str
    default: exam
  volume:
    description: Administrative share of the volume that holds the results, for finding the last write.
    type: str
    default: D$
  root:
    description: The results root, relative to O(volume).
    type: str
    default: Exam\share
  root_path:
    description: The results root as the server names it. Used for open files when the share is gone already.
    type: str
    default: D:\Exam\share
  look_again_seconds:
    description: How long to look at the server again after the cut.
    type: float
    default: 60.0
  give_up_seconds:
    description: How long after the deadline a server that cannot be reached is still called.
    type: float
    default: 300.0
  passwords:
    description: Passwords by account. One of them is tried after the cut and must be refused.
    type: dict
    default: {}
  triggered_by:
    description: Who cut; goes into the record.
    type: str
    default: ""
  find_last_write:
    description: Look for the newest change among the results right after the cut.
    type: bool
    default: true
notes:
  - Runs on the controller (delegate_to localhost) and reaches Windows over SMB 3 with encryption; no WinRM call.
  - The task fails when anything is left on the server. The record is returned all the same.
attributes:
  check_mode:
    support: full
    description: Connects, measures the clock, looks at sessions and files. Touches nothing and does not wait.
  diff_mode:
    support: none
    description: The record says what happened.
author:
  - Exam room project (@exam-room)
"""

EXAMPLES = r"""
- name: Cut at the deadline
  exam_cutoff:
    address: 10.0.0.10
    username: Administrator
    password: "{{ vault_server_password }}"
    seats: "{{ exam_seats }}"
    deadline: "2026-11-21T03:00:00.000Z"
    passwords: "{{ vault_exam_passwords }}"
    triggered_by: 监考员 李四
  delegate_to: localhost
  register: exam_cut
"""

RETURN = r"""
record:
  description:
    - What happened, by the server's clock. Values ending in C(_ms) are milliseconds from the deadline.
    - What could not be found out is C({unknown, reason}).
  returned: always, once connected
  type: dict
  sample:
    deadline: "2026-11-21T03:00:00.000Z"
    complete: true
    share_removed_ms: 12.0
    accounts_disabled_ms: 85.0
    sessions_gone_ms: 140.0
    logon: {account: KS01, status: STATUS_ACCOUNT_DISABLED, refused: true}
    last_write: {path: "Exam\\share\\KS07\\a.docx", changed: "2026-11-21T02:59:59.981Z", ms_from_deadline: -19.0}
text:
  description: The record for people, Chinese and English.
  returned: always, once connected
  type: str
"""

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.exam_room.cutoff.connections import cut, parse_deadline
from ansible.module_utils.exam_room.cutoff.order import Order
from ansible.module_utils.exam_room.errors import ExamError
from ansible.module_utils.exam_room.wire.options import login_of, login_spec

INCOMPLETE = "截止断连未完成，请立即人工处理\nthe cutoff is not complete, act by hand at once"


def main() -> None:
    """Read the options, cut, report."""
    module = AnsibleModule(
        argument_spec={
            **login_spec(),
            "seats": {"type": "list", "elements": "dict", "required": True},
            "deadline": {"type": "str", "required": True},
            "share": {"type": "str", "default": "exam"},
            "volume": {"type": "str", "default": "D$"},
            "root": {"type": "str", "default": "Exam\\share"},
            "root_path": {"type": "str", "default": "D:\\Exam\\share"},
            "look_again_seconds": {"type": "float", "default": 60.0},
            "give_up_seconds": {"type": "float", "default": 300.0},
            "passwords": {"type": "dict", "default": {}, "no_log": True},
            "triggered_by": {"type": "str", "default": ""},
            "find_last_write": {"type": "bool", "default": True},
        },
        supports_check_mode=True,
    )
    options = module.params
    try:
        order = Order(
            server=options["address"],
            share=options["share"],
            root=options["root_path"],
            own_user=options["username"],
            seats=options["seats"],
            deadline=parse_deadline(options["deadline"]),
            triggered_by=options["triggered_by"],
            look_again_s=options["look_again_seconds"],
            give_up_s=options["give_up_seconds"],
            find_last_write=options["find_last_write"],
            passwords=options["passwords"],
        )
        result = cut(
            login_of(options),
            order,
            options["volume"],
            options["root"],
            check=module.check_mode,
            timeout=options["timeout"],
        )
    except ExamError as error:
        module.fail_json(msg=str(error))
    if not module.check_mode and not result["record"]["complete"]:
        module.fail_json(msg=INCOMPLETE, **result)
    module.exit_json(**result)


if __name__ == "__main__":
    main()
