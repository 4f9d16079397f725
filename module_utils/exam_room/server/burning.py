r"""The folder of the server's exam volume that a disc is burned from: image, script, its report, its sign of life.

``<volume>\Exam\burn`` may be entered by SYSTEM and Administrators only. In it lie ``<hash>.iso``, the script,
``report.json`` (``check.json`` after a mere look), ``beat.txt`` while the script runs, and ``check.json.wait``, without
which it does not wait for a medium. Everything is done over SMB from the controller. A run that was killed leaves what
it had; the next one goes on from there.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

from ..discs import discreport, serverdisc
from ..errors import ExamError
from ..files import SPARE_BYTES, megabytes
from ..wire import security, smb, srvsvc
from ..wire.rpc import RpcError
from ..wire.smbentry import Entry
from ..wire.smberrors import ConnectionLost, NotFound, SharingViolation, Unreachable
from . import folders

FOLDER: Final = r"Exam\burn"
SCRIPT: Final = "Write-ResultsDisc.ps1"
REPORT: Final = "report.json"
CHECK: Final = "check.json"
WAIT: Final = f"{CHECK}.wait"
BEAT: Final = "beat.txt"
#: The temporary share of the drive; the dollar sign keeps it out of what computers list.
SHARE: Final = "exam-disc$"

_CHUNK: Final = 1024 * 1024
_POLL_S: Final = 1.0
# The script beats each 2 s. A server that has much to do may be late; one that was killed never comes.
STILL_S: Final = 60.0
# PowerShell and its compiler need long on a slow server.
START_S: Final = 180.0
# A network that comes back within this time costs nothing: the server burns on.
LOST_S: Final = 300.0


class Files(Protocol):
    """What is needed of a share: smbfiles.Share, or a fake."""

    def stat(self, path: str) -> Entry | None: ...
    def listdir(self, path: str) -> list[Entry]: ...
    def walk(self, path: str) -> Any: ...
    def open_read(self, path: str) -> AbstractContextManager[Any]: ...
    def write(self, path: str, chunks: bytes | Iterable[bytes]) -> int: ...
    def makedirs(self, path: str) -> list[str]: ...
    def remove(self, path: str) -> None: ...
    def remove_tree(self, path: str) -> int: ...
    def free_bytes(self) -> int: ...
    def get_security(self, path: str) -> bytes: ...
    def set_security(self, path: str, descriptor: bytes, owner: bool = False) -> None: ...


class Shares(Protocol):
    """What is needed of srvsvc.ServerService."""

    def add_share(self, name: str, path: str, remark: str, descriptor: security.Descriptor) -> None: ...
    def delete_share(self, name: str) -> bool: ...


@dataclass(frozen=True)
class Clock:
    """How to wait: seconds that nobody can set, and a pause."""

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


@dataclass(frozen=True)
class Image:
    """The image on the controller; ``size`` in bytes."""

    path: Path
    size: int
    sha256: str

    @property
    def name(self) -> str:
        """Its name on the server: whole once it is there, for it gets it last."""
        return f"{self.sha256[:16]}.iso"

    def check(self) -> None:
        """Refuse what is not there, or not the image that was meant."""
        try:
            size = self.path.stat().st_size
        except OSError as exc:
            raise ExamError(f"主控机上没有映像 {self.path}。", f"There is no image {self.path}.") from exc
        if size != self.size or not size or size % 2048:
            raise ExamError(
                f"映像 {self.path} 有 {size} 字节，应为 {self.size}（2048 的整数倍）。请重做本步骤。",
                f"The image {self.path} has {size} bytes and should have {self.size}, a multiple of 2048. "
                "Run this step again.",
            )


@dataclass
class Staged:
    """What was done. ``report`` is that of an earlier run which has burned this very image, read back or not."""

    changed: bool = False
    report: discreport.Report | None = None


def _path(name: str) -> str:
    return f"{FOLDER}\\{name}"


def read_small(files: Files, name: str) -> bytes | None:
    """A file of the folder; None when it is not there or just being written."""
    try:
        with files.open_read(_path(name)) as handle:
            return b"".join(handle.chunks())
    except (NotFound, SharingViolation):
        return None


def settle(files: Files, clock: Clock) -> None:
    """Wait until no script of an earlier run is at work any more: it goes on when the controller has died.

    One that waits for a medium ends at once.
    """
    if files.stat(_path(WAIT)) is not None:
        files.remove(_path(WAIT))
    last, since = read_small(files, BEAT), clock.now()
    while last is not None and clock.now() - since < STILL_S:
        clock.sleep(_POLL_S)
        beat = read_small(files, BEAT)
        if beat != last:
            last, since = beat, clock.now()


def stage(
    files: Files, image: Image | None, script: bytes, resume: bool, check: bool, clock: Clock | None = None
) -> Staged:
    """Have all on the server that a burn needs; ``image`` None: a mere look does not need one.

    With ``resume`` a disc that an earlier run has written from this very image is not written again: its report comes
    back, and nothing is touched. Refuses, before anything is written, an image that is not whole, and a volume without
    the space.
    """
    if image is not None:
        image.check()
    outcome = folders.Outcome()
    folders.ensure_access(files, FOLDER, security.administration_only(), check, outcome)
    staged = Staged(changed=outcome.changed)
    if files.stat(FOLDER) is None:
        # Check mode, on a server that never burned.
        return Staged(changed=True)
    if not check:
        settle(files, clock or Clock())
    if image is not None and resume:
        staged.report = _burned(files, image)
        if staged.report is not None:
            return staged
    staged.changed |= _tidy(files, image, check)
    if read_small(files, SCRIPT) != script:
        staged.changed = True
        if not check:
            files.write(_path(SCRIPT), script)
    if image is not None:
        staged.changed |= _upload(files, image, check)
    elif not check:
        files.write(_path(WAIT), b"")
    return staged


def _burned(files: Files, image: Image) -> discreport.Report | None:
    raw = read_small(files, REPORT)
    try:
        report = None if raw is None else discreport.parse(raw)
    except ExamError:
        # A damaged one proves nothing: the disc counts as not burned.
        return None
    return report if report and report.ok and report.sha256.lower() == image.sha256.lower() else None


def _tidy(files: Files, image: Image | None, check: bool) -> bool:
    """Take away what the next run would mistake for its own; for a mere look only the sign of life."""
    kept = {SCRIPT.lower()} | ({image.name.lower()} if image else set())
    doomed = [
        entry.path
        for entry in files.listdir(FOLDER)
        if entry.name.lower() not in kept and (image is not None or entry.name.lower() in (BEAT, CHECK))
    ]
    if not check:
        for path in doomed:
            files.remove_tree(path)
    return bool(doomed)


def _upload(files: Files, image: Image, check: bool) -> bool:
    """Copy the image, unless it is there. The script compares its hash before it writes."""
    there = files.stat(_path(image.name))
    if there is not None and there.size == image.size:
        return False
    free = files.free_bytes() + (there.size if there else 0)
    if free < image.size + SPARE_BYTES:
        raise ExamError(
            f"服务器磁盘空间不足：映像需要 {megabytes(image.size)}，只剩 {megabytes(free)}。请清出空间后重做本步骤。",
            f"Too little space on the server: the image needs {megabytes(image.size)} and {megabytes(free)} are left. "
            "Make room and run this step again.",
        )
    if not check:
        if there is not None:
            files.remove(there.path)
        files.write(_path(image.name), _chunks(image.path))
    return True


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as source:
        while chunk := source.read(_CHUNK):
            yield chunk


def clear(files: Files, check: bool) -> bool:
    """Take everything away after a disc that was read back equal, the report first: without it nothing resumes."""
    if files.stat(FOLDER) is None:
        return False
    if not check:
        if files.stat(_path(REPORT)) is not None:
            files.remove(_path(REPORT))
        files.remove_tree(FOLDER)
    return True


def await_report(
    opened: Callable[[], AbstractContextManager[Files]], name: str, clock: Clock | None = None
) -> discreport.Report | None:
    """The report of the script that was just started; None when the script was killed before it could write one.

    ``opened`` connects anew: a connection that is lost is made again for ``LOST_S`` seconds. Raises ExamError when the
    script does not begin within ``START_S`` seconds; the caller's time limit bounds the rest, and the script's own.
    """
    clock = clock or Clock()
    watch = _Watch(clock)
    lost: float | None = None
    while True:
        try:
            with opened() as files:
                while True:
                    raw = watch.look(files, name)
                    lost = None
                    if raw is not None:
                        return discreport.parse(raw)
                    if watch.dead():
                        return None
                    clock.sleep(_POLL_S)
        except (ConnectionLost, Unreachable):
            lost = clock.now() if lost is None else lost
            if clock.now() - lost > LOST_S:
                raise
            clock.sleep(_POLL_S)
            watch.again()


class _Watch:
    """Whether the script still lives."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._began = self._since = clock.now()
        self._beat: bytes | None = None

    def look(self, files: Files, name: str) -> bytes | None:
        beat = read_small(files, BEAT)
        if beat is not None and beat != self._beat:
            self._beat, self._since = beat, self._clock.now()
        return read_small(files, name)

    def again(self) -> None:
        """While nobody could look, nothing stood still."""
        self._since = self._clock.now()
        if self._beat is None:
            self._began = self._since

    def dead(self) -> bool:
        if self._beat is not None:
            return self._clock.now() - self._since > STILL_S
        if self._clock.now() - self._began > START_S:
            raise ExamError(
                f"服务器在 {START_S:.0f} 秒内没有开始刻录。请检查任务计划程序服务，或改用 burner_way: direct。",
                f"The server did not begin within {START_S:.0f} s. Check its Task Scheduler service, or use "
                "burner_way: direct.",
            )
        return False


