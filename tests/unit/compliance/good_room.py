"""Evidence of a room of three seats where everything is as it should be, for tests to make wrong in one point.

Shapes as in exam_room.look.facts (inside) and exam_look (outside). A change is a path and its new value, such as
``"inside/pc01/identity/value/workgroup": "OTHER"``; numbers lead into lists, GONE takes away.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from exam_room.look.policies import USER_POLICIES, concerned

GONE = object()
UNREAD = {"unknown": "timed out"}
SID = "S-1-5-21-1-2-3"
SYSTEM, ADMINISTRATORS = "S-1-5-18", "S-1-5-32-544"
FULL, CHANGE = "0x001f01ff", "0x001301bf"
SEATS = (1, 2, 3)
SWITCH = r"C:\Program Files\ExamRoom\Stop-ExamSession.ps1"
MAPPING = r"C:\Program Files\Exam\Connect-ExamFolder.ps1"
HASH = "5b" * 32


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
        "schema_version": 1,
        "inspected_at": "2026-11-23T23:07:00.000Z",
        "workgroup": "KAOCHANG",
        "network": "192.168.10.0/24",
        "client_range": "192.168.10.101-192.168.10.199",
        "share": "exam",
        "drive_letter": "Z",
        "volume": "D:",
        "mapping_script": MAPPING,
        "mapping_script_sha256": HASH,
        "scripts": {SWITCH: HASH},
        "same_passwords": [],
        "sign_in": "automatic",
        "quiet": ["updates", "sleep", "notifications", "removable_storage"],
        "burning": {"medium": "dvd", "copies": 2},
        "candidates": 2,
        "prepared_at": "2026-11-23T22:40:00.000Z",
        "material": [{"unit": "一", "path": "第一单元\\素材.txt", "size": 3, "sha256": "ab"}],
        "session": {
            "duration_seconds": 7200,
            "exam": {
                "duration": {"rule": "exact", "seconds": 7200},
                "assessors": {"candidates_each": 30, "at_least": 1, "odd": False},
                "invigilators": None,
                "results": {"kinds": [".docx"], "minimum": [], "limit_mb": None},
                "clauses": {},
                "software": {
                    "required": [
                        {
                            "name": "WPS Office",
                            "match": ["WPS Office*"],
                            "minimum": "12.1",
                            "hosts": "clients",
                            "package": "WPS Office",
                        }
                    ],
                    "forbidden": [{"name": "答题助手", "match": ["*答题助手*"]}],
                    "allowed": [],
                },
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


def _user(name: str, disabled: bool, its_sid: str) -> dict[str, Any]:
    return {"name": name, "sid": its_sid, "disabled": disabled, "locked": False, "local": True, "full_name": ""}


def _mapping(name: str) -> dict[str, Any]:
    """The task that maps the exam folder as roles/drive_mapping registers it."""
    return {
        "name": "Map the exam folder",
        "user": name,
        "triggers": [{"kind": "logon", "enabled": True}],
        "actions": [
            {
                "execute": "powershell.exe",
                "arguments": f'-NoProfile -WindowStyle Hidden -File "{MAPPING}" '
                rf'-Path "\\192.168.10.10\exam\{name}" -Letter Z',
            }
        ],
    }


def _switch() -> dict[str, Any]:
    """The dead-man's switch as roles/dead_man_switch registers it."""
    repeated = {"enabled": True, "end": None, "interval": "PT1M", "duration": None}
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
        "actions": [{"execute": "powershell.exe", "arguments": f'-NoProfile -File "{SWITCH}"'}],
    }


