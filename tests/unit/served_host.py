"""A stand-in host without Samba that answers over WS-Management."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from exam_room.wire.wsman import Login
from standin.certificates import Authority, make_authority, make_host
from standin.endpoint.host import Host
from standin.endpoint.server import Endpoint
from standin.endpoint.service import Service

PASSWORD = "Standin-Adm1n!"


@dataclass(frozen=True)
class Served:
    """A running endpoint, and the administrator's way in."""

    endpoint: Endpoint
    login: Login


@contextmanager
def serving(host: Host, folder: Path, authority: Authority | None = None) -> Iterator[Served]:
    """The host answers on a port of its own; certificates lie in ``folder``, those of the authority as ca.pem."""
    signing = authority or make_authority("test", datetime.now(UTC))
    certificate, key = make_host(signing, "host", "127.0.0.1", datetime.now(UTC))
    for name, content in (("ca", signing.pem()), ("cert", certificate), ("key", key)):
        (folder / f"{name}.pem").write_bytes(content)
    endpoint = Endpoint(("127.0.0.1", 0), folder / "cert.pem", folder / "key.pem", host.backend, Service(host).handle)
    threading.Thread(target=endpoint.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield Served(
            endpoint,
            Login("127.0.0.1", "Administrator", PASSWORD, str(folder / "ca.pem"), endpoint.server_address[1]),
        )
    finally:
        endpoint.shutdown()
        endpoint.server_close()
