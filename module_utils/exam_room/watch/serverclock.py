"""The server's clock against the controller's monotonic clock: what time it is there, and whether somebody set it."""

from __future__ import annotations

from ..server.clock import DRIFT, Sample, ServerClock


class WatchedClock:
    """``baseline``: server minus monotonic when the watch began, kept over restarts of the process (not of the PC)."""

    def __init__(self, baseline: float | None = None) -> None:
        self.baseline = baseline
        self._clock: ServerClock | None = None
        self._measured_at = 0.0

    @property
    def known(self) -> bool:
        """It has been measured."""
        return self._clock is not None

    @property
    def measured(self) -> ServerClock | None:
        """The measurement in force."""
        return self._clock

    def take(self, measured: ServerClock, monotonic: float) -> None:
        """A new measurement in full, narrowed down by the one before unless the clock was set in between."""
        age = monotonic - self._measured_at
        self._clock = measured if self._clock is None else measured.refined_by(self._clock, age)
        self._measured_at = monotonic
        if self.baseline is None:
            self.baseline = self._clock.middle

    def contradicts(self, sample: Sample) -> bool:
        """One answer cannot be true by the measurement in force: the clock was set, measure again."""
        if self._clock is None:
            return True
        return self._clock.contradicted_by(sample, (sample.after - self._measured_at) * DRIFT)

    def now(self, monotonic: float) -> float:
        """Server's seconds since 1970."""
        return 0.0 if self._clock is None else self._clock.server_time(monotonic)

    @property
    def moved_s(self) -> float:
        """By how much the server's clock went another way than ours since the watch began."""
        return 0.0 if self._clock is None or self.baseline is None else self._clock.middle - self.baseline
