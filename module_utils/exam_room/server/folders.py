"""The candidates' folders on the server and who may enter them (V3), made and checked over SMB in one connection."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from ..errors import ExamError
from ..wire import samr, security, smb
from ..wire.smbentry import Entry, join
from ..wire.smberrors import NotFound

MATERIAL_NAME: Final = "素材"


class Files(Protocol):
    """What is needed of a share: smbfiles.Share, or a fake."""

    def stat(self, path: str) -> Entry | None: ...
    def listdir(self, path: str) -> list[Entry]: ...
    def walk(self, path: str) -> Any: ...
    def makedirs(self, path: str) -> list[str]: ...
    def remove_tree(self, path: str) -> int: ...
    def get_security(self, path: str) -> bytes: ...
    def set_security(self, path: str, descriptor: bytes, owner: bool = False) -> None: ...


@dataclass
class Outcome:
    """What was done, or would be in check mode."""

    created: list[str] = field(default_factory=list)
    access_changed: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    removed_entries: int = 0
    occupied: list[dict[str, Any]] = field(default_factory=list)
    unexpected: list[str] = field(default_factory=list)
    before: list[str] = field(default_factory=list)
    after: list[str] = field(default_factory=list)

    @property
    def changed(self) -> bool:
        """Whether anything differs now."""
        return bool(self.created or self.access_changed or self.removed or self.removed_entries)

    def result(self) -> dict[str, Any]:
        """The module's return values."""
        names = ("changed", "created", "access_changed", "removed", "removed_entries", "occupied", "unexpected")
        values: dict[str, Any] = {name: getattr(self, name) for name in names}
        values["diff"] = {
            "before": "".join(f"{line}\n" for line in self.before),
            "after": "".join(f"{line}\n" for line in self.after),
        }
        return values


def ensure_access(files: Files, path: str, wanted: security.Descriptor, check: bool, outcome: Outcome) -> None:
    """Give folder ``path`` exactly the access ``wanted``, creating it if need be; what differs goes to ``outcome``."""
    exists = files.stat(path) is not None
    before = security.Descriptor.from_bytes(files.get_security(path)) if exists else None
    if before is not None and before.same_access(wanted):
        return
    if before is None:
        outcome.created.append(path)
    else:
        outcome.access_changed.append(path)
        outcome.before.append(f"{path} {before.text()}")
    outcome.after.append(f"{path} {wanted.text()}")
    if check:
        return
    files.makedirs(path)
    files.set_security(path, wanted.to_bytes(), owner=True)
    after = security.Descriptor.from_bytes(files.get_security(path))
    if not after.same_access(wanted):
        raise ExamError(
            f"{path}：服务器没有按要求设置权限，实际为 {after.text()}",
            f"{path}: the server did not set the access asked for, it is {after.text()}",
        )


def occupants(files: Files, root: str, accounts: Sequence[str]) -> list[dict[str, Any]]:
    """Accounts whose folders hold files already: ``{"account", "files", "bytes"}``."""
    found = []
    for account in accounts:
        folder = join(root, account)
        if files.stat(folder) is None:
            continue
        entries = [entry for entry in files.walk(folder) if not entry.is_dir]
        if entries:
            found.append({"account": account, "files": len(entries), "bytes": sum(one.size for one in entries)})
    return found


def strangers(files: Files, root: str, accounts: Sequence[str]) -> list[str]:
    """What lies in the root besides the accounts' folders and the open material."""
    if files.stat(root) is None:
        return []
    expected = {account.casefold() for account in accounts} | {MATERIAL_NAME}
    return [entry.name for entry in files.listdir(root) if entry.name.casefold() not in expected]


def present(files: Files, root: str, sids: dict[str, str], check: bool) -> Outcome:
    """Root and one folder an account, each with its exact access. Content is never touched."""
    outcome = Outcome()
    ensure_access(files, root, security.share_root(sids.values()), check, outcome)
    for account, sid in sids.items():
        ensure_access(files, join(root, account), security.candidate_folder(sid), check, outcome)
    outcome.occupied = occupants(files, root, list(sids))
    outcome.unexpected = strangers(files, root, list(sids))
    return outcome


def emptied(files: Files, root: str, accounts: Sequence[str], check: bool, beside: Sequence[str] = ()) -> Outcome:
    """Remove what lies in the accounts' folders, which stay, and the folders ``beside`` (of the volume) as a whole."""
    outcome = Outcome(occupied=occupants(files, root, accounts), unexpected=strangers(files, root, accounts))
    for account in accounts:
        folder = join(root, account)
        if files.stat(folder) is None:
            continue
        for entry in files.listdir(folder):
            outcome.before.append(entry.path)
            outcome.removed_entries += 1 if check else files.remove_tree(entry.path)
    for folder in beside:
        if files.stat(folder) is not None:
            outcome.removed.append(folder)
            outcome.before.append(folder)
            outcome.removed_entries += 1 if check else files.remove_tree(folder)
    return outcome


def absent(files: Files, root: str, accounts: Sequence[str], check: bool) -> Outcome:
    """Remove the accounts' folders with all they hold, and the root once nothing else is in it."""
    outcome = Outcome(occupied=occupants(files, root, accounts), unexpected=strangers(files, root, accounts))
    if files.stat(root) is None:
        return outcome
    doomed = [join(root, account) for account in accounts if files.stat(join(root, account)) is not None]
    kept = {entry.path.casefold() for entry in files.listdir(root)} - {path.casefold() for path in doomed}
    doomed += [] if kept else [root]
    for path in doomed:
        outcome.removed.append(path)
        outcome.before.append(path)
        if not check:
            outcome.removed_entries += files.remove_tree(path)
    return outcome


def sids_or_planned(server: smb.Server, accounts: list[str], check: bool) -> dict[str, str]:
    """The accounts' SIDs. In check mode accounts that prepare has yet to create get a placeholder SID."""
    try:
        return samr.sids(server, accounts)
    except NotFound:
        if not check:
            raise
    with samr.sam(server) as opened:
        known = samr.rids(opened.names())
        # RID 0 is nobody: a folder's real access can never equal it by accident.
        return {name: opened.sid_of(known.get(name.casefold(), 0)) for name in accounts}


def ensure(
    login: smb.Login,
    volume: str,
    root: str,
    accounts: list[str],
    state: str,
    check: bool = False,
    timeout: float = smb.DEFAULT_TIMEOUT,
    beside: Sequence[str] = (),
) -> Outcome:
    """exam_folders: ``state`` present, emptied or absent under ``root`` of the share ``volume``."""
    with smb.connect(login, timeout) as server:
        files = server.share(volume)
        if state == "present":
            return present(files, root, sids_or_planned(server, accounts, check), check)
        if state == "emptied":
            return emptied(files, root, accounts, check, beside)
        return absent(files, root, accounts, check)
