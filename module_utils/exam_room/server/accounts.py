"""The seats' accounts on a host, kept over SAMR: all of them in one connection (V2, V3).

Passwords are compared by trying them, once each, for nothing else tells whether they are right: a log-on that fails
for its password takes 2 s on new Windows and counts towards the lock-out after 10.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from ..errors import ExamError
from ..wire import samr, smb
from ..wire.smberrors import LogonRefused, NotFound

LOGGED_ON: Final = "STATUS_SUCCESS"
#: The password is right, the account may not log on for another reason.
PASSWORD_RIGHT: Final = frozenset(
    {
        LOGGED_ON,
        "STATUS_ACCOUNT_DISABLED",
        "STATUS_ACCOUNT_EXPIRED",
        "STATUS_INVALID_LOGON_HOURS",
        "STATUS_LOGON_TYPE_NOT_GRANTED",
    }
)
#: Wrong, or right but not usable until it is set again.
PASSWORD_TO_SET: Final = frozenset(
    {
        "STATUS_LOGON_FAILURE",
        "STATUS_WRONG_PASSWORD",
        "STATUS_PASSWORD_EXPIRED",
        "STATUS_PASSWORD_MUST_CHANGE",
        "STATUS_ACCOUNT_LOCKED_OUT",
    }
)
LOGONS_AT_ONCE: Final = 8


@dataclass(frozen=True)
class Wanted:
    """An account as it has to be."""

    name: str
    password: str | None = field(default=None, repr=False)
    comment: str = ""


class User(Protocol):
    """An opened account: samr.UserHandle, or a fake."""

    def read(self, name: str) -> samr.Account: ...
    def set_password(self, password: str) -> None: ...
    def set_comment(self, comment: str) -> None: ...
    def flags(self) -> int: ...
    def set_flags(self, flags: int) -> None: ...
    def forbid_password_change(self) -> None: ...
    def delete(self) -> None: ...
    def close(self) -> None: ...


class Directory(Protocol):
    """The accounts of one host: samr.Sam, or a fake."""

    def names(self) -> dict[str, int]: ...
    def open(self, rid: int) -> User: ...
    def create(self, name: str) -> User: ...


class Host(Protocol):
    """What the work below needs of a host."""

    def directory(self) -> AbstractContextManager[Directory]: ...
    def try_logon(self, name: str, password: str) -> str: ...


class WindowsHost:
    """A host on the wire, administered by ``login``."""

    def __init__(self, login: smb.Login, timeout: float) -> None:
        self._login = login
        self._timeout = timeout

    @contextmanager
    def directory(self) -> Any:
        """Its account domain."""
        with smb.connect(self._login, self._timeout) as server, samr.sam(server) as opened:
            yield opened

    def try_logon(self, name: str, password: str) -> str:
        """One log-on over encrypted SMB; the NTSTATUS name, STATUS_SUCCESS when it worked."""
        login = smb.Login(self._login.address, name, password, self._login.port)
        return try_logon(login, self._timeout)


def try_logon(login: smb.Login, timeout: float) -> str:
    """One attempt to log on, never repeated; what the server said, as an NTSTATUS name."""
    try:
        with smb.connect(login, timeout):
            return LOGGED_ON
    except LogonRefused as error:
        return error.status


@dataclass
class Outcome:
    """What was done, or would be in check mode, account by account."""

    created: list[str] = field(default_factory=list)
    password_set: list[str] = field(default_factory=list)
    settings_changed: list[str] = field(default_factory=list)
    enabled: list[str] = field(default_factory=list)
    disabled: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    unexpected: list[str] = field(default_factory=list)
    proven: dict[str, str] | None = None
    accounts: list[dict[str, Any]] = field(default_factory=list)
    before: list[str] = field(default_factory=list)
    after: list[str] = field(default_factory=list)

    @property
    def changed(self) -> bool:
        """Whether anything differs now."""
        return any((self.created, self.password_set, self.settings_changed, self.enabled, self.disabled, self.removed))

    def result(self) -> dict[str, Any]:
        """The module's return values."""
        values = {
            name: getattr(self, name)
            for name in (
                "changed",
                "created",
                "password_set",
                "settings_changed",
                "enabled",
                "disabled",
                "removed",
                "unexpected",
                "proven",
                "accounts",
            )
        }
        values["diff"] = {"before": _lines(self.before), "after": _lines(self.after)}
        return values


