#!/usr/bin/python
"""Documentation of the action plugin exam_upload; Ansible looks for it here."""

from __future__ import annotations

DOCUMENTATION = r"""
module: exam_upload
short_description: Put one program on a Windows host in one call
description:
  - Sends the file over the connection of the host to where it belongs, and compares hashes at the end.
  - ansible.windows.win_copy takes five calls for the same, of one to two seconds each on Windows, because it asks first
    whether the file is there. This is for a file that is not.
options:
  src:
    description: The program on the controller. What does not begin as Windows' programs do (MZ) is refused.
    type: path
    required: true
  dest:
    description: The file on the host; its folder has to be there. What lies there is overwritten.
    type: str
    required: true
attributes:
  check_mode:
    support: full
    description: Checks O(src) and sends nothing.
  diff_mode:
    support: none
    description: A program has no difference to show.
author:
  - Exam room project (@exam-room)
"""

EXAMPLES = r"""
- name: Bring the signatures to the computer
  exam_upload:
    src: inventories/example/antivirus/mpam-fe.exe
    dest: C:\Windows\exam-mpam-fe.exe
"""

RETURN = r"""
size:
  description: How many bytes the file has.
  returned: success
  type: int
  sample: 196083712
"""
