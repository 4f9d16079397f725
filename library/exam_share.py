#!/usr/bin/python
"""Ansible module: the exam share over SRVSVC."""

from __future__ import annotations

DOCUMENTATION = r"""
module: exam_share
short_description: Keep the exam share and its oplock flag
description:
  - Adds or removes the share over SRVSVC, without PowerShell.
  - Sets the flag that keeps clients from caching writes (SHI1005_FLAGS_FORCE_LEVELII_OPLOCK), leaving the other
    flags as they are.
  - Whether the flag changed is decided by reading it back. Samba takes it and forgets it, then
    RV(oplocks_forced) is false.
extends_documentation_fragment: [exam_server_login]
options:
  name:
    description: Name of the share.
    type: str
    default: exam
  state:
    description: Whether the share exists. V(absent) closes every file that is open through it.
    type: str
    choices: [present, absent]
    default: present
  path:
    description: Folder that a new share shows, as the server names it.
    type: str
    default: D:\Exam\share
  accounts:
    description: Accounts that a new share lets in with Change. An existing share keeps its permissions.
    type: list
    elements: str
    default: []
  remark:
    description: Description of a new share.
    type: str
    default: ""
  force_level_ii_oplocks:
    description: Set the flag that takes write caching away from clients.
    type: bool
    default: true
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
- name: Take write caching away from the seats
  exam_share:
    address: 10.0.0.10
    username: Administrator
    password: "{{ vault_server_password }}"
    name: exam
  delegate_to: localhost
"""

RETURN = r"""
created:
  description: Whether the share was made.
  returned: success
  type: bool
removed:
  description: Whether the share was removed.
  returned: success
  type: bool
flags_changed:
  description: Whether the flags differ now, by reading them back.
  returned: success
  type: bool
oplocks_forced:
  description: Whether the server holds the flag now. Null when there is no share.
  returned: success
  type: bool
flags:
  description: The share's flags (MS-SRVS 2.2.4.29) as read back.
  returned: success
  type: int
path:
  description: The folder that the share shows.
  returned: success
  type: str
"""

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.exam_room.errors import ExamError
from ansible.module_utils.exam_room.server.shares import ensure
from ansible.module_utils.exam_room.wire.options import login_of, login_spec


def main() -> None:
    """Read the options, do the work, report."""
    module = AnsibleModule(
        argument_spec={
            **login_spec(),
            "name": {"type": "str", "default": "exam"},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "path": {"type": "str", "default": "D:\\Exam\\share"},
            "accounts": {"type": "list", "elements": "str", "default": []},
            "remark": {"type": "str", "default": ""},
            "force_level_ii_oplocks": {"type": "bool", "default": True},
        },
        supports_check_mode=True,
    )
    options = module.params
    try:
        outcome = ensure(
            login_of(options),
            options["name"],
            options["state"],
            options["path"],
            options["accounts"],
            options["remark"],
            options["force_level_ii_oplocks"],
            check=module.check_mode,
            timeout=options["timeout"],
        )
    except ExamError as error:
        module.fail_json(msg=str(error))
    module.exit_json(**outcome.result())


if __name__ == "__main__":
    main()
