#!/usr/bin/python
"""Ansible module: switch Windows' own restore card off or on."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: exam_write_filter
short_description: Switch the Unified Write Filter of a Windows client off or on
description:
  - The Unified Write Filter is Windows' own restore card (V8), an optional feature of Education, Enterprise and IoT
    editions. Its settings hold from the next start on, so each switch restarts the computer and waits until it has.
  - Runs on the controller, over WS-Management; the settings are read back after the restart.
  - A computer that is as wanted already is neither changed nor restarted.
extends_documentation_fragment: [exam_host_login, exam_hosts_login]
options:
  state:
    description:
      - C(on) protects O(drive) now and after each start; a Windows without the filter is an error.
      - C(off) leaves nothing protected; a Windows without the filter is left alone.
    type: str
    choices: ["on", "off"]
    required: true
  drive:
    description: The drive to protect.
    type: str
    default: "C:"
  excluded:
    description: Files and folders on it in which what is written stays.
    type: list
    elements: str
    default: []
  timeout:
    description: Seconds a restart may take.
    type: float
    default: 600
attributes:
  check_mode:
    description: Reads how the filter stands and predicts the change; changes nothing.
    support: full
  diff_mode:
    description: On or off is all there is.
    support: none
author:
  - The exam-room maintainers
"""

EXAMPLES = r"""
- name: Switch the write filter off, for what is set up now has to last
  exam_write_filter:
    name: pc01
    address: 192.168.10.101
    username: Administrator
    password: "{{ exam_admin_password }}"
    ca_path: /etc/exam/ca.pem
    state: "off"
  delegate_to: localhost
"""

RETURN = r"""
restarts:
  description: How often the computer was restarted.
  returned: success
  type: int
  sample: 1
left_out:
  description: Those of O(excluded) that Windows refused to exclude, with its reason.
  returned: success
  type: list
  elements: str
  sample: []
"""

from functools import partial

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.exam_room.errors import ExamError
from ansible.module_utils.exam_room.server import writefilter
from ansible.module_utils.exam_room.server.restart import WindowsHost, restart
from ansible.module_utils.exam_room.wire.hostoptions import host_login_of, host_login_spec

MESSAGE = "考场准备：计算机将重新启动，以切换还原保护。"


def main() -> None:
    """Entry point."""
    module = AnsibleModule(
        argument_spec={
            **host_login_spec(),
            "state": {"type": "str", "choices": ["on", "off"], "required": True},
            "drive": {"type": "str", "default": "C:"},
            "excluded": {"type": "list", "elements": "str", "default": []},
            "timeout": {"type": "float", "default": 600.0},
        },
        supports_check_mode=True,
    )
    given = module.params
    name = given["name"]
    login = host_login_of(given)
    again = partial(restart, WindowsHost(login, MESSAGE), name, given["timeout"])
    computer = writefilter.WindowsFilter(login, again)
    try:
        if given["state"] == "off":
            outcome = writefilter.switch_off(computer, name, module.check_mode)
        else:
            outcome = writefilter.switch_on(computer, name, given["drive"], given["excluded"], module.check_mode)
    except ExamError as exc:
        module.fail_json(msg=str(exc))
    module.exit_json(changed=outcome.changed, restarts=outcome.restarts, left_out=list(outcome.left_out))


if __name__ == "__main__":
    main()
