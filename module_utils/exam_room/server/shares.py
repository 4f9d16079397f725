"""The exam share itself over SRVSVC: there or gone, who may use it, and no write caching at the clients (V3, V6)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from ..wire import security, smb, srvsvc
from . import folders


class Service(Protocol):
    """What is needed of srvsvc.ServerService."""

    def share(self, name: str) -> srvsvc.ShareInfo | None: ...
    def add_share(self, name: str, path: str, remark: str, descriptor: security.Descriptor) -> None: ...
    def delete_share(self, name: str) -> bool: ...
    def share_flags(self, name: str) -> int: ...
    def set_share_flags(self, name: str, flags: int) -> None: ...


@dataclass
class Outcome:
    """What was done, or would be in check mode. ``oplocks_forced`` None: there is no share to ask."""

    created: bool = False
    removed: bool = False
    flags_changed: bool = False
    oplocks_forced: bool | None = None
    flags: int | None = None
    path: str | None = None
    before: str = ""
    after: str = ""

    def result(self) -> dict[str, Any]:
        """The module's return values."""
        return {
            "changed": self.created or self.removed or self.flags_changed,
            "created": self.created,
            "removed": self.removed,
            "flags_changed": self.flags_changed,
            "oplocks_forced": self.oplocks_forced,
            "flags": self.flags,
            "path": self.path,
            "diff": {"before": self.before, "after": self.after},
        }


def absent(service: Service, name: str, check: bool) -> Outcome:
    """No such share. The server closes every open on it that is still connected (MS-SMB2 3.3.4.15)."""
    there = service.share(name)
    if there is None:
        return Outcome()
    if not check:
        service.delete_share(name)
    return Outcome(removed=True, path=there.path, before=f"{name} {there.path}\n")


def present(
    service: Service, name: str, path: str, remark: str, descriptor: security.Descriptor, force: bool, check: bool
) -> Outcome:
    """The share exists; its level 1005 flags hold FORCE_LEVEL_II_OPLOCK when ``force`` is set.

    An existing share keeps its path and permissions: those are ansible.windows.win_share's to keep. Whether the flag
    changed is decided by reading it back: Samba takes it without an error and forgets it.
    """
    outcome = Outcome()
    there = service.share(name)
    if there is None:
        outcome.created = True
        outcome.path = path
        outcome.after = f"{name} {path} {descriptor.text()}\n"
        if check:
            return outcome
        service.add_share(name, path, remark, descriptor)
    else:
        outcome.path = there.path
    before = service.share_flags(name)
    flags = before
    if force and not before & srvsvc.FORCE_LEVEL_II_OPLOCK:
        wanted = before | srvsvc.FORCE_LEVEL_II_OPLOCK
        if check:
            outcome.flags_changed = True
            flags = wanted
        else:
            service.set_share_flags(name, wanted)
            flags = service.share_flags(name)
            outcome.flags_changed = flags != before
    if outcome.flags_changed:
        outcome.before += f"{name} flags 0x{before:x}\n"
        outcome.after += f"{name} flags 0x{flags:x}\n"
    outcome.flags = flags
    outcome.oplocks_forced = bool(flags & srvsvc.FORCE_LEVEL_II_OPLOCK)
    return outcome


def ensure(
    login: smb.Login,
    name: str,
    state: str,
    path: str,
    accounts: list[str],
    remark: str,
    force_level_ii_oplocks: bool,
    check: bool,
    timeout: float,
) -> Outcome:
    """exam_share: ``state`` present or absent."""
    with smb.connect(login, timeout) as server, srvsvc.server_service(server) as service:
        if state == "absent":
            return absent(service, name, check)
        sids = folders.sids_or_planned(server, accounts, check)
        descriptor = security.share_permissions(sids.values())
        return present(service, name, path, remark, descriptor, force_level_ii_oplocks, check)
