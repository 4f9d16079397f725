#!/usr/bin/python
"""Ansible module: wait for the burner in the server and say what became of the disc."""

from __future__ import annotations

DOCUMENTATION = r"""
module: exam_disc_report
short_description: Wait until the burning script on the server has reported, and judge what it says
description:
  - Waits for the report in the folder that M(exam_disc_stage) made, and notices when the script was killed.
  - Fails only when somebody has to see to the server first, or no other blank would help; never after a mere look.
  - Otherwise RV(ok) tells, and RV(reason) says in both languages which disc to put in.
extends_documentation_fragment: [exam_server_login]
options:
  volume:
    description: The server's exam volume, such as V(D:).
    type: str
    required: true
  report:
    description: Name of the report.
    type: str
    default: report.json
  label:
    description: Volume name that the disc has to show. Without it the script only had to look.
    type: str
notes:
  - Runs on the controller (delegate_to localhost) and reaches Windows over SMB 3 with encryption; no WinRM call.
attributes:
  check_mode:
    support: full
    description: It only reads.
  diff_mode:
    support: none
    description: It changes nothing.
author:
  - Exam room project (@exam-room)
"""

EXAMPLES = r"""
- name: Wait for the burner
  exam_disc_report:
    address: 10.0.0.10
    username: Administrator
    password: "{{ vault_server_password }}"
    volume: "D:"
    label: 20250601AM_1
  delegate_to: localhost
"""

RETURN = r"""
ok:
  description: Whether the disc was written, closed and mounted; after a mere look, whether it could be written.
  returned: success
  type: bool
code:
  description: Why not, as a word. Empty when all is well.
  returned: success
  type: str
mend:
  description: Whether somebody has to see to the server first, for no other blank would help.
  returned: success
  type: bool
wrong:
  description: Why not, in the script's own words, as its parameter Seen takes them.
  returned: success
  type: str
reason:
  description: Why not, for people (zh, en). Empty when all is well.
  returned: success
  type: raw
written:
  description: Whether anything was written to the medium, so that it is spoilt unless RV(ok).
  returned: success
  type: bool
device:
  description: The burner, its letter first.
  returned: success
  type: str
  sample: "E: HL-DT-ST DVDRAM GUD1N"
drive:
  description: Its letter.
  returned: success
  type: str
closed:
  description: Whether the medium takes no more.
  returned: success
  type: bool
medium:
  description: Kind of the medium. Empty when there is none.
  returned: success
  type: str
  sample: DVD+R
blank:
  description: Whether it was blank.
  returned: success
  type: bool
free:
  description: Bytes that it could take.
  returned: success
  type: int
seconds:
  description: How long it took.
  returned: success
  type: int
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.exam_room.discs import discreport
from ansible.module_utils.exam_room.errors import ExamError
from ansible.module_utils.exam_room.server import burning
from ansible.module_utils.exam_room.wire.options import login_of, login_spec


def main() -> None:
    """Read the options, do the work, report."""
    module = AnsibleModule(
        argument_spec={
            **login_spec(),
            "volume": {"type": "str", "required": True},
            "report": {"type": "str", "default": burning.REPORT},
            "label": {"type": "str"},
        },
        supports_check_mode=True,
    )
    options: dict[str, Any] = module.params
    login = login_of(options)
    try:
        report = burning.await_report(
            lambda: burning.administrative(login, options["volume"], options["timeout"]), options["report"]
        )
    except ExamError as error:
        module.fail_json(msg=str(error))
    verdict = discreport.judge(report, options["label"]) if report else discreport.told("killed")
    if verdict.mend and options["label"] is not None:
        module.fail_json(msg=f"{verdict.zh}\n{verdict.en}")
    module.exit_json(
        changed=False,
        ok=verdict.ok,
        code=verdict.code,
        mend=verdict.mend,
        wrong=report.wrong if report else "",
        reason=verdict.reason(),
        # What was killed may have written.
        written=report.written if report else options["label"] is not None,
        device=report.where if report else "",
        drive=report.drive if report else "",
        closed=report.closed if report else False,
        medium=report.kind if report else "",
        blank=report.blank if report else False,
        free=report.free if report else 0,
        seconds=report.seconds if report else 0,
    )


if __name__ == "__main__":
    main()
