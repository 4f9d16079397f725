"""Each seat saves a file through its own mapping, and the controller collects it as it collects results (V4, V7).

The inspection starts a task that prepare has made on the client: it runs with the token of the seat's account, for no
other log-on sees that session's drive. It writes random content whose SHA-256 is in the file's name.
"""

from __future__ import annotations

import contextlib
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ..collect import collect, serverfiles
from ..collect.discnames import Parts
from ..collect.results import FILE, Entry, Owner
from ..errors import ExamError
from ..server.clock import iso
from ..wire import filetime, smb, srvsvc, wsman
from ..wire.srvsvc import plain
from ..wire.wsman import Kind, Wmi
from . import traces
from .cut import Request

TASK: Final = {"TaskName": "Try the exam folder", "TaskPath": "\\Exam\\"}
#: The script waits 15 s for the drive; the rest is for Windows to start it.
PATIENCE_S: Final = 20.0
#: What its last attempt may take beyond that, before why no file came is asked.
LAST_ATTEMPT_S: Final = 15.0
PAUSE_S: Final = 0.3
_RUN: Final[dict[str, Kind]] = {"LastRunTime": "datetime", "LastTaskResult": "int"}
_METHODS: Final = "PS_ScheduledTask"
#: SCHED_S_TASK_RUNNING.
_RUNNING: Final = 0x00041301

Client = wsman.Login | str
"""How to reach a seat, or why it is not to be asked."""


@dataclass(frozen=True)
class Begun:
    """A seat whose task was asked to run. ``user`` is who is signed in; ``started`` False where it is somebody else.

    ``last`` is when the task ran before, ``problem`` what Windows said against starting it.
    """

    computer: str
    user: str | None
    started: bool
    last: Any = None
    problem: str | None = None


def begin(login: wsman.Login, account: str, timeout: float) -> Begun:
    """Start the seat's task where its account is signed in. ExamError where the host cannot be asked."""
    with Wmi(login, timeout) as wmi:
        row = wsman.single(wmi.query(wsman.CIMV2, "Win32_ComputerSystem", {"Name": "str", "UserName": "str"}))
        computer, user = str(row["Name"]), row["UserName"] or None
        if user is None or plain(user) != account.casefold():
            return Begun(computer, user, started=False)
        last, problem = None, None
        with contextlib.suppress(wsman.WsmanError):
            last = _last_run(wmi)["LastRunTime"]
        try:
            code = wmi.invoke(wsman.TASKS, _METHODS, "StartByPath", TASK)
            problem = f"0x{code:08X}" if code else None
        except wsman.HostError:
            raise
        except wsman.WsmanError as error:
            # It may run all the same: the file tells.
            problem = error.en
        return Begun(computer, user, started=True, last=last, problem=problem)


def ended(login: wsman.Login, begun: Begun, timeout: float, sleep: Callable[[float], None] = time.sleep) -> int | None:
    """What the task ended with, of a seat whose file did not come; None where it did not run since it was started.

    One that is at its last attempt is waited for.
    """
    try:
        with Wmi(login, timeout) as wmi:
            deadline = time.monotonic() + LAST_ATTEMPT_S
            while (run := _last_run(wmi))["LastTaskResult"] == _RUNNING and time.monotonic() < deadline:
                sleep(PAUSE_S)
    except ExamError:
        return None
    return None if run["LastRunTime"] == begun.last else run["LastTaskResult"]


def _last_run(wmi: Wmi) -> dict[str, Any]:
    return wmi.invoke_for(wsman.TASKS, _METHODS, "GetInfoByName", TASK, _RUN)


