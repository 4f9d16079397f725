#!/usr/bin/python
"""Plans a session: see DOCUMENTATION."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: exam_session
short_description: Read, check and plan one session of an exam
description:
  - Reads the session file, its exam and its roster, checks them together with the room, gives every candidate a seat,
    and writes the plan and the seating plan (座次表) into the session's directory.
  - Everything wrong is collected and refused with file, row, column and rule in Chinese and English, before any host
    is touched.
  - Runs on the controller; nothing is asked of a host.
options:
  session_file:
    description: The session file (YAML).
    type: path
    required: true
  exams_dir:
    description:
      - Directory of the exams, one file C(<code>.yml) each, with their C(exam.schema.json).
      - A site's own exams may lie in the folder C(exams) beside the session file. No code may be in both.
    type: path
    required: true
  room:
    description: The room as the inventory describes it.
    type: dict
    required: true
    suboptions:
      name:
        description: The room's name; when given, the session has to be held there.
        type: str
      workgroup:
        description: The workgroup of all hosts (V1).
        type: str
        required: true
      network:
        description: The room's network, as C(192.168.10.0/24).
        type: str
        required: true
      client_range:
        description: First and last address of the clients, as C(192.168.10.101-192.168.10.140).
        type: str
        required: true
      server:
        description: The exam server, C(host) and C(address).
        type: dict
        required: true
      seats:
        description: The clients in seat order, each with C(number), C(host), C(address) and C(spare).
        type: list
        elements: dict
        required: true
      account_prefix:
        description: What the accounts' names start with.
        type: str
        default: KS
      digits:
        description: Digits of the seat number in an account's name.
        type: int
        default: 2
  sessions_dir:
    description: Directory that holds a directory for each session.
    type: path
    required: true
  material_dir:
    description:
      - The folder on the controller with the raw material. Given, that of the session's units is checked and listed
        before anything is written; a unit whose raw material is missing, or cannot be laid out on Windows, is refused.
    type: path
  write:
    description: Whether to write C(plan.json), C(seating.csv) and C(seating.html).
    type: bool
    default: false
  check_deadline:
    description:
      - Whether to refuse a session whose planned start and duration have passed.
      - The steps after the start switch it off. An exam of free duration (the rehearsal) is never refused for it.
    type: bool
    default: true
  now:
    description: The time to take as now, ISO 8601 with an offset; for tests. The controller's clock when absent.
    type: str
attributes:
  check_mode:
    description: Can run in check_mode and return changed status prediction without modifying target.
    support: full
  diff_mode:
    description: Will return details on what has changed (or possibly needs changing in check_mode), when in diff mode.
    support: full
notes:
  - Seats are drawn by lot in the order of SHA-256 of the seed, a line feed and the exam number. A seed that was drawn
    once stays in C(plan.json) and is used again.
author:
  - The exam-room maintainers
"""

EXAMPLES = r"""
- name: Plan the session and print the seating plan
  exam_session:
    session_file: "{{ inventory_dir }}/session.yml"
    exams_dir: "{{ playbook_dir }}/../exams"
    sessions_dir: "{{ playbook_dir }}/../sessions"
    room:
      workgroup: EXAM301
      network: 192.168.10.0/24
      client_range: 192.168.10.101-192.168.10.140
      server: {host: server, address: 192.168.10.10}
      seats:
        - {number: 1, host: pc01, address: 192.168.10.101, spare: false}
        - {number: 2, host: pc02, address: 192.168.10.102, spare: true}
    write: true
  delegate_to: localhost
  register: exam_plan
"""

