#!/usr/bin/python
"""Ansible module: restart a host and wait until it has."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: exam_restart
short_description: Restart a Windows host and wait until it has
description:
  - Reads the boot time, starts C(shutdown.exe), and waits until the host answers with another boot time.
  - Runs on the controller, over WS-Management. One process is started on the host; the rest is asked by WQL.
extends_documentation_fragment: [exam_host_login, exam_hosts_login]
options:
  timeout:
    description: Seconds the host may take.
    type: float
    default: 600
  message:
    description: What the person at the computer reads.
    type: str
    default: 考场准备：计算机将重新启动。
attributes:
  check_mode:
    description: Predicts the restart, does nothing.
    support: full
  diff_mode:
    description: A restart has no before and after.
    support: none
author:
  - The exam-room maintainers
"""

EXAMPLES = r"""
- name: Restart the computer
  exam_restart:
    name: pc01
    address: 192.168.10.101
    username: Administrator
    password: "{{ exam_admin_password }}"
    ca_path: /etc/exam/ca.pem
  delegate_to: localhost
"""

RETURN = r"""
boot_time:
  description: When the host started (UTC).
  returned: success, not in check mode
  type: str
  sample: "2026-11-23T08:00:00.123Z"
"""

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.exam_room.errors import ExamError
from ansible.module_utils.exam_room.look.facts import stamp
from ansible.module_utils.exam_room.server.restart import WindowsHost, restart
from ansible.module_utils.exam_room.wire.hostoptions import host_login_of, host_login_spec


def main() -> None:
    """Entry point."""
    module = AnsibleModule(
        argument_spec={
            **host_login_spec(),
            "timeout": {"type": "float", "default": 600.0},
            "message": {"type": "str", "default": "考场准备：计算机将重新启动。"},
        },
        supports_check_mode=True,
    )
    if module.check_mode:
        module.exit_json(changed=True)
    given = module.params
    login = host_login_of(given)
    try:
        boot_time = restart(WindowsHost(login, given["message"]), given["name"], given["timeout"])
    except ExamError as exc:
        module.fail_json(msg=str(exc))
    module.exit_json(changed=True, boot_time=stamp(boot_time))


if __name__ == "__main__":
    main()
