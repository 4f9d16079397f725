#!/usr/bin/python
"""Ansible module: the locks on the server that hold the deadline without the controller (V6)."""

from __future__ import annotations

DOCUMENTATION = r"""
module: exam_switch
short_description: Arm the dead-man's switch and let the seats' accounts expire at the deadline
description:
  - The switch is a scheduled task of the server (role dead_man_switch) that cuts the seats off by itself when the
    deadline in its file has passed. This module writes, removes and reads that file through the administrative share
    V(C$).
  - As a lock that needs no task, the seats' accounts expire at the same moment (SAMR UserExpiresInformation).
  - Both are read back and compared. At every moment no account expires before the deadline in the file.
extends_documentation_fragment: [exam_server_login]
options:
  state:
    description:
      - V(armed) arms, or moves what is armed. A second time nothing changes.
      - V(disarmed) removes the file; the accounts never expire.
      - V(read) only reads.
    type: str
    choices: [armed, disarmed, read]
    required: true
  session:
    description: The session that is cut off. Needed with O(state=armed).
    type: str
  deadline:
    description:
      - The moment by the server's clock, UTC, a whole second such as V(2026-11-25T03:00:00.000Z). Needed with
        O(state=armed).
      - A moment that is past by the server's clock is refused, for the switch would cut at once.
    type: str
  share:
    description: Name of the exam share, which the switch removes.
    type: str
    default: exam
  root:
    description: The results root as the server names it.
    type: str
    default: D:\Exam\share
  accounts:
    description:
      - The seats' accounts. Needed with O(state=armed); each must exist.
      - With V(disarmed) and V(read) accounts that do not exist are passed over. V(disarmed) also takes the accounts
        that the file names.
    type: list
    elements: str
    default: []
notes:
  - Runs on the controller (delegate_to localhost) and reaches Windows over SMB 3 with encryption; no WinRM call.
  - Where the second of the two locks fails, the message says precisely which is in force.
attributes:
  check_mode:
    support: full
    description: Reads and predicts; writes nothing.
  diff_mode:
    support: full
    description: Shows what was armed and what is.
author:
  - Exam room project (@exam-room)
"""

EXAMPLES = r"""
- name: Arm the switch
  exam_switch:
    address: 10.0.0.10
    username: Administrator
    password: "{{ vault_server_password }}"
    state: armed
    session: 2026-11-25-am
    deadline: "2026-11-25T03:00:00.000Z"
    accounts: "{{ exam_seats | map(attribute='account') | list }}"
  delegate_to: localhost

- name: See what is armed
  exam_switch:
    address: 10.0.0.10
    username: Administrator
    password: "{{ vault_server_password }}"
    state: read
    accounts: "{{ exam_seats | map(attribute='account') | list }}"
  delegate_to: localhost
  register: exam_armed
"""

RETURN = r"""
armed:
  description: What is armed now (in check mode, what would be); null for nothing.
  returned: success
  type: dict
  sample:
    session: 2026-11-25-am
    deadline: "2026-11-25T03:00:00.000Z"
    share: exam
    root: D:\Exam\share
    accounts: [KS01, KS02]
    armed_at: "2026-11-25T01:00:00.000Z"
expires:
  description: When each account expires, UTC; null for never. Accounts that do not exist are left out.
  returned: success
  type: dict
  sample: {KS01: "2026-11-25T03:00:00.000Z", KS02: null}
"""

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.exam_room.cutoff.arming import ensure
from ansible.module_utils.exam_room.cutoff.switch import Armed
from ansible.module_utils.exam_room.errors import ExamError
from ansible.module_utils.exam_room.wire.options import login_of, login_spec


def main() -> None:
    """Read the options, do the work, report."""
    module = AnsibleModule(
        argument_spec={
            **login_spec(),
            "state": {"type": "str", "choices": ["armed", "disarmed", "read"], "required": True},
            "session": {"type": "str"},
            "deadline": {"type": "str"},
            "share": {"type": "str", "default": "exam"},
            "root": {"type": "str", "default": "D:\\Exam\\share"},
            "accounts": {"type": "list", "elements": "str", "default": []},
        },
        required_if=[("state", "armed", ("session", "deadline", "accounts"))],
        supports_check_mode=True,
    )
    options = module.params
    wanted = None
    if options["state"] == "armed":
        wanted = Armed(
            session=options["session"],
            deadline=options["deadline"],
            share=options["share"],
            root=options["root"],
            accounts=tuple(options["accounts"]),
            armed_at="",
        )
    try:
        outcome = ensure(
            login_of(options), options["state"], wanted, options["accounts"], module.check_mode, options["timeout"]
        )
    except ExamError as error:
        module.fail_json(msg=str(error))
    module.exit_json(**outcome.result())


if __name__ == "__main__":
    main()