def try_seats(
    request: Request, clients: Mapping[str, Client], server: smb.Server, service: srvsvc.ServerService
) -> dict[str, Any]:
    """All seats at once. ``begun`` and ``ended``: the server's time before and after; ``hosts`` by name.

    One that is not to be asked is not: a password that it has refused counts towards the lock-out.
    A host is ``unknown``, or its ``value`` has ``account``, ``computer``, ``user``, ``started``, ``problem``,
    ``result`` (what the task ended with where no file came) and ``files``: those of this computer, each with the
    ``folder`` it lies in, ``said`` (the SHA-256 in its name), ``sha256`` as collected, ``size`` and ``changed``.
    """
    accounts = {str(seat["host"]): str(seat["account"]) for seat in request.seats}
    logins = {host: client for host, client in clients.items() if isinstance(client, wsman.Login)}
    hosts: dict[str, Any] = {host: {"unknown": why} for host, why in clients.items() if isinstance(why, str)}
    opened_at = _now(service)
    with ThreadPoolExecutor(max(1, len(accounts))) as pool:
        asked = {host: pool.submit(begin, login, accounts[host], request.timeout) for host, login in logins.items()}
        seats: dict[str, Begun | ExamError] = {}
        for host, future in asked.items():
            try:
                seats[host] = future.result()
            except ExamError as error:
                seats[host] = error
        running = {host: one for host, one in seats.items() if isinstance(one, Begun) and one.started}
        missing = _wait(server.share(request.volume), request, {one.computer for one in running.values()})
        late = {
            host: pool.submit(ended, logins[host], one, request.timeout)
            for host, one in running.items()
            if one.computer.casefold() in missing
        }
        results = {host: future.result() for host, future in late.items()}
    entries, uncollected = _collected(request)
    for host, one in seats.items():
        if isinstance(one, ExamError):
            hosts[host] = {"unknown": str(one)}
            continue
        files = [entry for entry in entries if _computer(entry) == one.computer.casefold()]
        if not files and accounts[host] in uncollected:
            hosts[host] = {"unknown": str(uncollected[accounts[host]])}
        else:
            hosts[host] = {"value": _said(accounts[host], one, results.get(host), files)}
    return {"begun": opened_at, "ended": _now(service), "hosts": hosts}


def _now(service: srvsvc.ServerService) -> str:
    return iso(service.time_of_day() / 100)


def _wait(share: smb.Share, request: Request, computers: Iterable[str]) -> set[str]:
    """Until a file of each computer lies somewhere, or time is up; the computers without one, in small letters."""
    missing = {name.casefold() for name in computers}
    deadline = time.monotonic() + PATIENCE_S
    while missing:
        for entries in traces.seat_files(share, request.root, request.accounts).values():
            missing -= {_named(entry.name)[0] for entry in entries if entry.size}
        if not missing or time.monotonic() > deadline:
            break
        time.sleep(PAUSE_S)
    return missing


def _named(name: str) -> tuple[str, str]:
    """Computer, in small letters, and SHA-256 that a seat's file says; a name that is none says nothing."""
    match = traces.SEAT_FILE.fullmatch(name)
    return (match["computer"].casefold(), match["sha256"].casefold()) if match else ("", "")


class _SeatFiles:
    """A collect.Source that has the seats' files only."""

    def __init__(self, source: collect.Source) -> None:
        self._source = source

    def walk(self, folder: str) -> Iterator[collect.Found]:
        for found in self._source.walk(folder):
            if found.kind == FILE and len(found.parts) == 1 and traces.SEAT_FILE.fullmatch(found.parts[0]):
                yield found

    def open_read(self, folder: str, parts: Parts, size: int) -> contextlib.AbstractContextManager[collect.Content]:
        return self._source.open_read(folder, parts, size)


def _collected(request: Request) -> tuple[list[Entry], dict[str, ExamError]]:
    """The seats' files by the code that collects results, and what was against it, by account.

    A folder that fails does not hide the others'.
    """

    @contextlib.contextmanager
    def connect() -> Iterator[collect.Source]:
        with serverfiles.connected(request.login, request.volume, request.root, request.timeout) as source:
            yield _SeatFiles(source)

    def these(owners: Sequence[Owner]) -> list[Entry]:
        with tempfile.TemporaryDirectory(prefix="exam-trial-") as scratch:
            return collect.Collector(Path(scratch), connect).collect(owners).table.files

    owners = [Owner(account, None) for account in request.accounts]
    failed: dict[str, ExamError] = {}
    try:
        return these(owners), failed
    except ExamError:
        found: list[Entry] = []
        for owner in owners:
            try:
                found += these([owner])
            except ExamError as error:
                failed[owner.account] = error
        return found, failed


def _computer(entry: Entry) -> str:
    return _named(entry.parts[0])[0]


def _said(account: str, seat: Begun, result: int | None, entries: Iterable[Entry]) -> dict[str, Any]:
    return {
        "account": account,
        "computer": seat.computer,
        "user": seat.user,
        "started": seat.started,
        "problem": seat.problem,
        "result": result,
        "files": [
            {
                "folder": entry.account,
                "said": _named(entry.parts[0])[1],
                "sha256": entry.sha256,
                "size": entry.size,
                "changed": iso(filetime.to_seconds(entry.changed)),
            }
            for entry in entries
        ],
    }
