"""The pure parts of what runs inside a stand-in host."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import pytest

from standin.host import bake, descriptor, drives, firewall, first_boot, names, shares, system

RULE: dict[str, Any] = {
    "name": "block SMB",
    "enabled": True,
    "direction": "in",
    "action": "block",
    "protocol": "tcp",
    "localports": ["445", "5000-5010"],
    "remoteips": ["10.0.0.101-10.0.0.160"],
}


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(system, "STATE", tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("windows", "unix"),
    [("D:\\", "d"), ("d:\\Exam\\share", "d/Exam/share"), ("C:/Windows", "c/Windows"), ("D:\\a\\.\\b", "d/a/b")],
)
def test_windows_paths_lie_on_their_drive(tmp_path: Path, windows: str, unix: str) -> None:
    assert drives.to_unix(windows, tmp_path) == tmp_path / unix


@pytest.mark.parametrize("bad", ["Exam\\share", "\\\\server\\exam", "D:\\..\\c", "DD:\\x", ""])
def test_paths_outside_a_drive_are_refused(tmp_path: Path, bad: str) -> None:
    with pytest.raises(ValueError, match="path"):
        drives.to_unix(bad, tmp_path)


def test_letter_case_is_taken_from_what_exists(tmp_path: Path) -> None:
    (tmp_path / "d" / "Exam" / "素材").mkdir(parents=True)
    assert drives.to_unix("D:\\EXAM\\素材\\New", tmp_path) == tmp_path / "d" / "Exam" / "素材" / "New"


@pytest.mark.parametrize("path", ["D:\\", "D:\\Exam\\share", "C:\\Windows"])
def test_paths_survive_the_way_there_and_back(tmp_path: Path, path: str) -> None:
    assert drives.to_windows(str(drives.to_unix(path, tmp_path)), tmp_path) == path


def test_root_descriptor_is_laid_out_as_samba_stores_it() -> None:
    raw = descriptor.drive_root_descriptor()
    version, discriminant, referent = struct.unpack_from("<HHI", raw)
    assert (version, discriminant, referent) == (1, 1, 0x00020000)
    control, owner, group, sacl, dacl = struct.unpack_from("<HIIII", raw, 10)
    assert control & 0x1000, "protected"
    assert (owner, sacl) == (28, 0)
    assert raw[owner : owner + 12] == raw[group : group + 12] == bytes.fromhex("010100000000000512000000")
    _, _, size, count, _ = struct.unpack_from("<BBHHH", raw, dacl)
    assert count == 4
    assert dacl + size == len(raw)


def test_a_block_rule_catches_connections_opened_from_outside() -> None:
    text = firewall.script([RULE], "allow", "10.89.1.0/24")
    wanted = "ip saddr { 10.0.0.101-10.0.0.160 } meta l4proto tcp tcp dport { 445, 5000-5010 } drop"
    assert f"  ct direction original {wanted}\n" in text.split("chain output")[0]


def test_blocks_come_before_allows_and_disabled_rules_do_nothing() -> None:
    allow = {**RULE, "action": "allow", "remoteips": [], "localports": ["any"]}
    lines = firewall.script([allow, RULE, {**RULE, "enabled": False}], "block", "10.89.1.0/24").splitlines()
    verdicts = [line.split()[-1] for line in lines if "ct direction" in line]
    assert verdicts == ["drop", "accept", "drop"]


def test_local_subnet_is_the_rooms() -> None:
    text = firewall.script([{**RULE, "remoteips": ["LocalSubnet"]}], "allow", "10.89.7.0/24")
    assert "ip saddr { 10.89.7.0/24 }" in text


def test_outbound_rules_look_at_the_other_end() -> None:
    rule = {**RULE, "direction": "out", "localports": [], "remoteports": ["445"], "remoteips": ["10.0.0.10"]}
    text = firewall.script([rule], "allow", "10.89.1.0/24")
    assert "ip daddr { 10.0.0.10/32 } meta l4proto tcp tcp dport { 445 } drop" in text.split("chain output")[1]


@pytest.mark.parametrize(
    "wrong",
    [
        {"protocol": "gre"},
        {"protocol": "any"},
        {"localports": ["70000"]},
        {"remoteips": ["somewhere"]},
        {"action": "maybe"},
        {"direction": "both"},
        {"localports": ["445; flush ruleset"]},
    ],
)
def test_rules_nobody_can_enforce_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        firewall.script([{**RULE, **wrong}], "allow", "10.89.1.0/24")


def test_names_wait_for_the_next_start(state: Path) -> None:
    system.save(names.FILE, {"computer": "DESKTOP-A", "workgroup": "WORKGROUP"})
    assert names.set_names(computer="PC01") == names.Names("DESKTOP-A", "WORKGROUP", "PC01", None)
    assert names.set_names(workgroup="KAOCHANG").pending_computer == "PC01"


def test_the_name_in_force_withdraws_what_was_pending(state: Path) -> None:
    system.save(names.FILE, {"computer": "DESKTOP-A", "workgroup": "WORKGROUP"})
    names.set_names(computer="PC01")
    assert names.set_names(computer="DESKTOP-A").pending_computer is None


def test_pending_names_come_into_force_once(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[names.Names] = []
    monkeypatch.setattr(names, "put_in_force", written.append)
    system.save(names.FILE, {"computer": "DESKTOP-A", "workgroup": "WORKGROUP"})
    names.set_names(computer="PC01", workgroup="KAOCHANG")
    assert names.apply_pending() == names.Names("PC01", "KAOCHANG")
    assert names.apply_pending() == names.Names("PC01", "KAOCHANG")
    assert written == [names.Names("PC01", "KAOCHANG")]


def test_a_bare_clients_registry_has_administrative_shares_only() -> None:
    text = first_boot.registry({"computer": "DESKTOP-1234567"}, "c")
    assert [line for line in text.splitlines() if line.startswith("[")] == ["[global]", "[C$]", "[ADMIN$]"]
    assert text.count(f"valid users = +{bake.unix_group(544)}") == 2


def test_state_is_replaced_in_one_step_and_leaves_nothing_behind(state: Path) -> None:
    system.save("x.json", {"名": 1})
    assert system.load("x.json", {}) == {"名": 1}
    with pytest.raises(TypeError):
        system.save("x.json", {"bad": object()})
    assert system.load("x.json", {}) == {"名": 1}
    assert [path.name for path in state.iterdir()] == ["x.json"]


@pytest.mark.parametrize(
    ("before", "abe", "encrypt", "caching", "flags"),
    [
        (0, True, False, "manual", 0x800),
        (0x1800, False, True, "disable", 0x9030),
        (0x8030, False, False, "documents", 0x10),
    ],
)
def test_a_change_from_inside_shows_in_the_flags_seen_from_outside(
    before: int, abe: bool, encrypt: bool, caching: str, flags: int
) -> None:
    assert shares.shown_flags(before, abe=abe, encrypt=encrypt, caching=caching) == flags
