"""The arithmetic of the bench of the results: ratios of medians within one run, a table, and the last line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any, Final

#: What is asked for: of collecting at least, of all else at most. Hashing over a link as fast as a room's.
WANTED: Final = {
    "collect_big": 0.8,
    "collect_small": 1.0,
    "hashing_adds": 0.10,
    "image": 1.2,
    "image_small": 1.2,
    "peak_mb": 200.0,
}

Seconds = Mapping[str, Sequence[float]]


def speed(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """How fast we are, measured by them: 1 is as fast, 2 twice as fast. Of the medians."""
    return median(theirs) / median(ours)


def figures(seconds: Seconds, peaks: Mapping[str, float]) -> dict[str, float]:
    """The figures from the seconds of each measurement, and from the peaks (MB) of our processes."""
    return {
        "collect_big": speed(seconds["collect big"], seconds["smbclient big"]),
        "collect_small": speed(seconds["collect small"], seconds["smbclient small"]),
        "hashing_adds": _adds(seconds, "collect 1 Gbit/s"),
        "hashing_adds_unlimited": _adds(seconds, "collect unlimited"),
        "sha256": speed(seconds["sha256"], seconds["sha256sum"]),
        "image": median(seconds["image big"]) / median(seconds["xorriso big"]),
        "image_small": median(seconds["image small"]) / median(seconds["xorriso small"]),
        "peak_mb": max(peaks.values()),
    }


def _adds(seconds: Seconds, name: str) -> float:
    return median(seconds[name]) / median(seconds[f"{name}, no hashes"]) - 1


def missed(found: Mapping[str, float]) -> list[str]:
    """What is not as good as wanted, in words."""
    at_least = ("collect_big", "collect_small")
    return [
        f"{name} is {found[name]:.2f}, wanted {'at least' if name in at_least else 'at most'} {wanted:.2f}"
        for name, wanted in WANTED.items()
        if (found[name] < wanted if name in at_least else found[name] > wanted)
    ]


def table(seconds: Seconds, sizes: Mapping[str, Mapping[str, Any]]) -> str:
    """The table on the screen: fastest, median and slowest, and what the median means in MB/s or files/s."""
    lines = [f"{'what':28}  {'runs':>4}  {'fastest':>8}  {'median':>8}  {'slowest':>8}"]
    for name, times in seconds.items():
        lines.append(
            f"{name:28}  {len(times):>4}  {min(times):>6.2f} s  {median(times):>6.2f} s  {max(times):>6.2f} s"
            + _rate(median(times), sizes.get(name, {}))
        )
    return "\n".join(lines)


def _rate(seconds: float, size: Mapping[str, Any]) -> str:
    if not size:
        return ""
    return f"  {size['bytes'] / seconds / 1e6:>6.0f} MB/s  {size['files'] / seconds:>6.0f} files/s"


def more_line(found: Mapping[str, float]) -> str:
    """What hashing costs, and what an image of many small files does."""
    slow, fast = found["hashing_adds"], found["hashing_adds_unlimited"]
    image = f"image of small files {found['image_small']:.2f} x"
    return f"hashing adds {slow:.0%} over 1 Gbit/s, {fast:.0%} without a limit; {image}"


def last_line(found: Mapping[str, float]) -> str:
    """The line for programs."""
    return (
        f"results: collect {found['collect_big']:.2f} x big {found['collect_small']:.2f} x small, "
        f"image {found['image']:.2f} x, peak {found['peak_mb']:.0f} MB"
    )
