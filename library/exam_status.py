#!/usr/bin/python
"""Ansible module: one look at the session."""

from __future__ import annotations

DOCUMENTATION = r"""
module: exam_status
short_description: Look once at how the session stands
description:
  - The look that M(exam_watch) takes again and again, taken once and whole. Changes nothing, on the server or the
    controller; allowed at any time, beside a running watch too.
  - C(bin/exam-status) shows the same live while the watch runs.
extends_documentation_fragment: [exam_server_login, exam_watching]
attributes:
  check_mode:
    support: full
    description: Only reads.
  diff_mode:
    support: none
    description: Nothing changes.
author:
  - The exam-room maintainers
"""

EXAMPLES = r"""
- name: Look at the session
  exam_status:
    address: 192.168.10.10
    username: Administrator
    password: "{{ exam_admin_password }}"
    directory: "{{ exam_plan.directory }}"
    session: "{{ exam_plan.session }}"
    seats: "{{ exam_plan.seats }}"
  delegate_to: localhost
  register: exam_seen
"""

RETURN = r"""
text:
  description: The board for people.
  returned: success
  type: str
seats:
  description: One dictionary a seat, as a line of C(bin/exam-status --json) (docs/status.md).
  returned: success
  type: list
  elements: dict
warnings_found:
  description: Every warning with C(code), C(level), C(zh), C(en), C(do_zh), C(do_en), and C(seat) where it is of one.
  returned: success
  type: list
  elements: dict
remaining_s:
  description: Seconds to the deadline by the server's clock; none before the start.
  returned: success
  type: float
colour:
  description: "The worst of all: V(green), V(yellow) or V(red)."
  returned: success
  type: str
"""

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.exam_room.errors import ExamError
from ansible.module_utils.exam_room.watch.board import view
from ansible.module_utils.exam_room.watch.options import watching_spec
from ansible.module_utils.exam_room.watch.screen import plain
from ansible.module_utils.exam_room.watch.service import service_of
from ansible.module_utils.exam_room.watch.settings import settings_of


def main() -> None:
    """Read the options, look once, report."""
    module = AnsibleModule(argument_spec=watching_spec(), supports_check_mode=True)
    try:
        seen = view(service_of(module.params, settings_of(module.params)).once())
    except ExamError as error:
        module.fail_json(msg=str(error))
    module.exit_json(
        changed=False,
        text=plain(seen),
        seats=seen.lines(),
        warnings_found=seen.warnings(),
        remaining_s=seen.remaining_s,
        colour=seen.colour,
    )


if __name__ == "__main__":
    main()
