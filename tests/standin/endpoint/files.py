"""Windows paths on the container's disk: C: is one folder, D: another, and case does not matter."""

from __future__ import annotations

import ntpath
from dataclasses import dataclass
from pathlib import Path

from ..host.descriptor import inherit

VARIABLES = {
    "%temp%": r"C:\Windows\Temp",
    "%tmp%": r"C:\Windows\Temp",
    "%systemroot%": r"C:\Windows",
    "%windir%": r"C:\Windows",
    "%systemdrive%": "C:",
    "%programdata%": r"C:\ProgramData",
    "%programfiles%": r"C:\Program Files",
    "%public%": r"C:\Users\Public",
    "%userprofile%": r"C:\Users\Administrator",
}
# Folders that a bare Windows has; made when they are asked for first.
BARE = (
    r"C:\Windows\Temp",
    r"C:\Windows\System32",
    r"C:\ProgramData",
    r"C:\Program Files",
    r"C:\Users\Public\Desktop",
    r"C:\Users\Administrator",
)


class PathError(Exception):
    """A path that is none on Windows, or names a drive that the host lacks."""


@dataclass(frozen=True)
class WindowsFiles:
    """``drives`` maps upper-case letters to folders."""

    drives: dict[str, Path]

    def prepare(self) -> None:
        """Make the folders that a bare Windows has."""
        for path in BARE:
            if path[0] in self.drives:
                self.make_folder(self.real(path))

    def expand(self, path: str) -> str:
        """The path with environment variables filled in, backslashes, and no ``.`` or ``..``."""
        for variable, value in VARIABLES.items():
            start = path.casefold().find(variable)
            if start >= 0:
                path = path[:start] + value + path[start + len(variable) :]
        return ntpath.normpath(path)

    def real(self, path: str) -> Path:
        """Where a Windows path lies on disk; parts that exist are found whatever their case.

        :raises PathError: for a relative path, a name that Windows refuses, or an unknown drive.
        """
        drive, rest = ntpath.splitdrive(self.expand(path))
        root = self.drives.get(drive[:1].upper())
        if len(drive) != 2 or not rest.startswith("\\"):
            raise PathError(f"'{path}' is not an absolute path.")
        if root is None:
            raise PathError(f"Cannot find drive. A drive with the name '{drive[:1]}' does not exist.")
        here = root
        for part in filter(None, rest.split("\\")):
            if any(character in '<>:"|?*' or ord(character) < 32 for character in part):
                raise PathError(f"Illegal characters in path '{path}'.")
            here = _child(here, part)
        return here

    def make_folder(self, real: Path) -> None:
        """Make a folder and those above it that are missing; each inherits what its parent lets people do."""
        missing = [folder for folder in (real, *real.parents) if not folder.exists()]
        for folder in reversed(missing):
            folder.mkdir(exist_ok=True)
            self.made(folder)

    def made(self, real: Path) -> None:
        """Something new lies there: it inherits its parent's descriptor, which alone decides."""
        real.chmod(0o777 if real.is_dir() else 0o666)
        for root in self.drives.values():
            if root in real.parents:
                inherit(real, root)

    def windows(self, real: Path) -> str:
        """The Windows path of a place on disk."""
        for letter, root in self.drives.items():
            if real == root or root in real.parents:
                inner = str(real.relative_to(root)).replace("/", "\\")
                return f"{letter}:\\" + ("" if inner == "." else inner)
        raise PathError(f"{real} is on no drive.")


def _child(folder: Path, name: str) -> Path:
    exact = folder / name
    if exact.exists() or not folder.is_dir():
        return exact
    wanted = name.casefold()
    return next((entry for entry in folder.iterdir() if entry.name.casefold() == wanted), exact)
