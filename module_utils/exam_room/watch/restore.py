"""Putting one candidate's safety copies back: beside what is in his folder, never over it (exam_safety_copy).

The files inherit the access of his folder, so he can open and save them; each is read back and compared by hash.
Nothing may arrive after the deadline: when time runs out meanwhile, what was put back is taken away again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Protocol

from ..errors import ExamError
from ..files import megabytes
from ..journal.sitting import Follower, Sitting
from ..room import winnames
from ..server.clock import ServerClock, measure
from ..wire import smb, srvsvc
from ..wire.smbentry import Entry, join
from ..wire.smberrors import SmbError
from ..wire.smbfiles import ReadHandle
from .moments import from_iso, local_time, to_iso
from .scan import sha256_of
from .store import Index, Kept, Store

BLOCK: Final = 512 * 1024
#: Nothing is begun later than this before the deadline, and nothing goes on later than that.
BEGIN_BEFORE_S: Final = 60.0
STOP_BEFORE_S: Final = 10.0
PREFIX: Final = "恢复_"
#: UTF-16 units of one name (MS-FSCC 2.1.5).
LONGEST_NAME: Final = 255


class Files(Protocol):
    """What is needed of the administrative share."""

    def stat(self, path: str) -> Entry | None: ...
    def listdir(self, path: str) -> list[Entry]: ...
    def free_bytes(self) -> int: ...
    def makedirs(self, path: str) -> list[str]: ...
    def write(self, path: str, chunks: Iterator[bytes]) -> int: ...
    def open_read(self, path: str) -> AbstractContextManager[ReadHandle]: ...
    def remove_tree(self, path: str) -> int: ...


@dataclass
class Restored:
    """What was put back, or would be: ``folder`` below the candidate's, files with size, hash and time of the copy."""

    folder: str
    files: list[dict[str, Any]] = field(default_factory=list)

    def result(self) -> dict[str, Any]:
        """The module's return values."""
        return {
            "folder": self.folder,
            "files": self.files,
            "bytes": sum(int(one["size"]) for one in self.files),
            "changed": bool(self.files),
        }


def check_may_restore(sitting: Sitting, seat: int, reason: str) -> None:
    """Only with a written reason, between start and cut, and only for a candidate who is still at work."""
    if not reason.strip():
        raise ExamError("恢复安全副本必须写明理由：-e reason='…'", "a restore needs a written reason: -e reason='…'")
    if not sitting.running or sitting.committed:
        raise ExamError(
            "只能在开考之后、收卷之前恢复安全副本。", "Safety copies are restored between start and cut only."
        )
    if seat in sitting.ended:
        raise ExamError(
            f"{seat} 号机位已提前结束（{sitting.ended[seat]}），结果不能再改动。",
            f"Seat {seat} was ended early ({sitting.ended[seat]}); its results stay as they are.",
        )
    if seat in sitting.absent:
        raise ExamError(f"{seat} 号机位已标记缺考。", f"Seat {seat} is marked absent.")


@dataclass(frozen=True)
class Countdown:
    """How long it is to the deadline by the server's clock, at any moment."""

    clock: ServerClock
    deadline: float
    monotonic: Callable[[], float] = time.monotonic

    @property
    def now(self) -> float:
        """Server's seconds since 1970."""
        return self.clock.server_time(self.monotonic())

    def check(self, before_s: float) -> None:
        """ExamError when less is left."""
        if self.deadline - self.now < before_s:
            raise ExamError(
                "离截止时间太近，不再恢复安全副本；已恢复到一半的文件夹已撤回。",
                "Too near to the deadline to restore; a folder that was half restored has been taken away.",
            )


