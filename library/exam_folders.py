#!/usr/bin/python
"""Ansible module: the candidates' folders and their access lists, over SMB."""

from __future__ import annotations

DOCUMENTATION = r"""
module: exam_folders
short_description: Keep the candidates' folders and who may enter them
description:
  - Makes the root and one folder an account through the administrative share of the volume, and gives each
    exactly the access that V3 asks for.
  - Access lists are protected, so nothing is inherited. A candidate's folder lets in SYSTEM and Administrators
    (full control) and its own account (modify). The root lets each account list and pass.
  - Names become SIDs through SAMR; nothing depends on the language of Windows.
extends_documentation_fragment: [exam_server_login]
options:
  volume:
    description: Administrative share of the volume that holds the folders.
    type: str
    default: D$
  root:
    description: Folder that holds the candidates' folders, relative to the volume.
    type: str
    default: Exam\share
  accounts:
    description: Names of the accounts, one folder each.
    type: list
    elements: str
    required: true
  state:
    description:
      - V(present) makes what is missing and corrects the access. Content is never touched.
      - V(emptied) removes what lies in the accounts' folders.
      - V(absent) removes the accounts' folders, and the root once nothing else lies in it.
    type: str
    choices: [present, emptied, absent]
    default: present
  beside:
    description: Folders, relative to the volume, that V(emptied) removes with all they hold, such as images of discs.
    type: list
    elements: str
    default: []
  confirm_session:
    description: The session whose results may be destroyed. Without it V(emptied) and V(absent) refuse.
    type: str
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
- name: Keep the candidates' folders
  exam_folders:
    address: 10.0.0.10
    username: Administrator
    password: "{{ vault_server_password }}"
    accounts: [KS01, KS02]
  delegate_to: localhost

- name: Clear the results of a session that was burned and read back
  exam_folders:
    address: 10.0.0.10
    username: Administrator
    password: "{{ vault_server_password }}"
    accounts: [KS01, KS02]
    state: emptied
    confirm_session: 2026-11-21-am-room1
  delegate_to: localhost
"""

RETURN = r"""
created:
  description: Folders that were made, relative to the volume.
  returned: success
  type: list
  elements: str
access_changed:
  description: Folders whose access list or owner was corrected.
  returned: success
  type: list
  elements: str
removed:
  description: Folders that were removed.
  returned: success
  type: list
  elements: str
removed_entries:
  description: How many files and folders were removed. In check mode only the topmost ones are counted.
  returned: success
  type: int
occupied:
  description: Accounts whose folders held files when the task began.
  returned: success
  type: list
  elements: dict
  sample: [{account: KS02, files: 3, bytes: 20480}]
unexpected:
  description: What lies in the root besides the accounts' folders and the open raw material.
  returned: success
  type: list
  elements: str
"""

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.exam_room.errors import ExamError
from ansible.module_utils.exam_room.server.folders import ensure
from ansible.module_utils.exam_room.wire.options import login_of, login_spec


def main() -> None:
    """Read the options, do the work, report."""
    module = AnsibleModule(
        argument_spec={
            **login_spec(),
            "volume": {"type": "str", "default": "D$"},
            "root": {"type": "str", "default": "Exam\\share"},
            "accounts": {"type": "list", "elements": "str", "required": True},
            "state": {"type": "str", "choices": ["present", "emptied", "absent"], "default": "present"},
            "beside": {"type": "list", "elements": "str", "default": []},
            "confirm_session": {"type": "str"},
        },
        required_if=[("state", "emptied", ["confirm_session"]), ("state", "absent", ["confirm_session"])],
        supports_check_mode=True,
    )
    options = module.params
    try:
        outcome = ensure(
            login_of(options),
            options["volume"],
            options["root"],
            options["accounts"],
            options["state"],
            check=module.check_mode,
            timeout=options["timeout"],
            beside=options["beside"],
        )
    except ExamError as error:
        module.fail_json(msg=str(error))
    module.exit_json(**outcome.result())


if __name__ == "__main__":
    main()
