"""ansible.windows.win_copy in the modes that its action plugin drives; win_template uses ``single`` too."""

from __future__ import annotations

import base64
import binascii
import ntpath
import shutil
import zipfile
from typing import Any

from ..host import Host
from ..task import ModuleFailure, Result, Task
from .files import checksum


def win_copy(host: Host, task: Task) -> Result:
    mode = task.args.get("_copy_mode", "single")
    model = {"query": _query, "single": _single, "explode": _explode}.get(mode)
    if model is None:
        raise ModuleFailure(f"The stand-in does not model the mode {mode} of win_copy.")
    return model(host, task)


def _query(host: Host, task: Task) -> Result:
    """Which of the controller's files and folders are missing or differ."""
    dest, force = task.args["dest"], task.args["force"]
    files = []
    for file in task.args.get("files") or []:
        name = file["dest"]
        real = host.files.real(_join(dest, name))
        if real.is_dir():
            real = host.files.real(_join(dest, name, ntpath.basename(file["src"].replace("/", "\\"))))
        if real.is_dir():
            raise ModuleFailure(f"cannot copy file to dest '{real}': object at path is already a directory")
        if not real.is_file() or (force and checksum(real) != file.get("checksum")):
            files.append(file)
    directories = []
    for directory in task.args.get("directories") or []:
        path = _join(dest, directory["dest"])
        real = host.files.real(path)
        if real.is_file():
            raise ModuleFailure(f"cannot copy folder to dest '{path}': object at path is already a file")
        if not real.is_dir():
            directories.append(directory)
    return {"changed": False, "files": files, "directories": directories, "symlinks": []}


def _single(host: Host, task: Task) -> Result:
    args = task.args
    source = host.files.real(args["src"])
    if not source.is_file():
        raise ModuleFailure(f"Cannot copy src file: '{args['src']}' as it does not exist")
    dest: str = args["dest"]
    into_folder = dest.endswith(("/", "\\")) or host.files.real(dest).is_dir()
    target = _join(dest, args.get("_original_basename") or ntpath.basename(args["src"])) if into_folder else dest
    parent = ntpath.dirname(host.files.expand(target))
    real_parent = host.files.real(parent)
    if real_parent.is_file():
        raise ModuleFailure(f"object at destination parent dir '{parent}' is currently a file")
    if not real_parent.is_dir():
        if not into_folder:
            raise ModuleFailure(f"Destination directory '{parent}' does not exist")
        host.files.make_folder(real_parent)
    result: Result = {"changed": True}
    if args["backup"]:
        raise ModuleFailure("The stand-in does not model the option backup of win_copy.")
    real = host.files.real(target)
    new = not real.exists()
    shutil.copyfile(source, real)
    if new:
        host.files.made(real)
    return result


def _explode(host: Host, task: Task) -> Result:
    """Unpack an archive whose entries have their names in base64."""
    args = task.args
    source = host.files.real(args["src"])
    if not source.is_file():
        raise ModuleFailure(f"Cannot expand src zip file: '{args['src']}' as it does not exist")
    with zipfile.ZipFile(source) as archive:
        for entry in archive.infolist():
            name, folder = _decoded(entry.filename)
            target = host.files.real(_join(args["dest"], name))
            if folder:
                host.files.make_folder(target)
                continue
            host.files.make_folder(target.parent)
            new = not target.exists()
            with archive.open(entry) as content, target.open("wb") as out:
                shutil.copyfileobj(content, out)
            if new:
                host.files.made(target)
    return {"changed": True}


def _decoded(name: str) -> tuple[str, bool]:
    try:
        return base64.b64decode(name.rstrip("/"), validate=True).decode(), name.endswith("/")
    except (binascii.Error, UnicodeDecodeError):
        raise ModuleFailure(f"invalid base64 archive name '{name}'") from None


def _join(folder: Any, *names: Any) -> str:
    """As Join-Path does it: ``C:`` and ``x`` give ``C:\\x``, where ntpath.join would give the relative ``C:x``."""
    parts = [str(part).replace("/", "\\") for part in (folder, *names)]
    return "\\".join([parts[0].rstrip("\\"), *(part.strip("\\") for part in parts[1:])])
