"""Making, listing and removing rooms: a podman network with one container a host.

Layout of a room: network 10.89.N.0/24 with the first free N, the controller at .1, the server at .10, seat k at
.(100+k); spares are seats that follow. What a room is stands in ``<state>/<room>/room.json``; what its hosts keep in
``<state>/<room>/hosts/<host>/``. Everything carries a label, so leftovers are found even without that file.
"""

from __future__ import annotations

import contextlib
import datetime
import fcntl
import hashlib
import json
import os
import re
import secrets
import shutil
import socket
import string
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from . import certificates, image, machine, podman
from .errors import StandInError

LABEL = "exam.standin.room"
ROOT = Path(__file__).resolve().parents[2]
CODE = Path(__file__).resolve().parent
ADMIN = {"username": "Administrator", "password": "Standin-Adm1n!"}
NAME = re.compile(r"[a-z][a-z0-9-]{0,30}")
SMB_PORT, WINRM_PORT = 445, 5986
# A descriptor with more than 105 entries does not fit ext4's extended attributes (4 KB), where Samba keeps it.
MOST_SEATS = 100
STARTS_AT_ONCE = 4


@dataclass(frozen=True)
class Host:
    """One host as room.json lists it; ``seat`` is None for the server."""

    name: str
    role: str
    seat: int | None
    spare: bool
    address: str
    container: str


def state_folder() -> Path:
    """Where rooms are remembered: EXAM_STANDIN_STATE, or .standin at the root of the repository."""
    return Path(os.environ.get("EXAM_STANDIN_STATE", ROOT / ".standin")).resolve()


def mark(room: str) -> str:
    """The room's name on this machine: another checkout of the project may have a room of the same name."""
    return f"{room}-{hashlib.sha256(str(state_folder()).encode()).hexdigest()[:6]}"


def plan_hosts(room: str, number: int, seats: int, spares: int) -> list[Host]:
    """The hosts of a room on network ``10.89.<number>.0/24``, server first, then seats, then spares."""
    prefix, own = f"10.89.{number}.", mark(room)
    hosts = [Host("server", "server", None, False, f"{prefix}10", f"{own}-server")]
    for seat in range(1, seats + spares + 1):
        spare = seat > seats
        name = f"spare{seat - seats:02d}" if spare else f"pc{seat:02d}"
        hosts.append(Host(name, "client", seat, spare, f"{prefix}{100 + seat}", f"{own}-{name}"))
    return hosts


def load(room: str) -> dict[str, Any]:
    """The room's description (room.json); StandInError if there is no such room."""
    file = state_folder() / _checked(room) / "room.json"
    try:
        loaded: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise StandInError(f"没有名为 {room} 的模拟考场。", f"There is no stand-in room named {room}.") from error
    return loaded


def rooms() -> list[dict[str, Any]]:
    """All rooms of this state folder, by name, each with ``running`` = number of containers that run."""
    found = []
    for file in sorted(state_folder().glob("*/room.json")):
        described = json.loads(file.read_text(encoding="utf-8"))
        running = podman.containers(f"{LABEL}={mark(described['room'])}")
        described["running"] = sum(1 for container in running if container["State"] == "running")
        found.append(described)
    return found


def create(
    room: str,
    seats: int,
    spares: int = 0,
    *,
    need_endpoint: bool = True,
    wait: float = 120,
    latency_ms: int = 0,
    say: Callable[[str], None] = lambda text: None,
) -> dict[str, Any]:
    """Make the room and return its description once every host answers on 445 and 5986.

    A room of that name, whole or half-finished, is removed first. ``wait`` bounds the seconds until all answer.
    ``latency_ms`` is what each answer of WS-Management waits.
    """
    _checked(room)
    if seats < 0 or spares < 0 or seats + spares > MOST_SEATS:
        raise StandInError(f"机位数须在 0 到 {MOST_SEATS} 之间。", f"Seats must be between 0 and {MOST_SEATS}.")
    podman.available()
    with _locked(room):
        name = image.ensure(state_folder())
        _remove(room)
        number = _make_network(room)
        hosts = plan_hosts(room, number, seats, spares)
        described = _describe(room, number, name, hosts) | {"latency_ms": latency_ms}
        folder = state_folder() / room
        _write_host_folders(folder, described, hosts)
        say(f"{room}: {len(hosts)} 台主机启动中 / starting {len(hosts)} hosts")
        with ThreadPoolExecutor(STARTS_AT_ONCE) as pool:
            list(pool.map(lambda host: _start(folder, described, host), hosts))
        ports = (SMB_PORT, WINRM_PORT) if need_endpoint else (SMB_PORT,)
        _wait_for(described, hosts, ports, wait)
        _write_json(folder / "room.json", described)
    return described


