"""SMB 3 sessions to Windows (and Samba), always encrypted, without any state shared between connections.

One ``connect()`` is one TCP connection with one log-on; it carries files (``Server.share``) and the named pipes that
RPC travels through (rpc.py). A connection belongs to one thread: whoever works in parallel opens one each.

smbprotocol is untyped: the ``Any`` of this project's SMB lives here and in smbfiles.py only.
"""

from __future__ import annotations

import logging
import socket
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Final

from smbprotocol.connection import Connection, Dialects
from smbprotocol.exceptions import (
    SMBAuthenticationError,
    SMBConnectionClosed,
    SMBException,
    SMBResponseException,
)
from smbprotocol.session import Session
from smbprotocol.tree import TreeConnect

from .smbentry import Entry, utc_iso
from .smberrors import TIMEOUT, SmbError, connection_lost, from_status, status_name, unreachable
from .smbfiles import ReadHandle, Share
from .smbpump import PumpedConnection

__all__ = ["Entry", "Login", "ReadHandle", "Server", "Share", "connect", "utc_iso"]

DEFAULT_TIMEOUT: Final = 10.0

# smbprotocol logs a traceback whenever a connection ends badly; the caller gets the same as an exception.
logging.getLogger("smbprotocol").addHandler(logging.NullHandler())


@dataclass(frozen=True)
class Login:
    """Where to log on and as whom. The password is kept out of ``repr``."""

    address: str
    username: str
    password: str = field(repr=False)
    port: int = 445


class _TimedConnection(Connection):
    """smbprotocol's connection, in which no wait for an answer is endless."""

    def __init__(self, address: str, port: int, timeout: float) -> None:
        super().__init__(uuid.uuid4(), address, port, require_signing=True)
        self._answer_timeout = timeout

    def receive(
        self, request: Any, wait: bool = True, timeout: float | None = None, resolve_symlinks: bool = False
    ) -> Any:
        # Symbolic links are never followed: a candidate could point one anywhere.
        return super().receive(request, wait, self._answer_timeout if timeout is None else timeout, False)


@contextmanager
def translated(what: str) -> Iterator[None]:
    """Turn smbprotocol's exceptions into SmbError; ``what`` is named in the message."""
    try:
        yield
    except SMBResponseException as error:
        raise from_status(status_name(error.status), what) from None
    except SMBConnectionClosed as error:
        raise connection_lost(what, str(error)) from None
    except SMBAuthenticationError as error:
        raise SmbError(
            f"{what}：身份验证未完成（{error}）", f"{what}: authentication failed ({error})", "AUTHENTICATION"
        ) from None
    except SMBException as error:
        reason = str(error)
        status = TIMEOUT if "timeout" in reason else "PROTOCOL"
        raise connection_lost(what, reason, status) from None
    except (OSError, KeyError, ValueError) as error:
        raise connection_lost(what, str(error) or type(error).__name__) from None


class Server:
    """One logged-on connection. Use ``connect()``; not to be shared between threads."""

    def __init__(self, login: Login, connection: Any, session: Any) -> None:
        self.login = login
        self._connection = connection
        self._session = session
        self._shares: dict[str, Share] = {}

    @property
    def address(self) -> str:
        """The address as given in the login."""
        return self.login.address

    @property
    def dialect(self) -> str:
        """The negotiated SMB dialect, such as 3.1.1."""
        number = int(self._connection.dialect)
        return f"{number >> 8}.{(number >> 4) & 15}.{number & 15}"

    @property
    def cipher(self) -> int:
        """The negotiated cipher (MS-SMB2 2.2.3.1.2); 2 is AES-128-GCM."""
        return int(self._connection.cipher_id)

    @property
    def application_key(self) -> bytes:
        """Session.ApplicationKey (MS-SMB2 3.2.1.3): the key that SAMR wraps passwords with."""
        return bytes(self._session.application_key)

    def share(self, name: str) -> Share:
        """The share ``name``, connected once and kept. NotFound, AccessDenied when the server says so."""
        key = name.upper()
        if key not in self._shares:
            what = f"\\\\{self.address}\\{name}"
            with translated(what):
                tree = TreeConnect(self._session, what)
                tree.connect()
            self._shares[key] = Share(tree, what, translated)
        return self._shares[key]

    def drop_share(self, name: str) -> None:
        """Forget a share and tell the server; harmless when it is gone already."""
        share = self._shares.pop(name.upper(), None)
        if share is not None:
            share.disconnect()


@contextmanager
def connect(login: Login, timeout: float = DEFAULT_TIMEOUT, *, pumped: bool = False) -> Iterator[Server]:
    """Log on over SMB 3 with encryption; everything is closed when the block ends.

    ``timeout`` (seconds) bounds the TCP connect and every single answer. ``pumped``: no thread reads the socket, which
    smbread.py needs; requests are then answered one after the other. Raises Unreachable, LogonRefused (once: the
    caller must not try again with the same password) or another SmbError.
    """
    what = login.address
    kind = PumpedConnection if pumped else _TimedConnection
    connection = kind(login.address, login.port, timeout)
    _open_socket(connection, what, login.port, timeout)
    try:
        with translated(what):
            session = Session(connection, login.username, login.password, require_encryption=True, auth_protocol="ntlm")
            if connection.dialect < Dialects.SMB_3_0_0 or not connection.supports_encryption:
                raise SmbError(
                    f"{what}：服务器不支持 SMB 3 加密",
                    f"{what}: the server does not offer SMB 3 encryption",
                    "STATUS_NOT_SUPPORTED",
                )
            session.connect()
        yield Server(login, connection, session)
    finally:
        _close(connection)


def _open_socket(connection: Any, what: str, port: int, timeout: float) -> None:
    try:
        with translated(what):
            connection.connect(timeout=int(max(timeout, 1)))
        # Small RPC messages must not wait for each other's acknowledgement.
        connection.transport._sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except SmbError as error:
        _close(connection)
        raise unreachable(f"{what}:{port}", error.en.removeprefix(f"{what}: ")) from None


def _close(connection: Any) -> None:
    """Log off and close, whatever state the connection is in."""
    if connection.transport is None:
        return
    # A server that is gone cannot be told good-bye; the socket is closed all the same.
    with suppress(SMBException, OSError, KeyError, ValueError):
        for session in list(connection.session_table.values()):
            session.disconnect(close=False, timeout=2)
    with suppress(SMBException, OSError, KeyError, ValueError):
        connection.disconnect(close=False)
