#!/usr/bin/python
"""Ansible module: which seats are connected to the server."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: exam_attendance
short_description: Say which seats are connected to the server
description:
  - Compares the server's sessions (NetrSessionEnum) with the seats. Only looks.
  - A seat that is missing fails nothing; a candidate may be absent. The invigilator decides.
extends_documentation_fragment: [exam_server_login]
options:
  seats:
    description: The seats, each with C(account), C(address) and C(candidate).
    type: list
    elements: dict
    required: true
  patience:
    description: Seconds to wait until every seat with a candidate is connected.
    type: float
    default: 0
attributes:
  check_mode:
    description: Only reads.
    support: full
  diff_mode:
    description: Nothing changes.
    support: none
author:
  - The exam-room maintainers
"""

EXAMPLES = r"""
- name: See who has signed in
  exam_attendance:
    address: 192.168.10.10
    username: Administrator
    password: "{{ exam_admin_password }}"
    seats: "{{ exam_plan.seats }}"
    patience: 60
  delegate_to: localhost
"""

RETURN = r"""
connected:
  description: Accounts that are connected from the PC of their seat.
  returned: success
  type: list
  elements: str
missing:
  description: Accounts with a candidate that are not.
  returned: success
  type: list
  elements: str
elsewhere:
  description: Accounts that are connected from another address than their seat's, with that address.
  returned: success
  type: dict
"""

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.exam_room.errors import ExamError
from ansible.module_utils.exam_room.server.attendance import on_server
from ansible.module_utils.exam_room.wire.options import login_of, login_spec


def main() -> None:
    """Read the options, look, report."""
    module = AnsibleModule(
        argument_spec={
            **login_spec(),
            "seats": {"type": "list", "elements": "dict", "required": True},
            "patience": {"type": "float", "default": 0.0},
        },
        supports_check_mode=True,
    )
    given = module.params
    try:
        found = on_server(login_of(given), given["seats"], given["patience"], given["timeout"])
    except ExamError as error:
        module.fail_json(msg=str(error))
    module.exit_json(
        changed=False, connected=list(found.connected), missing=list(found.missing), elsewhere=dict(found.elsewhere)
    )


if __name__ == "__main__":
    main()
