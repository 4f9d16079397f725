#!/usr/bin/python
"""Ansible module: the raw material on the server, closed or open."""

from __future__ import annotations

DOCUMENTATION = r"""
module: exam_material
short_description: Lay the raw material ready, and open it for all at once
description:
  - With O(state=closed) the folder on the server holds exactly what O(source) holds. What is there is read back
    and compared by SHA-256. A file too many is refused and not deleted; role C(clean) moves it into quarantine.
  - With O(state=open) it is renamed into the share. That is one step on the server, so all candidates get it at
    the same moment.
  - Candidates may read it and never write to it.
extends_documentation_fragment: [exam_server_login]
options:
  state:
    description: Where the material shall be.
    type: str
    choices: [closed, open, absent]
    required: true
  source:
    description: Folder on the controller with the raw material. Needed by V(closed).
    type: path
  folders:
    description: The folders of O(source) that count, those of the module's units. All when left out.
    type: list
    elements: str
  volume:
    description: Administrative share of the volume.
    type: str
    default: D$
  closed:
    description: Where it lies closed, relative to the volume, outside the share.
    type: str
    default: Exam\material
  opened:
    description: Where it lies open, relative to the volume, inside the share.
    type: str
    default: Exam\share\素材
  accounts:
    description: Accounts that may read it. Needed by V(closed).
    type: list
    elements: str
    default: []
notes:
  - Runs on the controller (delegate_to localhost) and reaches Windows over SMB 3 with encryption; no WinRM call.
attributes:
  check_mode:
    support: full
    description: Reads and predicts; writes nothing.
  diff_mode:
    support: full
    description: Shows what was and what is, without secrets.
author:
  - Exam room project (@exam-room)
"""

EXAMPLES = r"""
- name: Lay the raw material ready
  exam_material:
    address: 10.0.0.10
    username: Administrator
    password: "{{ vault_server_password }}"
    state: closed
    source: inventories/example/material
    accounts: [KS01, KS02]
  delegate_to: localhost

- name: Open the raw material for all at once
  exam_material:
    address: 10.0.0.10
    username: Administrator
    password: "{{ vault_server_password }}"
    state: open
  delegate_to: localhost
"""

RETURN = r"""
uploaded:
  description: Files that were sent, relative to the material.
  returned: success
  type: list
  elements: str
removed:
  description: What was removed, relative to the material. With O(state=absent) relative to the volume.
  returned: success
  type: list
  elements: str
renamed:
  description: Whether the folder moved between its two places.
  returned: success
  type: bool
access_changed:
  description: Folders whose access was set.
  returned: success
  type: list
  elements: str
manifest:
  description: With O(state=closed), every file with its size and SHA-256.
  returned: success
  type: list
  elements: dict
  sample: [{path: "图片\\主图.png", size: 20480, sha256:
    9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08}]
"""

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.exam_room.errors import ExamError
from ansible.module_utils.exam_room.server.material import ensure_on_server
from ansible.module_utils.exam_room.wire.options import login_of, login_spec


def main() -> None:
    """Read the options, do the work, report."""
    module = AnsibleModule(
        argument_spec={
            **login_spec(),
            "state": {"type": "str", "choices": ["closed", "open", "absent"], "required": True},
            "source": {"type": "path"},
            "volume": {"type": "str", "default": "D$"},
            "folders": {"type": "list", "elements": "str"},
            "closed": {"type": "str", "default": "Exam\\material"},
            "opened": {"type": "str", "default": "Exam\\share\\素材"},
            "accounts": {"type": "list", "elements": "str", "default": []},
        },
        required_if=[("state", "closed", ["source", "accounts"])],
        supports_check_mode=True,
    )
    options = module.params
    try:
        outcome = ensure_on_server(
            login_of(options),
            options["volume"],
            options["source"],
            options["closed"],
            options["opened"],
            options["accounts"],
            options["state"],
            only=options["folders"],
            check=module.check_mode,
            timeout=options["timeout"],
        )
    except ExamError as error:
        module.fail_json(msg=str(error))
    module.exit_json(**outcome.result())


if __name__ == "__main__":
    main()
