"""What a file or folder on a share is to us: name, size, times and attributes, read from raw SMB buffers."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

ATTRIBUTE_READONLY: Final = 0x1
ATTRIBUTE_DIRECTORY: Final = 0x10
ATTRIBUTE_NORMAL: Final = 0x80
ATTRIBUTE_REPARSE_POINT: Final = 0x400


def utc_iso(filetime: int) -> str:
    """A FILETIME (100 ns since 1601-01-01 UTC, MS-DTYP 2.3.3) as UTC ISO 8601 with milliseconds."""
    moment = datetime(1601, 1, 1, tzinfo=UTC) + timedelta(microseconds=filetime // 10)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


@dataclass(frozen=True)
class Entry:
    """One file or folder; ``path`` is relative to the share. Times are FILETIMEs; ``changed_100ns`` is ChangeTime."""

    path: str
    size: int
    created_100ns: int
    modified_100ns: int
    changed_100ns: int
    attributes: int

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition("\\")[2]

    @property
    def is_dir(self) -> bool:
        """A folder (a junction is one too: see ``is_reparse``)."""
        return bool(self.attributes & ATTRIBUTE_DIRECTORY)

    @property
    def is_reparse(self) -> bool:
        """A symbolic link, a junction or the like: never followed."""
        return bool(self.attributes & ATTRIBUTE_REPARSE_POINT)

    @property
    def is_readonly(self) -> bool:
        """The read-only attribute is set."""
        return bool(self.attributes & ATTRIBUTE_READONLY)


def join(*parts: str) -> str:
    """Parts of a path inside a share, joined with backslashes; empty parts fall away."""
    return "\\".join(part.strip("\\") for part in parts if part.strip("\\"))


def opened_entry(path: str, raw: bytes) -> Entry:
    """The entry of an open file, from FileNetworkOpenInformation (MS-FSCC 2.4.29)."""
    created, _, modified, changed, _, size, attributes = struct.unpack("<qqqqqqI", raw[:52])
    return Entry(path, size, created, modified, changed, attributes)


def listing(raw: bytes, folder: str) -> Iterator[Entry]:
    """Entries of a FileFullDirectoryInformation buffer (MS-FSCC 2.4.17), without ``.`` and ``..``."""
    position = 0
    while True:
        following, _, created, _, modified, changed, size, _, attributes, length, _ = struct.unpack_from(
            "<IIqqqqqqIII", raw, position
        )
        name = raw[position + 68 : position + 68 + length].decode("utf-16-le", "surrogatepass")
        if name not in (".", ".."):
            yield Entry(join(folder, name), size, created, modified, changed, attributes)
        if not following:
            return
        position += following


def streams(raw: bytes) -> Iterator[tuple[str, int]]:
    """Name and size of the alternate data streams in a FileStreamInformation buffer (MS-FSCC 2.4.43)."""
    position = 0
    while position + 24 <= len(raw):
        following, length, size, _ = struct.unpack_from("<IIqq", raw, position)
        whole = raw[position + 24 : position + 24 + length].decode("utf-16-le", "surrogatepass")
        name = whole.removeprefix(":").rpartition(":")[0]
        # "::$DATA" is the content of the file itself.
        if name:
            yield name, size
        if not following:
            return
        position += following
