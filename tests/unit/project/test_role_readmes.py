"""Every role's README says what its argument_specs say."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from scripts import role_readmes

ROOT = Path(__file__).resolve().parents[3]
ROLES = sorted(path for path in (ROOT / "roles").iterdir() if path.is_dir())


@pytest.mark.parametrize("role", ROLES, ids=lambda role: role.name)
def test_it_is_up_to_date(role: Path) -> None:
    readme = (role / "README.md").read_text(encoding="utf-8")
    assert readme == role_readmes.render(role), "run scripts/role_readmes.py"


def test_the_check_finds_them_up_to_date() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "scripts/role_readmes.py"), "--check"], timeout=30, check=False, capture_output=True
    )
    assert done.returncode == 0, done.stdout


@pytest.fixture
def roles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(role_readmes, "ROOT", tmp_path)
    return tmp_path / "roles"


def _put(roles: Path, **options: dict[str, Any]) -> Path:
    spec = {"argument_specs": {"main": {"short_description": "Something", "options": options}}}
    meta = roles / "some/meta"
    meta.mkdir(parents=True, exist_ok=True)
    (meta / "argument_specs.yml").write_text(yaml.safe_dump(spec), encoding="utf-8")
    return roles / "some/README.md"


def _run(monkeypatch: pytest.MonkeyPatch, *flags: str) -> int:
    monkeypatch.setattr(sys, "argv", ["role_readmes.py", *flags])
    return role_readmes.main()


def test_check_writes_nothing_and_says_what_is_old(roles: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    readme = _put(roles, one={"type": "str", "description": "First."})
    assert (_run(monkeypatch, "--check"), readme.exists()) == (1, False)
    assert (_run(monkeypatch), _run(monkeypatch, "--check")) == (0, 0)
    _put(roles, one={"type": "str", "description": "Other."})
    assert _run(monkeypatch, "--check") == 1
    assert "First." in readme.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("description", "paragraphs"),
    [("One C(x). Two.", ["One `x`. Two."]), (["One.", "Two C(x)."], ["One.", "", "Two `x`."])],
)
def test_paragraphs(
    roles: Path, monkeypatch: pytest.MonkeyPatch, description: str | list[str], paragraphs: list[str]
) -> None:
    readme = _put(roles, x={"description": "X."})
    spec = {"short_description": "Something", "description": description, "options": {"x": {"description": "X."}}}
    (roles / "some/meta/argument_specs.yml").write_text(
        yaml.safe_dump({"argument_specs": {"main": spec}}), encoding="utf-8"
    )
    _run(monkeypatch)
    lines = readme.read_text(encoding="utf-8").splitlines()
    assert lines[2 : 5 + len(paragraphs)] == ["Something.", "", *paragraphs, ""]


@pytest.mark.parametrize(
    ("option", "row"),
    [
        ({"required": True, "description": "Needed."}, "| `x` | str | required | Needed. |"),
        ({"type": "bool", "default": False, "description": "a|b"}, "| `x` | bool | `false` | a\\|b |"),
        ({"default": "", "description": ["One.", "Two C(x)."]}, "| `x` | str | `''` | One. Two `x`. |"),
        ({"default": "{{ a | b }}", "description": "T."}, "| `x` | str | `{{ a \\| b }}` | T. |"),
        ({"choices": ["on", "off"], "description": "T."}, "| `x` | str: `on`, `off` |  | T. |"),
        ({"type": "list", "elements": "int", "default": [], "description": "T."}, "| `x` | list of int | `[]` | T. |"),
    ],
)
def test_a_row(roles: Path, monkeypatch: pytest.MonkeyPatch, option: dict[str, Any], row: str) -> None:
    readme = _put(roles, x=option)
    _run(monkeypatch)
    assert row in readme.read_text(encoding="utf-8").splitlines()
