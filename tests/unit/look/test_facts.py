"""Evidence documents, gathered from a stand-in endpoint without Samba."""

from __future__ import annotations

import dataclasses
import json
import os
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from exam_room.errors import ExamError
from exam_room.look import antivirus, facts, sections, software
from exam_room.look.programs import of_list
from exam_room.wire import wsman
from exam_room.wire.wsman import HostError, Login, Wmi
from standin.certificates import make_authority
from standin.endpoint import programs
from standin.endpoint.commands import Commands
from standin.endpoint.host import Host
from standin.endpoint.initial import DEFENDER
from standin.endpoint.payload import ModuleCall
from standin.endpoint.registry import Registry
from standin.host import get_installed_program
from unit.served_host import PASSWORD


def test_a_whole_document(login: Login) -> None:
    document = facts.gather(login, "server")
    assert json.loads(json.dumps(document)) == document
    assert PASSWORD not in json.dumps(document) and "Pw-12345678" not in json.dumps(document)
    values: dict[str, Any] = {name: part["value"] for name, part in document.items() if isinstance(part, dict)}
    assert set(values) == {"identity", *sections.SECTIONS}
    assert values["identity"]["workgroup"] == "WORKGROUP"
    assert values["identity"]["product_type"] == 3
    assert abs(values["identity"]["clock_offset_seconds"]) < 5
    assert values["adapters"][0]["addresses"] == ["127.0.0.1"]
    assert {entry["name"] for entry in values["accounts"]["administrators"]} == {"Administrator", "KS01"}
    assert all(entry["sid"].startswith("S-1-5-21-") for entry in values["accounts"]["administrators"])
    assert all(entry["user"] for entry in values["accounts"]["administrators"])
    assert values["identity"]["user"] is None
    share = next(entry for entry in values["shares"] if not entry["special"])
    assert share == {"name": "exam", "path": "D:\\", "type": 0, "special": False}
    assert next(entry for entry in values["smb_shares"] if entry["name"] == "exam")["encrypt"] is True
    assert values["services"]["LanmanServer"] == {"state": "Running", "start_mode": "Auto"}
    assert values["firewall"]["Public"] == {"enabled": True}
    assert values["optical_drives"][0]["can_write"] is True
    assert {entry["drive"] for entry in values["disks"]} == {"C:", "D:"}
    assert values["tasks"] == [{"path": "\\Exam\\", "name": "Cut off", "enabled": True}]
    nothing = {"enabled": True, "end": None, "duration": None}
    assert values["task_settings"] == [
        {
            "name": "Cut off",
            "enabled": True,
            "user": "SYSTEM",
            "logon_type": 5,
            "run_level": 1,
            "not_on_batteries": False,
            "stop_on_batteries": True,
            "start_when_available": True,
            "only_if_idle": False,
            "only_if_network": False,
            "multiple_instances": 2,
            "time_limit": "PT0S",
            "triggers": [
                {"kind": "time", "start": "2020-01-01T00:00:00", "interval": "PT1M", **nothing},
                {"kind": "boot", "start": None, "interval": None, **nothing},
            ],
            "actions": [{"execute": "powershell.exe", "arguments": '-File "C:\\a b.ps1"'}],
        }
    ]
    assert values["auto_logon"] == {"enabled": True, "user": "KS01", "domain": "WIN-STANDIN", "plain_password": False}
    scan = values["antivirus"]["defender"]["scan"]
    assert scan["kind"] == "quick" and scan["start"] < scan["end"] and scan["end"].endswith("Z")
    assert values["antivirus"]["defender"] | {"signature_version": "x"} == {
        "enabled": True,
        "real_time": True,
        "program": rf"{DEFENDER}\MpCmdRun.exe",
        "signature_version": "x",
        "signature_age_days": 3,
        "scan_age_days": 1,
        "scan": scan,
        "threats": [],
        "found": [],
    }
    # A server has no Security Center.
    assert values["antivirus"]["products"] is None
    card = values["restore_protection"]
    assert {"Ntfs", "Tcpip"} <= set(card["drivers"])
    assert "Schedule" in card["services"] and "W32Time" not in card["services"]
    assert card["uwf"] is card["deep_freeze"] is None
    assert card["cards"] == []
    assert card["prepared"] is None


