"""The safety copies on the controller: ``safety/`` of the session directory, apart from the results.

``safety/KS01/…`` holds the newest copy of each file under its own name (mapped as on the disc where Linux cannot have
it), ``safety/versions/KS01/…`` the last few, each in a file of its own that is never changed again, and
``safety/index/KS01.json`` their true names, times and hashes. A copy is in the index only once it is whole on disc, so
a killed run leaves at worst a file that the index does not know.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from ..collect.discnames import LONG_FOLDER, disc_paths
from ..errors import ExamError
from ..files import sync_directory, told, write_atomic
from .board import json_bytes

FOLDER: Final = "safety"
VERSION: Final = 1
_INDEX: Final = "index"
_VERSIONS: Final = "versions"


@dataclass(frozen=True)
class Version:
    """One copy of one file. Times are FILETIMEs of the server; ``copied_at`` is the controller's, ISO 8601.

    ``steady``: the file did not change while it was copied. ``file``: below the versions folder of the account.
    """

    number: int
    size: int
    sha256: str
    changed_100ns: int
    modified_100ns: int
    copied_at: str
    steady: bool
    file: str


@dataclass(frozen=True)
class Kept:
    """One file of a candidate: where its newest copy lies (below ``safety/``), its versions, the oldest first."""

    copy: str
    versions: tuple[Version, ...]
    gone: bool = False
    """No longer on the server when it was last looked at."""

    @property
    def newest(self) -> Version:
        return self.versions[-1]


@dataclass
class Index:
    """The copies of one account, by true path below the candidate's folder."""

    account: str
    files: dict[str, Kept] = field(default_factory=dict)


class Store:
    """The copies of one session."""

    def __init__(self, session_directory: Path, versions: int = 3) -> None:
        self.directory = session_directory / FOLDER
        self._versions = versions

    def index(self, account: str) -> Index:
        """What is kept of an account. ExamError when the index is damaged: it is not written over."""
        path = self._index_path(account)
        try:
            data = json.loads(path.read_bytes())
            files = {
                true: Kept(one["copy"], tuple(Version(**version) for version in one["versions"]), one["gone"])
                for true, one in data["files"].items()
            }
        except FileNotFoundError:
            return Index(account)
        except (OSError, ValueError, LookupError, TypeError) as error:
            raise ExamError(f"读不了安全副本目录 {path}：{error}", f"{path} cannot be read: {error}") from None
        return Index(account, files)

    def save(self, index: Index) -> None:
        """Replace the index in one step."""
        path = self._index_path(index.account)
        data = {
            "version": VERSION,
            "account": index.account,
            "files": {
                true: {"copy": one.copy, "gone": one.gone, "versions": [asdict(version) for version in one.versions]}
                for true, one in index.files.items()
            },
        }
        with told(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            write_atomic(path, json_bytes(data), 0o640)

    def version_path(self, account: str, version: Version) -> Path:
        """Where a version lies."""
        return self.directory / _VERSIONS / account / version.file

    def free_bytes(self) -> int:
        """Of the controller's disc."""
        self.directory.mkdir(parents=True, exist_ok=True)
        return shutil.disk_usage(self.directory).free

    def add(
        self, index: Index, true: str, chunks: Iterable[bytes], changed: int, modified: int, at: str
    ) -> Version | None:
        """Take in one file while it streams by. Returns the new version, None when its content is the newest's.

        The index is changed in memory; ``save`` makes it last. The copy is marked steady until ``unsteady`` is called.
        """
        before = index.files.get(true)
        number = before.newest.number + 1 if before else 1
        place = before.copy if before else self._place(index, true)
        name = f"{Path(place).relative_to(index.account)}~{number:04d}"
        target = self.directory / _VERSIONS / index.account / name
        with told(target):
            target.parent.mkdir(parents=True, exist_ok=True)
            size, sha256 = _stream(target, chunks)
            if before is not None and before.newest.sha256 == sha256:
                target.unlink()
                same = replace(before.newest, changed_100ns=changed, modified_100ns=modified, steady=True)
                index.files[true] = Kept(place, (*before.versions[:-1], same))
                return None
            version = Version(number, size, sha256, changed, modified, at, True, name)
            self._show(target, self.directory / place)
        kept = (*before.versions, version) if before else (version,)
        index.files[true] = Kept(place, kept[-self._versions :])
        for old in kept[: -self._versions]:
            with suppress(OSError):
                self.version_path(index.account, old).unlink()
        return version

    @staticmethod
    def unsteady(index: Index, true: str) -> None:
        """The file changed while its newest version was copied."""
        kept = index.files[true]
        index.files[true] = replace(kept, versions=(*kept.versions[:-1], replace(kept.newest, steady=False)))

    def _index_path(self, account: str) -> Path:
        return self.directory / _INDEX / f"{account}.json"

    def _place(self, index: Index, true: str) -> str:
        """A name on this disc for the newest copy, that no other file of the candidate has."""
        parts = tuple(true.split("\\"))
        place = disc_paths(index.account, [parts])[parts]
        taken = {one.copy for one in index.files.values()}
        parents = {str(parent) for one in taken for parent in Path(one).parents}
        inside_a_file = any(str(parent) in taken for parent in Path(place).parents)
        if place in taken or place in parents or inside_a_file or (self.directory / place).is_dir():
            digest = hashlib.sha256(true.encode("utf-16-le", "surrogatepass")).hexdigest()[:32]
            return f"{index.account}/{LONG_FOLDER}/{digest}{Path(place).suffix}"
        return place

    @staticmethod
    def _show(version: Path, place: Path) -> None:
        """Let the newest copy's own name lead to the version: the same file on disc, no second copy."""
        place.parent.mkdir(parents=True, exist_ok=True)
        temporary = place.with_name(f".{hashlib.sha256(place.name.encode()).hexdigest()[:16]}.partial")
        temporary.unlink(missing_ok=True)
        os.link(version, temporary)
        temporary.replace(place)
        sync_directory(place.parent)


def _stream(target: Path, chunks: Iterable[bytes]) -> tuple[int, str]:
    """Write and hash; whole and durable under its name, or not there at all. Memory is one chunk."""
    temporary = target.with_name(f".{hashlib.sha256(target.name.encode()).hexdigest()[:16]}.partial")
    digest, size = hashlib.sha256(), 0
    try:
        with temporary.open("wb") as handle:
            for chunk in chunks:
                digest.update(chunk)
                handle.write(chunk)
                size += len(chunk)
            handle.flush()
            os.fsync(handle.fileno())
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync_directory(target.parent)
    return size, digest.hexdigest()


def status_path(session_directory: Path) -> Path:
    """How the copies stand, for the board."""
    return session_directory / FOLDER / "status.json"


def write_status(session_directory: Path, status: dict[str, Any]) -> None:
    """Replace it in one step."""
    path = status_path(session_directory)
    with told(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomic(path, json_bytes(status), 0o640)
