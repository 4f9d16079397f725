"""A third day: its results go onto discs in the burner of the server."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from exam_room.discs import record
from exam_room.discs.image import CAPACITY
from integration.acts.test_1_acts import CONFIRMED, LOOK_S, Session
from integration.room.driver import Room
from standin import faults

pytestmark = [pytest.mark.integration, pytest.mark.slow]

SERVER = ("-e", "exam_burn_target=server")


@pytest.fixture
def day(room: Room) -> Iterator[Session]:
    """A session that has been cut off."""
    day = Session(room, "actstest-discs")
    for step in ("prepare", "inspect"):
        day.run(step)
    day.run("open", "-e", "exam_sign_in_patience=1")
    day.run("start")
    room.save("pc01", "作品.txt", b"mine")
    day.run("cutoff", "-e", "cutoff_now=true", *CONFIRMED, *LOOK_S)
    yield day


def put_in_blanks(day: Session, over: threading.Event) -> None:
    """Somebody sits beside the server and puts a blank in whenever a disc is done."""
    seen = -1
    while not over.wait(0.5):
        done = len([one for one in day.discs() if one["event"] in ("verified", "bad", "refused")])
        if done != seen:
            faults.blank(day.room.name, "server", CAPACITY["dvd"])
            seen = done


def test_two_copies_are_burned_in_the_server_and_read_back(day: Session) -> None:
    over = threading.Event()
    person = threading.Thread(target=put_in_blanks, args=(day, over))
    person.start()
    try:
        day.run("burn", *SERVER)
    finally:
        over.set()
        person.join()
    burned = day.last("burn")
    assert burned["read_back"]
    assert [one["target"] for one in day.discs() if one["event"] == "verified"] == ["server", "server"]
    assert burned["deviations"] == []
    assert not [one for one in day.room.files("Exam") if one.startswith("burn/") and one.endswith(".iso")]
    assert (day.directory / record.FOLDER).is_dir()
    day.run("reset")
