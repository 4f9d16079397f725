"""Evidence of a room of three seats where everything is as it should be, for tests to make wrong in one point.

Shapes as in exam_room.look.facts (inside) and exam_look (outside). A change is a path and its new value, such as
``"inside/pc01/identity/value/workgroup": "OTHER"``; numbers lead into lists, GONE takes away.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

GONE = object()
UNREAD = {"unknown": "timed out"}
SID = "S-1-5-21-1-2-3"
SYSTEM, ADMINISTRATORS = "S-1-5-18", "S-1-5-32-544"
FULL, CHANGE = "0x001f01ff", "0x001301bf"
SEATS = (1, 2, 3)


def account(number: int) -> str:
    return f"KS{number:02}"


def sid(number: int) -> str:
    return f"{SID}-{1000 + number}"


def ace(who: str, mask: str, kind: str = "allow") -> dict[str, Any]:
    return {"kind": kind, "sid": who, "mask": mask, "flags": 0, "inherited": False}


def found(value: Any) -> dict[str, Any]:
    return {"asked_at": "2026-11-23T23:06:48.000Z", "value": value}


def plan() -> dict[str, Any]:
    return {
        "workgroup": "KAOCHANG",
        "network": "192.168.10.0/24",
        "client_range": "192.168.10.101-192.168.10.199",
        "share": "exam",
        "drive_letter": "Z",
        "sign_in": "automatic",
        "candidates": 2,
        "material": [{"unit": "一", "path": "第一单元\\素材.txt", "size": 3, "sha256": "ab"}],
        "session": {
            "duration_seconds": 7200,
            "exam": {
                "duration": {"rule": "exact", "seconds": 7200},
                "assessors": {"candidates_each": 30, "at_least": 1, "odd": False},
                "invigilators": None,
                "clauses": {},
            },
            "staff": {"assessors": ["甲"], "inspector": ["乙"], "invigilators": []},
        },
        "server": {"host": "server", "address": "192.168.10.10"},
        "seats": [
            {
                "number": number,
                "host": f"pc{number:02}",
                "address": f"192.168.10.{100 + number}",
                "account": account(number),
                "spare": number == SEATS[-1],
                "candidate": None,
            }
            for number in SEATS
        ],
    }


def _user(name: str, disabled: bool) -> dict[str, Any]:
    return {"name": name, "sid": f"{SID}-9", "disabled": disabled, "locked": False, "local": True, "full_name": ""}


def _switch() -> dict[str, Any]:
    """The dead-man's switch as roles/dead_man_switch registers it."""
    repeated = {"enabled": True, "end": None, "interval": "PT1M", "duration": None}
    script = r"C:\Program Files\ExamRoom\Stop-ExamSession.ps1"
    return {
        "name": "Cut off at the deadline",
        "enabled": True,
        "user": "SYSTEM",
        "logon_type": 5,
        "run_level": 1,
        "not_on_batteries": False,
        "stop_on_batteries": False,
        "start_when_available": True,
        "only_if_idle": False,
        "only_if_network": False,
        "multiple_instances": 2,
        "time_limit": "PT0S",
        "triggers": [
            {"kind": "time", "start": "2020-01-01T00:00:00", **repeated},
            {"kind": "boot", "start": None, **repeated},
        ],
        "actions": [{"execute": "powershell.exe", "arguments": f'-NoProfile -File "{script}"'}],
    }


