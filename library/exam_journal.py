#!/usr/bin/python
"""Ansible module: the journal of a session and the gates between its steps."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: exam_journal
short_description: Journal the steps of an exam session and refuse a step out of order
description:
  - Keeps C(journal.jsonl) in the session directory on the controller. It is append-only; each line carries the SHA-256
    of the line before, so that an altered, removed or inserted line is found.
  - O(phase=begin) checks that the step may follow what the journal says has happened, and records its beginning.
    O(phase=end) records how it ended for each host and B(fails) when one host is not done.
  - A last line that a killed run left unfinished is moved to a file of its own, and that is journalled. A journal whose
    chain is broken is refused with the number of the line.
options:
  directory:
    description: The session directory. Made by the first O(phase=begin) or O(phase=note).
    type: path
    required: true
  phase:
    description:
      - V(begin) and V(end) enclose a step, V(note) records something in between, V(read) only reads.
    type: str
    choices: [begin, end, note, read]
    required: true
  step:
    description:
      - The step, for V(begin) and V(end) one of prepare, inspect, open, start, cutoff, burn, reset, or one of the acts
        between them (extend, cancel, move_seat, absent, end_seat, restore_copy, prove_restore_cards), which are checked
        at their end too.
      - For O(phase=note) any word; RV(started_at) and RV(deadline) come from the entries of V(start), V(extend) and
        V(clock).
    type: str
  session_id:
    description: Id of the session. Required to write; has to be the one the journal was begun with.
    type: str
  room:
    description: Name of the room. Required to write; has to be the one the journal was begun with.
    type: str
  who:
    description: Who runs the step. Default is the login of the controller, C(user@host).
    type: str
  data:
    description:
      - What was found. For the end of inspect C(verdict) (V(passed) opens the gate), C(valid_until) and C(plan) (the
        begin of open has to give the same plan before that moment), of start C(started_at) and
        C(deadline), of burn C(read_back) (true opens the gate to reset).
      - The names C(result), C(hosts), C(override) and C(refused) are the journal's own.
    type: dict
    default: {}
  hosts:
    description: "Required for O(phase=end): every host of the inventory, name to V(done), V(failed) or V(unreachable)."
    type: dict
  override:
    description:
      - The written reason for which a step is let pass that its gate refuses. Journalled with the refusal.
        Without effect when the gate is open. An empty text is no reason.
    type: str
attributes:
  check_mode:
    support: full
    description: Checks the gate and the journal, writes nothing.
  diff_mode:
    support: none
    description: A journal only grows.
author:
  - Exam Room (@exam-room)
"""

EXAMPLES = r"""
- name: Begin the check before the exam
  exam_journal:
    directory: sessions/2025-06-01-am-1
    session_id: 2025-06-01-am-1
    room: "301"
    step: inspect
    phase: begin
  delegate_to: localhost
  run_once: true

- name: End it with what was found
  exam_journal:
    directory: sessions/2025-06-01-am-1
    session_id: 2025-06-01-am-1
    room: "301"
    step: inspect
    phase: end
    data:
      verdict: passed
    hosts:
      server: done
      pc01: done
  delegate_to: localhost
  run_once: true

- name: Ask when time is up
  exam_journal:
    directory: sessions/2025-06-01-am-1
    phase: read
  register: __status_journal
  delegate_to: localhost
  run_once: true
"""

RETURN = r"""
state:
  description: "For each step how it last went in this sitting: never, begun (running or killed), done or failed."
  returned: success
  type: dict
  sample: {prepare: done, inspect: done, open: begun, start: never, cutoff: never, burn: never, reset: never}
steps:
  description: For each step a dictionary of C(result), C(at) and C(data) of its last line.
  returned: success
  type: dict
last_run:
  description:
    - How C(step) went when it last ran in C(room), for whichever session on this controller, a dictionary of
      C(session_id), C(result), C(at) and C(data).
  returned: C(phase) read with C(step) and C(room)
  type: dict
started_at:
  description: When the session started (UTC), null before that.
  returned: success
  type: str
  sample: "2025-06-01T01:00:00.000Z"
deadline:
  description: The deadline (UTC), null before the start.
  returned: success
  type: str
  sample: "2025-06-01T03:00:00.000Z"
cut_at:
  description: When the seats were cut (UTC), by the cutoff or a cancellation; null before that.
  returned: success
  type: str
over:
  description: Empty, V(cut) or V(cancelled).
  returned: success
  type: str
moved:
  description: Seats whose candidate sits elsewhere now, seat number to C(host) and C(address).
  returned: success
  type: dict
absent:
  description: Numbers of the seats whose candidate is absent.
  returned: success
  type: list
  elements: int
ended:
  description: Seats that were ended early, seat number to the reason.
  returned: success
  type: dict
extensions:
  description: Every extension, a list of C(minutes), C(reason), C(deadline), C(deviation), C(at) and C(who).
  returned: success
  type: list
  elements: dict
entries:
  description: Number of lines.
  returned: success
  type: int
last_hash:
  description: Hash of the last line, 64 zeros when there is none.
  returned: success
  type: str
overridden:
  description: Whether a gate refused and an override let the step pass.
  returned: success
  type: bool
overrides:
  description: Every override of this sitting, a list of C(step), C(at), C(who), C(reason) and C(refused).
  returned: success
  type: list
  elements: dict
broken:
  description: Whether it failed because the journal's chain does not hold.
  returned: failure
  type: bool
torn:
  description: Bytes of an unfinished last line that the next writing will put aside.
  returned: success
  type: int
"""

from pathlib import Path
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.exam_room.errors import ExamError
from ansible.module_utils.exam_room.journal.journal import JournalBroken
from ansible.module_utils.exam_room.journal.steps import Request, operator, perform


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "directory": {"type": "path", "required": True},
            "phase": {"type": "str", "required": True, "choices": ["begin", "end", "note", "read"]},
            "step": {"type": "str"},
            "session_id": {"type": "str"},
            "room": {"type": "str"},
            "who": {"type": "str"},
            "data": {"type": "dict", "default": {}},
            "hosts": {"type": "dict"},
            "override": {"type": "str"},
        },
        required_if=[
            ("phase", "begin", ("step", "session_id", "room")),
            ("phase", "end", ("step", "session_id", "room", "hosts")),
            ("phase", "note", ("step", "session_id", "room")),
        ],
        supports_check_mode=True,
    )
    options: dict[str, Any] = dict(module.params)
    options["directory"] = Path(options["directory"])
    options["who"] = options["who"] or operator()
    try:
        outcome = perform(Request(**options), dry=module.check_mode)
    except ExamError as exc:
        module.fail_json(msg=str(exc), broken=isinstance(exc, JournalBroken))
    if outcome.warning:
        module.warn(outcome.warning)
    if outcome.failure:
        module.fail_json(msg=str(outcome.failure), **outcome.result)
    module.exit_json(changed=outcome.changed, **outcome.result)


if __name__ == "__main__":
    main()
