#!/usr/bin/python
"""Ansible module: make the images of the sealed discs."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: exam_image
short_description: Make the image of every sealed disc, read it back and compare
description:
  - Builds an image (ISO 9660 level 3, Joliet, Rock Ridge; the same bytes for the same bag) in C(discs/) of the session
    directory for each disc that M(exam_seal) sealed, and reads it back to its end.
  - Compared are every byte, every file with the sealed manifests, and the names that Windows sees.
  - An image that is there already, whole and of these very contents, is not built again.
  - The same check of the space on the controller's disk is made for all images before the first is written.
options:
  directory:
    description: The session directory, with what M(exam_seal) sealed.
    type: path
    required: true
attributes:
  check_mode:
    support: full
    description: Looks whether the program is there, writes nothing.
  diff_mode:
    support: none
    description: An image follows from the sealed disc.
author:
  - Exam Room (@exam-room)
"""

EXAMPLES = r"""
- name: Make the images of the discs
  exam_image:
    directory: sessions/2025-06-01-am-1
  delegate_to: localhost
  run_once: true
"""

RETURN = r"""
discs:
  description:
    - The discs in order, each with C(number), C(of), C(volume), C(image) (path), C(sha256), C(size) (bytes), C(files)
      (those of the bag itself included) and C(expected) (path of a JSON file, path on the disc to SHA-256).
  returned: success, not in check mode
  type: list
  elements: dict
"""

from pathlib import Path

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.exam_room.discs.discs import make_images
from ansible.module_utils.exam_room.discs.image import check_tool
from ansible.module_utils.exam_room.errors import ExamError


def main() -> None:
    module = AnsibleModule(argument_spec={"directory": {"type": "path", "required": True}}, supports_check_mode=True)
    try:
        if module.check_mode:
            check_tool()
            module.exit_json(changed=True)
        made = make_images(Path(module.params["directory"]))
    except ExamError as exc:
        module.fail_json(msg=str(exc))
    discs = [
        {
            "number": one.disc.number,
            "of": one.disc.of,
            "volume": one.disc.volume,
            "image": str(one.image.path),
            "sha256": one.image.sha256,
            "size": one.image.size,
            "files": one.files,
            "expected": str(one.expected),
        }
        for one in made
    ]
    module.exit_json(changed=any(one.built for one in made), discs=discs)


if __name__ == "__main__":
    main()