def _lines(lines: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def unexpected(known: Iterable[str], wanted: Iterable[str]) -> list[str]:
    """Accounts that look like seats' accounts (same prefix, then digits only) but are not wanted."""
    names = {name.casefold() for name in wanted}
    prefixes = {re.sub(r"\d+$", "", name) for name in names if re.search(r"\d$", name)}
    return sorted(
        name
        for name in known
        if name.casefold() not in names and re.sub(r"\d+$", "", name.casefold()) in prefixes and re.search(r"\d$", name)
    )


def ensure(
    host: Host, wanted: Sequence[Wanted], state: str, enabled: bool | None = None, check: bool = False
) -> Outcome:
    """Bring the accounts into ``state``: present, enabled, disabled or absent. In ``check`` nothing is written.

    present creates what is missing, disabled unless ``enabled``; ``enabled`` None leaves an existing account as it
    is. enabled and disabled need the accounts to exist (NotFound). absent removes them.
    """
    with host.directory() as directory:
        listed = directory.names()
        known = samr.rids(listed)
        outcome = Outcome(unexpected=unexpected(listed, [one.name for one in wanted]))
        if state == "present":
            _Present(host, directory, known, enabled, check, outcome).run(wanted)
        elif state == "absent":
            _remove(directory, known, wanted, check, outcome)
        else:
            _switch(directory, known, wanted, state == "enabled", check, outcome)
    return outcome


@contextmanager
def switched_on(host: Host, names: Sequence[str]) -> Iterator[None]:
    """The accounts are enabled for the block and disabled after it; one that does not exist is passed over.

    What an account can really do shows only while it is enabled. Nothing else of it is set right: a lock stays, for
    whoever looks. ExamError where the server refuses, or cannot be reached: after the block it is asked twice, over a
    connection of its own.
    """
    try:
        _turn(host, names, on=True)
        yield
    finally:
        try:
            _turn(host, names, on=False)
        except ExamError:
            _turn(host, names, on=False)


def _turn(host: Host, names: Sequence[str], on: bool) -> None:
    with host.directory() as directory:
        known = samr.rids(directory.names())
        for rid in (known[name.casefold()] for name in names if name.casefold() in known):
            # For a moment a server may list an account that is gone.
            with suppress(NotFound), closing(directory.open(rid)) as user:
                flags = user.flags()
                wanted = flags & ~samr.DISABLED if on else flags | samr.DISABLED
                if wanted != flags:
                    user.set_flags(wanted)


def _remove(
    directory: Directory, known: dict[str, int], wanted: Sequence[Wanted], check: bool, outcome: Outcome
) -> None:
    for one in wanted:
        rid = known.get(one.name.casefold())
        if rid is None:
            continue
        outcome.removed.append(one.name)
        outcome.before.append(f"{one.name}: present")
        if not check:
            directory.open(rid).delete()


def _switch(
    directory: Directory, known: dict[str, int], wanted: Sequence[Wanted], on: bool, check: bool, outcome: Outcome
) -> None:
    missing = [one.name for one in wanted if one.name.casefold() not in known]
    if missing:
        names = ", ".join(missing)
        raise NotFound(f"没有这些用户名：{names}", f"no such accounts: {names}", samr.NO_SUCH_USER)
    for one in wanted:
        with closing(directory.open(known[one.name.casefold()])) as user:
            account = user.read(one.name)
            flags = _flags(account.flags, on)
            if flags != account.flags:
                (outcome.enabled if on else outcome.disabled).append(one.name)
                if not check:
                    user.set_flags(flags)
            _note(outcome, account, flags)


def _flags(before: int, enabled: bool) -> int:
    """The control flags of a seat's account: a normal one, the password never expires, not locked."""
    flags = (before | samr.NORMAL_ACCOUNT | samr.NEVER_EXPIRES) & ~samr.PASSWORD_NOT_REQUIRED
    return flags & ~samr.DISABLED & ~samr.AUTO_LOCKED if enabled else flags | samr.DISABLED


def _note(outcome: Outcome, account: samr.Account, flags: int, **news: str) -> None:
    """Keep what the account was and what it is now, for the result and the diff."""
    comment = news.get("comment", account.comment)
    may_change = account.may_change_password and "password_change" not in news
    outcome.before.append(_line(account.name, account.flags, account.comment, account.may_change_password))
    outcome.after.append(
        _line(account.name, flags, comment, may_change) + (" password=set" if "password" in news else "")
    )
    outcome.accounts.append(_record(account.name, account.sid, flags, comment, may_change))


def _record(name: str, sid: str | None, flags: int, comment: str, may_change: bool) -> dict[str, Any]:
    return {
        "name": name,
        "sid": sid,
        "enabled": not flags & samr.DISABLED,
        "locked": bool(flags & samr.AUTO_LOCKED),
        "password_never_expires": bool(flags & samr.NEVER_EXPIRES),
        "may_change_password": may_change,
        "comment": comment,
    }


def _line(name: str, flags: int, comment: str, may_change: bool) -> str:
    state = "disabled" if flags & samr.DISABLED else "enabled"
    locked = " locked" if flags & samr.AUTO_LOCKED else ""
    age = "never" if flags & samr.NEVER_EXPIRES else "by policy"
    changeable = "by user" if may_change else "by administrators"
    return f"{name}: {state}{locked} expires={age} change={changeable} comment={comment}"


class _Present:
    """state=present, split into steps that share what they know."""

    def __init__(
        self,
        host: Host,
        directory: Directory,
        known: dict[str, int],
        enabled: bool | None,
        check: bool,
        outcome: Outcome,
    ) -> None:
        self._host = host
        self._directory = directory
        self._known = known
        self._enabled = enabled
        self._check = check
        self._outcome = outcome

    def run(self, wanted: Sequence[Wanted]) -> None:
        """Old accounts first: they show whether passwords are in order before anything is created."""
        old = [one for one in wanted if one.name.casefold() in self._known]
        wrong = self._wrong_passwords(old)
        for one in old:
            self._adjust(one, one.name in wrong)
        for one in wanted:
            if one.name.casefold() not in self._known:
                self._create(one)

    def _wrong_passwords(self, old: Sequence[Wanted]) -> set[str]:
        with_password = [one for one in old if one.password is not None]

        def right(one: Wanted) -> tuple[str, str]:
            return one.name, self._host.try_logon(one.name, one.password or "")

        with ThreadPoolExecutor(LOGONS_AT_ONCE) as pool:
            answers = list(pool.map(right, with_password))
        odd = [f"{name}: {status}" for name, status in answers if status not in PASSWORD_RIGHT | PASSWORD_TO_SET]
        if odd:
            listed = ", ".join(odd)
            raise ExamError(f"无法判断密码是否正确：{listed}", f"cannot tell whether the password is right: {listed}")
        return {name for name, status in answers if status in PASSWORD_TO_SET}

    def _adjust(self, one: Wanted, wrong_password: bool) -> None:
        with closing(self._directory.open(self._known[one.name.casefold()])) as user:
            account = user.read(one.name)
            on = account.enabled if self._enabled is None else self._enabled
            # A lock is lifted together with the wrong password that caused it.
            before = account.flags & ~samr.AUTO_LOCKED if wrong_password else account.flags
            flags = _flags(before, on)
            news: dict[str, str] = {}
            if wrong_password:
                news["password"] = "set"
                self._outcome.password_set.append(one.name)
            if on != account.enabled:
                (self._outcome.enabled if on else self._outcome.disabled).append(one.name)
            if account.comment != one.comment:
                news["comment"] = one.comment
            if account.may_change_password:
                news["password_change"] = "off"
            settings = (flags ^ account.flags) & ~samr.DISABLED
            if settings or "comment" in news or "password_change" in news:
                self._outcome.settings_changed.append(one.name)
            if not self._check:
                self._write(user, one, account.flags, flags, news)
            _note(self._outcome, account, flags, **news)
        if wrong_password and not self._check:
            self._prove(one)

    @staticmethod
    def _write(user: User, one: Wanted, before: int, flags: int, news: dict[str, str]) -> None:
        if "password" in news and one.password is not None:
            user.set_password(one.password)
        if "comment" in news:
            user.set_comment(one.comment)
        if "password_change" in news:
            user.forbid_password_change()
        if flags != before:
            user.set_flags(flags)

    def _create(self, one: Wanted) -> None:
        if one.password is None:
            raise ExamError(f"{one.name}：新用户名需要密码", f"{one.name}: a new account needs a password")
        flags = _flags(samr.NORMAL_ACCOUNT, bool(self._enabled))
        self._outcome.created.append(one.name)
        self._outcome.after.append(_line(one.name, flags, one.comment, may_change=False))
        if self._check:
            self._outcome.accounts.append(_record(one.name, None, flags, one.comment, may_change=False))
            return
        user = self._directory.create(one.name)
        try:
            user.set_password(one.password)
            user.set_comment(one.comment)
            user.forbid_password_change()
            user.set_flags(flags)
            account = user.read(one.name)
        except ExamError:
            # Nothing half-made stays behind: the next run starts afresh.
            user.delete()
            raise
        user.close()
        self._outcome.accounts.append(
            _record(account.name, account.sid, account.flags, account.comment, account.may_change_password)
        )
        self._prove(one)

    def _prove(self, one: Wanted) -> None:
        """The first password that was set is tried before the next one is set."""
        if self._outcome.proven is not None or one.password is None:
            return
        status = self._host.try_logon(one.name, one.password)
        self._outcome.proven = {"account": one.name, "status": status}
        if status not in PASSWORD_RIGHT:
            raise ExamError(
                f"{one.name}：密码已设置，但登录验证失败（{status}）。其余用户名未处理；请改用 WinRM 设置密码。",
                f"{one.name}: the password was set, but a log-on with it fails ({status}). The other accounts were "
                "left alone; set the passwords over WinRM instead.",
            )
