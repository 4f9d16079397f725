"""Every role keeps its word: defaults and argument_specs agree, names carry the role's prefix."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[3]
ROLES = sorted(path.name for path in (ROOT / "roles").iterdir())


def _yaml(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8")) if path.exists() else None


@pytest.mark.parametrize("role", ROLES)
def test_defaults_and_argument_specs_agree(role: str) -> None:
    defaults = _yaml(ROOT / "roles" / role / "defaults/main.yml") or {}
    specs = _yaml(ROOT / "roles" / role / "meta/argument_specs.yml")["argument_specs"]["main"]["options"]
    declared = {name: option["default"] for name, option in specs.items() if "default" in option}
    assert declared == defaults


@pytest.mark.parametrize("role", ROLES)
def test_variables_carry_a_prefix(role: str) -> None:
    folder = ROOT / "roles" / role
    names = set(_yaml(folder / "defaults/main.yml") or {}) | set(_yaml(folder / "vars/main.yml") or {})
    for path in [*folder.glob("tasks/*.yml"), *folder.glob("handlers/*.yml")]:
        names |= set(re.findall(r"^\s*register: (\w+)", path.read_text(encoding="utf-8"), re.MULTILINE))
    wrong = [name for name in names if not name.startswith((f"{role}_", f"__{role}_", "exam_"))]
    assert not wrong


@pytest.mark.parametrize("role", ROLES)
def test_main_only_routes_or_is_short(role: str) -> None:
    tasks = _yaml(ROOT / "roles" / role / "tasks/main.yml")
    assert tasks, "a role does something"
    assert len(tasks) <= 6
