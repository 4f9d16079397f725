"""Asking the supervisor (init.py) of this host for something, from another process of the same container."""

from __future__ import annotations

import json
import socket
import time
from typing import Any

SOCKET = "/run/standin.sock"


def ask(operation: str, *, at: str = SOCKET, **values: Any) -> dict[str, Any]:
    """Send one request and return the answer; OSError if the supervisor is not there."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as channel:
        channel.settimeout(30)
        channel.connect(at)
        channel.sendall(json.dumps({"operation": operation, **values}).encode() + b"\n")
        with channel.makefile("rb") as reader:
            answer: dict[str, Any] = json.loads(reader.readline())
    if "error" in answer:
        raise RuntimeError(answer["error"])
    return answer


def reboot(delay: float = 1.0) -> None:
    """Restart the host ``delay`` seconds from now; returns at once, so that the caller can still answer.

    Every process of the container but the supervisor is killed, which drops all connections; /run and /tmp are
    emptied, pending names take effect, the firewall model is applied again, boot.json gets a new boot time and boot
    triggers fire. This is an orderly restart: connections are closed. Without power (faults.py) they are not.
    """
    ask("reboot", delay=delay)


def stop_server() -> None:
    """Stop LanmanServer: smbd and all its sessions end, port 445 refuses."""
    ask("server-stop")


def start_server() -> None:
    """Start LanmanServer and return when it answers on 445; RuntimeError if it does not within 15 s."""
    ask("server-start")
    deadline = time.monotonic() + 15
    while True:
        try:
            socket.create_connection(("127.0.0.1", 445), 1).close()
            return
        except OSError as error:
            if time.monotonic() > deadline:
                raise RuntimeError("smbd does not answer on 445") from error
            time.sleep(0.05)


def server_running() -> bool:
    """True while smbd runs."""
    return bool(ask("status")["server_running"])


def set_server_autostart(wanted: bool) -> None:
    """Whether LanmanServer starts with the host (start type automatic) or not (manual, disabled)."""
    ask("server-autostart", wanted=wanted)
