"""Runs inside a client: a candidate who writes through one handle all the time, and comes back as often as he can.

Standard input is one JSON line: ``server``, ``account``, ``password``, ``exclusive`` (nobody else may open the file),
``lock`` (a byte-range lock on it), ``pause`` (seconds between two writes), ``until`` (seconds since 1970). Prints
``ready`` after the first acknowledged write, then one JSON line: ``acked`` (bytes acknowledged), ``last_ok``,
``refused_at``, ``refused``, ``tries`` and ``back`` (when each success after that began).
Each record is its own number, so that the file proves itself.
"""

from __future__ import annotations

import json
import sys
import time
import uuid
from typing import Any

from smbprotocol.connection import Connection
from smbprotocol.exceptions import SMBException
from smbprotocol.open import (
    CreateDisposition,
    ImpersonationLevel,
    LockFlags,
    Open,
    ShareAccess,
    SMB2LockElement,
    SMB2LockRequest,
)
from smbprotocol.session import Session
from smbprotocol.tree import TreeConnect

RECORD = 16
PAUSE_S = 0.02


def opened(order: dict[str, Any], name: str) -> Open:
    connection = Connection(uuid.uuid4(), order["server"], 445, require_signing=True)
    connection.connect(timeout=5)
    session = Session(connection, order["account"], order["password"], require_encryption=True, auth_protocol="ntlm")
    session.connect()
    tree = TreeConnect(session, f"\\\\{order['server']}\\exam")
    tree.connect()
    file = Open(tree, f"{order['account']}\\{name}")
    share = ShareAccess.FILE_SHARE_READ | ShareAccess.FILE_SHARE_WRITE
    file.create(
        ImpersonationLevel.Impersonation,
        0x12019F,
        0,
        0 if order.get("exclusive") else share,
        CreateDisposition.FILE_OPEN_IF,
        0,
    )
    return file


def lock(file: Open) -> None:
    element = SMB2LockElement()
    element["offset"], element["length"] = 0, RECORD
    element["flags"] = LockFlags.SMB2_LOCKFLAG_EXCLUSIVE_LOCK | LockFlags.SMB2_LOCKFLAG_FAIL_IMMEDIATELY
    request = SMB2LockRequest()
    request["file_id"] = file.file_id
    request["locks"] = [element]
    tree = file.tree_connect
    sent = tree.session.connection.send(request, tree.session.session_id, tree.tree_connect_id)
    tree.session.connection.receive(sent, timeout=5)


def write(order: dict[str, Any], result: dict[str, Any]) -> None:
    file = opened(order, "工作.bin")
    if order.get("lock"):
        lock(file)
    while time.time() < order["until"]:
        file.write(f"{result['acked'] // RECORD:0{RECORD}d}".encode(), result["acked"])
        if not result["acked"]:
            print("ready", flush=True)
        result["acked"] += RECORD
        result["last_ok"] = time.time()
        time.sleep(order.get("pause", PAUSE_S))


def main() -> None:
    order = json.loads(sys.stdin.readline())
    result = {"account": order["account"], "acked": 0, "last_ok": 0.0, "refused_at": 0.0, "refused": "", "tries": 0}
    result["back"] = []
    try:
        write(order, result)
    except (SMBException, OSError, KeyError, ValueError) as error:
        result["refused_at"], result["refused"] = time.time(), type(error).__name__
    while time.time() < order["until"]:
        result["tries"] += 1
        began = time.time()
        try:
            opened({**order, "exclusive": False}, f"又来 {result['tries']}.txt")
            result["back"].append(began)
        except (SMBException, OSError, KeyError, ValueError):
            # Refused, as it must be after the cut.
            pass
        time.sleep(0.05)
    print(json.dumps(result), flush=True)


if __name__ == "__main__":
    main()
