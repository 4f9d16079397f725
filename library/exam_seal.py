#!/usr/bin/python
"""Ansible module: seal the collected results."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: exam_seal
short_description: Seal the bag of a session, and a bag for each disc, with manifests and a signature
description:
  - Makes what M(exam_collect) left a BagIt bag (RFC 8493) with SHA-256 and SHA-512 manifests, puts in the cutoff's
    record and the journal as it stands, and signs C(tagmanifest-sha256.txt) with the site's key (C(ssh-keygen -Y sign),
    Ed25519, namespace C(exam-results@exam-room)).
  - The payload is not read again. A bag that is sealed already is verified in full, file by file, and left alone.
  - Spreads the candidates, in the order of their seats, over as few discs as hold them, and seals a bag for each in
    C(discs/sealed/) of the session directory. Who fits on one disc is not split.
  - As long as no disc was burned, another O(medium) gives other discs; afterwards it is refused.
options:
  directory:
    description: The session directory, with C(bag), C(journal.jsonl) and C(cutoff.json).
    type: path
    required: true
  session_id:
    description: Id of the session.
    type: str
    required: true
  site:
    description: Name of the exam site.
    type: str
    required: true
  room:
    description: Name of the room.
    type: str
    required: true
  exam:
    description: The exam and its module.
    type: str
    required: true
  deadline:
    description: The deadline (UTC, ISO 8601).
    type: str
    required: true
  cutoff_at:
    description: When the session was cut off (UTC, ISO 8601).
    type: str
    required: true
  key:
    description: The site's private Ed25519 key, without passphrase.
    type: path
    required: true
  signer:
    description: Whose key it is, as it stands in allowed_signers; the code of the site.
    type: str
    required: true
  medium:
    description: The kind of medium.
    type: str
    choices: [cd, dvd, bd]
    default: dvd
  enclose:
    description: Files to be put on every disc as they are, such as how to check it.
    type: list
    elements: path
    default: []
  make_key:
    description: Make the key where there is none. For rehearsals only.
    type: bool
    default: false
attributes:
  check_mode:
    support: full
    description: Checks the key and what is there to be sealed, writes nothing.
  diff_mode:
    support: none
    description: A seal is made once.
author:
  - Exam Room (@exam-room)
"""

EXAMPLES = r"""
- name: Seal the results
  exam_seal:
    directory: sessions/2025-06-01-am-1
    session_id: 2025-06-01-am-1
    site: 示例考试站
    room: "301"
    exam: S1 跨境电商运营
    deadline: "2025-06-01T03:00:00.000Z"
    cutoff_at: "2025-06-01T03:00:00.041Z"
    key: ~/.config/exam-room/seal_ed25519
    signer: "4401"
    medium: dvd
  delegate_to: localhost
  run_once: true
"""

RETURN = r"""
tagmanifest_sha256:
  description: SHA-256 of the signed C(tagmanifest-sha256.txt), which stands for the whole bag.
  returned: success, not in check mode
  type: str
signer:
  description: Whose key sealed it.
  returned: success, not in check mode
  type: str
fingerprint:
  description: Fingerprint of the key.
  returned: success, not in check mode
  type: str
  sample: SHA256:XvO6Mq1Ja9ZxyT9cFh4yyq5qjYGBUYrVDHTJGRmqwhI
journal_last_hash:
  description: Hash of the journal's last line in the bag.
  returned: success, not in check mode
  type: str
files:
  description: Number of result files.
  returned: success, not in check mode
  type: int
bytes:
  description: Their size.
  returned: success, not in check mode
  type: int
discs:
  description:
    - The discs, each with C(number), C(volume), C(files), C(bytes), C(exam_numbers) (C(first) and C(last), or null),
      C(manifest_sha256), C(manifest_sha512) and C(candidates) (C(account), C(exam_number), C(folder), C(files),
      C(bytes), C(part) and C(parts)).
  returned: success, not in check mode
  type: list
  elements: dict
"""

from pathlib import Path
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.exam_room.collect.collect import BAG
from ansible.module_utils.exam_room.discs.discset import seal_discs
from ansible.module_utils.exam_room.errors import ExamError
from ansible.module_utils.exam_room.seal.bag import Sitting, seal
from ansible.module_utils.exam_room.seal.signature import check_signer, make_key, public_key


def read_files(paths: list[str]) -> dict[str, bytes]:
    """Name -> content; raises ExamError for one that cannot be read."""
    try:
        return {Path(path).name: Path(path).read_bytes() for path in paths}
    except OSError as exc:
        raise ExamError(
            f"读不了 {exc.filename}：{exc.strerror}", f"Cannot read {exc.filename}: {exc.strerror}"
        ) from exc


def main() -> None:
    text = {"type": "str", "required": True}
    module = AnsibleModule(
        argument_spec={
            "directory": {"type": "path", "required": True},
            "session_id": text,
            "site": text,
            "room": text,
            "exam": text,
            "deadline": text,
            "cutoff_at": text,
            "key": {"type": "path", "required": True, "no_log": False},
            "signer": text,
            "medium": {"type": "str", "choices": ["cd", "dvd", "bd"], "default": "dvd"},
            "enclose": {"type": "list", "elements": "path", "default": []},
            "make_key": {"type": "bool", "default": False, "no_log": False},
        },
        supports_check_mode=True,
    )
    options: dict[str, Any] = module.params
    session, key = Path(options["directory"]), Path(options["key"])
    names = ("site", "room", "session_id", "exam", "deadline", "cutoff_at")
    try:
        enclosed = read_files(options["enclose"])
        if module.check_mode:
            check_signer(options["signer"])
            if key.exists() or not options["make_key"]:
                public_key(key)
            module.exit_json(changed=True)
        if options["make_key"]:
            make_key(key, options["signer"])
        sitting = Sitting(**{name: options[name] for name in names})
        sealed = seal(session, session / BAG, sitting, key, options["signer"])
        discs, made = seal_discs(session, options["medium"], key, options["signer"], enclosed)
    except ExamError as exc:
        module.fail_json(msg=str(exc))
    module.exit_json(
        changed=sealed.changed or made,
        tagmanifest_sha256=sealed.tagmanifest_sha256,
        signer=sealed.signer,
        fingerprint=sealed.fingerprint,
        journal_last_hash=sealed.journal_last_hash,
        files=sealed.files,
        bytes=sealed.size,
        discs=[dict(disc.content) for disc in discs],
    )


if __name__ == "__main__":
    main()
