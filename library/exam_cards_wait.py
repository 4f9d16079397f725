#!/usr/bin/python
"""Ansible module: wait for people who open restore cards."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: exam_cards_wait
short_description: Wait until nobody's restore card protects any more
description:
  - A restore card that only a person can switch keeps a computer from being prepared (V8). This module looks at those
    computers again, every ten seconds, until their cards are open or the time is over. It changes nothing.
  - A computer that is restarting is waited for; one that refuses the log-on is not asked again, for accounts lock.
  - Runs on the controller, over WS-Management.
extends_documentation_fragment: [exam_hosts_login]
options:
  hosts:
    description: The hosts, of which only those are asked that a card protects.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: The host's name in the result.
        type: str
        required: true
      address:
        description: The host's address.
        type: str
        required: true
  seen:
    description: The section C(restore_protection) of the hosts' documents, by name, as M(exam_facts) gave it.
    type: dict
    required: true
  managed:
    description: Those whose Unified Write Filter is switched by prepare itself.
    type: list
    elements: str
    default: []
  wait:
    description: Seconds to wait at most; 0 only says who is protected.
    type: float
    default: 0
attributes:
  check_mode:
    support: full
    description: Says who is protected, without waiting.
  diff_mode:
    support: none
    description: Nothing changes.
author:
  - The exam-room maintainers
"""

EXAMPLES = r"""
- name: Wait half an hour for the cards to be opened
  exam_cards_wait:
    hosts: [{name: pc01, address: 192.168.10.101}]
    seen: {pc01: "{{ exam_facts.hosts.pc01.restore_protection }}"}
    wait: 1800
    username: Administrator
    password: "{{ exam_admin_password }}"
    ca_path: /etc/exam/ca.pem
"""

RETURN = r"""
opened:
  description: The documents, as M(exam_facts) gives them, of the hosts whose cards were opened meanwhile.
  returned: success
  type: dict
left:
  description: What protects the others, by host.
  returned: success
  type: dict
  sample: {pc02: ["影子卫士 Shadow Defender: 保护中 on"]}
"""

from collections.abc import Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.exam_room.errors import ExamError
from ansible.module_utils.exam_room.look import opening
from ansible.module_utils.exam_room.look.facts import gather
from ansible.module_utils.exam_room.wire.hostoptions import hosts_login_spec, login_at
from ansible.module_utils.exam_room.wire.wsman import Login, LogonRefused

AT_ONCE = 61


def look(login: Login, name: str) -> tuple[bool, dict[str, Any] | None]:
    """Whether the host answers, and its document; none where it refuses the log-on."""
    try:
        return True, gather(login, name)
    except LogonRefused:
        return True, None
    except ExamError:
        return False, None


def main() -> None:
    """Entry point."""
    host = {"name": {"type": "str", "required": True}, "address": {"type": "str", "required": True}}
    module = AnsibleModule(
        argument_spec={
            "hosts": {"type": "list", "elements": "dict", "required": True, "options": host},
            "seen": {"type": "dict", "required": True},
            "managed": {"type": "list", "elements": "str", "default": []},
            "wait": {"type": "float", "default": 0.0},
            **hosts_login_spec(),
        },
        supports_check_mode=True,
    )
    given = module.params
    addresses = {one["name"]: one["address"] for one in given["hosts"]}

    def ask(names: Collection[str]) -> Mapping[str, Mapping[str, Any] | None]:
        logins = [login_at(addresses[name], given) for name in names]
        with ThreadPoolExecutor(AT_ONCE) as pool:
            found = dict(zip(names, pool.map(look, logins, names), strict=True))
        return {name: document for name, (answers, document) in found.items() if answers}

    seen = {name: section for name, section in given["seen"].items() if name in addresses}
    waited = opening.wait(seen, given["managed"], 0.0 if module.check_mode else given["wait"], ask)
    module.exit_json(changed=False, opened=waited.opened, left=waited.left)


if __name__ == "__main__":
    main()
