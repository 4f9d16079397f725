"""The server's clock: the truth always lies in the interval, and the interval is narrow."""

from __future__ import annotations

import math

import pytest

from exam_room.server.clock import Sample, combine, iso, measure


class World:
    """A controller and a server whose clocks differ by ``offset``; each question takes ``delays`` seconds."""

    def __init__(self, offset: float, tick: int = 1, out: float = 0.001, back: float = 0.001) -> None:
        self.now = 1000.0
        self.offset = offset
        self.tick = tick
        self.out = out
        self.back = back

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def time_of_day(self) -> int:
        self.now += self.out
        answer = math.floor((self.now + self.offset) * 100 / self.tick + 1e-9) * self.tick
        self.now += self.back
        return answer


@pytest.mark.parametrize("tick", [1, 100], ids=["hundredths", "whole seconds"])
@pytest.mark.parametrize("offset", [0.0, 1_700_000_000.1234, -90.005, 3600.9999])
@pytest.mark.parametrize(("out", "back"), [(0.001, 0.001), (0.02, 0.0), (0.0, 0.02)])
def test_the_true_offset_lies_within(tick: int, offset: float, out: float, back: float) -> None:
    world = World(offset, tick, out, back)
    clock = measure(world.time_of_day, 15, world.monotonic, lambda: world.now, world.sleep)
    assert clock.low - 1e-6 <= offset <= clock.high + 1e-6
    assert clock.consistent
    assert clock.controller_offset_s == pytest.approx(offset, abs=clock.uncertainty_s + 1e-6)


@pytest.mark.parametrize("tick", [1, 100], ids=["hundredths", "whole seconds"])
def test_many_samples_are_better_than_one(tick: int) -> None:
    world = World(12.3456, tick)
    clock = measure(world.time_of_day, 15, world.monotonic, lambda: world.now, world.sleep)
    assert clock.uncertainty_s < 0.004


def test_contradicting_samples_are_said_and_the_quickest_counts() -> None:
    before = Sample(0.0, 0.002, 100_000)
    after = Sample(1.0, 1.001, 190_000)
    clock = combine([before, after], 0.0)
    assert not clock.consistent
    assert (clock.low, clock.high) == (after.low, after.high)


def test_the_cut_waits_for_the_worst_case() -> None:
    clock = combine([Sample(10.0, 10.004, 100_000)], 0.0)
    moment = clock.surely_past(1000.5)
    assert moment + clock.low >= 1000.5 - 1e-9


def test_an_earlier_measurement_narrows_a_later_one_unless_the_clock_was_set() -> None:
    narrow = combine([Sample(0.0, 0.001, 50_000), Sample(0.012, 0.0125, 50_001)], 0.0)
    wide = combine([Sample(10.0, 10.2, 51_010)], 0.0)
    assert wide.refined_by(narrow, 10.0).uncertainty_s < wide.uncertainty_s
    set_since = combine([Sample(10.0, 10.01, 60_000)], 0.0)
    assert set_since.refined_by(narrow, 10.0) == set_since


def test_times_are_utc_with_milliseconds() -> None:
    assert iso(0) == "1970-01-01T00:00:00.000Z"
    assert iso(1_700_000_000.1239) == "2023-11-14T22:13:20.124Z"
