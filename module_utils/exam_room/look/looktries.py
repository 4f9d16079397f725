"""What a candidate's PC could really do (V3, V4): log on as each account and try doors that must open and must not."""

from __future__ import annotations

import secrets
import socket
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, Final

from ..errors import ExamError
from ..wire import smb, srvsvc
from ..wire.smbentry import join
from ..wire.smberrors import AccessDenied, LogonRefused, NotFound, SmbError
from ..wire.smbfiles import Share

AT_ONCE: Final = 8
SMB_PORTS: Final = (445, 139)
PORT_TIMEOUT_S: Final = 2.0
DISABLED: Final = "STATUS_ACCOUNT_DISABLED"

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


def _write_probe(share: Share, folder: str) -> None:
    """Write a small file, read it back, delete it. Raises what the server says; ExamError when it came back wrong."""
    path = join(folder, f"~exam-probe-{secrets.token_hex(4)}.tmp")
    content = secrets.token_bytes(512)
    share.write(path, content)
    try:
        with share.open_read(path) as handle:
            if handle.read(0, len(content)) != content:
                raise SmbError(f"{path}：读回内容不同", f"{path}: read back something else", "PROBE")
    finally:
        share.remove(path)


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
                "own": _door(lambda: _write_probe(share, account)),
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
