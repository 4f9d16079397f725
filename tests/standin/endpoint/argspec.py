"""Arguments of the modules, checked against the collections' own documentation.

``data/argspec.json`` is what ``ansible-doc -j`` says, and nothing else; make it again, after an update of the
collections, with ``python3 -m standin.endpoint.argspec`` (tests/ on PYTHONPATH). A unit test compares the two.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

DATA = Path(__file__).parents[1] / "data" / "argspec.json"
MODULES = (
    "ansible.windows.win_auto_logon",
    "ansible.windows.win_command",
    "ansible.windows.win_copy",
    "ansible.windows.win_file",
    "ansible.windows.win_firewall",
    "ansible.windows.win_group_membership",
    "ansible.windows.win_hostname",
    "ansible.windows.win_package",
    "ansible.windows.win_ping",
    "ansible.windows.win_powershell",
    "ansible.windows.win_reg_stat",
    "ansible.windows.win_regedit",
    "ansible.windows.win_service",
    "ansible.windows.win_service_info",
    "ansible.windows.win_share",
    "ansible.windows.win_stat",
    "ansible.windows.win_user",
    "ansible.windows.win_user_profile",
    "chocolatey.chocolatey.win_chocolatey",
    "community.windows.win_firewall_rule",
    "community.windows.win_msg",
    "community.windows.win_scheduled_task",
    "community.windows.win_shortcut",
    "microsoft.ad.membership",
)
# What an action plugin adds for its own module, so no documentation has it (ansible.windows win_copy.py).
INTERNAL: Mapping[str, frozenset[str]] = {
    "ansible.windows.win_copy": frozenset({"_copy_mode", "_original_basename", "files", "directories", "symlinks"}),
}
Spec = dict[str, dict[str, Any]]

_TRUE = {"y", "yes", "on", "1", "true", "t", "1.0"}
_FALSE = {"n", "no", "off", "0", "false", "f", "0.0"}
_INTEGER = re.compile(r"^[+-]?\d+$")


class ArgumentError(Exception):
    """Arguments that the module's documentation does not allow."""


def generate() -> dict[str, Spec]:
    """The specs as ansible-doc gives them now."""
    shown = subprocess.run(
        [str(Path(sys.executable).with_name("ansible-doc")), "-t", "module", "-j", *MODULES],
        check=True,
        capture_output=True,
    )
    documents = json.loads(shown.stdout)
    return {name: _options(documents[name]["doc"].get("options") or {}) for name in MODULES}


def _options(documented: Mapping[str, Mapping[str, Any]]) -> Spec:
    kept = ("type", "elements", "choices", "default", "required", "aliases")
    spec: Spec = {}
    for name, option in sorted(documented.items()):
        entry = {key: option[key] for key in kept if option.get(key) not in (None, [], False)}
        if option.get("default") is False:
            entry["default"] = False
        if isinstance(entry.get("choices"), dict):
            entry["choices"] = list(entry["choices"])
        if option.get("suboptions"):
            entry["options"] = _options(option["suboptions"])
        spec[name] = entry
    return spec


@cache
def specs() -> dict[str, Spec]:
    """Every spec of the data file."""
    loaded: dict[str, Spec] = json.loads(DATA.read_text(encoding="utf-8"))
    return loaded


def check(module: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments converted to their types, with defaults and without aliases.

    :raises ArgumentError: for an unknown module or parameter, a wrong type, a value outside the choices, or a
        required parameter that is missing.
    """
    spec = specs().get(module)
    if spec is None:
        raise ArgumentError(f"The stand-in knows no module {module}.")
    internal = INTERNAL.get(module, frozenset())
    checked = _check(spec, {key: value for key, value in arguments.items() if key not in internal}, module)
    checked.update({key: value for key, value in arguments.items() if key in internal})
    return checked


def _check(spec: Spec, arguments: Mapping[str, Any], where: str) -> dict[str, Any]:
    names = {alias: name for name, option in spec.items() for alias in (name, *option.get("aliases", ()))}
    folded = {alias.casefold(): name for alias, name in names.items()}
    unknown = sorted(key for key in arguments if key.casefold() not in folded)
    if unknown:
        supported = ", ".join(sorted(spec))
        raise ArgumentError(
            f"Unsupported parameters for ({where}) module: {', '.join(unknown)}. "
            f"Supported parameters include: {supported}"
        )
    given = {folded[key.casefold()]: value for key, value in arguments.items() if value is not None}
    missing = sorted(name for name, option in spec.items() if option.get("required") and name not in given)
    if missing:
        raise ArgumentError(f"missing required arguments: {', '.join(missing)} found in {where}")
    checked: dict[str, Any] = {}
    for name, option in spec.items():
        if name in given:
            checked[name] = _convert(given[name], option, f"{where}: {name}")
        else:
            default = option.get("default")
            checked[name] = None if default is None else _convert(default, option, f"{where}: {name}")
    return checked


def _convert(value: Any, option: Mapping[str, Any], where: str) -> Any:
    # Documentation without a type means str; win_scheduled_task forgets it for an option that has suboptions.
    kind = option.get("type", "dict" if "options" in option else "str")
    converted = _typed(value, kind, where)
    if kind == "list":
        element = {key: value for key, value in option.items() if key in ("choices", "options")}
        element["type"] = option.get("elements", "raw")
        return [_convert(entry, element, where) for entry in converted]
    choices = option.get("choices")
    if choices is not None:
        return _chosen(converted, choices, where)
    if kind == "dict" and "options" in option:
        return _check(option["options"], converted, where)
    return converted


def _chosen(value: Any, choices: Sequence[Any], where: str) -> Any:
    for choice in choices:
        if value == choice or (
            isinstance(value, str) and isinstance(choice, str) and value.casefold() == choice.casefold()
        ):
            return choice
    raise ArgumentError(f"value of {where} must be one of: {', '.join(map(str, choices))}. Got no match for: {value}")


def _typed(value: Any, kind: str, where: str) -> Any:
    wrong = ArgumentError(f"argument for {where} is of type {type(value).__name__} and cannot be converted to {kind}")
    scalar = isinstance(value, (str, int, float, bool))
    if kind in ("str", "path"):
        if not scalar:
            raise wrong
        return value if isinstance(value, str) else str(value)
    if kind == "bool":
        text = str(value).casefold()
        if not scalar or text not in _TRUE | _FALSE:
            raise wrong
        return text in _TRUE
    if kind == "int":
        if isinstance(value, bool) or not scalar or not _INTEGER.match(str(value).strip()):
            raise wrong
        return int(value)
    if kind == "float":
        try:
            return float(value)
        except (TypeError, ValueError):
            raise wrong from None
    if kind == "list":
        if isinstance(value, list):
            return value
        if isinstance(value, str):
            return [part.strip() for part in value.split(",")]
        if isinstance(value, (int, float)):
            return [value]
        raise wrong
    if kind == "dict":
        if not isinstance(value, dict):
            raise wrong
        return value
    return value


if __name__ == "__main__":
    DATA.write_text(json.dumps(generate(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
