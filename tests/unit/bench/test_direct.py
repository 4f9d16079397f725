"""The writes that the bench packs by hand, against a server at the other end of a socket pair."""

from __future__ import annotations

import os
import socket
import struct
from types import SimpleNamespace
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from smbprotocol.connection import Ciphers

from bench.inside import direct

SIZE = 64
TO_SERVER, TO_CLIENT = AESGCM(bytes(range(16))), AESGCM(bytes(range(16, 32)))
KEYS = {"encryption_key": bytes(range(16)), "decryption_key": bytes(range(16, 32))}
SESSION_ID = 0x1122334455667788


def answer(status: int) -> bytes:
    """An encrypted answer to a write, in its frame (MS-SMB2 2.2.1.2, 2.2.41)."""
    plain = (
        struct.pack("<4sHHLHHLLQLLQ16s", b"\xfeSMB", 64, 1, status, 9, 1, 1, 0, 7, 0, 5, SESSION_ID, b"") + b"\0" * 16
    )
    nonce = os.urandom(12)
    outer = struct.pack("<12s4sLHHQ", nonce, b"", len(plain), 0, 1, SESSION_ID)
    sealed = TO_CLIENT.encrypt(nonce, plain, outer)
    packet = b"\xfdSMB" + sealed[-16:] + outer + sealed[:-16]
    return struct.pack(">L", len(packet)) + packet


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> tuple[direct.OpenFile, socket.socket]:
    ours, theirs = socket.socketpair()
    theirs.settimeout(5)
    connection = SimpleNamespace(cipher_id=Ciphers.AES_128_GCM, socket=ours, sequence_window={"low": 7})
    session: Any = SimpleNamespace(connection=connection, session_id=SESSION_ID, **KEYS)
    tree = SimpleNamespace(tree_connect_id=5, connect=lambda: None)
    handle = SimpleNamespace(file_id=b"F" * 16, create=lambda *arguments: None)
    monkeypatch.setattr(direct, "TreeConnect", lambda *arguments: tree)
    monkeypatch.setattr(direct, "Open", lambda *arguments: handle)
    return direct.OpenFile(session, "10.0.0.10", "exam", "KS01\\a.bin", SIZE), theirs


def test_a_write_says_file_place_and_data(opened: tuple[direct.OpenFile, socket.socket]) -> None:
    file, server = opened
    server.sendall(answer(0))
    assert file.write(b"d" * SIZE)[0] == 0
    packet = server.recv(65536)[4:]
    plain = TO_SERVER.decrypt(packet[20:32], packet[52:] + packet[4:20], packet[20:52])
    assert plain[:4] == b"\xfeSMB"
    command, number, tree, session = struct.unpack_from("<12xH10xQ4xLQ", plain)
    assert (command, number, tree, session) == (9, 7, 5, SESSION_ID)
    length, offset, handle = struct.unpack_from("<4xLQ16s", plain, 64)
    assert (length, offset, handle) == (SIZE, 0, b"F" * 16)
    assert plain[0x70:] == b"d" * SIZE


def test_two_answers_that_arrive_together_are_two_answers(opened: tuple[direct.OpenFile, socket.socket]) -> None:
    file, server = opened
    server.sendall(answer(direct.PENDING) + answer(0xC000_00C9))
    assert file.write(b"d" * SIZE)[0] == 0xC000_00C9


def test_a_connection_that_ends_is_no_answer(opened: tuple[direct.OpenFile, socket.socket]) -> None:
    file, server = opened
    server.close()
    with pytest.raises(direct.Lost):
        file.write(b"d" * SIZE)
