#!/usr/bin/python
"""Ansible module: Defender of a host brought up to date from a file, and a scan."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: exam_antivirus
short_description: Start an update and a scan of Microsoft Defender, or wait for them
description:
  - With O(state=started) a process is started on the host that installs the signatures which lie there already, removes
    their file, and scans. It outlives the connection; where one runs already, none is started.
  - With O(state=finished) it waits until no such process runs, and fails where the signatures are still too old, the
    scan did not end, or a threat is not dealt with.
  - Runs on the controller, over WS-Management; no PowerShell is started on the host.
extends_documentation_fragment: [exam_host_login, exam_hosts_login]
options:
  state:
    description: Whether to start it or to wait for it.
    type: str
    choices: [started, finished]
    required: true
  update:
    description: Whether Microsoft's mpam-fe.exe lies on the host as C(C:\Windows\exam-mpam-fe.exe), to be installed.
    type: bool
    default: false
  scan:
    description: What is scanned; V(none) for nothing.
    type: str
    choices: [none, quick, full]
    default: none
  before:
    description: When the scan ended that was the last before this one (UTC); empty for never.
    type: str
    default: ""
  signature_days:
    description: How old the signatures may be afterwards.
    type: int
    default: 30
  timeout:
    description: Seconds to wait.
    type: float
    default: 1200
attributes:
  check_mode:
    description: Says that it would start; waits for nothing.
    support: full
  diff_mode:
    description: A scan has no before and after.
    support: none
author:
  - The exam-room maintainers
"""

EXAMPLES = r"""
- name: Begin to scan
  exam_antivirus:
    name: pc01
    address: 192.168.10.101
    username: Administrator
    password: "{{ exam_admin_password }}"
    ca_path: /etc/exam/ca.pem
    state: started
    scan: quick
  delegate_to: localhost
"""

RETURN = r"""
defender:
  description: How Defender stands afterwards, as exam_facts shows it; null in check mode.
  returned: success, with O(state=finished)
  type: dict
  sample: {"signature_age_days": 2, "scan": {"kind": "quick", "end": "2026-11-23T08:04:11Z"}, "threats": []}
"""

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.exam_room.errors import ExamError
from ansible.module_utils.exam_room.server.defender import WindowsComputer, Work, start, wait
from ansible.module_utils.exam_room.wire.hostoptions import host_login_of, host_login_spec


def main() -> None:
    """Entry point."""
    module = AnsibleModule(
        argument_spec={
            **host_login_spec(),
            "state": {"type": "str", "choices": ["started", "finished"], "required": True},
            "update": {"type": "bool", "default": False},
            "scan": {"type": "str", "choices": ["none", "quick", "full"], "default": "none"},
            "before": {"type": "str", "default": ""},
            "signature_days": {"type": "int", "default": 30},
            "timeout": {"type": "float", "default": 1200.0},
        },
        supports_check_mode=True,
    )
    given = module.params
    computer = WindowsComputer(host_login_of(given))
    work = Work(given["update"], "" if given["scan"] == "none" else given["scan"])
    if not (work.update or work.scan):
        module.exit_json(changed=False, defender=None)
    try:
        if given["state"] == "started":
            module.exit_json(changed=start(computer, given["name"], work, module.check_mode))
        if module.check_mode:
            module.exit_json(changed=False, defender=None)
        before = given["before"] or None
        found = wait(computer, given["name"], work, before, given["signature_days"], given["timeout"])
    except ExamError as exc:
        module.fail_json(msg=str(exc))
    module.exit_json(changed=False, defender=found)


if __name__ == "__main__":
    main()
