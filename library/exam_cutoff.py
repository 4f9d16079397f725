#!/usr/bin/python
"""Ansible module: cut every seat off the server at the deadline (V6)."""

from __future__ import annotations

DOCUMENTATION = r"""
module: exam_cutoff
short_description: Cut every seat off the server at the deadline
description:
  - Connects ahead of time, measures the server's clock, and waits by it for the deadline that the session's journal
    names. It follows the journal while the deadline moves, and from two seconds before the deadline on lets it move no
    more. Where somebody sets the server's clock, the deadline moves with it, so that candidates get the announced time,
    and switch and expiry are armed anew.
  - At the deadline it removes the exam share, disables the seats' accounts, ends their sessions and closes
    their files, until the server reports none. Never a moment early; running it twice is harmless.
  - Then it tries one log-on as a candidate, finds the last write that was accepted, and looks at the server
    again for a while.
  - Keeps the record in the session directory (C(cutoff.json), C(cutoff.txt)) and ends the step in the journal, so that
    it may run detached from the playbook that began the step. One process waits for a session at a time.
  - Only accounts of seats are touched, never an administrator's session and never the collection's own files.
extends_documentation_fragment: [exam_server_login]
options:
  seats:
    description: The seats, each with at least C(number), C(host), C(address) and C(account).
    type: list
    elements: dict
    required: true
  directory:
    description: The session directory.
    type: path
    required: true
  session_id:
    description: Id of the session.
    type: str
    required: true
  room:
    description: Name of the room.
    type: str
    required: true
  host:
    description: The server's name in the inventory, for the journal.
    type: str
    required: true
  when:
    description: V(deadline) waits for the deadline of the journal, V(now) cuts at once.
    type: str
    choices: [deadline, now]
    default: deadline
  step:
    description: The step of the day that this ends in the journal. V(cancel) needs O(when=now).
    type: str
    choices: [cutoff, cancel]
    default: cutoff
  reason:
    description: The written reason of a cancellation.
    type: str
    default: ""
  share:
    description: Name of the exam share.
    type: str
    default: exam
  volume:
    description: Administrative share of the volume that holds the results, for finding the last write.
    type: str
    default: D$
  root:
    description: The results root, relative to O(volume).
    type: str
    default: Exam\share
  root_path:
    description: The results root as the server names it. Used for open files when the share is gone already.
    type: str
    default: D:\Exam\share
  look_again_seconds:
    description: How long to look at the server again after the cut.
    type: float
    default: 60.0
  give_up_seconds:
    description: How long after the deadline a server that cannot be reached is still called.
    type: float
    default: 300.0
  passwords:
    description: Passwords by account. One of them is tried after the cut and must be refused.
    type: dict
    default: {}
  triggered_by:
    description: Who cut; goes into the record. Default is the login of the controller, C(user@host).
    type: str
  find_last_write:
    description: Look for the newest change among the results right after the cut.
    type: bool
    default: true
notes:
  - Runs on the controller (delegate_to localhost) and reaches Windows over SMB 3 with encryption; no WinRM call.
  - The task fails when anything is left on the server. The record is returned all the same.
attributes:
  check_mode:
    support: full
    description:
      - Connects, measures the clock, looks at sessions and files. Touches nothing, does not wait, keeps no record.
  diff_mode:
    support: none
    description: The record says what happened.
author:
  - Exam room project (@exam-room)
"""

EXAMPLES = r"""
- name: Wait for the deadline in a process of its own, and cut
  exam_cutoff:
    address: 10.0.0.10
    username: Administrator
    password: "{{ vault_server_password }}"
    seats: "{{ exam_plan.seats }}"
    directory: "{{ exam_plan.directory }}"
    session_id: "{{ exam_plan.session.id }}"
    room: "{{ exam_plan.session.room }}"
    host: server
    passwords: "{{ exam_passwords }}"
    triggered_by: 监考员 李四
  delegate_to: localhost
  async: 43200
  poll: 0
"""

