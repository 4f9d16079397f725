"""The filters that turn the inventory into the room."""

from __future__ import annotations

import os
import string
from pathlib import Path
from typing import Any

import exam_room_filters as filters
import pytest
from ansible.errors import AnsibleFilterError

SEED = "a seed of the room"
HOSTVARS: dict[str, dict[str, Any]] = {
    "pc02": {"exam_seat": "2", "ansible_host": "10.0.0.102"},
    "pc01": {"exam_seat": 1, "ansible_host": "10.0.0.101"},
    "spare01": {"exam_seat": 3, "ansible_host": "10.0.0.103", "exam_spare": True},
    "odd": {"ansible_host": "10.0.0.104"},
}


def test_seats_come_in_seat_order_with_numbers() -> None:
    seats = filters.exam_seats(["pc02", "spare01", "pc01"], HOSTVARS)
    assert [(seat["number"], seat["host"], seat["spare"]) for seat in seats] == [
        (1, "pc01", False),
        (2, "pc02", False),
        (3, "spare01", True),
    ]


def test_a_client_without_seat_number_is_refused_by_name() -> None:
    with pytest.raises(AnsibleFilterError, match="odd"):
        filters.exam_seats(["pc01", "odd"], HOSTVARS)


def test_passwords_are_stable_and_differ_by_account_and_seed() -> None:
    assert filters.exam_password("KS01", SEED) == filters.exam_password("ks01", SEED)
    passwords = {filters.exam_password(f"KS{number:02}", SEED) for number in range(1, 61)}
    passwords |= {filters.exam_password("KS01", SEED + "!")}
    assert len(passwords) == 61


@pytest.mark.parametrize("number", range(1, 100))
def test_a_password_meets_the_complexity_rule_of_windows(number: int) -> None:
    password = filters.exam_password(f"KS{number:02}", SEED)
    kinds = (string.ascii_uppercase, string.ascii_lowercase, string.digits, "-!")
    assert len(password) == 20
    assert all(any(character in kind for character in password) for kind in kinds)
    assert f"KS{number:02}" not in password.upper()
    assert not set(password) & set("0O1Il")


def test_a_short_seed_is_refused() -> None:
    with pytest.raises(AnsibleFilterError, match="16"):
        filters.exam_password("KS01", "short")


def test_a_host_that_nobody_spoke_of_has_failed() -> None:
    assert filters.exam_outcomes(["a", "b", "c"], ["a"], ["b"]) == {"a": "done", "b": "unreachable", "c": "failed"}


def test_of_what_was_seen_only_the_sections_that_are_asked_for() -> None:
    seen: dict[str, dict[str, Any]] = {
        "pc01": {"disks": {"value": []}, "software": {"unknown": "x"}, "tasks": {"value": 1}},
        "pc02": {"tasks": 1},
    }
    assert filters.exam_sections(seen, ["software", "disks"]) == {
        "pc01": {"software": {"unknown": "x"}, "disks": {"value": []}},
        "pc02": {},
    }


LIMITED = {"volume": "D:", "enforced": True, "limits": [{"account": "KS01", "limit": 10 * 1024 * 1024}]}
KS02 = 'fsutil quota modify d: 9437184 10485760 "KS02"'


@pytest.mark.parametrize(
    ("seen", "commands"),
    [
        ({"value": [LIMITED]}, [KS02]),
        ({"value": [LIMITED | {"enforced": False}]}, ["fsutil quota enforce d:", KS02]),
        ({"value": [{"volume": "C:", "enforced": True, "limits": LIMITED["limits"]}]}, None),
        ({"value": [LIMITED | {"limits": [{"account": "KS01", "limit": 5}]}]}, [KS02.replace("KS02", "ks01"), KS02]),
        ({"unknown": "timed out"}, None),
    ],
)
def test_a_quota_is_set_where_it_is_another_one(seen: dict[str, Any], commands: list[str] | None) -> None:
    everything = ["fsutil quota enforce d:", KS02.replace("KS02", "ks01"), KS02]
    assert filters.exam_quotas(["ks01", "KS02"], seen, "d:", "10") == (everything if commands is None else commands)


def test_where_all_have_their_quota_and_where_nobody_gets_one_nothing_is_set() -> None:
    assert filters.exam_quotas(["KS01"], {"value": [LIMITED]}, "D:", 10) == []
    assert filters.exam_quotas(["KS01"], {"unknown": "x"}, "D:", 0) == []


def test_a_deadline_is_the_start_plus_the_duration() -> None:
    assert filters.exam_after("2026-11-28T00:59:30.250Z", 7200) == "2026-11-28T02:59:30.250Z"


def test_people_read_the_time_of_their_room() -> None:
    assert filters.exam_local_time("2026-11-28T01:00:00.000Z", "Asia/Shanghai") == "2026-11-28 09:00:00"


def test_a_fingerprint_follows_names_and_contents_and_nothing_else(tmp_path: Path) -> None:
    top = tmp_path / "roles"
    (top / "a").mkdir(parents=True)
    (top / "a" / "main.yml").write_text("x", encoding="utf-8")
    first = filters.exam_fingerprint([str(top)])
    (top / "a" / "__pycache__").mkdir()
    (top / "a" / "__pycache__" / "x.pyc").write_bytes(b"1")
    (top / ".cache").write_bytes(b"1")
    (top / "a" / "main.yml").touch()
    assert filters.exam_fingerprint([str(top)]) == first
    (top / "a" / "main.yml").write_text("y", encoding="utf-8")
    changed = filters.exam_fingerprint([str(top)])
    (top / "a" / "main.yml").rename(top / "a" / "other.yml")
    assert len({first, changed, filters.exam_fingerprint([str(top)])}) == 3


def test_a_large_file_counts_by_size_and_time(tmp_path: Path) -> None:
    large = tmp_path / "large.bin"
    large.write_bytes(b"1" * 1_000_001)
    os.utime(large, (1, 1))
    first = filters.exam_fingerprint([str(large)])
    os.utime(large, (2, 2))
    assert filters.exam_fingerprint([str(large)]) != first


def test_accounts_with_one_password_are_named_together() -> None:
    passwords = {"KS01": "a", "KS02": "b", "KS03": "a", "KS04": "c", "KS05": "b"}
    accounts = [{"name": name, "password": password} for name, password in passwords.items()]
    assert filters.exam_same_passwords(accounts) == [["KS01", "KS03"], ["KS02", "KS05"]]
    assert filters.exam_same_passwords(accounts[:2]) == []


def test_a_json_file_that_is_damaged_is_evidence_of_nothing(tmp_path: Path) -> None:
    (tmp_path / "机.json").write_text('{"host": "pc01"}', encoding="utf-8")
    (tmp_path / "half.json").write_text('{"host": ', encoding="utf-8")
    found = filters.exam_json_files(str(tmp_path))
    assert found.pop("机") == {"host": "pc01"}
    assert "half.json" in found.pop("half")["unknown"]
    assert found == filters.exam_json_files(str(tmp_path / "gone")) == {}