def destroy(room: str) -> None:
    """Remove the room and all it left; a room that does not exist is fine."""
    podman.available()
    with _locked(_checked(room)):
        _remove(room)


def destroy_all() -> None:
    """Remove every room of this state folder, those too that were never finished: each has left its lock."""
    for lock in sorted(state_folder().glob("*.lock")):
        destroy(lock.stem)


def find_host(described: dict[str, Any], name: str) -> dict[str, Any]:
    """The host of that name in a room's description."""
    for host in described["hosts"]:
        if host["name"] == name:
            found: dict[str, Any] = host
            return found
    raise StandInError(f"{described['room']} 中没有主机 {name}。", f"{described['room']} has no host {name}.")


def execute(room: str, host: str, command: list[str], timeout: float = 120) -> str:
    """Run a command on a host of the room and return its output."""
    return podman.run("exec", find_host(load(room), host)["container"], *command, timeout=timeout)


def calls(room: str, *, reset: bool = False) -> dict[str, int]:
    """WinRM calls each host received since the room was made or last reset: processes started on it.

    A WQL query starts none, and is not counted: it takes tens of milliseconds on Windows, a process one to two seconds.
    """
    counted = {}
    for host in load(room)["hosts"]:
        file = state_folder() / room / "hosts" / host["name"] / "var" / "calls.jsonl"
        lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
        counted[host["name"]] = sum(json.loads(line)["kind"] != "wql" for line in lines)
        if reset and file.exists():
            os.truncate(file, 0)
    return counted


def status(room: str) -> list[dict[str, Any]]:
    """For each host: name, address, and whether the container runs, SMB answers and WinRM answers."""
    described = load(room)
    running = {
        name: container["State"] == "running"
        for container in podman.containers(f"{LABEL}={mark(room)}")
        for name in container["Names"]
    }
    return [
        {
            "name": host["name"],
            "address": host["address"],
            "running": running.get(host["container"], False),
            "smb": answers(host["address"], SMB_PORT, described["gateway"]),
            "winrm": answers(host["address"], WINRM_PORT, described["gateway"]),
        }
        for host in described["hosts"]
    ]


def answers(address: str, port: int, gateway: str, timeout: float = 1.0) -> bool:
    """True if something accepts connections there.

    The connection starts from the room's gateway address: without that, a machine behind a transparent proxy would
    answer for a room whose network is gone.
    """
    try:
        with socket.create_connection((address, port), timeout, source_address=(gateway, 0)):
            return True
    except OSError:
        return False


def _checked(room: str) -> str:
    if not NAME.fullmatch(room):
        raise StandInError(f"房间名不合规：{room!r}", f"Not a name for a room ([a-z][a-z0-9-]*): {room!r}")
    return room


@contextlib.contextmanager
def _locked(room: str) -> Iterator[None]:
    state_folder().mkdir(parents=True, exist_ok=True)
    with (state_folder() / f"{room}.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise StandInError(
                f"另一个程序正在建立或删除 {room}。", f"Another process is making or removing {room}."
            ) from error
        yield


def _remove(room: str) -> None:
    label = f"{LABEL}={mark(room)}"
    podman.remove_containers([name for container in podman.containers(label) for name in container["Names"]])
    for network in podman.networks():
        if network.get("labels", {}).get(LABEL) == mark(room):
            podman.run("network", "rm", "--force", network["name"])
    shutil.rmtree(state_folder() / room, ignore_errors=True)


