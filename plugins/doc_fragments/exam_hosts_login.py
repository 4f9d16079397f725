"""What a module says of the way into several hosts by WinRM."""

from __future__ import annotations


class ModuleDocFragment:
    """Options of ``exam_room.wire.hostoptions.hosts_login_spec``."""

    DOCUMENTATION = r"""
options:
  username:
    description: An administrator of every host.
    type: str
    required: true
  password:
    description: The administrator's password. Tried once for each host, for accounts lock.
    type: str
    required: true
  ca_path:
    description: PEM file of the authority that the hosts' certificates are checked against.
    type: path
    required: true
  port:
    description: Port of WinRM over HTTPS.
    type: int
    default: 5986
"""
