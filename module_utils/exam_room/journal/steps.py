"""Begin, end, note and read: what exam_journal does with a journal and its gates."""

from __future__ import annotations

import getpass
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import ExamError
from . import acts
from .acts import ACTS
from .gates import (
    BEGIN,
    DONE,
    END,
    FAILED,
    OF_AN_EMPTY_ROOM,
    STEPS,
    Around,
    Refusal,
    StepState,
    check_begun,
    check_identity,
    hosts_not_done,
    inspected_at,
    occupied,
    progress,
    refusal,
    this_sitting,
    unfinished,
)
from .journal import EVENT_CREATED, SESSION_STEP, Clock, Entry, Journal, utc_now
from .neighbours import last_run, sits_in, touched_since
from .sitting import sitting

NOTE = "note"
READ = "read"
_HOST_RESULTS = (DONE, FAILED, "unreachable")
_OWN_NAMES = frozenset({"result", "hosts", "override", "refused"})


@dataclass(frozen=True)
class Request:
    """The options of exam_journal."""

    directory: Path
    phase: str
    who: str
    step: str | None = None
    session_id: str | None = None
    room: str | None = None
    data: Mapping[str, Any] | None = None
    hosts: Mapping[str, str] | None = None
    override: str | None = None


@dataclass(frozen=True)
class Outcome:
    """What the module returns; ``failure`` is set when it has to fail although the entry was written."""

    result: Mapping[str, Any]
    changed: bool = False
    failure: ExamError | None = None
    warning: str | None = None


def operator() -> str:
    """Who runs this: the login and the name of the controller."""
    return f"{getpass.getuser()}@{socket.gethostname()}"


def perform(request: Request, dry: bool = False, clock: Clock = utc_now) -> Outcome:
    """Carry out one phase. ``dry`` (check mode) checks the same and writes nothing.

    Raises ExamError for a refusal by a gate, a broken chain, a journal of another session or room, or wrong options.
    """
    _check(request)
    journal = Journal(request.directory, clock)
    if request.phase == READ or dry:
        reading = journal.read()
        check_identity(reading.entries, request.session_id, request.room)
        refused = _decide(request, reading.entries, dry, clock)
        result = _result(reading.entries, reading.last_hash, len(reading.torn), refused)
        if request.phase == READ and request.step in STEPS and request.room is not None:
            last = last_run(request.directory, request.room, request.step)
            result["last_run"] = {"session_id": last.session_id, **_state(last.state)}
        return Outcome(result, request.phase != READ, _failure(request), _warning(request, refused))
    with journal.writing() as writer:
        check_identity(writer.entries, request.session_id, request.room)
        refused = _decide(request, writer.entries, dry, clock)
        if not any(entry.event == EVENT_CREATED for entry in writer.entries):
            identity = {"session_id": request.session_id, "room": request.room}
            writer.append(request.who, SESSION_STEP, EVENT_CREATED, identity)
        writer.append(request.who, request.step or "", request.phase, _data(request, refused))
        result = _result(writer.entries, writer.last_hash, 0, refused)
    return Outcome(result, True, _failure(request), _warning(request, refused))


def _check(request: Request) -> None:
    own = sorted(_OWN_NAMES & set(request.data or {}))
    if own:
        names = ", ".join(own)
        raise ExamError(f"data 里不能用这些名字：{names}", f"These names in data belong to the journal: {names}")
    if request.override is not None and not request.override.strip():
        raise ExamError("放行必须写明理由（override 为空）。", "An override needs a written reason; it is empty.")
    known = STEPS + ACTS
    if request.phase in (BEGIN, END) and request.step not in known:
        raise ExamError(
            f"没有“{request.step}”这个步骤", f"There is no step {request.step!r}; the steps are {', '.join(known)}"
        )
    if request.phase == END:
        odd = {name: result for name, result in (request.hosts or {}).items() if result not in _HOST_RESULTS}
        if odd or not request.hosts:
            raise ExamError(
                f"hosts 必须写出每台机器，取值 {'、'.join(_HOST_RESULTS)}；不对的：{odd or '空'}",
                f"hosts has to name every host as one of {', '.join(_HOST_RESULTS)}; wrong: {odd or 'it is empty'}",
            )


