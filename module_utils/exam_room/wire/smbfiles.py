"""Files of one share: walking, reading, atomic writing, removing, and security descriptors (MS-SMB2, MS-FSCC).

Directory entries and file information are read from the raw buffers: their times keep all 100 ns, and attribute bits
that smbprotocol does not know are no error. Everything is opened with backup intent where the administrator must get
in whatever the DACL says, and with FILE_OPEN_REPARSE_POINT, so that no link planted by a candidate is followed.
"""

from __future__ import annotations

import secrets
import struct
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from typing import Any, Final

from smbprotocol.exceptions import EndOfFile, SMBException
from smbprotocol.file_info import FileInformationClass, FileSystemInformationClass, InfoType
from smbprotocol.open import (
    CreateDisposition,
    CreateOptions,
    ImpersonationLevel,
    Open,
    ShareAccess,
    SMB2QueryDirectoryRequest,
    SMB2QueryDirectoryResponse,
    SMB2QueryInfoRequest,
    SMB2QueryInfoResponse,
    SMB2SetInfoRequest,
    SMB2SetInfoResponse,
)

from .smbentry import (
    ATTRIBUTE_DIRECTORY,
    ATTRIBUTE_NORMAL,
    ATTRIBUTE_READONLY,
    Entry,
    join,
    listing,
    opened_entry,
    streams,
)
from .smberrors import NotFound, SmbError

Translate = Callable[[str], AbstractContextManager[None]]

READ_DATA: Final = 0x0001
WRITE_DATA: Final = 0x0002
READ_ATTRIBUTES: Final = 0x0080
WRITE_ATTRIBUTES: Final = 0x0100
DELETE: Final = 0x0001_0000
READ_CONTROL: Final = 0x0002_0000
WRITE_DAC: Final = 0x0004_0000
WRITE_OWNER: Final = 0x0008_0000
SYNCHRONIZE: Final = 0x0010_0000

OWNER_GROUP_DACL: Final = 0x7
SET_PROTECTED_DACL: Final = 0x8000_0004
SET_OWNER: Final = 0x1

# 16 credits each; a fresh session holds 64, so four requests may be under way.
CHUNK: Final = 512 * 1024
READ_AHEAD: Final = 4
LISTING_BYTES: Final = 256 * 1024
STREAMS_BYTES: Final = 64 * 1024
SHARE_ALL: Final = ShareAccess.FILE_SHARE_READ | ShareAccess.FILE_SHARE_WRITE | ShareAccess.FILE_SHARE_DELETE
NO_FOLLOW: Final = CreateOptions.FILE_OPEN_FOR_BACKUP_INTENT | CreateOptions.FILE_OPEN_REPARSE_POINT


class _WireName(str):
    """A path as it goes over the wire: NTFS allows names that are no valid UTF-16, and such a file counts too."""

    def encode(self, encoding: str = "utf-8", errors: str = "strict") -> bytes:
        return super().encode(encoding, "surrogatepass")


