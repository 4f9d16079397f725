"""The server's clock, measured over SRVSVC without trusting the controller's (V6: the deadline is the server's time).

NetrRemoteTOD counts hundredths of a second, rounded down, read somewhere between question and answer. So each sample
only says that the offset lies in an interval; several samples at different moments of the hundredth narrow it down by
intersection to a few milliseconds. Samba gives whole seconds only: then it is asked on until the second changes, which
narrows it down as well. Where intervals contradict each other (the clock was set meanwhile) the narrowest single
sample counts.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from ..errors import ExamError
from ..wire import smb, srvsvc

TICK_S: Final = 0.01
WHOLE_SECOND_S: Final = 1.0
#: More than two computers' clocks drift apart (100 ppm).
DRIFT: Final = 1e-4
SAMPLES: Final = 15
#: Not a multiple of the tick, so that samples fall on different parts of it.
PAUSE_S: Final = 0.0137
EDGE_PAUSE_S: Final = 0.003
EDGE_LIMIT_S: Final = 1.5
#: A server that answers slowly is asked less often: measuring must not take long before a deadline.
LIMIT_S: Final = 1.0


@dataclass(frozen=True)
class Sample:
    """One question: controller's monotonic seconds before and after, and the answer in hundredths since 1970."""

    before: float
    after: float
    hundredths: int
    tick_s: float = TICK_S

    @property
    def low(self) -> float:
        """The least that server time minus monotonic time can be."""
        return self.hundredths / 100 - self.after

    @property
    def high(self) -> float:
        """The most it can be."""
        return self.hundredths / 100 + self.tick_s - self.before


@dataclass(frozen=True)
class ServerClock:
    """Server time (seconds since 1970 UTC) = monotonic seconds + something in [low, high].

    ``controller_offset_s``: server minus the controller's own clock. ``round_trip_s``: of the quickest sample.
    ``consistent`` is False when the samples contradicted each other.
    """

    low: float
    high: float
    controller_offset_s: float
    round_trip_s: float
    samples: int
    consistent: bool

    @property
    def middle(self) -> float:
        """The best single value of server time minus monotonic time."""
        return (self.low + self.high) / 2

    @property
    def uncertainty_s(self) -> float:
        """How far off the best value can be, either way."""
        return (self.high - self.low) / 2

    def server_time(self, monotonic: float) -> float:
        """Server time at a monotonic moment, the best estimate."""
        return monotonic + self.middle

    def surely_past(self, deadline: float) -> float:
        """The monotonic moment from which the server's clock is past ``deadline`` even in the worst case."""
        return deadline - self.low

    def contradicted_by(self, sample: Sample, tolerance_s: float) -> bool:
        """Whether one answer cannot be true by this measurement: the clock was set in between."""
        return sample.high < self.low - tolerance_s or sample.low > self.high + tolerance_s

    def refined_by(self, earlier: ServerClock, age_s: float) -> ServerClock:
        """This measurement narrowed down by an earlier one, allowing for what two clocks drift apart meanwhile.

        Where the two contradict each other, the clock was set in between: then only the later one counts.
        """
        drift = age_s * DRIFT
        low, high = max(self.low, earlier.low - drift), min(self.high, earlier.high + drift)
        if low > high:
            return self
        moved = (low + high) / 2 - self.middle
        return replace(self, low=low, high=high, controller_offset_s=self.controller_offset_s + moved)

    def as_dict(self, monotonic: float) -> dict[str, Any]:
        """The measurement as evidence."""
        return {
            "server_utc": iso(self.server_time(monotonic)),
            "offset_ms": round(self.controller_offset_s * 1000, 1),
            "uncertainty_ms": round(self.uncertainty_s * 1000, 1),
            "round_trip_ms": round(self.round_trip_s * 1000, 1),
            "samples": self.samples,
            "consistent": self.consistent,
        }


def iso(seconds: float) -> str:
    """Seconds since 1970 UTC as ISO 8601 with milliseconds and Z."""
    moment = datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=round(seconds * 1000))
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def seconds(moment: str) -> float:
    """Seconds since 1970 of UTC ISO 8601, or of another offset. ValueError for anything else."""
    return datetime.fromisoformat(moment).timestamp()


def combine(samples: Sequence[Sample], wall_minus_monotonic: float) -> ServerClock:
    """The clock that all samples agree on; ``wall_minus_monotonic`` is the controller's own clock."""
    low = max(sample.low for sample in samples)
    high = min(sample.high for sample in samples)
    quickest = min(samples, key=lambda sample: sample.after - sample.before)
    consistent = low <= high
    if not consistent:
        low, high = quickest.low, quickest.high
    return ServerClock(
        low=low,
        high=high,
        controller_offset_s=(low + high) / 2 - wall_minus_monotonic,
        round_trip_s=quickest.after - quickest.before,
        samples=len(samples),
        consistent=consistent,
    )


def sample(time_of_day: Callable[[], int], monotonic: Callable[[], float] = time.monotonic) -> Sample:
    """One quick question. An answer without hundredths may come from a clock of whole seconds: then it says less."""
    before = monotonic()
    hundredths = time_of_day()
    return Sample(before, monotonic(), hundredths, TICK_S if hundredths % 100 else WHOLE_SECOND_S)


def measure(
    time_of_day: Callable[[], int],
    samples: int = SAMPLES,
    monotonic: Callable[[], float] = time.monotonic,
    wall: Callable[[], float] = time.time,
    sleep: Callable[[float], None] = time.sleep,
) -> ServerClock:
    """Ask ``time_of_day`` (srvsvc.ServerService.time_of_day) several times and combine the answers."""
    taken: list[Sample] = []

    def ask() -> None:
        before = monotonic()
        hundredths = time_of_day()
        taken.append(Sample(before, monotonic(), hundredths))

    enough = monotonic() + LIMIT_S
    for number in range(samples):
        if number:
            sleep(PAUSE_S)
        ask()
        if monotonic() > enough:
            break
    if all(sample.hundredths % 100 == 0 for sample in taken):
        until = monotonic() + EDGE_LIMIT_S
        while taken[-1].hundredths == taken[0].hundredths and monotonic() < until:
            sleep(EDGE_PAUSE_S)
            ask()
        taken = [replace(sample, tick_s=WHOLE_SECOND_S) for sample in taken]
    return combine(taken, wall() - monotonic())


def measure_server(login: smb.Login, samples: int = SAMPLES, timeout: float = smb.DEFAULT_TIMEOUT) -> dict[str, Any]:
    """Log on, measure, and give the measurement as evidence."""
    if samples < 1:
        raise ExamError("samples 至少为 1", "samples must be at least 1")
    with smb.connect(login, timeout) as server, srvsvc.server_service(server) as service:
        clock = measure(service.time_of_day, samples)
        return clock.as_dict(time.monotonic())
