#!/usr/bin/python
"""Ansible module: wait until a blank disc is in a burner of the controller."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: exam_disc_wait
short_description: Wait until a disc that will do is in a burner of the controller
description:
  - Looks at the drive every few seconds until a blank medium with room for the disc's image is in it.
  - Comes back at once when the medium in it will not do, unless that is O(known); an empty drive is waited with.
  - Nothing is written, and a disc that will not do is no failure of the module; see RV(ok).
options:
  directory:
    description: The session directory.
    type: path
    required: true
  disc:
    description: Number of the disc.
    type: int
    required: true
  target:
    description: The burner, C(/dev/sr0). C(stdio:/path) is a file that plays a disc, for tests.
    type: str
    required: true
  seconds:
    description: How long to wait at most.
    type: int
    required: true
  known:
    description: RV(wrong) of an earlier wait. Such a medium is waited with, too.
    type: str
    default: ""
attributes:
  check_mode:
    support: full
    description: Does not wait.
  diff_mode:
    support: none
    description: It changes nothing.
author:
  - Exam Room (@exam-room)
"""

EXAMPLES = r"""
- name: Wait for a blank disc
  exam_disc_wait:
    directory: sessions/2025-06-01-am-1
    disc: 2
    target: /dev/sr0
    seconds: 1800
  delegate_to: localhost
  run_once: true
"""

RETURN = r"""
ok:
  description: Whether a disc that will do is in the drive.
  returned: success
  type: bool
wrong:
  description: What is wrong, as O(known) takes it; empty when nothing is.
  returned: success
  type: str
reason:
  description: The same for people, C(zh) and C(en); both empty when nothing is.
  returned: success
  type: dict
"""

from pathlib import Path
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.exam_room.discs.discs import await_disc
from ansible.module_utils.exam_room.errors import ExamError


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "directory": {"type": "path", "required": True},
            "disc": {"type": "int", "required": True},
            "target": {"type": "str", "required": True},
            "seconds": {"type": "int", "required": True},
            "known": {"type": "str", "default": ""},
        },
        supports_check_mode=True,
    )
    options: dict[str, Any] = module.params
    seconds = 0 if module.check_mode else options["seconds"]
    try:
        found = await_disc(Path(options["directory"]), options["disc"], options["target"], seconds, options["known"])
    except ExamError as exc:
        module.fail_json(msg=str(exc))
    module.exit_json(
        changed=False,
        ok=found is None,
        wrong=found.en if found else "",
        reason={"zh": found.zh if found else "", "en": found.en if found else ""},
    )


if __name__ == "__main__":
    main()