class ReadHandle:
    """A file open for reading. ``entry`` holds what the handle itself says about size and times."""

    def __init__(self, share: Share, handle: Any, entry: Entry) -> None:
        self._share = share
        self._handle = handle
        self.entry = entry

    def read(self, offset: int, length: int) -> bytes:
        """At most ``length`` bytes (up to CHUNK) from ``offset``; empty at the end of the file."""
        with self._share.translate(self._share.name_of(self.entry.path)):
            try:
                return bytes(self._handle.read(offset, min(length, CHUNK)))
            except EndOfFile:
                return b""

    @property
    def file_id(self) -> bytes:
        """The handle as the server knows it (MS-SMB2 2.2.14.1)."""
        return bytes(self._handle.file_id)

    def streams(self) -> list[tuple[str, int]]:
        """Name and size of the alternate data streams (FileStreamInformation, MS-FSCC 2.4.43); usually none."""
        return self._share.streams_of(self._handle)

    def chunks(self) -> Iterator[bytes]:
        """The whole content in order, several reads under way at a time."""
        what = self._share.name_of(self.entry.path)
        waiting: deque[tuple[int, int, Any, Any]] = deque()
        asked = 0
        while waiting or asked < self.entry.size:
            with self._share.translate(what):
                while asked < self.entry.size and len(waiting) < READ_AHEAD:
                    length = min(CHUNK, self.entry.size - asked)
                    message, receive = self._handle.read(asked, length, send=False)
                    waiting.append((asked, length, self._share.send(message), receive))
                    asked += length
                offset, length, request, receive = waiting.popleft()
                data = self._answer(request, receive)
                if len(data) < length:
                    # The file became shorter, or the server gives less at a time: go on one by one.
                    for _, _, late, late_receive in waiting:
                        self._answer(late, late_receive)
                    waiting.clear()
                    asked = self.entry.size
            if data:
                yield data
            if len(data) < length:
                yield from self._rest(offset + len(data))

    @staticmethod
    def _answer(request: Any, receive: Any) -> bytes:
        try:
            return bytes(receive(request))
        except EndOfFile:
            return b""

    def _rest(self, offset: int) -> Iterator[bytes]:
        while data := self.read(offset, CHUNK):
            yield data
            offset += len(data)


