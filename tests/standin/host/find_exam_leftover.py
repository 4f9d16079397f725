r"""The model of roles/clean/files/host/Find-ExamLeftover.ps1: the same search and moves, on the host's real files.

Where it differs: a file has one time, when it was written; a folder or file whose mode lets nobody read is one that
Windows refuses, and one whose mode lets nobody write takes nothing in; links are the symbolic ones.
"""

from __future__ import annotations

import errno
import hashlib
import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .descriptor import ATTRIBUTE, administrators_only

if TYPE_CHECKING:
    from ..endpoint.host import Host

LISTS = {"LeaveTop", "Leave", "Also", "Whole", "People", "Quiet", "Loud", "Kind", "Word", "Digest"}
SEARCH = LISTS | {"Since", "Content", "Most", "Program", "Disc", "DiscDrive"}
MOVE = {"Move", "Quarantine", "Run", "Record"}
ACCESS_DENIED, EXISTS, GONE, NO_FUNCTION = 5, 183, 2, 1
_FORM = "%Y-%m-%dT%H:%M:%SZ"


def directly(host: Host, parameters: dict[str, Any], check_mode: bool) -> dict[str, Any]:
    """The script as win_powershell runs it: the keys of the result."""
    if unknown := set(parameters) - SEARCH - MOVE:
        return {"failed": True, "msg": f"the script does not take these parameters: {sorted(unknown)}"}
    if parameters.get("Move"):
        return {"output": [{"moved": list(_moves(host, parameters))}]}
    search = _Search(host, parameters)
    for letter in sorted(host.files.drives):
        search.searched.append(f"{letter}:\\")
        search.enter(_Folder(f"{letter}:", host.files.drives[letter]))
    for also in parameters.get("Also", []):
        path = host.files.expand(also)
        real = host.files.real(path)
        if real.is_dir():
            search.enter(_Folder(path, real, depth=2))
    burner = {"Check": True, "LimitMinutes": 3, "Letter": parameters.get("DiscDrive", "")}
    besides = {
        "programs": _besides(host, parameters.get("Program"), {}),
        "disc": _besides(host, parameters.get("Disc"), burner),
    }
    return {"output": [search.result() | besides]}


@dataclass(frozen=True)
class _Folder:
    path: str
    real: Path
    depth: int = 0
    quiet: bool = False
    people: bool = False
    bin: bool = False
    whole: bool = False
    word: str = ""
    original: str = ""


@dataclass
class _Search:
    host: Host
    parameters: dict[str, Any]
    searched: list[str] = field(default_factory=list)
    found: list[dict[str, Any]] = field(default_factory=list)
    unreadable: list[dict[str, Any]] = field(default_factory=list)
    files: int = 0
    folders: int = 0
    links: int = 0
    more: int = 0

    def __post_init__(self) -> None:
        given = self.parameters
        self._lists = {name: [str(one).casefold() for one in given.get(name, [])] for name in LISTS}
        self._since = datetime.fromisoformat(given.get("Since", "1601-01-01T00:00:00Z"))
        self._contents: dict[int, list[str]] = {}
        for one in given.get("Content", "").split():
            size, _, sha256 = one.partition(":")
            self._contents.setdefault(int(size), []).append(sha256)

    def result(self) -> dict[str, Any]:
        return {
            "now": self.host.clock().astimezone(UTC).strftime(_FORM),
            "searched": self.searched,
            "files": self.files,
            "folders": self.folders,
            "links": self.links,
            "more": self.more,
            "unreadable": self.unreadable,
            "digests": [_digest(self.host, path) for path in self.parameters.get("Digest", [])],
            "found": self.found,
        }

    def enter(self, folder: _Folder) -> None:
        if not _readable(folder.real):
            self.unreadable.append({"path": folder.path, "code": ACCESS_DENIED})
            return
        self.folders += 1
        entries = sorted(folder.real.iterdir(), key=lambda entry: entry.name)
        program = any(entry.name.casefold().endswith((".exe", ".dll")) and not entry.is_dir() for entry in entries)
        quiet = folder.quiet or (program and folder.depth > 0 and not folder.people)
        originals = _originals(entries) if folder.bin and folder.depth == 2 else {}
        for entry in entries:
            path = f"{folder.path}\\{entry.name}"
            original = originals.get(entry.name[2:].casefold(), "")
            if not original and folder.original:
                original = f"{folder.original}\\{entry.name}"
            if entry.is_symlink():
                self.links += 1
            elif entry.is_dir():
                if not self._is_left(path, entry.name, folder.depth):
                    self.enter(self._below(folder, quiet, path, entry, original))
            else:
                self.files += 1
                self._look(folder, quiet, path, entry, original)

    def _below(self, folder: _Folder, quiet: bool, path: str, entry: Path, original: str) -> _Folder:
        top = folder.depth == 0
        return _Folder(
            path,
            entry,
            depth=folder.depth + 1,
            quiet=(quiet or self._ends(path, "Quiet")) and not self._ends(path, "Loud"),
            people=folder.people or (top and entry.name.casefold() in self._lists["People"]),
            bin=folder.bin or (top and entry.name.casefold() == "$recycle.bin"),
            whole=folder.whole or path.casefold() in self._lists["Whole"],
            word=folder.word or self._word_in(_last(original) or entry.name),
            original=original,
        )

    def _look(self, folder: _Folder, quiet: bool, path: str, entry: Path, original: str) -> None:
        about = entry.stat()
        written = datetime.fromtimestamp(about.st_mtime, UTC)
        ending = "." + entry.name.rpartition(".")[2].casefold() if "." in entry.name else ""
        word = folder.word or self._word_in(entry.name) or self._word_in(_last(original))
        kind = about.st_size > 0 and not quiet and ending in self._lists["Kind"]
        young = written > self._since
        sha256 = self._hash(path, entry, about.st_size)
        if not word and not (kind and young) and not sha256 and not folder.whole:
            return
        if len(self.found) >= self.parameters.get("Most", 5000):
            self.more += 1
            return
        self.found.append(
            {
                "path": path,
                "size": about.st_size,
                "created": written.strftime(_FORM),
                "written": written.strftime(_FORM),
                "sha256": sha256,
                "word": word,
                "kind": kind,
                "young": young,
                "whole": folder.whole,
                "original": original,
            }
        )

    def _hash(self, path: str, entry: Path, size: int) -> str:
        if size not in self._contents:
            return ""
        if not _readable(entry):
            self.unreadable.append({"path": path, "code": ACCESS_DENIED})
            return ""
        with entry.open("rb") as content:
            sha256 = hashlib.file_digest(content, "sha256").hexdigest()
        return sha256 if sha256.startswith(tuple(self._contents[size])) else ""

    def _is_left(self, path: str, name: str, depth: int) -> bool:
        return (depth == 0 and name.casefold() in self._lists["LeaveTop"]) or path.casefold() in self._lists["Leave"]

    def _ends(self, path: str, name: str) -> bool:
        return any(path.casefold().endswith(f"\\{end}") for end in self._lists[name])

    def _word_in(self, name: str) -> str:
        folded = name.casefold()
        return next((word for word in self._lists["Word"] if word in folded), "")


