"""When scheduled tasks fire."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from standin.host.triggers import LOCAL, Schedule, catches_up, moment, schedule, seconds

NINE = datetime(2026, 11, 25, 9, 0, tzinfo=LOCAL).timestamp()
MINUTE = {"interval": "PT1M"}


def trigger(kind: str = "time", **options: Any) -> dict[str, Any]:
    return {"type": kind, **options}


def found(given: dict[str, Any], booted: float = NINE, registered: float = NINE) -> Schedule:
    made = schedule(given, booted=booted, registered=registered)
    assert made is not None
    return made


@pytest.mark.parametrize(
    ("text", "wanted"), [("PT1M", 60), ("PT1H30M5S", 5405), ("P1DT1S", 86_401), ("PT0.5S", 0.5), ("", 0), (None, 0)]
)
def test_durations_are_seconds(text: str | None, wanted: float) -> None:
    assert seconds(text) == wanted


def test_what_is_no_duration_is_refused() -> None:
    with pytest.raises(ValueError, match="1 minute"):
        seconds("1 minute")


def test_a_boundary_is_local_time_unless_it_says_otherwise() -> None:
    assert moment("2026-11-25T09:00:00") == moment("2026-11-25T01:00:00+00:00") == NINE


def test_a_time_trigger_fires_once() -> None:
    once = found(trigger(start_boundary="2026-11-25T09:00:00"))
    assert once.next(NINE - 1) == NINE
    assert once.next(NINE) is None
    assert (once.last(NINE - 1), once.last(NINE), once.last(NINE + 1e6)) == (None, NINE, NINE)


def test_repetition_without_end_keeps_its_grid_from_a_start_in_the_past() -> None:
    each = found(trigger(start_boundary="2026-11-20T09:00:00", repetition=MINUTE))
    assert each.next(NINE) == NINE + 60
    assert each.next(NINE + 59.999) == NINE + 60
    assert each.next(NINE + 60) == NINE + 120
    assert each.last(NINE + 61) == NINE + 60


def test_repetition_ends_before_its_duration_is_over() -> None:
    short = found(trigger(start_boundary="2026-11-25T09:00:00", repetition={"interval": "PT1M", "duration": "PT3M"}))
    assert short.next(NINE + 60) == NINE + 120
    assert short.next(NINE + 120) is None
    assert short.last(NINE + 1e6) == NINE + 120


def test_nothing_fires_after_the_end_boundary() -> None:
    ended = found(trigger(start_boundary="2026-11-25T09:00:00", end_boundary="2026-11-25T09:01:30", repetition=MINUTE))
    assert ended.next(NINE) == NINE + 60
    assert ended.next(NINE + 60) is None
    assert ended.last(NINE + 1e6) == NINE + 60
    never = found(trigger(start_boundary="2026-11-25T09:00:00", end_boundary="2026-11-25T08:00:00"))
    assert (never.next(0), never.last(NINE)) == (None, None)


def test_a_boot_trigger_fires_at_the_start_after_its_delay_and_repeats() -> None:
    boot = found(trigger("boot", delay="PT30S", repetition=MINUTE), booted=NINE + 7)
    assert boot.next(NINE + 7) == NINE + 37
    assert boot.next(NINE + 37) == NINE + 97


def test_a_registration_trigger_fires_when_the_task_is_made() -> None:
    made = found(trigger("registration"), registered=NINE + 3)
    assert made.next(NINE + 2.9) == NINE + 3


@pytest.mark.parametrize(
    "silent",
    [
        trigger(start_boundary="2026-11-25T09:00:00", enabled=False),
        trigger("boot", start_boundary="2026-11-25T09:00:01"),
        trigger("logon"),
        trigger("daily", start_boundary="2026-11-25T09:00:00"),
        trigger(),
    ],
)
def test_triggers_that_are_off_not_yet_active_or_of_other_kinds_never_fire(silent: dict[str, Any]) -> None:
    assert schedule(silent, booted=NINE, registered=NINE) is None


@pytest.mark.parametrize(
    ("given", "when_available", "wanted"),
    [
        (trigger(repetition=MINUTE), True, True),
        (trigger(end_boundary="2026-11-26T09:00:00"), True, True),
        (trigger(repetition={"interval": "PT1M", "duration": "PT1H"}), True, False),
        (trigger(), True, False),
        (trigger("boot", repetition=MINUTE), True, False),
        (trigger(repetition=MINUTE), False, False),
    ],
)
def test_missed_starts_are_made_up_for_as_windows_does(
    given: dict[str, Any], when_available: bool, wanted: bool
) -> None:
    assert catches_up({"start_when_available": when_available}, given) is wanted
