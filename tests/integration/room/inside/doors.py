"""Runs inside a stand-in host: tries doors from there and prints one JSON object with what each answered.

Standard input is JSON: ``ports`` [[address, port], …], and of a client also ``server``, ``share``, ``folders`` (names
in the share) and ``shares`` (UNC paths of other shares). A client tries as the account that signs in on it. An answer
is ``open`` or the reason of the refusal: an NT status as 0x…, or a word.

The text of this file is given with ``python3 -c``.
"""

from __future__ import annotations

import json
import socket
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import smbclient
from smbprotocol.exceptions import SMBException

from standin.endpoint.initial import bare
from standin.endpoint.store import Store
from standin.host import system
from standin.host.mapping import automatic_account

PLANTED = "planted.txt"
TIMEOUT_S = 2.0


def port(address: str, number: int) -> str:
    """``open``, or why not."""
    try:
        with socket.create_connection((address, number), TIMEOUT_S):
            return "open"
    except OSError as error:
        return type(error).__name__


def door(attempt: Callable[[], object]) -> str:
    """``open``, or the status of the refusal."""
    try:
        attempt()
    except (SMBException, OSError) as error:
        status = getattr(error, "ntstatus", None) or getattr(error, "status", None)
        return f"{status:#010x}" if isinstance(status, int) else f"{type(error).__name__}: {error}"
    return "open"


class Candidate:
    """The account of this seat over one connection of its own."""

    def __init__(self, server: str) -> None:
        state = Store(system.STATE / "state.json", bare(server=False)).read()
        self.account, password = automatic_account(state)
        self._login: dict[str, Any] = {"username": self.account, "password": password, "connection_cache": {}}
        smbclient.register_session(server, encrypt=True, **self._login)

    def list(self, folder: str) -> list[str]:
        return sorted(str(name) for name in smbclient.listdir(folder, **self._login))

    def read(self, path: str) -> bytes:
        with smbclient.open_file(path, mode="rb", share_access="rwd", **self._login) as stream:
            return bytes(stream.read())

    def write(self, path: str) -> None:
        with smbclient.open_file(path, mode="wb", **self._login) as stream:
            stream.write(b"written by " + self.account.encode())

    def folder(self, folder: str) -> dict[str, str]:
        """List it, read what was planted there, write."""
        return {
            "list": door(lambda: self.list(folder)),
            "read": door(lambda: self.read(f"{folder}\\{PLANTED}")),
            "write": door(lambda: self.write(f"{folder}\\from {self.account}.txt")),
        }


def main() -> None:
    order = json.load(sys.stdin)
    found: dict[str, Any] = {}
    with ThreadPoolExecutor(16) as pool:
        answers = pool.map(lambda one: port(*one), order["ports"])
        found["ports"] = [[*one, answer] for one, answer in zip(order["ports"], answers, strict=True)]
    if "server" in order:
        root = f"\\\\{order['server']}\\{order['share']}"
        candidate = Candidate(order["server"])
        found["account"] = candidate.account
        found["sees"] = candidate.list(root)
        found["root_write"] = door(lambda: candidate.write(f"{root}\\{candidate.account}.txt"))
        found["folders"] = {name: candidate.folder(f"{root}\\{name}") for name in order["folders"]}
        found["shares"] = {unc: door(partial(candidate.list, unc)) for unc in order["shares"]}
    print(json.dumps(found, ensure_ascii=False))


if __name__ == "__main__":
    main()
