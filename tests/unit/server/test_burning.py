"""The folder that a disc is burned from, and what is made of what a killed run left in it."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from exam_room.errors import ExamError
from exam_room.server import burning
from exam_room.wire import security
from exam_room.wire.rpc import RpcError
from exam_room.wire.smberrors import connection_lost
from unit.discs.test_discreport import GOOD
from unit.discs.test_serverdisc import EXPECTED, FILES, Disc
from unit.wire_fakes import FakeShare

FOLDER = r"Exam\burn"
SCRIPT = b"script"


class Volume(FakeShare):
    """The server's exam volume."""

    free = 10_000_000_000

    def free_bytes(self) -> int:
        return self.free

    def put(self, name: str, content: bytes | str) -> None:
        self.files[rf"{FOLDER}\{name}"] = content.encode() if isinstance(content, str) else content

    def names(self) -> set[str]:
        return {name.rpartition("\\")[2] for name in self.files if name.startswith(FOLDER + "\\")}


class Time:
    """A clock that goes on when somebody waits; ``plans`` happen at their second."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.plans: list[tuple[float, Callable[[], None]]] = []

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds
        for one in [plan for plan in self.plans if plan[0] <= self.seconds]:
            self.plans.remove(one)
            one[1]()

    @property
    def clock(self) -> burning.Clock:
        return burning.Clock(lambda: self.seconds, self.sleep)


@pytest.fixture
def volume() -> Volume:
    return Volume()


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def image(tmp_path: Path) -> burning.Image:
    content = b"\0" * 4096
    path = tmp_path / "disc.iso"
    path.write_bytes(content)
    return burning.Image(path, len(content), hashlib.sha256(content).hexdigest())


def stage(
    volume: Volume, image: burning.Image | None, time: Time, resume: bool = True, check: bool = False
) -> burning.Staged:
    return burning.stage(volume, image, SCRIPT, resume, check, time.clock)


def report(image: burning.Image, **changes: Any) -> str:
    return json.dumps(dataclasses.asdict(dataclasses.replace(GOOD, sha256=image.sha256.upper(), **changes)))


def test_image_and_script_lie_where_only_administrators_enter(volume: Volume, image: burning.Image, time: Time) -> None:
    assert stage(volume, image, time).changed
    assert volume.names() == {image.name, burning.SCRIPT}
    assert volume.security[FOLDER].same_access(security.administration_only())
    assert {ace.sid for ace in volume.security[FOLDER].dacl or ()} == {security.SYSTEM, security.ADMINISTRATORS}


def test_a_second_time_changes_nothing(volume: Volume, image: burning.Image, time: Time) -> None:
    stage(volume, image, time)
    writes = volume.writes
    assert not stage(volume, image, time).changed
    assert volume.writes == writes


def test_check_mode_writes_nothing(volume: Volume, image: burning.Image, time: Time) -> None:
    assert stage(volume, image, time, check=True).changed
    assert volume.writes == 0
    stage(volume, image, time)
    volume.put(burning.REPORT, "{}")
    writes = volume.writes
    assert stage(volume, image, time, check=True).changed
    assert (volume.writes, burning.REPORT in volume.names()) == (writes, True)


@pytest.mark.parametrize("size", [0, 4095, 6144])
def test_an_image_that_is_not_the_one_meant_is_refused_before_anything_is_written(
    volume: Volume, image: burning.Image, time: Time, size: int
) -> None:
    with pytest.raises(ExamError, match="映像"):
        stage(volume, dataclasses.replace(image, size=size), time)
    image.path.unlink()
    with pytest.raises(ExamError, match="没有映像"):
        stage(volume, image, time)
    assert volume.files == {}


def test_a_volume_without_space_is_refused(volume: Volume, image: burning.Image, time: Time) -> None:
    volume.free = 4096
    with pytest.raises(ExamError, match="空间不足"):
        stage(volume, image, time)
    assert image.name not in volume.names()


def test_what_another_disc_left_goes(volume: Volume, image: burning.Image, time: Time) -> None:
    stage(volume, image, time)
    for name in ("0123456789abcdef.iso", f"{image.name}.12.part", "check.json"):
        volume.put(name, "x")
    volume.put(burning.REPORT, report(dataclasses.replace(image, sha256="cd" * 32)))
    assert stage(volume, image, time).report is None
    assert volume.names() == {image.name, burning.SCRIPT}


def test_a_disc_that_an_earlier_run_has_burned_is_not_burned_again(
    volume: Volume, image: burning.Image, time: Time
) -> None:
    stage(volume, image, time)
    volume.put(burning.REPORT, report(image))
    staged = stage(volume, image, time)
    assert staged.report is not None
    assert (staged.report.drive, staged.changed) == ("E:", False)
    assert stage(volume, image, time, resume=False).report is None
    assert burning.REPORT not in volume.names()


def test_a_mere_look_leaves_what_an_earlier_run_has_burned(volume: Volume, image: burning.Image, time: Time) -> None:
    stage(volume, image, time)
    volume.put(burning.REPORT, report(image))
    volume.put(burning.CHECK, "{}")
    stage(volume, None, time)
    assert volume.names() == {image.name, burning.SCRIPT, burning.REPORT, burning.WAIT}


@pytest.mark.parametrize("left", ["{", "[]", ""])
def test_a_damaged_report_counts_for_nothing(volume: Volume, image: burning.Image, time: Time, left: str) -> None:
    stage(volume, image, time)
    volume.put(burning.REPORT, left)
    assert stage(volume, image, time).report is None
    assert burning.REPORT not in volume.names()


def test_a_failed_burn_is_not_taken_up(volume: Volume, image: burning.Image, time: Time) -> None:
    stage(volume, image, time)
    volume.put(burning.REPORT, report(image, ok=False))
    assert stage(volume, image, time).report is None


def test_a_burn_that_still_goes_on_is_waited_for(volume: Volume, image: burning.Image, time: Time) -> None:
    stage(volume, image, time)
    volume.put(burning.BEAT, "0")

    def beat() -> None:
        volume.put(burning.BEAT, str(time.seconds))

    def end() -> None:
        volume.put(burning.REPORT, report(image))
        volume.remove(rf"{FOLDER}\{burning.BEAT}")

    time.plans += [(float(second), beat) for second in range(30, 600, 30)]
    time.plans.append((600.0, end))
    assert stage(volume, image, time).report is not None
    assert time.seconds == 600


def test_a_script_that_waits_for_a_medium_is_ended_at_once(volume: Volume, image: burning.Image, time: Time) -> None:
    stage(volume, None, time)

    def beat() -> None:
        if rf"{FOLDER}\{burning.WAIT}" in volume.files:
            volume.put(burning.BEAT, str(time.seconds))
        else:
            volume.files.pop(rf"{FOLDER}\{burning.BEAT}", None)

    beat()
    time.plans += [(float(second), beat) for second in range(3, 600, 3)]
    stage(volume, image, time)
    assert time.seconds < 10
    assert burning.WAIT not in volume.names()
    beat()
    stage(volume, None, time)
    assert burning.WAIT in volume.names(), "the next one may wait"


def test_a_burn_that_was_killed_is_not_waited_for_long(volume: Volume, image: burning.Image, time: Time) -> None:
    stage(volume, image, time)
    volume.put(burning.BEAT, "17")
    assert stage(volume, image, time).report is None
    assert time.seconds == burning.STILL_S
    assert burning.BEAT not in volume.names()


def test_afterwards_nothing_is_left(volume: Volume, image: burning.Image, time: Time) -> None:
    stage(volume, image, time)
    volume.put(burning.REPORT, report(image))
    assert burning.clear(volume, check=True)
    assert burning.REPORT in volume.names()
    assert burning.clear(volume, check=False)
    assert volume.names() == set()
    assert not burning.clear(volume, check=False)


# -- waiting


class Connections:
    """Connections to the volume; those after ``broken`` seconds and before ``whole`` ones are lost."""

    def __init__(self, volume: Volume, time: Time, broken: float = 0, whole: float = 0) -> None:
        self.volume, self.time, self.broken, self.whole = volume, time, broken, whole
        self.count = 0
        self.real_read = volume.open_read

    def check(self) -> None:
        if self.broken <= self.time.seconds < self.whole:
            raise connection_lost("server", "gone")

    @contextmanager
    def open(self) -> Iterator[Volume]:
        self.count += 1
        self.check()
        yield self.volume

    @contextmanager
    def read(self, path: str) -> Iterator[Any]:
        self.check()
        with self.real_read(path) as handle:
            yield handle


def wait(volume: Volume, time: Time, connections: Connections | None = None) -> Any:
    connections = connections or Connections(volume, time)
    volume.open_read = connections.read  # type: ignore[method-assign]
    return burning.await_report(connections.open, burning.REPORT, time.clock)


def beats(volume: Volume, time: Time, first: int, last: int) -> None:
    def beat() -> None:
        volume.put(burning.BEAT, str(time.seconds))

    time.plans += [(second, beat) for second in range(first, last)]


def test_the_report_is_taken_when_it_is_there(volume: Volume, image: burning.Image, time: Time) -> None:
    beats(volume, time, 100, 2000)
    time.plans.append((2000, lambda: volume.put(burning.REPORT, report(image))))
    assert wait(volume, time).ok
    assert time.seconds == 2000


def test_a_script_that_never_begins_is_said(volume: Volume, time: Time) -> None:
    with pytest.raises(ExamError, match="没有开始刻录"):
        wait(volume, time)
    assert burning.START_S < time.seconds <= burning.START_S + 2


def test_a_script_that_was_killed_is_noticed(volume: Volume, time: Time) -> None:
    beats(volume, time, 1, 50)
    assert wait(volume, time) is None
    assert 49 + burning.STILL_S < time.seconds <= 51 + burning.STILL_S


def test_a_network_that_comes_back_costs_nothing(volume: Volume, image: burning.Image, time: Time) -> None:
    beats(volume, time, 1, 400)
    time.plans.append((400, lambda: volume.put(burning.REPORT, report(image))))
    connections = Connections(volume, time, 20, 20 + burning.LOST_S - 10)
    assert wait(volume, time, connections).ok
    assert connections.count > 2


def test_a_network_that_stays_away_ends_the_waiting(volume: Volume, time: Time) -> None:
    beats(volume, time, 1, 10_000)
    with pytest.raises(ExamError, match="连接中断"):
        wait(volume, time, Connections(volume, time, 20, 10_000))
    assert burning.LOST_S < time.seconds <= burning.LOST_S + 25


# -- reading back


class Shares:
    """The server's shares."""

    def __init__(self, refuse: bool = False) -> None:
        self.there = {burning.SHARE}
        self.refuse = refuse
        self.added: list[tuple[str, security.Descriptor]] = []

    def add_share(self, name: str, path: str, remark: str, descriptor: security.Descriptor) -> None:
        assert name not in self.there
        if self.refuse:
            raise RpcError("x", "x", 2116)
        self.there.add(name)
        self.added.append((path, descriptor))

    def delete_share(self, name: str) -> bool:
        found = name in self.there
        self.there.discard(name)
        return found


