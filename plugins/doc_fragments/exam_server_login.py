"""What every module says of the way into the server."""

from __future__ import annotations


class ModuleDocFragment:
    """Options of ``exam_room.wire.options.login_spec``."""

    DOCUMENTATION = r"""
options:
  address:
    description: Address of the server, reached on port 445.
    type: str
    required: true
  username:
    description: An administrator of the server. Use the built-in one; remote UAC filters the others.
    type: str
    required: true
  password:
    description: The administrator's password. It is tried once; a refusal ends the task, for accounts lock.
    type: str
    required: true
  timeout:
    description: Seconds to wait for the connection and for each answer.
    type: float
    default: 10.0
"""
