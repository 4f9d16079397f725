"""What the endpoint's models use of the host's real part: Samba, nftables and the supervisor, gathered in one place.

The work is done in ``standin.host``; see the docstrings there for shapes and errors.

Where this server differs from Windows on the wire (Samba 4.17.12, each seen by experiment):

- Backup intent (FILE_OPEN_FOR_BACKUP_INTENT) is ignored over SMB 3: an administrator whom a descriptor does not name
  cannot read, although he holds SeBackupPrivilege. He can take ownership. Windows would let him read.
- What an administrator creates belongs to his account; on Windows to BUILTIN\\Administrators.
- Inherited entries are there and work, but lack the flag INHERITED_ACE (0x10).
- No durable handles: a lost connection closes its files at once; on Windows they may live two minutes longer.
- Names made over SAMR come out in upper case; complexity of passwords is not checked.
- "Force level II oplocks" (SHI1005 0x1000) means no oplocks at all on that share.
- NetrSessionDel says access denied when nothing matches; NetrSessionEnum knows levels 0 and 1 only.
- NetrShareAdd wants the letter case of the folder on disk. Paths of shares, types of administrative shares and the
  flags of SHARE_INFO_1005 are shown as Windows would by host/windows_look.c: a model, not Samba.
- A descriptor holds at most about 105 entries.
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
from .host.names import Names, machine_sid, names, set_names
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
