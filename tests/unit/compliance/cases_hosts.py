"""One row a case, as in cases.py: who may sign in, what the seats reach, and what has to be sure before a cutoff."""

from __future__ import annotations

from typing import Any

from unit.compliance.case import FAILED, PASSED, UNKNOWN, rule
from unit.compliance.good_room import GONE, HASH, MAPPING, SID, SWITCH, UNREAD

_PC, _OUT, _SERVER = "inside/pc01", "outside", "inside/server"
_USERS, _PC_SHARE = f"{_PC}/accounts/value/users", f"{_OUT}/shares/value/2"
_MEMBERS = f"{_PC}/accounts/value/administrators"
_EVERYONE = {"name": "Everyone", "domain": "PC01", "sid": None, "user": False}
_SEATS, _TRY = f"{_OUT}/accounts/value/seats", f"{_OUT}/tries/KS01/value"
_MAPPING = f"{_PC}/task_settings/value/0"
_FOLDERS, _SMB = f"{_OUT}/folders", f"{_SERVER}/smb_server"
_CACHE = f"{_SERVER}/smb_shares/value/0/caching"
_LOCK = {"state": "refused", "status": "STATUS_ACCOUNT_LOCKED_OUT"}


def _arguments(path: str = r"\\192.168.10.10\exam\KS01", letter: str = "Z", script: str = MAPPING) -> dict[str, Any]:
    return {f"{_MAPPING}/actions/0/arguments": f'-NoProfile -File "{script}" -Path "{path}" -Letter {letter}'}


def _stranger(disabled: bool | None, sid: str = "S-1-5-21-9-9-01-1002") -> dict[str, Any]:
    return {f"{_USERS}/1": {"name": "teacher", "sid": sid, "disabled": disabled}}


def _file(folder: str) -> dict[str, Any]:
    return {"folder": folder, "said": HASH, "sha256": HASH, "size": 9, "changed": "2026-11-23T23:06:51.700Z"}


_TRIED = "trial/seats/value"
_SEAT = f"{_TRIED}/hosts/pc01/value"
_NOBODY: dict[str, Any] = {f"{_SEAT}/started": False, f"{_SEAT}/user": None, f"{_SEAT}/files": []}
_TRIAL = "trial/cutoff/value"
_WROTE, _RECORD, _AFTER = f"{_TRIAL}/writers/KS01/value", f"{_TRIAL}/record", f"{_TRIAL}/after"

