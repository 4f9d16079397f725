"""Ansible's own helper scripts: file transfer and temporary folders (ansible.executor.powershell)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import ntpath
from typing import Any

from .files import PathError
from .host import Host
from .payload import HelperCall
from .shells import Output


def run(host: Host, call: HelperCall) -> Output:
    """The output of one helper script; an unknown one fails."""
    helper = _HELPERS.get(call.name)
    if helper is None:
        return Output(b"", f"The stand-in has no model of {call.name}.".encode(), 1)
    try:
        return helper(host, call.parameters, call.data)
    except (PathError, OSError, binascii.Error) as exc:
        return Output(b"", str(exc).encode(), 1)


def _put_file(host: Host, parameters: dict[str, Any], data: bytes) -> Output:
    content = b"".join(base64.b64decode(line) for line in data.splitlines())
    host.files.real(parameters["Path"]).write_bytes(content)
    answer = json.dumps({"sha1": hashlib.sha1(content, usedforsecurity=False).hexdigest()})
    return Output(answer.encode() + b"\r\n")


def _fetch_file(host: Host, parameters: dict[str, Any], data: bytes) -> Output:
    path = host.files.real(parameters["Path"])
    if path.is_dir():
        return Output(b"[DIR]\r\n")
    if not path.is_file():
        return Output(b"", f"{parameters['Path']} does not exist".encode(), 1)
    with path.open("rb") as source:
        source.seek(parameters["Offset"])
        chunk = source.read(parameters["BufferSize"])
    return Output(base64.b64encode(chunk) + b"\r\n" if chunk else b"")


def _mkdtemp(host: Host, parameters: dict[str, Any], data: bytes) -> Output:
    path = ntpath.join(host.files.expand(parameters["Directory"]), parameters["Name"])
    host.files.make_folder(host.files.real(path))
    return Output(path.encode() + b"\r\n")


def _expand_user(host: Host, parameters: dict[str, Any], data: bytes) -> Output:
    path: str = parameters["Path"]
    home = host.files.expand("%USERPROFILE%")
    if path == "~":
        path = home
    elif path.startswith("~\\"):
        path = ntpath.join(home, path[2:])
    return Output(path.encode() + b"\r\n")


_HELPERS = {
    "winrm_put_file.ps1": _put_file,
    "winrm_fetch_file.ps1": _fetch_file,
    "powershell_mkdtemp.ps1": _mkdtemp,
    "powershell_expand_user.ps1": _expand_user,
}
