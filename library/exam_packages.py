#!/usr/bin/python
"""Ansible module: which software packages each host needs."""

from __future__ import annotations

DOCUMENTATION = r"""
module: exam_packages
short_description: Choose the software packages that each host needs
description:
  - Reads C(packages.yml) of the site's folder of software packages and compares what the exam requires with what each
    host has (C(software) of M(exam_facts)).
  - A package that some host needs has its SHA-256 checked here, on the controller; a wrong one fails by name. So does a
    package that is older than what the exam requires.
  - Changes nothing and asks no host.
options:
  folder:
    description: The folder with the installers and C(packages.yml). Without that file there are no packages.
    type: path
    required: true
  software:
    description: The section C(software) of the plan's exam. Without it all packages are returned and none is chosen.
    type: dict
  hosts:
    description: Of the documents of M(exam_facts) the sections C(software) and C(disks), by host.
    type: dict
    default: {}
  server:
    description: Which of the hosts is the server.
    type: str
    default: ""
  verify:
    description: Check the SHA-256 of every package, whether some host needs it or not.
    type: bool
    default: false
attributes:
  check_mode:
    support: full
    description: Only reads.
  diff_mode:
    support: none
    description: Nothing changes.
author:
  - Exam room project (@exam-room)
"""

EXAMPLES = r"""
- name: Choose what each computer needs
  exam_packages:
    folder: /srv/exam/packages
    software: "{{ exam_plan.session.exam.software }}"
    hosts: "{{ exam_facts.hosts | exam_sections(['software', 'disks']) }}"
    server: server
  delegate_to: localhost
  register: exam_packages
"""

RETURN = r"""
packages:
  description:
    - Every package, as in C(packages.yml). C(kind) is C(file), or C(chocolatey), of which C(id), C(version) and
      C(source) are said instead.
  returned: success
  type: list
  elements: dict
  sample:
    - name: WPS Office
      kind: file
      path: /srv/exam/packages/WPS_Setup.exe
      file: WPS_Setup.exe
      sha256: 0b8ab1a1e4a5f1d2c3b4a5968778695a4b3c2d1e0f00112233445566778899aa
      provider: registry
      arguments: /S
      wait_for_children: false
      url: ""
install:
  description: The packages that a host needs, as C(packages), by host. Who needs none is not there.
  returned: success
  type: dict
  sample: {}
trouble:
  description: What cannot be done for a host, a list of texts, by host.
  returned: success
  type: dict
  sample:
    pc07: ["WPS Office: 未安装 not installed（应为 wanted: WPS Office 12.1 或更高）：packages.yml 中没有 WPS Office"]
"""

from pathlib import Path

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.exam_room.errors import ExamError
from ansible.module_utils.exam_room.room.packages import chosen_of, load_packages, verify_all


def main() -> None:
    """Read the options, choose, report."""
    module = AnsibleModule(
        argument_spec={
            "folder": {"type": "path", "required": True},
            "software": {"type": "dict"},
            "hosts": {"type": "dict", "default": {}},
            "server": {"type": "str", "default": ""},
            "verify": {"type": "bool", "default": False},
        },
        supports_check_mode=True,
    )
    options = module.params
    folder = Path(options["folder"])
    try:
        packages = load_packages(folder)
        if options["verify"]:
            verify_all(packages.values())
        chosen = chosen_of(options["software"] or {}, folder, options["hosts"], options["server"])
    except ExamError as error:
        module.fail_json(msg=str(error))
    module.exit_json(changed=False, packages=[one.to_dict() for one in packages.values()], **chosen.to_dict())


if __name__ == "__main__":
    main()
