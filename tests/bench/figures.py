"""The arithmetic of the cutoff's bench: from what candidates saw to figures, breaches, a table and the last line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any, Final

#: The ways of cutting off that are compared; FLOOR is the same work done on the server itself.
PRODUCT: Final = "cutoff"
ANSIBLE: Final = "ansible ad hoc"
NET_RPC: Final = "net rpc"
FLOOR: Final = "local"
#: The figures of one run, in milliseconds from the deadline by the server's clock.
FIGURES: Final = ("overshoot_ms", "refused_ms", "sessions_gone_ms", "logon_refused_ms")
HEADINGS: Final = ("overshoot", "first refusal", "sessions gone", "log-on refused")
#: The seats that the last line is about.
MAIN_SEATS: Final = 30


@dataclass(frozen=True)
class Run:
    """One cut, in milliseconds from the deadline.

    ``overshoot_ms``: the last write that any candidate got acknowledged. ``refused_ms``: the earliest refusal of a
    write, when it arrived; ``refused_started_ms``: the earliest moment at which a write began that was refused, so
    that it may lie a little before the deadline. ``sessions_gone_ms``: the server reports no session of a seat any
    more; None where the way does not end sessions. ``logon_refused_ms``: the start of the first attempt to log on
    after which none succeeded any more; None if the last one still did. ``hung_up_ms``: the server had ended the
    connection of every candidate, as they saw it; None if it did not. ``not_cut``: who could write to the end.
    """

    seats: int
    way: str
    overshoot_ms: float | None
    refused_ms: float | None
    refused_started_ms: float | None
    sessions_gone_ms: float | None
    logon_refused_ms: float | None
    hung_up_ms: float | None
    writes: int
    slowest_write_ms: float
    logons: int
    not_cut: tuple[str, ...] = ()
    more: Mapping[str, Any] = field(default_factory=dict)


def _ms(moment: float | None, deadline: float) -> float | None:
    return None if moment is None else round((moment - deadline) * 1000, 1)


def logon_refused(logons: Iterable[Mapping[str, Any]]) -> float | None:
    """The start of the first attempt after which no attempt ever succeeded again (seconds); None if there is none."""
    refused: float | None = None
    for one in sorted(logons, key=lambda one: float(one["started"])):
        if one["status"] == "accepted":
            refused = None
        elif refused is None:
            refused = float(one["started"])
    return refused


def run_of(
    seats: int,
    way: str,
    deadline: float,
    seen: Mapping[str, Any],
    sessions_gone: float | None,
    more: Mapping[str, Any] | None = None,
) -> Run:
    """The figures of one cut. ``seen``: what bench/inside/candidates.py printed; times in seconds since 1970."""
    writers: Sequence[Mapping[str, Any]] = seen["writers"]
    refused = [one for one in writers if one["refused"] is not None]
    ended = [one["hung_up"] for one in writers]
    return Run(
        seats=seats,
        way=way,
        overshoot_ms=_ms(max(one["last_accepted"] for one in writers), deadline),
        refused_ms=_ms(min((one["refused"] for one in refused), default=None), deadline),
        refused_started_ms=_ms(min((one["refused_started"] for one in refused), default=None), deadline),
        sessions_gone_ms=_ms(sessions_gone, deadline),
        logon_refused_ms=_ms(logon_refused(seen["logons"]), deadline),
        hung_up_ms=_ms(None if None in ended else max(ended), deadline),
        writes=sum(one["number"] for one in writers),
        slowest_write_ms=round(max(one["longest_s"] for one in writers) * 1000, 1),
        logons=len(seen["logons"]),
        not_cut=tuple(one["account"] for one in writers if one["refused"] is None),
        more=more or {},
    )


def breaches(run: Run) -> list[str]:
    """What must never be, in words: cut too early, or not at all."""
    who = f"{run.way}, {run.seats} seats"
    found = [f"{who}: {name} could write to the end" for name in run.not_cut]
    if run.overshoot_ms is None or run.overshoot_ms < 0:
        found.append(f"{who}: the last write was accepted {run.overshoot_ms} ms from the deadline, before it")
    if run.refused_ms is not None and run.refused_ms < 0:
        found.append(f"{who}: a write was refused {run.refused_ms} ms from the deadline, before it")
    return found


def summary(runs: Iterable[Run]) -> dict[str, dict[str, Any]]:
    """Median and maximum of each figure (for the earliest refusal: the minimum) of runs of one way and size."""
    listed = list(runs)
    found: dict[str, dict[str, Any]] = {}
    for name in FIGURES:
        values = [value for run in listed if (value := getattr(run, name)) is not None]
        complete = bool(values) and len(values) == len(listed)
        worst = min if name == "refused_ms" else max
        found[name] = {
            "median": round(median(values), 1) if complete else None,
            "min" if name == "refused_ms" else "max": round(worst(values), 1) if complete else None,
        }
    return found


def grouped(runs: Iterable[Run]) -> dict[tuple[int, str], list[Run]]:
    """Runs by seats and way, in the order of their first appearance."""
    found: dict[tuple[int, str], list[Run]] = {}
    for run in runs:
        found.setdefault((run.seats, run.way), []).append(run)
    return found


def _cell(figure: Mapping[str, Any]) -> str:
    worst = figure.get("max", figure.get("min"))
    return "—" if worst is None else f"{figure['median']:.0f} / {worst:.0f}"


def line(run: Run) -> str:
    """One run as it is shown while the bench goes on."""
    shown = (f"{heading} {getattr(run, name)} ms" for heading, name in zip(HEADINGS, FIGURES, strict=True))
    return f"{run.seats} seats, {run.way}: {', '.join(shown)}; {run.writes} writes, {run.logons} log-ons tried"


def table(runs: Iterable[Run]) -> str:
    """The small table on the screen: median / maximum, in milliseconds; of the first refusal median / minimum."""
    lines = [f"{'seats':>5}  {'way':14}  {'runs':>4}" + "".join(f"  {heading:>15}" for heading in HEADINGS)]
    for (seats, way), listed in grouped(runs).items():
        cells = summary(listed)
        lines.append(
            f"{seats:>5}  {way:14}  {len(listed):>4}" + "".join(f"  {_cell(cells[name]):>15}" for name in FIGURES)
        )
    return "\n".join(lines)


def last_line(runs: Iterable[Run], seats: int = MAIN_SEATS) -> str:
    """The line for programs: medians of the runs with ``seats`` seats; the overshoot's maximum too."""
    by_way = grouped(runs)
    product, floor = summary(by_way.get((seats, PRODUCT), ())), summary(by_way.get((seats, FLOOR), ()))

    def shown(value: float | None) -> str:
        return "—" if value is None else f"{value:.0f} ms"

    return (
        f"cutoff {seats} seats: overshoot median {shown(product['overshoot_ms']['median'])} "
        f"max {shown(product['overshoot_ms']['max'])}, floor {shown(floor['overshoot_ms']['median'])}, "
        f"sessions gone {shown(product['sessions_gone_ms']['median'])}, "
        f"log-on refused {shown(product['logon_refused_ms']['median'])}"
    )