def _make_network(room: str) -> int:
    taken = {subnet["subnet"] for network in podman.networks() for subnet in network.get("subnets", [])}
    for number in range(255):
        subnet = f"10.89.{number}.0/24"
        if subnet in taken:
            continue
        try:
            podman.run(
                "network",
                "create",
                "--disable-dns",
                "--label",
                f"{LABEL}={mark(room)}",
                "--subnet",
                subnet,
                f"standin-{mark(room)}",
            )
        except StandInError as error:
            # Another room took this one in the meantime, or the machine itself is in such a network.
            if "subnet" in error.en and "already" in error.en:
                continue
            raise
        return number
    raise StandInError("10.89.0.0/16 中没有空闲的网段。", "No free network is left in 10.89.0.0/16.")


def _describe(room: str, number: int, image_name: str, hosts: list[Host]) -> dict[str, Any]:
    return {
        "room": room,
        "network": f"standin-{mark(room)}",
        "subnet": f"10.89.{number}.0/24",
        "gateway": f"10.89.{number}.1",
        "image": image_name,
        "admin": dict(ADMIN),
        "ca": str(state_folder() / room / "ca.pem"),
        "hosts": [asdict(host) for host in hosts],
    }


def _write_host_folders(folder: Path, described: dict[str, Any], hosts: list[Host]) -> None:
    now = datetime.datetime.now(datetime.UTC)
    authority = certificates.make_authority(described["room"], now)
    folder.mkdir(parents=True)
    (folder / "ca.pem").write_bytes(authority.pem())
    for host in hosts:
        etc = folder / "hosts" / host.name / "etc"
        etc.mkdir(parents=True)
        var = folder / "hosts" / host.name / "var"
        var.mkdir()
        machine.make(var)
        certificate, key = certificates.make_host(authority, host.name, host.address, now)
        (etc / "cert.pem").write_bytes(certificate)
        (etc / "key.pem").write_bytes(key)
        (etc / "key.pem").chmod(0o600)
        (etc / "ca.pem").write_bytes(authority.pem())
        settings = {
            "room": described["room"],
            "subnet": described["subnet"],
            "gateway": described["gateway"],
            "server": hosts[0].address,
            "admin": described["admin"],
            "latency_ms": described["latency_ms"],
            "computer": _bare_name(host.role),
            "machine_sid": "S-1-5-21-" + "-".join(str(secrets.randbelow(2**32 - 2) + 1) for _ in range(3)),
            **asdict(host),
        }
        _write_json(etc / "host.json", settings)


def _bare_name(role: str) -> str:
    """A computer name as Windows' set-up makes one up."""
    length, prefix = (11, "WIN-") if role == "server" else (7, "DESKTOP-")
    return prefix + "".join(secrets.choice(string.ascii_uppercase + string.digits) for _ in range(length))


def _start(folder: Path, described: dict[str, Any], host: Host) -> None:
    own = folder / "hosts" / host.name
    podman.start_container(
        host.container,
        described["image"],
        ("python3", "-m", "standin.host.init"),
        network=described["network"],
        address=host.address,
        label=f"{LABEL}={mark(described['room'])}",
        environment={
            "PYTHONPATH": f"/opt/standin:{image.SITE}",
            "PYTHONDONTWRITEBYTECODE": "1",
            # Samba's databases need not survive a power failure of the machine that runs the tests.
            "TDB_NO_FSYNC": "1",
            "LD_PRELOAD": image.LOOK,
            "LANG": "C.UTF-8",
        },
        mounts=(
            (CODE, "/opt/standin/standin", False),
            (own / "etc", "/etc/standin", False),
            (own / "var", "/var/lib/standin", True),
        ),
    )


def _wait_for(described: dict[str, Any], hosts: list[Host], ports: tuple[int, ...], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    waiting = [(host, port) for host in hosts for port in ports]
    while waiting:
        waiting = [(host, port) for host, port in waiting if not answers(host.address, port, described["gateway"])]
        if waiting and time.monotonic() > deadline:
            silent = ", ".join(f"{host.name}:{port}" for host, port in waiting[:10])
            words = podman.last_words(waiting[0][0].container)
            raise StandInError(
                f"{seconds:.0f} 秒内没有应答：{silent}（{words}）",
                f"No answer within {seconds:.0f} s from {silent} ({words})",
            )
        if waiting:
            time.sleep(0.3)


def _write_json(file: Path, value: dict[str, Any]) -> None:
    temporary = file.with_suffix(".tmp")
    temporary.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    temporary.replace(file)
