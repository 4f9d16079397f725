#!/usr/bin/python
"""Ansible module: the trial before the exam."""

from __future__ import annotations

DOCUMENTATION = r"""
module: exam_trial
short_description: Try before the exam what has to work at its end
description:
  - Lets each seat save a file of random content through its mapping, by a task that prepare has made and that runs with
    the token of who is signed in, and collects it with the code that collects results (V4, V7). A seat where the seat's
    account is not signed in tries nothing, and the document says so.
  - Runs the cutoff of the deadline against a temporary share while every seat's account writes to it, and looks whether
    each was cut off and the server is as it should be (V6).
  - Judges nothing. The result is one evidence document, see docs/inspection.md.
  - Share and folder of the trial are removed again, and so is what a trial that was killed has left.
  - The accounts are switched on for it; the cutoff switches them off.
  - Nothing is tried while the dead-man's switch is armed, that is during an exam.
extends_documentation_fragment: [exam_server_login]
options:
  seats:
    description: The seats, each with at least C(number), C(host), C(address) and C(account).
    type: list
    elements: dict
    required: true
  passwords:
    description: Passwords by account; needed to try.
    type: dict
    default: {}
  state:
    description: V(tried) tries; V(absent) only removes what a trial has left.
    type: str
    choices: [tried, absent]
    default: tried
  share:
    description: Name of the exam share, which stays untouched.
    type: str
    default: exam
  volume:
    description: Administrative share of the volume.
    type: str
    default: D$
  root:
    description: Folder that holds the candidates' folders, relative to the volume.
    type: str
    default: Exam\share
  client_username:
    description: An administrator of every client. Needed to try.
    type: str
  client_password:
    description: The administrator's password. Tried once for each client, for accounts lock.
    type: str
  ca_path:
    description: PEM file of the authority that the clients' certificates are checked against. Needed to try.
    type: path
  not_reached:
    description: Why a client could not be asked before, by host. It is not asked again.
    type: dict
    default: {}
  port:
    description: Port of WinRM over HTTPS.
    type: int
    default: 5986
notes:
  - Runs on the controller (delegate_to localhost) and reaches the server over SMB 3 with encryption, the clients' tasks
    over WS-Management; starts no PowerShell but the seat's own task.
attributes:
  check_mode:
    support: full
    description: Tries nothing and removes nothing.
  diff_mode:
    support: none
    description: Nothing lasts.
author:
  - Exam room project (@exam-room)
"""

EXAMPLES = r"""
- name: Cut off every seat from a share of the trial
  exam_trial:
    address: 10.0.0.10
    username: Administrator
    password: "{{ vault_server_password }}"
    seats: "{{ exam_plan.seats }}"
    passwords: "{{ vault_exam_passwords }}"
    client_username: Administrator
    client_password: "{{ vault_client_password }}"
    ca_path: /etc/exam/ca.pem
    not_reached: "{{ exam_facts.not_reached }}"
  delegate_to: localhost
  register: exam_tried

- name: Remove what a trial that was killed has left
  exam_trial:
    address: 10.0.0.10
    username: Administrator
    password: "{{ vault_server_password }}"
    seats: "{{ exam_plan.seats }}"
    state: absent
  delegate_to: localhost
"""

RETURN = r"""
evidence:
  description: The document of the trial; what was not tried says why.
  returned: state is tried
  type: dict
  sample:
    schema_version: 1
    cutoff:
      asked_at: "2026-11-21T00:30:00.000Z"
      value:
        writers:
          KS01: {value: {blocks: 9, last_ms: -80.0, refused: STATUS_NETWORK_NAME_DELETED, refused_ms: 44.0}}
        after: {share: false, exam_share: true, sessions: [], enabled: []}
removed:
  description: What an earlier trial had left, and is gone now.
  returned: state is absent
  type: list
  elements: str
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.exam_room.errors import ExamError
from ansible.module_utils.exam_room.trial import traces, trial
from ansible.module_utils.exam_room.trial.cut import Request
from ansible.module_utils.exam_room.trial.document import left_out
from ansible.module_utils.exam_room.trial.seats import Client
from ansible.module_utils.exam_room.wire.options import login_of, login_spec
from ansible.module_utils.exam_room.wire.wsman import Login

CHECK_MODE = "检查模式，没有试 check mode, nothing was tried"


def clients_of(options: dict[str, Any]) -> dict[str, Client]:
    """How to reach the seats, or why not, by host."""
    username, password = options["client_username"], options["client_password"]
    clients: dict[str, Client] = {}
    for seat in options["seats"]:
        login = Login(seat["address"], username, password, options["ca_path"], options["port"])
        clients[str(seat["host"])] = options["not_reached"].get(seat["host"]) or login
    return clients


def main() -> None:
    """Read the options, try, report."""
    module = AnsibleModule(
        argument_spec={
            **login_spec(),
            "seats": {"type": "list", "elements": "dict", "required": True},
            "passwords": {"type": "dict", "default": {}, "no_log": True},
            "state": {"type": "str", "choices": ["tried", "absent"], "default": "tried"},
            "share": {"type": "str", "default": "exam"},
            "volume": {"type": "str", "default": "D$"},
            "root": {"type": "str", "default": "Exam\\share"},
            "client_username": {"type": "str"},
            "client_password": {"type": "str", "no_log": True},
            "ca_path": {"type": "path"},
            "not_reached": {"type": "dict", "default": {}},
            "port": {"type": "int", "default": 5986},
        },
        required_if=[("state", "tried", ("client_username", "client_password", "ca_path"))],
        supports_check_mode=True,
    )
    options = module.params
    request = Request(
        login=login_of(options),
        seats=options["seats"],
        passwords=options["passwords"],
        share=options["share"],
        volume=options["volume"],
        root=options["root"],
        timeout=options["timeout"],
    )
    try:
        if options["state"] == "absent":
            removed = traces.find(request) if module.check_mode else traces.clean(request)
            module.exit_json(changed=bool(removed), removed=removed)
        evidence = left_out(CHECK_MODE) if module.check_mode else trial.run(request, clients_of(options))
    except ExamError as error:
        module.fail_json(msg=str(error))
    # The room is as it was.
    module.exit_json(changed=False, evidence=evidence)


if __name__ == "__main__":
    main()
