"""What is written for people is true: commands, links and files exist, and modules take what they say they take."""

from __future__ import annotations

import argparse
import json
import os
import re
import runpy
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import ansible.module_utils.basic
import pytest

from standin import __main__ as standin_command

ROOT = Path(__file__).resolve().parents[3]
READMES = [ROOT / "README.md", ROOT / "README.zh-CN.md"]
DOCUMENTS = [*READMES, *sorted((ROOT / "docs").glob("*.md")), *sorted((ROOT / "roles").glob("*/README.md"))]
PLAYBOOKS = sorted(path.name for path in (ROOT / "playbooks").glob("*.yml"))
MODULES = sorted(path.stem for path in (ROOT / "library").glob("*.py"))
BIN = Path(sys.executable).parent


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def _blocks(text: str) -> list[list[str]]:
    return [block.strip().splitlines() for block in re.findall(r"^```\w*\n(.*?)^```", text, re.MULTILINE | re.DOTALL)]


def _targets() -> set[str]:
    return set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))


@pytest.mark.parametrize("path", READMES, ids=_name)
def test_readme_starts_with_the_two_commands(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert _blocks(text)[0] == ["make rehearsal", "make test"]
    before = text.partition("```")[0]
    assert before.count("\n## ") == 1, "nothing comes before the commands but their own heading"


@pytest.mark.parametrize("path", DOCUMENTS, ids=_name)
def test_every_make_command_exists(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    named = set(re.findall(r"`make ([a-z-]+)", text)) | set(re.findall(r"^make ([a-z-]+)", text, re.MULTILINE))
    assert named <= _targets()
    if path in READMES:
        assert {"rehearsal", "test", "lint", "bench", "clean"} <= named


def test_every_make_target_has_its_line_of_help() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    explained = set(re.findall(r"^([a-z-]+):.*## \S", makefile, re.MULTILINE))
    phony = set(re.findall(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)[0].split())
    assert explained == phony == _targets()


@pytest.mark.parametrize("path", DOCUMENTS, ids=_name)
def test_every_relative_link_resolves(path: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8"))
    missing = [link for link in links if "://" not in link and not (path.parent / link).exists()]
    assert not missing


@pytest.mark.parametrize("path", DOCUMENTS, ids=_name)
def test_every_playbook_that_is_named_exists(path: Path) -> None:
    named = set(re.findall(r"\bplaybooks/([\w.-]+\.yml)", path.read_text(encoding="utf-8")))
    assert named <= set(PLAYBOOKS)


@pytest.mark.parametrize("path", READMES, ids=_name)
def test_every_playbook_is_documented(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert [name for name in PLAYBOOKS if f"playbooks/{name}" not in text] == []


def test_both_readmes_name_the_same_commands_and_links() -> None:
    pattern = re.compile(r"`((?:make|ansible|source)[^`]*)`|\]\(([^)]+)\)")
    english, chinese = (
        {match for match in pattern.findall(path.read_text(encoding="utf-8")) if "README" not in match[1]}
        for path in READMES
    )
    assert english == chinese


def test_the_commands_of_the_stand_in_are_understood(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [line for block in _blocks((ROOT / "docs/stand-in.md").read_text(encoding="utf-8")) for line in block]
    understood: list[argparse.Namespace] = []
    monkeypatch.setattr(standin_command, "run", understood.append)
    for line in lines:
        words = shlex.split(line)
        assert words[:4] == ["PYTHONPATH=tests", ".venv/bin/python", "-m", "standin"]
        monkeypatch.setattr(sys, "argv", words[3:])
        assert standin_command.main() == 0
    assert {"create", "list", "enter", "destroy"} <= {options.command for options in understood}


def test_what_the_rooms_differences_are_is_written_down() -> None:
    """Each point of the list in samba.py has its line in docs/stand-in.md."""
    text = " ".join((ROOT / "docs/stand-in.md").read_text(encoding="utf-8").split()).casefold()
    for word in (
        "backup intent",
        "builtin\\administrators",
        "inherited_ace",
        "durable handles",
        "2 s",
        "upper case",
        "complex",
        "level ii oplocks",
        "netrsessiondel",
        "netrshareadd",
        "letter case",
        "105",
    ):
        assert word in text, word


@pytest.fixture(scope="module")
def documented(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Every module as ansible-doc understands it."""
    done = subprocess.run(
        [str(BIN / "ansible-doc"), "-M", str(ROOT / "library"), "-t", "module", "--json", *MODULES],
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path_factory.mktemp("home")), "LC_ALL": "C.UTF-8"},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    read: dict[str, Any] = json.loads(done.stdout)
    return read


class SpecSeen(Exception):
    """Thrown instead of running a module, with what it gave to AnsibleModule."""

    def __init__(self, arguments: dict[str, Any]) -> None:
        super().__init__("the argument_spec was seen")
        self.arguments = arguments


def _seen(module: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What ``module`` gives to AnsibleModule; of an action plugin without one, what it validates its options with."""
    action = ROOT / "plugins/action" / f"{module}.py"
    if action.exists() and (own := runpy.run_path(str(action)).get("ARGUMENTS")):
        return {"argument_spec": own, "supports_check_mode": True}

    def stop(**arguments: Any) -> None:
        raise SpecSeen(arguments)

    monkeypatch.setattr(ansible.module_utils.basic, "AnsibleModule", stop)
    # As Ansible puts module_utils/ on this path.
    paths = [*ansible.module_utils.__path__, str(ROOT / "module_utils")]
    monkeypatch.setattr(ansible.module_utils, "__path__", paths)
    with pytest.raises(SpecSeen) as seen:
        runpy.run_path(str(ROOT / "library" / f"{module}.py"), run_name="__main__")
    return seen.value.arguments


def _shape(options: dict[str, Any], below: str) -> dict[str, Any]:
    """The options without their descriptions, each with Ansible's own defaults filled in."""
    return {
        name: {
            "type": option.get("type", "str"),
            "required": bool(option.get("required", False)),
            "default": option.get("default"),
            "choices": list(option.get("choices") or []),
            "elements": option.get("elements"),
            "aliases": list(option.get("aliases") or []),
            "below": _shape(option.get(below) or {}, below),
        }
        for name, option in options.items()
    }


@pytest.mark.parametrize("module", MODULES)
def test_module_takes_what_its_documentation_says(
    module: str, documented: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments = _seen(module, monkeypatch)
    doc = documented[module]["doc"]
    assert _shape(arguments["argument_spec"], "options") == _shape(doc["options"], "suboptions")
    support = doc["attributes"]["check_mode"]["support"]
    assert arguments.get("supports_check_mode", False) is (support in ("full", "partial"))


@pytest.mark.parametrize("module", MODULES)
def test_module_is_documented_whole(module: str, documented: dict[str, Any]) -> None:
    told = documented[module]
    assert told["doc"]["short_description"]
    assert {"check_mode", "diff_mode"} <= set(told["doc"]["attributes"])
    assert module in told["examples"]
    assert told["return"]
    assert all(option["description"] for option in told["doc"]["options"].values())


@pytest.mark.parametrize("module", MODULES)
def test_secrets_are_never_logged(module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = _seen(module, monkeypatch)["argument_spec"]
    secrets = [name for name in spec if "password" in name]
    assert [name for name in secrets if not spec[name].get("no_log")] == []
