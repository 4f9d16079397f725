"""The real part of a host in its container: Samba, the packet filter and the supervisor (:mod:`standin.samba`).

Accounts and shares are read from Samba again only when its databases or /etc/group changed: each log-on asks for them,
and Samba's tools take a tenth of a second.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any, TypeVar

from .. import samba
from ..host import system
from .backend import EVERYONE, Access, Adapter, BackendError, FirewallRule, Share, User, UserChange

_ACCOUNTS = (Path("/var/lib/samba/private/passdb.tdb"), Path("/etc/group"))
_SHARES = (Path("/var/lib/samba/registry.tdb"), Path("/var/lib/samba/share_info.tdb"))
_EXTRAS = "account-extras.json"
_SWITCHES = ("RequireSecuritySignature", "EncryptData", "RejectUnencryptedAccess", "SMB1")
_IPC = Share("IPC$", "", "Remote IPC", access=(Access(EVERYONE, "full"),), special=True)
_USER_FILE = Path("/run/standin.endpoint-users")
_HASH = re.compile(r"^[0-9A-F]{32}$")
T = TypeVar("T")


class SambaBackend:
    """A :class:`standin.endpoint.backend.Backend`."""

    def __init__(self) -> None:
        self._seen: dict[str, tuple[Any, Any]] = {}

    def ntlm_user_file(self) -> Path:
        return self._fresh("file", _ACCOUNTS, _ntlm_user_file)

    def users(self) -> Sequence[User]:
        return self._fresh("users", _ACCOUNTS, _users)

    def user(self, name: str) -> User | None:
        return next((user for user in self.users() if user.name.casefold() == name.casefold()), None)

    def create_user(self, name: str, change: UserChange) -> None:
        with _refusals():
            samba.create_user(name, change.password or "")
        self.change_user(name, change, password=False)

    def change_user(self, name: str, change: UserChange, *, password: bool = True) -> None:
        with _refusals():
            if password and change.password is not None:
                samba.set_password(name, change.password)
            if change.unlock:
                samba.unlock(name)
            for value, setter in (
                (change.fullname, samba.set_full_name),
                (change.description, samba.set_comment),
            ):
                if value is not None:
                    setter(name, value)
            for wanted, switch in (
                (change.disabled, samba.set_disabled),
                (change.password_never_expires, samba.set_password_never_expires),
                (change.password_expired, samba.set_password_expired),
            ):
                if wanted is not None:
                    switch(name, wanted)
            if change.groups is not None:
                samba.set_groups(name, change.groups)
        if change.cannot_change_password is not None:
            _remember(name, change.cannot_change_password)
        self._seen.clear()

    def delete_user(self, name: str) -> None:
        with _refusals():
            samba.delete_user(name)
        _remember(name, False)
        self._seen.clear()

    def check_password(self, name: str, password: str) -> bool:
        with _refusals():
            return samba.check_password(name, password)

    def count_bad_logon(self, name: str) -> None:
        if samba.server_running() and self.user(name) is not None:
            samba.count_bad_logon(name)

    def shares(self) -> Sequence[Share]:
        return self._fresh("shares", _SHARES, _shares)

    def put_share(self, share: Share) -> None:
        with _refusals():
            samba.add_share(
                share.name,
                share.path,
                share.description,
                {entry.sid: entry.right for entry in share.access},
                abe=share.access_based,
                encrypt=share.encrypt,
                caching=share.caching.lower(),
            )
        self._seen.clear()

    def remove_share(self, name: str) -> None:
        with _refusals():
            samba.remove_share(name)
        self._seen.clear()

    def file_service_running(self) -> bool:
        return samba.server_running()

    def start_file_service(self) -> None:
        samba.start_server()

    def stop_file_service(self) -> None:
        samba.stop_server()

    def set_file_service_autostart(self, wanted: bool) -> None:
        samba.set_server_autostart(wanted)

    def set_file_service_options(self, parameters: dict[str, int]) -> None:
        folded = {name.casefold(): value for name, value in parameters.items()}
        wanted = {name: bool(folded[name.casefold()]) for name in _SWITCHES if name.casefold() in folded}
        if wanted and any(samba.options()[name] != value for name, value in wanted.items()):
            with _refusals():
                samba.set_options(wanted)

    def file_service_options(self) -> dict[str, bool]:
        return samba.options()

    def apply_firewall(self, rules: Iterable[FirewallRule]) -> None:
        with _refusals():
            samba.firewall.apply([_rule(rule) for rule in rules])

    def computer_name(self) -> str:
        return samba.names().computer

    def workgroup(self) -> str:
        return samba.names().workgroup

    def set_pending_name(self, name: str) -> None:
        samba.set_names(computer=name)

    def set_pending_workgroup(self, name: str) -> None:
        samba.set_names(workgroup=name)

    def pending_name(self) -> str | None:
        return samba.names().pending_computer

    def pending_workgroup(self) -> str | None:
        return samba.names().pending_workgroup

    def adapters(self) -> Sequence[Adapter]:
        settings = system.settings()
        network = IPv4Network(settings["subnet"])
        link = next((path for path in Path("/sys/class/net").iterdir() if path.name != "lo"), None)
        mac = (link / "address").read_text().strip().upper() if link else "00:00:00:00:00:00"
        return (Adapter(settings["address"], str(network.netmask), mac, settings.get("gateway", "")),)

    def boot_time(self) -> float:
        return datetime.fromisoformat(system.load("boot.json", {})["boot_time"]).timestamp()

    def reboot(self) -> None:
        samba.reboot(0)

    def _fresh(self, key: str, files: Sequence[Path], read: Callable[[], T]) -> T:
        """What ``read`` gave last, unless the files changed since."""
        marks = tuple((about.st_mtime_ns, about.st_size) for about in (path.stat() for path in files))
        seen = self._seen.get(key)
        if seen is not None and seen[0] == marks:
            value: T = seen[1]
            return value
        with _refusals():
            value = read()
        self._seen[key] = (marks, value)
        return value


def _ntlm_user_file() -> Path:
    """Samba's own accounts in the very form that pyspnego reads: six fields, and none without a password hash."""
    lines = []
    for line in samba.ntlm_user_file().read_text(encoding="utf-8").splitlines():
        fields = line.split(":")[:6]
        if len(fields) == 6 and _HASH.match(fields[3]):
            lines.append(":".join(fields))
    fresh = _USER_FILE.with_suffix(".new")
    fresh.touch(mode=0o600)
    fresh.write_text("\n".join(lines) + "\n", encoding="utf-8")
    fresh.replace(_USER_FILE)
    return _USER_FILE


