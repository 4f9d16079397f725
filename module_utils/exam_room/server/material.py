"""The raw material of the session on the server: laid ready closed, opened for all at once by one rename.

Closed it lies outside the share, where no account reaches it; open it is the folder 素材 of the share, readable by
every account and writable by none. The rename is one step on the server: nobody gets it earlier than another.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from ..errors import ExamError
from ..room.rawmaterial import Item, blocks, local_manifest
from ..wire import security, smb
from ..wire.smbentry import Entry, join
from ..wire.smbfiles import ReadHandle
from . import folders


class Files(folders.Files, Protocol):
    """What is needed of a share: smbfiles.Share, or a fake."""

    def open_read(self, path: str) -> AbstractContextManager[ReadHandle]: ...
    def write(self, path: str, chunks: bytes | Iterator[bytes]) -> int: ...
    def rename(self, old: str, new: str, replace: bool = False) -> None: ...


@dataclass
class Outcome:
    """What was done, or would be in check mode."""

    state: str
    uploaded: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    renamed: bool = False
    access: folders.Outcome = field(default_factory=folders.Outcome)
    manifest: list[Item] = field(default_factory=list)

    @property
    def changed(self) -> bool:
        """Whether anything differs now."""
        return bool(self.uploaded or self.removed or self.renamed or self.access.changed)

    def result(self) -> dict[str, Any]:
        """The module's return values."""
        return {
            "changed": self.changed,
            "state": self.state,
            "uploaded": self.uploaded,
            "removed": self.removed,
            "renamed": self.renamed,
            "access_changed": self.access.created + self.access.access_changed,
            "manifest": [{"path": one.path, "size": one.size, "sha256": one.sha256} for one in self.manifest],
            "diff": {
                "before": "".join(f"{line}\n" for line in [*self.access.before, *self.removed]),
                "after": "".join(f"{line}\n" for line in [*self.access.after, *self.uploaded]),
            },
        }


def _remote_sha256(files: Files, path: str) -> str:
    digest = hashlib.sha256()
    with files.open_read(path) as handle:
        for chunk in handle.chunks():
            digest.update(chunk)
    return digest.hexdigest()


def upload(files: Files, source: Path, wanted: dict[str, Item], target: str, check: bool, outcome: Outcome) -> None:
    """Make folder ``target`` hold exactly ``wanted``, read back by SHA-256.

    Folders and links too many are removed. A file too many is somebody's work, for role ``clean`` to put into
    quarantine: ExamError names it, and nothing is touched.
    """
    needed = {"\\".join(name.split("\\")[:depth]) for name in wanted for depth in range(1, name.count("\\") + 1)}
    held: dict[str, Entry] = {}
    if files.stat(target) is not None:
        held = {entry.path[len(target) + 1 :]: entry for entry in files.walk(target)}
    folded = {name.casefold() for name in [*wanted, *needed]}
    for name, entry in held.items():
        wrong_kind = entry.is_reparse or entry.is_dir != (name in needed)
        if name.casefold() not in folded or (wrong_kind and (name in wanted or name in needed)):
            outcome.removed.append(name)
    if not check:
        doomed = {name.casefold() for name in outcome.removed}
        files_of = [name for name, entry in held.items() if not entry.is_dir and not entry.is_reparse]
        if many := [name for name in files_of if _lies_in(name, doomed)]:
            shown = ", ".join(many[:5])
            raise ExamError(
                f"{target}：多出 {len(many)} 个文件，请先执行 prepare.yml --tags clean 移入隔离文件夹：{shown}",
                f"{target} holds {len(many)} files too many, first run prepare.yml --tags clean: {shown}",
            )
        for name in outcome.removed:
            files.remove_tree(join(target, name))
    # Whatever the case: what is written over keeps its name on Windows.
    spelt = {name.casefold(): entry for name, entry in held.items() if name not in outcome.removed}
    for name, item in wanted.items():
        there = spelt.get(name.casefold())
        if there is not None and there.size == item.size and _remote_sha256(files, there.path) == item.sha256:
            continue
        outcome.uploaded.append(name)
        if check:
            continue
        path = join(target, name)
        files.makedirs(path.rpartition("\\")[0])
        files.write(path, blocks(source.joinpath(*name.split("\\"))))
        if _remote_sha256(files, path) != item.sha256:
            raise ExamError(f"{path}：上传后内容不一致", f"{path}: differs from its source after the upload")


def _lies_in(name: str, folded: set[str]) -> bool:
    """Whether ``name``, or a folder above it, is one of those in small letters."""
    parts = name.casefold().split("\\")
    return any("\\".join(parts[:depth]) in folded for depth in range(1, len(parts) + 1))


def ensure(
    files: Files,
    source: Path | None,
    closed: str,
    opened: str,
    sids: dict[str, str],
    state: str,
    check: bool,
    only: Sequence[str] | None = None,
) -> Outcome:
    """``state`` closed, open or absent; ``closed`` and ``opened`` are the folder's two places on the volume.

    ``only`` names the folders of ``source`` that count: those of the module's units (V5).
    """
    outcome = Outcome(state)
    is_open = files.stat(opened) is not None
    is_closed = files.stat(closed) is not None
    if is_open and is_closed and state != "absent":
        raise ExamError(
            f"原始素材同时存在于 {closed} 与 {opened}，请先核对并删除其中之一",
            f"raw material lies both in {closed} and in {opened}: look at both and remove one",
        )
    if state == "absent":
        for path in (opened, closed):
            if files.stat(path) is not None:
                outcome.removed.append(path)
                if not check:
                    files.remove_tree(path)
    elif state == "open":
        _open(files, closed, opened, is_open, is_closed, check, outcome)
    else:
        _close(files, source, closed, opened, is_open, sids, check, outcome, only)
    return outcome


def _open(
    files: Files, closed: str, opened: str, is_open: bool, is_closed: bool, check: bool, outcome: Outcome
) -> None:
    if is_open:
        return
    if not is_closed:
        raise ExamError(
            f"{closed}：服务器上没有准备好的原始素材，请先运行 prepare",
            f"{closed}: no raw material lies ready on the server; run prepare first",
        )
    outcome.renamed = True
    if not check:
        files.rename(closed, opened)


def _close(
    files: Files,
    source: Path | None,
    closed: str,
    opened: str,
    is_open: bool,
    sids: dict[str, str],
    check: bool,
    outcome: Outcome,
    only: Sequence[str] | None,
) -> None:
    if source is None:
        raise ExamError("state=closed 需要 source", "state=closed needs source")
    # Before anything is touched: a source that cannot be laid out on Windows is refused here.
    wanted = local_manifest(source, only)
    outcome.manifest = list(wanted.values())
    where = closed
    if is_open:
        outcome.renamed = True
        if check:
            where = opened
        else:
            files.rename(opened, closed)
    # Access first: not for a moment do files lie in a folder that inherits from the volume.
    folders.ensure_access(files, where, security.material_folder(sids.values()), check, outcome.access)
    upload(files, source, wanted, where, check, outcome)


def ensure_on_server(
    login: smb.Login,
    volume: str,
    source: str | None,
    closed: str,
    opened: str,
    accounts: list[str],
    state: str,
    check: bool,
    timeout: float,
    only: Sequence[str] | None = None,
) -> Outcome:
    """exam_material: the same over the wire."""
    with smb.connect(login, timeout) as server:
        sids = folders.sids_or_planned(server, accounts, check) if state == "closed" else {}
        local = Path(source).expanduser() if source else None
        return ensure(server.share(volume), local, closed, opened, sids, state, check, only)
