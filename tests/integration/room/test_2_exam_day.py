"""A short exam in the prepared room, step by step: every gate, the isolation of the seats, the cutoff, the disc.

The tests are the day in its order; each needs what those before it did.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from exam_room.cutoff.conduct import who_waits
from exam_room.discs.image import CAPACITY
from exam_room.inspection.keeping import EVIDENCE, latest, read_verdict
from integration.room.conftest import MINUTES
from integration.room.driver import Room
from rehearsal.candidates import Candidates, compare
from rehearsal.run import signing_key
from standin import faults
from standin import room as rooms

pytestmark = pytest.mark.integration

DENIED = "0xc0000022"
"""STATUS_ACCESS_DENIED."""
MATERIAL = "素材"
SMB_PORTS = (445, 139)
PLANTED = "planted.txt"
LATE = "收卷以后放入的文件.docx"
LAST = "临近截止 的答卷.docx"
LIMIT_S = 300
HISTORY = "浏览历史.db"


@pytest.fixture(scope="module")
def day(prepared: Room) -> Room:
    return prepared


@pytest.fixture(scope="module")
def candidates(day: Room) -> Iterator[Candidates]:
    """The candidates of the two seats; they sit down when the room is open."""
    working = Candidates(day.made.containers, MATERIAL, limit=LIMIT_S, heavy_seats=0)
    yield working
    working.stop()


@pytest.fixture(scope="module")
def last_file() -> bytes:
    """What KS01 holds at the deadline, half a megabyte and a bit."""
    return os.urandom(524_309)


def refused(room: Room, step: str, because: str, first: str) -> None:
    """The step does not run; it says why, and what to run first."""
    before = len(room.entries())
    run = room.step(step)
    assert run.status != 0
    assert because in run.output
    assert f"ansible-playbook playbooks/{first}.yml" in run.output
    assert room.entries()[before:] == [], "a refused step left a trace in the journal"


def inspection(room: Room) -> Path:
    """The folder of the last inspection."""
    kept = latest(room.made.paths.directory)
    assert kept
    return kept


def test_open_is_refused_without_an_inspection(day: Room) -> None:
    refused(day, "open", "本场次的考前检查还没有做", first="inspect")
    assert not any(day.enabled().values())


def test_burn_and_reset_are_refused_before_their_time(day: Room) -> None:
    refused(day, "burn", "还没有收卷", first="cutoff")
    refused(day, "reset", "结果还没有刻盘并回读核对", first="burn")
    run = day.step("reset", "-e", "exam_override=光盘坏了")
    assert run.status != 0 and "没有确认" in run.output, "a reason alone is not enough"


@pytest.mark.slow
def test_without_a_disc_in_the_burner_the_command_says_that_the_exam_may_not_open(day: Room) -> None:
    faults.switch(day.name, "server", "no-disc")
    run = day.inspect()
    assert run.status == 2, run.output
    assert "不允许开考" in run.output.splitlines()[-1]
    assert day.journal("inspect")["verdict"] == "refused"
    findings = read_verdict(inspection(day))["findings"]
    wrong = [one for one in findings if (one["outcome"], one["severity"]) == ("failed", "deciding")]
    assert [(one["clause"], one["host"]) for one in wrong] == [("V7", "server")]
    faults.blank(day.name, "server", CAPACITY["dvd"])


def test_the_command_ends_well_when_the_inspection_passes_and_leaves_the_accounts_off(day: Room) -> None:
    # A power cut had ended an earlier inspection in the midst of its trial.
    leftover = f"share/KS01/~exam-trial-PC01-{'ab' * 32}.tmp"
    shares, files = day.shares(), day.files("Exam")
    day.plant(f"Exam/{leftover}".replace("/", "\\"), b"left")
    assert leftover in day.files("Exam")
    before = latest(day.made.paths.directory)
    run = day.inspect()
    assert run.status == 0, run.output
    assert day.journal("inspect")["verdict"] == "passed"
    assert inspection(day) != before
    assert "允许开考" in (inspection(day) / "report.html").read_text(encoding="utf-8")
    assert day.enabled() == dict.fromkeys(day.accounts.values(), False)
    assert day.shares() == shares
    assert day.files("Exam") == files


def test_the_trial_was_made_on_every_seat_and_cut_every_account_off(day: Room) -> None:
    inspected = latest(day.made.paths.directory)
    assert inspected is not None
    trial = json.loads((inspected / EVIDENCE / "trial.json").read_bytes())
    for host, account in day.accounts.items():
        seat = trial["seats"]["value"]["hosts"][host]["value"]
        (file,) = seat["files"]
        assert (file["folder"], file["sha256"]) == (account, file["said"])
        cut = next(one for one in trial["cutoff"]["value"]["record"]["seats"] if one["host"] == host)
        assert cut["connected"]
        assert trial["cutoff"]["value"]["writers"][account]["value"]["refused"]
    assert trial["left"]["value"] == []


def test_open_switches_every_account_on_and_says_who_signed_in(day: Room, candidates: Candidates) -> None:
    candidates.start()
    run = day.step("open", "-e", "exam_sign_in_patience=30")
    assert run.status == 0, run.output
    assert day.journal("open")["connected"] == ["KS01", "KS02"]
    assert day.enabled() == dict.fromkeys(day.accounts.values(), True)


@pytest.fixture(scope="module")
def tried(day: Room) -> dict[str, dict[str, Any]]:
    """Every account at every door of the server, every host at the ports of every other; the accounts are on.

    What was planted and written for it is gone again before the exam starts.
    """
    paths = [f"Exam\\share\\{account}" for account in day.accounts.values()]
    for path in paths:
        day.plant(f"{path}\\{PLANTED}", b"planted")
    server = day.address("server")
    others = [f"\\\\{server}\\{share}" for share in ("D$", "C$", "ADMIN$")]
    answers: dict[str, dict[str, Any]] = {}
    # The room's way out, where something answers that is neither server nor client.
    outside = socket.create_server((day.described["gateway"], 0))
    for host in day.hosts:
        ports = [[day.address(other), port] for other in day.hosts if other != host for port in SMB_PORTS]
        ports += [[day.address(other), rooms.WINRM_PORT] for other in day.hosts if other != host]
        order: dict[str, Any] = {"ports": [*ports, outside.getsockname()]}
        if host != "server":
            folders = [*day.accounts.values(), MATERIAL]
            order |= {"server": server, "share": "exam", "folders": folders, "shares": others}
        answers[host] = day.inside(host, "doors.py", order)
    outside.close()
    for path in paths:
        account = path.rpartition("\\")[2]
        for name in (PLANTED, f"from {account}.txt"):
            day.remove(f"{path}\\{name}")
    return answers


def test_only_its_own_folder_opens_to_an_account(day: Room, tried: dict[str, dict[str, Any]]) -> None:
    for host, account in day.accounts.items():
        seen = tried[host]
        assert seen["account"] == account
        assert seen["sees"] == [account], "the share shows more than the own folder"
        assert seen["root_write"] == DENIED
        for folder in day.accounts.values():
            wanted = "open" if folder == account else DENIED
            assert seen["folders"][folder] == dict.fromkeys(("list", "read", "write"), wanted), f"{account} at {folder}"


def test_nobody_reaches_the_material_before_the_start(day: Room, tried: dict[str, dict[str, Any]]) -> None:
    for host in day.clients:
        assert "open" not in tried[host]["folders"][MATERIAL].values(), host


def test_no_account_enters_an_administrative_share(day: Room, tried: dict[str, dict[str, Any]]) -> None:
    for host in day.clients:
        assert set(tried[host]["shares"].values()) == {DENIED}, tried[host]["shares"]


def test_the_way_out_of_the_room_stays_open(day: Room, tried: dict[str, dict[str, Any]]) -> None:
    """The isolation of the clients (V4) is not that from the Internet, which some exams need (R6)."""
    gateway = day.described["gateway"]
    for host in day.hosts:
        assert [answer for address, _, answer in tried[host]["ports"] if address == gateway] == ["open"], host


def test_clients_refuse_file_sharing_from_everywhere(day: Room, tried: dict[str, dict[str, Any]]) -> None:
    clients = {day.address(host): host for host in day.clients}
    for host in day.hosts:
        answers = {(address, port): answer for address, port, answer in tried[host]["ports"]}
        for (address, port), answer in answers.items():
            if address in clients and port in SMB_PORTS:
                assert answer != "open", f"{host} reaches {clients[address]}:{port}"
            if address in clients and port == rooms.WINRM_PORT:
                assert answer == "open", f"{host} does not reach {clients[address]} at all: the probe proves nothing"
        if host != "server":
            assert answers[day.address("server"), 445] == "open"
    gateway = day.described["gateway"]
    for address in clients:
        assert rooms.answers(address, rooms.WINRM_PORT, gateway)
        assert not any(rooms.answers(address, port, gateway) for port in SMB_PORTS)


def test_the_start_opens_the_material_and_says_the_deadline(day: Room, tried: dict[str, dict[str, Any]]) -> None:
    run = day.step("start")
    assert run.status == 0, run.output
    data = day.journal("start")
    length = datetime.fromisoformat(data["deadline"]) - datetime.fromisoformat(data["started_at"])
    # Rounded up to a whole second.
    assert 0 <= length.total_seconds() - MINUTES * 60 < 1
    assert data["deadline"].endswith(".000Z")
    assert "截止时间" in run.output


def test_a_cutoff_killed_while_it_waits_is_run_again_and_cuts_at_the_deadline(
    day: Room, candidates: Candidates, last_file: bytes
) -> None:
    day.save("pc01", LAST, last_file)
    day.kill("cutoff", "TASK [watch : Watch", "-e", "cutoff_look_again_seconds=2", later_s=1)
    assert any(day.enabled().values()), "the killed run must have been waiting still"
    assert who_waits(day.made.paths.directory) is not None, "a window that is closed must not stop the wait"
    run = day.step("cutoff", "-e", "cutoff_look_again_seconds=2", "-e", '{"notices_minutes": [0.1]}')
    assert run.status == 0, run.output
    told = [one["text"] for one in day.inside("pc01", "snapshot.py")["model"]["state.json"]["messages"]]
    assert any("距截止时间还有 6 秒" in text for text in told), told
    data = day.journal("cutoff")
    deadline, cut = (datetime.fromisoformat(data[name]) for name in ("deadline", "cut_at"))
    assert data["deadline"] == day.journal("start")["deadline"]
    assert cut >= deadline
    assert not any(day.enabled().values())
    assert "exam" not in day.shares()


def test_reset_is_refused_before_the_results_are_on_disc(day: Room) -> None:
    refused(day, "reset", "结果还没有刻盘并回读核对", first="burn")
    assert day.files("Exam/share/KS01")


def test_what_was_saved_is_on_the_disc_and_what_came_late_is_named(
    day: Room, candidates: Candidates, last_file: bytes, tmp_path: Path
) -> None:
    reports, failures = candidates.reports(timeout=60)
    assert not failures
    assert {report["account"] for report in reports} == {"KS01", "KS02"}
    assert all(report["started_at"] for report in reports), "the material was readable"
    assert sum(report["saved_after_the_cut"] for report in reports) == 0
    day.plant(f"Exam\\share\\KS02\\{LATE}", b"too late")
    run = day.step("burn")
    assert run.status == 0, run.output
    data = day.journal("burn")
    assert data["read_back"] is True
    assert [(one["copy"], one["disc"]) for one in data["copies"]] == [(1, 1), (2, 1)]
    assert [LATE in str(one) and "KS02" in str(one) for one in data["late"]] == [True]
    disc = read_disc(day, tmp_path)
    for report in reports:
        report["files"] |= (
            {LAST: {"sha256": hashlib.sha256(last_file).hexdigest()}} if report["account"] == "KS01" else {}
        )
        assert report["files"], report
        assert compare(report, disc) == []
    assert b"too late" not in {path.read_bytes() for path in disc.rglob("*") if path.is_file()}


def read_disc(room: Room, folder: Path) -> Path:
    """Everything on the disc image, read out of it by a program that is not ours."""
    (image,) = (room.made.paths.directory / "discs").glob("*.iso")
    target = folder / "disc"
    command = ["xorriso", "-osirrox", "on", "-indev", str(image), "-extract", "/", str(target)]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    return target


def test_the_disc_is_verified_by_whoever_has_the_sites_key_and_the_roster(day: Room, tmp_path: Path) -> None:
    (image,) = (day.made.paths.directory / "discs").glob("*.iso")
    key = signing_key(rooms.state_folder())
    # In a folder of its own: beside nothing of the session.
    here = tmp_path / "elsewhere"
    here.mkdir()
    shutil.copy(image, here / "disc.iso")
    shutil.copy(key.with_suffix(".pub"), here / "site.pub")
    given = ["-e", f"verify_disc={here / 'disc.iso'}", "-e", f"verify_key={here / 'site.pub'}"]
    run = day.step("verify", *given, "-e", f"verify_roster={day.made.paths.session_file}")
    assert run.status == 0, run.output
    assert "每名考生都有文件" in run.output
    content = bytearray((here / "disc.iso").read_bytes())
    at = content.index(b"  data/KS01_") - 10
    content[at] = ord("0") if content[at] != ord("0") else ord("1")
    (here / "disc.iso").write_bytes(content)
    run = day.step("verify", *given)
    assert run.status != 0 and "manifest-sha" in run.output and "不合格" in run.output


def test_a_look_at_the_reset_changes_nothing(day: Room) -> None:
    administrator = day.administrator()
    if "burn" not in day.files("Exam"):
        administrator.smb.createDirectory("D$", "Exam\\burn")
    administrator.smb.close()
    day.plant("Exam\\burn\\disc.iso", b"an image that the server burned")
    before, lines = day.files("Exam"), len(day.entries())
    run = day.step("reset", "--check")
    assert run.status == 0, run.output
    assert (day.files("Exam"), len(day.entries())) == (before, lines)


def test_a_reset_that_was_killed_is_finished_by_the_next_and_empties_the_room(day: Room) -> None:
    day.kill("reset", "TASK [Switch the accounts of all seats off")
    assert day.files("Exam/share/KS01"), "it was killed half-way"
    run = day.step("reset")
    assert run.status == 0, run.output
    left = day.files("Exam")
    assert [path for path in left if path.startswith("share/")] == [f"share/{name}" for name in day.accounts.values()]
    assert not any(path.startswith(("material", "burn")) for path in left)
    assert not any(day.enabled().values())


def test_after_a_second_reset_the_room_is_prepared_for_the_next_sitting(day: Room) -> None:
    again = day.step("reset")
    assert again.status == 0, again.output
    assert again.recap()["localhost"]["changed"] == 0
    found = day.inside("pc01", "profile.py", {"account": "KS01", "leave": HISTORY})
    assert found == {"there": [HISTORY], "signed_in": "KS01"}
    run = day.step("prepare", "-e", f"exam_session_file={day.session('roomtest-next', seats=2)}")
    assert run.status == 0, run.output
    renewed = {task.rpartition(" | ")[2] for host, task in run.changes() if host == "pc01"}
    assert renewed == {
        "Sign nobody in at the next start",
        "Restart, so that the seat of an earlier session is signed out",
        "Sign this account in when the computer starts",
        "Remove the profile that earlier candidates had, Windows makes a new one at the next sign-in",
        "network : Restart the computer",
        "Keep screen saver and messages away from who is signed in",
    }, "all else was prepared already"
    found = day.inside("pc01", "profile.py", {"account": "KS01", "leave": ""})
    assert found == {"there": [], "signed_in": "KS01"}
    assert "exam" in day.shares()
    assert not any(day.enabled().values())
    assert any(path.startswith("material/") for path in day.files("Exam"))
