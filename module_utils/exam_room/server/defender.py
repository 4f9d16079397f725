"""Defender of a host brought up to date from a file, and a scan before the exam (V5).

Started and watched by WMI methods and queries only. The scan is Microsoft's MpCmdRun.exe, whose options are documented
("Configure and manage Microsoft Defender Antivirus with the mpcmdrun.exe command-line tool"); of MSFT_MpScan.Start and
MSFT_MpSignature.Update Microsoft documents neither when they return nor what, and the latter knows no file. The
signatures are Microsoft's mpam-fe.exe, quiet by -q (support article on manual definition updates). Both run as one
process that outlives every connection (Win32_Process.Create), so a controller that dies leaves a whole scan behind.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from ..errors import ExamError
from ..look.antivirus import defender
from ..wire.wsman import CIMV2, Login, Wmi, WsmanError

#: Where the file of signatures lies on the host until it was run; only administrators may write there.
PACKAGE: Final = r"C:\Windows\exam-mpam-fe.exe"
SCANS: Final = {"quick": 1, "full": 2}
_POLL_S: Final = 5.0
_QUICK_S: Final = 10.0
#: How long Defender may take to show what its process has done.
_SETTLES_S: Final = 30.0
#: What a line of ours has in it, wherever it stands among the processes.
_MARKS: Final = (PACKAGE.casefold(), 'mpcmdrun.exe" -scan ')


class Computer(Protocol):
    """What this needs of a host; tests give a fake. Each raises HostError while the host is away."""

    def read(self) -> dict[str, Any] | None:
        """As :func:`exam_room.look.antivirus.defender`."""

    def lines(self) -> list[str]:
        """The command lines of the processes that could be ours."""

    def launch(self, line: str) -> None:
        """Start one program and leave it alone."""


@dataclass(frozen=True)
class Work:
    """What is to be done: ``update`` from PACKAGE, which lies on the host; ``scan`` quick, full, or empty for none."""

    update: bool
    scan: str


def command_line(work: Work, program: str) -> str:
    """One process for all of it; the scan begins with the new signatures, and the file is gone whatever came of it.

    ``start /wait``: outside of a script, cmd.exe need not wait for a program with windows ("start", Windows commands).
    """
    parts = [f'start "" /wait "{PACKAGE}" -q', f'del /f /q "{PACKAGE}"'] if work.update else []
    parts += [f'"{program}" -Scan -ScanType {SCANS[work.scan]}'] if work.scan else []
    return f'cmd.exe /s /c "{" & ".join(parts)}"' if work.update else parts[0]


def start(computer: Computer, name: str, work: Work, check: bool) -> bool:
    """Start the work and return at once; False where it goes on since an earlier run.

    :raises ExamError: if it cannot be started.
    """
    if check:
        return True
    if _running(computer):
        return False
    found = computer.read()
    if found is None:
        raise ExamError(f"{name} 上没有 Defender", f"there is no Defender on {name}")
    computer.launch(command_line(work, found["program"]))
    return True


def wait(
    computer: Computer,
    name: str,
    work: Work,
    before: str | None,
    signature_days: int,
    timeout: float,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> dict[str, Any]:
    """Wait until nothing of it runs any more and return how Defender stands, as the look shows it.

    :param before: when the scan ended that the look saw; this one has to end later.
    :raises ExamError: when it takes longer than ``timeout`` seconds, when the signatures are still older than
        ``signature_days``, the scan did not end, or a threat is there.
    """
    end = clock() + timeout
    over: float | None = None
    while True:
        found, missing, lost = None, None, ""
        try:
            found = None if _running(computer) else computer.read()
        except WsmanError as error:
            # Away, or Defender takes up its signatures; what a restart has lost shows below.
            lost = f"（{error.zh}）"
        if found is not None:
            over = clock() if over is None else over
            missing = _missing(found, name, work, before, signature_days)
            if missing is None or clock() - over >= _SETTLES_S:
                break
        if clock() >= end:
            raise missing or ExamError(
                f"{name} 的病毒扫描在 {timeout:g} 秒内没有完成{lost}。扫描会继续进行，请稍后再次执行 prepare",
                f"{name} has not finished scanning within {timeout:g} s. The scan goes on: run prepare again later",
            )
        sleep(_POLL_S)
    _must_be_clean(found, name)
    if missing is not None:
        raise missing
    return found


def _missing(
    found: Mapping[str, Any], name: str, work: Work, before: str | None, signature_days: int
) -> ExamError | None:
    """What of the work does not show although nothing of it runs any more."""
    age = found["signature_age_days"]
    if work.update and (age is None or age > signature_days):
        return ExamError(
            f"{name} 的病毒库仍为 {'不明' if age is None else f'{age} 天'}：mpam-fe.exe 已损坏、与该 Windows 不符，"
            "或本身太旧。请重新下载后再执行 prepare",
            f"the signatures of {name} are still {'of unknown age' if age is None else f'{age} days old'}: mpam-fe.exe "
            "is damaged, made for another Windows, or too old itself. Fetch it again, then run prepare again",
        )
    ended = found["scan"] and found["scan"]["end"]
    if work.scan and (ended is None or (before is not None and ended <= before)):
        return ExamError(
            f"{name} 的病毒扫描没有完成（上次完成于 {ended or '从未'}）。"
            "请到机位打开“病毒和威胁防护”查看，再执行 prepare",
            f"the scan of {name} failed (the last that ended: {ended or 'never'}). Look at Virus & threat protection "
            "at the computer, then run prepare again",
        )
    return None


def _must_be_clean(found: Mapping[str, Any], name: str) -> None:
    left = {one["name"]: ", ".join(one["files"]) for one in found["found"] if not one["dealt_with"]}
    threats = [f"{one}（{left[one]}）" if left.get(one) else one for one in sorted({*found["threats"], *left})]
    if threats:
        raise ExamError(
            f"{name} 有未清除的病毒：{'；'.join(threats)}。请到机位清除，再执行 prepare",
            f"{name} has a threat that is not dealt with: {'; '.join(threats)}. "
            "Remove it there, then run prepare again",
        )


def _running(computer: Computer) -> bool:
    return any(mark in line.casefold() for line in computer.lines() for mark in _MARKS)


class WindowsComputer:
    """A host reached by WS-Management, a new connection each time: minutes lie between."""

    def __init__(self, login: Login) -> None:
        self._login = login

    def read(self) -> dict[str, Any] | None:
        with Wmi(self._login) as wmi:
            return defender(wmi)

    def lines(self) -> list[str]:
        with Wmi(self._login, timeout=_QUICK_S) as wmi:
            rows = wmi.query(
                CIMV2,
                "Win32_Process",
                {"CommandLine": "str"},
                "Name = 'cmd.exe' OR Name = 'exam-mpam-fe.exe' OR Name = 'MpCmdRun.exe'",
            )
        return [row["CommandLine"] or "" for row in rows]

    def launch(self, line: str) -> None:
        with Wmi(self._login) as wmi:
            code = wmi.invoke(CIMV2, "Win32_Process", "Create", {"CommandLine": line})
        if code != 0:
            raise WsmanError(
                f"Windows 没有启动程序（Win32_Process.Create 返回 {code}）：{line}",
                f"Windows did not start it (Win32_Process.Create returned {code}): {line}",
            )
