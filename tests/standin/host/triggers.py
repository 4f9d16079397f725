"""When triggers of scheduled tasks fire: pure arithmetic on the dictionaries that win_scheduled_task keeps.

Moments are seconds since 1970 (UTC) by the host's clock; durations are seconds. Kinds of triggers: ``time``, ``boot``
and ``registration``; every other kind never fires here. Repetition: the first run, then one each ``interval`` for less
than ``duration`` seconds, or without end ([MS-TSCH] 2.5.3.1, repetition).
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

# The time zone that Win32_OperatingSystem shows, CurrentTimeZone 480.
LOCAL = timezone(timedelta(hours=8))
_DURATION = re.compile(
    r"^P(?:(?P<years>\d+)Y)?(?:(?P<months>\d+)M)?(?:(?P<days>\d+)D)?"
    r"(?:T(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+(?:\.\d+)?)S)?)?$"
)
_SECONDS = {"years": 31_536_000, "months": 2_592_000, "days": 86_400, "hours": 3600, "minutes": 60, "seconds": 1}


@dataclass(frozen=True)
class Schedule:
    """A first moment, repeated each ``interval`` for ``duration`` (None: without end), never after ``until``."""

    first: float
    interval: float | None = None
    duration: float | None = None
    until: float | None = None

    def next(self, after: float) -> float | None:
        """The first moment later than ``after``."""
        number = 0
        if after >= self.first:
            if self.interval is None:
                return None
            number = math.floor((after - self.first) / self.interval) + 1
        return self._moment(number)

    def last(self, at: float) -> float | None:
        """The last moment not later than ``at``."""
        latest = at if self.until is None else min(at, self.until)
        if latest < self.first:
            return None
        if self.interval is None:
            return self.first
        number = math.floor((latest - self.first) / self.interval)
        if self.duration is not None:
            number = min(number, math.ceil(self.duration / self.interval) - 1)
        return self.first + number * self.interval

    def _moment(self, number: int) -> float | None:
        offset = number * (self.interval or 0.0)
        moment = self.first + offset
        if self.duration is not None and number > 0 and offset >= self.duration:
            return None
        return None if self.until is not None and moment > self.until else moment


def seconds(duration: str | None) -> float:
    """``PT1M30S`` -> 90; a year is 365 days and a month 30. None and an empty text are 0."""
    if not duration:
        return 0.0
    found = _DURATION.match(duration)
    if found is None:
        raise ValueError(f"not a duration: {duration!r}")
    return sum(float(value) * _SECONDS[unit] for unit, value in found.groupdict().items() if value)


def moment(boundary: str | None) -> float | None:
    """A boundary, local time unless it says otherwise, as seconds since 1970."""
    if not boundary:
        return None
    parsed = datetime.fromisoformat(boundary)
    return (parsed if parsed.tzinfo else parsed.replace(tzinfo=LOCAL)).timestamp()


def schedule(trigger: Mapping[str, Any], *, booted: float | None, registered: float) -> Schedule | None:
    """When this trigger fires; None: never here.

    ``booted`` is when the host started, None if the task was registered only after that, ``registered`` when that was.
    """
    if trigger.get("enabled") is False:
        return None
    start = moment(trigger.get("start_boundary"))
    match trigger["type"]:
        case "time" if start is not None:
            first = start
        case "boot" if booted is not None:
            first = booted + seconds(trigger.get("delay"))
        case "registration":
            first = registered + seconds(trigger.get("delay"))
        case _:
            return None
    if start is not None and first < start:
        # A trigger is not active before its start boundary.
        return None
    repetition = trigger.get("repetition") or {}
    return Schedule(
        first,
        seconds(repetition.get("interval")) or None,
        seconds(repetition.get("duration")) or None,
        moment(trigger.get("end_boundary")),
    )


def catches_up(task: Mapping[str, Any], trigger: Mapping[str, Any]) -> bool:
    """Whether a start that was missed is made up for: TaskSettings.StartWhenAvailable, which Windows heeds only for
    time-based triggers that have an end boundary or repeat without end."""
    repetition = trigger.get("repetition") or {}
    endless = bool(repetition.get("interval")) and not repetition.get("duration")
    return (
        bool(task["start_when_available"])
        and trigger["type"] == "time"
        and (bool(trigger.get("end_boundary")) or endless)
    )
