"""Inspections of the good room, changed in some points, as the module asks for them."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

from exam_room.inspection.keeping import Order
from unit.compliance import good_room

ROOT = Path(__file__).resolve().parents[3]
RULES = ROOT / "tests/compliance"
TEMPLATES = [ROOT / "roles/inspection/templates", ROOT / "roles/papers/templates"]
SESSION = {
    "id": "20270619-301-1",
    "room": "301考场",
    "date": "2027-06-19",
    "batch": "2027年第二批",
    "timezone": "Asia/Shanghai",
    "site": {"name": "示例考试站", "code": "SL4401"},
    "units": [{"number": 1, "name": "聚优选品"}],
    "staff": {"assessors": ["陈志远"], "inspector": ["林国华"], "invigilators": []},
}
SHARED = {"inside/pc01/shares/value": [{"name": "考题", "path": "C:\\考题", "type": 0, "special": False}]}
OTHER_GROUP = {f"inside/pc{number:02}/identity/value/workgroup": "WORKGROUP" for number in good_room.SEATS}


def order(
    tmp_path: Path,
    changes: Mapping[str, Any] | None = None,
    not_reached: Mapping[str, str] | None = None,
    **options: Any,
) -> Order:
    """One inspection of the session in ``tmp_path``; without a PDF and a signature where nobody asks for them."""
    made = good_room.documents()
    session = made["plan"]["session"]
    session |= deepcopy(SESSION)
    session["exam"]["name"] = {"zh": "跨境电商运营", "en": "Cross-border e-commerce"}
    for name in ("schema_version", "inspected_at"):
        del made["plan"][name]
    made["plan"] |= {"inventory": ["inventories/301 考场"], "valid_hours": 24}
    good_room.change(made, changes or {})
    for host in not_reached or {}:
        del made["inside"][host]
    given: dict[str, Any] = {
        "directory": tmp_path / "session",
        "plan": made["plan"],
        "outside": made["outside"],
        "trial": made["trial"],
        "inside": made["inside"],
        "not_reached": not_reached or {},
        "waivers": tmp_path / "waivers.yml",
        "rules": RULES,
        "templates": TEMPLATES,
        "key": None,
        "signer": "SL4401",
        "pdf": False,
    }
    return Order(**(given | options))
