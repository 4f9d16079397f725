"""What a cutoff is told to do, and what it needs of the world: wire and time, so that tests can give fakes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from ..server.clock import Sample, ServerClock
from ..wire.srvsvc import OpenFile, SessionInfo

#: Between two tries to reach a server that is lost.
RECONNECT_PAUSE_S: Final = 0.5


class Wire(Protocol):
    """The server as the cutoff needs it, over two connections ("lines"), so that two things can go on at once.

    ``line`` chooses the connection; the accounts are on line 1, everything else without ``line`` on line 0.
    ``reconnect`` makes one of them anew.
    """

    def reconnect(self, line: int) -> None: ...
    def clock(self) -> ServerClock: ...
    def clock_sample(self) -> Sample: ...
    def rearm(self, deadline: float) -> None: ...
    def share_path(self) -> str | None: ...
    def delete_share(self) -> bool: ...
    def sessions(self, line: int = 0) -> list[SessionInfo]: ...
    def end_session(self, client: str, user: str, line: int = 0) -> bool: ...
    def open_files(self, line: int = 0) -> list[OpenFile]: ...
    def close_file(self, file_id: int, line: int = 0) -> bool: ...
    def ready_accounts(self, names: Sequence[str]) -> list[str]: ...
    def disable_accounts(self) -> list[str]: ...
    def try_logon(self, account: str, password: str) -> str: ...
    def last_write(self, accounts: Sequence[str]) -> tuple[str, float] | None: ...


@dataclass(frozen=True)
class Time:
    """Monotonic seconds and how to wait; injected, so that tests take no time."""

    monotonic: Callable[[], float]
    sleep: Callable[[float], None]


@dataclass(frozen=True)
class Order:
    """What to cut. ``deadline`` in seconds since 1970 UTC by the server's clock, None for at once.

    ``root`` is the results folder as the server names it, used when the share is gone already. ``own_user`` is the
    administrator we work as: his files (the collection's) are never closed. ``give_up_s``: how long after the
    deadline a lost server is still called.
    """

    server: str
    share: str
    root: str
    own_user: str
    seats: Sequence[dict[str, Any]]
    deadline: float | None = None
    triggered_by: str = ""
    look_again_s: float = 60.0
    give_up_s: float = 300.0
    find_last_write: bool = True
    passwords: dict[str, str] = field(default_factory=dict, repr=False)

    @property
    def accounts(self) -> list[str]:
        """The seats' accounts."""
        return [str(seat["account"]) for seat in self.seats]
