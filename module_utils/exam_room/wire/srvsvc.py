"""MS-SRVS: shares, sessions, open files and the clock of a server. Names go out ending in NUL, as Windows wants."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from impacket.dcerpc.v5 import srvs
from impacket.dcerpc.v5.dtypes import NULL

from .rpc import Rpc, RpcError
from .security import Descriptor
from .smb import Server

NERR_CLIENT_NAME_NOT_FOUND: Final = 2312
NERR_FILE_ID_NOT_FOUND: Final = 2314
NERR_NET_NAME_NOT_FOUND: Final = 2310
#: What Samba says instead, asking and deleting.
ERROR_INVALID_NAME: Final = 123
ERROR_BAD_NET_NAME: Final = 67
NO_SUCH_SHARE: Final = frozenset({NERR_NET_NAME_NOT_FOUND, ERROR_INVALID_NAME, ERROR_BAD_NET_NAME})
ERROR_FILE_NOT_FOUND: Final = 2
NERR_USER_NOT_FOUND: Final = 2221
ERROR_ACCESS_DENIED: Final = 5
ERROR_MORE_DATA: Final = 234

STYPE_SPECIAL: Final = 0x8000_0000
STYPE_DISKTREE: Final = 0

#: MS-SRVS 2.2.4.29: clients get no oplock above level II, so no write waits in a client's cache.
FORCE_LEVEL_II_OPLOCK: Final = 0x1000
ACCESS_BASED_ENUMERATION: Final = 0x0800
ENCRYPT_DATA: Final = 0x8000


@dataclass(frozen=True)
class ShareName:
    """SHARE_INFO_1 (MS-SRVS 2.2.4.23)."""

    name: str
    kind: int
    remark: str

    @property
    def is_special(self) -> bool:
        """An administrative share: C$, ADMIN$, IPC$."""
        return bool(self.kind & STYPE_SPECIAL)


@dataclass(frozen=True)
class ShareInfo:
    """SHARE_INFO_502 (MS-SRVS 2.2.4.26) with its descriptor parsed; None when the share has none of its own."""

    name: str
    kind: int
    remark: str
    path: str
    max_uses: int
    current_uses: int
    descriptor: Descriptor | None


@dataclass(frozen=True)
class SessionInfo:
    """SESSION_INFO_1 (MS-SRVS 2.2.4.15). Times in seconds; ``client`` as the server writes it."""

    client: str
    user: str
    opens: int
    active_s: int
    idle_s: int


@dataclass(frozen=True)
class OpenFile:
    """FILE_INFO_3 (MS-SRVS 2.2.4.7): the path is the server's own."""

    id: int
    path: str
    user: str
    locks: int


def plain(user: str) -> str:
    """A user name without its domain, comparable."""
    return user.rpartition("\\")[2].casefold()


def _text(value: Any) -> str:
    return "" if value is None else str(value).rstrip("\0")


def _z(name: str) -> str:
    return name + "\0"


