"""The watch and the safety copies against candidates on a real SMB server."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from smbprotocol.open import CreateDisposition, ImpersonationLevel, Open

from exam_room.journal.journal import Journal, stamp
from exam_room.watch import board, restore
from exam_room.watch.service import service_of
from exam_room.watch.settings import settings_of
from exam_room.watch.store import Store
from exam_room.wire import smb

from .conftest import MODULE_UTILS, Room, Writer

pytestmark = pytest.mark.integration

WATCHER = Path(__file__).with_name("watcher.py")
PROJECT = Path(__file__).resolve().parents[3]
PATIENCE_S = 120.0
SESSION = {
    "id": "watch-1",
    "room": "模拟考场",
    "exam": {"code": "x", "name": {"zh": "演练", "en": "rehearsal"}, "results": {"kinds": [], "minimum": []}},
    "timezone": "Asia/Shanghai",
}


class Session:
    """A session directory with its journal, and the watch over it."""

    def __init__(self, exam: Room, directory: Path, material: Path) -> None:
        self.exam = exam
        self.directory = directory
        # Candidates of these tests come from the machine itself: that is where KS01 and KS02 sit, KS03 does not.
        gateway = exam.login.address.rpartition(".")[0] + ".1"
        self.seats = [
            {
                **seat,
                "address": gateway if seat["number"] < 3 else seat["address"],
                "spare": False,
                "candidate": {"exam_number": f"99{seat['number']:04}", "name": f"考生{seat['number']}"},
            }
            for seat in exam.seats
        ]
        self.params: dict[str, Any] = {
            "address": exam.login.address,
            "username": exam.login.username,
            "password": exam.login.password,
            "timeout": 10.0,
            "directory": str(directory),
            "session": SESSION,
            "seats": self.seats,
            "volume": "D$",
            "root": r"Exam\share",
            "material": str(material),
            "units": None,
            "interval_s": 1.0,
            "lost_after_s": 1.0,
            "copies_every_min": 0.05,
        }
        self.process: subprocess.Popen[str] | None = None
        self.note("session", "created", session_id=SESSION["id"], room=SESSION["room"])
        self.note("open", "end", result="done")
        now = datetime.now(UTC).replace(microsecond=0)
        self.note("start", "begin")
        moments = {"started_at": stamp(now), "deadline": stamp(now + timedelta(hours=1))}
        self.note("start", "end", result="done", **moments)

    def note(self, step: str, event: str, **data: Any) -> None:
        with Journal(self.directory).writing() as writer:
            writer.append("test", step, event, data)

    def watch(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(WATCHER)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(MODULE_UTILS)},
        )
        assert self.process.stdin
        self.process.stdin.write(json.dumps(self.params))
        self.process.stdin.close()
        self.process.stdin = None

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait(10)

    def seat(self, number: int) -> dict[str, Any]:
        found: dict[str, Any] = board.read(self.directory)["seats"][number - 1]
        return found

    def until(self, what: Callable[[], Any]) -> Any:
        """Wait until it is so; the bound is generous, the machine may be busy."""
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            if board.path_of(self.directory).exists() and (found := what()):
                return found
            time.sleep(0.2)
        raise AssertionError(f"not within {PATIENCE_S} s; the board: {board.read(self.directory)}")


@pytest.fixture
def session(exam: Room, tmp_path: Path) -> Iterator[Session]:
    material = tmp_path / "material"
    (material / "第一单元").mkdir(parents=True)
    (material / "第一单元" / "原图.png").write_bytes(secrets.token_bytes(50_000))
    made = Session(exam, tmp_path / "watch-1", material)
    yield made
    made.kill()


def codes(seat: dict[str, Any]) -> set[str]:
    return {one["code"] for one in seat["warnings"]}


def test_a_candidate_comes_saves_and_goes(session: Session) -> None:
    session.watch()
    session.until(lambda: session.seat(1)["state"] == "not_connected")
    answer = secrets.token_bytes(300_001)
    raw = next((Path(session.params["material"])).rglob("*.png")).read_bytes()
    with smb.connect(session.exam.candidate("KS01")) as server, smb.connect(session.exam.candidate("KS03")):
        share = server.share("exam")
        seat = session.until(lambda: session.seat(1)["state"] == "online" and session.seat(1))
        assert seat["connected_from"] == [seat["address"]]
        assert not codes(seat) & {"wrong_pc", "connection_lost"}
        assert "wrong_pc" in codes(session.until(lambda: session.seat(3)["connected_from"] and session.seat(3)))
        share.makedirs("KS01\\第一题")
        share.write("KS01\\第一题\\原图.png", raw)
        session.until(lambda: session.seat(1)["material_files"] == 1)
        assert session.seat(1)["files"] == 0
        assert session.seat(1)["last_save"] is None
        before = time.time()
        share.write("KS01\\第一题\\答案.docx", answer)
        after = time.time()
        seat = session.until(lambda: session.seat(1)["files"] == 1 and session.seat(1))
        assert seat["bytes"] == len(answer)
        assert seat["last_save"]["path"] == "第一题\\答案.docx"
        saved = datetime.fromisoformat(seat["last_save"]["at"]).timestamp()
        assert before - 1 <= saved <= after + 1
    seat = session.until(lambda: session.seat(1)["state"] == "lost" and session.seat(1))
    session.until(lambda: "connection_lost" in codes(session.seat(1)))

    # Killed and started again, the watch calls no old file new and remembers that a connection was there.
    session.kill()
    session.watch()
    looks = board.read(session.directory)["heartbeat"]["at"]
    session.until(lambda: board.read(session.directory)["heartbeat"]["at"] > looks)
    assert session.seat(1)["last_save"] == seat["last_save"]
    assert session.seat(1)["state"] == "lost"
    session.note("cutoff", "begin")
    session.note("cutoff", "end", result="done")
    assert session.process is not None
    said, _ = session.process.communicate(timeout=PATIENCE_S)
    assert json.loads(said)["reason"] == "cut"
    assert board.read(session.directory)["over"] == "cut"


def test_a_copy_is_taken_and_put_back_byte_for_byte(session: Session) -> None:
    answer = secrets.token_bytes(9_000_017)
    with smb.connect(session.exam.candidate("KS01")) as server:
        share = server.share("exam")
        share.write("KS01\\作品.psd", answer)
        locked = Open(server.share("exam").tree, "KS01\\锁住.xlsx")
        locked.create(ImpersonationLevel.Impersonation, 0x12019F, 0, 0, CreateDisposition.FILE_OPEN_IF, 0)
        locked.write(b"half", 0)
        session.watch()
        session.until(lambda: "never_copied" in codes(session.seat(1)))
        locked.close()
        session.until(lambda: "锁住.xlsx" in Store(session.directory).index("KS01").files)
        session.until(lambda: "never_copied" not in codes(session.seat(1)))
        copied = session.directory / "safety" / "KS01" / "作品.psd"
        assert copied.read_bytes() == answer
        share.remove("KS01\\作品.psd")
        params = session.params | {"seat": 1, "reason": "误删", "folder": "", "timezone": "Asia/Shanghai"}
        would = restore.restore_seat(params, check=True)
        assert [one["path"] for one in would.files] == ["作品.psd", "锁住.xlsx"]
        assert not [one for one in share.listdir("KS01") if one.name.startswith("恢复_")]
        first, second = restore.restore_seat(params, check=False), restore.restore_seat(params, check=False)
        assert first.folder != second.folder
        with share.open_read(f"KS01\\{first.folder}\\作品.psd") as handle:
            assert b"".join(handle.chunks()) == answer
        # He can go on with it: open for writing, save over it, remove it.
        share.write(f"KS01\\{first.folder}\\作品.psd", b"gone on")
        share.remove(f"KS01\\{first.folder}\\锁住.xlsx")
        share.remove(f"KS01\\{first.folder}\\作品.psd")
        share.remove(f"KS01\\{first.folder}")
    notes = [entry for entry in Journal(session.directory).read().entries if entry.step == "safety_copy"]
    assert notes[0].data["files"] == 1
    assert notes[0].data["skipped_first"] == ["KS01\\锁住.xlsx"]


def test_looks_and_copies_disturb_nobody(session: Session, writers: dict[str, Writer]) -> None:
    session.watch()
    session.until(lambda: all(session.seat(number)["open_files"] for number in (1, 2, 3)))
    session.until(lambda: board.read(session.directory)["copies"]["files"] >= 3)
    session.until(lambda: board.read(session.directory)["load"]["looks"] >= 5)
    for number in (1, 2, 3):
        assert session.seat(number)["bytes"] > 0
        assert session.seat(number)["last_save"] is not None
    moment = time.time()
    for writer in writers.values():
        saw = writer.finish()
        assert saw["broken"] is None
        assert saw["last_ok"] > moment


def play(tmp_path: Path, params: dict[str, Any], *tasks: dict[str, Any]) -> str:
    """Run modules as a playbook on the controller; ``params`` are the variables ``given``."""
    play = {"hosts": "localhost", "gather_facts": False, "vars": {"given": params}, "tasks": list(tasks)}
    path = tmp_path / "play.json"
    path.write_text(json.dumps([play]), encoding="utf-8")
    done = subprocess.run(
        [str(Path(sys.executable).parent / "ansible-playbook"), "-i", "localhost,", "-c", "local", str(path)],
        capture_output=True,
        text=True,
        timeout=120,
        env={
            **os.environ,
            "ANSIBLE_CONFIG": str(PROJECT / "ansible.cfg"),
            "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
        },
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_in_the_hands_of_ansible(session: Session, tmp_path: Path) -> None:
    session.params |= {"interval_s": 1.0}
    common = {name: f"{{{{ given.{name} }}}}" for name in session.params if name not in ("interval_s", "units")}
    watch = {"exam_watch": common | {"interval_s": 1}, "async": 120, "poll": 0}
    play(tmp_path, session.params, watch)
    with smb.connect(session.exam.candidate("KS01")) as server:
        server.share("exam").write("KS01\\a.docx", b"answer")
        session.until(lambda: session.seat(1)["files"] == 1)
        session.until(lambda: (session.directory / "safety" / "KS01" / "a.docx").exists())
        said = play(
            tmp_path,
            session.params,
            {"exam_status": common, "register": "seen"},
            {"ansible.builtin.debug": {"msg": "{{ seen.text.splitlines() }}"}},
        )
        assert "剩余" in said
        assert "KS01" in said
        names = ("address", "username", "password", "directory", "seats", "volume", "root")
        back = {name: common[name] for name in names} | {"seat": 1, "reason": "误删"}
        play(tmp_path, session.params, {"exam_safety_copy": back})
        folders = [one.name for one in server.share("exam").listdir("KS01") if one.is_dir]
        assert len(folders) == 1
        assert folders[0].startswith("恢复_")
    session.note("cutoff", "end", result="done")
    pid = board.read(session.directory)["load"]["pid"]
    session.until(lambda: board.read(session.directory)["over"] == "cut")
    session.until(lambda: not Path(f"/proc/{pid}").exists())


def test_one_look_leaves_nothing_behind(session: Session) -> None:
    with smb.connect(session.exam.candidate("KS02")):
        seen = service_of(session.params, settings_of(session.params)).once()
    assert [seat["state"] for seat in seen["seats"]] == ["not_connected", "online", "not_connected"]
    assert {one["code"] for one in seen["warnings"]} >= {"switch_missing"}
    assert not board.path_of(session.directory).exists()


def test_a_refused_password_ends_the_watch_after_one_try(session: Session) -> None:
    session.params["password"] = "wrong-Secret1!"
    session.watch()
    assert session.process is not None
    assert session.process.wait(PATIENCE_S) != 0
    assert "logon_refused" in {one["code"] for one in board.read(session.directory)["warnings"]}
