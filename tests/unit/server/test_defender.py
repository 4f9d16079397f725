"""Defender: what a host needs, what is started on it, and what the end of it says."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from exam_room.errors import ExamError
from exam_room.server import defender
from exam_room.server.antivirus import Limits, needs
from exam_room.server.defender import WindowsComputer, Work, command_line, start, wait
from exam_room.wire.wsman import HostError, Login, WsmanError
from standin.endpoint import defender as model
from standin.endpoint.__main__ import without_samba
from standin.endpoint.host import Host
from standin.endpoint.initial import DEFENDER

ROOT = Path(__file__).resolve().parents[3]
LIMITS = Limits(signatures=30, scan=7)
NOW: dict[str, Any] = {"enabled": True, "signature_age_days": 3, "scan_age_days": 1}
HUORONG = {"name": "火绒安全软件", "enabled": True, "up_to_date": True, "defender": False}
OWN = {"name": "Windows Defender", "enabled": True, "up_to_date": True, "defender": True}


def seen(products: list[dict[str, Any]] | None = None, **differs: Any) -> dict[str, Any]:
    return {"value": {"defender": NOW | differs, "products": [OWN] if products is None else products}}


@pytest.mark.parametrize(
    ("what", "wanted", "ahead", "update", "scan"),
    [
        (seen(), "required", 0, False, False),
        (seen(signature_age_days=30, scan_age_days=7), "required", 0, False, False),
        (seen(signature_age_days=31), "required", 0, True, False),
        (seen(scan_age_days=8), "required", 0, False, True),
        (seen(scan_age_days=None, signature_age_days=None), "required", 0, True, True),
        # Young enough today, too old on the day of the session.
        (seen(signature_age_days=27, scan_age_days=4), "required", 4, True, True),
        (seen(signature_age_days=27, scan_age_days=4), "required", 3, False, False),
        # A session of last week; one in two months, for which nothing of today would do.
        (seen(), "required", -9, False, False),
        (seen(scan_age_days=0, signature_age_days=20), "required", 60, False, False),
        (seen(scan_age_days=99, signature_age_days=99), "disabled", 0, False, False),
        (seen(scan_age_days=99, signature_age_days=99), "optional", 0, False, False),
    ],
)
def test_what_a_host_needs(what: dict[str, Any], wanted: str, ahead: int, update: bool, scan: bool) -> None:
    assert needs(what, wanted, ahead, LIMITS) == {"signatures": update, "scan": scan, "told": ""}


@pytest.mark.parametrize(
    ("what", "told"),
    [
        (seen([OWN, HUORONG], scan_age_days=99), "火绒安全软件"),
        ({"value": {"defender": None, "products": [HUORONG]}}, "火绒安全软件"),
        ({"value": {"defender": None, "products": None}}, "Defender 没有工作"),
        (seen(enabled=False, scan_age_days=99), "Defender 没有工作"),
        ({"unknown": "超时 timed out"}, "timed out"),
    ],
)
def test_another_product_or_none_is_left_to_a_person(what: dict[str, Any], told: str) -> None:
    found = needs(what, "required", 0, LIMITS)
    assert (found["signatures"], found["scan"]) == (False, False)
    assert told in found["told"]


def test_another_product_that_is_off_protects_nobody() -> None:
    assert needs(seen([OWN, HUORONG | {"enabled": False}], scan_age_days=99), "required", 0, LIMITS)["scan"]


def test_the_file_lies_where_the_role_puts_it() -> None:
    variables = yaml.safe_load((ROOT / "roles/antivirus/vars/main.yml").read_text(encoding="utf-8"))
    assert variables["__antivirus_on_host"] == defender.PACKAGE


@dataclass
class Fake:
    """``answers`` are what reading gives, one after the other, the last for ever; ``running`` as long as it lasts."""

    answers: list[Any]
    running: list[list[str]] = field(default_factory=list)
    launched: list[str] = field(default_factory=list)
    now: float = 0.0

    def read(self) -> dict[str, Any] | None:
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        found: dict[str, Any] | None = answer
        return found

    def lines(self) -> list[str]:
        return self.running.pop(0) if len(self.running) > 1 else (self.running or [[]])[0]

    def launch(self, line: str) -> None:
        self.launched.append(line)

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def wait(self, work: Work, before: str | None = None, timeout: float = 60) -> dict[str, Any]:
        return wait(self, "pc01", work, before, 30, timeout, self.clock, self.sleep)


BOTH, SCAN = Work(True, "quick"), Work(False, "quick")
SCANNED: dict[str, Any] = {
    "program": rf"{DEFENDER}\MpCmdRun.exe",
    "signature_age_days": 2,
    "scan": {"kind": "quick", "start": "2026-11-25T08:00:00Z", "end": "2026-11-25T08:04:00Z"},
    "threats": [],
    "found": [],
}
BUSY = [command_line(SCAN, SCANNED["program"])]


def test_one_process_installs_cleans_up_and_scans() -> None:
    assert command_line(BOTH, r"C:\D\MpCmdRun.exe") == (
        r'cmd.exe /s /c "start "" /wait "C:\Windows\exam-mpam-fe.exe" -q & del /f /q "C:\Windows\exam-mpam-fe.exe"'
        r' & "C:\D\MpCmdRun.exe" -Scan -ScanType 1"'
    )
    assert command_line(Work(False, "full"), r"C:\D\MpCmdRun.exe") == r'"C:\D\MpCmdRun.exe" -Scan -ScanType 2'
    assert "MpCmdRun" not in command_line(Work(True, ""), r"C:\D\MpCmdRun.exe")


def test_what_goes_on_since_an_earlier_run_is_not_started_again() -> None:
    busy, idle = Fake([SCANNED], [["cmd.exe /c dir", *BUSY]]), Fake([SCANNED], [["cmd.exe /c dir", ""]])
    assert not start(busy, "pc01", SCAN, check=False)
    assert start(idle, "pc01", SCAN, check=False)
    assert (busy.launched, idle.launched) == ([], BUSY)


def test_check_mode_starts_nothing() -> None:
    computer = Fake([SCANNED])
    assert start(computer, "pc01", SCAN, check=True)
    assert computer.launched == []


def test_no_defender_is_an_error() -> None:
    with pytest.raises(ExamError, match="pc01 上没有 Defender"):
        start(Fake([None]), "pc01", SCAN, check=False)


def test_waits_through_a_host_that_is_away_for_a_moment() -> None:
    away = [HostError("断开", "gone"), WsmanError("服务正在启动", "0x800106BA")]
    computer = Fake([*away, SCANNED], [BUSY, BUSY, []])
    assert computer.wait(BOTH, before="2026-11-18T08:00:00Z") == SCANNED
    assert 0 < computer.now < 60


def test_what_shows_a_moment_after_the_process_has_ended_counts() -> None:
    older = SCANNED | {"scan": SCANNED["scan"] | {"end": "2026-11-18T08:00:00Z"}}
    computer = Fake([older, older, SCANNED])
    assert computer.wait(SCAN, before="2026-11-18T08:00:00Z") == SCANNED
    assert computer.now < 30


@pytest.mark.parametrize(
    ("differs", "work", "before", "said"),
    [
        ({"signature_age_days": 31}, BOTH, None, "mpam-fe.exe 已损坏"),
        ({"signature_age_days": None}, BOTH, None, "mpam-fe.exe 已损坏"),
        ({"scan": None}, SCAN, None, "没有完成（上次完成于 从未）"),
        ({}, SCAN, "2026-11-25T08:04:00Z", "没有完成（上次完成于 2026-11-25T08:04:00Z）"),
        ({"threats": ["Virus:X"]}, SCAN, None, "未清除的病毒：Virus:X"),
        (
            {"found": [{"name": "Virus:X", "at": None, "files": [r"file:_C:\a.exe"], "dealt_with": False}]},
            SCAN,
            None,
            r"Virus:X（file:_C:\a.exe）",
        ),
    ],
)
def test_an_end_that_is_none_names_the_host(differs: dict[str, Any], work: Work, before: str | None, said: str) -> None:
    with pytest.raises(ExamError) as caught:
        Fake([SCANNED | differs]).wait(work, before)
    assert caught.value.zh.startswith("pc01 ") and said in caught.value.zh
    assert "pc01" in caught.value.en


def test_a_threat_that_was_removed_is_told_and_is_no_error() -> None:
    found: list[dict[str, Any]] = [{"name": "Virus:X", "at": None, "files": [], "dealt_with": True}]
    assert Fake([SCANNED | {"found": found}]).wait(SCAN)["found"] == found


def test_old_signatures_are_no_error_where_only_a_scan_was_wanted() -> None:
    assert Fake([SCANNED | {"signature_age_days": 99}]).wait(SCAN)


@pytest.mark.parametrize("running", [[BUSY], []])
def test_the_wait_has_an_end(running: list[list[str]]) -> None:
    computer = Fake([HostError("无法连接", "away")], running)
    with pytest.raises(ExamError, match="60 秒内没有完成"):
        computer.wait(SCAN)
    assert computer.launched == []


# The rest runs against a stand-in host: real files, its own clock.


@pytest.fixture
def host(tmp_path: Path) -> Host:
    made = without_samba(tmp_path)
    now = datetime(2026, 11, 25, 8, tzinfo=UTC)
    made.clock = lambda: now
    with made.store.change() as state:
        state["antivirus"] |= {"signature_age": 50, "quick_scan_age": 40, "seconds": 240.0}
        state["antivirus"]["as_of"] = dict.fromkeys(("signature", "quick", "full"), now.isoformat())
    return made


@pytest.fixture
def computer(login: Login) -> WindowsComputer:
    return WindowsComputer(login)


def later(host: Host, **by: float) -> None:
    now = host.clock()
    host.clock = lambda: now + timedelta(**by)


def settle(host: Host, computer: WindowsComputer, work: Work) -> dict[str, Any]:
    """Wait; the host's clock is set on by what is slept."""
    before = model.scan_times(model.settled(host)["antivirus"], "quick")[1]
    assert before is not None
    shown = before.isoformat(timespec="seconds").replace("+00:00", "Z")
    passed = [0.0]

    def sleep(seconds: float) -> None:
        passed[0] += seconds
        later(host, seconds=seconds)

    return wait(computer, "pc01", work, shown, 30, 600, lambda: passed[0], sleep)


