"""ansible.windows.win_file and win_stat, on real files."""

from __future__ import annotations

import hashlib
import ntpath
import os
import shutil
from pathlib import Path
from typing import Any

from ..host import Host
from ..task import ModuleFailure, Result, Task

# FILE_ATTRIBUTE_* as .NET prints them: a file that nobody marked is an Archive.
_PLAIN = "Archive"


def win_file(host: Host, task: Task) -> Result:
    path, state = task.args["path"], task.args["state"]
    real = host.files.real(path)
    changed = False
    if state == "touch":
        if not task.check_mode:
            new = not real.exists()
            real.touch()
            if new:
                host.files.made(real)
        return {"changed": True}
    if real.exists():
        if state == "absent":
            changed = True
            if not task.check_mode:
                _remove(real)
        elif state == "directory" and not real.is_dir():
            raise ModuleFailure(f"path {path} is not a directory")
        elif state == "file" and real.is_dir():
            raise ModuleFailure(f"path {path} is not a file")
    elif state == "directory":
        changed = True
        if not task.check_mode:
            host.files.make_folder(real)
    elif state != "absent":
        raise ModuleFailure(f"path {path} will not be created")
    return {"changed": changed}


def win_stat(host: Host, task: Task) -> Result:
    args = task.args
    real = host.files.real(args["path"])
    if not real.exists():
        return {"changed": False, "stat": {"exists": False}}
    about = real.stat()
    path = host.files.windows(real)
    folder = real.is_dir()
    stat: dict[str, Any] = {
        "exists": True,
        "attributes": "Directory" if folder else _PLAIN,
        "isarchive": not folder,
        "isdir": folder,
        "ishidden": False,
        "isjunction": False,
        "islnk": False,
        "isreadonly": not about.st_mode & 0o200,
        "isreg": not folder,
        "isshared": False,
        "nlink": 1,
        "hlnk_targets": [],
        "creationtime": about.st_ctime,
        "lastaccesstime": about.st_atime,
        "lastwritetime": about.st_mtime,
        "path": path,
        "filename": ntpath.basename(path),
        "owner": r"BUILTIN\Administrators",
    }
    if folder:
        share = next((share for share in host.backend.shares() if share.path.casefold() == path.casefold()), None)
        if share:
            stat |= {"isshared": True, "sharename": share.name}
        if args["get_size"]:
            stat["size"] = sum(file.stat().st_size for file in real.rglob("*") if file.is_file())
    else:
        stat["extension"] = ntpath.splitext(path)[1]
        if args["get_size"]:
            stat["size"] = about.st_size
        if args["get_checksum"]:
            stat["checksum"] = checksum(real, args["checksum_algorithm"])
    return {"changed": False, "stat": stat}


def checksum(path: Path, algorithm: str = "sha1") -> str:
    """The hash of a file in hex."""
    with path.open("rb") as content:
        return hashlib.file_digest(content, algorithm).hexdigest()


def _remove(path: Path) -> None:
    try:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            os.unlink(path)  # noqa: PTH108 - a symlink must go, not its target
    except OSError as exc:
        raise ModuleFailure(f"Failed to delete {path.name}: {exc.strerror}") from None
