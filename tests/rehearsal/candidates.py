"""Candidates at work in the stand-in room, one process a seat, and what they believe to have saved."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

from standin import podman

HEAVY_SEATS = 2


class Candidates:
    """Starts the candidates in their clients' containers and takes their reports.

    A process of its own each: threads beside the cutoff would delay it.
    """

    def __init__(self, containers: Sequence[str], material: str, limit: float, heavy_seats: int = HEAVY_SEATS) -> None:
        self._containers = list(containers)
        self._material = material
        self._limit = limit
        self._heavy_seats = heavy_seats
        self._running: dict[str, tuple[subprocess.Popen[bytes], IO[bytes]]] = {}
        self._lock = threading.Lock()

    def start(self) -> None:
        """Let every candidate sit down and sign in."""
        with self._lock:
            for number, container in enumerate(self._containers):
                self._running[container] = self._start_one(container, heavy=number < self._heavy_seats)

    def _start_one(self, container: str, heavy: bool) -> tuple[subprocess.Popen[bytes], IO[bytes]]:
        # In a real room candidates work on machines of their own: here they must not take the server's processor.
        command = ["podman", "--runtime", podman.RUNTIME, "exec", container, "nice", "-n", "15"]
        command += ["python3", "-m", "standin.host.candidate"]
        command += ["--material", self._material, "--limit", str(self._limit)] + (["--heavy"] if heavy else [])
        errors = tempfile.TemporaryFile()  # noqa: SIM115 (closed in reports)
        environment = dict(os.environ, PATH=podman.SEARCH_PATH)
        return (
            subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, stdin=subprocess.DEVNULL, env=environment),
            errors,
        )

    def reports(self, timeout: float) -> tuple[list[dict[str, Any]], list[str]]:
        """What each candidate reported, and one line for each that failed."""
        reports: list[dict[str, Any]] = []
        failures: list[str] = []
        with self._lock:
            for container, (process, errors) in self._running.items():
                try:
                    output, _ = process.communicate(timeout=timeout)
                except subprocess.TimeoutExpired:
                    process.kill()
                    output, _ = process.communicate()
                lines = output.decode(errors="replace").strip().splitlines()
                if process.returncode == 0 and lines:
                    reports.append(json.loads(lines[-1]) | {"container": container})
                else:
                    errors.seek(0)
                    words = errors.read().decode(errors="replace").strip().splitlines()
                    failures.append(f"{container}: {words[-1] if words else 'no report'}")
                errors.close()
            self._running.clear()
        return reports, failures

    def stop(self) -> None:
        """End what still runs, for a rehearsal that failed."""
        with self._lock:
            for process, errors in self._running.values():
                process.kill()
                process.wait()
                errors.close()
            self._running.clear()


def compare(report: dict[str, Any], bag: Path) -> list[str]:
    """What of a candidate's work is not in the collected ``bag`` byte for byte; empty is right.

    The table results.json leads from true names to those on the disc. The file in flight at the cut may be there or
    not: the server had not acknowledged it.
    """
    table = json.loads((bag / "results.json").read_text(encoding="utf-8"))
    collected = {
        "/".join(entry["parts"]): bag / entry["disc"]
        for entry in table["entries"]
        if entry["account"] == report["account"] and entry["kind"] == "file"
    }
    wrong = []
    for path, told in report["files"].items():
        file = collected.get(path)
        if file is None or not file.is_file():
            wrong.append(f"{report['account']}: {path} is missing")
        elif hashlib.sha256(file.read_bytes()).hexdigest() != told["sha256"]:
            wrong.append(f"{report['account']}: {path} differs")
    known = set(report["files"]) | {(report["in_flight"] or "").replace("\\", "/")}
    return wrong + [f"{report['account']}: {path} was never saved" for path in sorted(collected.keys() - known)]
