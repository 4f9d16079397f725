"""What the endpoint needs from the host's real part: accounts, shares, the SMB service, the firewall, the name.

:class:`Backend` is the whole of it, so that the unit tests run without Samba (:mod:`standin.endpoint.memory`);
:mod:`standin.endpoint.sambahost` is the one that containers run.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

ADMINISTRATORS = "S-1-5-32-544"
USERS = "S-1-5-32-545"
GUESTS = "S-1-5-32-546"
REMOTE_MANAGEMENT_USERS = "S-1-5-32-580"
EVERYONE = "S-1-1-0"

BUILTIN_GROUPS = {
    ADMINISTRATORS: "Administrators",
    USERS: "Users",
    GUESTS: "Guests",
    REMOTE_MANAGEMENT_USERS: "Remote Management Users",
}


class BackendError(Exception):
    """Samba refused; the text says why."""


@dataclass(frozen=True)
class User:
    """A local account. ``groups`` are SIDs of local groups."""

    name: str
    sid: str
    fullname: str = ""
    description: str = ""
    disabled: bool = False
    locked: bool = False
    password_never_expires: bool = False
    password_expired: bool = False
    cannot_change_password: bool = False
    groups: tuple[str, ...] = ()

    @property
    def administrator(self) -> bool:
        """Whether the account is in BUILTIN\\Administrators."""
        return ADMINISTRATORS in self.groups


@dataclass(frozen=True)
class UserChange:
    """What to change in an account; None leaves a property alone."""

    password: str | None = None
    fullname: str | None = None
    description: str | None = None
    disabled: bool | None = None
    unlock: bool = False
    password_never_expires: bool | None = None
    password_expired: bool | None = None
    cannot_change_password: bool | None = None
    groups: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Access:
    """One entry of a share's permissions: a SID may ``full``, ``change`` or ``read``, or is denied (``deny``)."""

    sid: str
    right: str


@dataclass(frozen=True)
class Share:
    """A share as Windows keeps it. ``path`` is a Windows path; ``special`` marks ADMIN$, C$, IPC$."""

    name: str
    path: str
    description: str = ""
    access_based: bool = False
    encrypt: bool = False
    caching: str = "Manual"
    access: tuple[Access, ...] = (Access(EVERYONE, "read"),)
    special: bool = False


@dataclass(frozen=True)
class FirewallRule:
    """A rule that is enabled. Addresses and ports as Windows writes them; empty means any."""

    name: str
    direction: str
    action: str
    protocol: str
    local_ports: str = ""
    remote_ports: str = ""
    remote_addresses: str = ""


@dataclass(frozen=True)
class Adapter:
    """The network adapter of the host."""

    address: str
    mask: str
    mac: str
    gateway: str = ""


class Backend(Protocol):
    """The real part of a host. Methods raise :class:`BackendError`."""

    def ntlm_user_file(self) -> Path:
        """The accounts in the six-field format of smbpasswd(5), brought up to date."""

    def users(self) -> Sequence[User]:
        """Every local account."""

    def user(self, name: str) -> User | None:
        """One account, whatever the case of its name."""

    def create_user(self, name: str, change: UserChange) -> None:
        """Make an account."""

    def change_user(self, name: str, change: UserChange) -> None:
        """Change an account."""

    def delete_user(self, name: str) -> None:
        """Remove an account."""

    def check_password(self, name: str, password: str) -> bool:
        """Whether this is the password of the account."""

    def count_bad_logon(self, name: str) -> None:
        """Let a failed log-on here count towards the lock-out over SMB too."""

    def shares(self) -> Sequence[Share]:
        """Every share, the administrative ones included."""

    def put_share(self, share: Share) -> None:
        """Make a share, or make it what ``share`` says."""

    def remove_share(self, name: str) -> None:
        """Remove a share and close what is open on it."""

    def file_service_running(self) -> bool:
        """Whether LanmanServer runs."""

    def start_file_service(self) -> None:
        """Start LanmanServer with the settings of the registry."""

    def stop_file_service(self) -> None:
        """Stop LanmanServer: nobody answers on 445."""

    def set_file_service_autostart(self, wanted: bool) -> None:
        """Whether LanmanServer starts with the host."""

    def set_file_service_options(self, parameters: dict[str, int]) -> None:
        """LanmanServer\\Parameters of the registry, applied at the next start of the service."""

    def file_service_options(self) -> dict[str, bool]:
        """RequireSecuritySignature, EncryptData, RejectUnencryptedAccess and SMB1 as they are in force."""

    def apply_firewall(self, rules: Iterable[FirewallRule]) -> None:
        """Make the packet filter block and allow what these rules say."""

    def computer_name(self) -> str:
        """The NetBIOS name in use."""

    def workgroup(self) -> str:
        """The workgroup in use."""

    def set_pending_name(self, name: str) -> None:
        """The name from the next start on."""

    def set_pending_workgroup(self, name: str) -> None:
        """The workgroup from the next start on."""

    def pending_name(self) -> str | None:
        """The name from the next start on, if another."""

    def pending_workgroup(self) -> str | None:
        """The workgroup from the next start on, if another."""

    def adapters(self) -> Sequence[Adapter]:
        """The network adapters."""

    def boot_time(self) -> float:
        """When the host started, in seconds since 1970."""

    def reboot(self) -> None:
        """Restart the host: connections drop, pending names come into force."""
