"""Waiting for people who open restore cards: who is asked, how long, and whose account is not locked meanwhile."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from exam_room.look import opening

ON = {"name": "影子卫士", "tells": "", "protects": True, "text": "影子卫士: 保护中 on"}
FILTER = {"name": "UWF", "tells": "uwf", "protects": True, "text": "UWF: 保护中 on"}
OFF = ON | {"protects": False, "text": "影子卫士: 未保护 off"}
UNCLEAR = ON | {"protects": None, "text": "影子卫士: 状态不明 not known"}


def section(*cards: Mapping[str, Any]) -> dict[str, Any]:
    return {"value": {"cards": list(cards)}}


class Room:
    """A clock that passes by sleeping, and what the hosts answer the first, second … time; the last from then on."""

    def __init__(self, **answers: list[Mapping[str, Any] | str | None]) -> None:
        self.answers = answers
        self.now = 0.0
        self.asked: list[tuple[float, list[str]]] = []

    def ask(self, names: Collection[str]) -> Mapping[str, Mapping[str, Any] | None]:
        self.asked.append((self.now, list(names)))
        found: dict[str, Mapping[str, Any] | None] = {}
        for name in names:
            turn = self.answers[name]
            answer = turn.pop(0) if len(turn) > 1 else turn[0]
            if not isinstance(answer, str):
                found[name] = answer and {"host": name, "restore_protection": answer}
        return found

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def wait(self, seconds: float, seen: Mapping[str, Any], managed: Collection[str] = ()) -> opening.Waited:
        return opening.wait(seen, managed, seconds, self.ask, lambda: self.now, self.sleep)


def test_who_is_opened_is_seen_again_with_all_that_a_look_gives() -> None:
    room = Room(pc01=[section(ON), "restarting", section(OFF)], pc02=[section(OFF)])
    waited = room.wait(600, {"pc01": section(ON), "pc02": section(ON, OFF), "pc03": section(OFF), "pc04": section()})
    assert set(waited.opened) == {"pc01", "pc02"}
    assert waited.opened["pc01"]["host"] == "pc01"
    assert waited.left == {}
    assert room.asked == [(10, ["pc01", "pc02"]), (20, ["pc01"]), (30, ["pc01"])]


def test_when_the_time_is_over_those_left_are_named_with_their_card() -> None:
    room = Room(pc01=[section(UNCLEAR)], pc02=["off"])
    waited = room.wait(25, {"pc01": section(ON), "pc02": section(ON)})
    assert waited.left == {"pc01": [UNCLEAR["text"]], "pc02": [ON["text"]]}
    assert room.now == 25


def test_without_time_nobody_is_asked() -> None:
    room = Room()
    assert room.wait(0, {"pc01": section(ON), "pc02": {"unknown": "timed out"}}).left == {"pc01": [ON["text"]]}
    assert room.asked == []


def test_the_write_filter_that_prepare_switches_itself_is_not_waited_for() -> None:
    waited = Room().wait(
        0, {"server": section(FILTER), "pc01": section(FILTER), "pc02": section(FILTER, ON)}, ["pc01", "pc02"]
    )
    assert waited.left == {"server": [FILTER["text"]], "pc02": [ON["text"]]}


def test_one_that_refuses_the_log_on_is_not_asked_again() -> None:
    room = Room(pc01=[None], pc02=["away", "away", section(OFF)])
    waited = room.wait(600, {"pc01": section(ON), "pc02": section(ON)})
    assert set(waited.left) == {"pc01"}
    assert [names for _, names in room.asked] == [["pc01", "pc02"], ["pc02"], ["pc02"]]


def test_what_could_not_be_read_this_time_is_asked_again() -> None:
    room = Room(pc01=[{"unknown": "half started"}, section(OFF)])
    assert set(room.wait(600, {"pc01": section(ON)}).opened) == {"pc01"}
