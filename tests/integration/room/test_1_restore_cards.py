"""Restore cards: who is protected is left out of prepare, or, where prepare may, opened and protected again (V8)."""

from __future__ import annotations

import json
import re
import shutil
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from exam_room.inspection.keeping import latest, read_verdict
from integration.room.driver import Room, Run

pytestmark = pytest.mark.integration

HOST = "pc02"
SPARE = "spare01"
CANARY = r"C:\Users\Public\canary.txt"
LOG = r"C:\Windows\System32\winevt\Logs\kept.txt"


@pytest.fixture
def frozen(prepared: Room) -> Iterator[Room]:
    """The room with somebody's restore card at work on one client."""
    prepared.inside(HOST, "protection.py", {"run": ["diskpt"]})
    yield prepared
    prepared.inside(HOST, "protection.py", {"gone": ["diskpt"]})


@pytest.fixture
def education(prepared: Room) -> Iterator[Room]:
    """The room with a Windows that has the Unified Write Filter on one client."""
    prepared.inside(HOST, "protection.py", {"run": ["uwfvol"], "uwf": True})
    yield prepared
    prepared.inside(HOST, "protection.py", {"gone": ["uwfvol"], "uwf": False})


@pytest.mark.slow
def test_a_client_whose_restore_card_protects_is_left_out_and_named(frozen: Room) -> None:
    # In check mode: the room stays as prepare left it.
    run = frozen.step("prepare", "--check", "--tags", "isolation")
    assert run.status != 0
    assert re.search(rf"{HOST} 的还原卡正在保护（影子卫士 Shadow Defender: 保护中 on）", run.output)
    assert "Put the card into install mode" in run.output
    recap = run.recap()
    assert recap[HOST]["failed"] == 1
    assert all(recap[other]["failed"] == 0 for other in set(frozen.hosts) - {HOST})
    assert frozen.step("prepare", "--check", "--tags", "isolation", "-e", "restore_card_go_on=true").status == 0


@pytest.mark.slow
def test_prepare_waits_for_who_opens_the_card(frozen: Room) -> None:
    room = frozen
    sheet = room.made.paths.directory / "papers/restore_cards.html"

    def open_it() -> None:
        # Once the sheet is there somebody takes it to the seat.
        while not sheet.exists():
            time.sleep(0.2)
        room.inside(HOST, "protection.py", {"gone": ["diskpt"]})

    person = threading.Thread(target=open_it, daemon=True)
    person.start()
    run = room.step("prepare", "--tags", "isolation", "-e", "restore_card_wait_minutes=5")
    room.inside(HOST, "protection.py", {"run": ["diskpt"]})
    assert run.status == 0, run.output
    assert all(counts["failed"] == 0 for counts in run.recap().values())
    assert "还原卡切换单" in run.output and sheet.with_suffix(".pdf").exists()
    page = sheet.read_text(encoding="utf-8")
    assert "退出影子模式" in page and all(host in page for host in room.hosts)
    # Without the wait, it is left out as ever.
    assert room.step("prepare", "--check", "--tags", "isolation").recap()[HOST]["failed"] == 1


def managed(room: Room, *extra: str) -> Run:
    run = room.step("prepare", "--limit", f"{HOST},localhost", "-e", "restore_card_manage=uwf", *extra)
    assert run.status == 0, run.output
    return run


def restarted(room: Room) -> dict[str, bool]:
    """Which of the two files are there after another start."""
    before = room.inside(HOST, "protection.py")["boot"]
    room.turn_off(HOST)
    room.turn_on(HOST)
    assert room.inside(HOST, "protection.py")["boot"] != before
    there: dict[str, bool] = room.inside(HOST, "protection.py", {"there": [CANARY, LOG]})["there"]
    return there


@pytest.mark.slow
def test_prepare_opens_and_protects_where_windows_can(education: Room) -> None:
    room = education
    part = managed(room, "--tags", "isolation")
    assert not part.changes(), "a part of prepare protects nothing"
    first = managed(room)
    assert {task for host, task in first.changes() if host == HOST} == {
        "restore_card : Note on this computer what it was prepared for",
        "restore_card : Switch the write filter on, so that nothing written here outlasts the next start",
    }
    assert room.inside(HOST, "protection.py")["uwf"]["enabled"]

    # The canary: what is written now is gone after the next start, but for the logs.
    room.inside(HOST, "protection.py", {"write": CANARY})
    room.inside(HOST, "protection.py", {"write": LOG})
    assert restarted(room) == {CANARY: False, LOG: True}

    # The same prepare again leaves the protection alone, and restarts nobody.
    boot = room.inside(HOST, "protection.py")["boot"]
    again = managed(room)
    assert not {task for host, task in again.changes() if host == HOST}
    assert room.inside(HOST, "protection.py")["boot"] == boot

    # Another session: opened, prepared, protected again.
    other = managed(room, "-e", f"exam_session_file={room.session('roomtest-next', seats=2)}")
    tasks = [task for host, task in other.changes() if host == HOST]
    assert "restore_card : Switch the write filter off, for what is set up now has to last" in tasks
    assert room.inside(HOST, "protection.py")["uwf"]["enabled"]


