"""exam_watch and exam_status: the watch with everything real around it, the copies' process included."""

from __future__ import annotations

import multiprocessing
import os
import select
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

from .. import locks
from ..errors import ExamError
from ..files import told
from ..journal.sitting import Sitting
from ..room.conditions import minimum_of
from ..room.rawmaterial import local_manifest
from ..wire import smb, srvsvc
from . import board, copier
from .eyes import server_eyes
from .judge import Copies
from .looker import Plan
from .saves import Material
from .settings import Settings
from .watch import Outcome, Watch

#: How often the copies' process asks the board how long it is to the deadline.
_ASK_S: Final = 1.0
_END_S: Final = 5.0
LOCK_PATIENCE_S: Final = 15.0
ALREADY_RUNNING: Final = "already_running"


@dataclass(frozen=True)
class Service:
    """Where and what to watch. ``material``: the raw material on the controller; ``units``: of it only these."""

    directory: Path
    login: smb.Login
    volume: str
    plan: Plan
    settings: Settings
    timeout: float
    material: Path | None = None
    units: Sequence[str] | None = None

    def once(self) -> dict[str, Any]:
        """One look; nothing is written, a watch that runs is left alone."""
        return self._watch().once()

    def run(self) -> Outcome:
        """Watch to the end, the copies beside it. One watch a session: a second one ends at once."""
        with only_one(self.directory) as alone:
            return self._run() if alone else Outcome(ALREADY_RUNNING, 0)

    def _run(self) -> Outcome:
        if not self.settings.copies_every_min:
            return self._watch().run()
        # Made before any connection: a connection has threads, which do not survive a fork.
        context = multiprocessing.get_context("fork")
        # Telling it never waits for it, whatever became of that process.
        let_in = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        process = context.Process(target=self._copy, args=(os.getpid(), let_in), daemon=True)
        process.start()
        try:
            # Only after the first log-on: a wrong password is tried once, not twice.
            return self._watch(connected=partial(os.eventfd_write, let_in, 1)).run()
        finally:
            process.terminate()
            process.join(_END_S)
            os.close(let_in)

    def _watch(self, connected: Callable[[], None] = lambda: None) -> Watch:
        return Watch(
            self.directory,
            self.plan,
            partial(server_eyes, self.login, self.volume, self.timeout),
            self.settings,
            self._material(),
            self._standing,
            connected,
        )

    def _material(self) -> Material:
        return Material() if self.material is None else Material(local_manifest(self.material, self.units).values())

    def _standing(self) -> Copies:
        return copier.standing(self.directory, self.settings.copies_every_min)

    def _copy(self, parent: int, let_in: int) -> None:
        """The body of the copies' process. It gives way to the looks."""
        with suppress(OSError):
            os.nice(10)
        while not select.select([let_in], [], [], _ASK_S)[0]:
            if not copier.alive(parent):
                return
        job = copier.Job(
            directory=self.directory,
            connect=partial(_share_files, self.login, self.volume, self.timeout),
            accounts=self.plan.accounts,
            root=self.plan.root,
            every_s=self.settings.copies_every_min * 60,
            versions=self.settings.copies_versions,
            reserve_bytes=int(self.settings.copies_reserve_gb * 1e9),
            go_on=partial(copier.alive, parent),
            near_end=NearEnd(self.directory),
        )
        copier.run(job)


class NearEnd:
    """Whether the deadline is near, by the board: it knows the server's clock."""

    def __init__(self, directory: Path, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._directory = directory
        self._monotonic = monotonic
        self._asked_at = float("-inf")
        self._near = False

    def __call__(self, sitting: Sitting) -> bool:
        """Asked for every slice, so the answer is kept for a second."""
        if self._monotonic() - self._asked_at >= _ASK_S:
            self._asked_at = self._monotonic()
            with suppress(ExamError):
                remaining = board.view(board.read(self._directory)).remaining_s
                self._near = remaining is not None and remaining < copier.LAST_S
        return self._near


@contextmanager
def only_one(directory: Path, patience_s: float = LOCK_PATIENCE_S) -> Iterator[bool]:
    """Whether this is the only watch of the session, for the length of the block.

    The lock is the process's and its copies': it waits a little, for those of a killed watch are about to end.
    """
    path = directory / board.FOLDER / "lock"
    with told(path):
        fd = locks.take(path, patience_s)
    if fd is None:
        yield False
        return
    try:
        yield True
    finally:
        os.close(fd)


@contextmanager
def _share_files(login: smb.Login, volume: str, timeout: float) -> Iterator[copier.Files]:
    with smb.connect(login, timeout) as server, srvsvc.server_service(server) as service:
        yield copier.ShareFiles(server.share(volume), service)


def plan_of(params: Mapping[str, Any]) -> Plan:
    """The plan that a module's options give: ``session`` as exam_session returns it, ``seats``, ``address``."""
    session = params["session"]
    try:
        exam = session["exam"]["name"]
        return Plan(
            str(session["id"]),
            str(session["room"]),
            {"zh": str(exam["zh"]), "en": str(exam["en"])},
            str(session["timezone"]),
            str(params["address"]),
            str(params["root"]),
            params["seats"],
            minimum_of(session["exam"]["results"]["minimum"]),
        )
    except (LookupError, TypeError) as error:
        raise ExamError(
            f"session 不是 exam_session 给出的场次（缺 {error}）",
            f"session is not what exam_session returns ({error} is missing)",
        ) from None


def service_of(params: Mapping[str, Any], settings: Settings) -> Service:
    """What exam_watch and exam_status share."""
    return Service(
        directory=Path(params["directory"]),
        login=smb.Login(params["address"], params["username"], params["password"]),
        volume=params["volume"],
        plan=plan_of(params),
        settings=settings,
        timeout=params["timeout"],
        material=Path(params["material"]) if params["material"] else None,
        units=params["units"],
    )
