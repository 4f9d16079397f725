"""A host without Samba: the same answers from plain Python, for unit tests and for running on a developer's machine."""

from __future__ import annotations

import hashlib
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from .backend import (
    ADMINISTRATORS,
    EVERYONE,
    GUESTS,
    Access,
    Adapter,
    BackendError,
    FirewallRule,
    Share,
    User,
    UserChange,
)

_MACHINE_SID = "S-1-5-21-1004336348-1177238915-682003330"
_ADMINISTRATIVE = (Access(ADMINISTRATORS, "full"),)


@dataclass
class MemoryBackend:
    """A :class:`standin.endpoint.backend.Backend` in memory. ``folder`` gets the NTLM file."""

    folder: Path
    password: str = "Standin-Adm1n!"
    drives: tuple[str, ...] = ("C", "D")
    clock: Callable[[], float] = time.time
    name: str = "WIN-STANDIN"
    group: str = "WORKGROUP"
    running: bool = True
    autostart: bool = True
    options: dict[str, int] = field(default_factory=dict)
    rules: list[FirewallRule] = field(default_factory=list)
    booted: float = 0.0
    reboots: int = 0

    def __post_init__(self) -> None:
        self.booted = self.clock()
        self._next_rid = 1000
        self._passwords = {"administrator": self.password}
        self._users = {
            "administrator": User("Administrator", f"{_MACHINE_SID}-500", groups=(ADMINISTRATORS,)),
            "guest": User("Guest", f"{_MACHINE_SID}-501", disabled=True, groups=(GUESTS,)),
        }
        self._shares = {
            f"{letter.casefold()}$": Share(
                f"{letter}$", f"{letter}:\\", "Default share", special=True, access=_ADMINISTRATIVE
            )
            for letter in self.drives
        }
        self._shares["admin$"] = Share("ADMIN$", "C:\\Windows", "Remote Admin", special=True, access=_ADMINISTRATIVE)
        self._shares["ipc$"] = Share("IPC$", "", "Remote IPC", special=True, access=(Access(EVERYONE, "full"),))
        self._pending_name: str | None = None
        self._pending_group: str | None = None

    def ntlm_user_file(self) -> Path:
        from spnego._ntlm_raw.crypto import ntowfv1

        path = self.folder / "ntlm-users"
        lines = [
            f"{user.name}:{1000 + index}:{'0' * 32}:{ntowfv1(self._passwords.get(key, '')).hex().upper()}:[U]:LCT-0"
            for index, (key, user) in enumerate(self._users.items())
        ]
        # In one step: another connection may be reading it.
        with tempfile.NamedTemporaryFile("w", dir=self.folder, delete=False) as written:
            written.write("\n".join(lines) + "\n")
        Path(written.name).replace(path)
        return path

    def users(self) -> Sequence[User]:
        return tuple(self._users.values())

    def user(self, name: str) -> User | None:
        return self._users.get(name.casefold())

    def create_user(self, name: str, change: UserChange) -> None:
        if name.casefold() in self._users:
            raise BackendError(f"The account {name} already exists.")
        self._next_rid += 1
        self._users[name.casefold()] = User(name, f"{_MACHINE_SID}-{self._next_rid}")
        self._passwords[name.casefold()] = ""
        self.change_user(name, change)

    def change_user(self, name: str, change: UserChange) -> None:
        user = self._users.get(name.casefold())
        if user is None:
            raise BackendError(f"There is no account {name}.")
        if change.password is not None:
            self._passwords[name.casefold()] = change.password
        wanted = {
            key: getattr(change, key)
            for key in (
                "fullname",
                "description",
                "disabled",
                "password_never_expires",
                "password_expired",
                "cannot_change_password",
                "groups",
            )
            if getattr(change, key) is not None
        }
        self._users[name.casefold()] = replace(user, **wanted, locked=user.locked and not change.unlock)

    def delete_user(self, name: str) -> None:
        if self._users.pop(name.casefold(), None) is None:
            raise BackendError(f"There is no account {name}.")
        self._passwords.pop(name.casefold(), None)

    def check_password(self, name: str, password: str) -> bool:
        return self._passwords.get(name.casefold()) == password

    def count_bad_logon(self, name: str) -> None:
        """There is no SMB here whose lock-out could count it."""

    def shares(self) -> Sequence[Share]:
        return tuple(self._shares.values())

    def put_share(self, share: Share) -> None:
        self._shares[share.name.casefold()] = share

    def remove_share(self, name: str) -> None:
        if self._shares.pop(name.casefold(), None) is None:
            raise BackendError(f"There is no share {name}.")

    def file_service_running(self) -> bool:
        return self.running

    def start_file_service(self) -> None:
        self.running = True

    def stop_file_service(self) -> None:
        self.running = False

    def set_file_service_autostart(self, wanted: bool) -> None:
        self.autostart = wanted

    def set_file_service_options(self, parameters: dict[str, int]) -> None:
        self.options = dict(parameters)

    def file_service_options(self) -> dict[str, bool]:
        bare = {"RequireSecuritySignature": True, "EncryptData": False, "RejectUnencryptedAccess": True, "SMB1": False}
        return {name: bool(self.options.get(name, value)) for name, value in bare.items()}

    def apply_firewall(self, rules: Iterable[FirewallRule]) -> None:
        self.rules = list(rules)

    def computer_name(self) -> str:
        return self.name

    def workgroup(self) -> str:
        return self.group

    def set_pending_name(self, name: str) -> None:
        self._pending_name = name

    def set_pending_workgroup(self, name: str) -> None:
        self._pending_group = name

    def pending_name(self) -> str | None:
        return self._pending_name

    def pending_workgroup(self) -> str | None:
        return self._pending_group

    def adapters(self) -> Sequence[Adapter]:
        mac = hashlib.sha256(self.name.encode()).hexdigest()[:6].upper()
        return (Adapter("127.0.0.1", "255.255.255.0", f"02:00:00:{mac[:2]}:{mac[2:4]}:{mac[4:]}"),)

    def boot_time(self) -> float:
        return self.booted

    def reboot(self) -> None:
        self.name = self._pending_name or self.name
        self.group = self._pending_group or self.group
        self._pending_name = self._pending_group = None
        self.running = self.autostart
        self.booted = self.clock()
        self.reboots += 1
