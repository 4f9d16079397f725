#!/usr/bin/python
"""Ansible module: what the burner in the server needs before it writes."""

from __future__ import annotations

DOCUMENTATION = r"""
module: exam_disc_stage
short_description: Put the image and the burning script on the server, or take them away
description:
  - Copies the image of a disc and the script that burns it into a folder of the exam volume which only SYSTEM and
    Administrators may enter.
  - Waits first for a burn of an earlier run that is still going on. The server burns on when the controller dies. A
    script that only waits for a disc is ended.
  - An image that is there already is not copied again. The script compares its hash before it writes.
  - Removes the share of a disc that a killed run left behind.
extends_documentation_fragment: [exam_server_login]
options:
  state:
    description: V(absent) removes everything, after a disc was read back equal.
    type: str
    choices: [present, absent]
    default: present
  volume:
    description: The server's exam volume, such as V(D:).
    type: str
    required: true
  script:
    description: The burning script on the controller. Needed with O(state=present).
    type: path
  image:
    description: The image on the controller. Without one only the script is copied, for a look at the drive.
    type: path
  size:
    description: Bytes of the image.
    type: int
  sha256:
    description: SHA-256 of the image.
    type: str
  resume:
    description: Whether a disc that an earlier run has written from this very image needs only to be read back.
    type: bool
    default: true
notes:
  - Runs on the controller (delegate_to localhost) and reaches Windows over SMB 3 with encryption; no WinRM call.
attributes:
  check_mode:
    support: full
    description: Looks and predicts; writes nothing.
  diff_mode:
    support: none
    description: There is nothing to show of an image.
author:
  - Exam room project (@exam-room)
"""

EXAMPLES = r"""
- name: Copy the image to the server
  exam_disc_stage:
    address: 10.0.0.10
    username: Administrator
    password: "{{ vault_server_password }}"
    volume: "D:"
    script: roles/burner/files/server/Write-ResultsDisc.ps1
    image: sessions/2025-06-01-am-1/discs/20250601AM_1.iso
    size: 734003200
    sha256: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
  delegate_to: localhost
"""

RETURN = r"""
folder:
  description: The folder, as the server names it.
  returned: success
  type: str
  sample: D:\Exam\burn
image:
  description: The image, as the server names it. Empty without one.
  returned: success
  type: str
  sample: D:\Exam\burn\9f86d081884c7d65.iso
burned:
  description: Whether an earlier run has written this image, and nobody has read it back yet.
  returned: success
  type: bool
report:
  description: What the script reported then. Empty if RV(burned) is false.
  returned: success
  type: dict
"""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.exam_room.errors import ExamError
from ansible.module_utils.exam_room.server import burning
from ansible.module_utils.exam_room.wire.options import login_of, login_spec


def main() -> None:
    """Read the options, do the work, report."""
    module = AnsibleModule(
        argument_spec={
            **login_spec(),
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "volume": {"type": "str", "required": True},
            "script": {"type": "path"},
            "image": {"type": "path"},
            "size": {"type": "int"},
            "sha256": {"type": "str"},
            "resume": {"type": "bool", "default": True},
        },
        required_if=[("state", "present", ["script"])],
        required_together=[("image", "size", "sha256")],
        supports_check_mode=True,
    )
    options: dict[str, Any] = module.params
    image = burning.Image(Path(options["image"]), options["size"], options["sha256"]) if options["image"] else None
    login, timeout, volume = login_of(options), options["timeout"], options["volume"]
    try:
        with burning.connected(login, timeout) as (server, shares):
            files = server.share(f"{volume[0]}$")
            left = shares.share(burning.SHARE) is not None
            if left and not module.check_mode:
                shares.delete_share(burning.SHARE)
            if options["state"] == "absent":
                staged = burning.Staged(burning.clear(files, module.check_mode))
            else:
                script = Path(options["script"]).read_bytes()
                staged = burning.stage(files, image, script, options["resume"], module.check_mode)
    except ExamError as error:
        module.fail_json(msg=str(error))
    folder = f"{volume}\\{burning.FOLDER}"
    module.exit_json(
        changed=staged.changed or left,
        folder=folder,
        image=f"{folder}\\{image.name}" if image else "",
        burned=staged.report is not None,
        report=asdict(staged.report) if staged.report else {},
    )


if __name__ == "__main__":
    main()
