"""The server as the watch sees it: one connection, read-only, everything the looks ask for."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Protocol

from ..cutoff import switch
from ..server.clock import Sample, ServerClock, measure
from ..wire import samr, smb, srvsvc
from ..wire.smbentry import Entry
from .scan import Files, sha256_of


class Eyes(Files, Protocol):
    """What the watch needs of the server; tests give a fake."""

    def clock(self) -> ServerClock: ...
    def time_sample(self) -> Sample: ...
    def sessions(self) -> list[srvsvc.SessionInfo]: ...
    def open_files(self) -> list[srvsvc.OpenFile]: ...
    def free_bytes(self) -> int: ...
    def armed(self) -> dict[str, str]: ...
    def expiries(self, accounts: Sequence[str]) -> dict[str, float | None]: ...


class ServerEyes:
    """Eyes over SMB, SRVSVC and SAMR. ``volume``: the administrative share of the results, such as D$."""

    def __init__(self, server: smb.Server, service: srvsvc.ServerService, volume: str, stack: ExitStack) -> None:
        self._server = server
        self._service = service
        self._volume = server.share(volume)
        self._stack = stack
        self._sam: samr.Sam | None = None
        self._users: dict[str, samr.UserHandle] = {}

    def clock(self) -> ServerClock:
        """The server's clock, measured as for the cut."""
        return measure(self._service.time_of_day)

    def time_sample(self) -> Sample:
        """The server's clock asked once; whole seconds only, for some servers know no better."""
        before = time.monotonic()
        hundredths = self._service.time_of_day()
        return Sample(before, time.monotonic(), hundredths, 1.0)

    def sessions(self) -> list[srvsvc.SessionInfo]:
        """NetrSessionEnum."""
        return self._service.sessions()

    def open_files(self) -> list[srvsvc.OpenFile]:
        """NetrFileEnum."""
        return self._service.open_files()

    def listdir(self, path: str) -> list[Entry]:
        """A folder of the results volume."""
        return self._volume.listdir(path)

    def stat(self, path: str) -> Entry | None:
        """What a handle says. Opened for its attributes only, which no program's sharing mode forbids."""
        return self._volume.stat(path)

    def sha256(self, path: str) -> str:
        """The content's hash."""
        with self._volume.open_read(path) as handle:
            return sha256_of(handle.chunks())

    def free_bytes(self) -> int:
        """Of the results volume."""
        return self._volume.free_bytes()

    def armed(self) -> dict[str, str]:
        """Session and deadline of the armed switch, empty when it is not armed. ExamError when it is damaged."""
        found = switch.read(self._server)
        return {} if found is None else {"session": found.session, "deadline": found.deadline}

    def expiries(self, accounts: Sequence[str]) -> dict[str, float | None]:
        """When each account expires (UserExpiresInformation); accounts that are not there are left out."""
        if self._sam is None:
            self._sam = self._stack.enter_context(samr.sam(self._server))
        if self._users.keys() != set(accounts):
            known = samr.rids(self._sam.names())
            self._users = {
                name: self._sam.open(known[name.casefold()]) for name in accounts if name.casefold() in known
            }
        return {name: user.expires() for name, user in self._users.items()}


@contextmanager
def server_eyes(login: smb.Login, volume: str, timeout: float) -> Iterator[Eyes]:
    """Connected for the length of a block. LogonRefused must not be tried again."""
    with ExitStack() as stack:
        server = stack.enter_context(smb.connect(login, timeout))
        service = stack.enter_context(srvsvc.server_service(server))
        yield ServerEyes(server, service, volume, stack)
