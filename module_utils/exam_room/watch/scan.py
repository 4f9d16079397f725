"""Listing candidates' folders without weighing on the server: a share of the time, those at work first.

Listings are stale for open files: their size and ChangeTime are asked of a handle.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol

from ..wire.smbentry import Entry, join
from ..wire.smberrors import AccessDenied, ConnectionLost, NotFound, SharingViolation, SmbError
from .saves import ANSWER, MATERIAL, TEMPORARY, Folder, Material, is_temporary, update

#: A folder with more than this is looked at no further: a runaway program must not stop the watch.
MOST_ENTRIES: Final = 20_000
MOST_UNREADABLE: Final = 5
#: How many times as often a seat at work is looked at as one that is not.
HOT: Final = 10.0


class Files(Protocol):
    """What a scan needs of the administrative share."""

    def listdir(self, path: str) -> list[Entry]: ...
    def stat(self, path: str) -> Entry | None: ...
    def sha256(self, path: str) -> str: ...


@dataclass
class Listing:
    """Everything below a folder, by path relative to it."""

    files: dict[str, Entry] = field(default_factory=dict)
    folders: set[str] = field(default_factory=set)
    unreadable: list[str] = field(default_factory=list)
    missing: bool = False
    cut_short: bool = False

    @property
    def whole(self) -> bool:
        """What is not listed is not there."""
        return not self.unreadable and not self.cut_short


def list_folder(files: Files, top: str) -> Listing:
    """Walk below ``top``. What vanishes meanwhile is left out, what cannot be read is named; links are not followed."""
    found = Listing()
    waiting = [top]
    while waiting:
        if len(found.files) + len(found.folders) >= MOST_ENTRIES:
            found.cut_short = True
            break
        folder = waiting.pop()
        try:
            entries = files.listdir(folder)
        except NotFound:
            found.missing = found.missing or folder == top
            continue
        except ConnectionLost:
            raise
        except SmbError:
            found.unreadable.append(folder[len(top) + 1 :] or folder)
            continue
        for entry in entries:
            path = entry.path[len(top) + 1 :]
            if entry.is_reparse:
                continue
            if entry.is_dir:
                found.folders.add(path)
                waiting.append(entry.path)
            else:
                found.files[path] = entry
    return found


def ask_handles(files: Files, top: str, open_paths: Iterable[str], found: Listing) -> None:
    """Correct the listing of open files by what their handles say."""
    for path in open_paths:
        if path in found.folders:
            continue
        try:
            entry = files.stat(join(top, path))
        except (AccessDenied, SharingViolation):
            continue
        if entry is None:
            found.files.pop(path, None)
        elif not entry.is_dir and not entry.is_reparse:
            found.files[path] = entry


class Scanner:
    """Looks at one seat's folder after the other, as far as the time given goes; nobody is left out for long."""

    def __init__(self, files: Files, root: str, material: Material, folders: Mapping[str, Folder]) -> None:
        self._files = files
        self._root = root
        self._material = material
        self._folders = folders

    def scan(
        self,
        hot: Collection[str],
        opened: Mapping[str, Collection[str]],
        started: float | None,
        server_now: Callable[[], float],
        monotonic: Callable[[], float],
        budget_s: float,
    ) -> list[str]:
        """Look at those not seen the longest, at the ``hot`` accounts ten times as often. At least at one.

        ``opened``: open paths below the folder, by account. Returns the accounts whose folder changed.
        """
        end = monotonic() + budget_s
        now = server_now()
        changed = []

        def waiting(account: str) -> float:
            return (now - self._folders[account].looked_at) * (HOT if account in hot else 1)

        for account in sorted(self._folders, key=waiting, reverse=True):
            if self.look(account, opened.get(account, ()), started, server_now()):
                changed.append(account)
            if monotonic() >= end:
                break
        return changed

    def look(self, account: str, open_paths: Collection[str], started: float | None, now: float) -> bool:
        """One seat's folder, whole."""
        top = join(self._root, account)
        folder = self._folders[account]
        found = list_folder(self._files, top)
        folder.missing = found.missing
        folder.unreadable = tuple(sorted(found.unreadable)[:MOST_UNREADABLE])
        if found.missing:
            return False
        ask_handles(self._files, top, open_paths, found)
        return update(folder, found.files, now, started, self._classify, found.whole)

    def _classify(self, path: str, entry: Entry) -> str:
        if is_temporary(entry.name):
            return TEMPORARY
        if self._material.may_hold(entry):
            try:
                if self._material.holds(entry, self._files.sha256(entry.path)):
                    return MATERIAL
            except (NotFound, AccessDenied, SharingViolation):
                # It will be looked at again once it changes; until then it counts as the candidate's.
                return ANSWER
        return ANSWER


def sha256_of(chunks: Iterable[bytes]) -> str:
    """SHA-256 of a stream, in hexadecimal."""
    digest = hashlib.sha256()
    for chunk in chunks:
        digest.update(chunk)
    return digest.hexdigest()
