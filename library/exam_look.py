#!/usr/bin/python
"""Ansible module: the look from outside, over the native Windows protocols."""

from __future__ import annotations

DOCUMENTATION = r"""
module: exam_look
short_description: Look at the server and the clients from outside
description:
  - Reads what SMB, SRVSVC, SAMR and WKSSVC say about the server, tries what each account really can do, and
    knocks at every client (V1, V3, V4).
  - Judges nothing. The result is one evidence document. Each finding says when it was asked, and holds
    C(value), or C(unknown) with the reason.
  - Nothing changes, except that a probe file is written, read and deleted again in the folder of each account
    that is tried, and for what O(ready) does.
extends_documentation_fragment: [exam_server_login]
options:
  seats:
    description: The seats, each with at least C(number), C(host), C(address) and C(account).
    type: list
    elements: dict
    required: true
  share:
    description: Name of the exam share.
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
  material_closed:
    description: Where the raw material lies closed, relative to the volume.
    type: str
    default: Exam\material
  scripts:
    description: Files on the server, as full Windows paths, whose SHA-256 is wanted.
    type: list
    elements: str
    default: []
  passwords:
    description:
      - Passwords by account. Each account named here is tried once.
      - An account that is disabled is reported as such, which is no failure.
    type: dict
    default: {}
  thorough:
    description: Try every account with every other's folder, instead of with one neighbour's.
    type: bool
    default: false
  ready:
    description:
      - Whether to make the room ready to be looked at. What an earlier trial has left that was killed is removed, and
        the accounts of the seats are enabled for the look and disabled after it; one that does not exist shows in the
        evidence.
      - Not while candidates are in.
    type: bool
    default: false
  client_username:
    description: Administrator of the clients, for listing shares of a client that does answer on port 445.
    type: str
  client_password:
    description: The password of O(client_username).
    type: str
notes:
  - Runs on the controller (delegate_to localhost) and reaches Windows over SMB 3 with encryption; no WinRM call.
attributes:
  check_mode:
    support: full
    description: The same as without, for the probe file is part of looking; but O(ready) does nothing.
  diff_mode:
    support: none
    description: Nothing changes.
author:
  - Exam room project (@exam-room)
"""

EXAMPLES = r"""
- name: Look at the room from outside
  exam_look:
    address: 10.0.0.10
    username: Administrator
    password: "{{ vault_server_password }}"
    seats: "{{ exam_seats }}"
    passwords: "{{ vault_exam_passwords }}"
    thorough: true
    ready: true
  delegate_to: localhost
  register: exam_outside
"""

RETURN = r"""
evidence:
  description:
    - The document. C(server), C(clock), C(shares), C(accounts) and C(armed) (what the dead-man's switch cuts off, or
      null) are findings. C(folders) holds findings for C(root), C(material) (its C(content) by path, size and SHA-256)
      and, by account, C(seats). C(scripts) holds one by path, SHA-256 or null. C(tries) holds a finding by account,
      C(clients) one by host.
    - The state of a try is C(in), C(disabled), C(refused) or C(no_share). A door answers C(open), C(refused) or
      C(absent). A port is C(open), C(refused), C(timeout) or C(unreachable).
  returned: success
  type: dict
  sample:
    schema: exam-room/look-outside/1
    server:
      asked_at: "2026-11-21T00:30:00.000Z"
      value: {name: EXAM-SERVER, workgroup: EXAM, version: "10.0"}
    tries:
      KS01:
        asked_at: "2026-11-21T00:30:01.000Z"
        value:
          state: in
          own: {answer: open}
          neighbours:
            KS02:
              list: {answer: refused, status: STATUS_ACCESS_DENIED}
              write: {answer: refused, status: STATUS_ACCESS_DENIED}
    clients:
      pc01:
        asked_at: "2026-11-21T00:30:02.000Z"
        value:
          address: 10.0.0.101
          ports: {"445": refused, "139": refused}
"""

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.exam_room.errors import ExamError
from ansible.module_utils.exam_room.look.look import Request, look
from ansible.module_utils.exam_room.trial import traces
from ansible.module_utils.exam_room.wire.options import login_of, login_spec


def main() -> None:
    """Read the options, look, report."""
    module = AnsibleModule(
        argument_spec={
            **login_spec(),
            "seats": {"type": "list", "elements": "dict", "required": True},
            "share": {"type": "str", "default": "exam"},
            "volume": {"type": "str", "default": "D$"},
            "root": {"type": "str", "default": "Exam\\share"},
            "material_closed": {"type": "str", "default": "Exam\\material"},
            "scripts": {"type": "list", "elements": "str", "default": []},
            "passwords": {"type": "dict", "default": {}, "no_log": True},
            "thorough": {"type": "bool", "default": False},
            "ready": {"type": "bool", "default": False},
            "client_username": {"type": "str"},
            "client_password": {"type": "str", "no_log": True},
        },
        required_together=[("client_username", "client_password")],
        supports_check_mode=True,
    )
    options = dict(module.params)
    login = login_of(options)
    for name in ("address", "username", "password"):
        del options[name]
    ready = options.pop("ready") and not module.check_mode
    request = Request(login=login, switch_on=ready, **options)
    try:
        if ready:
            traces.clean(request)
        evidence = look(request)
    except ExamError as error:
        module.fail_json(msg=str(error))
    module.exit_json(changed=False, evidence=evidence)


if __name__ == "__main__":
    main()
