"""One row a case: the rule, what it must say, on which host, and what differs from the good room."""

from __future__ import annotations

from typing import Any

from exam_room.look.policies import POLICIES, USER_POLICIES, concerned
from unit.compliance.case import FAILED, NOT_APPLICABLE, PASSED, UNKNOWN, rule
from unit.compliance.good_room import ADMINISTRATORS, CHANGE, FULL, GONE, SEATS, SYSTEM, UNREAD, ace, proof, sid

SEAT_ACES = [ace(sid(number), CHANGE) for number in SEATS]
REPEATED = [
    {"kind": kind, "enabled": True, "start": None, "end": None, "interval": "PT1M", "duration": None}
    for kind in ("time", "boot")
]
OPEN, REFUSED = {"answer": "open"}, {"answer": "refused", "status": "STATUS_ACCESS_DENIED"}


def _unset(host: str, purpose: str, which: int) -> dict[str, Any]:
    """The policy of a purpose that is not set on a host, by its place among them."""
    mine = concerned(client=host != "server")
    place = [number for number, one in enumerate(mine) if one.purpose == purpose][which]
    return {f"inside/{host}/policies/value/{place}": mine[place].found(None)}


def _site_without(purpose: str) -> dict[str, Any]:
    return {"plan/quiet": sorted({one.purpose for one in POLICIES} - {purpose})}


_CLOSED = next(one for one in POLICIES if one.purpose == "removable_storage")
_SAVER, _TOASTS = USER_POLICIES
_PC, _OUT = "inside/pc01", "outside"
_SEAT = f"{_PC}/user_policies/value/1/policies"
_IDENTITY, _USERS = f"{_PC}/identity/value", f"{_PC}/accounts/value/users"
_TRY, _SHARES = f"{_OUT}/tries/KS01/value", f"{_OUT}/shares/value"
_PORTS, _FOLDER = f"{_OUT}/clients/pc01/value/ports", f"{_OUT}/folders/seats/KS01"
_PERMISSIONS = f"{_SHARES}/2/permissions"
_LOGON, _SERVICE = f"{_PC}/auto_logon/value", f"{_PC}/services/value/LanmanServer"
_DRIVES = "inside/server/optical_drives"
_TASKS = "inside/server/task_settings"
_SWITCH = f"{_TASKS}/value/0"
_ANTIVIRUS = f"{_PC}/antivirus"
_DEFENDER, _PRODUCTS = f"{_ANTIVIRUS}/value/defender", f"{_ANTIVIRUS}/value/products"
_HUORONG = {"name": "火绒安全软件", "enabled": True, "up_to_date": True, "defender": False}
_VIRUS = {
    "name": "Virus:DOS/EICAR_Test_File",
    "at": "2026-11-24T08:03:00Z",
    "files": [r"file:_C:\Users\a.com"],
    "dealt_with": True,
}
_SOFTWARE = f"{_PC}/software"
_OFFICE = f"{_SOFTWARE}/value/1"
_BASELINE = "plan/session/exam/software"
_SUNLOGIN = {"name": "向日葵远程控制", "version": "15.3", "publisher": "上海贝锐信息科技", "view": "32", "key": "Oray"}
_LEFT = f"{_PC}/leftovers"
_FOUND = {
    "path": "C:\\Users\\x.tmp",
    "size": 1,
    "written": "",
    "sha256": "",
    "why": "content",
    "zh": "同",
    "en": "same",
}
_DENIED = {"path": "C:\\Users\\KS01", "code": 5, "zh": "拒绝访问", "en": "access denied"}
_RAW = "outside/folders/material/value"
_RAW_CONTENT = f"{_RAW}/closed/content/value"
_RAW_FILE: dict[str, Any] = {"path": "第一单元\\素材.txt", "size": 3, "sha256": "ab"}
_RAW_THERE = {"content": {"value": [_RAW_FILE]}}
_EXAM, _STAFF = "plan/session/exam", "plan/session/staff"
_OFF = {f"{_EXAM}/clauses": {"V5": {"antivirus": {"protection": "disabled", "reason": "拦截考试软件"}}}}
_EITHER = {f"{_EXAM}/clauses": {"V5": {"antivirus": {"protection": "optional", "reason": "不联网"}}}}
_S2 = {"candidates_each": 15, "at_least": 3, "odd": True}
_S2_THEORY = {"candidates_each": 15, "at_least": 2, "odd": False}
_CARD, _PC_CARD = "inside/server/restore_protection", f"{_PC}/restore_protection"
_UWF_OFF = {"enabled": False, "enabled_next": False, "volumes": ["D:"], "volumes_next": ["D:"]}
_BEFORE = {"chosen_at": "2026-11-23T22:30:00.000Z"}
_BROKEN = {"looked_at": None, "broken": "did not come back"}
_KILLED: dict[str, Any] = {"looked_at": None, "boot_time": None, "stayed": []}


def _proof(host: str, undone: bool, **changes: Any) -> dict[str, Any]:
    """What a restart proved on the host."""
    return {f"restore_cards/hosts/{host}": proof(host, undone, **changes)}


