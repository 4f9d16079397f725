#!/usr/bin/python
"""Ansible module: the proof of what a restart of a host undoes."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: exam_canary
short_description: Keep the proof of whether a restart undoes what was written on a host
description:
  - Whether a restore card protects a host (V8) is proved by files of random content that are written there, a restart,
    and a second look. This module chooses the files, judges what was found, and keeps the proof as
    C(restore_cards/HOST.json) in the session's directory. It reaches no host.
  - With O(state=chosen) an earlier proof of the host is no more, so that a run that is killed proves nothing. Only that
    something was undone on a server stands until another look has found everything there.
options:
  directory:
    description: The session's directory.
    type: path
    required: true
  name:
    description: The host.
    type: str
    required: true
  state:
    description:
      - V(chosen) before anything is written, V(looked) once the host has restarted, V(broken) when it did not come
        to that.
    type: str
    choices: [chosen, looked, broken]
    required: true
  drives:
    description: For O(state=chosen), the drives to try.
    type: list
    elements: str
    default: []
  server:
    description: For O(state=chosen), whether the host is the exam server, on which nothing may be undone.
    type: bool
    default: false
  cards:
    description: For O(state=chosen), the restore cards that were seen on the host, as M(exam_facts) gives them.
    type: list
    elements: dict
    default: []
  managed:
    description: For O(state=chosen), whether prepare has switched the Unified Write Filter of the host on.
    type: bool
    default: false
  boot_before:
    description: For O(state=chosen), when the host started, as M(exam_facts) gives it.
    type: str
  found:
    description: For O(state=looked), the SHA-256 of each file after the restart by its path, empty where it is gone.
    type: dict
    default: {}
  boot_time:
    description: For O(state=looked), when the host started, as M(exam_restart) gives it.
    type: str
  reason:
    description: For O(state=broken), what went wrong.
    type: str
attributes:
  check_mode:
    support: full
    description: Judges the same, writes nothing.
  diff_mode:
    support: none
    description: A proof is new or not there.
author:
  - The exam-room maintainers
"""

EXAMPLES = r"""
- name: Choose what to write on the computer
  exam_canary:
    directory: sessions/20270619-301-1
    name: pc01
    state: chosen
    drives: ["C:"]
  delegate_to: localhost
  register: chosen

- name: Judge what is there after the restart
  exam_canary:
    directory: sessions/20270619-301-1
    name: pc01
    state: looked
    found: {"C:\\ExamRoom-canary.txt": ""}
    boot_time: "2026-11-23T08:00:00.123Z"
  delegate_to: localhost
"""

RETURN = r"""
name:
  description: The host.
  returned: success
  type: str
  sample: pc01
files:
  description: The files to write, C(path), C(content) and the C(sha256) of it.
  returned: O(state=chosen)
  type: list
  elements: dict
  sample: [{path: "C:\\ExamRoom-canary.txt", content: "93ab…", sha256: "5d21…"}]
undone:
  description: The paths of which the restart has undone what was written.
  returned: O(state=looked)
  type: list
  elements: str
  sample: ["C:\\ExamRoom-canary.txt"]
wrong:
  description: Whether this is not as it has to be, something undone on a server or nothing where a card should protect.
  returned: O(state=looked) and O(state=broken)
  type: bool
text:
  description: What came of it, in both languages, naming host and product.
  returned: O(state=looked) and O(state=broken)
  type: str
  sample: "pc01：写入的文件重启后消失，还原保护有效（统一写入筛选器 UWF Unified Write Filter）\npc01: …"
"""

from pathlib import Path
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.exam_room.errors import ExamError
from ansible.module_utils.exam_room.look import canary


def perform(given: dict[str, Any], dry: bool) -> dict[str, Any]:
    """What the module returns; writes the proof unless ``dry``."""
    directory, name = Path(given["directory"]), given["name"]
    result: dict[str, Any] = {"changed": True, "name": name}
    if given["state"] == "chosen":
        document, files = canary.choose(
            name,
            given["server"],
            given["drives"],
            given["cards"],
            given["boot_before"],
            given["managed"],
            canary.earlier(directory, name),
        )
        result["files"] = [one | {"sha256": kept["sha256"]} for one, kept in zip(files, document["files"], strict=True)]
    else:
        document = canary.load(directory, name)
        if given["state"] == "looked":
            document = canary.looked(document, given["found"], given["boot_time"])
            result["undone"] = document["undone"]
        else:
            document |= {"broken": given["reason"]}
        said = canary.say(document)
        result |= {"wrong": said.wrong, "text": str(said)}
    if not dry:
        canary.save(directory, document)
    return result


def main() -> None:
    """Entry point."""
    module = AnsibleModule(
        argument_spec={
            "directory": {"type": "path", "required": True},
            "name": {"type": "str", "required": True},
            "state": {"type": "str", "choices": ["chosen", "looked", "broken"], "required": True},
            "drives": {"type": "list", "elements": "str", "default": []},
            "server": {"type": "bool", "default": False},
            "cards": {"type": "list", "elements": "dict", "default": []},
            "managed": {"type": "bool", "default": False},
            "boot_before": {"type": "str"},
            "found": {"type": "dict", "default": {}},
            "boot_time": {"type": "str"},
            "reason": {"type": "str"},
        },
        required_if=[
            ("state", "chosen", ["drives"]),
            ("state", "looked", ["boot_time"]),
            ("state", "broken", ["reason"]),
        ],
        supports_check_mode=True,
    )
    try:
        result = perform(module.params, module.check_mode)
    except ExamError as exc:
        module.fail_json(msg=str(exc))
    module.exit_json(**result)


if __name__ == "__main__":
    main()
