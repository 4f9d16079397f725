"""The watch: look, judge, write the board, wait; from the start to the cut, whatever breaks in between."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ..errors import ExamError
from ..journal.sitting import Follower, Sitting
from ..wire.smberrors import ConnectionLost, LogonRefused, SmbError, Unreachable
from . import board, memory, words
from .eyes import Eyes
from .judge import Copies
from .looker import Looker, Plan
from .moments import boot_id, from_iso, to_iso
from .saves import Material
from .settings import Settings

PAUSES_S: Final = (1.0, 2.0, 3.0)
"""Before the first, second and every further try to connect again."""
KEEP_MEMORY_S: Final = 30.0

Connect = Callable[[], AbstractContextManager[Eyes]]


@dataclass(frozen=True)
class Time:
    """The controller's clocks and how to wait; injected, so that tests take no time."""

    monotonic: Callable[[], float] = time.monotonic
    wall: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep
    cpu: Callable[[], float] = time.process_time


@dataclass(frozen=True)
class Outcome:
    """How the watch ended: ``reason`` cut, cancelled or deadline; how many looks it took."""

    reason: str
    looks: int


class Watch:
    """One watch over one session directory. ``copies`` says how the safety copies stand."""

    def __init__(
        self,
        directory: Path,
        plan: Plan,
        connect: Connect,
        settings: Settings,
        material: Material,
        copies: Callable[[], Copies],
        connected: Callable[[], None] = lambda: None,
        clocks: Time | None = None,
    ) -> None:
        self._directory = directory
        self._connect = connect
        self._settings = settings
        self._clocks = clocks or Time()
        self._follower = Follower(directory)
        self._connected = connected
        self._copies = copies
        self._sitting = Sitting()
        self._journal_problem = ""
        self._looker = Looker(plan, settings, material, memory.load(directory), self._clocks.monotonic)
        self._looks = 0
        self._kept_at = self._clocks.monotonic()
        self._began = (self._kept_at, self._clocks.cpu())
        self._look_s = 0.0

    # -- once, without leaving anything

    def once(self) -> dict[str, Any]:
        """One whole look; returns the board and writes nothing. Raises ExamError when the server cannot be seen."""
        self._follow()
        with self._connect() as eyes:
            self._looker.attach(eyes)
            self._looker.follow(self._sitting)
            self._looker.look_at_everything()
        return self._board([])

    # -- from the start to the cut

    def run(self) -> Outcome:
        """Watch until the sitting is over. Raises LogonRefused when the password is refused, at once."""
        failures = 0
        try:
            while not (reason := self._over()):
                try:
                    with self._connect() as eyes:
                        self._connected()
                        self._looker.attach(eyes)
                        failures = 0
                        reason = self._watch()
                        break
                except LogonRefused:
                    self._write([words.warning("logon_refused")])
                    raise
                except (Unreachable, ConnectionLost) as error:
                    self._wait_again("server_lost", error, failures)
                except (SmbError, ExamError) as error:
                    self._wait_again("look_failed", error, failures)
                failures += 1
            self._write([])
        finally:
            memory.save(self._directory, self._looker.memory)
        return Outcome(reason, self._looks)

    def _watch(self) -> str:
        """Look after look over one connection, until it breaks or the sitting is over."""
        while True:
            began = self._clocks.monotonic()
            self._follow()
            self._looker.follow(self._sitting)
            self._looker.look()
            self._looks += 1
            self._look_s = self._clocks.monotonic() - began
            self._write([])
            self._keep_memory()
            self._sleep(self._settings.interval_s - (self._clocks.monotonic() - began))
            if reason := self._over():
                return reason

    def _wait_again(self, code: str, error: ExamError, failures: int) -> None:
        """Say that the server is out of sight, and wait a little, keeping the board alive."""
        until = self._clocks.monotonic() + PAUSES_S[min(failures, len(PAUSES_S) - 1)]
        said = words.warning(code, reason=error.zh)
        said["en"] = words.WARNINGS[code].en.format(reason=error.en)
        self._looker.detach()
        self._follow()
        self._looker.follow(self._sitting)
        self._write([said])
        self._sleep(until - self._clocks.monotonic())

    def _sleep(self, seconds: float) -> None:
        if seconds > 0:
            self._clocks.sleep(seconds)

    def _over(self) -> str:
        """Why there is nothing more to watch: cut, cancelled, or the deadline long past; empty while there is."""
        self._follow()
        if self._sitting.over:
            return self._sitting.over
        deadline = from_iso(self._sitting.deadline)
        now = self._looker.now() if self._looker.clock_known else self._clocks.wall()
        if deadline is not None and now > deadline + self._settings.give_up_min * 60:
            return "deadline"
        return ""

    def _follow(self) -> None:
        """What the journal says now. One that cannot be read is said on the board; the last reading goes on."""
        try:
            self._sitting = self._follower.sitting()
            self._journal_problem = ""
        except ExamError as error:
            self._journal_problem = error.zh
        except OSError as error:
            self._journal_problem = str(error.strerror)

    def _keep_memory(self) -> None:
        if self._looker.notable or self._clocks.monotonic() - self._kept_at >= KEEP_MEMORY_S:
            self._kept_at = self._clocks.monotonic()
            self._looker.notable = False
            memory.save(self._directory, self._looker.memory)

    def _board(self, warnings: Sequence[Mapping[str, str]]) -> dict[str, Any]:
        said = list(warnings)
        if self._journal_problem:
            said.append(words.warning("journal_unread", reason=self._journal_problem))
        beat = board.Heartbeat(str(to_iso(self._clocks.wall())), round(self._clocks.monotonic(), 3), boot_id())
        return self._looker.document(beat, self._sitting, self._copies(), self._load(), said)

    def _write(self, warnings: Sequence[Mapping[str, str]]) -> None:
        board.write(self._directory, self._board(warnings))

    def _load(self) -> dict[str, Any]:
        since, cpu = self._began
        minutes = max((self._clocks.monotonic() - since) / 60, 1 / 60)
        return {
            "looks": self._looks,
            "look_s": round(self._look_s, 3),
            "cpu_s_per_minute": round((self._clocks.cpu() - cpu) / minutes, 2),
            "pid": os.getpid(),
        }
