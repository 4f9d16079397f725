#!/usr/bin/env python3
"""The inventory of a stand-in room, in the same groups as inventories/example.

Reads what the stand-in wrote when it made the room; EXAM_STANDIN_ROOM names the room (default: rehearsal),
EXAM_STANDIN_STATE the folder of all rooms (default: .standin in the project).
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[2]


def inventory(room: dict[str, Any]) -> dict[str, Any]:
    """Ansible's JSON inventory of a room.json."""
    server = [host["name"] for host in room["hosts"] if host["role"] == "server"]
    clients = [host for host in room["hosts"] if host["role"] == "client"]
    hostvars: dict[str, dict[str, Any]] = {
        host["name"]: {"ansible_host": host["address"]}
        | ({"exam_seat": host["seat"], "exam_spare": host["spare"]} if host["role"] == "client" else {})
        for host in room["hosts"]
    }
    base, _, _ = room["subnet"].rpartition(".")
    return {
        "_meta": {"hostvars": hostvars},
        "all": {
            "vars": {
                "exam_winrm_ca": str((PROJECT / room["ca"]).resolve()),
                "exam_admin_username": room["admin"]["username"],
                "exam_admin_password": room["admin"]["password"],
                "exam_network": room["subnet"],
                "exam_client_range": f"{base}.101-{base}.199",
            }
        },
        "controller": {"hosts": ["localhost"]},
        "exam_room": {"children": ["exam_server", "exam_clients"]},
        "exam_server": {"hosts": server},
        "exam_clients": {"children": ["exam_seats", "exam_spares"]},
        "exam_seats": {"hosts": [host["name"] for host in clients if not host["spare"]]},
        "exam_spares": {"hosts": [host["name"] for host in clients if host["spare"]]},
    }


def main() -> int:
    state = Path(os.environ.get("EXAM_STANDIN_STATE", PROJECT / ".standin"))
    name = os.environ.get("EXAM_STANDIN_ROOM", "rehearsal")
    try:
        room = json.loads((state / name / "room.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        print(
            f"没有名为 {name} 的模拟考场，请先运行 make rehearsal\nno stand-in room {name}: run make rehearsal first",
            file=sys.stderr,
        )
        return 1
    json.dump(inventory(room), sys.stdout, ensure_ascii=False, indent=2)
    return 0


if __name__ == "__main__":
    sys.exit(main())
