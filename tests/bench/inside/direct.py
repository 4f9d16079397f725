"""SMB connections light enough for sixty at once beside the server they load: no thread, and writes packed by hand.

Connecting and logging on is smbprotocol's. Its writes cost more processor time here than at the server; so once a file
is open, the bytes of a write ([MS-SMB2] 2.2.21) are laid out once, and only number and cipher text change.
"""

from __future__ import annotations

import os
import socket
import struct
import threading
import time
import uuid
from contextlib import suppress
from typing import Any, Final

import smbprotocol.connection
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from smbprotocol.connection import Ciphers, Connection
from smbprotocol.header import NtStatus
from smbprotocol.open import CreateDisposition, ImpersonationLevel, Open, ShareAccess
from smbprotocol.session import Session
from smbprotocol.transport import Tcp
from smbprotocol.tree import TreeConnect

PORT: Final = 445
TIMEOUT_S: Final = 30.0
READ_WRITE: Final = 0x0012_019F
PENDING: Final = 0x0000_0103
WRITE: Final = 9
#: Linux: the kernel's own time of arrival comes with what is read.
SO_TIMESTAMPNS: Final = 35
_ANCILLARY: Final = socket.CMSG_SPACE(16)


class Lost(Exception):
    """The server ended the connection instead of answering."""


class _Source(threading.local):
    """The address that this thread connects from."""

    address = ""


_source = _Source()


class _BoundTcp(Tcp):
    """smbprotocol's transport, from an address of one's own; it has no option for that."""

    def connect(self) -> None:
        self._sock = socket.create_connection((self.server, self.port), self.timeout, (_source.address, 0))
        self._sock.settimeout(None)
        self._sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.connected = True


smbprotocol.connection.Tcp = _BoundTcp


class _One:
    """A transport that holds one message."""

    def __init__(self, message: bytes) -> None:
        self._messages = [message, b""]
        self.connected = True

    def recv(self, timeout: float) -> bytes:
        return self._messages.pop(0)

    def close(self) -> None:
        self.connected = False


class Direct(Connection):
    """smbprotocol's connection from an address of one's own; whoever waits for an answer reads it."""

    transport: Any

    def __init__(self, server: str, address: str) -> None:
        super().__init__(uuid.uuid4(), server, PORT, require_signing=True)
        self._address = address

    def log_on(self, account: str, password: str) -> Session:
        """Connect and log on, encrypted; SMBException or OSError when that fails."""
        _source.address = self._address
        self.connect(timeout=TIMEOUT_S)
        session = Session(self, account, password, require_encryption=True, auth_protocol="ntlm")
        session.connect()
        return session

    @property
    def socket(self) -> socket.socket:
        """The connected socket."""
        found: socket.socket = self.transport._sock
        return found

    def hang_up(self) -> None:
        """Close the socket, without a word to the server."""
        if self.transport is not None:
            self.transport.close()

    def wait_for_end(self, seconds: float) -> float | None:
        """When the server closed the connection, if it does so within ``seconds``."""
        self.socket.settimeout(seconds)
        with suppress(TimeoutError):
            with suppress(ConnectionError):
                while self.socket.recv(65536):
                    pass
            return time.time()
        return None

    def receive(
        self, request: Any, wait: bool = True, timeout: float | None = None, resolve_symlinks: bool = True
    ) -> Any:
        while request.response is None or request.response["status"].get_value() == NtStatus.STATUS_PENDING:
            self._pump()
        return super().receive(request, wait, timeout, False)

    def _process_message_thread(self) -> None:
        """Nothing to do in the background."""

    def _pump(self) -> None:
        real = self.transport
        message = real.recv(TIMEOUT_S)
        if not message:
            raise Lost
        self.transport = _One(message)
        try:
            super()._process_message_thread()
        finally:
            self.transport = real
        if self._t_exc is not None:
            raise self._t_exc


class OpenFile:
    """A file on a share, opened for writing, on a connection that does nothing else from now on."""

    def __init__(self, session: Session, server: str, share: str, path: str, size: int) -> None:
        connection = session.connection
        if connection.cipher_id not in (Ciphers.AES_128_GCM, Ciphers.AES_256_GCM):
            raise ValueError("written for AES-GCM")
        tree = TreeConnect(session, f"\\\\{server}\\{share}")
        tree.connect()
        handle = Open(tree, path)
        everything = ShareAccess.FILE_SHARE_READ | ShareAccess.FILE_SHARE_WRITE
        handle.create(ImpersonationLevel.Impersonation, READ_WRITE, 0, everything, CreateDisposition.FILE_OPEN_IF, 0)
        self._socket: socket.socket = connection.socket
        self._socket.settimeout(TIMEOUT_S)
        self._socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self._read, self._arrived = b"", 0.0
        self._next_id = int(connection.sequence_window["low"])
        self._session_id = struct.pack("<Q", session.session_id)
        self._seal, self._open = AESGCM(session.encryption_key), AESGCM(session.decryption_key)
        self._rest = struct.pack("<LL8s16s", 0, tree.tree_connect_id, self._session_id, b"")
        self._body = struct.pack("<HHLQ16sLLHHL", 49, 0x70, size, 0, handle.file_id, 0, 0, 0, 0, 0)
        self._length = len(self._rest) + len(self._body) + 32 + size

    def write(self, data: bytes) -> tuple[int, float]:
        """Write at the beginning of the file: the server's status, and when its answer arrived here (kernel's time)."""
        header = struct.pack("<4sHHLHHLLQ", b"\xfeSMB", 64, 1, 0, WRITE, 1, 0, 0, self._next_id)
        self._next_id += 1
        nonce = os.urandom(12)
        outer = struct.pack("<12s4sLHH8s", nonce, b"", self._length, 0, 1, self._session_id)
        sealed = self._seal.encrypt(nonce, header + self._rest + self._body + data, outer)
        packet = b"\xfdSMB" + sealed[-16:] + outer + sealed[:-16]
        try:
            self._socket.sendall(struct.pack(">L", len(packet)) + packet)
            while True:
                status, arrived = self._answer()
                if status != PENDING:
                    return status, arrived
        except OSError as error:
            raise Lost(str(error)) from None

    def _answer(self) -> tuple[int, float]:
        """The status of the next message, and when its last part arrived."""
        while len(self._read) < 4 or len(self._read) < 4 + int.from_bytes(self._read[:4], "big"):
            more, ancillary, _, _ = self._socket.recvmsg(65536, _ANCILLARY)
            if not more:
                raise Lost("closed by the server")
            stamps = (_seconds(found) for _, kind, found in ancillary if kind == SO_TIMESTAMPNS)
            self._arrived = next(stamps, time.time())
            self._read += more
        end = 4 + int.from_bytes(self._read[:4], "big")
        packet, self._read = self._read[4:end], self._read[end:]
        if packet[:4] != b"\xfdSMB":
            raise Lost("an answer that is not encrypted")
        plain = self._open.decrypt(packet[20:32], packet[52:] + packet[4:20], packet[20:52])
        return int.from_bytes(plain[8:12], "little"), self._arrived


def _seconds(timespec: bytes) -> float:
    seconds, nanoseconds = struct.unpack("qq", timespec[:16])
    return float(seconds + nanoseconds / 1e9)
