"""The role as the playbooks run it, over WinRM, against hosts without Samba."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from exam_room.clean.places import QUARANTINE
from exam_room.look import facts
from exam_room.wire.wsman import Login
from standin.certificates import make_authority
from standin.endpoint.__main__ import build
from standin.endpoint.commands import Commands
from standin.endpoint.host import Host
from standin.endpoint.memory import MemoryBackend
from standin.endpoint.payload import ModuleCall
from unit.served_host import serving

ROOT = Path(__file__).resolve().parents[3]
BIN = Path(sys.executable).parent
PASSWORD = "Standin-Adm1n!"
NOW, EARLIER, ROOM = "20270620-301-1", "20270619-301-1", "301机房"
NUMBER = "440120270001"
DRIVES = {"server": "CD", "pc01": "C", "pc02": "C"}


@dataclass
class Room:
    """Hosts by name, and the controller's folder."""

    folder: Path
    hosts: dict[str, Host]
    ports: dict[str, int]
    variables: dict[str, Any] = field(default_factory=dict)

    def put(self, host: str, path: str, content: bytes = b"1") -> Path:
        real = self.hosts[host].files.real(path)
        real.parent.mkdir(parents=True, exist_ok=True)
        real.write_bytes(content)
        return real

    def starts(self, host: str) -> int:
        """How many processes were started there over WinRM."""
        path = self.hosts[host].calls
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        return sum(json.loads(line)["kind"] != "wql" for line in lines)

    def files(self, host: str) -> dict[str, bytes]:
        """Every file on the drives of a host."""
        drives = self.hosts[host].files.drives.values()
        return {str(path): path.read_bytes() for top in drives for path in top.rglob("*") if path.is_file()}

    def clean_folder(self) -> dict[str, Any]:
        """What is noted on the controller."""
        folder = self.folder / "sessions" / NOW / "clean"
        return {path.name: json.loads(path.read_text(encoding="utf-8")) for path in folder.glob("*.json")}

    def play(self, *flags: str, entry: str = "main") -> Report:
        """prepare's way through the role (``main``), or inspect's (``look``)."""
        plays: list[dict[str, Any]] = [
            {"hosts": group, "tasks": [{"ansible.builtin.include_role": {"name": "clean", "tasks_from": entry}}]}
            for group in (("exam_server", "exam_clients") if entry == "main" else ("exam_room",))
        ]
        learn = {"ansible.builtin.include_role": {"name": "clean", "tasks_from": "learn"}}
        plays.insert(0, {"hosts": "localhost", "tasks": [learn]})
        if entry == "look":
            there = "exam_plan.material | exam_material_in_place(exam_volume, exam_material_folder)"
            searched = f"exam_with_searches(hostvars, clean_learnt, groups['exam_clients'], {there})"
            debug = {"msg": "{{ exam_facts.hosts | " + searched + " }}"}
            plays.append({"hosts": "localhost", "tasks": [{"ansible.builtin.debug": debug}]})
        (self.folder / "play.yml").write_text(yaml.safe_dump(plays, allow_unicode=True), encoding="utf-8")
        (self.folder / "hosts.yml").write_text(yaml.safe_dump(self._inventory(), allow_unicode=True), encoding="utf-8")
        done = subprocess.run(
            [str(BIN / "ansible-playbook"), "-i", "hosts.yml", *flags, "play.yml"],
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
            timeout=180,
            env={
                "PATH": os.environ["PATH"],
                "HOME": str(self.folder),
                "LC_ALL": "C.UTF-8",
                "ANSIBLE_STDOUT_CALLBACK": "ansible.posix.json",
                # Without the project's own callback, which prints too.
                "ANSIBLE_CONFIG": str(self.folder / "ansible.cfg"),
                "ANSIBLE_ROLES_PATH": str(ROOT / "roles"),
                "ANSIBLE_LIBRARY": str(ROOT / "library"),
                "ANSIBLE_MODULE_UTILS": str(ROOT / "module_utils"),
                "ANSIBLE_FILTER_PLUGINS": str(ROOT / "plugins/filter"),
                "ANSIBLE_GATHERING": "explicit",
            },
        )
        assert done.stdout.strip().startswith("{"), done.stdout + done.stderr
        return Report(json.loads(done.stdout))

    def _facts(self) -> dict[str, Any]:
        """What session's look from inside leaves."""
        ca = str(self.folder / "ca.pem")
        return {
            name: facts.gather(Login("127.0.0.1", "Administrator", PASSWORD, ca, port), name)
            for name, port in self.ports.items()
        }

    def _inventory(self) -> dict[str, Any]:
        common = {
            "ansible_connection": "ansible.builtin.winrm",
            "ansible_winrm_scheme": "https",
            "ansible_winrm_transport": "ntlm",
            "ansible_winrm_ca_trust_path": str(self.folder / "ca.pem"),
            "ansible_user": "Administrator",
            "ansible_password": PASSWORD,
        }
        exam = {"results": {"kinds": [".docx"]}}
        raw = {"unit": "一", "path": "第一单元\\素材.txt", "size": 3, "sha256": hashlib.sha256(b"raw").hexdigest()}
        variables = {
            "exam_sessions_dir": str(self.folder / "sessions"),
            "exam_material_dir": str(self.folder / "material"),
            "exam_material_folder": "素材",
            "exam_volume": "D:",
            **self.variables,
        }
        plan = {"session": {"id": NOW, "room": ROOM, "exam": exam}, "material": [raw]}
        plan["seats"] = [{"account": "KS01"}, {"account": "KS02"}]
        local = {
            "ansible_connection": "local",
            "ansible_python_interpreter": sys.executable,
            "exam_facts": {"hosts": self._facts()},
            "exam_plan": {**plan, "directory": str(self.folder / "sessions" / NOW)},
        }
        hosts = {
            name: {"ansible_host": "127.0.0.1", "ansible_port": port, **common} for name, port in self.ports.items()
        }
        for number, name in enumerate(sorted(hosts)[:2], start=1):
            hosts[name]["exam_account"] = f"KS{number:02}"
        clients = {name: one for name, one in hosts.items() if name != "server"}
        groups = {"exam_server": {"hosts": {"server": hosts["server"]}}, "exam_clients": {"hosts": clients}}
        children = {"exam_room": {"children": groups}, "controller": {"hosts": {"localhost": local}}}
        return {"all": {"vars": variables, "children": children}}


