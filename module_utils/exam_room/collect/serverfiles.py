"""The candidates' folders on the server as collect.py reads them: through the administrative share, over SMB."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from ..wire.smb import Login, Share, connect
from ..wire.smbread import Opened, Reader
from . import results
from .collect import Found
from .discnames import Parts


class ServerFiles:
    """A collect.Source over one connection; ``root`` is the folder of the candidates' folders on the share."""

    def __init__(self, share: Share, root: str) -> None:
        self._reader = Reader(share)
        self._root = root.strip("\\")

    def _path(self, folder: str, parts: Parts = ()) -> str:
        return "\\".join((self._root, folder, *parts))

    def walk(self, folder: str) -> Iterator[Found]:
        start = len(self._path(folder)) + 1
        for entry in self._reader.walk(self._path(folder)):
            kind = results.REPARSE if entry.is_reparse else results.FOLDER if entry.is_dir else results.FILE
            size = entry.size if kind == results.FILE else 0
            parts = tuple(entry.path[start:].split("\\"))
            yield Found(parts, kind, size, entry.modified_100ns, entry.changed_100ns, entry.created_100ns)

    def open_read(self, folder: str, parts: Parts, size: int) -> contextlib.AbstractContextManager[Opened]:
        return self._reader.open(self._path(folder, parts), size)


@contextlib.contextmanager
def connected(login: Login, volume: str, root: str, timeout: float) -> Iterator[ServerFiles]:
    """A connection of its own to the volume's administrative share, for one thread."""
    with connect(login, timeout, pumped=True) as server:
        yield ServerFiles(server.share(volume), root)
