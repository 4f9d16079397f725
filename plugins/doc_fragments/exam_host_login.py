"""What a module says of the way into one host by WinRM."""

from __future__ import annotations


class ModuleDocFragment:
    """Options of ``exam_room.wire.hostoptions.host_login_spec``."""

    DOCUMENTATION = r"""
options:
  name:
    description: Name of the host, for messages.
    type: str
    required: true
  address:
    description: Address of the host.
    type: str
    required: true
  username:
    description: An administrator of the host.
    type: str
    required: true
  password:
    description: His password.
    type: str
    required: true
  ca_path:
    description: PEM file of the authority that signed the host's WinRM certificate.
    type: path
    required: true
  port:
    description: Port of WinRM over HTTPS.
    type: int
    default: 5986
"""