def read_back(
    files: Callable[[], serverdisc.Files],
    shares: Shares,
    drive: str,
    expected: dict[str, str],
    resume: bool,
) -> serverdisc.Comparison:
    """Share the drive for administrators, read the whole disc, compare it, and take the share away in any case.

    ``resume``: the disc may be gone since; a drive that cannot be shared then is one that does not hold it.
    """
    if len(drive) != 2 or not drive[0].isalpha() or drive[1] != ":":
        raise ExamError(f"盘符不对：{drive!r}", f"Not the letter of a drive: {drive!r}")
    shares.delete_share(SHARE)
    try:
        shares.add_share(SHARE, f"{drive}\\", "", security.disc_permissions())
    except RpcError:
        if resume:
            return serverdisc.Comparison(0, unreadable=(f"{drive}\\",))
        raise
    try:
        return serverdisc.compare(files(), expected)
    finally:
        shares.delete_share(SHARE)


@contextmanager
def administrative(login: smb.Login, volume: str, timeout: float) -> Iterator[Files]:
    """The administrative share of ``volume`` (``D:``) over a connection of its own."""
    with smb.connect(login, timeout) as server:
        yield server.share(f"{volume[0]}$")


@contextmanager
def connected(login: smb.Login, timeout: float) -> Iterator[tuple[smb.Server, srvsvc.ServerService]]:
    """A connection with its pipe for shares."""
    with smb.connect(login, timeout) as server, srvsvc.server_service(server) as service:
        yield server, service
