"""The production cutoff, tried before the exam on a share of its own while every seat's account writes to it (V6).

Nothing else is different from the deadline of an exam: the same code disables the same accounts and ends the sessions
that they have anywhere on the server, those of the real seats too. Only the share and its folder are the trial's.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from ..cutoff import cutoff
from ..cutoff.connections import ServerWire
from ..cutoff.order import Order, Time
from ..cutoff.record import Record
from ..server import folders, shares
from ..wire import samr, security, smb, srvsvc
from .traces import FOLDER, SHARE, is_shared
from .writers import Writers, as_dict

#: From the order, the server connected, to the deadline: long enough to see that writing goes on until then.
LEAD_S: Final = 1.5
GIVE_UP_S: Final = 20.0
WHO: Final = "考前检查 inspection"


@dataclass(frozen=True)
class Request:
    """What to try. ``passwords`` by account; ``share``, ``volume`` and ``root`` (on it) are the exam's own."""

    login: smb.Login
    seats: Sequence[Mapping[str, Any]]
    passwords: Mapping[str, str] = field(repr=False)
    share: str = "exam"
    volume: str = "D$"
    root: str = r"Exam\share"
    timeout: float = smb.DEFAULT_TIMEOUT

    @property
    def accounts(self) -> list[str]:
        """The seats' accounts, in seat order."""
        return [str(seat["account"]) for seat in self.seats]

    @property
    def path(self) -> str:
        """The trial's folder as the server names it."""
        return f"{self.volume[0]}:\\{FOLDER}"


class _Wire(ServerWire):
    """The cutoff's wire, but for what an exam has armed: a trial has nothing that could be armed anew."""

    def rearm(self, deadline: float) -> None:
        return None


def make_share(request: Request, server: smb.Server, service: srvsvc.ServerService) -> None:
    """The trial's folder and share, with the access of the real ones."""
    sids = samr.sids(server, request.accounts)
    folders.present(server.share(request.volume), FOLDER, sids, check=False)
    permissions = security.share_permissions(sids.values())
    shares.present(service, SHARE, request.path, "考前试断连 trial", permissions, force=True, check=False)


def try_cutoff(request: Request, server: smb.Server, service: srvsvc.ServerService) -> dict[str, Any]:
    """Writers at work, the cutoff at a deadline of its own, and how the server is afterwards.

    ``record`` as the cutoff keeps it; ``writers`` by account: ``blocks``, ``last_ms`` (when the last one was begun that
    was acknowledged) and ``refused_ms``, from the deadline, and ``refused``; ``after``: whether the trial's ``share``
    and the ``exam_share`` are there, the seats' ``sessions``, and which accounts are ``enabled``.
    """
    make_share(request, server, service)
    passwords = {name: request.passwords[name] for name in request.accounts if name in request.passwords}
    with Writers(request.login.address, request.login.port, passwords, SHARE, request.timeout) as writers:
        writers.ready()
        record = _cut(request, service)
        writers.join()
    return {
        "record": record.as_dict(),
        "writers": {name: as_dict(one, record.ms) for name, one in writers.written.items()},
        "after": _after(request, server, service),
    }


def _cut(request: Request, service: srvsvc.ServerService) -> Record:
    wire = _Wire(request.login, SHARE, request.volume, FOLDER, request.timeout)
    try:
        order = Order(
            server=request.login.address,
            share=SHARE,
            root=request.path,
            own_user=request.login.username,
            seats=[_without_candidate(seat) for seat in request.seats],
            deadline=service.time_of_day() / 100 + LEAD_S,
            triggered_by=WHO,
            look_again_s=0.0,
            give_up_s=GIVE_UP_S,
            passwords=dict(request.passwords),
        )
        return cutoff.run(wire, order, Time(time.monotonic, time.sleep))
    finally:
        wire.close()


def _without_candidate(seat: Mapping[str, Any]) -> dict[str, Any]:
    return {name: seat.get(name) for name in ("number", "host", "address", "account")}


def _after(request: Request, server: smb.Server, service: srvsvc.ServerService) -> dict[str, Any]:
    names = {name.casefold() for name in request.accounts}
    with samr.sam(server) as sam:
        known = samr.rids(sam.names())
        users = [(name, sam.open(known[name.casefold()])) for name in request.accounts if name.casefold() in known]
        enabled = [name for name, user in users if not user.flags() & samr.DISABLED]
    return {
        "share": is_shared(service, SHARE),
        "exam_share": is_shared(service, request.share),
        "sessions": sorted(
            f"{one.user} @ {one.client}" for one in service.sessions() if srvsvc.plain(one.user) in names
        ),
        "enabled": enabled,
    }
