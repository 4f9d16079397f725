#!/usr/bin/python
"""Ansible module: policies of a Windows machine or of one user, all in one connection."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: exam_policies
short_description: Write policies of a Windows machine, or of who is signed in there
description:
  - Writes values below C(HKEY_LOCAL_MACHINE), or in the registry of a user who is signed in, and reads them back, over
    WS-Management (StdRegProv), all over one connection; no process is started on the host.
  - It takes what M(exam_facts) or M(exam_seat_policies) saw and found wrong; it does not look first.
  - Runs on the controller.
extends_documentation_fragment: [exam_host_login, exam_hosts_login]
options:
  policies:
    description: What has to become right. Nothing is asked of the host where the list is empty.
    type: list
    elements: dict
    required: true
    suboptions:
      key:
        description: The key below C(HKEY_LOCAL_MACHINE), or below the user's part; made where it is missing.
        type: str
        required: true
      name:
        description: The name of the value.
        type: str
        required: true
      wanted:
        description: What it has to be, a number (DWORD) or a text (REG_SZ).
        type: raw
        required: true
      found:
        description: What it is, for the difference that is shown.
        type: raw
  sid:
    description: The user's SID. Without it the policies are the machine's.
    type: str
attributes:
  check_mode:
    description: Shows what would become of O(policies); writes nothing.
    support: full
  diff_mode:
    description: Shows each value before and after.
    support: full
author:
  - The exam-room maintainers
"""

EXAMPLES = r"""
- name: Let no stick be read
  exam_policies:
    name: pc01
    address: 192.168.10.101
    username: Administrator
    password: "{{ exam_admin_password }}"
    ca_path: /etc/exam/ca.pem
    policies:
      - {key: 'SOFTWARE\Policies\Microsoft\Windows\RemovableStorageDevices', name: Deny_All, wanted: 1}
  delegate_to: localhost
"""

RETURN = r"""
written:
  description: The values that were written, as key and name.
  returned: success
  type: list
  elements: str
  sample: ['SOFTWARE\Policies\Microsoft\Windows\RemovableStorageDevices\Deny_All']
"""

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.exam_room.errors import ExamError
from ansible.module_utils.exam_room.server.policies import write
from ansible.module_utils.exam_room.wire.hostoptions import host_login_of, host_login_spec
from ansible.module_utils.exam_room.wire.wsman import Wmi


def main() -> None:
    """Entry point."""
    module = AnsibleModule(
        argument_spec={
            **host_login_spec(),
            "policies": {
                "type": "list",
                "elements": "dict",
                "required": True,
                "options": {
                    "key": {"type": "str", "required": True, "no_log": False},
                    "name": {"type": "str", "required": True},
                    "wanted": {"type": "raw", "required": True},
                    "found": {"type": "raw"},
                },
            },
            "sid": {"type": "str"},
        },
        supports_check_mode=True,
    )
    wanted = module.params["policies"]
    if wanted and not module.check_mode:
        try:
            with Wmi(host_login_of(module.params)) as wmi:
                write(wmi, wanted, module.params["sid"])
        except ExamError as exc:
            module.fail_json(msg=f"{module.params['name']}: {exc}")
    written = [rf"{one['key']}\{one['name']}" for one in wanted]
    module.exit_json(
        changed=bool(wanted),
        written=written,
        diff={
            when: "".join(f"{name} = {one[which]}\n" for name, one in zip(written, wanted, strict=True))
            for when, which in (("before", "found"), ("after", "wanted"))
        },
    )


if __name__ == "__main__":
    main()
