"""Arming both locks of the deadline (V6), the switch's file and the expiry of the accounts, and reading both back.

At every moment no account expires before the deadline in the file, and neither is ever earlier than the old or the new
deadline: an expiry that moves later moves before the file, one that moves earlier moves after it. So where the second
fails, what is in force is a deadline that was announced, the old one or the new one.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Protocol

from ..errors import ExamError
from ..server.clock import iso
from ..wire import samr, smb, srvsvc
from ..wire.smberrors import NotFound
from . import switch
from .switch import Armed

Expiry = float | None


class User(Protocol):
    """An opened account: samr.UserHandle, or a fake."""

    def expires(self) -> float | None: ...
    def set_expires(self, moment: float | None) -> None: ...
    def close(self) -> None: ...


class Domain(Protocol):
    """The accounts of the server: samr.Sam, or a fake."""

    def names(self) -> dict[str, int]: ...
    def open(self, rid: int) -> Any: ...


@dataclass
class Outcome:
    """What is in force now (in check mode, what would be); ``expires`` in seconds since 1970, None for never."""

    armed: Armed | None
    expires: dict[str, Expiry]
    changed: bool = False
    before: str = ""
    after: str = ""

    def result(self) -> dict[str, Any]:
        """The module's return values."""
        return {
            "changed": self.changed,
            "armed": asdict(self.armed) if self.armed else None,
            "expires": {name: _moment(expiry) for name, expiry in self.expires.items()},
            "diff": {"before": self.before, "after": self.after},
        }


def _moment(expiry: Expiry) -> str | None:
    return None if expiry is None else iso(expiry)


def _text(armed: Armed | None, expires: dict[str, Expiry]) -> str:
    switched = "disarmed" if armed is None else f"armed {armed.session} {armed.deadline} {armed.share} {armed.root}"
    listed = [f"{name} expires {_moment(expiry) or 'never'}" for name, expiry in expires.items()]
    accounts = [] if armed is None else [f"cuts off {name}" for name in armed.accounts]
    return "\n".join([switched, *accounts, *listed]) + "\n"


@dataclass
class _Progress:
    """How far it came, for the message when it goes no further."""

    file: str = "untouched"
    moved: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)

    def failed(self, error: ExamError, before: Armed | None, wanted: Armed | None) -> ExamError:
        """The error, and precisely in which state things are."""
        old, new = _state(before), _state(wanted)
        zh, en = {
            "untouched": (f"仍为“{old[0]}”", f"still {old[1]}"),
            "written": (f"已为“{new[0]}”", f"{new[1]} already"),
            "tried": (f"“{old[0]}”或“{new[0]}”，未能确认", f"{old[1]} or {new[1]}, which could not be told"),
        }[self.file]
        moved, left = ", ".join(self.moved) or "-", ", ".join(self.left) or "-"
        return ExamError(
            f"自动断连没有完全设好：{error.zh}\n目前开关{zh}；账户到期时间已改：{moved}；未改或未确认：{left}。请重做这一步。",
            f"The automatic cutoff is not wholly set: {error.en}\nThe switch is {en}; expiry changed: {moved}; "
            f"not changed, or not known: {left}. Run the step again.",
        )


def _state(armed: Armed | None) -> tuple[str, str]:
    if armed is None:
        return "未设", "disarmed"
    return f"{armed.session} 于 {armed.deadline} 断连", f"armed for {armed.session} at {armed.deadline}"