def _besides(host: Host, text: str | None, given: dict[str, Any]) -> dict[str, Any] | None:
    """What another script has seen, None where none was given; UnknownScript for one that has no model."""
    if not text:
        return None
    # That module names this one.
    from ..endpoint.scripts import model_of

    return {"report": model_of(text)(host, given, False)["output"][-1], "error": ""}


def _digest(host: Host, path: str) -> dict[str, Any]:
    real = host.files.real(path)
    if not real.is_file():
        return {"path": path, "sha256": "", "code": NO_FUNCTION if real.is_dir() else GONE}
    if not _readable(real):
        return {"path": path, "sha256": "", "code": ACCESS_DENIED}
    return {"path": path, "sha256": hashlib.sha256(real.read_bytes()).hexdigest(), "code": 0}


def _last(path: str) -> str:
    return path.rpartition("\\")[2]


def _readable(real: Path) -> bool:
    return bool(real.stat().st_mode & 0o444)


def _originals(entries: list[Path]) -> dict[str, str]:
    """What the recycle bin notes of each thing in it, by the part of the name that both share."""
    found = {}
    for entry in entries:
        if entry.name.casefold().startswith("$i") and entry.is_file() and entry.stat().st_size >= 28:
            raw = entry.read_bytes()
            start = 28 if struct.unpack_from("<q", raw)[0] == 2 else 24
            found[entry.name[2:].casefold()] = raw[start:].decode("utf-16-le", "replace").partition("\0")[0]
    return found


def _moves(host: Host, parameters: dict[str, Any]) -> Iterator[dict[str, Any]]:
    opened: dict[str, int] = {}
    for path in parameters["Move"]:
        drive = path[:2]
        folder = f"{drive}\\{parameters['Quarantine']}\\{parameters['Run']}"
        if drive not in opened:
            opened[drive] = _open(host, f"{drive}\\{parameters['Quarantine']}", folder, parameters["Record"])
        to = f"{folder}\\files{path[2:]}"
        yield {"path": path, "to": to, "code": opened[drive] or _move(host, path, to)}


def _open(host: Host, top: str, folder: str, record: str) -> int:
    real = host.files.real(top)
    if real.exists() and not real.is_dir():
        return EXISTS
    if real.is_dir() and not real.stat().st_mode & 0o222:
        return ACCESS_DENIED
    host.files.make_folder(real)
    _close(real)
    inner = host.files.real(folder)
    host.files.make_folder(inner)
    (inner / "record.json").write_text(record, encoding="utf-8")
    host.files.made(inner / "record.json")
    return 0


def _move(host: Host, path: str, to: str) -> int:
    real, target = host.files.real(path), host.files.real(to)
    if not real.is_file():
        return GONE
    host.files.make_folder(target.parent)
    real.rename(target)
    _close(target)
    return 0


def _close(real: Path) -> None:
    """Owner and access list of what SYSTEM and Administrators alone may enter; without where a disk keeps none."""
    try:
        os.setxattr(real, ATTRIBUTE, administrators_only())
    except OSError as error:
        if error.errno != errno.ENOTSUP:
            raise
