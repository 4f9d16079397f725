#!/usr/bin/python
"""Ansible module: the papers of a session, for A4."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: exam_papers
short_description: Make the papers of a session, as HTML and PDF
description:
  - Writes into C(papers/) of the session directory, from its plan and from what was sealed in its bag.
  - O(stage=restore_cards), while the room is prepared, makes the sheet for whoever switches restore cards by hand
    还原卡切换单, with all seats and what to do for each product that was seen.
  - O(stage=slips), after sealing and before burning, makes the slip of every candidate 考生成果确认单, the record of
    the room 考场情况记录单 and the blank marks sheet 评分表 (XLSX).
  - O(stage=handover), after the last disc was read back, makes the hand-over slip 光盘交接单 and the labels 光盘标签.
  - Papers that are as they would be made are left alone. A marks sheet that differs from the blank one is never
    written over.
  - A PDF that cannot be made, for want of WeasyPrint or of a Chinese font, is a warning; the HTML is made all the same.
  - Answers are told from unchanged pieces of the raw material by the journal's note of it. Where there is none, the
    slips say that nothing was compared.
  - Identity-card numbers are never printed, not even those in file names.
options:
  directory:
    description:
      - The session directory, with C(plan.json), for slips and hand-over the sealed C(bag), for the hand-over C(discs).
    type: path
    required: true
  stage:
    description: Which papers.
    type: str
    choices: [restore_cards, slips, handover]
    required: true
  templates:
    description: The folder of the templates.
    type: path
    required: true
  inspector_title:
    description: What the inspector is called on paper.
    type: str
    default: 督考员
  pdf:
    description: Whether to make PDFs beside the HTML.
    type: bool
    default: true
  seen:
    description: For O(stage=restore_cards), the section C(restore_protection) of each host, as M(exam_facts) gives it.
    type: dict
    default: {}
attributes:
  check_mode:
    support: full
    description: Reads and predicts; writes nothing.
  diff_mode:
    support: none
    description: Papers are for people.
author:
  - Exam Room (@exam-room)
"""

EXAMPLES = r"""
- name: Make the slips that candidates sign
  exam_papers:
    directory: sessions/2025-06-01-am-1
    stage: slips
    templates: roles/papers/templates
  delegate_to: localhost
  run_once: true
"""

RETURN = r"""
papers:
  description: What to print, with its title C(zh) and C(path). The HTML where there is no PDF.
  returned: success
  type: list
  elements: dict
  sample: [{zh: 考生成果确认单, path: sessions/2025-06-01-am-1/papers/slips.pdf}]
files:
  description: Names of the files that were written, or would be.
  returned: success
  type: list
  elements: str
"""

from pathlib import Path
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.exam_room.errors import ExamError
from ansible.module_utils.exam_room.papers.papers import Order, make


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "directory": {"type": "path", "required": True},
            "stage": {"type": "str", "choices": ["restore_cards", "slips", "handover"], "required": True},
            "templates": {"type": "path", "required": True},
            "inspector_title": {"type": "str", "default": "督考员"},
            "pdf": {"type": "bool", "default": True},
            "seen": {"type": "dict", "default": {}},
        },
        supports_check_mode=True,
    )
    options: dict[str, Any] = module.params
    order = Order(
        directory=Path(options["directory"]).resolve(),
        templates=Path(options["templates"]),
        stage=options["stage"],
        inspector_title=options["inspector_title"],
        pdf=options["pdf"],
        seen=options["seen"],
    )
    try:
        made = make(order, dry=module.check_mode)
    except ExamError as exc:
        module.fail_json(msg=str(exc))
    for warning in made.warnings:
        module.warn(str(warning))
    module.exit_json(
        changed=bool(made.changed),
        papers=[{"zh": zh, "path": str(path)} for zh, path in made.print],
        files=made.changed,
    )


if __name__ == "__main__":
    main()
