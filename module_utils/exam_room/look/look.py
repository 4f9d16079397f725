"""The look from outside (V1, V3, V4): what the native Windows protocols say, as one evidence document. Read-only.

Only a probe file is written, read and deleted again in each account's own folder. Nothing is judged here: the document
says what was asked, when, and what was answered. A finding is ``{"asked_at": …, "value": …}``, or
``{"asked_at": …, "unknown": reason}`` when it could not be read: unknown is never a pass.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, closing, nullcontext, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from ..cutoff import switch
from ..errors import ExamError
from ..server import accounts, clock
from ..server.accounts import unexpected
from ..server.folders import MATERIAL_NAME
from ..wire import samr, security, smb, srvsvc, wkssvc
from ..wire.smbentry import join
from ..wire.smberrors import NotFound
from ..wire.smbfiles import Share
from . import looktries

SCHEMA: Final = "exam-room/look-outside/1"


@dataclass(frozen=True)
class Request:
    """What to look at.

    ``passwords`` by account: an account without one is not tried. ``scripts``: full Windows paths of files on the
    server. ``client_username`` and ``client_password`` for a client that serves SMB. ``switch_on``: the accounts are
    enabled while the server is looked at, and disabled afterwards.
    """

    login: smb.Login
    seats: Sequence[dict[str, Any]]
    share: str = "exam"
    volume: str = "D$"
    root: str = r"Exam\share"
    material_closed: str = r"Exam\material"
    scripts: Sequence[str] = ()
    passwords: dict[str, str] = field(default_factory=dict, repr=False)
    thorough: bool = False
    client_username: str | None = None
    client_password: str | None = field(default=None, repr=False)
    timeout: float = smb.DEFAULT_TIMEOUT
    switch_on: bool = False

    @property
    def accounts(self) -> list[str]:
        """The seats' accounts, in seat order."""
        return [str(seat["account"]) for seat in self.seats]

    @property
    def material_open(self) -> str:
        """Where the raw material lies once it is open, relative to the volume."""
        return join(self.root, MATERIAL_NAME)


def finding(ask: Callable[[], Any], now: Callable[[], float] = time.time) -> dict[str, Any]:
    """Ask, and keep when and what; a failure becomes ``unknown`` with its reason."""
    asked_at = clock.iso(now())
    try:
        return {"asked_at": asked_at, "value": ask()}
    except ExamError as error:
        return {"asked_at": asked_at, "unknown": error.en}


def look(request: Request) -> dict[str, Any]:
    """The whole evidence document. Raises only when the server cannot be reached or refuses the administrator."""
    hosts = {str(seat["host"]): str(seat["address"]) for seat in request.seats}
    # A firewall that drops says nothing: each closed port costs its time-out, so all are asked while the server is.
    with ThreadPoolExecutor(max(1, len(hosts))) as pool:
        clients = {host: pool.submit(finding, partial(_client, request, address)) for host, address in hosts.items()}
        with _switched_on(request):
            document = _server(request)
        document["clients"] = {host: future.result() for host, future in clients.items()}
    return document


def _switched_on(request: Request) -> AbstractContextManager[None]:
    if not request.switch_on:
        return nullcontext()
    return accounts.switched_on(accounts.WindowsHost(request.login, request.timeout), request.accounts)


def _server(request: Request) -> dict[str, Any]:
    """The document but for the clients."""
    document: dict[str, Any] = {"schema": SCHEMA, "asked_at": clock.iso(time.time()), "address": request.login.address}
    with smb.connect(request.login, request.timeout) as server:
        # Of a look that was killed: the folders are looked at below.
        _remove_probes(server, request)
        document["dialect"] = server.dialect
        document["server"] = finding(lambda: _workstation(server))
        document["clock"] = finding(lambda: _clock(server))
        document["shares"] = finding(lambda: _shares(server))
        document["accounts"] = finding(lambda: _accounts(server, request.accounts))
        document["armed"] = finding(lambda: _armed(server))
        document["scripts"] = {path: finding(partial(_sha256, server, path)) for path in request.scripts}
        document["folders"] = _folders(server, request, _sids(document["accounts"]))
    tried = [name for name in request.accounts if name in request.passwords]
    try:
        document["tries"] = looktries.each(lambda name: finding(lambda: _try(request, name)), tried)
    finally:
        with suppress(ExamError), smb.connect(request.login, request.timeout) as server:
            _remove_probes(server, request)
    return document


