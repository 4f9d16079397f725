#!/usr/bin/python
"""Ansible module: write the sealed results to a disc and read it back."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: exam_image
short_description: Write the sealed bag to a disc or a disc image, read it back and compare
description:
  - Builds an image (ISO 9660 level 3, Joliet, Rock Ridge; the same bytes for the same bag) in C(discs/) of the session
    directory, writes it to a blank medium in a burner of the controller, closes that, and reads the whole disc back.
  - Compared are every byte with the image, every file with the sealed manifests, and the names that Windows sees.
    Only then the module succeeds.
  - What was verified is kept in C(discs/<volume>.json).
options:
  directory:
    description: The session directory, with the sealed C(bag).
    type: path
    required: true
  session_id:
    description: Id of the session; gives the volume name.
    type: str
    required: true
  disc:
    description: Number of the disc.
    type: int
    default: 1
  medium:
    description: The kind of medium, whose capacity the image must not exceed.
    type: str
    choices: [cd, dvd, bd]
    default: dvd
  target:
    description:
      - V(image) stops at the image file, for a rehearsal.
      - Otherwise the burner, C(/dev/sr0). C(stdio:/path) is a file that plays a disc, for tests.
    type: str
    required: true
attributes:
  check_mode:
    support: full
    description: Looks whether there is a blank medium, writes nothing.
  diff_mode:
    support: none
    description: A disc is written once.
author:
  - Exam Room (@exam-room)
"""

EXAMPLES = r"""
- name: Make the disc image of a rehearsal
  exam_image:
    directory: sessions/rehearsal
    session_id: rehearsal
    target: image
  delegate_to: localhost
  run_once: true

- name: Burn a further copy on the controller
  exam_image:
    directory: sessions/2025-06-01-am-1
    session_id: 2025-06-01-am-1
    medium: dvd
    target: /dev/sr0
  delegate_to: localhost
  run_once: true
"""

RETURN = r"""
volume:
  description: Volume name, at most 15 characters.
  returned: success
  type: str
  sample: 20250601AM_1
image:
  description: Path of the image.
  returned: success, not in check mode
  type: str
sha256:
  description: SHA-256 of the image.
  returned: success, not in check mode
  type: str
size:
  description: Bytes of the image.
  returned: success, not in check mode
  type: int
files:
  description: Number of files on the disc that were compared, those of the bag itself included.
  returned: success, not in check mode
  type: int
read_back:
  description: True when the disc, or the image, was read back to its end and is equal. False in check mode.
  returned: success
  type: bool
verified_at:
  description: When that was done (UTC).
  returned: success, not in check mode
  type: str
closed:
  description: Whether the medium takes no more; null for an image.
  returned: success, not in check mode
  type: bool
"""

from pathlib import Path
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.exam_room.errors import ExamError
from ansible.module_utils.exam_room.seal.collect import BAG
from ansible.module_utils.exam_room.seal.discs import Order, check, make


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "directory": {"type": "path", "required": True},
            "session_id": {"type": "str", "required": True},
            "disc": {"type": "int", "default": 1},
            "medium": {"type": "str", "choices": ["cd", "dvd", "bd"], "default": "dvd"},
            "target": {"type": "str", "required": True},
        },
        supports_check_mode=True,
    )
    options: dict[str, Any] = module.params
    session = Path(options["directory"])
    order = Order(
        bag=session / BAG,
        discs=session / "discs",
        session_id=options["session_id"],
        medium=options["medium"],
        target=options["target"],
        disc=options["disc"],
    )
    try:
        if module.check_mode:
            module.exit_json(changed=True, volume=check(order), read_back=False)
        disc = make(order)
    except ExamError as exc:
        module.fail_json(msg=str(exc))
    module.exit_json(
        changed=disc.built or order.device is not None,
        volume=disc.image.volume,
        image=str(disc.image.path),
        sha256=disc.image.sha256,
        size=disc.image.size,
        files=disc.files,
        read_back=True,
        verified_at=disc.verified_at,
        closed=disc.closed,
    )


if __name__ == "__main__":
    main()
