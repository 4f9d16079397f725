"""What happens when somebody signs in to a Windows client: its log-on tasks run, in that account's own session.

The account and its password come from automatic sign-in (registry and LSA secret); the log-on tasks are the ones that
win_scheduled_task made. The stand-in cannot run PowerShell: the one script that a log-on task starts has a model here,
bound to the script's hash (mapping.py). When the script changes, signing in fails until both have been compared again.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import smbclient
from smbprotocol.exceptions import LogonFailure, SMBException

from ..endpoint.files import WindowsFiles
from ..endpoint.initial import bare
from ..endpoint.models.profiles import load_profile_of
from ..endpoint.store import Store
from . import system
from .mapping import REFUSALS_AT_MOST, UNC, SignInError, automatic_account, mapped_drive

_PAUSE_BETWEEN_TRIES_S = 2


@dataclass(frozen=True)
class Seat:
    """A session on a client: who signed in, and the folder that a drive of the session leads to."""

    account: str
    password: str
    folder: str
    connections: dict[str, Any]

    @property
    def server(self) -> str:
        return self.folder.split("\\")[2]

    @property
    def share(self) -> str:
        r"""``\\server\share``"""
        return "\\".join(self.folder.split("\\")[:4])

    def connect_again(self) -> Seat:
        """The same seat over a new connection and a new log-on; raises SMBException or OSError when refused."""
        fresh = Seat(self.account, self.password, self.folder, {})
        _register(fresh)
        return fresh


def _register(seat: Seat) -> None:
    smbclient.register_session(
        seat.server,
        username=seat.account,
        password=seat.password,
        encrypt=True,
        connection_timeout=5,
        connection_cache=seat.connections,
    )


def sign_in(until: float) -> Seat:
    """Sign the seat's account in, and return once its folder is mapped; like the script, it tries again.

    :raises SignInError: when the client is not prepared, or the folder could not be mapped until ``until``, or before
        the server had refused account and password too often.
    """
    from .. import samba

    server = system.settings()["role"] == "server"
    store = Store(system.STATE / "state.json", bare(server=server))
    state = store.read()
    account, password = automatic_account(state)
    user = samba.user(account)
    if user is None or user.disabled or not samba.check_password(account, password):
        raise SignInError(f"{account} cannot sign in on this client")
    files = WindowsFiles({"C": Path("/srv/c")})
    with store.change() as signing_in:
        load_profile_of(files, signing_in, account, user.sid)
    folder, _ = mapped_drive(state, files, user.sid)
    if not UNC.match(folder):
        raise SignInError(f"{folder} is no folder on a server")
    last: Exception | None = None
    refusals = 0
    while time.time() < until and refusals < REFUSALS_AT_MOST:
        try:
            seat = Seat(account, password, folder, {})
            _register(seat)
            smbclient.listdir(folder, connection_cache=seat.connections)
            return seat
        except (SMBException, OSError) as error:
            last = error
            refusals += isinstance(error, LogonFailure)
            time.sleep(_PAUSE_BETWEEN_TRIES_S)
    raise SignInError(f"{folder} could not be mapped: {last}")