@dataclass
class Report:
    """What Ansible reports of a run."""

    raw: dict[str, Any]

    def count(self, host: str, what: str) -> int:
        return int(self.raw["stats"].get(host, {}).get(what, 0))

    def said(self, host: str) -> str:
        tasks = [task for play in self.raw["plays"] for task in play["tasks"]]
        return "\n".join(str(task["hosts"].get(host, {}).get("msg", "")) for task in tasks)

    def leftovers(self, host: str) -> dict[str, Any]:
        tasks = self.raw["plays"][-1]["tasks"]
        found: dict[str, Any] = tasks[-1]["hosts"]["localhost"]["msg"][host]["leftovers"]
        return found


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    """A server and two clients; the session of yesterday had one candidate."""
    folder = tmp_path_factory.mktemp("room")
    authority = make_authority("test", datetime.now(UTC))
    (folder / "ca.pem").write_bytes(authority.pem())
    (folder / "ansible.cfg").touch()
    (folder / "material/第一单元").mkdir(parents=True)
    (folder / "material/第一单元/素材.txt").write_bytes(b"raw")
    for name in (NOW, EARLIER):
        (folder / "sessions" / name).mkdir(parents=True)
    seat = {"account": "KS01", "candidate": {"exam_number": NUMBER, "name": "张伟"}}
    plan = {"session": {"exam": {}}, "seats": [seat]}
    (folder / "sessions" / EARLIER / "plan.json").write_text(json.dumps(plan), encoding="utf-8")
    with ExitStack() as stack:
        hosts, ports = {}, {}
        for name, letters in DRIVES.items():
            place = folder / name
            drives = {letter: place / letter.lower() for letter in letters}
            for drive in drives.values():
                drive.mkdir(parents=True)
            hosts[name] = build(MemoryBackend(place, drives=tuple(letters)), place, drives)
            ports[name] = stack.enter_context(serving(hosts[name], place, authority)).login.port
        yield Room(folder, hosts, ports)


def test_a_clean_room_costs_one_start_a_host_and_is_noted(room: Room) -> None:
    before = {host: room.starts(host) for host in room.hosts}
    report = room.play()
    for host in room.hosts:
        assert (report.count(host, "failures"), report.count(host, "changed")) == (0, 0), report.said(host)
        assert room.starts(host) - before[host] == 1
    assert set(room.clean_folder()["baseline.json"]["hosts"]) == set(room.hosts)
    assert room.clean_folder()["baseline.json"]["room"] == ROOM


def give_profile(host: Host, account: str) -> Path:
    """An account that has signed in once; the folder of its profile."""
    commands = Commands(host)
    account_of: dict[str, Any] = {"name": account, "password": "Pw-12345678"}
    for module, arguments in (("win_user", account_of), ("win_user_profile", {"username": account})):
        assert commands.module(ModuleCall(f"ansible.windows.{module}", arguments, False, False))["changed"]
    return host.files.real(rf"C:\Users\{account}")


