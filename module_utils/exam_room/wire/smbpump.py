"""An SMB connection without a thread of its own: whoever waits for an answer reads the socket himself.

smbprotocol reads in a thread, copies each message several times and builds objects for each field: right for single
calls, too slow for the results of a room. Here smbprotocol still connects, logs on and sends whatever it is asked to;
``exchange`` beside it carries messages that are packed by hand (smbread.py), encrypted and decrypted in place.
A connection belongs to one thread.
"""

from __future__ import annotations

import os
import socket
import struct
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESCCM, AESGCM
from smbprotocol.connection import Ciphers, Connection, Dialects
from smbprotocol.exceptions import SMBConnectionClosed, SMBException

HEADER: Final = struct.Struct("<4sHHIHHIIQIIQ16s")
HEADER_BYTES: Final = 64
TRANSFORM: Final = struct.Struct("<4s16s16sIHHQ")
TRANSFORM_BYTES: Final = 52
TAG_BYTES: Final = 16
LARGEST_MESSAGE: Final = 16_777_215
RELATED: Final = 0x4
ASYNC: Final = 0x2
STATUS_PENDING: Final = 0x103
# So many credits are asked for; Windows and Samba grant them.
CREDITS_WANTED: Final = 128


@dataclass(frozen=True)
class Part:
    """One SMB2 message without its header: the command, the body and the credits it costs (MS-SMB2 3.2.4.1.5)."""

    command: int
    body: bytes
    charge: int = 1


@dataclass(frozen=True)
class Answer:
    """The answer to one Part. ``message`` begins with the header; it is valid until the next message is read."""

    status: int
    message: memoryview


