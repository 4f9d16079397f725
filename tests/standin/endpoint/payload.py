"""What Ansible puts into a command line and its standard input, decoded (ansible.executor.powershell).

Standard input is ``bootstrap JSON + "\\n\\0\\0\\0\\0\\n" + manifest JSON``, and for a file upload another separator and
the file in base64 lines. The last of the manifest's ``actions`` is what is meant to run.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from dataclasses import dataclass
from typing import Any

_SEPARATOR = b"\n\0\0\0\0\n"
_ENCODED = re.compile(
    r"^\s*powershell(?:\.exe)?\s.*?-EncodedCommand\s+([A-Za-z0-9+/=]+)\s*$", re.IGNORECASE | re.DOTALL
)
_MODULE = re.compile(r"^ansible_collections\.(\w+\.\w+)\.plugins\.modules\.(\w+)\.ps1$")
# Sentences of ansible's bootstrap_wrapper.ps1: a script that reads standard input in any other way is none of ours.
_BOOTSTRAP = ("ConvertFrom-Json -InputObject $codeJson", "$input | & $cmd @splat")


class PayloadError(Exception):
    """The input is not what Ansible sends; the text says how."""


@dataclass(frozen=True)
class ModuleCall:
    """A module with the arguments of its task, Ansible's own (``_ansible_*``) split off."""

    module: str
    arguments: dict[str, Any]
    check_mode: bool
    diff_mode: bool


@dataclass(frozen=True)
class HelperCall:
    """One of Ansible's own helper scripts, such as winrm_put_file.ps1; ``data`` is what follows on standard input."""

    name: str
    parameters: dict[str, Any]
    data: bytes


@dataclass(frozen=True)
class RawCommand:
    """A PowerShell text or a plain command line."""

    text: str


Call = ModuleCall | HelperCall | RawCommand


def script_of(command_line: str) -> str | None:
    """The PowerShell text of an ``-EncodedCommand``, or None for another command line."""
    found = _ENCODED.match(command_line)
    if not found:
        return None
    try:
        return base64.b64decode(found.group(1), validate=True).decode("utf-16-le")
    except (binascii.Error, UnicodeDecodeError) as exc:
        raise PayloadError(f"-EncodedCommand is not UTF-16 in base64: {exc}") from None


def decode(command_line: str, stdin: bytes) -> Call:
    """What a command line and its standard input ask for.

    :raises PayloadError: if they are not in Ansible's format, or ask for become or async, which have no model.
    """
    script = script_of(command_line)
    if script is None:
        return RawCommand(command_line.strip())
    if not stdin:
        return RawCommand(script.strip())
    if not all(sentence in script for sentence in _BOOTSTRAP):
        raise PayloadError("The script that reads standard input is not Ansible's bootstrap_wrapper.ps1.")
    _, _, rest = stdin.partition(_SEPARATOR)
    manifest_text, _, data = rest.partition(_SEPARATOR)
    try:
        manifest = json.loads(manifest_text)
        actions = manifest["actions"]
        names = [action["name"] for action in actions]
        last = actions[-1]
        parameters = last["params"]
    except (ValueError, KeyError, IndexError, TypeError) as exc:
        raise PayloadError(f"The manifest on standard input is not readable: {exc!r}") from None
    if len(names) > 1:
        raise PayloadError(f"The stand-in models neither become nor async: {', '.join(names[:-1])}")
    if last["name"] != "module_wrapper.ps1":
        return HelperCall(last["name"], parameters, data)
    return _module(parameters)


def _module(parameters: dict[str, Any]) -> ModuleCall:
    found = _MODULE.match(str(parameters.get("Script", "")))
    if not found:
        raise PayloadError(f"The stand-in knows no module {parameters.get('Script')!r}.")
    variables = {entry["Name"]: entry["Value"] for entry in parameters.get("Variables", [])}
    arguments = variables.get("complex_args")
    if not isinstance(arguments, dict):
        raise PayloadError("The manifest names a module but no complex_args.")
    return ModuleCall(
        module=".".join(found.groups()),
        arguments={key: value for key, value in arguments.items() if not key.startswith("_ansible_")},
        check_mode=bool(arguments.get("_ansible_check_mode")),
        diff_mode=bool(arguments.get("_ansible_diff")),
    )
