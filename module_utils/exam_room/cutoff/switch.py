r"""The dead-man's switch as the controller sees it: one file on the server that its scheduled task reads (V6).

``C:\Program Files\ExamRoom\armed.json`` says which session is cut off when; no file means that nothing is armed. The
task (roles/dead_man_switch, Stop-ExamSession.ps1) runs each minute and at boot and compares UTC with the deadline
itself, so arming, moving and disarming are each one write or removal over SMB: no WinRM, no trigger to change.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from dataclasses import asdict, dataclass, replace
from typing import Any, Final, Protocol

from ..errors import ExamError
from ..server import clock
from ..wire.smbentry import Entry, join
from ..wire.smberrors import AccessDenied, NotFound, SharingViolation

SHARE: Final = "C$"
FOLDER: Final = r"Program Files\ExamRoom"
ARMED: Final = join(FOLDER, "armed.json")
SCRIPT: Final = join(FOLDER, "Stop-ExamSession.ps1")

#: The task reads the file once a second for some milliseconds; Windows lets nobody replace it in that moment.
TRIES: Final = 10
PAUSE_S: Final = 0.2
_LARGEST: Final = 64 * 1024
_DEADLINE: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z")
#: Neither an administrative share nor a pattern: the switch removes the share of exactly this name.
_SHARE_NAME: Final = re.compile(r'[^"/\\\[\]:|<>+=;,*?$\x00-\x1f]{1,80}')
#: A folder below a drive, never the drive itself.
_ROOT: Final = re.compile(r'[A-Za-z]:(\\[^"/\\:|<>*?\x00-\x1f]+)+')


class Files(Protocol):
    """What is needed of smbfiles.Share."""

    def stat(self, path: str) -> Entry | None: ...
    def open_read(self, path: str) -> AbstractContextManager[Any]: ...
    def write(self, path: str, chunks: bytes) -> int: ...
    def remove(self, path: str) -> None: ...


class Server(Protocol):
    """What is needed of smb.Server."""

    @property
    def address(self) -> str: ...
    def share(self, name: str) -> Any: ...


@dataclass(frozen=True)
class Armed:
    """What the switch cuts off, and when. Moments are UTC by the server's clock; ``deadline`` is a whole second.

    ``root`` is the results root as the server names it.
    """

    session: str
    deadline: str
    share: str
    root: str
    accounts: tuple[str, ...]
    armed_at: str

    def problem(self) -> tuple[str, str] | None:
        """What is wrong with it, in Chinese and English; None when the task will understand it."""
        if not self.session:
            return "没有场次编号", "no session"
        if not _DEADLINE.fullmatch(self.deadline) or _seconds(self.deadline) is None:
            return (
                f"截止时间 {self.deadline} 应为整秒的 UTC 时间，例如 2026-11-25T03:00:00.000Z",
                f"the deadline {self.deadline} must be a whole second in UTC such as 2026-11-25T03:00:00.000Z",
            )
        if not _SHARE_NAME.fullmatch(self.share):
            return f"{self.share} 不能是考试共享的名称", f"{self.share} cannot be the name of the exam share"
        if not _ROOT.fullmatch(self.root):
            return (
                f"结果文件夹 {self.root} 应为盘符下的文件夹，例如 D:\\Exam\\share",
                f"the results root {self.root} must be a folder on a drive such as D:\\Exam\\share",
            )
        if not self.accounts or not all(self.accounts):
            return "没有用户名", "no accounts"
        if len({name.casefold() for name in self.accounts}) != len(self.accounts):
            return "用户名重复", "an account is named twice"
        return None

    def checked(self) -> Armed:
        """Itself; ExamError when the task would not understand it."""
        problem = self.problem()
        if problem is not None:
            raise ExamError(
                f"自动断连开关的内容不对：{problem[0]}", f"not what the switch can be armed with: {problem[1]}"
            )
        return self

    @property
    def seconds(self) -> float:
        """The deadline in seconds since 1970."""
        found = _seconds(self.deadline)
        assert found is not None, "checked"
        return found

    def same(self, other: Armed | None) -> bool:
        """Whether both cut off the same at the same moment, whenever they were armed."""
        return other is not None and replace(other, armed_at=self.armed_at) == self

    def to_bytes(self) -> bytes:
        """The file: UTF-8 without a byte order mark, which Windows PowerShell would not strip."""
        return (json.dumps(asdict(self), ensure_ascii=False) + "\n").encode()


def _seconds(text: str) -> float | None:
    with suppress(ValueError):
        return clock.seconds(text)
    return None


def parse(content: bytes) -> Armed:
    """The file's content; ValueError when it is not whole."""
    data = json.loads(content.decode())
    if not isinstance(data, dict) or set(data) != set(Armed.__dataclass_fields__):
        raise ValueError("other fields than expected")
    accounts = data.pop("accounts")
    if not isinstance(accounts, list) or not all(isinstance(one, str) for one in (*accounts, *data.values())):
        raise ValueError("a field is of another type")
    armed = Armed(**data, accounts=tuple(accounts))
    problem = armed.problem()
    if problem is not None:
        raise ValueError(problem[1])
    return armed