def restore(
    files: Files, store: Store, account: str, root: str, folder: str, countdown: Countdown, check: bool
) -> Restored:
    """Put the newest copy of every file, deleted ones too, into ``folder`` below the candidate's."""
    index = store.index(account)
    if not index.files:
        raise ExamError(f"{account} 没有安全副本。", f"There is no safety copy of {account}.")
    own = join(root, account)
    if files.stat(own) is None:
        raise ExamError(f"服务器上没有文件夹 {own}。", f"There is no folder {own} on the server.")
    done = Restored(_free_name(files, own, folder))
    _check_space(files, index)
    countdown.check(BEGIN_BEFORE_S)
    top = join(own, done.folder)
    try:
        for true, kept in sorted(index.files.items()):
            if not check:
                _put_back(files, store, account, join(top, true), kept, countdown)
            done.files.append(_said(true, kept))
    except BaseException:
        with suppress(SmbError):
            files.remove_tree(top)
        raise
    return done


def _free_name(files: Files, own: str, folder: str) -> str:
    """The folder's name, or with a number behind it: nothing that is there is touched."""
    taken = {entry.name.casefold() for entry in files.listdir(own)}
    name, number = folder, 1
    while name.casefold() in taken:
        number += 1
        name = f"{folder}_{number}"
    return name


def checked_name(folder: str) -> str:
    """A name for one folder, or none; nothing that leads elsewhere. ExamError for anything else."""
    rule = winnames.file_name(folder, LONGEST_NAME) if folder else None
    if rule is not None:
        raise ExamError(
            f"Windows 不允许此文件夹名：{folder}（{rule[0]}）",
            f"Windows cannot have this folder name: {folder} ({rule[1]})",
        )
    return folder


def _check_space(files: Files, index: Index) -> None:
    needed = sum(kept.newest.size for kept in index.files.values())
    free = files.free_bytes()
    if free < 2 * needed:
        raise ExamError(
            f"服务器结果盘空间不足：恢复需要 {megabytes(needed)}，只剩 {megabytes(free)}。",
            f"Too little space on the results volume: {megabytes(needed)} are needed, {megabytes(free)} are left.",
        )


def _put_back(files: Files, store: Store, account: str, path: str, kept: Kept, countdown: Countdown) -> None:
    source = store.version_path(account, kept.newest)

    def blocks() -> Iterator[bytes]:
        with source.open("rb") as stream:
            while block := stream.read(BLOCK):
                countdown.check(STOP_BEFORE_S)
                yield block

    countdown.check(STOP_BEFORE_S)
    try:
        if sha256_of(blocks()) != kept.newest.sha256:
            raise ExamError(f"{source}：安全副本已损坏", f"{source}: the safety copy is damaged")
    except OSError as error:
        raise ExamError(f"读不了安全副本 {source}：{error.strerror}", f"cannot read {source}: {error}") from error
    files.makedirs(path.rpartition("\\")[0])
    files.write(path, blocks())
    with files.open_read(path) as handle:
        if sha256_of(handle.chunks()) != kept.newest.sha256:
            raise ExamError(f"{path}：恢复后内容不一致", f"{path}: differs from its copy after the restore")


def _said(true: str, kept: Kept) -> dict[str, Any]:
    newest = kept.newest
    return {
        "path": true,
        "size": newest.size,
        "sha256": newest.sha256,
        "copied_at": newest.copied_at,
        "steady": newest.steady,
        "deleted": kept.gone,
    }


def restore_seat(params: Mapping[str, Any], check: bool) -> Restored:
    """exam_safety_copy over the wire."""
    directory = Path(params["directory"])
    sitting = Follower(directory).sitting()
    number = int(params["seat"])
    check_may_restore(sitting, number, params["reason"])
    deadline = from_iso(sitting.deadline)
    seats = [one for one in params["seats"] if int(one["number"]) == number]
    if not seats or deadline is None:
        raise ExamError(f"没有 {number} 号机位。", f"There is no seat {number}.")
    login = smb.Login(params["address"], params["username"], params["password"])
    with smb.connect(login, params["timeout"]) as server, srvsvc.server_service(server) as service:
        countdown = Countdown(measure(service.time_of_day), deadline)
        clock = local_time(to_iso(countdown.now), params["timezone"])
        folder = checked_name(params["folder"]) or PREFIX + clock[:5].replace(":", "")
        share: Files = server.share(params["volume"])
        return restore(share, Store(directory), str(seats[0]["account"]), params["root"], folder, countdown, check)
