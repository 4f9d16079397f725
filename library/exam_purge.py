#!/usr/bin/python
"""Ansible module: the end of a session's results on the controller."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: exam_purge
short_description: Remove the results of a session from the controller, once their retention is over
description:
  - Removes the candidates' files in the bags, the images of the discs and the safety copies of one session.
  - Keeps what proves what they were, the journal, the record of the discs, manifests, signatures, tables and papers.
    Beginning and end are journalled.
  - Refuses a session whose discs were not all burned and read back, one whose retention is not over, and a clock that
    is behind the session's own journal. A run that was killed is finished by the next.
options:
  sessions_dir:
    description: The folder that holds one directory a session.
    type: path
    required: true
  session_id:
    description: Id of the session.
    type: str
    required: true
  reason:
    description: Why, in writing. Journalled.
    type: str
    required: true
  retention_years:
    description: How many years the site keeps results, from the day of the session on.
    type: int
    default: 5
attributes:
  check_mode:
    support: full
    description: Checks the same and says what would go; removes and journals nothing.
  diff_mode:
    support: none
    description: What goes is returned.
author:
  - Exam Room (@exam-room)
"""

EXAMPLES = r"""
- name: Remove the results of a session whose retention is over
  exam_purge:
    sessions_dir: sessions
    session_id: 2025-06-01-am-1
    reason: 保存期满
  delegate_to: localhost
  run_once: true
"""

RETURN = r"""
items:
  description:
    - What went, a list of C(path) (below the session's directory), C(files) and C(bytes). What is linked from several
      places counts once.
  returned: success
  type: list
  elements: dict
files:
  description: Number of files that went.
  returned: success
  type: int
bytes:
  description: What that frees.
  returned: success
  type: int
held_on:
  description: The day of the session.
  returned: success
  type: str
due:
  description: The last day on which it had to be kept.
  returned: success
  type: str
session_id:
  description: The session.
  returned: success
  type: str
room:
  description: Its room.
  returned: success
  type: str
deadline:
  description: Its deadline (UTC, ISO 8601).
  returned: success
  type: str
"""

from pathlib import Path

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.exam_room.discs.purge import RETENTION_YEARS, look, purge
from ansible.module_utils.exam_room.errors import ExamError
from ansible.module_utils.exam_room.journal.steps import operator


def main() -> None:
    """Read the options, purge, report."""
    module = AnsibleModule(
        argument_spec={
            "sessions_dir": {"type": "path", "required": True},
            "session_id": {"type": "str", "required": True},
            "reason": {"type": "str", "required": True},
            "retention_years": {"type": "int", "default": RETENTION_YEARS},
        },
        supports_check_mode=True,
    )
    options = module.params
    what = (Path(options["sessions_dir"]), options["session_id"], options["retention_years"])
    try:
        doomed = look(*what) if module.check_mode else purge(*what, options["reason"], operator())
    except ExamError as error:
        module.fail_json(msg=str(error))
    module.exit_json(**doomed.result())


if __name__ == "__main__":
    main()
