"""Where a sealed bag lies that is to be verified: a folder (a mounted disc, a copy), an image, or a drive."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from ..discs import isofiles
from ..errors import ExamError
from ..files import megabytes
from ..seal.bag import hash_file

PAYLOAD = "data/"
_TAGS_AT_MOST = 1024**3


class Source(Protocol):
    """A bag that is read and never written. ``files``: path in the bag -> size in bytes, links included.

    ``tags``: a folder in which the files beside the payload can be read as such.
    """

    @property
    def files(self) -> Mapping[str, int]: ...
    @property
    def tags(self) -> Path: ...
    def hashes(self, paths: Iterable[str], *algorithms: str) -> Iterator[tuple[str, Mapping[str, str] | None]]:
        """Path and hashes (hex), one file after the other; None where a file cannot be read in full."""
        ...


class Folder:
    """A bag that lies in a folder."""

    def __init__(self, path: Path) -> None:
        self.tags = path
        self.files: dict[str, int] = {}
        for root, folders, files in os.walk(path, onerror=_refuse):
            links = [name for name in folders if (Path(root) / name).is_symlink()]
            for name in (*files, *links):
                found = Path(root) / name
                self.files[found.relative_to(path).as_posix()] = found.lstat().st_size

    def hashes(self, paths: Iterable[str], *algorithms: str) -> Iterator[tuple[str, Mapping[str, str] | None]]:
        for path in paths:
            try:
                yield path, hash_file(self.tags / path, *algorithms)
            except OSError:
                yield path, None


class Image:
    """A bag in an image or on the disc in a drive; the files beside the payload are copied to the folder ``tags``."""

    def __init__(self, drive: str, tags: Path) -> None:
        self._drive = drive
        self.tags = tags
        self.files = isofiles.listing(drive, "rockridge")
        beside = {path: size for path, size in self.files.items() if "/" not in path}
        if sum(beside.values()) > _TAGS_AT_MOST:
            raise ExamError(
                f"{drive} 根目录下的文件共 {megabytes(sum(beside.values()))}，不是考试结果光盘。",
                f"The files in the root of {drive} take {megabytes(sum(beside.values()))}: no disc of results.",
            )
        for path, size in beside.items():
            content = isofiles.content(drive, path, size)
            if content is not None:
                (tags / path).write_bytes(content)

    def hashes(self, paths: Iterable[str], *algorithms: str) -> Iterator[tuple[str, Mapping[str, str] | None]]:
        return isofiles.hashes(self._drive, {path: self.files[path] for path in paths}, *algorithms)


@contextmanager
def opened(path: Path) -> Iterator[Source]:
    """The bag at this path. Raises ExamError when there is none that could be read at all."""
    try:
        mode = path.stat().st_mode
    except OSError as exc:
        raise ExamError(f"打不开 {path}：{exc.strerror}", f"Cannot open {path}: {exc.strerror}") from exc
    if stat.S_ISDIR(mode):
        yield _checked(Folder(path), path)
        return
    drive = str(path) if stat.S_ISBLK(mode) else isofiles.drive_of(path)
    with tempfile.TemporaryDirectory() as tags:
        yield _checked(Image(drive, Path(tags)), path)


def _checked(source: Source, path: Path) -> Source:
    if not source.files.keys() & {"bagit.txt", "tagmanifest-sha256.txt", "manifest-sha256.txt"}:
        inner = [name for name in sorted(source.files) if name.endswith("/bagit.txt")]
        hint_zh = (
            f"其中 {Path(inner[0]).parent} 像是一个，请直接指定它"
            if inner
            else "应指定光盘、映像，或含 bagit.txt 的文件夹"
        )
        hint_en = (
            f"{Path(inner[0]).parent} in it may be one, name that"
            if inner
            else ("name a disc, an image, or the folder that holds bagit.txt")
        )
        raise ExamError(
            f"{path} 不是封存的考试结果（没有 bagit.txt 和清单）；{hint_zh}。",
            f"{path} is no sealed bag of results (neither bagit.txt nor manifests); {hint_en}.",
        )
    return source


def _refuse(exc: OSError) -> None:
    raise ExamError(f"读不了 {exc.filename}：{exc.strerror}", f"Cannot read {exc.filename}: {exc.strerror}") from exc