def read(server: Server) -> Armed | None:
    """What is armed; None for nothing. ExamError when the file is damaged: then the switch cuts nothing at all."""
    files: Files = server.share(SHARE)
    try:
        with files.open_read(ARMED) as handle:
            if handle.entry.size > _LARGEST:
                raise ValueError(f"{handle.entry.size} bytes")
            return parse(b"".join(handle.chunks()))
    except NotFound:
        return None
    except ValueError as error:
        raise Damaged(server.address, str(error)) from None


class Damaged(ExamError):
    """The file is there, but nobody can tell what is armed."""

    def __init__(self, address: str, reason: str) -> None:
        super().__init__(
            f"{address}：自动断连开关的文件 C:\\{ARMED} 已损坏（{reason}），到时开关不会断连。请重新执行开考或延时。",
            f"{address}: the switch's file C:\\{ARMED} is damaged ({reason}), so the switch will cut nothing. "
            "Arm it again.",
        )


def held(server: Server) -> Armed | None:
    """What is armed, where a damaged file counts as nothing: for whoever is about to replace or remove it."""
    with suppress(Damaged):
        return read(server)
    return None


def arm(server: Server, armed: Armed, sleep: Callable[[float], None] = time.sleep) -> bool:
    """Arm, or move what is armed, in one step; True when it changed.

    Written under a temporary name, flushed and renamed over the old file, then read back: at every moment the server
    holds the old file or the new one, whole. ExamError when the script is not there, or another content comes back.
    """
    armed.checked()
    files: Files = server.share(SHARE)
    if files.stat(SCRIPT) is None:
        raise ExamError(
            f"{server.address}：服务器上没有 C:\\{SCRIPT}，无法设置自动断连开关。"
            "请先执行：prepare.yml --limit server,localhost --tags dead_man_switch",
            f"{server.address}: there is no C:\\{SCRIPT}, so nothing can be armed. "
            "First run prepare.yml --limit server,localhost --tags dead_man_switch",
        )
    if armed.same(held(server)):
        return False
    _patiently(lambda: files.write(ARMED, armed.to_bytes()), sleep)
    if read(server) != armed:
        raise ExamError(
            f"{server.address}：自动断连开关写入后读回的内容不同",
            f"{server.address}: the switch reads back differently",
        )
    return True


def disarm(server: Server, sleep: Callable[[float], None] = time.sleep) -> bool:
    """Disarm; True when something was armed, or a damaged file lay there."""
    files: Files = server.share(SHARE)
    if files.stat(ARMED) is None:
        return False

    def remove() -> None:
        with suppress(NotFound):
            files.remove(ARMED)

    _patiently(remove, sleep)
    if files.stat(ARMED) is not None:
        raise ExamError(
            f"{server.address}：自动断连开关的文件 C:\\{ARMED} 删不掉",
            f"{server.address}: the switch's file C:\\{ARMED} cannot be removed",
        )
    return True


def _patiently(act: Callable[[], object], sleep: Callable[[float], None]) -> None:
    for left in reversed(range(TRIES)):
        try:
            act()
            return
        except (AccessDenied, SharingViolation):
            if not left:
                raise
            sleep(PAUSE_S)