def test_the_drive_is_shared_for_administrators_only_and_not_longer_than_it_takes() -> None:
    shares = Shares()
    assert burning.read_back(lambda: Disc(FILES), shares, "E:", EXPECTED, resume=False).ok
    assert shares.there == set()
    ((path, descriptor),) = shares.added
    assert path == "E:\\"
    assert [(ace.sid, ace.mask) for ace in descriptor.dacl or ()] == [(security.ADMINISTRATORS, security.READ_EXECUTE)]


def test_the_share_goes_also_when_reading_fails() -> None:
    disc, shares = Disc(FILES), Shares()
    disc.broken["data"] = connection_lost("x", "gone")
    with pytest.raises(ExamError):
        burning.read_back(lambda: disc, shares, "E:", EXPECTED, resume=False)
    assert shares.there == set()


def test_a_drive_that_cannot_be_shared_is_an_error_unless_its_disc_may_be_gone() -> None:
    with pytest.raises(RpcError):
        burning.read_back(lambda: Disc(FILES), Shares(refuse=True), "E:", EXPECTED, resume=False)
    assert not burning.read_back(lambda: Disc(FILES), Shares(refuse=True), "E:", EXPECTED, resume=True).ok


@pytest.mark.parametrize("drive", ["", "E", "E:\\", "1:", "\\\\x\\y"])
def test_only_a_drive_is_shared(drive: str) -> None:
    with pytest.raises(ExamError, match="盘符"):
        burning.read_back(lambda: Disc(FILES), Shares(), drive, EXPECTED, resume=False)