CASES = [
    *rule(
        "test_seat_saves_into_its_own_folder",
        "pc01",
        (PASSED, "other letter case", {f"{_SEAT}/files/0/folder": "ks01"}),
        (FAILED, "into the neighbour's", {f"{_SEAT}/files/0/folder": "KS02"}),
        (FAILED, "into both", {f"{_SEAT}/files": [_file("KS01"), _file("KS02")]}),
        (FAILED, "no drive", {f"{_SEAT}/files": [], f"{_SEAT}/result": 11}),
        (FAILED, "a drive that cannot be written", {f"{_SEAT}/files": [], f"{_SEAT}/result": 12}),
        (FAILED, "saved, nobody knows where", {f"{_SEAT}/files": [], f"{_SEAT}/result": 0}),
        (UNKNOWN, "the script is not there", {f"{_SEAT}/files": [], f"{_SEAT}/result": 0xFFFD0000}),
        (UNKNOWN, "the task did not run", {f"{_SEAT}/files": []}),
        (UNKNOWN, "there is no task", {f"{_SEAT}/files": [], f"{_SEAT}/problem": "cannot find the file"}),
        (UNKNOWN, "nobody is signed in", _NOBODY),
        (UNKNOWN, "another is signed in", {f"{_SEAT}/started": False, f"{_SEAT}/user": "PC01\\Teacher"}),
        (UNKNOWN, "the computer is off", {f"{_TRIED}/hosts/pc01": UNREAD}),
        (UNKNOWN, "not tried", {"trial/seats": UNREAD}),
    ),
    *rule(
        "test_what_a_seat_saved_is_collected",
        "pc01",
        (PASSED, "in the last moment", {f"{_SEAT}/files/0/changed": "2026-11-23T23:06:55.480Z"}),
        (FAILED, "another content", {f"{_SEAT}/files/0/sha256": "ab" * 32}),
        (FAILED, "nothing in it", {f"{_SEAT}/files/0/size": 0}),
        (FAILED, "of a time before the trial", {f"{_SEAT}/files/0/changed": "2026-11-23T23:06:48.119Z"}),
        (FAILED, "of a time to come", {f"{_SEAT}/files/0/changed": "2026-11-23T23:06:55.481Z"}),
        (UNKNOWN, "no file", {f"{_SEAT}/files": []}),
        (UNKNOWN, "in the neighbour's folder", {f"{_SEAT}/files/0/folder": "KS02"}),
        (UNKNOWN, "nobody is signed in", _NOBODY),
        (UNKNOWN, "a time that is none", {f"{_SEAT}/files/0/changed": "soon"}),
    ),
    *rule(
        "test_trial_cut_the_account_off",
        "pc01",
        (PASSED, "acknowledged while the cut was made", {f"{_WROTE}/last_ms": 95.0}),
        (FAILED, "acknowledged after it", {f"{_WROTE}/last_ms": 95.1}),
        (FAILED, "never refused", {f"{_WROTE}/refused": None, f"{_WROTE}/refused_ms": None}),
        (
            FAILED,
            "never refused, nor was the cut ever done",
            {f"{_WROTE}/refused": None, f"{_RECORD}/sessions_gone_ms": None},
        ),
        (UNKNOWN, "the cut was never done", {f"{_RECORD}/sessions_gone_ms": None}),
        (UNKNOWN, "had stopped writing long before", {f"{_WROTE}/last_ms": -3000.1}),
        (UNKNOWN, "could not write at all", {f"{_TRIAL}/writers/KS01": UNREAD}),
        (UNKNOWN, "no writer", {f"{_TRIAL}/writers/KS01": GONE}),
        (UNKNOWN, "not tried", {"trial/cutoff": UNREAD}),
        (UNKNOWN, "no document", {"trial": GONE}),
    ),
    *rule(
        "test_trial_cut_was_complete",
        "server",
        (PASSED, "at the deadline itself", {f"{_RECORD}/share_removed_ms": 0.0}),
        (FAILED, "a millisecond early", {f"{_RECORD}/share_removed_ms": -1.0}),
        (FAILED, "the share is still there", {f"{_AFTER}/share": True}),
        (FAILED, "the exam share is gone", {f"{_AFTER}/exam_share": False}),
        (FAILED, "a session is left", {f"{_AFTER}/sessions": ["KS02 @ 192.168.10.102"]}),
        (FAILED, "an account is on", {f"{_AFTER}/enabled": ["KS03"]}),
        (FAILED, "a log-on succeeds", {f"{_RECORD}/logon": {"account": "KS01", "refused": False}}),
        (FAILED, "the record has a problem", {f"{_RECORD}/problems": ["remove_share: refused"]}),
        (FAILED, "the record is not complete", {f"{_RECORD}/complete": False}),
        (UNKNOWN, "no log-on was tried", {f"{_RECORD}/logon": UNREAD}),
        (UNKNOWN, "not tried", {"trial/cutoff": UNREAD}),
    ),
    *rule(
        "test_trial_left_no_trace",
        "server",
        (PASSED, "nothing", {"trial/left/value": []}),
        (FAILED, "the share", {"trial/left/value": ["exam-trial"]}),
        (UNKNOWN, "not looked at", {"trial/left": UNREAD}),
    ),
    *rule(
        "test_address_is_of_no_other",
        "pc01",
        (PASSED, "an address that nobody has", {f"{_PC}/adapters/value/0/addresses": ["192.168.10.200"]}),
        (FAILED, "the server's besides", {f"{_PC}/adapters/value/0/addresses": ["192.168.10.10"]}),
        (FAILED, "the neighbour's instead", {f"{_PC}/adapters/value/1/addresses": ["192.168.10.102"]}),
        (UNKNOWN, "not read", {f"{_PC}/adapters": UNREAD}),
    ),
    *rule(
        "test_guest_is_off",
        "pc01",
        (PASSED, "under another name", {f"{_USERS}/1/name": "来宾"}),
        (FAILED, "on, under another name", {f"{_USERS}/1/name": "来宾", f"{_USERS}/1/disabled": False}),
        (UNKNOWN, "not read", {f"{_PC}/accounts": UNREAD}),
        (UNKNOWN, "nobody at all", {_USERS: []}),
        (UNKNOWN, "not read whether it is on", {f"{_USERS}/1/disabled": None}),
    ),
    *rule(
        "test_nobody_else_can_sign_in",
        "pc01",
        (PASSED, "switched off", _stranger(disabled=True)),
        (
            PASSED,
            "another administrator",
            _stranger(disabled=False)
            | {f"{_MEMBERS}/0": {"name": "TEACHER", "domain": "PC01", "sid": None, "user": True}}
            | {f"{_USERS}/0/disabled": True},
        ),
        (FAILED, "switched on", _stranger(disabled=False)),
        (UNKNOWN, "not read whether it is on", _stranger(disabled=None)),
        (UNKNOWN, "not read", {f"{_PC}/accounts": UNREAD}),
    ),
    *rule(
        "test_signs_in_on_the_server",
        "pc01",
        (PASSED, "though there is no share", {_TRY: {"state": "no_share", "status": "STATUS_BAD_NETWORK_NAME"}}),
        (FAILED, "another password", {_TRY: {"state": "refused", "status": "STATUS_LOGON_FAILURE"}}),
        (
            UNKNOWN,
            "no account, which another clause judges",
            {_TRY: {"state": "refused", "status": "STATUS_LOGON_FAILURE"}, f"{_SEATS}/KS01": None},
        ),
        (FAILED, "locked out", {_TRY: _LOCK}),
        (UNKNOWN, "switched off", {_TRY: {"state": "disabled", "status": "STATUS_ACCOUNT_DISABLED"}}),
        (UNKNOWN, "not tried", {f"{_OUT}/tries/KS01": UNREAD}),
    ),
    *rule(
        "test_password_is_its_own",
        "pc01",
        (PASSED, "two others have one", {"plan/same_passwords": [["KS02", "KS03"]]}),
        (FAILED, "with a neighbour", {"plan/same_passwords": [["KS01", "KS03"]]}),
        (UNKNOWN, "not in the plan", {"plan/same_passwords": GONE}),
    ),
    *rule(
        "test_made_in_seat_order",
        "server",
        (PASSED, "with gaps", {f"{_SEATS}/KS03/sid": f"{SID}-20000"}),
        (PASSED, "one is missing, which V3 judges", {f"{_SEATS}/KS02": None}),
        (FAILED, "two changed places", {f"{_SEATS}/KS01/sid": f"{SID}-1002", f"{_SEATS}/KS02/sid": f"{SID}-1001"}),
        (
            FAILED,
            "the tenth before the ninth",
            {f"{_SEATS}/KS01/sid": f"{SID}-10000", f"{_SEATS}/KS02/sid": f"{SID}-9999"},
        ),
        (UNKNOWN, "not read", {f"{_OUT}/accounts": UNREAD}),
    ),
    *rule(
        "test_password_lasts",
        "pc01",
        (PASSED, "another's may change", {f"{_SEATS}/KS02/may_change_password": True}),
        (FAILED, "may change", {f"{_SEATS}/KS01/may_change_password": True}),
        (FAILED, "expires", {f"{_SEATS}/KS01/password_never_expires": False}),
        (UNKNOWN, "no account, which another clause judges", {f"{_SEATS}/KS01": None}),
        (UNKNOWN, "not read", {f"{_OUT}/accounts": UNREAD}),
    ),
    *rule(
        "test_folder_above_gives_nothing",
        "server",
        (PASSED, "other words for the same", {f"{_FOLDERS}/root/value/sddl": "D:P"}),
        (FAILED, "another access list", {f"{_FOLDERS}/root/value/exact": False}),
        (FAILED, "no folder", {f"{_FOLDERS}/root/value": None}),
        (UNKNOWN, "an account is missing", {f"{_FOLDERS}/root/value/exact": None}),
        (UNKNOWN, "not read", {f"{_FOLDERS}/root": UNREAD}),
    ),
    *rule(
        "test_material_waits_closed",
        "server",
        (PASSED, "there is none", {f"{_FOLDERS}/material/value": {"state": "absent", "closed": None, "open": None}}),
        (FAILED, "it is open", {f"{_FOLDERS}/material/value/state": "open"}),
        (FAILED, "a copy is open", {f"{_FOLDERS}/material/value/state": "closed+open"}),
        (FAILED, "another access list", {f"{_FOLDERS}/material/value/closed/exact": False}),
        (UNKNOWN, "an account is missing", {f"{_FOLDERS}/material/value/closed/exact": None}),
        (UNKNOWN, "not read", {f"{_FOLDERS}/material": UNREAD}),
    ),
    *rule(
        "test_account_is_no_administrator_of_the_server",
        "pc01",
        (PASSED, "a name that only begins alike", {f"{_SERVER}/accounts/value/administrators/0/name": "KS011"}),
        (FAILED, "it is", {f"{_SERVER}/accounts/value/administrators/0/name": "ks01"}),
        (UNKNOWN, "nobody is, which cannot be", {f"{_SERVER}/accounts/value/administrators": []}),
        (UNKNOWN, "not read", {f"{_SERVER}/accounts": UNREAD}),
    ),
    *rule(
        "test_no_group_is_administrator_of_the_server",
        "server",
        (PASSED, "another person", {f"{_SERVER}/accounts/value/administrators/0/name": "everyone"}),
        (FAILED, "Everyone", {f"{_SERVER}/accounts/value/administrators/0": _EVERYONE}),
        (UNKNOWN, "not read", {f"{_SERVER}/accounts": UNREAD}),
    ),
    *rule(
        "test_guest_is_off_on_the_server",
        "server",
        (PASSED, "under another name", {f"{_SERVER}/accounts/value/users/1/name": "来宾"}),
        (FAILED, "on", {f"{_SERVER}/accounts/value/users/1/disabled": False}),
        (UNKNOWN, "not read", {f"{_SERVER}/accounts": UNREAD}),
    ),
    *rule(
        "test_nobody_comes_in_without_proof",
        "server",
        (PASSED, "with SMB 2 or without", {f"{_SMB}/value/smb2": False}),
        (FAILED, "SMB 1", {f"{_SMB}/value/smb1": True}),
        (
            FAILED,
            "signing only wished for, the rest unread",
            {f"{_SMB}/value/signing_required": False, f"{_SMB}/value/smb1": None},
        ),
        (FAILED, "in clear", {f"{_SMB}/value/reject_unencrypted": False}),
        (UNKNOWN, "one not read", {f"{_SMB}/value/smb1": None}),
        (UNKNOWN, "not read", {_SMB: UNREAD}),
    ),
    *rule(
        "test_nobody_else_is_signed_in",
        "pc01",
        (PASSED, "nobody", {f"{_PC}/identity/value/user": None}),
        (PASSED, "other letter case", {f"{_PC}/identity/value/user": r"pc01\ks01"}),
        (FAILED, "the neighbour", {f"{_PC}/identity/value/user": r"PC01\KS02"}),
        (FAILED, "an administrator", {f"{_PC}/identity/value/user": r"PC01\Administrator"}),
        (UNKNOWN, "not read", {f"{_PC}/identity": UNREAD}),
    ),
    *rule(
        "test_mapping_leads_to_its_own_folder",
        "pc01",
        (PASSED, "other letter case", _arguments(path=r"\\192.168.10.10\EXAM\ks01", letter="z")),
        (PASSED, "the account as its SID", {f"{_MAPPING}/user": "S-1-5-21-9-9-01-1001"}),
        (PASSED, "the account with its computer", {f"{_MAPPING}/user": r"PC01\KS01"}),
        (FAILED, "the neighbour's folder", _arguments(path=r"\\192.168.10.10\exam\KS02")),
        (FAILED, "another server", _arguments(path=r"\\192.168.10.102\exam\KS01")),
        (FAILED, "another letter", _arguments(letter="Y")),
        (FAILED, "another script", _arguments(script=r"C:\Temp\Connect-ExamFolder.ps1")),
        (FAILED, "another account", {f"{_MAPPING}/user": "KS02"}),
        (FAILED, "another program", {f"{_MAPPING}/actions/0/execute": "cmd.exe"}),
        (FAILED, "something besides", {f"{_MAPPING}/actions": [{"execute": "calc.exe", "arguments": None}] * 2}),
        (FAILED, "not at sign-in", {f"{_MAPPING}/triggers/0/kind": "time"}),
        (FAILED, "no task", {f"{_PC}/task_settings/value": []}),
        (UNKNOWN, "arguments not read", {f"{_MAPPING}/actions/0/arguments": None}),
        (UNKNOWN, "trigger's state not read", {f"{_MAPPING}/triggers/0/enabled": None}),
        (UNKNOWN, "not read", {f"{_PC}/task_settings": UNREAD}),
    ),
    *rule(
        "test_server_is_another_machine",
        "pc01",
        (PASSED, "as another client", {f"{_USERS}": [{"sid": "S-1-5-21-9-9-02-500"}]}),
        (FAILED, "the server's", {f"{_USERS}": [{"sid": f"{SID}-500"}]}),
        (UNKNOWN, "two of them", {f"{_USERS}/0/sid": f"{SID}-500"}),
        (UNKNOWN, "the server's not read", {f"{_SERVER}/accounts": UNREAD}),
    ),
    *rule(
        "test_machine_sid_is_its_own",
        "pc01",
        (PASSED, "another client not read", {"inside/pc02/accounts": UNREAD}),
        (FAILED, "a neighbour's", {f"{_USERS}": [{"sid": "S-1-5-21-9-9-02-500"}]}),
        (UNKNOWN, "not read", {f"{_PC}/accounts": UNREAD}),
    ),
    *rule(
        "test_switch_runs_our_script",
        "server",
        (
            PASSED,
            "of another release, if the plan says so",
            {f"plan/scripts/{SWITCH}": "77" * 32, f"{_OUT}/scripts/{SWITCH}/value": "77" * 32},
        ),
        (FAILED, "changed", {f"{_OUT}/scripts/{SWITCH}/value": HASH[:-1] + "0"}),
        (FAILED, "gone", {f"{_OUT}/scripts/{SWITCH}/value": None}),
        (UNKNOWN, "not read", {f"{_OUT}/scripts/{SWITCH}": UNREAD}),
    ),
    *rule(
        "test_saved_means_saved_on_the_server",
        "server",
        (PASSED, "name in other letters", {f"{_PC_SHARE}/name": "Exam"}),
        (FAILED, "offline files", {_CACHE: "manual"}),
        (
            FAILED,
            "writes cached, offline unread",
            {_CACHE: "unknown", f"{_PC_SHARE}/flags/force_level_ii_oplocks": False},
        ),
        (FAILED, "no share", {f"{_SERVER}/smb_shares/value": []}),
        (UNKNOWN, "offline not read", {_CACHE: "unknown"}),
        (UNKNOWN, "flags not read", {f"{_PC_SHARE}/flags": UNREAD}),
        (UNKNOWN, "not read", {f"{_SERVER}/smb_shares": UNREAD}),
    ),
    *rule(
        "test_clock_of_the_server",
        "server",
        (PASSED, "half a minute behind", {f"{_SERVER}/identity/value/clock_offset_seconds": -30.0}),
        (FAILED, "a bit more", {f"{_SERVER}/identity/value/clock_offset_seconds": 30.1}),
        (UNKNOWN, "not read", {f"{_SERVER}/identity/value/clock_offset_seconds": None}),
    ),
    *rule(
        "test_clock_of_the_client",
        "pc01",
        (PASSED, "half a minute ahead", {f"{_PC}/identity/value/clock_offset_seconds": 30.0}),
        (FAILED, "five minutes behind", {f"{_PC}/identity/value/clock_offset_seconds": -300.0}),
        (UNKNOWN, "not read", {f"{_PC}/identity": UNREAD}),
    ),
]