def _users() -> Sequence[User]:
    extras = system.load(_EXTRAS, {})
    return tuple(
        User(
            name=user.name,
            sid=user.sid,
            fullname=user.full_name,
            description=user.comment,
            disabled=user.disabled,
            locked=user.locked,
            password_never_expires=user.password_never_expires,
            password_expired=user.password_expired,
            cannot_change_password=bool(extras.get(user.name.casefold())),
            groups=tuple(sorted(user.groups)),
        )
        for user in samba.users()
    )


def _shares() -> Sequence[Share]:
    found = [
        Share(
            name=share.name,
            path=share.path,
            description=share.description,
            access_based=share.abe,
            encrypt=share.encrypt,
            caching=share.caching.capitalize(),
            access=tuple(
                sorted(
                    (Access(sid, right) for sid, right in share.permissions.items()),
                    key=lambda entry: (entry.right != "deny", entry.sid),
                )
            ),
            special=share.special,
        )
        for share in samba.shares()
    ]
    return (*found, _IPC)


def _remember(name: str, cannot_change_password: bool) -> None:
    """Samba does not know "user cannot change password"; it is kept beside."""
    with system.lock(_EXTRAS):
        extras = system.load(_EXTRAS, {})
        if cannot_change_password:
            extras[name.casefold()] = True
        else:
            extras.pop(name.casefold(), None)
        system.save(_EXTRAS, extras)


def _rule(rule: FirewallRule) -> dict[str, Any]:
    return {
        "name": rule.name,
        "enabled": True,
        "direction": rule.direction,
        "action": rule.action,
        "protocol": rule.protocol,
        "localports": _listed(rule.local_ports),
        "remoteports": _listed(rule.remote_ports),
        "remoteips": _listed(rule.remote_addresses),
    }


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


@contextlib.contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except (samba.CommandFailed, LookupError, ValueError, FileNotFoundError) as exc:
        raise BackendError(str(exc)) from exc
