"""What a candidate's PC could really do (V3, V4): log on as each account and try doors that must open and must not."""

from __future__ import annotations

import re
import secrets
import socket
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import Any, Final, Protocol

from ..errors import ExamError
from ..wire import smb, srvsvc
from ..wire.smbentry import Entry, join
from ..wire.smberrors import AccessDenied, LogonRefused, NotFound, SmbError
from ..wire.smbfiles import Share

AT_ONCE: Final = 8
SMB_PORTS: Final = (445, 139)
PORT_TIMEOUT_S: Final = 2.0
DISABLED: Final = "STATUS_ACCOUNT_DISABLED"

#: While it is being written it has one more ending (smbfiles.Share.write).
PROBE: Final = re.compile(r"~exam-probe-[0-9a-f]{8}\.tmp(\.[0-9a-f]{8}\.part)?")

OPEN: Final = "open"
REFUSED: Final = "refused"


def _door(attempt: Callable[[], object]) -> dict[str, Any]:
    """One attempt: open, refused (access denied), absent, or unknown with the reason."""
    try:
        attempt()
    except AccessDenied as error:
        return {"answer": REFUSED, "status": error.status}
    except NotFound as error:
        return {"answer": "absent", "status": error.status}
    except SmbError as error:
        return {"unknown": error.en}
    return {"answer": OPEN}


class Files(Protocol):
    """What is needed of a share to remove probes: smbfiles.Share, or a fake."""

    def listdir(self, path: str) -> list[Entry]: ...
    def remove_tree(self, path: str) -> int: ...


def remove_probes(files: Files, folders: Iterable[str]) -> list[str]:
    """Remove, as the administrator, probes that stayed: an account may write where it must not delete; their paths."""
    removed: list[str] = []
    for folder in folders:
        try:
            entries = files.listdir(folder)
        except NotFound:
            continue
        for path in [join(folder, one.name) for one in entries if not one.is_dir and PROBE.fullmatch(one.name)]:
            files.remove_tree(path)
            removed.append(path)
    return removed


def _write_probe(share: Share, folder: str) -> None:
    """Write a small file. Raises what the server says.

    That it cannot be deleted again is not told: it has been written all the same, and remove_probes takes it away.
    """
    path, content = _probe(folder)
    share.write(path, content)
    with suppress(SmbError):
        share.remove(path)


def _use_probe(share: Share, folder: str) -> None:
    """Write a small file, read it back, delete it: what a candidate has to be able to do."""
    path, content = _probe(folder)
    share.write(path, content)
    with share.open_read(path) as handle:
        if handle.read(0, len(content)) != content:
            raise SmbError(f"{path}：读回内容不同", f"{path}: read back something else", "PROBE")
    share.remove(path)


def _probe(folder: str) -> tuple[str, bytes]:
    return join(folder, f"~exam-probe-{secrets.token_hex(4)}.tmp"), secrets.token_bytes(512)


def try_account(
    login: smb.Login, share_name: str, neighbours: Sequence[str], material: str, timeout: float
) -> dict[str, Any]:
    """Everything one account is tried with; the account's folder bears its name.

    ``state``: in, disabled, refused (log-on), no_share. ``own``: write, read and delete a probe. ``neighbours``:
    listing and writing each, which must be refused. ``root``: what the account sees there, and writing, which must be
    refused. ``material``: reading and writing the open raw material.
    """
    account = login.username
    try:
        with smb.connect(login, timeout) as server:
            try:
                share = server.share(share_name)
            except NotFound as error:
                return {"state": "no_share", "status": error.status}
            return {
                "state": "in",
                "dialect": server.dialect,
                "encrypted": True,
                "own": _door(lambda: _use_probe(share, account)),
                "neighbours": {
                    name: {
                        "list": _door(partial(share.listdir, name)),
                        "write": _door(partial(_write_probe, share, name)),
                    }
                    for name in neighbours
                },
                "root": {**_listed(share), "write": _door(lambda: _write_probe(share, ""))},
                "material": {
                    "list": _door(lambda: share.listdir(material)),
                    "write": _door(lambda: _write_probe(share, material)),
                },
            }
    except LogonRefused as error:
        return {"state": "disabled" if error.status == DISABLED else "refused", "status": error.status}


def _listed(share: Share) -> dict[str, Any]:
    try:
        return {"names": [entry.name for entry in share.listdir("")]}
    except SmbError as error:
        return {"unknown": error.en}


def neighbours_of(account: str, accounts: Sequence[str], thorough: bool) -> list[str]:
    """Whose folders an account is tried with: all others, or the next one (the first after the last)."""
    if thorough:
        return [name for name in accounts if name != account]
    following = accounts[(accounts.index(account) + 1) % len(accounts)]
    return [] if following == account else [following]


def port_state(address: str, port: int, timeout: float = PORT_TIMEOUT_S) -> str:
    """open, refused, timeout or unreachable, seen from the controller."""
    try:
        with socket.create_connection((address, port), timeout):
            return OPEN
    except ConnectionRefusedError:
        return REFUSED
    except TimeoutError:
        return "timeout"
    except OSError:
        return "unreachable"


def look_at_client(address: str, login: smb.Login | None, timeout: float) -> dict[str, Any]:
    """V4: whether a client serves SMB at all, and if so, what it shares. ``shares`` only when 445 is open."""
    with ThreadPoolExecutor(len(SMB_PORTS)) as pool:
        ports = {
            str(port): state
            for port, state in zip(SMB_PORTS, pool.map(partial(port_state, address), SMB_PORTS), strict=True)
        }
    found: dict[str, Any] = {"address": address, "ports": ports}
    if ports["445"] != OPEN:
        return found
    if login is None:
        found["shares"] = {"unknown": "no log-on for the clients was given"}
        return found
    try:
        with smb.connect(login, timeout) as server, srvsvc.server_service(server) as service:
            found["shares"] = [
                {"name": one.name, "remark": one.remark, "special": one.is_special or one.name.endswith("$")}
                for one in service.shares()
            ]
    except ExamError as error:
        found["shares"] = {"unknown": error.en}
    return found


def each(work: Callable[[str], dict[str, Any]], keys: Sequence[str]) -> dict[str, dict[str, Any]]:
    """``work`` for every key, a bounded number at a time."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return dict(zip(keys, pool.map(work, keys), strict=True))