def _remove_probes(server: smb.Server, request: Request) -> None:
    """What cannot be removed shows: the folder of a seat is not empty."""
    folders = [request.root, request.material_open, *(join(request.root, name) for name in request.accounts)]
    with suppress(ExamError):
        looktries.remove_probes(server.share(request.volume), folders)


def _workstation(server: smb.Server) -> dict[str, Any]:
    found = wkssvc.workstation(server)
    return {"name": found.computer, "workgroup": found.workgroup, "version": f"{found.major}.{found.minor}"}


def _clock(server: smb.Server) -> dict[str, Any]:
    with srvsvc.server_service(server) as service:
        return clock.measure(service.time_of_day).as_dict(time.monotonic())


def _armed(server: smb.Server) -> dict[str, Any] | None:
    """Session and deadline (UTC) of the dead-man's switch; None for nothing, which is how it is until the start."""
    armed = switch.read(server)
    return None if armed is None else {"session": armed.session, "deadline": armed.deadline}


def _shares(server: smb.Server) -> list[dict[str, Any]]:
    with srvsvc.server_service(server) as service:
        return [_share(service, one) for one in service.shares()]


def _share(service: srvsvc.ServerService, one: srvsvc.ShareName) -> dict[str, Any]:
    found: dict[str, Any] = {"name": one.name, "remark": one.remark, "kind": one.kind & 0xFFFF}
    found["special"] = one.is_special or one.name.endswith("$")
    try:
        info = service.share(one.name)
        descriptor = info.descriptor if info else None
        found["path"] = info.path if info else None
        found["permissions"] = [ace.as_dict() for ace in descriptor.dacl or ()] if descriptor else None
    except ExamError as error:
        found["path"] = found["permissions"] = {"unknown": error.en}
    try:
        flags = service.share_flags(one.name)
        found["flags"] = {
            "number": flags,
            "force_level_ii_oplocks": bool(flags & srvsvc.FORCE_LEVEL_II_OPLOCK),
            "access_based_enumeration": bool(flags & srvsvc.ACCESS_BASED_ENUMERATION),
            "encrypt_data": bool(flags & srvsvc.ENCRYPT_DATA),
        }
    except ExamError as error:
        found["flags"] = {"unknown": error.en}
    return found


def _accounts(server: smb.Server, wanted: Sequence[str]) -> dict[str, Any]:
    with samr.sam(server) as opened:
        names = opened.names()
        known = samr.rids(names)
        found: dict[str, Any] = {}
        for name in wanted:
            rid = known.get(name.casefold())
            try:
                found[name] = None if rid is None else _account(opened, rid, name)
            except NotFound:
                # For a moment a server may list an account that is gone.
                found[name] = None
        return {"seats": found, "unexpected": unexpected(names, wanted), "all": sorted(names)}


def _account(opened: samr.Sam, rid: int, name: str) -> dict[str, Any]:
    with closing(opened.open(rid)) as user:
        account = user.read(name)
    return {
        "sid": account.sid,
        "enabled": account.enabled,
        "locked": account.locked,
        "password_never_expires": account.password_never_expires,
        "may_change_password": account.may_change_password,
        "comment": account.comment,
    }


