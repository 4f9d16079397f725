#!/usr/bin/python
"""Ansible module: judge the evidence of an inspection and keep it."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: exam_inspection
short_description: Judge the evidence of an inspection, keep it with its report, and sign it
description:
  - Writes what was seen into a new folder C(inspection/TIME) of the session directory, one document a host, and holds
    the rules of the regulation against it. No earlier inspection is written over, and none is judged again.
  - Leaves there C(evidence/), C(verdict.json), C(report.html), C(report.pdf), C(junit.xml), C(changes.json) (against
    the inspection before), and C(manifest-sha256.txt) with its signature. docs/inspection.md says what is in each.
  - A PDF or a signature that cannot be made is a warning. Whether the verdict passes is for the playbook to say.
options:
  plan:
    description: The room and its seats, as the rules read it from C(plan.json).
    type: dict
    required: true
  waivers:
    description: The file of waivers (M(exam_waivers)). No file is no waiver.
    type: path
    required: true
  rules:
    description: The folder of the rules, with C(clauses.yml).
    type: path
    required: true
  directory:
    description: The session directory.
    type: path
    required: true
  outside:
    description: What was seen from outside (M(exam_look)).
    type: dict
    required: true
  inside:
    description: What each host said of itself, by host (M(exam_facts)).
    type: dict
    required: true
  not_reached:
    description: Why a host could not be asked, by host.
    type: dict
    default: {}
  restart_proofs:
    description: What a restart has shown of restore cards, by host (M(exam_canary)).
    type: dict
    default: {}
  trial:
    description: What the trial showed (M(exam_trial)); none where it was left out.
    type: dict
    default: {}
  templates:
    description: The folders of the report's template and of the page that it builds on.
    type: list
    elements: path
    required: true
  key:
    description: The site's private Ed25519 key, without passphrase. Without it the report is not signed.
    type: path
  signer:
    description: Whose key it is; the code of the site.
    type: str
    default: ""
  inspector_title:
    description: What the inspector is called on paper.
    type: str
    default: 督考员
  pdf:
    description: Whether to make a PDF beside the HTML.
    type: bool
    default: true
attributes:
  check_mode:
    support: full
    description: Judges the same, keeps nothing.
  diff_mode:
    support: none
    description: Every inspection is a new one.
author:
  - Exam Room (@exam-room)
"""

EXAMPLES = r"""
- name: Hold the rules of the regulation against the evidence
  exam_inspection:
    directory: sessions/2025-06-01-am-1
    plan: "{{ room }}"
    outside: "{{ seen.evidence }}"
    trial: "{{ tried.evidence }}"
    inside: "{{ exam_facts.hosts }}"
    not_reached: "{{ exam_facts.not_reached }}"
    waivers: inventories/example/waivers.yml
    rules: tests/compliance
    templates: [roles/inspection/templates, roles/papers/templates]
    key: ~/.config/exam-room/seal_ed25519
    signer: "4401"
  delegate_to: localhost
  run_once: true
"""

RETURN = r"""
folder:
  description: Where this inspection is kept; empty in check mode.
  returned: success
  type: path
verdict:
  description: C(passed), C(refused) or C(undecided).
  returned: success
  type: str
text:
  description: The verdict in Chinese.
  returned: success
  type: str
counts:
  description: How many findings ended how.
  returned: success
  type: dict
findings:
  description: Those that do not simply hold, each with C(clause), C(host), C(rule), C(outcome), C(severity),
    C(expected), C(actual) and C(mend) as the command that is typed.
  returned: success
  type: list
  elements: dict
changes:
  description: How many findings are worse, new, better and gone since the inspection before, Chinese and English; empty
    where there was none.
  returned: success
  type: list
  elements: str
valid_until:
  description: Until when the verdict may open the room (UTC).
  returned: success
  type: str
verdict_sha256:
  description: SHA-256 of C(verdict.json).
  returned: success
  type: str
report:
  description: The file to print; empty in check mode.
  returned: success
  type: path
waivers:
  description: The waivers of this room.
  returned: success
  type: list
  elements: dict
"""

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.exam_room.errors import ExamError
from ansible.module_utils.exam_room.inspection.compare import summary
from ansible.module_utils.exam_room.inspection.keeping import Kept, Order, keep
from ansible.module_utils.exam_room.inspection.report import Report

_SIMPLE = ("passed", "not_applicable")


def order_of(options: dict[str, Any]) -> Order:
    """The module's options as an order."""
    return Order(
        directory=Path(options["directory"]),
        plan=options["plan"],
        outside=options["outside"],
        inside=options["inside"],
        not_reached=options["not_reached"],
        restart_proofs=options["restart_proofs"],
        trial=options["trial"],
        waivers=Path(options["waivers"]),
        rules=Path(options["rules"]),
        templates=[Path(one) for one in options["templates"]],
        key=Path(options["key"]) if options["key"] else None,
        signer=options["signer"],
        pdf=options["pdf"],
        inspector_title=options["inspector_title"],
    )


def result_of(kept: Kept, plan: dict[str, Any]) -> dict[str, Any]:
    """What the module returns of an inspection that was kept."""
    verdict, report = kept.verdict, Report(kept.verdict, plan)
    return {
        "folder": str(kept.folder or ""),
        "findings": [
            {**one, "mend": report.command(one["mend"])} for one in verdict["findings"] if one["outcome"] not in _SIMPLE
        ],
        "changes": list(summary(kept.changes)) if kept.changes is not None else [],
        "verdict_sha256": kept.verdict_sha256,
        "report": str(kept.report or ""),
        **{name: verdict[name] for name in ("verdict", "text", "counts", "valid_until", "waivers")},
    }


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "plan": {"type": "dict", "required": True},
            "waivers": {"type": "path", "required": True},
            "rules": {"type": "path", "required": True},
            "directory": {"type": "path", "required": True},
            "outside": {"type": "dict", "required": True},
            "inside": {"type": "dict", "required": True},
            "not_reached": {"type": "dict", "default": {}},
            "restart_proofs": {"type": "dict", "default": {}},
            "trial": {"type": "dict", "default": {}},
            "templates": {"type": "list", "elements": "path", "required": True},
            "key": {"type": "path", "no_log": False},
            "signer": {"type": "str", "default": ""},
            "inspector_title": {"type": "str", "default": "督考员"},
            "pdf": {"type": "bool", "default": True},
        },
        supports_check_mode=True,
    )
    options: dict[str, Any] = module.params
    try:
        order = order_of(options)
        if module.check_mode:
            with tempfile.TemporaryDirectory() as scratch:
                kept = replace(keep(replace(order, directory=Path(scratch))), folder=None, report=None)
        else:
            kept = keep(order)
    except ExamError as exc:
        module.fail_json(msg=str(exc))
    for warning in kept.warnings:
        module.warn(str(warning))
    # Evidence on the controller: nothing in the room has changed.
    module.exit_json(changed=False, **result_of(kept, options["plan"]))


if __name__ == "__main__":
    main()
