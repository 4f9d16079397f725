"""The arithmetic of the cutoff's bench: figures of a run, breaches, medians, and the last line."""

from __future__ import annotations

from typing import Any

import pytest

from bench import figures
from bench.figures import FLOOR, PRODUCT, Run

DEADLINE = 1_700_000_000.0


def writer(account: str, last: float, refused: float | None, started: float | None = None) -> dict[str, Any]:
    """What one candidate saw; moments in seconds from the deadline."""
    return {
        "account": account,
        "number": 10,
        "last_accepted": DEADLINE + last,
        "longest_s": 0.02,
        "refused": None if refused is None else DEADLINE + refused,
        "refused_started": None if refused is None else DEADLINE + (refused if started is None else started),
        "status": "",
        "hung_up": None if refused is None else DEADLINE + 0.4,
    }


def logon(started: float, status: str) -> dict[str, Any]:
    return {"account": "KS01", "started": DEADLINE + started, "answered": DEADLINE + started + 0.1, "status": status}


def run(*writers: dict[str, Any], logons: tuple[dict[str, Any], ...] = (), gone: float | None = 0.3) -> Run:
    seen = {"writers": writers, "logons": list(logons)}
    return figures.run_of(len(writers), PRODUCT, DEADLINE, seen, None if gone is None else DEADLINE + gone)


def plain(overshoot: float, seats: int = 30, way: str = PRODUCT, logon_refused: float | None = 200.0) -> Run:
    """A run of which only the figures matter."""
    return Run(seats, way, overshoot, overshoot / 2, overshoot / 2, 300.0, logon_refused, 310.0, 100, 5.0, 60)


def test_the_last_write_of_anybody_is_the_overshoot_and_the_first_refusal_the_earliest() -> None:
    measured = run(writer("KS01", 0.05, 0.06), writer("KS02", 0.08, 0.07, started=-0.001))
    assert measured.overshoot_ms == 80.0
    assert measured.refused_ms == 60.0
    assert measured.refused_started_ms == -1.0
    assert measured.sessions_gone_ms == 300.0
    assert measured.hung_up_ms == 400.0
    assert measured.writes == 20
    assert figures.breaches(measured) == []


def test_a_write_in_flight_at_the_deadline_may_be_refused_but_none_before_it() -> None:
    assert not figures.breaches(run(writer("KS01", 0.05, 0.06, started=-0.01)))
    early = figures.breaches(run(writer("KS01", 0.05, 0.06), writer("KS02", 0.05, -0.002)))
    assert len(early) == 1
    assert "-2.0 ms" in early[0]


def test_nobody_served_up_to_the_deadline_is_a_breach() -> None:
    assert len(figures.breaches(run(writer("KS01", -0.05, 0.01)))) == 1


def test_who_writes_to_the_end_was_not_cut() -> None:
    measured = run(writer("KS01", 0.05, 0.06), writer("KS02", 20.0, None))
    assert measured.not_cut == ("KS02",)
    assert measured.hung_up_ms is None
    assert "KS02" in figures.breaches(measured)[0]


@pytest.mark.parametrize(
    ("attempts", "refused_ms"),
    [
        ([(-0.1, "accepted"), (0.0, "accepted"), (0.05, "no"), (0.1, "no")], 50.0),
        # One that got in later counts, whatever was refused before it, in whatever order they ended.
        ([(0.1, "accepted"), (0.05, "no"), (0.15, "no"), (0.0, "accepted")], 150.0),
        ([(0.0, "no"), (0.1, "accepted")], None),
        ([], None),
    ],
)
def test_a_log_on_is_refused_from_the_first_attempt_after_which_none_succeeded(
    attempts: list[tuple[float, str]], refused_ms: float | None
) -> None:
    measured = run(writer("KS01", 0.05, 0.06), logons=tuple(logon(*one) for one in attempts))
    assert measured.logon_refused_ms == refused_ms


def test_a_summary_has_medians_and_the_worst_and_says_nothing_of_what_is_not_known_of_every_run() -> None:
    found = figures.summary([plain(80), plain(200), plain(90, logon_refused=None)])
    assert found["overshoot_ms"] == {"median": 90, "max": 200}
    assert found["refused_ms"] == {"median": 45, "min": 40}
    assert found["logon_refused_ms"] == {"median": None, "max": None}


def test_the_table_has_a_line_for_each_size_and_way() -> None:
    lines = figures.table([plain(80), plain(60, way=FLOOR), plain(50, seats=3)]).splitlines()
    assert len(lines) == 4
    assert "80 / 80" in lines[1]


def test_the_last_line_is_of_the_runs_with_thirty_seats() -> None:
    runs = [plain(80), plain(240), plain(90), plain(60, way=FLOOR), plain(999, seats=60)]
    assert figures.last_line(runs) == (
        "cutoff 30 seats: overshoot median 90 ms max 240 ms, floor 60 ms, sessions gone 300 ms, log-on refused 200 ms"
    )
    assert "median — max —" in figures.last_line([plain(999, seats=60)])
