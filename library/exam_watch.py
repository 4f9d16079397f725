#!/usr/bin/python
"""Ansible module: watch the session from its start to the cut."""

from __future__ import annotations

DOCUMENTATION = r"""
module: exam_watch
short_description: Watch a session from start to cut, for the live board and the safety copies
description:
  - Looks at the server every few seconds (clock, sessions, open files, candidates' folders, disc space, switch) and
    writes C(watch/board.json) in the session's directory, which C(bin/exam-status) shows. Only reads on the server.
  - Beside it, in a process of its own, copies changed files to C(safety/) in the session's directory.
  - Ends by itself when the session is cut or cancelled, or some minutes after the deadline. Started again it goes on
    from C(watch/state.json). A server that cannot be reached is called again; a refused password ends it at once.
  - Run it as an asynchronous task.
extends_documentation_fragment: [exam_server_login, exam_watching]
options:
  interval_s:
    description: Seconds between two looks at sessions and open files.
    type: float
    default: 3
  slow_interval_s:
    description: Seconds between two looks at what changes seldom.
    type: float
    default: 60
  scan_share:
    description: The part of the time that may go into listing candidates' folders.
    type: float
    default: 0.1
  quiet_before_deadline_s:
    description: Seconds before the deadline from which folders are left alone.
    type: float
    default: 5
  give_up_min:
    description: Minutes after the deadline at which the watch ends although nobody says that the session is over.
    type: float
    default: 10
  copies_versions:
    description: Copies that are kept of each file.
    type: int
    default: 3
  copies_reserve_gb:
    description: What the copies leave free on the controller's disc, in 10^9 bytes.
    type: float
    default: 1
attributes:
  check_mode:
    support: full
    description: Looks once and writes nothing.
  diff_mode:
    support: none
    description: Nothing changes.
author:
  - The exam-room maintainers
"""

EXAMPLES = r"""
- name: Watch the session
  exam_watch:
    address: 192.168.10.10
    username: Administrator
    password: "{{ exam_admin_password }}"
    directory: "{{ exam_plan.directory }}"
    session: "{{ exam_plan.session }}"
    seats: "{{ exam_plan.seats }}"
    material: "{{ exam_material_dir }}"
  delegate_to: localhost
  async: 36000
  poll: 0
"""

RETURN = r"""
reason:
  description: "Why it ended: V(cut), V(cancelled), V(deadline), V(already_running) where it is watched already,
    or V(check) in check mode."
  returned: success
  type: str
looks:
  description: How often it looked.
  returned: success
  type: int
"""

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.exam_room.errors import ExamError
from ansible.module_utils.exam_room.watch.options import watching_spec
from ansible.module_utils.exam_room.watch.service import service_of
from ansible.module_utils.exam_room.watch.settings import settings_of


def main() -> None:
    """Read the options, watch, say why it ended."""
    module = AnsibleModule(
        argument_spec={
            **watching_spec(),
            "interval_s": {"type": "float", "default": 3.0},
            "slow_interval_s": {"type": "float", "default": 60.0},
            "scan_share": {"type": "float", "default": 0.1},
            "quiet_before_deadline_s": {"type": "float", "default": 5.0},
            "give_up_min": {"type": "float", "default": 10.0},
            "copies_versions": {"type": "int", "default": 3},
            "copies_reserve_gb": {"type": "float", "default": 1.0},
        },
        supports_check_mode=True,
    )
    try:
        service = service_of(module.params, settings_of(module.params))
        if module.check_mode:
            service.once()
            module.exit_json(changed=False, reason="check", looks=1)
        ended = service.run()
    except ExamError as error:
        module.fail_json(msg=str(error))
    module.exit_json(changed=False, reason=ended.reason, looks=ended.looks)


if __name__ == "__main__":
    main()
