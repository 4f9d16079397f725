"""Prepared rooms, a clean inspection of each, and one more for each case."""

from __future__ import annotations

import json
import subprocess
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from exam_room.inspection.keeping import VERDICT, latest
from rehearsal import run as rehearsal
from sabotage import earlier
from sabotage.case import Case, Judged, accused, doubted, judge
from sabotage.cases import CASES
from sabotage.door import Door

ROOM = "sabotage"
SEATS = 3
# One of two, so that there is raw material which this session does not examine.
UNITS = (1,)
HARMLESS = "harmless"
_STEP_S = 900
Say = Callable[[str], None]


class StepFailedError(Exception):
    """A playbook did not get as far as a verdict."""


def _playbook(made: rehearsal.Made, name: str, *options: str) -> None:
    """Run a playbook; its output goes to the room's log. Its exit status says nothing about the case."""
    with made.paths.log.open("ab") as log:
        subprocess.run(
            rehearsal.playbook_command(name, *options),
            cwd=rehearsal.PROJECT,
            env=made.environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            timeout=_STEP_S,
            check=False,
        )


def inspect(made: rehearsal.Made) -> list[dict[str, Any]]:
    """The findings of an inspection now.

    :raises StepFailedError: if it came to no verdict.
    """
    before = latest(made.paths.directory)
    # What is printed is the same each time, and takes longer than judging.
    _playbook(made, "inspect", "-e", "inspection_pdf=false")
    after = latest(made.paths.directory)
    if after is None or after == before:
        raise StepFailedError(f"考前检查没有得出结论，见 the inspection came to no verdict, see {made.paths.log}")
    findings: list[dict[str, Any]] = json.loads((after / VERDICT).read_text(encoding="utf-8"))["findings"]
    return findings


def _told(judged: Judged) -> str:
    case = judged.case
    where = f"{case.clause or HARMLESS} {case.host}"
    if judged.right:
        said = "查出 found" if case.clause else "未报 quiet"
    else:
        said = " ".join(filter(None, ("漏报 missed" if judged.missed else "", *judged.false_alarms)))
    return f"{where:<15} {case.what}: {said}"


def _chosen(only: str) -> list[Case]:
    wanted = only.casefold().split("|")
    texts = {case: f"{case.clause or HARMLESS} {case.host} {case.what}".casefold() for case in CASES}
    return [case for case, text in texts.items() if any(words in text for words in wanted)]


def run(only: str = "", rooms: int = 1, say: Say = print) -> int:
    """Try the cases that ``only`` names, in as many rooms side by side; print one table; returns the exit status."""
    cases = deque(_chosen(only))
    with earlier.session(rehearsal.PROJECT / "sessions"), ThreadPoolExecutor(rooms) as pool:
        tried = [pool.submit(_try_cases, room, cases, say) for room in _make(rooms, say)]
        try:
            results = [judged for one in tried for judged in one.result()]
        except StepFailedError as error:
            say(f"sabotage failed: {error}")
            return 1
        finally:
            # Whatever went wrong in one room, the others go no further.
            cases.clear()
    return _summary(results, say)


def _make(rooms: int, say: Say) -> Iterator[rehearsal.Made]:
    """The rooms, anew, one after the other."""
    for number in range(1, rooms + 1):
        made = rehearsal.make_room(f"{ROOM}{number}", SEATS, minutes=1, units=UNITS)
        say(f"sabotage: {made.paths.log}")
        yield made


def _next(cases: deque[Case]) -> Case | None:
    try:
        return cases.popleft()
    except IndexError:
        return None


def _try_cases(made: rehearsal.Made, cases: deque[Case], say: Say) -> list[Judged]:
    """Prepare a room and try one case after the other in it, until none is left.

    :raises StepFailedError: if the room cannot be inspected as it is before or afterwards.
    """
    door = Door(made.environment["EXAM_STANDIN_ROOM"])
    _playbook(made, "prepare")
    clean = inspect(made)
    results = [Judged(Case("", "room", "布置好的考场 the clean room", Door.nothing), False, _complaints(clean))]
    say(_told(results[0]))
    while (case := _next(cases)) is not None:
        with case.tamper(door):
            results.append(_try(made, case, clean))
        door.forget_failed_logons()
        say(_told(results[-1]))
    left = judge(Case("", "room", "恢复后的考场 the room as it was", Door.nothing), clean, inspect(made))
    say(_told(left))
    return [*results, left]


def _try(made: rehearsal.Made, case: Case, clean: list[dict[str, Any]]) -> Judged:
    """What an inspection of the room says that was tampered with; one that comes to no verdict has named nothing."""
    try:
        return judge(case, clean, inspect(made))
    except StepFailedError as error:
        return Judged(case, case.wanted is not None, (str(error),))


def _complaints(clean: list[dict[str, Any]]) -> tuple[str, ...]:
    """What an inspection of the clean room has against it, advice left out."""
    deciding = [one for one in clean if one["severity"] == "deciding"]
    return tuple(" ".join(key) for key in (*accused(deciding), *sorted(doubted(deciding))))


def _summary(results: list[Judged], say: Say) -> int:
    tampered = [one for one in results if one.case.clause]
    found = sum(not one.missed for one in tampered)
    alarms = sum(len(one.false_alarms) for one in results)
    for one in results:
        for alarm in one.false_alarms:
            say(f"  误报 false alarm, {one.case.what}: {alarm}")
    say(f"sabotage: {found} of {len(tampered)} found, {alarms} false alarms")
    return 0 if found == len(tampered) and not alarms else 1
