"""What an entry has to know before it runs: minutes, seats and reasons, each asked until it is right."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

from ..errors import ExamError
from ..journal.sitting import seats_now
from .choices import REASONS_TO_END
from .plan import Plan
from .screen import Screen, normal, whole_number, written_reason
from .situation import Situation

_LONGEST_EXTENSION = 180

Seat = Mapping[str, Any]
_Answer = TypeVar("_Answer")


@dataclass(frozen=True)
class Answers:
    """The variables for the playbook, and what they mean, a line each in both languages."""

    values: Mapping[str, Any]
    meaning: tuple[str, str]


def _until_right(screen: Screen, zh: str, en: str, read: Callable[[str], _Answer]) -> _Answer:
    """Ask until the answer is one. Raises Back and Closed as Screen.answer does."""
    while True:
        try:
            return read(screen.answer(zh, en))
        except ExamError as error:
            screen.error(error)


def described(seat: Seat) -> str:
    """A seat for people: number, account, PC, candidate."""
    candidate = seat["candidate"]
    who = f"{candidate['name']} {candidate['exam_number']}" if candidate else "无考生 no candidate"
    return f"机位 {seat['number']} · {seat['account']} · {seat['host']} · {who}"


def seats_in_play(plan: Plan, now: Situation) -> list[Seat]:
    """The seats with a candidate who is neither absent nor ended, as they are now."""
    return [
        seat
        for seat in seats_now(plan.seats, now.sitting)
        if seat["candidate"] and not seat["absent"] and not seat["ended"]
    ]


def free_places(plan: Plan, now: Situation) -> list[Seat]:
    """Where a candidate can go on: seats without a candidate to which nobody was moved, spares first."""
    taken = {place["host"] for place in now.sitting.moved.values()}
    free = [seat for seat in plan.seats if not seat["candidate"] and seat["host"] not in taken]
    return sorted(free, key=lambda seat: (not seat["spare"], seat["number"]))


def extension(screen: Screen, plan: Plan, now: Situation) -> Answers:
    """How much longer, and why."""
    if plan.session["duration_rule"] == "exact":
        screen.say(
            "注意：本考试的时间是规定的；延时会作为偏差写入记录。",
            "Note: this exam's duration is exact; an extension is recorded as a deviation.",
        )
    minutes = _until_right(screen, "延时几分钟？", "Minutes?", lambda typed: whole_number(typed, 1, _LONGEST_EXTENSION))
    reason = _until_right(screen, "理由（写入记录）", "Reason (is recorded)", written_reason)
    meaning = (f"全场延时 {minutes} 分钟，理由：{reason}", f"{minutes} min for all: {reason}")
    if now.deadline is not None:
        later = f"{(now.deadline + timedelta(minutes=minutes)).astimezone(plan.zone):%H:%M:%S}"
        meaning = (f"{meaning[0]}\n  新的截止时间：{later}", f"{meaning[1]}\n  new deadline: {later}")
    return Answers({"minutes": minutes, "reason": reason}, meaning)


def move(screen: Screen, plan: Plan, now: Situation) -> Answers:
    """Whose PC died, where he goes on, and why."""
    places = free_places(plan, now)
    if not places:
        raise ExamError("没有空着的备用机。", "There is no free spare.")
    seat = _seat(screen, seats_in_play(plan, now))
    screen.say("可换到 Free:")
    screen.lines([f"  {number}  {_place(place)}" for number, place in enumerate(places, start=1)])
    place = _until_right(
        screen, "换到第几台？", "To which?", lambda typed: places[whole_number(typed, 1, len(places)) - 1]
    )
    reason = _until_right(screen, "理由（写入记录）", "Reason (is recorded)", written_reason)
    return Answers(
        {"seat": seat["number"], "to": place["host"], "reason": reason},
        (f"{described(seat)}\n  换到 {place['host']}，理由：{reason}", f"goes on at {place['host']}: {reason}"),
    )


def absent(screen: Screen, plan: Plan, now: Situation) -> Answers:
    """Who is absent."""
    seat = _seat(screen, seats_in_play(plan, now))
    return Answers({"seat": seat["number"]}, (f"{described(seat)}\n  记为缺考", "is marked as absent"))


def early_end(screen: Screen, plan: Plan, now: Situation) -> Answers:
    """Whose exam ends now, and why."""
    seat = _seat(screen, seats_in_play(plan, now))
    other = len(REASONS_TO_END) + 1
    screen.lines([f"  {number}  {reason}" for number, reason in enumerate(REASONS_TO_END, start=1)])
    screen.lines([f"  {other}  其他 other"])
    number = _until_right(screen, "原因？", "Reason?", lambda typed: whole_number(typed, 1, other))
    if number < other:
        reason = REASONS_TO_END[number - 1]
    else:
        reason = _until_right(screen, "写明原因（写入记录）", "Reason (is recorded)", written_reason)
    return Answers(
        {"seat": seat["number"], "reason": reason},
        (f"{described(seat)}\n  提前结束，原因：{reason}", f"ends now: {reason}"),
    )


def cancellation(screen: Screen, plan: Plan, now: Situation) -> Answers:
    """Why the session is void."""
    reason = _until_right(screen, "取消的理由（写入记录）", "Reason (is recorded)", written_reason)
    return Answers({"reason": reason}, (f"理由：{reason}", f"reason: {reason}"))


def _place(seat: Seat) -> str:
    return f"{seat['host']}（{'备用机 spare' if seat['spare'] else '空机位 empty seat'} {seat['number']}）"


def _seat(screen: Screen, seats: Sequence[Seat]) -> Seat:
    """One of the seats: by its number, its account or the candidate's exam number."""
    if not seats:
        raise ExamError("没有可选的考生。", "There is no candidate to choose.")

    def read(typed: str) -> Seat:
        wanted = normal(typed).casefold()
        for seat in seats:
            names = (str(seat["number"]), seat["account"], seat["host"], seat["candidate"]["exam_number"])
            if wanted in {str(name).casefold() for name in names}:
                return seat
        raise ExamError(
            f"没有机位“{typed.strip()}”，或该考生已缺考、已提前结束。可输入机位号、用户名（如 KS05）或准考证号。",
            "No such seat, or its candidate is absent or has ended. Type the seat's number, account or exam number.",
        )

    return _until_right(screen, "机位号？", "Seat?", read)
