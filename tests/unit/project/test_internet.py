"""No role closes the way to the Internet: some exams need it (R6), and the room's router opens and closes it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

ROLES = Path(__file__).resolve().parents[3] / "roles"
FILE_SHARING = {"139", "445"}


def tasks(path: Path) -> list[dict[str, Any]]:
    """Every task of a file, those in blocks too."""
    found: list[dict[str, Any]] = []
    waiting = list(yaml.safe_load(path.read_text(encoding="utf-8")) or [])
    while waiting:
        task = waiting.pop()
        found.append(task)
        for part in ("block", "rescue", "always"):
            waiting += task.get(part, [])
    return found


def test_only_file_sharing_is_blocked_at_the_clients() -> None:
    users = {
        path.relative_to(ROLES).parts[0]
        for path in ROLES.glob("*/tasks/*.yml")
        for task in tasks(path)
        if task.get("community.windows.win_firewall_rule", {}).get("action") == "block"
    }
    assert users == {"isolation"}
    variables = yaml.safe_load((ROLES / "isolation/vars/main.yml").read_text(encoding="utf-8"))
    for rule in variables["__isolation_rules"]:
        ports = rule["remoteport"] if rule["direction"] == "out" else rule["localport"]
        assert set(ports.split(",")) == FILE_SHARING
        assert rule["direction"] == "in" or rule["remoteip"] == "{{ exam_client_range }}"


def test_no_profile_of_the_firewall_blocks_what_goes_out() -> None:
    for path in ROLES.glob("*/tasks/*.yml"):
        for task in tasks(path):
            firewall = task.get("ansible.windows.win_firewall", {})
            assert firewall.get("outbound_action", "allow") == "allow"