CASES = [
    *rule(
        "test_workgroup",
        "pc01",
        (PASSED, "other letter case", {f"{_IDENTITY}/workgroup": "Kaochang"}),
        (FAILED, "another workgroup", {f"{_IDENTITY}/workgroup": "KAOCHANG2"}),
        (FAILED, "a domain of that name", {f"{_IDENTITY}/part_of_domain": True}),
        (UNKNOWN, "not read", {f"{_PC}/identity": UNREAD}),
        (UNKNOWN, "no answer in it", {f"{_IDENTITY}/workgroup": None}),
        (UNKNOWN, "no such section", {f"{_PC}/identity": GONE}),
    ),
    *rule(
        "test_name",
        "server",
        (PASSED, "other letter case", {"inside/server/identity/value/name": "Server"}),
        (FAILED, "the name Windows chose", {"inside/server/identity/value/name": "WIN-7PQ3"}),
        (UNKNOWN, "not read", {"inside/server/identity": UNREAD}),
        (UNKNOWN, "no answer in it", {"inside/server/identity/value/name": None}),
    ),
    *rule(
        "test_address",
        "pc01",
        (
            PASSED,
            "on the second adapter, after IPv6",
            {
                f"{_PC}/adapters/value/1/addresses": ["fe80::1", "192.168.10.101"],
                f"{_PC}/adapters/value/1/masks": ["64", "255.255.255.0"],
            },
        ),
        (FAILED, "the neighbour's address", {f"{_PC}/adapters/value/1/addresses": ["192.168.10.102"]}),
        (FAILED, "another mask", {f"{_PC}/adapters/value/1/masks": ["255.255.0.0"]}),
        (
            FAILED,
            "planned outside the network, whatever else is unread",
            {
                "plan/seats/0/address": "192.168.11.101",
                f"{_PC}/adapters": UNREAD,
            },
        ),
        (UNKNOWN, "not read", {f"{_PC}/adapters": UNREAD}),
        (UNKNOWN, "a mask that is none", {f"{_PC}/adapters/value/1/masks": ["?"]}),
    ),
    *rule(
        "test_seat_order",
        "room",
        (
            PASSED,
            "listed in another order",
            {
                "plan/seats/0/number": 2,
                "plan/seats/0/account": "KS02",
                "plan/seats/1/number": 1,
                "plan/seats/1/account": "KS01",
            },
        ),
        (FAILED, "twice but for letter case", {"plan/seats/1/account": "ks01"}),
        (FAILED, "out of order", {"plan/seats/0/account": "KS02", "plan/seats/1/account": "KS01"}),
        (UNKNOWN, "no accounts in the plan", {"plan/seats/1/account": GONE}),
    ),
    *rule(
        "test_account_of_the_client",
        "pc01",
        (PASSED, "other letter case", {f"{_USERS}/2/name": "ks01"}),
        (FAILED, "switched off", {f"{_USERS}/2/disabled": True}),
        (FAILED, "another name", {f"{_USERS}/2/name": "KS011"}),
        (UNKNOWN, "not read", {f"{_PC}/accounts": UNREAD}),
        (UNKNOWN, "not read whether it is on", {f"{_USERS}/2/disabled": None}),
    ),
    *rule(
        "test_no_other_seat_account",
        "pc01",
        (PASSED, "a name that only begins alike", {f"{_USERS}/1/name": "KS021"}),
        (FAILED, "the neighbour's, switched off", {f"{_USERS}/1/name": "ks02"}),
        (UNKNOWN, "not read", {f"{_PC}/accounts": UNREAD}),
    ),
    *rule(
        "test_account_is_no_administrator",
        "pc01",
        (PASSED, "another person is", {f"{_PC}/accounts/value/administrators/0/name": "KS011"}),
        (FAILED, "it is", {f"{_PC}/accounts/value/administrators/0/name": "ks01"}),
        (UNKNOWN, "not read", {f"{_PC}/accounts": UNREAD}),
        (UNKNOWN, "nobody is, which cannot be", {f"{_PC}/accounts/value/administrators": []}),
    ),
    *rule(
        "test_server_has_the_account",
        "pc01",
        (PASSED, "switched off until the room opens", {f"{_OUT}/accounts/value/seats/KS01/enabled": False}),
        (FAILED, "none", {f"{_OUT}/accounts/value/seats/KS01": None}),
        (FAILED, "locked out", {f"{_OUT}/accounts/value/seats/KS01/locked": True}),
        (UNKNOWN, "not read", {f"{_OUT}/accounts": UNREAD}),
        (UNKNOWN, "not asked for", {f"{_OUT}/accounts/value/seats/KS01": GONE}),
    ),
    *rule(
        "test_folder_is_for_its_account_only",
        "pc01",
        (PASSED, "exactly as asked for", {f"{_FOLDER}/value/files": 0}),
        (FAILED, "another access list", {f"{_FOLDER}/value/exact": False}),
        (FAILED, "no folder", {f"{_FOLDER}/value": None}),
        (UNKNOWN, "not read", {_FOLDER: UNREAD}),
        (UNKNOWN, "no account to compare with", {f"{_FOLDER}/value/exact": None}),
    ),
    *rule(
        "test_own_folder_opens",
        "pc01",
        (PASSED, "it does", {f"{_TRY}/own": OPEN}),
        (FAILED, "access refused", {f"{_TRY}/own": REFUSED}),
        (UNKNOWN, "log-on refused", {_TRY: {"state": "refused", "status": "STATUS_LOGON_FAILURE"}}),
        (FAILED, "no share", {_TRY: {"state": "no_share", "status": "STATUS_BAD_NETWORK_NAME"}}),
        (UNKNOWN, "not tried", {f"{_OUT}/tries/KS01": GONE}),
        (UNKNOWN, "server away", {f"{_OUT}/tries/KS01": UNREAD}),
        (UNKNOWN, "door without answer", {f"{_TRY}/own": UNREAD}),
        (UNKNOWN, "switched off", {_TRY: {"state": "disabled", "status": "STATUS_ACCOUNT_DISABLED"}}),
    ),
    *rule(
        "test_other_folders_stay_shut",
        "pc01",
        (PASSED, "not even seen", {f"{_TRY}/neighbours/KS02/list": {"answer": "absent"}}),
        (PASSED, "no neighbour", {f"{_TRY}/neighbours": {}}),
        (FAILED, "listing opens", {f"{_TRY}/neighbours/KS02/list": OPEN}),
        (
            PASSED,
            "the neighbour's folder is to blame",
            {f"{_TRY}/neighbours/KS02/list": OPEN, f"{_OUT}/folders/seats/KS02/value/exact": False},
        ),
        (
            FAILED,
            "who is to blame is not known",
            {f"{_TRY}/neighbours/KS02/list": OPEN, f"{_OUT}/folders/seats/KS02": UNREAD},
        ),
        (FAILED, "writing into the root", {f"{_TRY}/root/write": OPEN}),
        (
            FAILED,
            "one opens, one without answer",
            {
                f"{_TRY}/neighbours/KS02": {"list": UNREAD, "write": OPEN},
            },
        ),
        (UNKNOWN, "door without answer", {f"{_TRY}/neighbours/KS02/write": UNREAD}),
        (UNKNOWN, "log-on refused", {_TRY: {"state": "refused", "status": "STATUS_LOGON_FAILURE"}}),
        (UNKNOWN, "not tried", {f"{_OUT}/tries/KS01": UNREAD}),
    ),
    *rule(
        "test_material_is_closed",
        "pc01",
        (PASSED, "seen but refused", {f"{_TRY}/material/list": REFUSED}),
        (FAILED, "it can be read", {f"{_TRY}/material/list": OPEN}),
        (FAILED, "it can be written", {f"{_TRY}/material/write": OPEN}),
        (UNKNOWN, "door without answer", {f"{_TRY}/material/list": UNREAD}),
        (UNKNOWN, "switched off", {_TRY: {"state": "disabled", "status": "STATUS_ACCOUNT_DISABLED"}}),
        (UNKNOWN, "not tried", {f"{_OUT}/tries/KS01": UNREAD}),
    ),
    *rule(
        "test_share_gives_change_and_never_full",
        "server",
        (
            PASSED,
            "deleting in subfolders is part of Change",
            {
                _PERMISSIONS: [ace(ADMINISTRATORS, FULL), *(ace(sid(number), "0x001301ff") for number in SEATS)],
            },
        ),
        (FAILED, "no share", {f"{_SHARES}/2": GONE}),
        (FAILED, "no share, accounts unread", {f"{_SHARES}/2": GONE, f"{_OUT}/accounts": UNREAD}),
        (
            FAILED,
            "Everyone, accounts unread",
            {
                f"{_PERMISSIONS}/0/sid": "S-1-1-0",
                f"{_OUT}/accounts": UNREAD,
            },
        ),
        (FAILED, "one seat has Full", {f"{_PERMISSIONS}/1/mask": FULL}),
        (
            FAILED,
            "Full beside Change",
            {
                _PERMISSIONS: [ace(ADMINISTRATORS, FULL), ace(sid(1), FULL), *SEAT_ACES],
            },
        ),
        (FAILED, "one seat reads only", {f"{_PERMISSIONS}/1/mask": "0x001200a9"}),
        (FAILED, "one seat is missing", {f"{_PERMISSIONS}/1": GONE}),
        (FAILED, "somebody else besides", {_PERMISSIONS: [ace(ADMINISTRATORS, FULL), ace(SYSTEM, FULL), *SEAT_ACES]}),
        (UNKNOWN, "shares not read", {f"{_OUT}/shares": UNREAD}),
        (UNKNOWN, "permissions not read", {_PERMISSIONS: UNREAD}),
        (UNKNOWN, "no descriptor", {_PERMISSIONS: None}),
        (UNKNOWN, "accounts not read", {f"{_OUT}/accounts": UNREAD}),
    ),
    *rule(
        "test_server_shares_nothing_else",
        "server",
        (PASSED, "administrative shares", {f"{_SHARES}/0/name": "ADMIN$", f"{_SHARES}/1/name": "e$"}),
        (FAILED, "another share", {f"{_SHARES}/1": {"name": "答案", "special": False}}),
        (FAILED, "a hidden share", {f"{_SHARES}/1": {"name": "answers$", "special": True}}),
        (FAILED, "not even the exam folder", {f"{_SHARES}/2": GONE}),
        (UNKNOWN, "not read", {f"{_OUT}/shares": UNREAD}),
    ),
    *rule(
        "test_client_shares_nothing",
        "pc01",
        (PASSED, "none at all", {f"{_PC}/shares/value": []}),
        (FAILED, "one folder", {f"{_PC}/shares/value/0": {"name": "共享", "path": "C:\\a", "special": False}}),
        (UNKNOWN, "not read", {f"{_PC}/shares": UNREAD}),
    ),
    *rule(
        "test_file_service_is_off",
        "pc01",
        (PASSED, "there is none", {_SERVICE: None}),
        (FAILED, "stopped for now", {f"{_SERVICE}/start_mode": "Manual"}),
        (FAILED, "still running", {f"{_SERVICE}/state": "Running"}),
        (UNKNOWN, "not read", {f"{_PC}/services": UNREAD}),
        (UNKNOWN, "no state in it", {f"{_SERVICE}/state": None}),
    ),
    *rule(
        "test_ports_are_closed",
        "pc01",
        (PASSED, "refused", {_PORTS: {"445": "refused", "139": "refused"}}),
        (PASSED, "dropped by a computer that is on", {_PORTS: {"445": "timeout", "139": "timeout"}}),
        (FAILED, "445 open", {f"{_PORTS}/445": "open"}),
        (FAILED, "139 open, 445 unreachable", {_PORTS: {"445": "unreachable", "139": "open"}}),
        (UNKNOWN, "unreachable", {f"{_PORTS}/445": "unreachable"}),
        (UNKNOWN, "silent, and so is the computer", {"inside/pc01": GONE}),
        (UNKNOWN, "139 not knocked at", {_PORTS: {"445": "refused"}}),
        (UNKNOWN, "not read", {f"{_OUT}/clients/pc01": UNREAD}),
    ),
    *rule(
        "test_firewall_is_on",
        "pc01",
        (PASSED, "on for all", {f"{_PC}/firewall/value/Public/enabled": True}),
        (FAILED, "off for one", {f"{_PC}/firewall/value/Public/enabled": False}),
        (
            FAILED,
            "off for one, another not configured",
            {
                f"{_PC}/firewall/value/Public/enabled": False,
                f"{_PC}/firewall/value/Domain/enabled": None,
            },
        ),
        (UNKNOWN, "not configured", {f"{_PC}/firewall/value/Public/enabled": None}),
        (UNKNOWN, "a profile missing", {f"{_PC}/firewall/value/Public": GONE}),
        (UNKNOWN, "not read", {f"{_PC}/firewall": UNREAD}),
    ),
    *rule(
        "test_own_account_signs_in",
        "pc01",
        (PASSED, "other letter case", {f"{_LOGON}/user": "ks01"}),
        (PASSED, "by slip", {"plan/sign_in": "slips", f"{_LOGON}/enabled": False}),
        (FAILED, "by slip, yet automatic", {"plan/sign_in": "slips"}),
        (FAILED, "another account", {f"{_LOGON}/user": "KS02"}),
        (FAILED, "off", {f"{_LOGON}/enabled": False}),
        (FAILED, "password readable", {f"{_LOGON}/plain_password": True}),
        (UNKNOWN, "not read", {f"{_PC}/auto_logon": UNREAD}),
    ),
    *rule(
        "test_drive_is_mapped_at_sign_in",
        "pc01",
        (
            PASSED,
            "beside another task",
            {
                f"{_PC}/tasks/value": [
                    {"path": "\\Exam\\", "name": name, "enabled": True} for name in ("Other", "Map the exam folder")
                ],
            },
        ),
        (FAILED, "disabled", {f"{_PC}/tasks/value/0/enabled": False}),
        (FAILED, "none", {f"{_PC}/tasks/value": []}),
        (UNKNOWN, "state not read", {f"{_PC}/tasks/value/0/enabled": None}),
        (UNKNOWN, "not read", {f"{_PC}/tasks": UNREAD}),
    ),
    *rule(
        "test_switch_is_there",
        "server",
        (PASSED, "the account as its SID", {f"{_SWITCH}/user": "S-1-5-18"}),
        (
            PASSED,
            "other letter case",
            {
                f"{_SWITCH}/name": "CUT OFF AT THE DEADLINE",
                f"{_SWITCH}/actions/0/arguments": r"-File c:\program files\examroom\stop-examsession.ps1",
            },
        ),
        (FAILED, "no task", {f"{_TASKS}/value": []}),
        (FAILED, "disabled", {f"{_SWITCH}/enabled": False}),
        (FAILED, "another account", {f"{_SWITCH}/user": "Administrator"}),
        (FAILED, "without its privileges, account unread", {f"{_SWITCH}/run_level": 0, f"{_SWITCH}/user": None}),
        (FAILED, "another script", {f"{_SWITCH}/actions/0/arguments": r"-File C:\Exam\Stop-ExamSession.ps1"}),
        (FAILED, "no action", {f"{_SWITCH}/actions": []}),
        (UNKNOWN, "not read", {_TASKS: UNREAD}),
        (UNKNOWN, "no such section", {_TASKS: GONE}),
        (UNKNOWN, "state not read", {f"{_SWITCH}/enabled": None}),
        (UNKNOWN, "arguments not read", {f"{_SWITCH}/actions/0/arguments": None}),
    ),
    *rule(
        "test_switch_can_fire",
        "server",
        (PASSED, "beside another trigger", {f"{_SWITCH}/triggers": [*REPEATED, {**REPEATED[0], "interval": "PT5M"}]}),
        (FAILED, "no task", {f"{_TASKS}/value": []}),
        (FAILED, "no boot trigger", {f"{_SWITCH}/triggers/1": GONE}),
        (FAILED, "boot once only", {f"{_SWITCH}/triggers/1/interval": None}),
        (FAILED, "each two minutes", {f"{_SWITCH}/triggers/0/interval": "PT2M"}),
        (FAILED, "for a day only", {f"{_SWITCH}/triggers/0/duration": "P1D"}),
        (FAILED, "until a moment", {f"{_SWITCH}/triggers/0/end": "2030-01-01T00:00:00"}),
        (FAILED, "trigger off", {f"{_SWITCH}/triggers/1/enabled": False}),
        (FAILED, "not on batteries", {f"{_SWITCH}/not_on_batteries": True}),
        (
            FAILED,
            "stopped on batteries, the other unread",
            {
                f"{_SWITCH}/stop_on_batteries": True,
                f"{_SWITCH}/not_on_batteries": None,
            },
        ),
        (FAILED, "killed after a while", {f"{_SWITCH}/time_limit": "PT30S"}),
        (FAILED, "a second one beside it", {f"{_SWITCH}/multiple_instances": 0}),
        (UNKNOWN, "not read", {_TASKS: UNREAD}),
        (UNKNOWN, "trigger's state not read", {f"{_SWITCH}/triggers/0/enabled": None}),
        (UNKNOWN, "batteries not read", {f"{_SWITCH}/not_on_batteries": None}),
    ),
    *rule(
        "test_server_has_a_burner",
        "server",
        (
            PASSED,
            "beside one that only reads",
            {
                f"{_DRIVES}/value": [
                    {"drive": "E:", "name": "ROM", "capabilities": [3, 7], "can_write": False},
                    {"drive": "F:", "name": "RW", "capabilities": [3, 4, 7], "can_write": True},
                ],
            },
        ),
        (
            FAILED,
            "only reads",
            {
                f"{_DRIVES}/value/0": {"drive": "E:", "name": "ROM", "capabilities": [3, 7], "can_write": False},
            },
        ),
        (FAILED, "no drive", {f"{_DRIVES}/value": []}),
        (UNKNOWN, "not read", {_DRIVES: UNREAD}),
        (
            UNKNOWN,
            "does not tell",
            {
                f"{_DRIVES}/value/0": {"drive": "E:", "name": "?", "capabilities": [], "can_write": False},
            },
        ),
    ),
    *rule(
        "test_server_has_no_restore_card_at_work",
        "server",
        (
            PASSED,
            "in install mode",
            {f"{_CARD}/value/drivers": ["Ntfs", "DeepFrz"], f"{_CARD}/value/deep_freeze": "Thawed"},
        ),
        (PASSED, "filter off", {f"{_CARD}/value/drivers": ["uwfvol"], f"{_CARD}/value/uwf": _UWF_OFF}),
        (
            FAILED,
            "at work, in other letters",
            {f"{_CARD}/value/services": ["DFSERV"], f"{_CARD}/value/deep_freeze": "FROZEN"},
        ),
        (FAILED, "a driver of the kind", {f"{_CARD}/value/drivers": ["Ntfs", "diskpt"]}),
        (
            FAILED,
            "filter on after the next start",
            {f"{_CARD}/value/drivers": ["uwfvol"], f"{_CARD}/value/uwf": _UWF_OFF | {"enabled_next": True}},
        ),
        (PASSED, "a restart undid nothing", _proof("server", False)),
        (
            PASSED,
            "a driver of the kind, yet a restart undid nothing",
            {f"{_CARD}/value/drivers": ["Ntfs", "diskpt"]} | _proof("server", False),
        ),
        (
            PASSED,
            "does not say, yet a restart undid nothing",
            {f"{_CARD}/value/drivers": ["DeepFrz"]} | _proof("server", False),
        ),
        (FAILED, "a restart undid what was written", _proof("server", True)),
        (FAILED, "a restart undid what was written, before the last prepare", _proof("server", True, **_BEFORE)),
        (FAILED, "a restart undid what was written, and the next proof broke off", _proof("server", True, **_BROKEN)),
        (FAILED, "a restart undid what was written, drivers unread", {_CARD: UNREAD} | _proof("server", True)),
        (
            FAILED,
            "on since a restart undid nothing",
            {f"{_CARD}/value/services": ["DFServ"], f"{_CARD}/value/deep_freeze": "Frozen"} | _proof("server", False),
        ),
        (
            FAILED,
            "a driver of the kind, and a proof older than prepare",
            {f"{_CARD}/value/drivers": ["Ntfs", "diskpt"]} | _proof("server", False, **_BEFORE),
        ),
        (
            FAILED,
            "a driver of the kind, and a proof that was cut short",
            {f"{_CARD}/value/drivers": ["Ntfs", "diskpt"]} | _proof("server", False, **_KILLED),
        ),
        (UNKNOWN, "not read", {_CARD: UNREAD}),
        (UNKNOWN, "not read, although a restart undid nothing", {_CARD: UNREAD} | _proof("server", False)),
        (UNKNOWN, "a proof that is damaged", {"restore_cards/hosts/server": UNREAD}),
        (UNKNOWN, "no driver read", {f"{_CARD}/value/drivers": []}),
        (UNKNOWN, "does not say", {f"{_CARD}/value/drivers": ["DeepFrz"], f"{_CARD}/value/deep_freeze": None}),
        (UNKNOWN, "filter not asked", {f"{_CARD}/value/drivers": ["uwfvol"], f"{_CARD}/value/uwf": None}),
    ),
    *rule(
        "test_client_is_protected_by_a_restore_card",
        "pc01",
        (PASSED, "another product", {f"{_PC_CARD}/value/drivers": ["diskpt"], f"{_PC_CARD}/value/uwf": None}),
        (FAILED, "none", {f"{_PC_CARD}/value/drivers": ["Ntfs"], f"{_PC_CARD}/value/uwf": None}),
        (FAILED, "filter without a volume", {f"{_PC_CARD}/value/uwf/volumes": []}),
        (FAILED, "in install mode", {f"{_PC_CARD}/value/uwf/enabled": False}),
        (
            PASSED,
            "a card that nobody knows, and a restart undid what was written",
            {f"{_PC_CARD}/value/drivers": ["Ntfs"], f"{_PC_CARD}/value/uwf": None} | _proof("pc01", True),
        ),
        (PASSED, "a restart undid what was written, drivers unread", {_PC_CARD: UNREAD} | _proof("pc01", True)),
        (PASSED, "on, and an old proof of the opposite", _proof("pc01", False, **_BEFORE)),
        (PASSED, "on, and a proof that broke off", _proof("pc01", False, broken="did not come back")),
        (FAILED, "on, yet a restart undid nothing", _proof("pc01", False)),
        (FAILED, "switched off since the proof", {f"{_PC_CARD}/value/uwf/enabled": False} | _proof("pc01", True)),
        (UNKNOWN, "not read", {_PC_CARD: UNREAD}),
        (UNKNOWN, "does not say", {f"{_PC_CARD}/value/uwf/enabled": None}),
    ),
    *rule(
        "test_duration",
        "room",
        (PASSED, "longer than a minimum", {f"{_EXAM}/duration": {"rule": "minimum", "seconds": 7199}}),
        (PASSED, "a rehearsal", {f"{_EXAM}/duration": {"rule": "free", "seconds": 60}}),
        (FAILED, "a second too long", {"plan/session/duration_seconds": 7201}),
        (FAILED, "a second below a minimum", {f"{_EXAM}/duration": {"rule": "minimum", "seconds": 7201}}),
        (UNKNOWN, "not in the plan", {"plan/session/duration_seconds": GONE}),
    ),
    *rule(
        "test_assessors",
        "room",
        (PASSED, "thirty for one", {"plan/candidates": 30}),
        (FAILED, "thirty-one for one", {"plan/candidates": 31}),
        (
            FAILED,
            "an even number where it must be odd",
            {f"{_EXAM}/assessors": _S2, f"{_STAFF}/assessors": [*"甲乙丙丁"]},
        ),
        (PASSED, "three of S2", {f"{_EXAM}/assessors": _S2, f"{_STAFF}/assessors": [*"甲乙丙"]}),
        (UNKNOWN, "no candidates", {"plan/candidates": 0}),
        (NOT_APPLICABLE, "none asked for, as in theory", {f"{_EXAM}/assessors": None}),
        (UNKNOWN, "no staff in the plan", {f"{_STAFF}/assessors": GONE}),
    ),
    *rule(
        "test_invigilators",
        "room",
        (PASSED, "two of S2", {f"{_EXAM}/invigilators": _S2_THEORY, f"{_STAFF}/invigilators": [*"甲乙"]}),
        (FAILED, "one of S2", {f"{_EXAM}/invigilators": _S2_THEORY, f"{_STAFF}/invigilators": ["甲"]}),
        (NOT_APPLICABLE, "none asked for", {}),
        (UNKNOWN, "no rule in the plan", {f"{_EXAM}/invigilators": GONE}),
    ),
    *rule(
        "test_antivirus_at_work",
        "pc01",
        (PASSED, "signatures just new enough", {f"{_DEFENDER}/signature_age_days": 30}),
        (
            PASSED,
            "another product, Defender off",
            {f"{_DEFENDER}/enabled": False, f"{_DEFENDER}/real_time": False, f"{_PRODUCTS}": [_HUORONG]},
        ),
        (PASSED, "another product, no Defender", {_DEFENDER: None, _PRODUCTS: [_HUORONG]}),
        (FAILED, "a day too old", {f"{_DEFENDER}/signature_age_days": 31}),
        (FAILED, "real-time protection off", {f"{_DEFENDER}/real_time": False}),
        (FAILED, "off", {f"{_DEFENDER}/enabled": False}),
        (FAILED, "none at all", {_DEFENDER: None, _PRODUCTS: []}),
        (FAILED, "another product out of date", {_DEFENDER: None, _PRODUCTS: [_HUORONG | {"up_to_date": False}]}),
        (FAILED, "another product off", {_DEFENDER: None, _PRODUCTS: [_HUORONG | {"enabled": False}]}),
        (UNKNOWN, "not read", {_ANTIVIRUS: UNREAD}),
        (UNKNOWN, "age not known", {f"{_DEFENDER}/signature_age_days": None}),
        (UNKNOWN, "real-time protection not read", {f"{_DEFENDER}/real_time": None}),
        (UNKNOWN, "the plan does not say", {f"{_EXAM}/clauses": GONE}),
        (FAILED, "on where the exam wants it off", _OFF),
        (PASSED, "off where the exam wants it off", _OFF | {f"{_DEFENDER}/real_time": False}),
        (FAILED, "another product on", _OFF | {f"{_DEFENDER}/enabled": False, _PRODUCTS: [_HUORONG]}),
        (PASSED, "no product at all", _OFF | {_DEFENDER: None, _PRODUCTS: []}),
        (UNKNOWN, "whether it is off was not read", _OFF | {f"{_DEFENDER}/real_time": None}),
        (UNKNOWN, "other products were not read", _OFF | {f"{_DEFENDER}/real_time": False, _PRODUCTS: None}),
        (PASSED, "off where either will do", _EITHER | {f"{_DEFENDER}/real_time": False}),
        (PASSED, "on where either will do", _EITHER | {f"{_DEFENDER}/signature_age_days": 31}),
        (UNKNOWN, "not read where either will do", _EITHER | {_ANTIVIRUS: UNREAD}),
    ),
    *rule(
        "test_antivirus_at_work",
        "server",
        (UNKNOWN, "another product does not show", {"inside/server/antivirus/value/defender": None}),
        (UNKNOWN, "nor one that switched Defender off", {"inside/server/antivirus/value/defender/enabled": False}),
        (FAILED, "real-time protection of the server off", {"inside/server/antivirus/value/defender/real_time": False}),
        (PASSED, "on, whatever the exam wants of the clients", _OFF),
        (FAILED, "off, whatever the exam wants", _OFF | {"inside/server/antivirus/value/defender/real_time": False}),
    ),
    *rule(
        "test_no_update_disturbs",
        "server",
        (PASSED, "where the site wants it otherwise", _site_without("updates") | _unset("server", "updates", 0)),
        (FAILED, "a person's updates may restart it", _unset("server", "updates", 3)),
        (UNKNOWN, "not read", {"inside/server/policies": UNREAD}),
        (UNKNOWN, "the plan does not say", {"plan/quiet": GONE}),
    ),
    *rule(
        "test_stays_awake",
        "pc01",
        (PASSED, "all set", {}),
        (FAILED, "sleeps on mains", _unset("pc01", "sleep", 0)),
        (FAILED, "sleeps on battery", _unset("pc01", "sleep", 1)),
        (FAILED, "its display goes off on battery", _unset("pc01", "sleep", 5)),
        (UNKNOWN, "not read", {f"{_PC}/policies": UNREAD}),
    ),
    *rule(
        "test_no_message_disturbs",
        "pc01",
        (PASSED, "all set", {}),
        (FAILED, "messages of the cloud", _unset("pc01", "notifications", 0)),
        (UNKNOWN, "none of them read", {f"{_PC}/policies/value": []}),
    ),
    *rule(
        "test_no_program_disturbs",
        "pc01",
        (PASSED, "all set, whatever another account has", {}),
        (FAILED, "a screen saver", {f"{_SEAT}/0": _SAVER.found("1")}),
        (FAILED, "nothing said of the screen saver", {f"{_SEAT}/0": _SAVER.found(None)}),
        (FAILED, "a number where Windows wants a text", {f"{_SEAT}/0": _SAVER.found(0)}),
        (FAILED, "messages of programs", {f"{_SEAT}/1": _TOASTS.found(0)}),
        (
            PASSED,
            "messages where the site does not mind",
            _site_without("notifications") | {f"{_SEAT}/1": _TOASTS.found(0)},
        ),
        (PASSED, "where the site minds neither", {"plan/quiet": ["updates"], f"{_PC}/user_policies": UNREAD}),
        (UNKNOWN, "another is signed in", {f"{_PC}/user_policies/value/1": GONE}),
        (NOT_APPLICABLE, "signing in by slip", {f"{_PC}/user_policies/value/1": GONE, "plan/sign_in": "slips"}),
        (UNKNOWN, "one of them not read", {f"{_SEAT}/1": GONE}),
        (UNKNOWN, "not read", {f"{_PC}/user_policies": UNREAD}),
        (UNKNOWN, "of an older collector", {f"{_PC}/user_policies": GONE}),
    ),
    *rule(
        "test_removable_storage_is_closed",
        "pc01",
        (PASSED, "closed", {}),
        (
            PASSED,
            "open where the site wants it",
            _site_without("removable_storage") | _unset("pc01", "removable_storage", 0),
        ),
        (FAILED, "open", _unset("pc01", "removable_storage", 0)),
        (FAILED, "set, but not to closed", {f"{_PC}/policies/value": [_CLOSED.found(0)]}),
        (UNKNOWN, "not read", {f"{_PC}/policies": UNREAD}),
    ),
    *rule(
        "test_no_active_threat",
        "pc01",
        (PASSED, "none", {}),
        (PASSED, "one that the last scan removed", {f"{_DEFENDER}/found": [_VIRUS]}),
        (PASSED, "none that shows, without Defender", {_DEFENDER: None, _PRODUCTS: [_HUORONG]}),
        (FAILED, "one", {f"{_DEFENDER}/threats": ["Virus:DOS/EICAR_Test_File"]}),
        (FAILED, "one that the last scan left", {f"{_DEFENDER}/found": [_VIRUS | {"dealt_with": False}]}),
        (FAILED, "one of which that is not known", {f"{_DEFENDER}/found": [_VIRUS, _VIRUS | {"dealt_with": None}]}),
        (UNKNOWN, "not read", {_ANTIVIRUS: UNREAD}),
        (UNKNOWN, "what was found was not read", {f"{_DEFENDER}/found": GONE}),
    ),
    *rule(
        "test_scanned_lately",
        "pc01",
        (PASSED, "a week ago", {f"{_DEFENDER}/scan_age_days": 7}),
        (FAILED, "longer ago", {f"{_DEFENDER}/scan_age_days": 8}),
        (FAILED, "never", {f"{_DEFENDER}/scan_age_days": None}),
        (PASSED, "where the exam wants no protection", _EITHER | {f"{_DEFENDER}/scan_age_days": 99}),
        (NOT_APPLICABLE, "by another product", {_PRODUCTS: [_HUORONG]}),
        (UNKNOWN, "not read", {_ANTIVIRUS: UNREAD}),
    ),
    *rule(
        "test_required_software",
        "pc01",
        (PASSED, "just new enough", {f"{_OFFICE}/version": "12.1"}),
        (
            PASSED,
            "in another language, version beside an old one",
            {
                f"{_OFFICE}/name": "ＷＰＳ office 专业版",
                f"{_SOFTWARE}/value/0/name": "WPS Office",
                f"{_SOFTWARE}/value/0/version": "9.9",
            },
        ),
        (PASSED, "nothing required, whatever is unread", {f"{_BASELINE}/required": [], _SOFTWARE: UNREAD}),
        (FAILED, "just too old", {f"{_OFFICE}/version": "12.0.9999"}),
        (FAILED, "ten is more than nine", {f"{_OFFICE}/version": "9.10"}),
        (FAILED, "none", {_OFFICE: GONE}),
        (FAILED, "a name that only begins alike", {f"{_OFFICE}/name": "WPS Offline"}),
        (
            FAILED,
            "one missing, another unreadable",
            {
                f"{_BASELINE}/required": [
                    {"name": "PS", "match": ["Adobe Photoshop*"], "hosts": "all"},
                    {"name": "WPS Office", "match": ["WPS Office*"], "minimum": "12.1"},
                ],
                f"{_OFFICE}/version": "?",
            },
        ),
        (UNKNOWN, "a version that is none", {f"{_OFFICE}/version": "12.1 beta"}),
        (UNKNOWN, "no version", {f"{_OFFICE}/version": None}),
        (UNKNOWN, "not read", {_SOFTWARE: UNREAD}),
        (UNKNOWN, "no program read", {f"{_SOFTWARE}/value": []}),
        (UNKNOWN, "the plan does not say", {_BASELINE: GONE}),
    ),
    *rule(
        "test_required_software",
        "server",
        (PASSED, "the clients' does not concern it", {}),
        (FAILED, "not on the server", {f"{_BASELINE}/required/0/hosts": "all"}),
    ),
    *rule(
        "test_no_forbidden_software",
        "pc01",
        (PASSED, "allowed by the exam", {_OFFICE: _SUNLOGIN, f"{_BASELINE}/allowed": ["sunlogin"]}),
        (
            PASSED,
            "required by the exam",
            {
                _OFFICE: _SUNLOGIN,
                f"{_BASELINE}/required/0": {"name": "向日葵", "match": ["向日葵*"], "hosts": "clients"},
            },
        ),
        (FAILED, "remote control", {_OFFICE: _SUNLOGIN}),
        (FAILED, "known by its publisher", {f"{_OFFICE}/publisher": "TeamViewer Germany GmbH", f"{_OFFICE}/name": "X"}),
        (FAILED, "forbidden by the exam", {f"{_OFFICE}/name": "超级答题助手 3"}),
        (UNKNOWN, "not read", {_SOFTWARE: UNREAD}),
        (UNKNOWN, "no program read", {f"{_SOFTWARE}/value": []}),
        (UNKNOWN, "the plan does not say", {_BASELINE: GONE}),
    ),
    *rule(
        "test_no_forbidden_software",
        "server",
        (FAILED, "on the server", {"inside/server/software/value/0/name": "AnyDesk"}),
    ),
    *rule(
        "test_nothing_is_left_of_earlier_sessions",
        "pc01",
        (PASSED, "nothing found", {}),
        (PASSED, "a folder that the site excludes is said", {f"{_LEFT}/value/left_alone": ["D:\\教学"]}),
        (FAILED, "one file", {f"{_LEFT}/value/found": [_FOUND]}),
        (
            FAILED,
            "one file, whatever else could not be read",
            {f"{_LEFT}/value/found": [_FOUND], f"{_LEFT}/value/unreadable": [_DENIED]},
        ),
        (UNKNOWN, "not read", {_LEFT: UNREAD}),
        (UNKNOWN, "evidence of before there was a search", {_LEFT: GONE}),
        (UNKNOWN, "a folder that cannot be entered", {f"{_LEFT}/value/unreadable": [_DENIED]}),
        (UNKNOWN, "no drive was searched", {f"{_LEFT}/value/searched": []}),
    ),
    *rule(
        "test_earlier_sessions_can_be_recognised",
        "room",
        (PASSED, "all", {}),
        (FAILED, "one cannot be read", {"inside/server/leftovers/value/not_known": ["20270619-301-1: damaged"]}),
        (UNKNOWN, "not read", {"inside/server/leftovers": UNREAD}),
    ),
    *rule(
        "test_folder_is_empty",
        "pc01",
        (PASSED, "empty", {}),
        (FAILED, "one file", {"outside/folders/seats/KS01/value/files": 1}),
        (PASSED, "no folder, which another clause judges", {"outside/folders/seats/KS01/value": None}),
        (UNKNOWN, "not read", {"outside/folders/seats/KS01": UNREAD}),
        (UNKNOWN, "not counted", {"outside/folders/seats/KS01/value/files": GONE}),
    ),
    *rule(
        "test_raw_material_is_that_of_the_module",
        "server",
        (PASSED, "as listed, but for the case of a name", {}),
        (PASSED, "open already", {f"{_RAW}/state": "open", f"{_RAW}/open": _RAW_THERE, f"{_RAW}/closed": None}),
        (PASSED, "none, and none is wanted", {"plan/material": [], f"{_RAW}/state": "absent"}),
        (FAILED, "altered by one byte", {f"{_RAW_CONTENT}/0/sha256": "ac"}),
        (FAILED, "a byte longer", {f"{_RAW_CONTENT}/0/size": 4}),
        (FAILED, "missing", {_RAW_CONTENT: []}),
        (FAILED, "none at all", {f"{_RAW}/state": "absent"}),
        (FAILED, "of another unit too", {_RAW_CONTENT: [_RAW_FILE, _RAW_FILE | {"path": "第二单元\\素材.txt"}]}),
        (FAILED, "a link in its place", {f"{_RAW_CONTENT}/0": _RAW_FILE | {"size": None, "sha256": None}}),
        (UNKNOWN, "not looked at", {"outside/folders/material": UNREAD}),
        (UNKNOWN, "not read", {f"{_RAW}/closed/content": UNREAD}),
        (UNKNOWN, "the plan does not say", {"plan/material": GONE}),
    ),
]