def test_policies_of_a_server_leave_its_burner_and_its_display_alone(host: Host, login: Login) -> None:
    with host.store.change() as state:
        registry = Registry(state["registry"])
        registry.set(r"HKLM\SOFTWARE\Policies\Microsoft\Windows\WindowsUpdate\AU", "AUOptions", "dword", 2)
    found = {(one["purpose"], one["name"]): one for one in facts.gather(login, "server")["policies"]["value"]}
    assert {purpose for purpose, _ in found} == {"updates", "sleep"}
    assert found["updates", "AUOptions"]["found_is_wanted"]
    # Not set is not the same as 0.
    assert found["sleep", "ACSettingIndex"]["found"] is None
    assert not found["sleep", "ACSettingIndex"]["found_is_wanted"]


PERSON = "S-1-5-21-1004336348-1177238915-682003330-1001"
OTHER = PERSON.replace("1001", "1002")


def test_policies_of_who_is_signed_in(host: Host, login: Login) -> None:
    key = r"Software\Policies\Microsoft\Windows\Control Panel\Desktop"
    host.server = False
    with host.store.change() as state:
        registry = Registry(state["registry"])
        for person in (PERSON, f"{PERSON}_Classes", OTHER, "S-1-5-18", ".DEFAULT"):
            registry.set(rf"HKU\{person}\{key}", "ScreenSaveActive", "string", "0")
        # Of who is not signed in, Windows has nothing at hand.
        state["profiles"] = {OTHER: {"path": r"C:\Users\KS02", "loaded": False}}
    (found,) = facts.gather(login, "pc01")["user_policies"]["value"]
    assert found["sid"] == PERSON
    assert [(one["purpose"], one["found_is_wanted"]) for one in found["policies"]] == [
        ("sleep", True),
        ("notifications", False),
    ]


def test_nobody_is_signed_in(host: Host, login: Login) -> None:
    host.server = False
    assert facts.gather(login, "pc01")["user_policies"] == {"value": []}
    host.server = True
    assert facts.gather(login, "server")["user_policies"] == {"value": None}


def installed(host: Host, login: Login) -> dict[str, tuple[str | None, str | None, str]]:
    """Version, publisher and view by name; an inspection's script leads to the same."""
    found = facts.gather(login, "server")["software"]["value"]
    assert of_list(get_installed_program.directly(host, {}, False)["output"][0]) == found
    return {one["name"]: (one["version"], one["publisher"], one["view"]) for one in found}


def test_programs_of_both_views_and_what_windows_does_not_list(host: Host, login: Login) -> None:
    with host.store.change() as state:
        registry = Registry(state["registry"])
        programs.put(registry, "32", "搜狗", {"DisplayName": "搜狗输入法 14.3正式版", "DisplayVersion": "14.3.0.9582"})
        programs.put(registry, "64", "Number", {"DisplayName": "Number", "DisplayVersion": 7, "SystemComponent": 0})
        programs.put(registry, "64", "Blank", {"DisplayName": "  ", "DisplayVersion": "1"})
        programs.put(registry, "64", "Patch", {"DisplayName": "Patch", "ParentKeyName": "Office16"})
        programs.put(registry, "64", "Odd", {"displayname": "Odd", "Publisher": ""})
        registry.set(rf"{programs.VIEWS['64']}\Odd", "DisplayVersion", "binary", [1, 2])
    found = installed(host, login)
    assert found == {
        "7-Zip 23.01 (x64)": ("23.01", "Igor Pavlov", "64"),
        "Microsoft Edge": ("131.0.2903.86", "Microsoft Corporation", "32"),
        "Microsoft Visual C++ 2013 Redistributable (x86) - 12.0.30501": (
            "12.0.30501.0",
            "Microsoft Corporation",
            "32",
        ),
        "Number": ("7", None, "64"),
        "Odd": (None, None, "64"),
        "搜狗输入法 14.3正式版": ("14.3.0.9582", None, "32"),
    }


