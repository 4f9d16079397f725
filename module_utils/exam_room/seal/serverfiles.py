"""The candidates' folders on the server as collect.py reads them: through the administrative share, over SMB."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator

from ..wire.smb import Login, ReadHandle, Share, connect
from . import results
from .collect import Found
from .discnames import Parts


class ServerFile:
    """A collect.Content over an open handle."""

    def __init__(self, handle: ReadHandle) -> None:
        self._handle = handle

    @property
    def chunks(self) -> Iterable[bytes]:
        return self._handle.chunks()

    @property
    def streams(self) -> list[tuple[str, int]]:
        return self._handle.streams()


class ServerFiles:
    """A collect.Source over one connection; ``root`` is the folder of the candidates' folders on the share."""

    def __init__(self, share: Share, root: str) -> None:
        self._share = share
        self._root = root.strip("\\")

    def _path(self, folder: str, parts: Parts = ()) -> str:
        return "\\".join((self._root, folder, *parts))

    def walk(self, folder: str) -> Iterator[Found]:
        start = len(self._path(folder)) + 1
        for entry in self._share.walk(self._path(folder)):
            kind = results.REPARSE if entry.is_reparse else results.FOLDER if entry.is_dir else results.FILE
            size = entry.size if kind == results.FILE else 0
            parts = tuple(entry.path[start:].split("\\"))
            yield Found(parts, kind, size, entry.modified_100ns, entry.changed_100ns, entry.created_100ns)

    @contextlib.contextmanager
    def open_read(self, folder: str, parts: Parts) -> Iterator[ServerFile]:
        with self._share.open_read(self._path(folder, parts)) as handle:
            yield ServerFile(handle)


@contextlib.contextmanager
def connected(login: Login, volume: str, root: str, timeout: float) -> Iterator[ServerFiles]:
    """A connection of its own to the volume's administrative share, for one thread."""
    with connect(login, timeout=timeout) as server:
        yield ServerFiles(server.share(volume), root)