class Locks:
    """Both locks on one server, over one connection. ``now`` is the server's clock in seconds since 1970."""

    def __init__(
        self,
        server: switch.Server,
        domain: Domain,
        now: Callable[[], float],
        check: bool = False,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._server = server
        self._domain = domain
        self._now = now
        self._check = check
        self._sleep = sleep
        self._users: dict[str, User] = {}

    def read(self, accounts: Sequence[str]) -> Outcome:
        """What is in force; accounts that do not exist are left out."""
        armed = switch.read(self._server)
        self._open(accounts)
        expires = self._expiries()
        text = _text(armed, expires)
        return Outcome(armed, expires, before=text, after=text)

    def arm(self, wanted: Armed) -> Outcome:
        """The switch armed, the accounts expiring at its deadline; a second time nothing is written.

        ``wanted.armed_at`` is filled in. Refused before anything is touched: a deadline that is past, for the switch
        would cut at once; accounts that the server does not have.
        """
        now = self._now()
        wanted = replace(wanted, armed_at=iso(now)).checked()
        before = switch.held(self._server)
        missing = self._open(wanted.accounts)
        if missing:
            listed = ", ".join(missing)
            raise NotFound(
                f"{self._server.address}：服务器上没有这些用户名：{listed}",
                f"{self._server.address}: no such accounts on the server: {listed}",
                samr.NO_SUCH_USER,
            )
        if wanted.same(before):
            assert before is not None
            wanted = before
        elif wanted.seconds <= now:
            raise ExamError(
                f"截止时间 {wanted.deadline} 按服务器的时钟（{iso(now)}）已过，开关会立刻断连，所以没有设置。",
                f"The deadline {wanted.deadline} is past by the server's clock ({iso(now)}): the switch would cut at "
                "once, so nothing was armed.",
            )
        return self._bring(before, wanted, dict.fromkeys(self._users, wanted.seconds))

    def disarm(self, accounts: Sequence[str]) -> Outcome:
        """Nothing armed, no account expiring: neither those named nor those in the file, where they exist."""
        before = switch.held(self._server)
        self._open([*accounts, *(before.accounts if before else ())])
        return self._bring(before, None, dict.fromkeys(self._users, None))

    def _open(self, names: Iterable[str]) -> list[str]:
        """Open the accounts, compared without case; returns those that do not exist."""
        known = samr.rids(self._domain.names())
        wanted = {name.casefold(): name for name in reversed(list(names))}
        ordered = [wanted[key] for key in reversed(wanted)]
        self._users = {name: self._domain.open(known[name.casefold()]) for name in ordered if name.casefold() in known}
        return [name for name in ordered if name.casefold() not in known]

    def _expiries(self) -> dict[str, Expiry]:
        return {name: user.expires() for name, user in self._users.items()}

    def _bring(self, before: Armed | None, wanted: Armed | None, target: dict[str, Expiry]) -> Outcome:
        found = self._expiries()
        later = [name for name in target if _order(found[name]) < _order(target[name])]
        earlier = [name for name in target if _order(found[name]) > _order(target[name])]
        file_differs = before != wanted or (wanted is None and self._is_there())
        outcome = Outcome(
            wanted,
            target,
            changed=bool(later or earlier or file_differs),
            before=_text(before, found),
            after=_text(wanted, target),
        )
        if self._check or not outcome.changed:
            return outcome
        progress = _Progress(left=[*later, *earlier])
        try:
            self._expire(later, target, progress)
            if file_differs:
                progress.file = "tried"
                self._put(wanted)
                progress.file = "written"
            self._expire(earlier, target, progress)
            self._compare(wanted, target)
        except ExamError as error:
            raise progress.failed(error, before, wanted) from error
        return outcome

    def _is_there(self) -> bool:
        files: switch.Files = self._server.share(switch.SHARE)
        return files.stat(switch.ARMED) is not None

    def _put(self, wanted: Armed | None) -> None:
        if wanted is None:
            switch.disarm(self._server, self._sleep)
        else:
            switch.arm(self._server, wanted, self._sleep)

    def _expire(self, names: Sequence[str], target: dict[str, Expiry], progress: _Progress) -> None:
        for name in names:
            self._users[name].set_expires(target[name])
            progress.moved.append(name)
            progress.left.remove(name)

    def _compare(self, wanted: Armed | None, target: dict[str, Expiry]) -> None:
        """Both as the server has them now."""
        if switch.read(self._server) != wanted:
            raise ExamError("开关读回的内容不同", "the switch reads back differently")
        wrong = [name for name, expiry in self._expiries().items() if expiry != target[name]]
        if wrong:
            listed = ", ".join(wrong)
            raise ExamError(f"账户到期时间读回的值不同：{listed}", f"the expiry reads back differently: {listed}")


def _order(expiry: Expiry) -> float:
    """Never is later than everything."""
    return float("inf") if expiry is None else expiry


def ensure(
    login: smb.Login,
    state: str,
    wanted: Armed | None,
    accounts: Sequence[str],
    check: bool,
    timeout: float = smb.DEFAULT_TIMEOUT,
) -> Outcome:
    """exam_switch: ``state`` armed (needs ``wanted``), disarmed or read, over one connection."""
    if login.username.casefold() in {name.casefold() for name in accounts}:
        raise ExamError("管理员不能是考生用户名", "the administrator cannot be a seat's account")
    with (
        smb.connect(login, timeout) as server,
        samr.sam(server) as domain,
        srvsvc.server_service(server) as service,
    ):
        locks = Locks(server, domain, lambda: service.time_of_day() / 100, check)
        if state == "armed":
            assert wanted is not None
            return locks.arm(wanted)
        return locks.disarm(accounts) if state == "disarmed" else locks.read(accounts)