def put(host: Host, path: str, content: bytes) -> Path:
    real = host.files.real(path)
    host.files.make_folder(real.parent)
    real.write_bytes(content)
    return real


def signatures(host: Host, days_old: int, version: str = "1.445.7.0") -> Path:
    built = (host.clock() - timedelta(days=days_old)).date()
    return put(host, defender.PACKAGE, model.package(version, built))


def test_signatures_and_scan_on_a_host(host: Host, computer: WindowsComputer) -> None:
    file = signatures(host, 2)
    virus = put(host, r"C:\Users\KS01\桌面\游戏.exe", model.THREAT + b"Trojan:Win32/Game\n")
    assert start(computer, "pc01", BOTH, check=False)
    assert not start(computer, "pc01", BOTH, check=False)
    found = settle(host, computer, BOTH)
    assert (found["signature_version"], found["signature_age_days"], found["scan_age_days"]) == ("1.445.7.0", 2, 0)
    assert found["scan"] == {"kind": "quick", "start": "2026-11-25T08:00:00Z", "end": "2026-11-25T08:04:00Z"}
    assert [(one["name"], one["files"], one["dealt_with"]) for one in found["found"]] == [
        ("Trojan:Win32/Game", [r"file:_C:\Users\KS01\桌面\游戏.exe"], True)
    ]
    assert not file.exists() and not virus.exists()
    # The second run: nothing more is needed, and nobody has to be told.
    assert needs({"value": {"defender": found, "products": None}}, "required", 0, LIMITS) == {
        "signatures": False,
        "scan": False,
        "told": "",
    }


