"""One seat off the server, the others untouched: its account if told so, its sessions, its open files."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from ..errors import ExamError
from ..wire import samr, smb, srvsvc
from ..wire.smberrors import NotFound
from ..wire.srvsvc import plain

PATIENCE_S: Final = 20.0
PAUSE_S: Final = 0.1


@dataclass
class Outcome:
    """What was done: whether the account was disabled, and how many sessions and files were ended."""

    disabled: bool = False
    sessions: int = 0
    files: int = 0

    def result(self) -> dict[str, Any]:
        """The module's return values."""
        return {
            "changed": self.disabled or bool(self.sessions or self.files),
            "disabled": self.disabled,
            "sessions": self.sessions,
            "files": self.files,
        }


def disconnect(
    service: srvsvc.ServerService,
    user: samr.UserHandle | None,
    account: str,
    check: bool,
    monotonic: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Outcome:
    """Disable ``user`` (None: leave the account on), then end its sessions and close its files until none is left.

    ExamError when something is left after ``PATIENCE_S``. A client that may still log on comes back at once: then only
    what it had is ended.
    """
    outcome = Outcome()
    if user is not None:
        flags = user.flags()
        outcome.disabled = not flags & samr.DISABLED
        if outcome.disabled and not check:
            user.set_flags(flags | samr.DISABLED)
    name = account.casefold()
    give_up = monotonic() + PATIENCE_S
    while True:
        sessions = [one for one in service.sessions() if plain(one.user) == name]
        files = [one for one in service.open_files() if plain(one.user) == name]
        if check:
            outcome.sessions, outcome.files = len(sessions), len(files)
            return outcome
        if not sessions and not files:
            return outcome
        for session in sessions:
            outcome.sessions += service.delete_session(session.client, session.user)
        for file in files:
            outcome.files += service.close_file(file.id)
        if user is None:
            return outcome
        if monotonic() > give_up:
            raise ExamError(
                f"{account} 的会话或打开的文件没有全部结束", f"sessions or open files of {account} are left"
            )
        sleep(PAUSE_S)


def on_server(login: smb.Login, account: str, disable: bool, check: bool, timeout: float) -> Outcome:
    """exam_disconnect."""
    if plain(login.username) == account.casefold():
        raise ExamError("管理员不能是考生用户名", "the administrator cannot be a seat's account")
    with (
        smb.connect(login, timeout) as server,
        srvsvc.server_service(server) as service,
        samr.sam(server) as sam,
    ):
        known = samr.rids(sam.names())
        if account.casefold() not in known:
            raise NotFound(
                f"{login.address}：服务器上没有用户名 {account}",
                f"{login.address}: no such account on the server: {account}",
                samr.NO_SUCH_USER,
            )
        user = sam.open(known[account.casefold()]) if disable else None
        return disconnect(service, user, account, check)
