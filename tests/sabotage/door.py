"""The side door of a stand-in room: what somebody could do to its hosts who uses none of this project's playbooks.

Each method is a context: on leaving it, what it did is undone.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from exam_room.wire import samr, security, smb
from exam_room.wire.security import Ace, Descriptor
from standin import faults, podman
from standin import room as rooms

TAMPER = Path(__file__).with_name("inside") / "tamper.py"
WINLOGON = r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Winlogon"
ROOT = r"Exam\share"


@dataclass(frozen=True)
class Door:
    """The side door of the room of that name."""

    room: str

    @property
    def described(self) -> dict[str, Any]:
        return rooms.load(self.room)

    def address(self, host: str) -> str:
        """The host's address."""
        return str(rooms.find_host(self.described, host)["address"])

    @property
    def login(self) -> smb.Login:
        """The administrator's of the server."""
        admin = self.described["admin"]
        return smb.Login(self.address("server"), admin["username"], admin["password"])

    def _inside(self, host: str, order: dict[str, Any]) -> dict[str, Any]:
        container = rooms.find_host(self.described, host)["container"]
        code = TAMPER.read_text(encoding="utf-8")
        said = podman.run("exec", "-i", container, "python3", "-c", code, stdin=json.dumps(order).encode())
        undo: dict[str, Any] = json.loads(said)
        return undo

    @contextmanager
    def do(self, host: str, what: str, **order: Any) -> Iterator[None]:
        """One of the orders of inside/tamper.py."""
        undo = self._inside(host, {"do": what, **order})
        try:
            yield
        finally:
            self._inside(host, undo)

    def forget_failed_logons(self) -> None:
        """What was tried with another password on the server must not lock an account for the next case."""
        self._inside("server", {"do": "forget_failed_logons"})

    def nothing(self) -> AbstractContextManager[None]:
        """No tampering at all."""
        return nullcontext()

    # -- what Windows believes of itself

    @contextmanager
    def model(self, host: str, *path: str | int, value: Any) -> Iterator[None]:
        """A value of the host's model state."""
        with self.do(host, "model", path=list(path), value=value):
            yield

    def value(self, host: str, *path: str | int) -> Any:
        """A value of the host's model state."""
        return self._inside(host, {"do": "value", "path": list(path)})["value"]

    @contextmanager
    def without(self, host: str, *path: str | int) -> Iterator[None]:
        """A part of the model state is gone."""
        with self.do(host, "model", path=list(path), gone=True):
            yield

    @contextmanager
    def logon_value(self, host: str, name: str, data: str) -> Iterator[None]:
        """A value of Winlogon in the registry."""
        with self.do(host, "registry", key=WINLOGON, name=name, data=data):
            yield

    # -- files

    @contextmanager
    def file(self, host: str, path: str, content: bytes) -> Iterator[None]:
        """A file with this content; its folder is made."""
        with self.do(host, "file", path=path, content=base64.b64encode(content).decode()):
            yield

    def content(self, host: str, path: str) -> str:
        """What a file holds, in base64."""
        return str(self._inside(host, {"do": "content", "path": path})["content"])

    @contextmanager
    def no_file(self, host: str, path: str) -> Iterator[None]:
        """A file is gone."""
        with self.do(host, "file", path=path, content=None):
            yield

    @contextmanager
    def descriptor(self, path: str, change: Callable[[Descriptor], Descriptor]) -> Iterator[None]:
        r"""Another access list of a file or folder on the server, named below D:\."""
        login = self.login
        with smb.connect(login) as server:
            share = server.share("D$")
            old = share.get_security(path)
            share.set_security(path, change(Descriptor.from_bytes(old)).to_bytes(), owner=True)
        try:
            yield
        finally:
            with smb.connect(login) as server:
                server.share("D$").set_security(path, old, owner=True)

    @contextmanager
    def entry(self, path: str, sid: str, mask: int, kind: int = security.ALLOW, flags: int = 3) -> Iterator[None]:
        """One entry more, before all others, in the access list of a folder on the server."""
        ace = Ace(kind, flags, mask, sid)
        with self.descriptor(path, lambda old: replace(old, dacl=(ace, *(old.dacl or ())))):
            yield

    @contextmanager
    def seat_entry(self, path: str, account: str, mask: int, kind: int = security.ALLOW) -> Iterator[None]:
        """One entry more, for a seat's account."""
        with self.entry(path, self.sid(account), mask, kind):
            yield

    def sid(self, account: str) -> str:
        """The SID of an account on the server."""
        container = rooms.find_host(self.described, "server")["container"]
        said = podman.run("exec", container, "pdbedit", "-v", "-u", account)
        return next(line.split()[-1] for line in said.splitlines() if line.startswith("User SID"))

    def machine_sid(self, host: str) -> str:
        """What the SIDs of the host's accounts begin with."""
        container = rooms.find_host(self.described, host)["container"]
        return podman.run("exec", container, "net", "getlocalsid").rpartition(": ")[2].strip()

    # -- accounts

    @contextmanager
    def account(self, host: str, name: str, **change: Any) -> Iterator[None]:
        """Something of an account."""
        with self.do(host, "account", name=name, **change):
            yield

    @contextmanager
    def no_account(self, name: str) -> Iterator[None]:
        """The server lacks an account."""
        with self.do("server", "remove", name=name):
            yield
        # Samba keeps this apart from the account.
        with smb.connect(self.login) as server, samr.sam(server) as sam:
            sam.open(samr.rids(sam.names())[name.casefold()]).forbid_password_change()

    @contextmanager
    def stranger(self, host: str, name: str, *, disabled: bool = False, groups: Sequence[str] = ()) -> Iterator[None]:
        """An account more."""
        with self.do(host, "stranger", name=name, disabled=disabled, groups=list(groups)):
            yield

    # -- from outside

    @contextmanager
    def clock(self, host: str, ahead: float) -> Iterator[None]:
        """The host's clock is that many seconds before the others'."""
        old = faults.clock(self.room, host)
        faults.set_clock(self.room, host, old + ahead)
        try:
            yield
        finally:
            faults.set_clock(self.room, host, old)

    @contextmanager
    def fault(self, host: str, name: str) -> Iterator[None]:
        """A fault of the stand-in."""
        faults.switch(self.room, host, name)
        try:
            yield
        finally:
            faults.switch(self.room, host, name, on=False)

    @contextmanager
    def unplugged(self, host: str, other: str) -> Iterator[None]:
        """Packets between two hosts are dropped; the controller reaches both."""
        faults.link_to(self.room, host, other)
        try:
            yield
        finally:
            faults.link_to(self.room, host, other, on=False)
