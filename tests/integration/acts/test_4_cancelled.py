"""A session that is called off once its candidates are in."""

from __future__ import annotations

import pytest

from integration.acts.test_1_acts import CONFIRMED, Session
from integration.room.driver import Room

pytestmark = [pytest.mark.integration, pytest.mark.slow]


def test_a_cancelled_session_is_cut_off_disarmed_and_can_only_be_cleared(room: Room) -> None:
    off = Session(room, "actstest-cancelled")
    # An earlier day may have left it switched off, and its candidate at the spare.
    room.turn_on("pc02")
    for step in ("prepare", "inspect"):
        off.run(step)
    assert [one for one in room.inside("spare01", "snapshot.py")["accounts"] if one["name"] == "KS02"] == []
    off.run("open", "-e", "exam_sign_in_patience=1")
    off.run("cancel", "-e", "reason=火警", *CONFIRMED)
    assert not any(room.enabled().values())
    assert "exam" not in room.shares()
    assert off.locks()[0] is None
    assert off.step("start").status != 0
    off.run("reset")