def test_what_is_left_over_is_predicted_found_moved_and_gone(room: Room) -> None:
    """Check mode, inspect, prepare, prepare again; and the profile of a seat's account."""
    profile = give_profile(room.hosts["pc01"], "KS01")
    room.put("pc01", rf"C:\Users\KS01\Desktop\{NUMBER} 答案.bin", b"answer")
    room.put("server", r"D:\Exam\share\KS77\作品.docx", b"work")
    room.put("server", r"D:\Exam\material\第一单元\素材.txt", b"raw")
    # The folders of this session's seats are looked at from outside.
    room.put("server", r"D:\Exam\share\KS01\作品.docx", b"work")
    before = {host: room.files(host) for host in room.hosts}
    kept = room.clean_folder()
    checked = room.play("--check")
    assert {host: room.files(host) for host in room.hosts} == before and room.clean_folder() == kept
    assert [checked.count(host, "changed") > 0 for host in room.hosts] == [True, True, False]
    assert NUMBER in checked.said("pc01")

    starts = room.starts("pc01")
    seen = room.play(entry="look")
    assert {host: room.files(host) for host in room.hosts} == before and room.clean_folder() == kept
    assert room.starts("pc01") - starts == 1
    assert [one["why"] for one in seen.leftovers("pc01")["value"]["found"]] == ["word"]
    assert [one["path"] for one in seen.leftovers("server")["value"]["found"]] == [r"D:\Exam\share\KS77\作品.docx"]
    assert seen.leftovers("pc02")["value"]["found"] == []

    starts = room.starts("pc01")
    report = room.play()
    assert [report.count(host, "failures") for host in room.hosts] == [0, 0, 0], report.said("pc01")
    assert [report.count(host, "changed") > 0 for host in room.hosts] == [True, True, False]
    assert room.starts("pc01") - starts == 3, "the search, the moves, and the profile"
    assert not profile.exists()
    (record,) = [content for name, content in room.clean_folder().items() if name.startswith("pc01-")]
    (moved,) = record["outcome"]["moved"]
    assert moved["path"] == rf"C:\Users\KS01\Desktop\{NUMBER} 答案.bin" and record["outcome"]["not_moved"] == []
    assert moved["to"].startswith(rf"C:\{QUARANTINE}\{NOW}" + "\\")
    assert room.hosts["pc01"].files.real(moved["to"]).read_bytes() == b"answer"
    beside = moved["to"].partition("\\files\\")[0] + "\\record.json"
    text = json.loads(room.hosts["pc01"].files.real(beside).read_text(encoding="utf-8"))
    assert text["files"] == record["files"] and text["host"] == "pc01"

    again = room.play()
    assert [again.count(host, "changed") for host in room.hosts] == [0, 0, 0]
    room.hosts["server"].files.real(r"D:\Exam\share\KS01\作品.docx").unlink()


def test_one_host_whose_quarantine_takes_nothing_and_one_that_cannot_be_searched_whole(room: Room) -> None:
    """Both are named, neither is noted as clean, and the others go on."""
    place = room.hosts["pc01"].files.real(rf"C:\{QUARANTINE}")
    if place.exists():
        place.rename(place.with_name("set aside"))
    place.write_bytes(b"")
    there = room.put("pc01", rf"C:\Users\a\{NUMBER}.bin")
    closed = room.put("pc02", r"C:\Users\b\x.docx").parent
    closed.chmod(0)
    noted = room.clean_folder().get("baseline.json", {"hosts": {}})["hosts"]
    try:
        report = room.play()
        seen = room.play(entry="look")
    finally:
        place.unlink()
        closed.chmod(0o777)
    (closed / "x.docx").unlink()
    assert [report.count(host, "failures") for host in room.hosts] == [0, 1, 0]
    assert "pc01" in report.said("pc01") and f"{NUMBER}.bin" in report.said("pc01")
    assert there.exists(), "it stays where it was found"
    assert r"C:\Users\b" in report.said("pc02") and "拒绝访问" in report.said("pc02")
    now = room.clean_folder()["baseline.json"]["hosts"]
    assert [now.get(host) for host in ("pc01", "pc02")] == [noted.get(host) for host in ("pc01", "pc02")]
    assert [one["code"] for one in seen.leftovers("pc02")["value"]["unreadable"]] == [5]
    there.unlink()


def test_too_many_files_of_the_exams_kinds_are_a_persons_decision(room: Room) -> None:
    files = [room.put("pc02", rf"C:\教学\{number}.docx") for number in range(3)]
    room.variables["clean_most"] = 2
    report = room.play()
    assert report.count("pc02", "failures") == 1 and "clean_leave_alone" in report.said("pc02")
    room.variables["clean_leave_alone"] = [r"c:\教学"]
    seen = room.play(entry="look").leftovers("pc02")["value"]
    assert (seen["found"], seen["left_alone"]) == ([], [r"c:\教学"])
    assert all(path.exists() for path in files)
    room.variables.clear()


def test_a_search_that_fails_is_unknown_in_the_evidence(room: Room) -> None:
    seen = room.play("-e", '{"__clean_script": "not the script"}', entry="look")
    for host in room.hosts:
        assert seen.count(host, "failures") == 0
        assert "SHA-256" in seen.leftovers(host)["unknown"]
