#!/usr/bin/python
"""Ansible module: policies of whoever is signed in at the seats, read at all seats at once."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: exam_seat_policies
short_description: Say what disturbs those who are signed in at the seats
description:
  - Screen saver and messages of programs (toasts) can be set for a user only, where that user may not write, and only
    while he is signed in. This module reads them in the registry of each seat's account, over WS-Management
    (StdRegProv), and names those that are wrong; M(exam_policies) sets them.
  - A seat whose account is not signed in is named, it does not fail the task; nor does a host that cannot be asked.
  - Runs on the controller. Changes nothing.
extends_documentation_fragment: [exam_hosts_login]
options:
  seats:
    description: The seats, all looked at at the same time.
    type: list
    elements: dict
    required: true
    suboptions:
      host:
        description: The client's name in the result.
        type: str
        required: true
      address:
        description: The client's address.
        type: str
        required: true
      account:
        description: The account that is to be signed in there.
        type: str
        required: true
  purposes:
    description: What is kept away, as in role C(quiet). Others than V(sleep) and V(notifications) concern no user.
    type: list
    elements: str
    required: true
  wait:
    description: Seconds to wait at most for accounts to be signed in, such as after a restart.
    type: float
    default: 0
attributes:
  check_mode:
    description: Only reads, and waits for nobody.
    support: full
  diff_mode:
    description: Nothing changes.
    support: none
author:
  - The exam-room maintainers
"""

EXAMPLES = r"""
- name: Look for what disturbs those who are signed in
  exam_seat_policies:
    seats:
      - {host: pc01, address: 192.168.10.101, account: KS01}
    purposes: [sleep, notifications]
    wait: 60
    username: Administrator
    password: "{{ exam_admin_password }}"
    ca_path: /etc/exam/ca.pem
  delegate_to: localhost
"""

RETURN = r"""
wrong:
  description: By host, the account's SID and the policies that are wrong, none where all are right.
  returned: success
  type: dict
  sample:
    pc01:
      sid: S-1-5-21-1004336348-1177238915-682003330-1001
      policies:
        - key: 'Software\Policies\Microsoft\Windows\Control Panel\Desktop'
          name: ScreenSaveActive
          wanted: '0'
          found: null
not_signed_in:
  description: The hosts at which the account was not signed in in time.
  returned: success
  type: list
  elements: str
  sample: [pc07]
not_reached:
  description: Why a host could not be asked, by name.
  returned: success
  type: dict
  sample:
    pc08: "无法连接 10.0.0.108:5986（超时）\n10.0.0.108:5986 cannot be reached: timed out"
"""

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.exam_room.look.seatpolicies import Seat, look
from ansible.module_utils.exam_room.wire.hostoptions import hosts_login_spec, login_at


def main() -> None:
    """Entry point."""
    text = {"type": "str", "required": True}
    module = AnsibleModule(
        argument_spec={
            **hosts_login_spec(),
            "seats": {
                "type": "list",
                "elements": "dict",
                "required": True,
                "options": {"host": text, "address": text, "account": text},
            },
            "purposes": {"type": "list", "elements": "str", "required": True},
            "wait": {"type": "float", "default": 0.0},
        },
        supports_check_mode=True,
    )
    given = module.params
    seats = [Seat(one["host"], one["account"], login_at(one["address"], given)) for one in given["seats"]]
    seen = look(seats, given["purposes"], 0.0 if module.check_mode else given["wait"])
    module.exit_json(changed=False, wrong=seen.wrong, not_signed_in=seen.not_signed_in, not_reached=seen.failed)


if __name__ == "__main__":
    main()
