"""What a person sees while results are collected."""

from __future__ import annotations

import threading
from pathlib import Path

from exam_room.collect.progress import Shown, Writer, line


def test_a_line_for_people() -> None:
    assert line(1_500_000, 6_000_000) == ("  已收集 1.5 MB / 6.0 MB（25%）  collected 1.5 MB of 6.0 MB (25%)")
    assert "100%" in line(0, 0)


def test_what_the_module_says_appears_once_and_goes_with_it(tmp_path: Path) -> None:
    seen: list[str] = []
    told = threading.Event()

    def show(text: str) -> None:
        seen.append(text)
        told.set()

    moments = iter([0.0, 0.5, 2.0, 2.0, 2.0])
    writer = Writer(tmp_path, lambda: next(moments))
    with Shown(tmp_path, show, every_s=0.01):
        writer.say(1, 4)
        assert told.wait(20)
        told.clear()
        # Sooner than a second after the last: left out.
        writer.say(2, 4)
    assert seen[0] == line(1, 4)
    assert len(seen) == len(set(seen))
    writer.close()
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_cannot_be_written_stops_nobody(tmp_path: Path) -> None:
    Writer(tmp_path / "no-such-folder").say(1, 2)
    Writer(tmp_path / "no-such-folder").close()