@pytest.mark.slow
def test_a_windows_without_the_filter_is_named(prepared: Room) -> None:
    run = prepared.step("prepare", "--check", "--limit", f"{HOST},localhost", "-e", "restore_card_manage=uwf")
    assert run.status != 0
    assert f"{HOST} 的 Windows 没有统一写入筛选器" in run.output


FILE = r"C:\ExamRoom-canary.txt"


@pytest.fixture
def protected(prepared: Room) -> Iterator[Room]:
    """The room with the write filter at work on one client."""
    prepared.inside(HOST, "protection.py", {"run": ["uwfvol"], "uwf": True, "protect": ["C"]})
    yield prepared
    prepared.inside(HOST, "protection.py", {"gone": ["uwfvol"], "uwf": False})


@pytest.fixture
def mixed(protected: Room) -> Iterator[Room]:
    """On another client a card seems to be at work, and does nothing; the rest has none."""
    protected.inside(SPARE, "protection.py", {"run": ["diskpt"]})
    yield protected
    protected.inside(SPARE, "protection.py", {"gone": ["diskpt"]})


def proof(room: Room, host: str) -> dict[str, Any]:
    """What the session keeps of the proof on a host."""
    read: dict[str, Any] = json.loads((room.made.paths.directory / f"restore_cards/{host}.json").read_bytes())
    return read


def test_a_restart_proves_that_a_client_is_protected(protected: Room) -> None:
    room = protected
    run = room.step("prove_restore_cards", "--limit", f"{HOST},localhost")
    assert run.status == 0, run.output
    assert f"{HOST}：写入的文件重启后消失，还原保护有效（统一写入筛选器 UWF" in run.output
    assert (proof(room, HOST)["undone"], proof(room, HOST)["stayed"]) == ([FILE], [])
    assert room.journal("prove_restore_cards")["undone"] == [HOST]


@pytest.mark.slow
def test_a_restart_proves_of_every_computer_what_it_undoes(mixed: Room) -> None:
    room = mixed
    shutil.rmtree(room.made.paths.directory / "restore_cards", ignore_errors=True)
    boots = {host: room.inside(host, "protection.py")["boot"] for host in room.hosts}
    # An earlier run was killed once it had written its file.
    for host in room.hosts:
        room.inside(host, "protection.py", {"write": FILE})

    predicted = room.step("prove_restore_cards", "--check")
    assert predicted.status == 0, predicted.output
    assert {host: room.inside(host, "protection.py")["boot"] for host in room.hosts} == boots
    assert not (room.made.paths.directory / "restore_cards").exists()

    run = room.step("prove_restore_cards")
    assert run.status != 0
    assert f"{SPARE} 的 影子卫士 Shadow Defender 应在保护，但写入的 {FILE} 重启后仍在" in run.output
    account = run.account_of_hosts()
    assert {host for host, said in account.items() if "失败" in said} == {SPARE, "localhost"} & set(account)
    assert all(room.inside(host, "protection.py")["boot"] != boots[host] for host in room.hosts)
    proofs = {host: proof(room, host) for host in room.hosts}
    assert {host for host in room.hosts if proofs[host]["undone"]} == {HOST}
    assert proofs["server"]["stayed"] == [FILE, r"D:\ExamRoom-canary.txt"]
    # Nothing is left behind but where the card brought it back: there it was older than the proof.
    there = {host for host in room.hosts if room.inside(host, "protection.py", {"there": [FILE]})["there"][FILE]}
    assert there == set()
    # The inspector judges by it: the driver that only runs protects nobody.
    room.step("inspect")
    kept = latest(room.made.paths.directory)
    assert kept
    outcomes = {one["host"]: one for one in read_verdict(kept)["findings"] if one["clause"] == "V8"}
    assert {host: outcomes[host]["outcome"] for host in (HOST, SPARE, "server")} == {
        HOST: "passed",
        SPARE: "failed",
        "server": "passed",
    }
    assert "重启后消失" in outcomes[HOST]["actual"] and "重启后仍在" in outcomes[SPARE]["actual"]
    ended = room.journal("prove_restore_cards")
    assert (sorted(ended["undone"]), sorted(ended["stayed"])) == ([HOST], sorted(set(room.hosts) - {HOST}))


@pytest.mark.slow
def test_one_that_does_not_come_back_is_named_and_the_others_go_on(prepared: Room) -> None:
    room = prepared
    late = f"{{{{ 1 if inventory_hostname == '{SPARE}' else 600 }}}}"
    run = room.step("prove_restore_cards", "-e", json.dumps({"restore_card_restart_timeout": late}))
    assert run.status != 0
    assert f"{SPARE} 的还原卡没有验证成" in run.output and "没有完成重新启动" in run.output
    assert {host for host, said in run.account_of_hosts().items() if "失败" in said} & set(room.hosts) == {SPARE}
    assert proof(room, SPARE)["looked_at"] is None
    assert all(proof(room, host)["looked_at"] for host in set(room.hosts) - {SPARE})
