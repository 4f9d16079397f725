"""One room of the stand-in, reached by unmodified Ansible (WinRM, HTTPS, NTLM, validated certificates) and by WQL."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from exam_room.look import facts
from exam_room.wire import wsman
from standin import room as rooms

pytestmark = pytest.mark.integration

PLAYBOOK = Path(sys.executable).with_name("ansible-playbook")
COMMON: list[dict[str, Any]] = [
    {"ansible.windows.win_ping": {}},
    {
        "ansible.windows.win_user": {
            "name": "KS01",
            "password": "Ks01-Pass!x",
            "fullname": "KS01",
            "password_never_expires": True,
            "user_cannot_change_password": True,
            "groups": ["S-1-5-32-545"],
        }
    },
    {"ansible.windows.win_auto_logon": {"username": "KS01", "password": "Ks01-Pass!x"}},
    {
        "ansible.windows.win_regedit": {
            "path": "HKLM:\\SYSTEM\\CurrentControlSet\\Services\\LanmanServer\\Parameters",
            "name": "EncryptData",
            "data": 1,
            "type": "dword",
        }
    },
    {"ansible.windows.win_service": {"name": "W32Time", "start_mode": "auto", "state": "started"}},
    {"ansible.windows.win_file": {"path": "C:\\Exam\\考试", "state": "directory"}},
    {"ansible.windows.win_copy": {"content": "考场 {{ inventory_hostname }}\n", "dest": "C:\\Exam\\note.txt"}},
    {"ansible.windows.win_copy": {"src": "{{ playbook_dir }}/tree/", "dest": "C:\\Exam\\tree\\"}},
    {"ansible.windows.win_template": {"src": "{{ playbook_dir }}/page.j2", "dest": "C:\\Exam\\page.html"}},
    {
        "ansible.windows.win_share": {
            "name": "exam",
            "path": "C:\\Exam",
            "description": "考试文件夹",
            "change": "KS01",
            "full": "S-1-5-32-544",
            "encrypt": True,
            "caching_mode": "None",
        }
    },
    {
        "community.windows.win_scheduled_task": {
            "path": "\\Exam",
            "name": "Map",
            "username": "KS01",
            "logon_type": "interactive_token",
            "triggers": [{"type": "logon", "user_id": "KS01"}],
            "actions": [{"path": "powershell.exe", "arguments": "-File C:\\Exam\\x.ps1"}],
        }
    },
    {"community.windows.win_shortcut": {"src": "Z:\\", "dest": "%PUBLIC%\\Desktop\\考试文件夹.lnk"}},
    {
        "community.windows.win_firewall_rule": {
            "name": "Exam: no SMB from pc02",
            "direction": "in",
            "action": "block",
            "protocol": "tcp",
            "localport": "445",
            "remoteip": "{{ blocked }}",
            "profiles": ["domain", "private", "public"],
        }
    },
]
NEED_THE_REST = ("win_auto_logon", "win_share", "win_scheduled_task")


@dataclass(frozen=True)
class Room:
    """The room and a folder to keep playbooks in."""

    described: dict[str, Any]
    folder: Path

    def address(self, name: str) -> str:
        return str(rooms.find_host(self.described, name)["address"])

    def login(self, name: str) -> wsman.Login:
        admin = self.described["admin"]
        return wsman.Login(self.address(name), admin["username"], admin["password"], self.described["ca"])

    def run(self, tasks: list[dict[str, Any]], *arguments: str, **variables: Any) -> dict[str, Any]:
        """Run tasks on pc01 and server and give Ansible's JSON report."""
        admin = self.described["admin"]
        inventory = {
            "all": {
                "hosts": {name: {"ansible_host": self.address(name)} for name in ("server", "pc01")},
                "vars": {
                    "ansible_connection": "winrm",
                    "ansible_port": 5986,
                    "ansible_user": admin["username"],
                    "ansible_password": admin["password"],
                    "ansible_winrm_transport": "ntlm",
                    "ansible_winrm_scheme": "https",
                    "ansible_winrm_ca_trust_path": self.described["ca"],
                    "ansible_winrm_server_cert_validation": "validate",
                    "blocked": self.address("pc02"),
                    **variables,
                },
            }
        }
        (self.folder / "inventory.yml").write_text(yaml.safe_dump(inventory), encoding="utf-8")
        play = [{"hosts": "all", "gather_facts": False, "tasks": tasks}]
        (self.folder / "play.yml").write_text(yaml.safe_dump(play), encoding="utf-8")
        environment = {**os.environ, "ANSIBLE_STDOUT_CALLBACK": "ansible.posix.json"}
        environment["ANSIBLE_CONFIG"] = str(self.folder / "ansible.cfg")
        done = subprocess.run(
            [str(PLAYBOOK), "-i", "inventory.yml", "play.yml", *arguments],
            cwd=self.folder, env=environment, capture_output=True, text=True, timeout=180,
        )  # fmt: skip
        report: dict[str, Any] = json.loads(done.stdout[done.stdout.index("{") :])
        return report


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    name = f"endpoint{os.getpid()}"
    folder = tmp_path_factory.mktemp("plays")
    (folder / "ansible.cfg").write_text("[defaults]\n", encoding="utf-8")
    (folder / "tree" / "sub").mkdir(parents=True)
    (folder / "tree" / "sub" / "考试.txt").write_text("素材", encoding="utf-8")
    (folder / "page.j2").write_text("<p>{{ inventory_hostname }}</p>\n", encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EXAM_STANDIN_STATE", str(tmp_path_factory.mktemp("standin")))
        try:
            yield Room(rooms.create(name, seats=2), folder)
        finally:
            rooms.destroy(name)


@pytest.fixture(scope="module")
def configured(room: Room) -> dict[str, Any]:
    """The common tasks ran once, check mode before them."""
    predictable = [task for task in COMMON if not any(name in next(iter(task)) for name in NEED_THE_REST)]
    before = facts.gather(room.login("pc01"), "pc01")
    predicted = room.run(predictable, "--check", "--diff")
    after = facts.gather(room.login("pc01"), "pc01")
    done = room.run(COMMON)
    return {"before": before, "predicted": predicted, "after_check": after, "done": done}


def outcomes(report: dict[str, Any], host: str = "pc01") -> dict[str, tuple[bool, bool]]:
    """Task by module and number: (changed, failed)."""
    return {
        f"{number} {task['hosts'][host].get('action', '')}": (
            bool(task["hosts"][host].get("changed")),
            bool(task["hosts"][host].get("failed") or task["hosts"][host].get("unreachable")),
        )
        for number, task in enumerate(report["plays"][0]["tasks"])
    }


def stable(document: dict[str, Any]) -> dict[str, Any]:
    """A document without what time alone changes."""
    rest = {
        name: part for name, part in document.items() if name not in {"asked_at", "took_seconds", "identity", "disks"}
    }
    moving = {"clock", "clock_offset_seconds", "round_trip_seconds"}
    rest["identity"] = {key: value for key, value in document["identity"]["value"].items() if key not in moving}
    return rest


def test_check_mode_predicts_and_changes_nothing(configured: dict[str, Any]) -> None:
    predicted = outcomes(configured["predicted"])
    assert [failed for _, failed in predicted.values()] == [False] * len(predicted), predicted
    assert [changed for changed, _ in predicted.values()] == [False] + [True] * (len(predicted) - 1), predicted
    assert stable(configured["after_check"]) == stable(configured["before"])


def test_a_run_changes_what_was_asked_for(room: Room, configured: dict[str, Any]) -> None:
    done = outcomes(configured["done"])
    assert all(changed and not failed for (changed, failed) in list(done.values())[1:]), done
    assert not any(done[next(iter(done))])
    for host in ("server", "pc01"):
        document = facts.gather(room.login(host), host)
        assert document["auto_logon"]["value"]["user"] == "KS01"
        assert "exam" in {share["name"] for share in document["shares"]["value"]}
        assert document["services"]["value"]["W32Time"] == {"state": "Running", "start_mode": "Auto"}
        assert [task["name"] for task in document["tasks"]["value"]] == ["Map"]


def test_files_arrive_whole(room: Room, configured: dict[str, Any]) -> None:
    name = room.described["room"]
    assert rooms.execute(name, "pc01", ["cat", "/srv/c/Exam/note.txt"]) == "考场 pc01\n"
    assert rooms.execute(name, "pc01", ["cat", "/srv/c/Exam/tree/sub/考试.txt"]) == "素材"
    assert rooms.execute(name, "pc01", ["cat", "/srv/c/Exam/page.html"]).strip() == "<p>pc01</p>"
    # win_template leaves an empty folder there, on Windows too.
    assert not rooms.execute(name, "pc01", ["find", "/srv/c/Windows/Temp", "-type", "f"]).strip()


def test_a_second_run_changes_nothing(room: Room, configured: dict[str, Any]) -> None:
    again = outcomes(room.run(COMMON))
    assert set(again.values()) == {(False, False)}, again


def test_a_firewall_rule_really_blocks(room: Room, configured: dict[str, Any]) -> None:
    connect = "import socket; socket.create_connection(({address!r}, 445), 2)"
    name, server = room.described["room"], room.address("server")
    with pytest.raises(Exception, match=r"timed out|Timeout|exit|status|failed|失败"):
        rooms.execute(name, "pc02", ["python3", "-c", connect.format(address=server)])
    rooms.execute(name, "pc01", ["python3", "-c", connect.format(address=server)])


def test_a_stopped_file_service_serves_nobody(room: Room, configured: dict[str, Any]) -> None:
    stop = {"name": "LanmanServer", "start_mode": "disabled", "state": "stopped"}
    room.run([{"ansible.windows.win_service": stop, "when": "inventory_hostname == 'pc01'"}])
    document = facts.gather(room.login("pc01"), "pc01")
    assert document["services"]["value"]["LanmanServer"] == {"state": "Stopped", "start_mode": "Disabled"}
    assert not rooms.answers(room.address("pc01"), 445, room.described["gateway"])


def test_a_restart_takes_the_new_name_and_the_services_start_modes(room: Room, configured: dict[str, Any]) -> None:
    admin = {"domain_admin_user": "Administrator", "domain_admin_password": "not used"}
    report = room.run(
        [
            {"ansible.windows.win_hostname": {"name": "EXAM-{{ inventory_hostname | upper }}"}},
            {"microsoft.ad.membership": {"state": "workgroup", "workgroup_name": "KSROOM", **admin}},
            {"ansible.windows.win_reboot": {"reboot_timeout": 60}},
        ]
    )
    assert set(outcomes(report).values()) == {(True, False)}, report
    for host in ("server", "pc01"):
        document = facts.gather(room.login(host), host)
        assert document["identity"]["value"]["name"] == f"EXAM-{host.upper()}"
        assert document["identity"]["value"]["workgroup"] == "KSROOM"
        assert document["identity"]["value"]["boot_time"] > configured["before"]["identity"]["value"]["boot_time"]
        assert document["services"]["value"]["W32Time"]["state"] == "Running"


def test_a_wrong_password_is_refused(room: Room, configured: dict[str, Any]) -> None:
    report = room.run([{"ansible.windows.win_ping": {}}], ansible_password="wrong")
    result = report["plays"][0]["tasks"][0]["hosts"]["pc01"]
    assert result["unreachable"]
    assert "credentials were rejected" in result["msg"]


def test_a_certificate_of_nobody_is_refused(room: Room) -> None:
    report = room.run([{"ansible.windows.win_ping": {}}], ansible_winrm_ca_trust_path=str(_system_authorities()))
    result = report["plays"][0]["tasks"][0]["hosts"]["pc01"]
    assert result["unreachable"]
    assert "certificate" in result["msg"].lower()


def _system_authorities() -> Path:
    import certifi

    return Path(certifi.where())


@pytest.mark.parametrize(
    ("task", "message"),
    [
        ({"ansible.windows.win_dns_client": {"adapter_names": "*", "dns_servers": []}}, "knows no module"),
        ({"ansible.windows.win_user": {"name": "KS09", "colour": "red"}}, "Unsupported parameters"),
        ({"ansible.windows.win_regedit": {"path": "HKLM:\\X", "state": "maybe"}}, "must be one of"),
        ({"community.windows.win_firewall_rule": {"name": "x", "enabled": "perhaps"}}, "cannot be converted"),
        ({"ansible.windows.win_shell": "Get-Date"}, "knows no module"),
        ({"ansible.windows.win_command": "cmd.exe /c dir"}, "does not know this command"),
        ({"ansible.windows.win_powershell": {"script": "Get-Date"}}, "SHA-256"),
        ({"ansible.builtin.raw": "Get-Date"}, "non-zero return code"),
        ({"ansible.windows.win_ping": {}, "become": True, "become_method": "runas", "become_user": "SYSTEM"}, "become"),
    ],
)
def test_what_has_no_model_fails_the_task(room: Room, task: dict[str, Any], message: str) -> None:
    report = room.run([task])
    result = report["plays"][0]["tasks"][0]["hosts"]["pc01"]
    assert result["failed"]
    assert message in result["msg"]


def test_an_unknown_property_is_a_fault(room: Room) -> None:
    with wsman.Wmi(room.login("server")) as wmi:
        with pytest.raises(wsman.WsmanError, match="0x80041017"):
            wmi.query(wsman.CIMV2, "Win32_Service", {"Name": "str", "Colour": "str"})
        assert wmi.query(wsman.CIMV2, "Win32_ComputerSystem", {"PartOfDomain": "bool"}) == [{"PartOfDomain": False}]


def test_calls_are_counted(room: Room, configured: dict[str, Any]) -> None:
    name = room.described["room"]
    rooms.calls(name, reset=True)
    room.run([{"ansible.windows.win_ping": {}}, {"ansible.windows.win_ping": {}}])
    lines = rooms.execute(name, "pc01", ["cat", "/var/lib/standin/calls.jsonl"]).splitlines()
    assert [json.loads(line)["module"] for line in lines] == ["ansible.windows.win_ping"] * 2
    assert rooms.execute(name, "pc02", ["sh", "-c", "cat /var/lib/standin/calls.jsonl || true"]).count("\n") == 0
