#!/usr/bin/python
"""Ansible module: the server's clock, measured over SRVSVC."""

from __future__ import annotations

DOCUMENTATION = r"""
module: exam_clock
short_description: Measure the server's clock
description:
  - Asks the server for its time (NetrRemoteTOD) several times and combines the answers. Changes nothing.
  - The answer counts hundredths of a second. Asked at different moments of the hundredth, the samples narrow
    the offset down to about a millisecond on a local network.
extends_documentation_fragment: [exam_server_login]
options:
  samples:
    description: How often to ask.
    type: int
    default: 15
notes:
  - Runs on the controller (delegate_to localhost) and reaches Windows over SMB 3 with encryption; no WinRM call.
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
- name: Measure the server's clock
  exam_clock:
    address: 10.0.0.10
    username: Administrator
    password: "{{ vault_server_password }}"
  delegate_to: localhost
  register: exam_server_clock
"""

RETURN = r"""
server_utc:
  description: The server's time when the measurement ended, UTC.
  returned: success
  type: str
  sample: "2026-11-21T01:00:00.123Z"
offset_ms:
  description: Server's clock minus the controller's, in milliseconds.
  returned: success
  type: float
uncertainty_ms:
  description: How far off that can be, either way.
  returned: success
  type: float
round_trip_ms:
  description: Round trip of the quickest question.
  returned: success
  type: float
samples:
  description: How many answers were combined.
  returned: success
  type: int
consistent:
  description:
    - False when the answers contradicted each other, as when the clock was set meanwhile or moves in coarse
      steps.
  returned: success
  type: bool
"""

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.exam_room.errors import ExamError
from ansible.module_utils.exam_room.server.clock import measure_server
from ansible.module_utils.exam_room.wire.options import login_of, login_spec


def main() -> None:
    """Read the options, measure, report."""
    module = AnsibleModule(
        argument_spec={**login_spec(), "samples": {"type": "int", "default": 15}},
        supports_check_mode=True,
    )
    try:
        measured = measure_server(login_of(module.params), module.params["samples"], module.params["timeout"])
    except ExamError as error:
        module.fail_json(msg=str(error))
    module.exit_json(changed=False, **measured)


if __name__ == "__main__":
    main()
