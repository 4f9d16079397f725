"""From folders on a real SMB server to a disc that was read back, through the modules as Ansible runs them."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from exam_room.wire.smb import Login, connect

pytestmark = pytest.mark.integration

PROJECT = Path(__file__).parents[3]
SESSION = "2025-06-01-am"
SEATS = [
    {"account": "KS01", "spare": False, "candidate": {"exam_number": "440100000000000001", "name": "张三"}},
    {"account": "KS02", "spare": False, "candidate": {"exam_number": "440100000000000002", "name": "李四"}},
    {"account": "KS03", "spare": True, "candidate": None},
]
DEEP = "\\".join(["层级文件夹" * 4] * 12)
CONTENTS = {
    "单元1\\报告 一.docx": b"report" * 5000,
    "空.txt": b"",
    "笑😀.txt": b"laugh",
    "100%.txt": b"percent",
    "x[1]'s.txt": b"brackets",
    DEEP + "\\答案.txt": b"deep",
    "big.bin": bytes(range(256)) * 4 * 50_000,
}


@pytest.fixture(scope="module")
def login(server: Login) -> Login:
    """The server, once candidates have saved their results."""
    with connect(server) as connected:
        share = connected.share("D$")
        for seat in SEATS:
            share.makedirs(f"Exam\\share\\{seat['account']}\\空文件夹")
        for account in ("KS01", "KS02"):
            share.makedirs(f"Exam\\share\\{account}\\单元1")
            share.makedirs(f"Exam\\share\\{account}\\{DEEP}")
            for name, content in CONTENTS.items():
                share.write(f"Exam\\share\\{account}\\{name}", content)
    return server


def run(module: str, check: bool = False, /, **options: Any) -> dict[str, Any]:
    """One module as Ansible runs it; its result, ``failed`` included."""
    ansible = Path(sys.executable).with_name("ansible")
    command = [str(ansible), "localhost", "-c", "local", "-m", module, "-a", json.dumps(options)]
    command += ["-e", f"ansible_python_interpreter={sys.executable}"] + (["--check"] if check else [])
    environment = {**os.environ, "ANSIBLE_CALLBACK_RESULT_FORMAT": "json"}
    done = subprocess.run(
        command, cwd=PROJECT, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    verdict, found, answer = done.stdout.partition("=> {")
    assert found, done.stdout + done.stderr
    result: dict[str, Any] = json.JSONDecoder().raw_decode("{" + answer)[0]
    result["failed"] = verdict.rstrip().endswith("FAILED!")
    return result


def test_results_reach_the_disc(login: Login, tmp_path: Path) -> None:
    server: dict[str, Any] = {"address": login.address, "username": login.username, "password": login.password}
    session: dict[str, Any] = {"directory": str(tmp_path), "session_id": SESSION}
    collecting = {**server, "seats": SEATS, "directory": str(tmp_path)}
    sealing = {
        **session,
        "site": "示例考试站",
        "room": "301",
        "exam": "S1",
        "deadline": "2025-06-01T03:00:00.000Z",
        "cutoff_at": "2025-06-01T03:00:00.041Z",
        "key": str(tmp_path / "key"),
        "signer": "4401",
        "make_key": True,
    }

    refused = run("exam_journal", **session, room="301", phase="begin", step="burn")
    assert refused["failed"] and "ansible-playbook playbooks/cutoff.yml" in refused["msg"]
    begun = run("exam_journal", **session, room="301", phase="begin", step="burn", override="演练")
    assert begun["state"]["burn"] == "begun" and begun["overridden"]
    (tmp_path / "cutoff.json").write_text("{}")

    predicted = run("exam_collect", True, **collecting)
    assert predicted["changed"] and predicted["files"] == 2 * len(CONTENTS)
    assert not (tmp_path / "bag").exists()
    assert run("exam_seal", True, **sealing)["changed"] and not (tmp_path / "key").exists()

    collected = run("exam_collect", **collecting)
    assert [one["files"] for one in collected["candidates"]] == [len(CONTENTS), len(CONTENTS), 0]
    assert not run("exam_collect", **collecting)["changed"]
    sealed = run("exam_seal", **sealing)
    assert sealed["changed"] and not run("exam_seal", **sealing)["changed"]

    assert not run("exam_image", True, **session, target="image")["read_back"]
    disc = run("exam_image", **session, target="image")
    assert disc["read_back"] is True and disc["volume"] == "2025_06_01_AM_1"
    burned = run("exam_image", **session, target=f"stdio:{tmp_path / 'disc'}")
    assert burned["read_back"] is True and burned["sha256"] == disc["sha256"]

    table = json.loads((tmp_path / "bag/results.json").read_text(encoding="utf-8"))
    saved = {
        ("\\".join(entry["parts"])): entry["sha256"]
        for entry in table["entries"]
        if entry["account"] == "KS02" and entry["kind"] == "file"
    }
    assert saved == {name: hashlib.sha256(content).hexdigest() for name, content in CONTENTS.items()}

    ended = run(
        "exam_journal",
        **session,
        room="301",
        phase="end",
        step="burn",
        hosts={"server": "done", "pc01": "unreachable"},
        data={"read_back": burned["read_back"]},
    )
    assert ended["failed"] and "pc01" in ended["msg"]
    assert ended["state"]["burn"] == "failed"


def test_a_file_planted_after_the_cutoff_is_not_in_the_results(login: Login, tmp_path: Path) -> None:
    server: dict[str, Any] = {"address": login.address, "username": login.username, "password": login.password}
    seats = [{"account": "KS09", "spare": False, "candidate": None}]
    with connect(login) as connected:
        share = connected.share("D$")
        share.makedirs("Exam\\share\\KS09")
        share.write("Exam\\share\\KS09\\planted.txt", b"late")
    result = run("exam_collect", **server, seats=seats, directory=str(tmp_path), cutoff_at="2025-06-01T03:00:00.041Z")
    assert result["late"] == ["KS09\\planted.txt"] and result["files"] == 0


def test_a_wrong_password_is_said_and_not_shown(login: Login, tmp_path: Path) -> None:
    server: dict[str, Any] = {"address": login.address, "username": login.username, "password": "not-the-Passw0rd"}
    result = run("exam_collect", **server, seats=SEATS[:1], directory=str(tmp_path), workers=1)
    assert result["failed"] and "not-the-Passw0rd" not in json.dumps(result)
    assert list(tmp_path.iterdir()) == []


def test_a_missing_folder_is_named(login: Login, tmp_path: Path) -> None:
    server: dict[str, Any] = {"address": login.address, "username": login.username, "password": login.password}
    seats = [*SEATS, {"account": "KS77", "spare": True, "candidate": None}]
    result = run("exam_collect", **server, seats=seats, directory=str(tmp_path))
    assert result["failed"] and "KS77" in result["msg"]
