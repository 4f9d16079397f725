#!/usr/bin/python
"""Ansible module: verify sealed results anywhere."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: exam_verify
short_description: Verify discs, images or bags of results against their seal
description:
  - Checks signature, manifests, completeness, the structure of the bag (RFC 8493), the journal's chain, the record of
    the cutoff, and that table, index and manifests agree. Needs nothing of the session but what is on the disc.
  - B(Fails) when anything is not as it was sealed, and names every file that is missing, added, renamed or altered.
  - Names the candidates who have no file beyond unchanged raw material as absent, a blank paper, or unknown why.
  - Nothing is written, mounted or unpacked but the small files beside the payload, into a temporary folder.
options:
  sources:
    description:
      - What is to be verified, each a folder that holds a bag (a mounted disc, a copy), an image or a drive.
      - Several are also checked together, whether a set of discs is complete.
    type: list
    elements: path
    required: true
  key:
    description:
      - The public key that the site published, or an allowed_signers file. It must not come from the disc.
      - Without it the signature can only be checked against the key on the disc itself, which is said.
    type: path
  roster:
    description: The roster, or the session file that names it. Nobody in it may be missing, and nobody else be there.
    type: path
  exams_dir:
    description: The folder of the exams, for a session file.
    type: path
    default: exams
attributes:
  check_mode:
    support: full
    description: Does the same; it never changes anything.
  diff_mode:
    support: none
    description: Changes nothing.
author:
  - Exam Room (@exam-room)
"""

EXAMPLES = r"""
- name: Verify the disc in the drive
  exam_verify:
    sources: [/dev/sr0]
    key: site.pub
    roster: roster.xlsx
  delegate_to: localhost
  run_once: true
"""

RETURN = r"""
good:
  description: Whether everything is as it was sealed.
  returned: when the sources could be verified
  type: bool
summary:
  description: One sentence a disc, Chinese and English, and a line for each thing that is wrong.
  returned: when the sources could be verified
  type: str
discs:
  description:
    - For each source C(source), C(session_id), C(volume), C(disc), C(of), C(signer), C(fingerprint), C(trusted) (the
      signature was checked against the key that was given), C(files), C(bytes), C(no_file) and C(faults).
    - C(no_file) has C(account), C(exam_number) and C(why) (absent, blank or unknown); C(faults) has C(path), C(zh) and
      C(en).
  returned: when the sources could be verified
  type: list
  elements: dict
faults:
  description: What is wrong with the sources together, discs that are not there and what the roster does not agree on.
  returned: when the sources could be verified
  type: list
  elements: dict
"""

from pathlib import Path

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.exam_room.errors import ExamError
from ansible.module_utils.exam_room.verify.findings import examine


def main() -> None:
    """Read the options, verify, report."""
    module = AnsibleModule(
        argument_spec={
            "sources": {"type": "list", "elements": "path", "required": True},
            "key": {"type": "path", "no_log": False},
            "roster": {"type": "path"},
            "exams_dir": {"type": "path", "default": "exams"},
        },
        supports_check_mode=True,
    )
    options = module.params
    key, roster = (Path(options[name]) if options[name] else None for name in ("key", "roster"))
    sources = [Path(source) for source in options["sources"]]
    try:
        if not sources:
            raise ExamError("没有写明要校验的光盘", "no disc is named that is to be verified")
        findings = examine(sources, key, roster, Path(options["exams_dir"]))
    except ExamError as error:
        module.fail_json(msg=str(error))
    if not findings.good:
        module.fail_json(msg=findings.text(), **findings.result())
    module.exit_json(changed=False, **findings.result())


if __name__ == "__main__":
    main()
