"""One look after the other at the server, and the document made of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from ..errors import ExamError
from ..journal.sitting import Sitting, seats_now
from ..room.conditions import Required
from ..wire.smberrors import SmbError
from . import board, judge, presence
from .eyes import Eyes
from .judge import Copies, Facts, Now
from .memory import Memory
from .moments import boot_id, from_iso, to_iso
from .saves import Material
from .scan import Scanner
from .serverclock import WatchedClock
from .settings import Settings

#: Where switch and expiry differ from the journal they are looked at again soon: they may just be moving.
SOON_S: Final = 6.0
#: An account expires at the deadline to the second; where it is kept more coarsely, a second more is the same.
EXPIRY_SLACK_S: Final = 1.5


@dataclass(frozen=True)
class Plan:
    """What is watched. ``root`` is the results root relative to its volume; ``exam``: zh and en.

    ``required``: what the exam asks for at the least.
    """

    session_id: str
    room: str
    exam: Mapping[str, str]
    timezone: str
    address: str
    root: str
    seats: Sequence[Mapping[str, Any]]
    required: Sequence[Required] = ()

    @property
    def accounts(self) -> list[str]:
        """Of all seats."""
        return [str(seat["account"]) for seat in self.seats]


class Looker:
    """Keeps what was seen. ``attach`` it to a connection before looking; detached it still gives the document."""

    def __init__(
        self, plan: Plan, settings: Settings, material: Material, kept: Memory, monotonic: Callable[[], float]
    ) -> None:
        self._plan = plan
        self._settings = settings
        self._material = material
        self._monotonic = monotonic
        self._sitting = Sitting()
        self._kept = kept
        self.memory = kept.of(plan.accounts, kept.started_at)
        same_boot = kept.boot_id and kept.boot_id == boot_id()
        self._clock = WatchedClock(kept.clock if same_boot else None)
        self._facts = Facts()
        self._opened: dict[str, set[str]] = {}
        self._busy: set[str] = set()
        self._slow_at: float | None = None
        self._deadline_then: str | None = None
        self._eyes: Eyes | None = None
        self._followed = False
        self.notable = False
        """Somebody came or went since the memory was kept: that shows nowhere else afterwards."""

    # -- the connection

    def attach(self, eyes: Eyes) -> None:
        """Look through this connection from now on; everything slow is looked at first."""
        self._eyes = eyes
        self._slow_at = None

    def detach(self) -> None:
        """The connection is gone. What it showed stays as it was seen last."""
        self._eyes = None

    @property
    def clock_known(self) -> bool:
        """The server's clock has been measured."""
        return self._clock.known

    def now(self) -> float:
        """Server's seconds since 1970."""
        return self._clock.now(self._monotonic())

    def follow(self, sitting: Sitting) -> None:
        """What the journal says now. The start of another sitting begins a new memory."""
        before, after = from_iso(self.memory.started_at), from_iso(sitting.started_at)
        self._sitting = sitting
        if before != after and self._followed and before is not None and after is not None:
            # Somebody set the server's clock: the same start in the new time.
            self.memory.shift(after - before, sitting.started_at)
            self.notable = True
        elif self.memory.started_at != sitting.started_at:
            self.memory = self.memory.of(self._plan.accounts, sitting.started_at)
        self._followed = True
        if sitting.deadline != self._deadline_then:
            self._deadline_then = sitting.deadline
            self._slow_at = None

    # -- looking

    def look(self) -> None:
        """One look, as light as can be. Raises SmbError when the connection fails."""
        eyes = self._attached()
        if not self._clock.known or self._clock.contradicts(eyes.time_sample()):
            self._measure(eyes)
        if not self._is_quiet():
            self._slow(eyes)
        self._connections(eyes)
        if not self._is_quiet():
            budget = self._settings.interval_s * self._settings.scan_share
            self._busy = set(
                self._scanner(eyes).scan(self._hot(), self._opened, self._started(), self.now, self._monotonic, budget)
            )

    def look_at_everything(self) -> None:
        """One look, whole: for somebody who looks once."""
        eyes = self._attached()
        self._measure(eyes)
        self._slow(eyes)
        # Looked at once there is no second reading that could confirm the first.
        self._facts.disagreements *= 2
        self._connections(eyes)
        scanner = self._scanner(eyes)
        for account in self.memory.folders:
            scanner.look(account, self._opened.get(account, ()), self._started(), self.now())

    def _attached(self) -> Eyes:
        assert self._eyes is not None, "attach() comes first"
        return self._eyes

    def _scanner(self, eyes: Eyes) -> Scanner:
        return Scanner(eyes, self._plan.root, self._material, self.memory.folders)

    def _started(self) -> float | None:
        return from_iso(self._sitting.started_at)

    def _is_quiet(self) -> bool:
        """Around the deadline the server has better to do than to show us folders."""
        deadline = from_iso(self._sitting.deadline)
        return deadline is not None and self.now() > deadline - self._settings.quiet_before_deadline_s

    def _hot(self) -> set[str]:
        """Accounts at work: files open, changes in the last look, or just connected."""
        opened = {account for account, paths in self._opened.items() if paths - {""}}
        return opened | self._busy

    def _measure(self, eyes: Eyes) -> None:
        self._clock.take(eyes.clock(), self._monotonic())
        self.memory.clock = self._clock.baseline
        self.memory.boot_id = boot_id()
        self._facts.clock_moved_s = self._clock.moved_s

    def _connections(self, eyes: Eyes) -> None:
        now = self.now()
        sessions = presence.by_account(eyes.sessions())
        for account, known in self.memory.presences.items():
            before = known.connected
            presence.update(known, sessions.get(account.casefold(), []), now)
            self.notable = self.notable or known.connected != before
        self._opened = presence.open_paths(eyes.open_files(), self._plan.root, self._plan.accounts)

    def _slow(self, eyes: Eyes) -> None:
        now = self._monotonic()
        if self._slow_at is not None and now < self._slow_at:
            return
        if self._slow_at is not None:
            self._measure(eyes)
        facts = self._facts
        facts.free_bytes = eyes.free_bytes()
        if not self._sitting.running:
            self._slow_at = now + self._settings.slow_interval_s
            return
        facts.armed_problem = ""
        try:
            facts.armed = eyes.armed()
        except SmbError:
            raise
        except ExamError as error:
            facts.armed, facts.armed_problem = {}, error.zh
        facts.expiry_wrong = self._expiry_wrong(eyes)
        differs = judge.disagrees(facts, self._plan.session_id, self._sitting.deadline)
        facts.disagreements = facts.disagreements + 1 if differs else 0
        self._slow_at = now + (SOON_S if facts.disagreements == 1 else self._settings.slow_interval_s)

    def _expiry_wrong(self, eyes: Eyes) -> tuple[str, ...]:
        deadline = from_iso(self._sitting.deadline)
        ended = {str(seat["account"]) for seat in self._plan.seats if int(seat["number"]) in self._sitting.ended}
        accounts = [name for name in self._plan.accounts if name not in ended]
        found = eyes.expiries(accounts)
        return tuple(
            name
            for name in accounts
            if deadline is None or (at := found.get(name)) is None or abs(at - deadline) > EXPIRY_SLACK_S
        )

    # -- what it comes to

    def document(
        self,
        beat: board.Heartbeat,
        sitting: Sitting,
        copies: Copies,
        load: Mapping[str, Any],
        warnings: Sequence[Mapping[str, str]],
    ) -> dict[str, Any]:
        """The board as of the last look. ``warnings`` come before those that are found here."""
        plan, facts = self._plan, self._facts
        at = self.now()
        deadline = from_iso(sitting.deadline)
        running = sitting.running and (deadline is None or at <= deadline)
        # Nothing is said of connections while none can be seen.
        now = Now(at, from_iso(sitting.started_at), deadline, running and self._eyes is not None)
        clock = self._clock.measured
        seats = [
            judge.seat_row(
                seat,
                int(seat["number"]) in sitting.moved,
                self.memory.presences[str(seat["account"])],
                self.memory.folders[str(seat["account"])],
                len(self._opened.get(str(seat["account"]), set()) - {""}),
                copies.never_copied.get(str(seat["account"]), ()),
                now,
                self._settings,
                plan.required,
            )
            for seat in seats_now(plan.seats, sitting)
        ]
        return board.document(
            beat,
            {"id": plan.session_id, "room": plan.room, "exam": dict(plan.exam), "timezone": plan.timezone},
            {"started_at": sitting.started_at, "deadline": sitting.deadline, "over": sitting.over},
            {
                "address": plan.address,
                "reachable": self._eyes is not None,
                "time": to_iso(at) if clock else None,
                "offset_ms": round(clock.controller_offset_s * 1000, 1) if clock else None,
                "uncertainty_ms": round(clock.uncertainty_s * 1000, 1) if clock else None,
                "moved_ms": round(facts.clock_moved_s * 1000, 1),
            },
            {
                "free_bytes": facts.free_bytes,
                "armed": None if facts.armed is None else dict(facts.armed),
                "expiry_wrong": None if facts.expiry_wrong is None else list(facts.expiry_wrong),
            },
            asdict(copies) | {"never_copied": {name: list(paths) for name, paths in copies.never_copied.items()}},
            load,
            [
                *warnings,
                *judge.of_room(facts, copies, plan.session_id, sitting.deadline, now, self._settings, plan.timezone),
            ],
            seats,
        )
