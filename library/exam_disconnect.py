#!/usr/bin/python
"""Ansible module: one seat off the server, the others untouched."""

from __future__ import annotations

DOCUMENTATION = r"""
module: exam_disconnect
short_description: Cut one seat off the server
description:
  - Ends the sessions of one account and closes its open files; with O(disable) its account is disabled first and the
    rest is repeated until the server reports none.
  - The results stay where they are. Other accounts, sessions and files are left alone.
extends_documentation_fragment: [exam_server_login]
options:
  account:
    description: The account of the seat.
    type: str
    required: true
  disable:
    description:
      - Whether the account is disabled, so that the candidate does not come back.
      - Without it only what a computer that died has left behind is ended.
    type: bool
    default: false
notes:
  - Runs on the controller (delegate_to localhost) and reaches Windows over SMB 3 with encryption; no WinRM call.
attributes:
  check_mode:
    support: full
    description: Counts what would be ended.
  diff_mode:
    support: none
    description: The numbers say what happened.
author:
  - Exam room project (@exam-room)
"""

EXAMPLES = r"""
- name: Cut off a candidate who hands in early
  exam_disconnect:
    address: 10.0.0.10
    username: Administrator
    password: "{{ vault_server_password }}"
    account: KS05
    disable: true
  delegate_to: localhost
"""

RETURN = r"""
disabled:
  description: Whether the account was enabled before, and is not now.
  returned: success
  type: bool
sessions:
  description: How many sessions were ended.
  returned: success
  type: int
files:
  description: How many open files were closed.
  returned: success
  type: int
"""

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.exam_room.cutoff.one_seat import on_server
from ansible.module_utils.exam_room.errors import ExamError
from ansible.module_utils.exam_room.wire.options import login_of, login_spec


def main() -> None:
    """Read the options, cut the seat off, report."""
    module = AnsibleModule(
        argument_spec={
            **login_spec(),
            "account": {"type": "str", "required": True},
            "disable": {"type": "bool", "default": False},
        },
        supports_check_mode=True,
    )
    options = module.params
    try:
        outcome = on_server(
            login_of(options), options["account"], options["disable"], module.check_mode, options["timeout"]
        )
    except ExamError as error:
        module.fail_json(msg=str(error))
    module.exit_json(**outcome.result())


if __name__ == "__main__":
    main()
