"""The files on a disc or in an image, listed and read through xorriso: nothing is mounted, nothing is unpacked.

A source is named as xorriso names a drive: ``/dev/sr0``, or ``stdio:/path`` for an image.
"""

from __future__ import annotations

import hashlib
import re
import shlex
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from ..collect.collect import CHUNK
from ..errors import ExamError
from ..tools import complaint, run, stream

STDIO = "stdio:"
_LIST_S = 1200.0
# A worn disc is read slowly, sector by sector.
_READ_S = 3 * 3600.0
# Where a disc cannot be read, the rest is tried again this often; each try costs a start of xorriso.
_MOST_TRIES = 100

# One line of -exec lsdl: mode, links, owner, group, size, date (three words), quoted path.
_LISTING = re.compile(r"^\S+\s+\d+\s+\S+\s+\S+\s+(\d+)\s+\S+\s+\S+\s+\S+\s+('.*)$")


def drive_of(path: Path) -> str:
    """An image file as a source."""
    return f"{STDIO}{path.absolute()}"


def listing(source: str, tree: str) -> dict[str, int]:
    """Path (without the leading slash) -> size of every file in one of the two trees, rockridge or joliet."""
    mode = {"rockridge": "any", "joliet": "norock"}[tree]
    done = run(
        ["xorriso", "-read_fs", mode, "-indev", source, "-find", "/", "-type", "f", "-exec", "lsdl", "--"],
        timeout=_LIST_S,
    )
    if done.returncode != 0:
        raise ExamError(f"读不出光盘目录：{complaint(done)}", f"The disc cannot be listed: {complaint(done)}")
    found: dict[str, int] = {}
    for line in done.stdout.decode("utf-8", "replace").splitlines():
        matched = _LISTING.match(line)
        if matched:
            found["".join(shlex.split(matched[2])).removeprefix("/")] = int(matched[1])
    return found


def hashes(source: str, listed: Mapping[str, int], *algorithms: str) -> Iterator[tuple[str, dict[str, str] | None]]:
    """Path and hashes (hex) of every listed file, in one run of xorriso as long as all of it can be read.

    None in place of the hashes of a file that cannot be read in full.
    """
    current, digests = "", {name: hashlib.new(name) for name in algorithms}
    for path, chunk in _chunks(source, listed):
        if path != current:
            current, digests = path, {name: hashlib.new(name) for name in algorithms}
        if chunk is None:
            yield path, None
        elif chunk:
            for one in digests.values():
                one.update(chunk)
        else:
            yield path, {name: one.hexdigest() for name, one in digests.items()}


def content(source: str, path: str, size: int) -> bytes | None:
    """One file, None when it cannot be read in full."""
    parts = [chunk for _, chunk in _chunks(source, {path: size})]
    return None if None in parts else b"".join(part for part in parts if part)


def _chunks(source: str, listed: Mapping[str, int]) -> Iterator[tuple[str, bytes | None]]:
    """The files' contents, piece by piece; after the last piece of a file an empty one, or None: it cannot be read."""
    waiting = list(listed)
    for _ in range(_MOST_TRIES):
        try:
            for path, chunk in _one_run(source, {path: listed[path] for path in waiting}):
                yield path, chunk
                if not chunk:
                    waiting.pop(0)
        except ExamError:
            # xorriso ended: the file it was at cannot be read, those after it may.
            pass
        if waiting:
            yield waiting.pop(0), None
        if not waiting:
            return
    for path in waiting:
        yield path, None


def _one_run(source: str, listed: Mapping[str, int]) -> Iterator[tuple[str, bytes]]:
    """All of the files, one after the other through one pipe; ends early where the pipe does."""
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", suffix=".xorriso") as commands:
        # A file may be called a[1]*.txt.
        commands.write("-iso_rr_pattern off\n")
        for path in listed:
            commands.write(f"-concat append - {_quoted('/' + path)} --\n")
        commands.flush()
        command = ["xorriso", "-osirrox", "on", "-indev", source, "-options_from_file", commands.name]
        with stream(command, timeout=_READ_S) as data:
            last = list(listed)[-1:]
            for path, size in listed.items():
                while size:
                    chunk = data.read(min(size, CHUNK))
                    if not chunk:
                        return
                    yield path, chunk
                    size -= len(chunk)
                if [path] == last and data.read(1):
                    return
                yield path, b""


def _quoted(path: str) -> str:
    """A path as xorriso reads it in a file of commands: a quote stands in quotes of the other kind."""
    return "'" + path.replace("'", "'\"'\"'") + "'"
