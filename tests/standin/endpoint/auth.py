"""Who may in: NTLM log-on of administrators, one context a connection, with the delays of Windows Server 2025.

A refused log-on is answered after 2 seconds, and the tenth in ten minutes locks the account for ten minutes, the
built-in Administrator included (windows-facts.md).
"""

from __future__ import annotations

import base64
import binascii
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import spnego
from spnego.exceptions import SpnegoError

from .backend import Backend

_RAW_NTLM = b"NTLMSSP\0"
FAILURES_UNTIL_LOCKED = 10
LOCKED_FOR = 600.0
DELAY_OF_FAILURE = 2.0


@dataclass
class Lockout:
    """Failed log-ons of each account in the last ten minutes, as monotonic seconds."""

    clock: Callable[[], float] = time.monotonic
    _failures: dict[str, list[float]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def failed(self, account: str) -> None:
        with self._lock:
            self._failures.setdefault(account.casefold(), []).append(self.clock())

    def succeeded(self, account: str) -> None:
        with self._lock:
            self._failures.pop(account.casefold(), None)

    def locked(self, account: str) -> bool:
        with self._lock:
            since = self.clock() - LOCKED_FOR
            recent = [moment for moment in self._failures.get(account.casefold(), []) if moment > since]
            return len(recent) >= FAILURES_UNTIL_LOCKED


@dataclass(frozen=True)
class Challenge:
    """Not in yet: the value of the WWW-Authenticate header to answer with."""

    header: str


@dataclass(frozen=True)
class Refused:
    """The log-on failed; the connection starts again."""


@dataclass(frozen=True)
class LoggedOn:
    """An administrator is in; ``header`` closes a SPNEGO exchange, and is empty for bare NTLM."""

    account: str
    header: str = ""


class Negotiation:
    """The log-on of one connection."""

    def __init__(self, backend: Backend, lockout: Lockout) -> None:
        self._backend = backend
        self._lockout = lockout
        self._context: spnego.ContextProxy | None = None

    def step(self, authorization: str) -> Challenge | Refused | LoggedOn:
        """One leg of the exchange, from the value of the Authorization header."""
        scheme, _, text = authorization.partition(" ")
        if scheme.casefold() not in {"negotiate", "ntlm"}:
            return Refused()
        try:
            token = base64.b64decode(text, validate=True)
            answer = self._context_for(token).step(token)
        except (binascii.Error, SpnegoError, ValueError):
            return self._refuse(token_account(text))
        context = self._context
        assert context is not None
        if not context.complete:
            return Challenge(f"{scheme} {base64.b64encode(answer or b'').decode()}")
        account = (context.client_principal or "").rpartition("\\")[2]
        if self._lockout.locked(account) or not self._admitted(account):
            return self._refuse(account)
        self._lockout.succeeded(account)
        return LoggedOn(account, f"{scheme} {base64.b64encode(answer).decode()}" if answer else "")

    def _context_for(self, token: bytes) -> spnego.ContextProxy:
        if self._context is None:
            # pyspnego reads the accounts from the file that this variable names, at each authenticate message.
            os.environ["NTLM_USER_FILE"] = str(self._backend.ntlm_user_file())
            protocol = "ntlm" if token.startswith(_RAW_NTLM) else "negotiate"
            options = spnego.NegotiateOptions.use_ntlm if protocol == "ntlm" else spnego.NegotiateOptions.use_negotiate
            self._context = spnego.server(protocol=protocol, options=options)
        return self._context

    def _admitted(self, account: str) -> bool:
        user = self._backend.user(account)
        return user is not None and not user.disabled and not user.locked and user.administrator

    def _refuse(self, account: str | None) -> Refused:
        if account:
            self._lockout.failed(account)
            self._backend.count_bad_logon(account)
        self._context = None
        return Refused()


def token_account(text: str) -> str | None:
    """The account named in an NTLM authenticate message (MS-NLMP 2.2.1.3), bare or inside SPNEGO, in base64."""
    try:
        raw = base64.b64decode(text)
    except binascii.Error:
        return None
    start = raw.find(_RAW_NTLM)
    if start < 0 or raw[start + 8 : start + 12] != b"\x03\0\0\0":
        return None
    message = raw[start:]
    length = int.from_bytes(message[36:38], "little")
    offset = int.from_bytes(message[40:44], "little")
    return message[offset : offset + length].decode("utf-16-le", "replace") or None
