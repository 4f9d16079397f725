"""The arithmetic of the bench of the results: ratios, what is missed, and the last line."""

from __future__ import annotations

import re

from bench import ratios

SECONDS = {
    "collect big": [5.0, 4.0, 9.0],
    "smbclient big": [4.0, 4.5, 3.0],
    "collect 1 Gbit/s": [5.0, 4.9, 9.0],
    "collect 1 Gbit/s, no hashes": [4.0, 4.5, 5.0],
    "collect unlimited": [6.0],
    "collect unlimited, no hashes": [4.0],
    "collect small": [10.0],
    "smbclient small": [15.0],
    "sha256": [1.0],
    "sha256sum": [1.1],
    "image big": [2.4],
    "xorriso big": [2.0],
    "image small": [3.3],
    "xorriso small": [3.0],
}


def test_ratios_are_of_the_medians() -> None:
    found = ratios.figures(SECONDS, {"collect big": 60.0, "collect 8 GiB": 70.4})
    assert found["collect_big"] == 0.8
    assert found["collect_small"] == 1.5
    assert round(found["hashing_adds"], 3) == 0.111
    assert found["hashing_adds_unlimited"] == 0.5
    assert found["image"] == 1.2
    assert round(found["image_small"], 3) == 1.1
    assert found["peak_mb"] == 70.4


def test_what_is_missed_is_named() -> None:
    found = ratios.figures(SECONDS, {"collect big": 60.0})
    assert ratios.missed(found) == ["hashing_adds is 0.11, wanted at most 0.10"]
    worse = {**found, "collect_big": 0.79, "image": 1.21, "peak_mb": 201.0, "hashing_adds": 0.0}
    assert [miss.split()[0] for miss in ratios.missed(worse)] == ["collect_big", "image", "peak_mb"]


def test_the_last_line_has_its_form() -> None:
    line = ratios.last_line(ratios.figures(SECONDS, {"collect big": 60.0}))
    assert line == "results: collect 0.80 x big 1.50 x small, image 1.20 x, peak 60 MB"
    assert re.fullmatch(r"results: collect \S+ x big \S+ x small, image \S+ x, peak \d+ MB", line)


def test_what_hashing_costs_is_said() -> None:
    line = ratios.more_line(ratios.figures(SECONDS, {"collect big": 60.0}))
    assert line == "hashing adds 11% over 1 Gbit/s, 50% without a limit; image of small files 1.10 x"


def test_the_table_says_what_a_median_means() -> None:
    shown = ratios.table({"collect big": [2.0, 4.0]}, {"collect big": {"files": 6, "bytes": 300_000_000}})
    assert "collect big" in shown and "3.00 s" in shown and "100 MB/s" in shown and "2 files/s" in shown