class Share:
    """A connected share. Paths use backslashes and are relative to it; ``""`` is its root."""

    def __init__(self, tree: Any, unc: str, translate: Translate) -> None:
        self._tree = tree
        self.unc = unc
        self.translate = translate

    def name_of(self, path: str) -> str:
        """How ``path`` is named to people: the whole UNC name."""
        return f"{self.unc}\\{path}" if path else self.unc

    def send(self, message: Any) -> Any:
        """Send one SMB2 message on this tree; the answer is awaited elsewhere."""
        session = self._tree.session
        return session.connection.send(message, session.session_id, self._tree.tree_connect_id)

    @property
    def tree(self) -> Any:
        """smbprotocol's tree connect, for the pipes of rpc.py."""
        return self._tree

    def receive(self, request: Any) -> Any:
        """The answer to ``send``; smbprotocol's exceptions come through untranslated."""
        return self._tree.session.connection.receive(request)

    def disconnect(self) -> None:
        """Leave the share; a share that is gone already is no error."""
        with suppress(SMBException, OSError, KeyError):
            self._tree.disconnect()

    # -- looking

    def listdir(self, path: str) -> list[Entry]:
        """What lies in folder ``path``, sorted by name."""
        entries: list[Entry] = []
        with self._opened(path, READ_DATA | READ_ATTRIBUTES, options=CreateOptions.FILE_DIRECTORY_FILE) as handle:
            while True:
                query = SMB2QueryDirectoryRequest()
                query["file_information_class"] = FileInformationClass.FILE_FULL_DIRECTORY_INFORMATION
                query["file_id"] = handle.file_id
                query["output_buffer_length"] = LISTING_BYTES
                query["buffer"] = "*".encode("utf-16-le")
                try:
                    answer = self._ask(handle, query, SMB2QueryDirectoryResponse)
                except SmbError as error:
                    if error.status == "STATUS_NO_MORE_FILES":
                        break
                    raise
                entries.extend(listing(answer["buffer"].get_value(), path))
        return sorted(entries, key=lambda entry: entry.name)

    def walk(self, path: str) -> Iterator[Entry]:
        """Everything below folder ``path``, a folder before its content; reparse points are named, not entered."""
        for entry in self.listdir(path):
            yield entry
            if entry.is_dir and not entry.is_reparse:
                yield from self.walk(entry.path)

    def stat(self, path: str) -> Entry | None:
        """One file or folder as its handle describes it; None when absent."""
        try:
            with self._opened(path, READ_ATTRIBUTES) as handle:
                return self._entry_of(handle, path)
        except NotFound:
            return None

    def free_bytes(self) -> int:
        """Bytes on the volume that the caller may still fill (FileFsFullSizeInformation, MS-FSCC 2.5.4)."""
        with self._opened("", READ_ATTRIBUTES) as handle:
            raw = self._query(
                handle, InfoType.SMB2_0_INFO_FILESYSTEM, FileSystemInformationClass.FILE_FS_FULL_SIZE_INFORMATION, 32
            )
        _, available, _, sectors, sector_bytes = struct.unpack("<qqqII", raw[:32])
        return int(available * sectors * sector_bytes)

    @contextmanager
    def open_read(self, path: str) -> Iterator[ReadHandle]:
        """Open a file for reading with backup intent, while others may read, write and delete it."""
        access = READ_DATA | READ_ATTRIBUTES | SYNCHRONIZE
        with self._opened(path, access, options=CreateOptions.FILE_NON_DIRECTORY_FILE) as handle:
            yield ReadHandle(self, handle, self._entry_of(handle, path))

    def streams_of(self, handle: Any) -> list[tuple[str, int]]:
        """The alternate data streams of an open file, for ReadHandle."""
        info_class = FileInformationClass.FILE_STREAM_INFORMATION
        return list(streams(self._query(handle, InfoType.SMB2_0_INFO_FILE, info_class, STREAMS_BYTES)))

    # -- changing

    def write(self, path: str, chunks: bytes | Iterable[bytes]) -> int:
        """Write a whole file under a temporary name, then rename it over ``path``. Returns the bytes written."""
        temporary = f"{path}.{secrets.token_hex(4)}.part"
        parts = [chunks] if isinstance(chunks, bytes) else chunks
        access = WRITE_DATA | READ_ATTRIBUTES | DELETE | SYNCHRONIZE
        offset = 0
        with self._opened(
            temporary, access, CreateDisposition.FILE_CREATE, CreateOptions.FILE_NON_DIRECTORY_FILE
        ) as handle:
            try:
                for part in parts:
                    for start in range(0, len(part), CHUNK):
                        with self.translate(self.name_of(path)):
                            offset += handle.write(part[start : start + CHUNK], offset)
                with self.translate(self.name_of(path)):
                    handle.flush()
                self._rename_handle(handle, path, replace=True)
            except BaseException:
                with suppress(SmbError):
                    self._delete_handle(handle)
                raise
        return offset

    def makedirs(self, path: str) -> list[str]:
        """Create folder ``path`` and its parents; returns those that did not exist, the outermost first."""
        created: list[str] = []
        so_far = ""
        for part in path.split("\\"):
            so_far = join(so_far, part)
            if self.stat(so_far) is None:
                options = CreateOptions.FILE_DIRECTORY_FILE
                with self._opened(so_far, READ_ATTRIBUTES, CreateDisposition.FILE_OPEN_IF, options):
                    created.append(so_far)
        return created

    def rename(self, old: str, new: str, replace: bool = False) -> None:
        """Rename or move inside the share, in one step on the server (FileRenameInformation, MS-FSCC 2.4.37)."""
        with self._opened(old, DELETE | READ_ATTRIBUTES | SYNCHRONIZE) as handle:
            self._rename_handle(handle, new, replace)

    def remove(self, path: str) -> None:
        """Remove a file, an empty folder or a link itself; a read-only mark is taken off first."""
        with self._opened(path, READ_ATTRIBUTES | WRITE_ATTRIBUTES | DELETE | SYNCHRONIZE) as handle:
            attributes = self._entry_of(handle, path).attributes
            if attributes & ATTRIBUTE_READONLY:
                kept = attributes & ~ATTRIBUTE_READONLY & ~ATTRIBUTE_DIRECTORY or ATTRIBUTE_NORMAL
                basic = struct.pack("<qqqqII", 0, 0, 0, 0, kept, 0)
                self._set(handle, InfoType.SMB2_0_INFO_FILE, FileInformationClass.FILE_BASIC_INFORMATION, basic)
            self._delete_handle(handle)

    def remove_tree(self, path: str) -> int:
        """Remove ``path`` with everything below it; returns how many entries went, 0 when it was absent."""
        entry = self.stat(path)
        if entry is None:
            return 0
        return self._remove_below(entry)

    def _remove_below(self, entry: Entry) -> int:
        count = 1
        if entry.is_dir and not entry.is_reparse:
            count += sum(self._remove_below(child) for child in self.listdir(entry.path))
        self.remove(entry.path)
        return count

    # -- security descriptors

    def get_security(self, path: str) -> bytes:
        """The self-relative SECURITY_DESCRIPTOR with owner, group and DACL (MS-DTYP 2.4.6)."""
        with self._opened(path, READ_CONTROL) as handle:
            return self._query(handle, InfoType.SMB2_0_INFO_SECURITY, 0, 65536, OWNER_GROUP_DACL)

    def set_security(self, path: str, descriptor: bytes, owner: bool = False) -> None:
        """Replace the DACL by the one in ``descriptor`` and cut inheritance off; the owner too when asked.

        SMB2 SET_INFO with AdditionalInformation DACL | PROTECTED_DACL (MS-SMB2 2.2.39, MS-FSA 2.1.5.17).
        """
        access = WRITE_DAC | READ_CONTROL | (WRITE_OWNER if owner else 0)
        what = SET_PROTECTED_DACL | (SET_OWNER if owner else 0)
        with self._opened(path, access) as handle:
            self._set(handle, InfoType.SMB2_0_INFO_SECURITY, 0, descriptor, what)

    # -- the wire

    @contextmanager
    def _opened(
        self,
        path: str,
        access: int,
        disposition: int = CreateDisposition.FILE_OPEN,
        options: int = 0,
    ) -> Iterator[Any]:
        what = self.name_of(path)
        handle = Open(self._tree, _WireName(path))
        with self.translate(what):
            handle.create(ImpersonationLevel.Impersonation, access, 0, SHARE_ALL, disposition, options | NO_FOLLOW)
        # Only what goes over the wire is translated: an error of the caller's own stays what it is.
        try:
            yield handle
        except BaseException:
            with suppress(SMBException, OSError, KeyError):
                handle.close()
            raise
        with self.translate(what):
            handle.close()

    def _ask(self, handle: Any, message: Any, kind: Any) -> Any:
        with self.translate(self.name_of(str(handle.file_name))):
            response = self.receive(self.send(message))
            answer = kind()
            answer.unpack(response["data"].get_value())
        return answer

    def _entry_of(self, handle: Any, path: str) -> Entry:
        info_class = FileInformationClass.FILE_NETWORK_OPEN_INFORMATION
        return opened_entry(path, self._query(handle, InfoType.SMB2_0_INFO_FILE, info_class, 56))

    def _query(self, handle: Any, info_type: int, info_class: int, length: int, additional: int = 0) -> bytes:
        query = SMB2QueryInfoRequest()
        query["info_type"] = info_type
        query["file_info_class"] = info_class
        query["output_buffer_length"] = length
        query["additional_information"] = additional
        query["file_id"] = handle.file_id
        return bytes(self._ask(handle, query, SMB2QueryInfoResponse)["buffer"].get_value())

    def _set(self, handle: Any, info_type: int, info_class: int, data: bytes, additional: int = 0) -> None:
        change = SMB2SetInfoRequest()
        # PROTECTED_DACL (MS-DTYP SECURITY_INFORMATION) is missing from smbprotocol's list of flags.
        change["additional_information"].flag_strict = False
        change["info_type"] = info_type
        change["file_info_class"] = info_class
        change["additional_information"] = additional
        change["file_id"] = handle.file_id
        change["buffer"] = data
        self._ask(handle, change, SMB2SetInfoResponse)

    def _rename_handle(self, handle: Any, new: str, replace: bool) -> None:
        name = new.encode("utf-16-le", "surrogatepass")
        data = struct.pack("<B7xQI", int(replace), 0, len(name)) + name
        # The structure is at least 24 bytes long, whatever the name (MS-FSCC 2.4.42.2).
        self._set(
            handle, InfoType.SMB2_0_INFO_FILE, FileInformationClass.FILE_RENAME_INFORMATION, data.ljust(24, b"\0")
        )

    def _delete_handle(self, handle: Any) -> None:
        self._set(handle, InfoType.SMB2_0_INFO_FILE, FileInformationClass.FILE_DISPOSITION_INFORMATION, b"\x01")
