#!/usr/bin/python
"""Ansible module: the seats' accounts on a server, over SAMR."""

from __future__ import annotations

DOCUMENTATION = r"""
module: exam_accounts
short_description: Keep the seats' accounts on a server
description:
  - Creates, changes, switches and removes all accounts of the room in one connection over SAMR (V2, V3).
  - A password is set only when a log-on with it fails for that reason. Each is tried once a run.
  - The first password that is set is proved by a log-on before the next one is set.
  - Passwords never expire, and their users cannot change them.
extends_documentation_fragment: [exam_server_login]
options:
  accounts:
    description: The accounts, in seat order.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: Name of the account, such as KS01.
        type: str
        required: true
      password:
        description: Its password. Needed to create the account; without it an existing password is left alone.
        type: str
      comment:
        description: Description of the account.
        type: str
        default: ""
  state:
    description:
      - V(present) creates what is missing and corrects what differs.
      - V(enabled) and V(disabled) only switch accounts that exist.
      - V(absent) removes them.
    type: str
    choices: [present, enabled, disabled, absent]
    default: present
  enabled:
    description:
      - With O(state=present), whether the accounts can log on.
      - Without it new accounts are disabled and existing ones stay as they are.
    type: bool
notes:
  - Runs on the controller (delegate_to localhost) and reaches Windows over SMB 3 with encryption; no WinRM call.
  - A failed log-on takes 2 s on Windows Server 2025 and counts towards the lock-out after 10.
attributes:
  check_mode:
    support: full
    description:
      - Passwords of existing accounts are tried by a log-on, which counts towards their lock-out; nothing is
        written.
  diff_mode:
    support: full
    description: Shows what was and what is, without secrets.
author:
  - Exam room project (@exam-room)
"""

EXAMPLES = r"""
- name: Keep the accounts of 30 seats, still closed
  exam_accounts:
    address: 10.0.0.10
    username: Administrator
    password: "{{ vault_server_password }}"
    accounts:
      - name: KS01
        password: "{{ vault_exam_passwords.KS01 }}"
        comment: 机位 1
    state: present
  delegate_to: localhost

- name: Let the candidates in
  exam_accounts:
    address: 10.0.0.10
    username: Administrator
    password: "{{ vault_server_password }}"
    accounts: [{name: KS01}, {name: KS02}]
    state: enabled
  delegate_to: localhost
"""

RETURN = r"""
created:
  description: Accounts that were made.
  returned: success
  type: list
  elements: str
password_set:
  description: Existing accounts whose password was set.
  returned: success
  type: list
  elements: str
settings_changed:
  description: Existing accounts whose comment, lock or password rules were corrected.
  returned: success
  type: list
  elements: str
enabled:
  description: Existing accounts that were enabled.
  returned: success
  type: list
  elements: str
disabled:
  description: Existing accounts that were disabled.
  returned: success
  type: list
  elements: str
removed:
  description: Accounts that were removed.
  returned: success
  type: list
  elements: str
unexpected:
  description:
    - Accounts that look like those of seats (same prefix, then digits) but are not listed. They are left alone.
  returned: success
  type: list
  elements: str
proven:
  description: The account whose new password was proved by a log-on, and what the server answered.
  returned: success
  type: dict
  sample: {account: KS01, status: STATUS_ACCOUNT_DISABLED}
accounts:
  description: The accounts as they are now (in check mode, as they would be).
  returned: success
  type: list
  elements: dict
  sample:
    - name: KS01
      sid: S-1-5-21-1508876564-1641343719-701491407-1003
      enabled: false
      locked: false
      password_never_expires: true
      may_change_password: false
      comment: 机位 1
"""

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.exam_room.errors import ExamError
from ansible.module_utils.exam_room.server.accounts import Wanted, WindowsHost, ensure
from ansible.module_utils.exam_room.wire.options import login_of, login_spec


def main() -> None:
    """Read the options, do the work, report."""
    account = {
        "name": {"type": "str", "required": True},
        "password": {"type": "str", "no_log": True},
        "comment": {"type": "str", "default": ""},
    }
    module = AnsibleModule(
        argument_spec={
            **login_spec(),
            "accounts": {"type": "list", "elements": "dict", "required": True, "options": account},
            "state": {
                "type": "str",
                "choices": ["present", "enabled", "disabled", "absent"],
                "default": "present",
            },
            "enabled": {"type": "bool"},
        },
        supports_check_mode=True,
    )
    wanted = [Wanted(one["name"], one["password"], one["comment"]) for one in module.params["accounts"]]
    host = WindowsHost(login_of(module.params), module.params["timeout"])
    try:
        outcome = ensure(host, wanted, module.params["state"], module.params["enabled"], module.check_mode)
    except ExamError as error:
        module.fail_json(msg=str(error))
    module.exit_json(**outcome.result())


if __name__ == "__main__":
    main()