def _inside(host: str, address: str, account_name: str | None) -> dict[str, Any]:
    # Each machine has a SID of its own; the server's is the one of the seats' accounts there.
    machine = f"S-1-5-21-9-9-{host[-2:]}" if account_name else SID
    sections: dict[str, Any] = {
        "identity": {
            "name": host.upper(),
            "workgroup": "KAOCHANG",
            "part_of_domain": False,
            "user": account_name and f"{host.upper()}\\{account_name}",
            "clock_offset_seconds": 0.21,
        },
        "adapters": [
            {"index": 3, "name": "Wi-Fi", "addresses": ["169.254.7.7"], "masks": ["255.255.0.0"], "dhcp": True},
            {"index": 4, "name": "I219-LM", "addresses": [address], "masks": ["255.255.255.0"], "dhcp": False},
        ],
        "accounts": {
            "users": [_user("Administrator", False, f"{machine}-500"), _user("Guest", True, f"{machine}-501")],
            "administrators": [
                {"name": "Administrator", "domain": host.upper(), "sid": f"{machine}-500", "user": True}
            ],
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
                "scan": {"kind": "quick", "start": "2026-11-24T08:00:00Z", "end": "2026-11-24T08:04:00Z"},
                "threats": [],
                "found": [],
            },
            "products": [{"name": "Windows Defender", "enabled": True, "up_to_date": True, "defender": True}],
        },
        "restart_pending": {
            "servicing": False,
            "updates": False,
            "file_renames": False,
            "name": host.upper(),
            "next_name": host.upper(),
        },
        "policies": [one.found(one.wanted) for one in concerned(client=account_name is not None)],
        "user_policies": None,
        "software": [
            {
                "name": "7-Zip 23.01 (x64)",
                "version": "23.01",
                "publisher": "Igor Pavlov",
                "view": "64",
                "key": "7-Zip",
            },
            {
                "name": "WPS Office (12.1.0.18276)",
                "version": "12.1.0.18276",
                "publisher": "Kingsoft Corp.",
                "view": "32",
                "key": "Kingsoft Office",
            },
        ],
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
        sections["accounts"]["users"].append(_user(account_name, False, f"{machine}-1001"))
        sections["task_settings"] = [_mapping(account_name)]
        sections["user_policies"] = [
            {"sid": f"{machine}-{number}", "policies": [one.found(wanted and one.wanted) for one in USER_POLICIES]}
            for number, wanted in ((500, None), (1001, True))
        ]
        sections["scripts"] = {MAPPING: {"value": HASH}}
    else:
        drive = {"drive": "E:", "name": "DVDRAM", "capabilities": [3, 4, 7], "can_write": True}
        sections |= {"optical_drives": [drive], "tasks": [], "shares": [], "task_settings": [_switch()]}
        sections["auto_logon"] |= {"enabled": False, "user": None}
        sections["burner"] = {
            "drive": "E:",
            "device": "HL-DT-ST DVDRAM",
            "medium": "DVD+R",
            "blank": True,
            "free": 4_700_372_992,
            "wrong": "",
            "zh": "",
            "en": "",
        }
        sections["disks"] = [{"drive": "D:", "file_system": "NTFS", "size": 500_000_000_000, "free": 400_000_000_000}]
        sections["smb_shares"] = [{"name": "exam", "encrypt": True, "access_based": True, "caching": "none"}]
        sections["smb_server"] = {
            "signing_required": True,
            "encrypt": True,
            "reject_unencrypted": True,
            "smb1": False,
            "smb2": True,
        }
        sections["antivirus"]["products"] = None
        del sections["software"][1]
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
                    account(number): {
                        "sid": sid(number),
                        "enabled": True,
                        "locked": False,
                        "may_change_password": False,
                        "password_never_expires": True,
                        "comment": "",
                    }
                    for number in SEATS
                },
                "unexpected": [],
            }
        ),
        "scripts": {SWITCH: found(HASH)},
        "folders": {
            "root": found({"path": r"Exam\share", "exact": True, "sddl": "O:BAD:P"}),
            "material": found(
                {
                    "state": "closed",
                    "closed": {
                        "path": r"Exam\material",
                        "exact": True,
                        "sddl": "O:BAD:P",
                        "content": found([{"path": "第一单元\\素材.TXT", "size": 3, "sha256": "ab"}]),
                    },
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
                {
                    "name": "exam",
                    "special": False,
                    "path": "D:\\Exam\\share",
                    "permissions": permissions,
                    "flags": {"number": 0x1800, "force_level_ii_oplocks": True},
                },
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


def _wrote() -> dict[str, Any]:
    return {
        "value": {"blocks": 9, "last_ms": -110.0, "refused": "STATUS_NETWORK_NAME_DELETED", "refused_ms": 61.0},
    }


def _saved(number: int) -> dict[str, Any]:
    file = {
        "folder": account(number),
        "said": HASH,
        "sha256": HASH,
        "size": 65536,
        "changed": "2026-11-23T23:06:51.700Z",
    }
    return {
        "account": account(number),
        "computer": f"PC{number:02}",
        "user": f"PC{number:02}\\{account(number)}",
        "started": True,
        "problem": None,
        "result": None,
        "files": [file],
    }


def _trial() -> dict[str, Any]:
    record = {
        "complete": True,
        "problems": [],
        "share_removed_ms": 38.0,
        "accounts_disabled_ms": 60.0,
        "sessions_gone_ms": 95.0,
        "logon": {"account": "KS01", "status": "STATUS_ACCOUNT_DISABLED", "refused": True},
    }
    after = {"share": False, "exam_share": True, "sessions": [], "enabled": []}
    return {
        "schema_version": 1,
        "asked_at": "2026-11-23T23:06:50.000Z",
        "seats": found(
            {
                "begun": "2026-11-23T23:06:50.120Z",
                "ended": "2026-11-23T23:06:53.480Z",
                "hosts": {f"pc{number:02}": {"value": _saved(number)} for number in SEATS},
            }
        ),
        "cutoff": found({"record": record, "writers": {account(number): _wrote() for number in SEATS}, "after": after}),
        "left": found([]),
    }


def proof(host: str, undone: bool, **changes: Any) -> dict[str, Any]:
    """What playbooks/prove_restore_cards.yml keeps of a host that was tried since the last prepare."""
    path = r"C:\ExamRoom-canary.txt"
    return {
        "schema_version": 1,
        "host": host,
        "server": host == "server",
        "chosen_at": "2026-11-23T22:50:00.000Z",
        "cards": [],
        "managed": False,
        "boot_before": "2026-11-23T22:00:00.000Z",
        "files": [{"path": path, "sha256": "ab" * 32}],
        "looked_at": "2026-11-23T22:52:00.000Z",
        "boot_time": "2026-11-23T22:51:00.000Z",
        "undone": [path] if undone else [],
        "stayed": [] if undone else [path],
        "broken": None,
    } | changes


def documents() -> dict[str, Any]:
    """All evidence: plan, outside, and inside by host."""
    room = plan()
    inside = {seat["host"]: _inside(seat["host"], seat["address"], seat["account"]) for seat in room["seats"]}
    inside["server"] = _inside("server", room["server"]["address"], None)
    # Without aliases, so that a change is made in one place only.
    made: dict[str, Any] = json.loads(
        json.dumps(
            {
                "plan": room,
                "outside": _outside(),
                "trial": _trial(),
                "restore_cards": {"schema_version": 1, "hosts": {}},
                "inside": inside,
            }
        )
    )
    return made


def change(made: dict[str, Any], changes: Mapping[str, Any]) -> None:
    """Make the documents wrong in these points."""
    for path, value in changes.items():
        *way, last = path.split("/")
        place: Any = made
        for step in way:
            place = place[int(step)] if isinstance(place, list) else place[step]
        key: Any = int(last) if isinstance(place, list) else last
        if value is GONE:
            del place[key]
        else:
            place[key] = value


def write(folder: Path, changes: Mapping[str, Any]) -> Path:
    """Write the evidence with ``changes`` into ``folder``."""
    made = documents()
    change(made, changes)
    (folder / "inside").mkdir(parents=True)
    contents = {name: document for name, document in made.items() if name != "inside"}
    contents |= {f"inside/{host}": document for host, document in made["inside"].items()}
    for name, content in contents.items():
        (folder / f"{name}.json").write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    return folder