def test_programs_of_whoever_is_signed_in(host: Host, login: Login) -> None:
    place = r"SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall\Telegram"
    with host.store.change() as state:
        registry = Registry(state["registry"])
        for account in (PERSON, f"{PERSON}_Classes", "S-1-5-18", ".DEFAULT"):
            registry.set(rf"HKU\{account}\{place}", "DisplayName", "string", f"Telegram of {account}")
    found = installed(host, login)
    assert found[f"Telegram of {PERSON}"] == (None, None, "user")
    assert not any(name.startswith("Telegram") for name in found if PERSON not in name or "Classes" in name)


def test_without_a_list_of_programs_nothing_is_known(host: Host, login: Login) -> None:
    with host.store.change() as state:
        Registry(state["registry"]).delete_key(programs.VIEWS["64"])
    assert "no list of installed programs" in facts.gather(login, "server")["software"]["unknown"]
    with pytest.raises(ExamError, match="no list of installed programs"):
        of_list(get_installed_program.directly(host, {}, False)["output"][0])


def test_a_section_that_is_not_wanted_is_not_asked_for(login: Login) -> None:
    whole, without = facts.gather(login, "server"), facts.gather(login, "server", without=["software"])
    assert set(whole) - set(without) == {"software"}
    documents, _ = facts.gather_all({"server": login}, 5, 30, ["software", "disks"])
    assert set(whole) - set(documents["server"]) == {"software", "disks"}


