"""HTTPS on 5986: keep-alive, one thread a connection, NTLM before anything else (MS-WSMV 2.1)."""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from .auth import DELAY_OF_FAILURE, Challenge, Lockout, LoggedOn, Negotiation
from .backend import Backend

# MaxEnvelopeSizekb of Windows Server 2012 and later.
MAX_ENVELOPE = 512_000

Handle = Callable[[bytes], tuple[int, bytes]]


class Endpoint(ThreadingHTTPServer):
    """Listens; every authenticated POST to /wsman goes to ``handle``, which returns the HTTP status and the body."""

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 64

    def __init__(
        self, address: tuple[str, int], certificate: Path, key: Path, backend: Backend, handle: Handle
    ) -> None:
        self.backend = backend
        self.handle_message = handle
        self.lockout = Lockout()
        self.sleep: Callable[[float], None] = time.sleep
        # Seconds that each answer waits: what a network and a busy Windows take, for benches.
        self.latency = 0.0
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._tls.minimum_version = ssl.TLSVersion.TLSv1_2
        self._tls.load_cert_chain(certificate, key)
        super().__init__(address, Connection)

    def finish_request(self, request: Any, client_address: Any) -> None:
        """The handshake happens here, in the connection's own thread, so that a slow client holds up nobody."""
        request.settimeout(900)
        try:
            secured = self._tls.wrap_socket(request, server_side=True)
        except (OSError, ssl.SSLError):
            return
        try:
            super().finish_request(secured, client_address)
        except (ConnectionError, TimeoutError, ssl.SSLError):
            return
        finally:
            secured.close()


class Connection(BaseHTTPRequestHandler):
    """One connection; the log-on belongs to it, not to a request (MS-NTHT)."""

    server: Endpoint
    protocol_version = "HTTP/1.1"
    server_version = "Microsoft-HTTPAPI/2.0"
    sys_version = ""
    disable_nagle_algorithm = True
    wbufsize = 1 << 16

    def setup(self) -> None:
        super().setup()
        self.account: str | None = None
        self.negotiation = Negotiation(self.server.backend, self.server.lockout)

    def do_POST(self) -> None:
        """Authenticate, then hand the envelope over."""
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(min(length, MAX_ENVELOPE + 1))
        if length > MAX_ENVELOPE:
            self.close_connection = True
            self._answer(413, b"")
            return
        extra: dict[str, str] = {}
        if self.account is None or "Authorization" in self.headers:
            self.account = None
            authorization = self.headers.get("Authorization")
            if authorization is None:
                self._answer(401, b"", {"WWW-Authenticate": "Negotiate"})
                return
            step = self.negotiation.step(authorization)
            if isinstance(step, Challenge):
                self._answer(401, b"", {"WWW-Authenticate": step.header})
                return
            if not isinstance(step, LoggedOn):
                self.server.sleep(DELAY_OF_FAILURE)
                self._answer(401, b"", {"WWW-Authenticate": "Negotiate"})
                return
            self.account = step.account
            self.negotiation = Negotiation(self.server.backend, self.server.lockout)
            if step.header:
                extra["WWW-Authenticate"] = step.header
        if self.path.partition("?")[0].rstrip("/").casefold() != "/wsman":
            self._answer(404, b"", extra)
            return
        status, answer = self.server.handle_message(body)
        if self.server.latency:
            self.server.sleep(self.server.latency)
        self._answer(status, answer, extra)

    def _answer(self, status: int, body: bytes, extra: dict[str, str] | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/soap+xml;charset=UTF-8")
        self.send_header("Content-Length", str(len(body)))
        for name, value in (extra or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: calls are counted in calls.jsonl, and requests may hold secrets."""