class PumpedConnection(Connection):
    """See above. Every wait for the server ends after ``timeout`` seconds of silence."""

    def __init__(self, address: str, port: int, timeout: float) -> None:
        super().__init__(uuid.uuid4(), address, port, require_signing=True)
        self.transport: Any = None
        self._answer_timeout = timeout
        self._received = bytearray(64 * 1024)
        self._plain = bytearray(64 * 1024)
        self._encryptor: Any = None
        self._decryptor: Any = None
        self._answers: dict[int, Answer] = {}

    # -- what smbprotocol's own messages need

    def _process_message_thread(self) -> None:
        """Nobody reads on his own."""

    def receive(
        self, request: Any, wait: bool = True, timeout: float | None = None, resolve_symlinks: bool = False
    ) -> Any:
        """The answer to a request of smbprotocol. Symbolic links are never followed: a candidate could plant one."""
        allowed = self._answer_timeout if timeout is None else timeout
        until = time.monotonic() + allowed
        while request.response is None or (wait and request.response["status"].get_value() == STATUS_PENDING):
            self._check_worker_running()
            self._dispatch(bytes(self._read(max(until - time.monotonic(), 0.001))))
        request.response_event.set()
        return super().receive(request, wait, allowed, False)

    def _dispatch(self, message: bytes) -> None:
        """Let smbprotocol take this one message as if its thread had read it."""
        transport = self.transport
        self.transport = _OneMessage(transport, message)
        try:
            super()._process_message_thread()
        finally:
            self.transport = transport

    # -- the short way

    def exchange(self, session: Any, tree_id: int, parts: Sequence[Part]) -> list[int]:
        """Send parts as one related compound; returns the message ids to ``answer`` with, in their order.

        Raises SMBException when the server has not granted enough credits: ask fewer things at once.
        """
        charge = sum(part.charge for part in parts)
        if charge > self.credits:
            raise SMBException(f"{charge} credits are needed, {self.credits} are there")
        first = message_id = self.sequence_window["low"]
        self.sequence_window["low"] += charge
        wanted = max(CREDITS_WANTED - self.credits, 0) + charge
        message, ids = bytearray(), []
        for number, part in enumerate(parts):
            last = number == len(parts) - 1
            length = HEADER_BYTES + len(part.body)
            following = 0 if last else -(-length // 8) * 8
            message += HEADER.pack(
                b"\xfeSMB",
                HEADER_BYTES,
                part.charge,
                0,
                part.command,
                wanted if last else part.charge,
                RELATED if message_id != first else 0,
                following,
                message_id,
                0,
                tree_id,
                session.session_id,
                b"",
            )
            message += part.body
            message += bytes(max(following - length, 0))
            ids.append(message_id)
            message_id += part.charge
        self._send_encrypted(session, bytes(message))
        return ids

    @property
    def credits(self) -> int:
        """Credits that may be spent."""
        return int(self.sequence_window["high"] - self.sequence_window["low"])

    def answer(self, message_id: int) -> Answer:
        """The answer to one part. Its message is valid until the next answer is awaited that was sent separately."""
        until = time.monotonic() + self._answer_timeout
        while (found := self._answers.pop(message_id, None)) is None:
            self._take(self._read(max(until - time.monotonic(), 0.001)))
        return found

    def _take(self, message: memoryview) -> None:
        """Note the answers in one message; those of an earlier one that nobody asked for are copied."""
        self._answers = {
            number: Answer(answer.status, memoryview(bytes(answer.message))) for number, answer in self._answers.items()
        }
        if bytes(message[:4]) != b"\xfdSMB":
            raise SMBException("the server answered unencrypted")
        plain = self._decrypted(message)
        at = 0
        while True:
            fields = HEADER.unpack_from(plain, at)
            _, _, _, status, _, granted, flags, following, message_id = fields[:9]
            self.sequence_window["high"] += granted
            if not (status == STATUS_PENDING and flags & ASYNC):
                self._answers[message_id] = Answer(status, plain[at : at + following if following else len(plain)])
            if not following:
                return
            at += following

    def _cipher(self, key: bytes) -> Any:
        gcm = self.dialect >= Dialects.SMB_3_1_1 and self.cipher_id in (Ciphers.AES_128_GCM, Ciphers.AES_256_GCM)
        return (AESGCM if gcm else AESCCM)(key)

    def _nonce_bytes(self) -> int:
        return 12 if isinstance(self._encryptor, AESGCM) else 11

    def _send_encrypted(self, session: Any, message: bytes) -> None:
        """MS-SMB2 3.1.4.3; what is encrypted need not be signed."""
        if self._encryptor is None:
            self._encryptor = self._cipher(session.encryption_key)
            self._decryptor = self._cipher(session.decryption_key)
        nonce = os.urandom(self._nonce_bytes())
        bound = struct.pack("<16sIHHQ", nonce, len(message), 0, 1, session.session_id)
        sealed = self._encryptor.encrypt(nonce, message, bound)
        whole = b"\xfdSMB" + sealed[-TAG_BYTES:] + bound + sealed[:-TAG_BYTES]
        self._check_worker_running()
        self.transport._sock.settimeout(self._answer_timeout)
        self.transport._sock.sendall(struct.pack(">I", len(whole)) + whole)

    def _decrypted(self, message: memoryview) -> memoryview:
        size = len(message) - TRANSFORM_BYTES
        if size < HEADER_BYTES:
            raise SMBException("the server's message is cut short")
        _, tag, nonce, plain_size, _, flags, _ = TRANSFORM.unpack_from(message)
        if flags != 1 or plain_size != size:
            raise SMBException("the server's message is damaged")
        # The cipher wants the tag behind the text; there is room, see _read.
        whole = memoryview(self._received)
        whole[len(message) : len(message) + TAG_BYTES] = tag
        self._plain = self._plain if len(self._plain) >= size else bytearray(size)
        plain = memoryview(self._plain)[:size]
        sealed = whole[TRANSFORM_BYTES : len(message) + TAG_BYTES]
        try:
            self._decryptor.decrypt_into(nonce[: self._nonce_bytes()], sealed, message[20:TRANSFORM_BYTES], plain)
        except InvalidTag:
            raise SMBException("the server's message does not decrypt") from None
        return plain

    def _read(self, seconds: float) -> memoryview:
        """The next message, valid until the one after it is read."""
        length = int.from_bytes(self._receive_into(memoryview(bytearray(4)), seconds), "big")
        if length > LARGEST_MESSAGE:
            raise SMBException("the server's message has an impossible length")
        if len(self._received) < length + TAG_BYTES:
            self._received = bytearray(length + TAG_BYTES)
        return self._receive_into(memoryview(self._received)[:length], seconds)

    def _receive_into(self, target: memoryview, seconds: float) -> memoryview:
        sock: socket.socket = self.transport._sock
        sock.settimeout(seconds)
        have = 0
        try:
            while have < len(target):
                count = sock.recv_into(target[have:])
                if not count:
                    raise SMBConnectionClosed("the server closed the connection")
                have += count
        except TimeoutError:
            raise SMBException(f"Connection timeout of {self._answer_timeout} seconds exceeded") from None
        return target


class _OneMessage:
    """A transport that has one message to read and is at its end then."""

    def __init__(self, transport: Any, message: bytes) -> None:
        self._transport = transport
        self._messages = [message]

    def recv(self, timeout: float) -> bytes:
        return self._messages.pop() if self._messages else b""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)