def test_a_large_room_is_asked_by_several_processes(login: Login, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    monkeypatch.setattr(facts, "SMALL_PART", 2)
    wrong = dataclasses.replace(login, port=1)
    documents, unreachable = facts.gather_all({"a": login, "b": wrong, "c": login, "d": login}, 5, 30)
    assert {name: one["host"] for name, one in documents.items()} == {"a": "a", "c": "c", "d": "d"}, unreachable
    assert set(unreachable) == {"b"}


def test_each_program_costs_four_round_trips_at_the_most(
    host: Host, login: Login, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    real = Wmi._call

    def counted(self: Wmi, method: str, hive: int, key: str, name: str | None = None) -> Any:
        asked.append(method)
        return real(self, method, hive, key, name)

    monkeypatch.setattr(Wmi, "_call", counted)
    with Wmi(login) as wmi:
        shown = len(software.software(wmi))
    # Three lists of keys; two keys that name no program, one component of Windows, one that is hidden.
    assert len(asked) <= 3 + 4 * shown + 3 + 2


def test_a_list_that_takes_too_long_is_not_known_instead_of_the_whole_host(login: Login) -> None:
    clock = iter([0.0, 59.0, 61.0])
    with Wmi(login) as wmi, pytest.raises(wsman.WsmanError, match="took longer than 60 s"):
        software.software(wmi, lambda: next(clock))


def test_quotas_of_a_server_are_what_fsutil_set(host: Host, login: Login) -> None:
    bare = [{"volume": "D:", "enforced": False, "limits": []}]
    assert facts.gather(login, "server")["quotas"]["value"] == bare
    steps = ["fsutil quota enforce d:", 'fsutil quota modify d: 9 10 "KS02"', 'fsutil quota modify d: 9 10 "nobody"']
    commands = Commands(host)

    def run(line: str) -> dict[str, Any]:
        return commands.module(ModuleCall("ansible.windows.win_command", {"cmd": line}, False, False))

    user = {"name": "KS02", "password": "Pw-12345678"}
    assert commands.module(ModuleCall("ansible.windows.win_user", user, False, False))["changed"]
    assert run(f'cmd.exe /d /s /c "{" && ".join(steps)}"')["failed"]
    assert run(f'cmd.exe /d /s /c "{" && ".join(steps[:2])}"')["rc"] == 0
    limited = [{"volume": "D:", "enforced": True, "limits": [{"account": "KS02", "limit": 10}]}]
    assert facts.gather(login, "server")["quotas"]["value"] == limited
    # An administrator has no limit, and no other volume is there.
    assert run('cmd.exe /d /s /c "fsutil quota modify D: 9 10 "KS01""')["failed"]
    assert run('cmd.exe /d /s /c "fsutil quota enforce E:"')["failed"]


def test_restore_cards_that_tell_how_they_stand(host: Host, login: Login) -> None:
    with host.store.change() as state:
        state["drivers"]["uwfvol"] = {"name": "uwfvol", "start_mode": "Boot", "running": True}
        state["uwf"] = {"enabled": True, "enabled_next": False, "volumes": ["C"], "volumes_next": ["C", "D"]}
        registry = Registry(state["registry"])
        registry.set(r"HKLM\SOFTWARE\WOW6432Node\Faronics\Deep Freeze 6", "DF Status", "string", "Thawed")
    card = facts.gather(login, "server")["restore_protection"]["value"]
    assert "uwfvol" in card["drivers"]
    assert card["deep_freeze"] == "Thawed"
    assert card["uwf"] == {"enabled": True, "enabled_next": False, "volumes": ["C:"], "volumes_next": ["C:", "D:"]}
    assert [(one["name"], one["protects"]) for one in card["cards"]] == [
        ("统一写入筛选器 UWF Unified Write Filter", True)
    ]


@pytest.mark.parametrize(
    ("path", "program"),
    [
        (r'"C:\ProgramData\Microsoft\Windows Defender\Platform\4.18.1-0\MsMpEng.exe"', None),
        (r'"C:\Program Files\Windows Defender\MsMpEng.exe"', r"C:\Program Files\Windows Defender\MpCmdRun.exe"),
        (r"C:\Windows\System32\svchost.exe -k x", r"C:\Program Files\Windows Defender\MpCmdRun.exe"),
        (None, r"C:\Program Files\Windows Defender\MpCmdRun.exe"),
    ],
)
def test_the_program_lies_beside_the_service_that_runs(
    host: Host, login: Login, path: str | None, program: str | None
) -> None:
    with host.store.change() as state:
        state["services"]["windefend"]["path"] = path
    seen = facts.gather(login, "server")["antivirus"]["value"]["defender"]
    assert seen["program"] == (program or r"C:\ProgramData\Microsoft\Windows Defender\Platform\4.18.1-0\MpCmdRun.exe")


def test_what_the_last_scan_found_and_nothing_older(host: Host, login: Login) -> None:
    now = datetime.now(UTC)
    with host.store.change() as state:
        state["antivirus"] |= {
            "threats": ["Trojan:Win32/Left"],
            "detections": [
                {
                    "id": "1",
                    "name": name,
                    "file": f"C:\\{name[-4:]}.exe",
                    "at": at.isoformat(),
                    "cleaned": cleaned,
                }
                for name, at, cleaned in (
                    ("Trojan:Win32/Left", now, False),
                    ("Virus:Win32/Gone", now - timedelta(minutes=1), True),
                    ("Virus:Win32/Past", now - timedelta(days=30), True),
                )
            ],
        }
    seen = facts.gather(login, "server")["antivirus"]["value"]["defender"]
    assert seen["threats"] == ["Trojan:Win32/Left"]
    assert [(one["name"], one["files"], one["dealt_with"]) for one in seen["found"]] == [
        ("Trojan:Win32/Left", [r"file:_C:\Left.exe"], False),
        ("Virus:Win32/Gone", [r"file:_C:\Gone.exe"], True),
    ]


@pytest.mark.parametrize(
    ("state", "enabled", "up_to_date"),
    [
        (0x61100, True, True),
        (0x60100, False, True),
        (0x41010, True, False),
        (0x40010, False, False),
        (0x51000, True, True),
    ],
)
def test_what_security_center_says_of_a_product(state: int, enabled: bool, up_to_date: bool) -> None:
    class Client:
        def query(self, namespace: str, name: str, *_: Any) -> list[dict[str, Any]]:
            rows: dict[str, list[dict[str, Any]]] = {
                "Win32_Service": [],
                "Win32_OperatingSystem": [{"ProductType": 1}],
                "AntiVirusProduct": [{"displayName": "火绒安全软件", "productState": state}],
            }
            return rows[name]

    seen = antivirus.antivirus(cast("Wmi", Client()))
    product = {"name": "火绒安全软件", "enabled": enabled, "up_to_date": up_to_date, "defender": False}
    assert seen == {"defender": None, "products": [product]}


def test_a_section_that_fails_is_unknown_and_the_others_go_on(login: Login, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(wmi: Wmi) -> Any:
        return wmi.query(wsman.CIMV2, "Win32_Share", {"Nmae": "str"})

    monkeypatch.setitem(sections.SECTIONS, "shares", broken)
    document = facts.gather(login, "server")
    assert "0x80041017" in document["shares"]["unknown"]
    assert "value" in document["auto_logon"]


def test_a_null_that_nobody_expects_leaves_only_its_section_unknown(
    login: Login, monkeypatch: pytest.MonkeyPatch
) -> None:
    def surprised(wmi: Wmi) -> Any:
        return wmi.query(wsman.CIMV2, "Win32_ComputerSystem", {"PrimaryOwnerName": "str"})[0][
            "PrimaryOwnerName"
        ].upper()

    monkeypatch.setitem(sections.SECTIONS, "shares", surprised)
    document = facts.gather(login, "server")
    assert "AttributeError" in document["shares"]["unknown"]
    assert "value" in document["auto_logon"]


def test_a_host_that_is_lost_on_the_way_is_not_asked_again(login: Login, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def lost(wmi: Wmi) -> Any:
        asked.append("shares")
        raise HostError("断开", "gone")

    def counted(wmi: Wmi) -> Any:
        asked.append("later")

    monkeypatch.setattr(facts, "SECTIONS", {"adapters": sections.adapters, "shares": lost, "services": counted})
    document = facts.gather(login, "server")
    assert "value" in document["adapters"]
    assert document["shares"] == document["services"] == {"unknown": "断开\ngone"}
    assert asked == ["shares"]


def test_many_hosts_at_once_and_one_that_is_down(login: Login) -> None:
    down = Login("127.0.0.1", "Administrator", PASSWORD, login.ca_path, 1)
    wrong = Login("127.0.0.1", "Administrator", "wrong", login.ca_path, login.port)
    documents, unreachable = facts.gather_all({"server": login, "pc01": down, "pc02": wrong}, 5, 30)
    assert set(documents) == {"server"}
    assert set(unreachable) == {"pc01", "pc02"}
    assert "cannot be reached" in unreachable["pc01"]
    assert "refuses the log-on" in unreachable["pc02"]


def test_a_certificate_of_another_authority(login: Login, tmp_path: Path) -> None:
    other = tmp_path / "other.pem"
    other.write_bytes(make_authority("other", datetime.now(UTC)).pem())
    stranger = Login(login.address, login.username, login.password, str(other), login.port)
    with pytest.raises(HostError, match="certificate"):
        facts.gather(stranger, "server")


def test_who_is_late_is_named(login: Login, monkeypatch: pytest.MonkeyPatch) -> None:
    released = threading.Event()

    def slow(wmi: Wmi) -> Any:
        released.wait(30)

    monkeypatch.setattr(facts, "SECTIONS", {"shares": slow})
    documents, unreachable = facts.gather_all({"server": login}, 5, 0.5)
    released.set()
    assert documents == {}
    assert "0.5" in unreachable["server"]


def test_a_ca_file_that_is_missing_is_an_error_before_any_host_is_asked(login: Login) -> None:
    with pytest.raises(ExamError, match="no CA file"):
        facts.gather_all({"server": Login("10.0.0.1", "a", "b", "/missing.pem")}, 1, 1)
