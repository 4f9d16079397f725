"""What goes wrong in a room, switched from outside: clocks, cables, power, services.

Each function takes the room's name and a host's, and returns when the fault is there (or gone). A fault lasts until it
is switched off or the room is destroyed; a restart of the host ends only ``winrm``, for services start with the host.
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

from . import machine, podman
from . import room as rooms
from .errors import StandInError
from .host import burner, control, faults, tasks

LINKS = ("link-to", "lost-client")
DISCS = ("blank", "used-disc", "no-disc")
# These take one word more: an address, or bytes.
WITH_WORD = (*LINKS, "blank")
NAMES = ("network", "controller", *LINKS, "winrm", "rpc", "reboot", "power", "full", *DISCS, *burner.FAULTS)


def switch(room: str, host: str, name: str, on: bool = True, other: str | None = None) -> None:
    """The fault of that name (``NAMES``); ``other`` is the far end of a link, by address or host name, or bytes."""
    match name:
        case "network":
            network(room, host, on)
        case "controller":
            controller(room, host, on)
        case "link-to" | "lost-client" if other is not None:
            link_to(room, host, other, on)
        case "winrm":
            winrm(room, host, on)
        case "rpc":
            rpc(room, host, on)
        case "reboot" if on:
            reboot(room, host)
        case "power":
            power(room, host, not on)
        case "full":
            full(room, host, on)
        case "blank" if on and other is not None and other.isdecimal():
            blank(room, host, int(other))
        case "used-disc" | "no-disc" if on:
            _burner(room, host, name)
        case _ if name in burner.FAULTS:
            _burner(room, host, name, "on" if on else "off")
        case _:
            raise StandInError(f"没有这样的故障：{name}", f"There is no such fault: {name}")


def set_clock(room: str, host: str, ahead: float) -> None:
    """Set the host's clock ``ahead`` seconds before this machine's (negative: behind). It survives restarts."""
    machine.set_clock(_folder(room, host), ahead)


def clock(room: str, host: str) -> float:
    """How many seconds the host's clock is ahead of this machine's."""
    return machine.clock(_folder(room, host))


def network(room: str, host: str, on: bool = True) -> None:
    """The host's cable is out: packets are dropped both ways, connections are not reset."""
    _ask(room, host, "cut" if on else "mend", link=faults.EVERYTHING)


def controller(room: str, host: str, on: bool = True) -> None:
    """Packets between host and controller are dropped; the other hosts reach it."""
    link_to(room, host, rooms.load(room)["gateway"], on)


def link_to(room: str, host: str, other: str, on: bool = True) -> None:
    """Packets between the host and one other, given by address or name, are dropped.

    Neither end gets a FIN or RST: on a server this is what a client with an unplugged cable looks like (lost-client);
    its session and what it has open stay until the server notices or somebody ends them.
    """
    described = rooms.load(room)
    addresses = {one["name"]: one["address"] for one in described["hosts"]}
    _ask(room, host, "cut" if on else "mend", link=addresses.get(other, other))


def winrm(room: str, host: str, on: bool = True) -> None:
    """The WS-Man service is dead: 5986 refuses. Off: it is started again."""
    _ask(room, host, "endpoint-stop" if on else "endpoint-restart")
    if not on:
        _until(room, host, rooms.WINRM_PORT)


def rpc(room: str, host: str, on: bool = True) -> None:
    """SMB answers, but SRVSVC and SAMR are refused with access denied; pipes that were open are broken."""
    machine.set_flag(_folder(room, host), machine.RPC_REFUSED, on)
    if on:
        _ask(room, host, "end-rpc-helpers")


def full(room: str, host: str, on: bool = True) -> None:
    """Volume D: is full: what makes a file longer is refused with STATUS_DISK_FULL; C: is not concerned."""
    machine.set_flag(_folder(room, host), machine.VOLUME_FULL, on)


def blank(room: str, host: str, size: int) -> None:
    """A blank write-once disc of ``size`` bytes is put into the burner; what was in it is taken out."""
    _burner(room, host, "blank", str(size))


def reboot(room: str, host: str) -> None:
    """The power fails for a second; nobody is told. Returns while the host starts."""
    _ask(room, host, "reset")


def power(room: str, host: str, wanted: bool) -> None:
    """Switch the host off as a power cut would, or on again; returns when it is off, or while it starts."""
    _ask(room, host, "power", wanted=wanted)


def task_records(room: str, host: str) -> dict[str, dict[str, Any]]:
    """What the host's scheduled tasks did: by lower-case path, see standin.host.tasks."""
    file = _folder(room, host) / tasks.FILE
    return dict(json.loads(file.read_text(encoding="utf-8"))) if file.exists() else {}


def task_command(file: str) -> list[str]:
    """What a scheduled task of a host starts for this PowerShell file; its result is the last line of the output."""
    action = {"path": "powershell.exe", "arguments": f'-File "{file}"'}
    return ["python3", "-m", "standin.host.run_task", json.dumps([action])]


def _folder(room: str, host: str) -> Path:
    name: str = rooms.find_host(rooms.load(room), host)["name"]
    return rooms.state_folder() / room / "hosts" / name / "var"


def _ask(room: str, host: str, operation: str, **values: Any) -> None:
    """Ask the host's supervisor, past its network: by the socket in its file system."""
    container = rooms.find_host(rooms.load(room), host)["container"]
    process = podman.run("inspect", "--format", "{{.State.Pid}}", container).strip()
    try:
        control.ask(operation, at=f"/proc/{process}/root{control.SOCKET}", **values)
    except (OSError, RuntimeError, ValueError) as error:
        raise StandInError(f"{host} 没有执行：{error}", f"{host} did not do it: {error}") from error


def _burner(room: str, host: str, *words: str) -> None:
    """Change what is in the host's burner, or how it fails."""
    container = rooms.find_host(rooms.load(room), host)["container"]
    podman.run("exec", container, "python3", "-m", "standin.host.burner", *words)


def _until(room: str, host: str, port: int, seconds: float = 30) -> None:
    described = rooms.load(room)
    address = rooms.find_host(described, host)["address"]
    deadline = time.monotonic() + seconds
    while not rooms.answers(address, port, described["gateway"]):
        if time.monotonic() > deadline:
            raise StandInError(f"{host}:{port} 没有应答。", f"No answer from {host}:{port}.")
        time.sleep(0.1)
