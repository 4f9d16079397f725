"""What disturbs a candidate and can be set for a user only: how that is for those who are signed in at the seats.

Windows keeps these policies where a seat's account may not write, and where nobody can while it is not signed in. A
profile that is new has none of them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from ..errors import ExamError
from ..wire.wsman import CIMV2, Login, Wmi, quoted
from .policies import policies_of
from .profiles import signed_in

_AT_ONCE = 61
_PAUSE_S = 2.0


@dataclass(frozen=True)
class Seat:
    """A client, and the account that is to be signed in there."""

    host: str
    account: str
    login: Login


@dataclass
class Seen:
    """By host: ``{"sid": …, "policies": […]}`` of the account; of each policy that is wrong key, name, wanted, found.

    ``failed`` says why a host could not be asked; ``not_signed_in`` names those at which the account was not signed in
    in time.
    """

    wrong: dict[str, dict[str, Any]] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    not_signed_in: list[str] = field(default_factory=list)


def look(seats: Sequence[Seat], purposes: Collection[str], wait: float) -> Seen:
    """Look at every seat, all at the same time.

    A seat whose account is not signed in is waited for, ``wait`` seconds at most: it was restarted a moment ago.
    """
    seen = Seen()

    def at(seat: Seat) -> tuple[str, dict[str, Any] | None, str]:
        try:
            with Wmi(seat.login) as wmi:
                return seat.host, at_seat(wmi, seat.account, purposes, wait), ""
        except ExamError as exc:
            return seat.host, None, str(exc)

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        for host, wrong, failed in pool.map(at, seats):
            if failed:
                seen.failed[host] = failed
            elif wrong is None:
                seen.not_signed_in.append(host)
            else:
                seen.wrong[host] = wrong
    return seen


def at_seat(
    wmi: Wmi,
    account: str,
    purposes: Collection[str],
    wait: float,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> dict[str, Any] | None:
    """The account's SID and the policies that are wrong; None where it is not signed in.

    :raises WsmanError: if the host cannot be asked.
    """
    where = f"LocalAccount = TRUE AND Name = {quoted(account)}"
    sids = {row["SID"] for row in wmi.query(CIMV2, "Win32_UserAccount", {"SID": "str"}, where)}
    end = clock() + wait
    while not (present := sids.intersection(signed_in(wmi))):
        if clock() + _PAUSE_S > end:
            return None
        sleep(_PAUSE_S)
    sid = present.pop()
    wrong = [one for one in policies_of(wmi, sid) if one["purpose"] in purposes and not one["found_is_wanted"]]
    return {"sid": sid, "policies": [{name: one[name] for name in ("key", "name", "wanted", "found")} for one in wrong]}
