"""What the endpoint's models use of the host's real part: Samba, nftables and the supervisor, gathered in one place.

The work is done in ``standin.host``; see the docstrings there for shapes, errors, and where Samba differs from Windows.
"""

from __future__ import annotations

from .host import firewall
from .host.accounts import (
    Group,
    User,
    add_member,
    check_password,
    count_bad_logon,
    create_user,
    delete_user,
    groups,
    machine_sid,
    ntlm_user_file,
    remove_member,
    resolve,
    set_comment,
    set_disabled,
    set_full_name,
    set_groups,
    set_password,
    set_password_expired,
    set_password_never_expires,
    unlock,
    user,
    users,
)
from .host.control import reboot, server_running, set_server_autostart, start_server, stop_server
from .host.names import Names, names, set_names
from .host.shares import Share, add_share, options, remove_share, set_options, shares
from .host.system import CommandFailed

__all__ = [
    "CommandFailed",
    "Group",
    "Names",
    "Share",
    "User",
    "add_member",
    "add_share",
    "check_password",
    "count_bad_logon",
    "create_user",
    "delete_user",
    "firewall",
    "groups",
    "machine_sid",
    "names",
    "ntlm_user_file",
    "options",
    "reboot",
    "remove_member",
    "remove_share",
    "resolve",
    "server_running",
    "set_comment",
    "set_disabled",
    "set_full_name",
    "set_groups",
    "set_names",
    "set_options",
    "set_password",
    "set_password_expired",
    "set_password_never_expires",
    "set_server_autostart",
    "shares",
    "start_server",
    "stop_server",
    "unlock",
    "user",
    "users",
]
