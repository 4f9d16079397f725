"""Making a bare host out of the image: what a fresh Windows installation would show on the wire.

The machine gets a SID of its own (or one it shares with others, if the room says so), its name, administrative shares,
and drives with Windows' default descriptor. Few commands: thirty hosts do this at once on two processors.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

from . import bake, drives, names, system
from .descriptor import ATTRIBUTE, drive_root_descriptor, inherit, program_files_descriptor

MARK = "bare.json"
FOLDERS = (
    "Windows",
    "Windows/System32",
    "Windows/Temp",
    "Users",
    "Users/Public",
    "Users/Public/Desktop",
    "Program Files",
    "Program Files (x86)",
    "ProgramData",
)
# Where Users may read and execute, nothing else.
READ_ONLY = ("Windows", "Program Files", "Program Files (x86)")


def make_bare() -> None:
    """Make this container a bare host, once; later starts only refresh the configuration file."""
    shutil.copyfile(Path(__file__).with_name("smb.conf"), bake.SMB_CONF)
    if system.load(MARK, {"done": False})["done"]:
        return
    settings = system.settings()
    letters = "cd" if settings["role"] == "server" else "c"
    system.run("net", "conf", "import", "/dev/stdin", stdin=registry(settings, letters))
    system.run("net", "setlocalsid", settings["machine_sid"])
    for name, rid in bake.GROUPS:
        bake.map_group(f"rid={rid}", name, rid, "domain")
    password = settings["admin"]["password"]
    if password != bake.DEFAULT_PASSWORD:
        system.run("smbpasswd", "-s", settings["admin"]["username"], stdin=f"{password}\n{password}\n")
    _make_drives(letters)
    system.save(names.FILE, vars(names.Names(settings["computer"], "WORKGROUP")))
    system.save(MARK, {"done": True})


def registry(settings: dict[str, Any], letters: str) -> str:
    """Samba's registry configuration of a bare host, as smb.conf text."""
    sections = [
        "[global]\n server min protocol = SMB3_11\n server signing = mandatory\n"
        f" netbios name = {settings['computer']}\n workgroup = WORKGROUP\n"
    ]
    places = [(f"{letter.upper()}$", drives.ROOT / letter, "Default share") for letter in letters]
    for name, path, comment in [*places, ("ADMIN$", drives.ROOT / "c" / "Windows", "Remote Admin")]:
        sections.append(
            f"[{name}]\n path = {path}\n comment = {comment}\n administrative share = yes\n"
            f" valid users = +{bake.unix_group(544)}\n"
        )
    return "\n".join(sections)


def _make_drives(letters: str) -> None:
    for letter in letters:
        root = drives.ROOT / letter
        root.mkdir(parents=True, exist_ok=True)
        root.chmod(0o777)
        os.setxattr(root, ATTRIBUTE, drive_root_descriptor())
    for folder in FOLDERS:
        path = drives.ROOT / "c" / folder
        path.mkdir(parents=True, exist_ok=True)
        path.chmod(0o777)
        if folder in READ_ONLY:
            os.setxattr(path, ATTRIBUTE, program_files_descriptor())
        else:
            inherit(path, drives.ROOT / "c")
