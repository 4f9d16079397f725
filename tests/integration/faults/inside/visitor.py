"""Runs inside a client: a candidate who reads, lists and logs on over and over, each apart from the others.

Standard input is one JSON line: ``server``, ``account``, ``password``, ``file`` (read, in his folder), ``rate``
(log-ons begun a second, side by side), ``until`` (seconds since 1970). Prints ``ready`` once each has succeeded, then
one JSON line: for ``read``, ``list`` and ``log_on`` the number of ``tries``, when the last one that succeeded began
(``last_ok``) and when the first one that the server refused began (``refused``; an answer that never came is none).
"""

from __future__ import annotations

import json
import sys
import threading
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from smbprotocol.connection import Connection
from smbprotocol.exceptions import SMBException, SMBResponseException
from smbprotocol.open import CreateDisposition, FileInformationClass, ImpersonationLevel, Open, ShareAccess
from smbprotocol.session import Session
from smbprotocol.tree import TreeConnect

PAUSE_S = 0.1
# The server answers a failed log-on 2 s late: so many are under way at once.
AT_ONCE = 60
READ, LIST_FOLDER = 0x120089, 0x100081


def log_on(order: dict[str, Any]) -> Session:
    connection = Connection(uuid.uuid4(), order["server"], 445, require_signing=True)
    connection.connect(timeout=5)
    session = Session(connection, order["account"], order["password"], require_encryption=True, auth_protocol="ntlm")
    try:
        session.connect()
    except BaseException:
        connection.disconnect(False)
        raise
    return session


def opened(order: dict[str, Any], name: str, access: int, options: int) -> Open:
    session = log_on(order)
    try:
        tree = TreeConnect(session, f"\\\\{order['server']}\\exam")
        tree.connect()
        file = Open(tree, f"{order['account']}{name}")
        everything = ShareAccess.FILE_SHARE_READ | ShareAccess.FILE_SHARE_WRITE | ShareAccess.FILE_SHARE_DELETE
        file.create(ImpersonationLevel.Impersonation, access, 0, everything, CreateDisposition.FILE_OPEN, options)
    except BaseException:
        session.connection.disconnect(False)
        raise
    return file


class Kind:
    """What became of one kind of try."""

    def __init__(self) -> None:
        self.tries = 0
        self.last_ok = 0.0
        self.refused = 0.0
        self._lock = threading.Lock()

    def note(self, act: Callable[[], None]) -> bool:
        """Try once; whether it succeeded."""
        began = time.time()
        try:
            act()
        except SMBResponseException:
            with self._lock:
                self.tries += 1
                self.refused = min(self.refused or began, began)
            return False
        except (SMBException, OSError, KeyError, ValueError):
            with self._lock:
                self.tries += 1
            return False
        with self._lock:
            self.tries += 1
            self.last_ok = max(self.last_ok, began)
        return True


def through_one_handle(
    order: dict[str, Any], kind: Kind, reopen: Callable[[], Open], use: Callable[[Open], object]
) -> None:
    """Use a handle again and again; once that fails, a new one, log-on and all, for each try."""
    file = None
    while time.time() < order["until"]:

        def act() -> None:
            nonlocal file
            file = file or reopen()
            use(file)

        if not kind.note(act) and file:
            file.connection.disconnect(False)
            file = None
        time.sleep(PAUSE_S)


def storm(order: dict[str, Any], kind: Kind) -> None:
    def act() -> None:
        log_on(order).connection.disconnect(False)

    free = threading.Semaphore(AT_ONCE)

    def one() -> None:
        try:
            kind.note(act)
        finally:
            free.release()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        while time.time() < order["until"]:
            if free.acquire(timeout=PAUSE_S):
                pool.submit(one)
            time.sleep(1 / order["rate"])


def main() -> None:
    order = json.loads(sys.stdin.readline())
    kinds = {"read": Kind(), "list": Kind(), "log_on": Kind()}
    work = [
        lambda: through_one_handle(
            order,
            kinds["read"],
            lambda: opened(order, f"\\{order['file']}", READ, 0),
            lambda file: file.read(0, 16),
        ),
        lambda: through_one_handle(
            order,
            kinds["list"],
            lambda: opened(order, "", LIST_FOLDER, 0x1),
            lambda file: file.query_directory("*", FileInformationClass.FILE_NAMES_INFORMATION, flags=0x1),
        ),
        lambda: storm(order, kinds["log_on"]),
    ]
    threads = [threading.Thread(target=one) for one in work]
    for thread in threads:
        thread.start()
    while not all(kind.last_ok for kind in kinds.values()) and time.time() < order["until"]:
        time.sleep(PAUSE_S)
    print("ready", flush=True)
    for thread in threads:
        thread.join()
    found = {
        name: {"tries": kind.tries, "last_ok": kind.last_ok, "refused": kind.refused} for name, kind in kinds.items()
    }
    print(json.dumps(found), flush=True)


if __name__ == "__main__":
    main()
