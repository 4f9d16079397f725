#!/usr/bin/python
"""Ansible module: read a disc in the server's drive over the network and compare it."""

from __future__ import annotations

DOCUMENTATION = r"""
module: exam_disc_compare
short_description: Read the whole disc in the server's drive and compare it with what has to be on it
description:
  - Shares the drive for administrators only, lists it, reads every file to its end and hashes it on the controller.
  - The share is removed in any case. One that a killed run left behind is removed first.
  - A disc that differs is no failure of the task. RV(ok) is false then, and RV(reason) names what differs.
extends_documentation_fragment: [exam_server_login]
options:
  drive:
    description: The drive, such as V(E:).
    type: str
    required: true
  expected:
    description: JSON file on the controller, path on the disc (with C(/)) to SHA-256, of every file on the disc.
    type: path
    required: true
  resume:
    description: The disc was written by an earlier run and may be gone since. A drive without one is no failure then.
    type: bool
    default: false
notes:
  - Runs on the controller (delegate_to localhost) and reaches Windows over SMB 3 with encryption; no WinRM call.
attributes:
  check_mode:
    support: full
    description: Does nothing and says so. Reading takes a share, and that is a change.
  diff_mode:
    support: none
    description: It changes nothing that stays.
author:
  - Exam room project (@exam-room)
"""

EXAMPLES = r"""
- name: Read the disc back
  exam_disc_compare:
    address: 10.0.0.10
    username: Administrator
    password: "{{ vault_server_password }}"
    timeout: 120
    drive: "E:"
    expected: sessions/2025-06-01-am-1/discs/20250601AM_1.sha256.json
  delegate_to: localhost
"""

RETURN = r"""
ok:
  description: Whether the disc holds exactly what it has to.
  returned: success, not in check mode
  type: bool
files:
  description: Number of files that were equal.
  returned: success, not in check mode
  type: int
reason:
  description: What differs, for people (zh, en). Empty when nothing does.
  returned: success, not in check mode
  type: raw
missing:
  description: Files that are not on the disc.
  returned: success, not in check mode
  type: list
  elements: str
extra:
  description: Files that should not be on it.
  returned: success, not in check mode
  type: list
  elements: str
changed_files:
  description: Files with another content.
  returned: success, not in check mode
  type: list
  elements: str
unreadable:
  description: What the server could not read, with the status it gave.
  returned: success, not in check mode
  type: list
  elements: str
"""

import json
from pathlib import Path
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.exam_room.discs import serverdisc
from ansible.module_utils.exam_room.errors import ExamError
from ansible.module_utils.exam_room.server import burning
from ansible.module_utils.exam_room.wire.options import login_of, login_spec


def main() -> None:
    """Read the options, do the work, report."""
    module = AnsibleModule(
        argument_spec={
            **login_spec(),
            "drive": {"type": "str", "required": True},
            "expected": {"type": "path", "required": True},
            "resume": {"type": "bool", "default": False},
        },
        supports_check_mode=True,
    )
    options: dict[str, Any] = module.params
    try:
        expected = serverdisc.check_expected(_read(Path(options["expected"])))
        if module.check_mode:
            module.exit_json(changed=False, skipped=True, msg="Nothing is read in check mode.")
        with burning.connected(login_of(options), options["timeout"]) as (server, shares):
            found = burning.read_back(
                lambda: server.share(burning.SHARE), shares, options["drive"], expected, options["resume"]
            )
    except ExamError as error:
        module.fail_json(msg=str(error))
    module.exit_json(
        changed=False,
        ok=found.ok,
        files=found.files,
        reason=found.reason(),
        missing=found.missing,
        extra=found.extra,
        changed_files=found.changed,
        unreadable=found.unreadable,
    )


def _read(path: Path) -> object:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as exc:
        raise ExamError(
            f"读不出光盘文件清单 {path}：{exc}", f"The list of the disc's files {path} cannot be read: {exc}"
        ) from exc


if __name__ == "__main__":
    main()