def test_a_virus_that_stays_is_named_with_its_file(host: Host, computer: WindowsComputer) -> None:
    put(host, r"C:\Users\a.exe", model.THREAT + b"Virus:Win32/Stays\n")
    with host.store.change() as state:
        state["antivirus"]["cannot_clean"] = True
    start(computer, "pc01", SCAN, check=False)
    with pytest.raises(ExamError, match=r"Virus:Win32/Stays（file:_C:\\Users\\a.exe）"):
        settle(host, computer, SCAN)


def test_a_quick_scan_leaves_other_drives_to_a_full_one(host: Host, computer: WindowsComputer) -> None:
    file = put(host, r"D:\a.exe", model.THREAT + b"Virus:Win32/D\n")
    start(computer, "pc01", SCAN, check=False)
    assert settle(host, computer, SCAN)["found"] == []
    assert file.exists()
    start(computer, "pc01", Work(False, "full"), check=False)
    found = settle(host, computer, Work(False, "full"))
    assert found["scan"]["kind"] == "full" and len(found["found"]) == 1
    assert not file.exists()


@pytest.mark.parametrize("content", [b"MZ damaged", None])
def test_signatures_that_are_damaged_or_too_old(host: Host, computer: WindowsComputer, content: bytes | None) -> None:
    if content is None:
        signatures(host, 45)
    else:
        put(host, defender.PACKAGE, content)
    start(computer, "pc01", BOTH, check=False)
    with pytest.raises(ExamError, match="已损坏"):
        settle(host, computer, BOTH)
    assert not host.files.real(defender.PACKAGE).exists()


def test_a_scan_that_fails_or_is_lost_in_a_restart(host: Host, computer: WindowsComputer) -> None:
    with host.store.change() as state:
        state["antivirus"]["scan_fails"] = True
    start(computer, "pc01", SCAN, check=False)
    with pytest.raises(ExamError, match="没有完成（上次完成于 2026-10-16"):
        settle(host, computer, SCAN)
    with host.store.change() as state:
        state["antivirus"]["scan_fails"] = False
    start(computer, "pc01", SCAN, check=False)
    host.backend.reboot()
    with pytest.raises(ExamError, match="没有完成"):
        settle(host, computer, SCAN)


def test_a_program_that_is_not_there_is_not_started(computer: WindowsComputer) -> None:
    with pytest.raises(WsmanError, match="returned 9"):
        computer.launch(command_line(SCAN, r"C:\Program Files\Windows Defender\MpCmdRun.exe"))


def test_the_stand_in_starts_no_other_program(computer: WindowsComputer) -> None:
    with pytest.raises(WsmanError, match="does not know this program"):
        computer.launch("cmd.exe /c format d:")