def _around(request: Request, entries: Sequence[Entry], clock: Clock) -> Around | None:
    """What bears on a step that needs an empty room, besides its own journal; None where it may be occupied."""
    if request.step not in OF_AN_EMPTY_ROOM or request.phase != BEGIN:
        return None
    room = request.room or ""
    sits = sits_in(request.directory, room, clock())
    since = inspected_at(entries)
    if request.step != "open" or since is None:
        return Around(clock(), occupied=sits)
    plan = str((request.data or {}).get("plan", ""))
    return Around(clock(), plan, touched_since(request.directory, room, since), sits)


def _decide(request: Request, entries: Sequence[Entry], dry: bool, clock: Clock) -> Refusal | None:
    """The refusal that an override lets pass, None when nothing refuses; raises when it stands."""
    step = request.step or ""
    if step in ACTS and request.phase in (BEGIN, END):
        # Nothing passes an act that comes too late: what it wants to change is no longer there.
        around = _around(request, entries, clock)
        late = occupied(step, around.occupied) if around and around.occupied else acts.refusal(step, entries)
        if late is not None:
            raise ExamError(late.zh, late.en)
        return None
    if request.phase == END and not dry:
        # In check mode the begin of this very run was not written either.
        check_begun(step, entries)
    refused = refusal(step, entries, _around(request, entries, clock)) if request.phase == BEGIN else None
    if refused is not None and request.override is None:
        raise ExamError(
            f"{refused.zh}\n（确有必要时，可写明理由放行：-e exam_override='理由'，理由会记入日志和报告）",
            f"{refused.en}\n(To pass all the same, give a reason, which is journalled: -e exam_override='reason')",
        )
    return refused


def _data(request: Request, refused: Refusal | None) -> dict[str, Any]:
    data = dict(request.data or {})
    if refused is not None:
        data |= {"override": request.override, "refused": [refused.zh, refused.en]}
    if request.phase == END:
        hosts = dict(request.hosts or {})
        data |= {"result": FAILED if hosts_not_done(hosts) else DONE, "hosts": hosts}
    return data


def _failure(request: Request) -> ExamError | None:
    if request.phase == END and hosts_not_done(request.hosts or {}):
        return unfinished(request.step or "", request.hosts or {})
    return None


def _warning(request: Request, refused: Refusal | None) -> str | None:
    if refused is None:
        return None
    return f"{refused.zh}\n{refused.en}\n已按书面理由放行 / passed for a written reason: {request.override}"


def _state(state: StepState) -> dict[str, Any]:
    return {"result": state.result, "at": state.at, "data": dict(state.data or {})}


def _result(entries: Sequence[Entry], last_hash: str, torn: int, refused: Refusal | None) -> dict[str, Any]:
    now = progress(entries)
    here = sitting(entries)
    return {
        "state": {step: state.result for step, state in now.steps.items()},
        "steps": {step: _state(state) for step, state in now.steps.items()},
        "started_at": now.started_at,
        "deadline": now.deadline,
        "cut_at": now.cut_at,
        "over": here.over,
        "moved": {str(number): dict(place) for number, place in here.moved.items()},
        "absent": sorted(here.absent),
        "ended": {str(number): reason for number, reason in here.ended.items()},
        "extensions": [dict(one) for one in here.extensions],
        "entries": len(entries),
        "last_hash": last_hash,
        "overridden": refused is not None,
        "overrides": [
            {
                "step": entry.step,
                "at": entry.at,
                "who": entry.who,
                "reason": entry.data["override"],
                "refused": entry.data.get("refused", []),
            }
            for entry in this_sitting(entries)
            if "override" in entry.data
        ],
        "torn": torn,
    }
