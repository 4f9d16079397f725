"""``python3 -m standin.endpoint``: serve this container or, with ``--folder``, a host without Samba to try."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
from pathlib import Path

from .backend import Backend
from .files import WindowsFiles
from .host import Host
from .initial import bare
from .server import Endpoint
from .service import Service
from .startup import started
from .store import Store

SETTINGS = Path("/etc/standin")
STATE = Path("/var/lib/standin")


def container() -> Host:
    """The host that this container is."""
    from .sambahost import SambaBackend

    # What modules put on a drive inherits its rights on Windows; Samba reads them from the mode where no list is kept.
    os.umask(0)
    drives = {letter.upper(): Path(f"/srv/{letter}") for letter in "cd" if Path(f"/srv/{letter}").is_dir()}
    return build(SambaBackend(), STATE, drives)


def build(backend: Backend, state: Path, drives: dict[str, Path]) -> Host:
    """A host on this backend; a host with a drive D: is a server."""
    server = "D" in drives
    host = Host(
        backend=backend,
        store=Store(state / "state.json", bare(server=server)),
        files=WindowsFiles(drives),
        calls=state / "calls.jsonl",
        server=server,
    )
    started(host)
    return host


def without_samba(folder: Path) -> Host:
    """A host in a folder: accounts and shares in memory."""
    from .memory import MemoryBackend

    drives = {"C": folder / "c", "D": folder / "d"}
    for drive in drives.values():
        drive.mkdir(parents=True, exist_ok=True)
    return build(MemoryBackend(folder), folder, drives)


def main() -> None:
    """Serve until killed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=5986)
    parser.add_argument("--bind", default="0.0.0.0")
    parser.add_argument("--certificate", type=Path, default=SETTINGS / "cert.pem")
    parser.add_argument("--key", type=Path, default=SETTINGS / "key.pem")
    parser.add_argument("--folder", type=Path, help="serve a host without Samba whose state lies here")
    options = parser.parse_args()
    host = without_samba(options.folder) if options.folder else container()
    service = Service(host)
    endpoint = Endpoint((options.bind, options.port), options.certificate, options.key, host.backend, service.handle)
    with contextlib.suppress(FileNotFoundError):
        endpoint.latency = json.loads((SETTINGS / "host.json").read_text(encoding="utf-8"))["latency_ms"] / 1000
    endpoint.serve_forever()


if __name__ == "__main__":
    main()