def _inside(host: str, address: str, account_name: str | None) -> dict[str, Any]:
    sections: dict[str, Any] = {
        "identity": {"name": host.upper(), "workgroup": "KAOCHANG", "part_of_domain": False},
        "adapters": [
            {"index": 3, "name": "Wi-Fi", "addresses": ["169.254.7.7"], "masks": ["255.255.0.0"], "dhcp": True},
            {"index": 4, "name": "I219-LM", "addresses": [address], "masks": ["255.255.255.0"], "dhcp": False},
        ],
        "accounts": {
            "users": [_user("Administrator", False), _user("Guest", True)],
            "administrators": [{"name": "Administrator", "domain": host.upper(), "sid": f"{SID}-500"}],
        },
        "shares": [{"name": "IPC$", "path": "", "type": 3, "special": True}],
        "services": {
            "LanmanServer": {"state": "Stopped", "start_mode": "Disabled"},
            "W32Time": {"state": "Running", "start_mode": "Auto"},
            "WinRM": {"state": "Running", "start_mode": "Auto"},
        },
        "firewall": {name: {"enabled": True} for name in ("Domain", "Private", "Public")},
        "optical_drives": [],
        "task_settings": [],
        "tasks": [{"path": "\\Exam\\", "name": "Map the exam folder", "enabled": True}],
        "antivirus": {
            "defender": {
                "enabled": True,
                "real_time": True,
                "signature_version": "1.441.120.0",
                "signature_age_days": 3,
                "scan_age_days": 1,
                "threats": [],
            },
            "products": [{"name": "Windows Defender", "enabled": True, "up_to_date": True, "defender": True}],
        },
        "restore_protection": {
            "drivers": ["Ntfs", "uwfvol"],
            "services": ["Schedule", "WinRM"],
            "uwf": {"enabled": True, "enabled_next": True, "volumes": ["C:"], "volumes_next": ["C:"]},
            "deep_freeze": None,
        },
        "leftovers": {
            "asked_at": "2026-11-23T23:06:50Z",
            "since": "2026-11-20T08:00:00Z",
            "searched": ["C:\\"],
            "files": 1200,
            "links": 14,
            "found": [],
            "more": 0,
            "unreadable": [],
            "not_known": [],
            "left_alone": [],
        },
        "auto_logon": {"enabled": True, "user": account_name, "domain": host.upper(), "plain_password": False},
    }
    if account_name:
        sections["accounts"]["users"].append(_user(account_name, False))
    else:
        drive = {"drive": "E:", "name": "DVDRAM", "capabilities": [3, 4, 7], "can_write": True}
        sections |= {"optical_drives": [drive], "tasks": [], "shares": [], "task_settings": [_switch()]}
        sections["auto_logon"] |= {"enabled": False, "user": None}
        sections["antivirus"]["products"] = None
        sections["restore_protection"] |= {"drivers": ["Ntfs", "srv2"], "uwf": None}
    return {"schema_version": 1, "host": host, "address": address} | {
        name: {"value": value} for name, value in sections.items()
    }


def _outside() -> dict[str, Any]:
    shut = {"answer": "refused", "status": "STATUS_ACCESS_DENIED"}
    absent = {"answer": "absent", "status": "STATUS_OBJECT_NAME_NOT_FOUND"}
    permissions = [ace(ADMINISTRATORS, FULL), *(ace(sid(number), CHANGE) for number in SEATS)]
    return {
        "schema": "exam-room/look-outside/1",
        "accounts": found(
            {
                "seats": {
                    account(number): {"sid": sid(number), "enabled": True, "locked": False, "comment": ""}
                    for number in SEATS
                },
                "unexpected": [],
            }
        ),
        "folders": {
            "material": found(
                {
                    "state": "closed",
                    "closed": {"content": found([{"path": "第一单元\\素材.TXT", "size": 3, "sha256": "ab"}])},
                    "open": None,
                }
            ),
            "seats": {
                account(number): found(
                    {"path": f"Exam\\share\\{account(number)}", "exact": True, "sddl": "O:BAD:P", "files": 0}
                )
                for number in SEATS
            },
        },
        "shares": found(
            [
                {"name": "IPC$", "special": True, "permissions": []},
                {"name": "D$", "special": True, "permissions": []},
                {"name": "exam", "special": False, "path": "D:\\Exam\\share", "permissions": permissions},
            ]
        ),
        "tries": {
            account(number): found(
                {
                    "state": "in",
                    "own": {"answer": "open"},
                    "neighbours": {account(number % len(SEATS) + 1): {"list": shut, "write": shut}},
                    "root": {"names": [account(number)], "write": shut},
                    "material": {"list": absent, "write": absent},
                }
            )
            for number in SEATS
        },
        "clients": {
            f"pc{number:02}": found({"address": "", "ports": {"445": "timeout", "139": "refused"}}) for number in SEATS
        },
    }


def documents() -> dict[str, Any]:
    """All evidence: plan, outside, and inside by host."""
    room = plan()
    inside = {seat["host"]: _inside(seat["host"], seat["address"], seat["account"]) for seat in room["seats"]}
    inside["server"] = _inside("server", room["server"]["address"], None)
    # Without aliases, so that a change is made in one place only.
    made: dict[str, Any] = json.loads(json.dumps({"plan": room, "outside": _outside(), "inside": inside}))
    return made


def write(folder: Path, changes: Mapping[str, Any]) -> Path:
    """Write the evidence with ``changes`` into ``folder``."""
    made = documents()
    for path, value in changes.items():
        *way, last = path.split("/")
        place = made
        for step in way:
            place = place[int(step)] if isinstance(place, list) else place[step]
        key: Any = int(last) if isinstance(place, list) else last
        if value is GONE:
            del place[key]
        else:
            place[key] = value
    (folder / "inside").mkdir(parents=True)
    contents = {"plan": made["plan"], "outside": made["outside"]}
    contents |= {f"inside/{host}": document for host, document in made["inside"].items()}
    for name, content in contents.items():
        (folder / f"{name}.json").write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    return folder