def _sha256(server: smb.Server, path: str) -> str | None:
    """SHA-256 in hex of a file, read through the administrative share of its drive; None where there is none."""
    drive, _, rest = path.partition(":\\")
    share = server.share(f"{drive}$")
    if share.stat(rest) is None:
        return None
    digest = hashlib.sha256()
    with share.open_read(rest) as handle:
        for chunk in handle.chunks():
            digest.update(chunk)
    return digest.hexdigest()


def _sids(accounts: dict[str, Any]) -> dict[str, str]:
    seats = accounts.get("value", {}).get("seats", {})
    return {name: one["sid"] for name, one in seats.items() if one}


def _folders(server: smb.Server, request: Request, sids: dict[str, str]) -> dict[str, Any]:
    try:
        share = server.share(request.volume)
    except ExamError as error:
        unknown = {"asked_at": clock.iso(time.time()), "unknown": error.en}
        return {"root": unknown, "seats": dict.fromkeys(request.accounts, unknown), "material": unknown}
    everybody = [sids[name] for name in request.accounts if name in sids]
    all_known = len(everybody) == len(request.accounts)
    seats = {}
    for name in request.accounts:
        wanted = security.candidate_folder(sids[name]) if name in sids else None
        seats[name] = finding(partial(_folder, share, join(request.root, name), wanted))
    root_wanted = security.share_root(everybody) if all_known else None
    material_wanted = security.material_folder(everybody) if all_known else None
    return {
        "root": finding(lambda: _folder(share, request.root, root_wanted, count=False)),
        "seats": seats,
        "material": finding(lambda: _material(share, request, material_wanted)),
    }


def _folder(share: Share, path: str, wanted: security.Descriptor | None, count: bool = True) -> dict[str, Any] | None:
    """Access list as it is, whether it is exactly the one asked for, and what lies in the folder. None: no folder."""
    if share.stat(path) is None:
        return None
    descriptor = security.Descriptor.from_bytes(share.get_security(path))
    found: dict[str, Any] = {"path": path, **descriptor.as_dict()}
    found["exact"] = descriptor.same_access(wanted) if wanted else None
    found["wanted"] = wanted.text() if wanted else None
    if count:
        files = [entry for entry in share.walk(path) if not entry.is_dir]
        found["files"] = len(files)
        found["bytes"] = sum(entry.size for entry in files)
        found["links"] = [entry.path for entry in files if entry.is_reparse]
    return found


def _material(share: Share, request: Request, wanted: security.Descriptor | None) -> dict[str, Any]:
    places = {"closed": request.material_closed, "open": request.material_open}
    there = {state: _folder(share, path, wanted) for state, path in places.items()}
    for state, found in there.items():
        if found:
            found["content"] = finding(partial(_content, share, places[state]))
    states = [state for state, found in there.items() if found]
    return {"state": "+".join(states) or "absent", **there}


def _content(share: Share, top: str) -> list[dict[str, Any]]:
    """Every file below folder ``top`` with its path there, its size and its SHA-256; of a link the path alone."""
    files: list[dict[str, Any]] = []
    for entry in share.walk(top):
        path = entry.path[len(top) + 1 :]
        if entry.is_reparse:
            files.append({"path": path, "size": None, "sha256": None})
        elif not entry.is_dir:
            digest = hashlib.sha256()
            with share.open_read(entry.path) as handle:
                for chunk in handle.chunks():
                    digest.update(chunk)
            files.append({"path": path, "size": entry.size, "sha256": digest.hexdigest()})
    return files


def _try(request: Request, account: str) -> dict[str, Any]:
    login = smb.Login(request.login.address, account, request.passwords[account], request.login.port)
    others = looktries.neighbours_of(account, request.accounts, request.thorough)
    return looktries.try_account(login, request.share, others, MATERIAL_NAME, request.timeout)


def _client(request: Request, address: str) -> dict[str, Any]:
    login = None
    if request.client_username and request.client_password:
        login = smb.Login(address, request.client_username, request.client_password)
    return looktries.look_at_client(address, login, request.timeout)
