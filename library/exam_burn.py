#!/usr/bin/python
"""Ansible module: write a disc in a burner of the controller and read it back."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: exam_burn
short_description: Write a disc's image to a medium on the controller, read it back and compare
description:
  - Writes the image that M(exam_image) made to a blank medium in a burner of the controller, closes that, and reads the
    whole disc back. Compared are every byte with the image, every file with the sealed manifests, and the names that
    Windows sees.
  - For a rehearsal O(target=image) writes a file that plays the disc, and reads that back.
  - A disc that failed is no failure of the module, nor is a drive that is not there; see RV(ok). M(exam_copies) keeps
    the record.
options:
  directory:
    description: The session directory.
    type: path
    required: true
  disc:
    description: Number of the disc.
    type: int
    required: true
  copy:
    description: Number of the copy.
    type: int
    required: true
  target:
    description:
      - The burner, C(/dev/sr0), or V(image). C(stdio:/path) is a file that plays a blank disc, for tests.
    type: str
    required: true
attributes:
  check_mode:
    support: full
    description: Writes nothing.
  diff_mode:
    support: none
    description: A disc is written once.
author:
  - Exam Room (@exam-room)
"""

EXAMPLES = r"""
- name: Burn the second disc of the first copy
  exam_burn:
    directory: sessions/2025-06-01-am-1
    copy: 1
    disc: 2
    target: /dev/sr0
  delegate_to: localhost
  run_once: true
"""

RETURN = r"""
ok:
  description: Whether the disc was read back to its end and is equal.
  returned: success, not in check mode
  type: bool
written:
  description: Whether anything was written; when the disc is not ok, whether it is spoilt.
  returned: success, not in check mode
  type: bool
device:
  description: The drive, or the file that plays the disc.
  returned: success, not in check mode
  type: str
files:
  description: Number of files on the disc that were compared, those of the bag itself included.
  returned: success, not in check mode
  type: int
closed:
  description: Whether the medium takes no more; null for a file.
  returned: success, not in check mode
  type: bool
reason:
  description: Why it is not ok, C(zh) and C(en); both empty when it is.
  returned: success, not in check mode
  type: dict
"""

from pathlib import Path
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.exam_room.discs.discs import write_disc
from ansible.module_utils.exam_room.errors import ExamError


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "directory": {"type": "path", "required": True},
            "disc": {"type": "int", "required": True},
            "copy": {"type": "int", "required": True},
            "target": {"type": "str", "required": True},
        },
        supports_check_mode=True,
    )
    options: dict[str, Any] = module.params
    if module.check_mode:
        module.exit_json(changed=True)
    try:
        attempt = write_disc(Path(options["directory"]), options["copy"], options["disc"], options["target"])
    except ExamError as exc:
        module.fail_json(msg=str(exc))
    module.exit_json(
        changed=attempt.written,
        ok=attempt.ok,
        written=attempt.written,
        device=attempt.device,
        files=attempt.files,
        closed=attempt.closed,
        reason={"zh": attempt.zh, "en": attempt.en},
    )


if __name__ == "__main__":
    main()
