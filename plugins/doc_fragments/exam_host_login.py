"""What a module says of the way into one host by WinRM, together with exam_hosts_login."""

from __future__ import annotations


class ModuleDocFragment:
    """Options that ``exam_room.wire.hostoptions.host_login_spec`` has more than ``hosts_login_spec``."""

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
"""
