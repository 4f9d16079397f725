"""The wire of the cutoff: two connections made ahead of time, one for shares and sessions, one for accounts."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import Any

from ..server.accounts import try_logon
from ..server.clock import Sample, ServerClock, iso, measure, sample
from ..wire import filetime, samr, smb, srvsvc
from ..wire.rpc import RpcError
from ..wire.smbentry import join
from ..wire.smberrors import ConnectionLost, NotFound, SmbError
from . import arming, cutoff, switch
from . import order as cutoff_order
from . import record as cutoff_record


class ServerWire:
    """cutoff.Wire over SRVSVC and SAMR. Shares and sessions on one connection, accounts on another, in parallel."""

    def __init__(self, login: smb.Login, share: str, volume: str, root: str, timeout: float) -> None:
        self._login = login
        self._share = share
        self._volume = volume
        self._root = root
        self._timeout = timeout
        self._open = [ExitStack(), ExitStack()]
        self._services: dict[int, srvsvc.ServerService] = {}
        self._users: list[tuple[str, samr.UserHandle, int]] = []
        self._missing: list[str] = []
        self.reconnect(0)
        self.reconnect(1)

    def close(self) -> None:
        """Log off."""
        for line in self._open:
            line.close()

    def reconnect(self, line: int) -> None:
        """One connection anew. A refused password ends everything: it is not tried again."""
        self._open[line].close()
        with ExitStack() as stack:
            server = stack.enter_context(smb.connect(self._login, self._timeout))
            self._services[line] = stack.enter_context(srvsvc.server_service(server))
            if line == 0:
                self._server = server
            else:
                self._users = []
                self._sam = stack.enter_context(samr.sam(server))
            self._open[line] = stack.pop_all()

    def clock(self) -> ServerClock:
        """Measured on the first connection."""
        return measure(self._services[0].time_of_day)

    def clock_sample(self) -> Sample:
        """One quick question, on the first connection."""
        return sample(self._services[0].time_of_day)

    def rearm(self, deadline: float) -> None:
        """Expiry of the accounts and the switch, for another deadline; the expiry alone where no switch is armed."""
        armed = switch.held(self._server)
        if armed is None:
            for _, user, _ in self._users:
                user.set_expires(deadline)
            return
        locks = arming.Locks(self._server, self._sam, lambda: self._services[0].time_of_day() / 100)
        locks.arm(replace(armed, deadline=iso(deadline)))

    def share_path(self) -> str | None:
        """The folder behind the exam share as the server names it; None when the share is gone."""
        info = self._services[0].share(self._share)
        return None if info is None else info.path

    def delete_share(self) -> bool:
        """NetrShareDel. A refusal counts for nothing where nobody can connect to the share any more.

        A server may refuse to remove what somebody else has removed meanwhile, such as its own switch.
        """
        try:
            return self._services[0].delete_share(self._share)
        except RpcError:
            if self._is_gone():
                return False
            raise

    def _is_gone(self) -> bool:
        try:
            self._server.share(self._share)
        except NotFound:
            return True
        self._server.drop_share(self._share)
        return False

    def sessions(self, line: int = 0) -> list[srvsvc.SessionInfo]:
        """NetrSessionEnum."""
        return self._services[line].sessions()

    def end_session(self, client: str, user: str, line: int = 0) -> bool:
        """NetrSessionDel, always with the user."""
        return self._services[line].delete_session(client, user)

    def open_files(self, line: int = 0) -> list[srvsvc.OpenFile]:
        """NetrFileEnum."""
        return self._services[line].open_files()

    def close_file(self, file_id: int, line: int = 0) -> bool:
        """NetrFileClose."""
        return self._services[line].close_file(file_id)

    def ready_accounts(self, names: Sequence[str]) -> list[str]:
        """Open the accounts and read their flags, so that disabling one is a single call. Returns missing names."""
        if [name for name, _, _ in self._users] != list(names):
            known = samr.rids(self._sam.names())
            self._missing = [name for name in names if name.casefold() not in known]
            self._users = [
                (name, self._sam.open(known[name.casefold()]), 0) for name in names if name.casefold() in known
            ]
        self._users = [(name, user, user.flags()) for name, user, _ in self._users]
        return self._missing

    def disable_accounts(self) -> list[str]:
        """Disable those that were enabled when they were last looked at; returns their names."""
        changed = []
        for position, (name, user, flags) in enumerate(self._users):
            if not flags & samr.DISABLED:
                user.set_flags(flags | samr.DISABLED)
                self._users[position] = (name, user, flags | samr.DISABLED)
                changed.append(name)
        return changed

    def try_logon(self, account: str, password: str) -> str:
        """One log-on from here."""
        try:
            return try_logon(smb.Login(self._login.address, account, password, self._login.port), self._timeout)
        except ConnectionLost as error:
            raise SmbError(error.zh, error.en, error.status) from None

    def last_write(self, accounts: Sequence[str]) -> tuple[str, float] | None:
        """The result file with the newest ChangeTime, read through the administrative share of the volume."""
        share = self._server.share(self._volume)
        newest: tuple[int, str] | None = None
        for account in accounts:
            folder = join(self._root, account)
            if share.stat(folder) is None:
                continue
            for entry in share.walk(folder):
                if not entry.is_dir and (newest is None or entry.changed_100ns > newest[0]):
                    newest = (entry.changed_100ns, entry.path)
        return None if newest is None else (newest[1], filetime.to_seconds(newest[0]))


@contextmanager
def server_wire(login: smb.Login, share: str, volume: str, root: str, timeout: float) -> Iterator[ServerWire]:
    """The wire for the length of a block."""
    wire = ServerWire(login, share, volume, root, timeout)
    try:
        yield wire
    finally:
        wire.close()


def cut(
    login: smb.Login,
    order: cutoff_order.Order,
    volume: str,
    root: str,
    check: bool,
    timeout: float,
    monotonic: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> dict[str, Any]:
    """A cut at the order's own deadline, or with ``check`` a look: the record and its text, kept nowhere.

    ``root`` is relative to ``volume``. The step of the exam day is conduct.py's.
    """
    with server_wire(login, order.share, volume, root, timeout) as wire:
        record = cutoff.run(wire, order, cutoff_order.Time(monotonic, sleep), check)
    data = record.as_dict()
    return {"changed": record.changed, "record": data, "text": cutoff_record.text(data)}