RETURN = r"""
waiting:
  description: The id of the process that waits for this deadline already; then nothing was done here.
  returned: when another process waits
  type: int
over:
  description: Whether the session was cut or cancelled by somebody else meanwhile; then nothing was done here.
  returned: when it was
  type: bool
record:
  description:
    - What happened, by the server's clock. Values ending in C(_ms) are milliseconds from the deadline.
    - What could not be found out is C({unknown, reason}).
  returned: once cut, and in check mode
  type: dict
  sample:
    deadline: "2026-11-21T03:00:00.000Z"
    complete: true
    share_removed_ms: 12.0
    accounts_disabled_ms: 85.0
    sessions_gone_ms: 140.0
    logon: {account: KS01, status: STATUS_ACCOUNT_DISABLED, refused: true}
    last_write: {path: "Exam\\share\\KS07\\a.docx", changed: "2026-11-21T02:59:59.981Z", ms_from_deadline: -19.0}
text:
  description: The record for people, Chinese and English.
  returned: once cut, and in check mode
  type: str
"""

from pathlib import Path

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.exam_room.cutoff.conduct import Place, cut_now, look_only, wait_and_cut
from ansible.module_utils.exam_room.cutoff.order import Order
from ansible.module_utils.exam_room.errors import ExamError
from ansible.module_utils.exam_room.journal.steps import operator
from ansible.module_utils.exam_room.wire.options import login_of, login_spec

INCOMPLETE = "截止断连未完成，请立即人工处理\nthe cutoff is not complete, act by hand at once"


def main() -> None:
    """Read the options, cut, report."""
    module = AnsibleModule(
        argument_spec={
            **login_spec(),
            "seats": {"type": "list", "elements": "dict", "required": True},
            "directory": {"type": "path", "required": True},
            "session_id": {"type": "str", "required": True},
            "room": {"type": "str", "required": True},
            "host": {"type": "str", "required": True},
            "when": {"type": "str", "choices": ["deadline", "now"], "default": "deadline"},
            "step": {"type": "str", "choices": ["cutoff", "cancel"], "default": "cutoff"},
            "reason": {"type": "str", "default": ""},
            "share": {"type": "str", "default": "exam"},
            "volume": {"type": "str", "default": "D$"},
            "root": {"type": "str", "default": "Exam\\share"},
            "root_path": {"type": "str", "default": "D:\\Exam\\share"},
            "look_again_seconds": {"type": "float", "default": 60.0},
            "give_up_seconds": {"type": "float", "default": 300.0},
            "passwords": {"type": "dict", "default": {}, "no_log": True},
            "triggered_by": {"type": "str"},
            "find_last_write": {"type": "bool", "default": True},
        },
        supports_check_mode=True,
    )
    options = module.params
    who = options["triggered_by"] or operator()
    order = Order(
        server=options["address"],
        share=options["share"],
        root=options["root_path"],
        own_user=options["username"],
        seats=options["seats"],
        triggered_by=who,
        look_again_s=options["look_again_seconds"],
        give_up_s=options["give_up_seconds"],
        find_last_write=options["find_last_write"],
        passwords=options["passwords"],
    )
    place = Place(
        directory=Path(options["directory"]),
        session_id=options["session_id"],
        room=options["room"],
        who=operator(),
        host=options["host"],
        volume=options["volume"],
        root=options["root"],
        step=options["step"],
        reason=options["reason"],
    )
    act = look_only if module.check_mode else cut_now if options["when"] == "now" else wait_and_cut
    try:
        result = act(login_of(options), order, place, options["timeout"])
    except ExamError as error:
        module.fail_json(msg=str(error))
    if not module.check_mode and "record" in result and not result["record"]["complete"]:
        module.fail_json(msg=INCOMPLETE, **result)
    module.exit_json(**result)


if __name__ == "__main__":
    main()
