#!/usr/bin/python
"""Ansible module: what each host of the room says of itself."""

from __future__ import annotations

DOCUMENTATION = r"""
module: exam_facts
short_description: Read what Windows hosts say of themselves
description:
  - Asks each host over WS-Management (WQL and the registry, no PowerShell) for its identity, clock, addresses,
    accounts, shares, services, firewall, drives, tasks, automatic sign-in and installed programs.
  - Every section of a host's document is either C(value) or C(unknown) with the reason. Changes nothing.
  - A host that is down does not fail the task; it is in C(not_reached) with the reason.
extends_documentation_fragment: [exam_hosts_login]
options:
  address:
    description: Address of a single host. Either this or O(hosts).
    type: str
  name:
    description: Name of that single host in the result.
    type: str
    default: host
  hosts:
    description: The hosts to ask, all at the same time.
    type: list
    elements: dict
    suboptions:
      name:
        description: The host's name in the result.
        type: str
        required: true
      address:
        description: The host's address.
        type: str
        required: true
  without:
    description: Sections that are not asked for, such as C(software), which takes up to five round trips a program.
    type: list
    elements: str
    default: []
  timeout:
    description: Seconds that one answer may take.
    type: float
    default: 20.0
  overall_timeout:
    description: Seconds after which hosts that have not answered everything count as unreachable.
    type: float
    default: 150.0
notes:
  - Runs on the controller (delegate_to localhost).
attributes:
  check_mode:
    support: full
    description: Only reads.
  diff_mode:
    support: none
    description: Nothing changes.
author:
  - Exam room project (@exam-room)
"""

EXAMPLES = r"""
- name: Look at every host from the inside
  exam_facts:
    hosts:
      - name: server
        address: 10.0.0.10
      - name: pc01
        address: 10.0.0.101
    username: Administrator
    password: "{{ vault_admin_password }}"
    ca_path: /etc/exam/ca.pem
  delegate_to: localhost
  register: exam_facts
"""

RETURN = r"""
hosts:
  description:
    - The document of each host that answered, by name.
    - Sections are identity, adapters, accounts, shares, smb_shares, services, firewall, smb_server, optical_drives,
      disks, tasks, task_settings, auto_logon, restore_protection, antivirus, policies, user_policies, restart_pending,
      software, quotas and profiles, each with either C(value) or C(unknown).
  returned: success
  type: dict
  sample:
    server:
      schema_version: 1
      host: server
      address: 10.0.0.10
      asked_at: "2026-11-23T08:00:00.123Z"
      identity:
        value:
          name: SERVER
          workgroup: KSROOM
not_reached:
  description: Why a host could not be asked, by name.
  returned: success
  type: dict
  sample:
    pc07: "无法连接 10.0.0.107:5986（超时）\n10.0.0.107:5986 cannot be reached: timed out"
"""

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.exam_room.errors import ExamError
from ansible.module_utils.exam_room.look.facts import gather_all
from ansible.module_utils.exam_room.wire.hostoptions import hosts_login_spec, login_at


def main() -> None:
    """Entry point."""
    host = {"name": {"type": "str", "required": True}, "address": {"type": "str", "required": True}}
    module = AnsibleModule(
        argument_spec={
            "address": {"type": "str"},
            "name": {"type": "str", "default": "host"},
            "hosts": {"type": "list", "elements": "dict", "options": host},
            "without": {"type": "list", "elements": "str", "default": []},
            **hosts_login_spec(),
            "timeout": {"type": "float", "default": 20.0},
            "overall_timeout": {"type": "float", "default": 150.0},
        },
        required_one_of=[("address", "hosts")],
        mutually_exclusive=[("address", "hosts")],
        supports_check_mode=True,
    )
    params = module.params
    hosts = params["hosts"] or [{"name": params["name"], "address": params["address"]}]
    logins = {host["name"]: login_at(host["address"], params) for host in hosts}
    try:
        documents, unreachable = gather_all(logins, params["timeout"], params["overall_timeout"], params["without"])
    except ExamError as exc:
        module.fail_json(msg=str(exc))
    # Not "unreachable": Ansible takes that for the controller, on which this runs, and ends the play.
    module.exit_json(changed=False, hosts=documents, not_reached=unreachable)


if __name__ == "__main__":
    main()
