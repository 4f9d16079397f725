#!/usr/bin/python
"""Ansible module: collect the results from the server into the bag."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: exam_collect
short_description: Collect every candidate's folder from the server into the session's bag
description:
  - Reads the folder of every seat's account through the administrative share of the volume, over SMB with backup
    intent, several at once, and writes each file once and durably to C(bag/data/<account>_<exam number>/), hashed with
    SHA-256 and SHA-512 while streaming.
  - Afterwards everything is listed again. A file that changed, appeared or vanished meanwhile fails the module by name.
  - True names and times (100 ns) stand in C(results.json) and C(results.csv) of the bag. A name that a disc, Windows or
    Linux cannot hold, or that differs from a neighbour's by case or normalisation only, is changed; see RV(renamed).
  - Reparse points are not followed; see RV(reparse_points). Empty folders are kept and listed.
  - Folders of seats without a candidate are collected too, as C(<account>_vacant) or C(<account>_spare).
  - An interrupted run leaves C(bag.partial), which the next throws away. When C(bag) is there, it is compared with the
    server's folders and not changed.
extends_documentation_fragment: [exam_server_login]
options:
  volume:
    description: Administrative share of the volume.
    type: str
    default: D$
  root:
    description: The folder with the candidates' folders, relative to the volume.
    type: str
    default: Exam\share
  seats:
    description: The seats, each with C(account), C(spare) and C(candidate) (C(exam_number) or null).
    type: list
    elements: dict
    required: true
  directory:
    description: The session directory on the controller.
    type: path
    required: true
  cutoff_at:
    description:
      - When the session was cut off by the server's clock (UTC, ISO 8601). A file created, and last changed, more than
        two seconds later is no result; it is named in RV(late) and in the table, and not collected. Within the two
        seconds it was under way.
    type: str
  workers:
    description: Folders read at once, each over a connection of its own.
    type: int
    default: 4
attributes:
  check_mode:
    support: full
    description: Lists and compares, writes nothing.
  diff_mode:
    support: none
    description: Results are only ever added.
author:
  - Exam Room (@exam-room)
"""

EXAMPLES = r"""
- name: Collect the results
  exam_collect:
    address: 10.0.0.10
    username: Administrator
    password: "{{ exam_admin_password }}"
    timeout: 30
    seats: "{{ exam_seats }}"
    directory: sessions/2025-06-01-am-1
    cutoff_at: "2025-06-01T03:00:00.041Z"
  delegate_to: localhost
  run_once: true
"""

RETURN = r"""
bag:
  description: The bag's directory.
  returned: success
  type: str
candidates:
  description: For each seat C(account), C(exam_number), C(folder), C(files), C(bytes), C(last_modified) (UTC or null).
  returned: success
  type: list
  elements: dict
files:
  description: Number of files.
  returned: success
  type: int
bytes:
  description: Their size.
  returned: success
  type: int
renamed:
  description: What bears another name on the disc, C(path) and C(disc).
  returned: success
  type: list
  elements: dict
late:
  description: Files created after the cutoff, not collected.
  returned: success
  type: list
  elements: str
changed_after_cutoff:
  description: Collected files that the server says were changed after the cutoff; a person has to look at them.
  returned: success
  type: list
  elements: str
streams:
  description: Alternate data streams of files, not collected, for no disc can hold them; V(Zone.Identifier) left out.
  returned: success
  type: list
  elements: str
reparse_points:
  description: Links that were found and not followed.
  returned: success
  type: list
  elements: str
"""

from functools import partial
from pathlib import Path
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.exam_room.collect.collect import BAG, Collector
from ansible.module_utils.exam_room.collect.progress import Writer
from ansible.module_utils.exam_room.collect.results import last_moment, owners
from ansible.module_utils.exam_room.collect.serverfiles import connected
from ansible.module_utils.exam_room.errors import ExamError
from ansible.module_utils.exam_room.wire.options import login_of, login_spec


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            **login_spec(),
            "volume": {"type": "str", "default": "D$"},
            "root": {"type": "str", "default": "Exam\\share"},
            "seats": {"type": "list", "elements": "dict", "required": True},
            "directory": {"type": "path", "required": True},
            "cutoff_at": {"type": "str"},
            "workers": {"type": "int", "default": 4},
        },
        supports_check_mode=True,
    )
    options: dict[str, Any] = module.params
    session = Path(options["directory"])
    progress = Writer(session)
    try:
        connect = partial(connected, login_of(options), options["volume"], options["root"], options["timeout"])
        latest = last_moment(options["cutoff_at"]) if options["cutoff_at"] else None
        collector = Collector(session, connect, options["workers"], latest=latest, say=progress.say)
        collected = collector.collect(owners(options["seats"]), dry=module.check_mode)
    except ExamError as exc:
        module.fail_json(msg=str(exc))
    finally:
        progress.close()
    table = collected.table
    module.exit_json(
        changed=collected.changed,
        bag=str(session / BAG),
        candidates=table.summary(),
        files=len(table.files),
        bytes=table.size,
        renamed=table.renamed(),
        late=table.late(),
        changed_after_cutoff=[] if latest is None else table.changed_since(latest),
        streams=table.streams(),
        reparse_points=table.reparse_points(),
    )


if __name__ == "__main__":
    main()
