#!/usr/bin/python
"""Documentation of the action plugin exam_countdown; Ansible looks for it here."""

from __future__ import annotations

DOCUMENTATION = r"""
module: exam_countdown
short_description: Show the time that is left, and return for each notice and at the end
description:
  - Prints the deadline and the time that is left while the cutoff waits for it in a process of its own, and follows
    the journal when the deadline moves.
  - Returns when a notice to the clients is due, and when the session was cut or cancelled.
  - B(Fails) when nobody waits for the deadline any more, with what the process that waited said at its end.
options:
  directory:
    description: The session directory.
    type: path
    required: true
  timezone:
    description: The time zone of the room, such as V(Asia/Shanghai).
    type: str
    required: true
  notices:
    description: How many minutes before the deadline to return.
    type: list
    elements: float
    default: []
  since:
    description: RV(remaining) of the last countdown, so that no notice in between is lost.
    type: float
  results_file:
    description: Where Ansible keeps what the asynchronous cutoff returns.
    type: path
attributes:
  check_mode:
    support: full
    description: Returns at once.
  diff_mode:
    support: none
    description: Nothing changes.
author:
  - Exam room project (@exam-room)
"""

EXAMPLES = r"""
- name: Count down to the next notice
  exam_countdown:
    directory: "{{ exam_plan.directory }}"
    timezone: "{{ exam_plan.session.timezone }}"
    notices: [15, 5, 1]
  register: __notices_countdown
"""

RETURN = r"""
over:
  description: V(cut), V(cancelled), or empty while the exam runs.
  returned: success
  type: str
notice:
  description: The notice that is due, in minutes before the deadline; null at the end.
  returned: success
  type: float
remaining:
  description: Seconds until the deadline.
  returned: success
  type: float
"""