RETURN = r"""
session:
  description:
    - The session, with C(id), C(site), C(batch), C(date), C(room), C(exam), C(units) (number, name, weight, folder of
      the raw material or none), C(duration_seconds), C(duration_rule) (exact, minimum or free), C(planned_start) (UTC),
      C(timezone) and C(staff) (lists of names).
    - C(exam) has C(code), C(name), C(material) (the folder that holds the units' folders, empty for none), C(duration),
      C(assessors) and C(invigilators) (how many are wanted, or none), C(pass_mark), C(place), C(results) (C(kinds) of
      file, and the C(minimum) for the units examined), C(internet) (C(policy) and C(sites), or none where the exam does
      not say) and C(clauses) that it sets differently.
  returned: success
  type: dict
seats:
  description: Every seat in order, with its C(candidate) (exam_number, name) or none.
  returned: success
  type: list
  elements: dict
  sample:
    - number: 1
      host: pc01
      address: 192.168.10.101
      account: KS01
      spare: false
      candidate: {exam_number: "440120270001", name: 张三}
candidates:
  description: Number of candidates of this session.
  returned: success
  type: int
other_rows:
  description: Number of rows of the roster that belong to other sessions.
  returned: success
  type: int
seed:
  description: Seed of the lot, to be journalled; none where the roster gives the seats or their order.
  returned: success
  type: str
fingerprint:
  description: SHA-256 of C(plan.json) as it is now, the same while session file, exam, roster and room stay the same.
  returned: success
  type: str
material:
  description: With O(material_dir), each file of the raw material and the C(unit) that it belongs to.
  returned: success
  type: list
  elements: dict
  sample: [{unit: 文字处理, path: "第一单元 文字处理\\要求.txt", size: 512, sha256:
    9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08}]
directory:
  description: The session's directory on the controller.
  returned: success
  type: path
files:
  description: The papers that were written, or would be.
  returned: success
  type: list
  elements: str
report:
  description: What to tell the technician, a line each with C(zh) and C(en).
  returned: success
  type: list
  elements: dict
"""

from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.exam_room.errors import ExamError
from ansible.module_utils.exam_room.room import plan as planning
from ansible.module_utils.exam_room.room.rawmaterial import of_session

ROOM = {
    "name": {"type": "str"},
    "workgroup": {"type": "str", "required": True},
    "network": {"type": "str", "required": True},
    "client_range": {"type": "str", "required": True},
    "server": {"type": "dict", "required": True},
    "seats": {"type": "list", "elements": "dict", "required": True},
    "account_prefix": {"type": "str", "default": "KS"},
    "digits": {"type": "int", "default": 2},
}


def moment(value: str | None) -> datetime:
    """The injected time, or the controller's. Raises ExamError for one without an offset."""
    if not value:
        return datetime.now(UTC)
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise ExamError(f"now 须为带时区的 ISO 8601 时间：{value}", f"now must be ISO 8601 with an offset: {value}")
    return found


def run(params: dict[str, Any], check_mode: bool) -> dict[str, Any]:
    """Plan, and write unless told not to."""
    now = moment(params["now"]) if params["check_deadline"] else None
    plan = planning.build_plan(
        Path(params["session_file"]), Path(params["exams_dir"]), params["room"], Path(params["sessions_dir"]), now
    )
    material = of_session(Path(params["material_dir"]), plan.session.to_dict()) if params["material_dir"] else []
    before = planning.written(plan)
    files: list[str] = []
    if params["write"]:
        files = planning.outdated(plan) if check_mode else planning.write(plan)
    content = plan.to_dict()
    return {
        "changed": bool(files),
        "diff": {"before": before if files else "", "after": plan.text() if files else ""},
        **{name: content[name] for name in ("session", "seats", "candidates", "other_rows", "seed")},
        "fingerprint": sha256(plan.text().encode()).hexdigest(),
        "directory": str(plan.directory),
        "material": material,
        "files": files,
        "report": plan.report(),
    }


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "session_file": {"type": "path", "required": True},
            "exams_dir": {"type": "path", "required": True},
            "room": {"type": "dict", "required": True, "options": ROOM},
            "sessions_dir": {"type": "path", "required": True},
            "material_dir": {"type": "path"},
            "write": {"type": "bool", "default": False},
            "check_deadline": {"type": "bool", "default": True},
            "now": {"type": "str"},
        },
        supports_check_mode=True,
    )
    try:
        result = run(module.params, module.check_mode)
    except ExamError as error:
        module.fail_json(msg=str(error))
    module.exit_json(**result)


if __name__ == "__main__":
    main()