class ServerService:
    """The srvsvc pipe of one connection."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self._rpc = Rpc(server, "srvsvc", srvs.MSRPC_UUID_SRVS)

    def close(self) -> None:
        """Close the pipe."""
        self._rpc.close()

    # -- clock

    def time_of_day(self) -> int:
        """NetrRemoteTOD (MS-SRVS 3.1.4.21): hundredths of a second since 1970-01-01 UTC, rounded down."""
        info = self._rpc.call(srvs.hNetrRemoteTOD)["BufferPtr"]
        return int(info["tod_elapsedt"]) * 100 + int(info["tod_hunds"])

    # -- shares

    def shares(self) -> list[ShareName]:
        """NetrShareEnum level 1 (MS-SRVS 3.1.4.8)."""
        answer = self._rpc.call(srvs.hNetrShareEnum, 1)
        return [
            ShareName(_text(one["shi1_netname"]), int(one["shi1_type"]), _text(one["shi1_remark"]))
            for one in answer["InfoStruct"]["ShareInfo"]["Level1"]["Buffer"] or ()
        ]

    def share(self, name: str) -> ShareInfo | None:
        """NetrShareGetInfo level 502 (MS-SRVS 3.1.4.10); None when there is no such share."""
        try:
            info = self._rpc.call(srvs.hNetrShareGetInfo, _z(name), 502)["InfoStruct"]["ShareInfo502"]
        except RpcError as error:
            if error.code in NO_SUCH_SHARE:
                return None
            raise
        raw = info["shi502_security_descriptor"]
        data = b"".join(raw) if raw else b""
        return ShareInfo(
            name=_text(info["shi502_netname"]),
            kind=int(info["shi502_type"]),
            remark=_text(info["shi502_remark"]),
            path=_text(info["shi502_path"]),
            max_uses=int(info["shi502_max_uses"]),
            current_uses=int(info["shi502_current_uses"]),
            descriptor=Descriptor.from_bytes(data) if data else None,
        )

    def add_share(self, name: str, path: str, remark: str, descriptor: Descriptor) -> None:
        """NetrShareAdd level 502 (MS-SRVS 3.1.4.7) with its own permissions."""
        data = descriptor.to_bytes()
        info = srvs.SHARE_INFO_502()
        info["shi502_netname"] = _z(name)
        info["shi502_type"] = STYPE_DISKTREE
        info["shi502_remark"] = _z(remark)
        info["shi502_permissions"] = 0
        info["shi502_max_uses"] = 0xFFFF_FFFF
        info["shi502_current_uses"] = 0
        info["shi502_path"] = _z(path)
        info["shi502_passwd"] = NULL
        info["shi502_reserved"] = len(data)
        info["shi502_security_descriptor"] = [bytes([byte]) for byte in data]
        self._rpc.call(srvs.hNetrShareAdd, 502, info)

    def delete_share(self, name: str) -> bool:
        """NetrShareDel (MS-SRVS 3.1.4.12); False when it was gone already."""
        try:
            self._rpc.call(srvs.hNetrShareDel, _z(name))
        except RpcError as error:
            if error.code in NO_SUCH_SHARE:
                return False
            raise
        return True

    def share_flags(self, name: str) -> int:
        """NetrShareGetInfo level 1005 (MS-SRVS 2.2.4.29)."""
        info = self._rpc.call(srvs.hNetrShareGetInfo, _z(name), 1005)["InfoStruct"]["ShareInfo1005"]
        return int(info["shi1005_flags"])

    def set_share_flags(self, name: str, flags: int) -> None:
        """NetrShareSetInfo level 1005 (MS-SRVS 3.1.4.11). A server may accept it and do nothing: read it back."""
        info = srvs.SHARE_INFO_1005()
        info["shi1005_flags"] = flags
        self._rpc.call(srvs.hNetrShareSetInfo, _z(name), 1005, info)

    # -- sessions and files

    def sessions(self) -> list[SessionInfo]:
        """NetrSessionEnum level 1 (MS-SRVS 3.1.4.5)."""
        answer = self._rpc.call(srvs.hNetrSessionEnum, NULL, NULL, 1)
        return [
            SessionInfo(
                client=_text(one["sesi1_cname"]),
                user=_text(one["sesi1_username"]),
                opens=int(one["sesi1_num_opens"]),
                active_s=int(one["sesi1_time"]),
                idle_s=int(one["sesi1_idle_time"]),
            )
            for one in answer["InfoStruct"]["SessionInfo"]["Level1"]["Buffer"] or ()
        ]

    def delete_session(self, client: str, user: str) -> bool:
        """NetrSessionDel (MS-SRVS 3.1.4.6) of one user of one client; False when there was none.

        Always with a user: without one every session of that client would end. Samba says access denied where
        nothing matches, so only looking again tells the two apart.
        """
        if not user:
            raise ValueError("a session is only ever ended by its user")
        try:
            self._rpc.call(srvs.hNetrSessionDel, _z("\\\\" + client.lstrip("\\")), _z(user))
        except RpcError as error:
            if error.code in (NERR_CLIENT_NAME_NOT_FOUND, NERR_USER_NOT_FOUND, ERROR_ACCESS_DENIED):
                return False
            raise
        return True

    def open_files(self) -> list[OpenFile]:
        """NetrFileEnum level 3 (MS-SRVS 3.1.4.2): every open file of the server, pipes included."""
        answer = self._rpc.call(srvs.hNetrFileEnum, NULL, NULL, 3)
        return [
            OpenFile(
                int(one["fi3_id"]), _text(one["fi3_path_name"]), _text(one["fi3_username"]), int(one["fi3_num_locks"])
            )
            for one in answer["InfoStruct"]["FileInfo"]["Level3"]["Buffer"] or ()
        ]

    def close_file(self, file_id: int) -> bool:
        """NetrFileClose (MS-SRVS 3.1.4.4); False when it was closed already."""
        try:
            self._rpc.call(srvs.hNetrFileClose, file_id)
        except RpcError as error:
            if error.code in (NERR_FILE_ID_NOT_FOUND, ERROR_FILE_NOT_FOUND):
                return False
            raise
        return True


@contextmanager
def server_service(server: Server) -> Iterator[ServerService]:
    """The srvsvc pipe for the length of a block."""
    service = ServerService(server)
    try:
        yield service
    finally:
        service.close()
