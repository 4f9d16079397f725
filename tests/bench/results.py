"""How fast the results come to the controller and into an image, and how much memory that takes.

Beside each, in turn within one run, a known tool that does the same with the same files: ``smbclient mget`` from the
same share with the same cipher, ``sha256sum``, ``xorriso -as mkisofs``. Whatever is written counts as done when it is
durable.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from smbprotocol.connection import Ciphers

from exam_room.collect.collect import BAG
from exam_room.discs import image
from exam_room.errors import ExamError
from exam_room.journal.journal import Journal
from exam_room.seal import bag, signature
from exam_room.wire import smb
from sealing import session as sealing
from standin import podman, room
from standin.errors import StandInError

from . import ratios
from .place import FOLDER, TIMEOUT_S, VOLUME, Failed, Program

PROJECT: Final = Path(__file__).resolve().parents[2]
OUTPUT: Final = PROJECT / "build" / "bench" / "results.json"
ROOM: Final = "bench-results"
ON_SERVER: Final = "/srv/d/Exam/share"
#: The cipher that Windows and Samba choose with smbprotocol; smbclient is told to use no other.
CIPHER: Final = "AES-128-GCM"
SEATS: Final = 30
FILES_A_SEAT: Final = 2000
FOLDERS_A_SEAT: Final = 20
#: Sizes of the many small files, in turn: 12 KB on average.
SMALL_SIZES: Final = (0, 700, 4_000, 9_000, 15_000, 45_000)
BIG_SEATS: Final = 4
PATIENCE_S: Final = 1800.0
GIB: Final = 1 << 30

_MAKE_SMALL: Final = """
import os, random, sys
root, seats, files, folders, *sizes = sys.argv[1], *map(int, sys.argv[2:])
made = random.Random(4)
for seat in range(1, seats + 1):
    for number in range(files):
        folder = f"{root}/KS{seat:02d}/单元{number % folders + 1}"
        os.makedirs(folder, exist_ok=True)
        with open(f"{folder}/作业 {number:04d}.docx", "wb") as handle:
            handle.write(made.randbytes(sizes[number % len(sizes)]))
"""
_MAKE_BIG: Final = """
import os, random, sys
root, prefix, seats, size = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
piece = random.Random(5).randbytes(1 << 20)
for seat in range(1, seats + 1):
    os.makedirs(f"{root}/{prefix}{seat:02d}", exist_ok=True)
    with open(f"{root}/{prefix}{seat:02d}/录像.mp4", "wb") as handle:
        for _ in range(size >> 20):
            handle.write(piece)
"""


@dataclass
class Bench:
    """What is measured, where, and what came of it so far."""

    login: smb.Login
    server: str
    work: Path
    seconds: dict[str, list[float]] = field(default_factory=dict)
    sizes: dict[str, dict[str, Any]] = field(default_factory=dict)
    peaks: dict[str, float] = field(default_factory=dict)
    cpu: dict[str, list[float]] = field(default_factory=dict)

    def note(self, name: str, seconds: float, size: Mapping[str, Any] | None = None) -> None:
        """Keep a measurement, and show it."""
        self.seconds.setdefault(name, []).append(seconds)
        if size:
            self.sizes[name] = {"files": size["files"], "bytes": size["bytes"]}
        print(f"{name}: {seconds:.2f} s", file=sys.stderr, flush=True)

    @contextmanager
    def folder(self) -> Iterator[Path]:
        """An empty folder; what was measured in it is removed, and written out, before the next begins."""
        path = Path(tempfile.mkdtemp(dir=self.work))
        try:
            yield path
        finally:
            shutil.rmtree(path)
            os.sync()

    def collect(self, name: str, accounts: list[str], session: Path, hashing: bool = True) -> dict[str, Any]:
        """The product's collection, in a process of its own."""
        order = {
            "login": {"address": self.login.address, "username": self.login.username, "password": self.login.password},
            "volume": VOLUME,
            "folder": FOLDER,
            "timeout": TIMEOUT_S,
            "accounts": accounts,
            "directory": str(session),
            "hashing": hashing,
        }
        program = Program([sys.executable, "-m", "bench.collector"], order)
        try:
            program.ready()
            found: dict[str, Any] = json.loads(program.result(PATIENCE_S))
        finally:
            program.stop()
        self.note(name, found["seconds"], found)
        self.cpu.setdefault(name, []).append(found["cpu_s"])
        self.peaks[name] = max(self.peaks.get(name, 0.0), found["peak_mb"])
        return found

    def smbclient(self, name: str, accounts: list[str], target: Path, expected: Mapping[str, Any]) -> None:
        """The same folders, in the same order, by Samba's client."""
        secret = self.work / "login"
        secret.touch(mode=0o600)
        secret.write_text(f"username={self.login.username}\npassword={self.login.password}\n", encoding="utf-8")
        wanted = f"cd {FOLDER}; prompt OFF; recurse ON; mget {' '.join(accounts)}"
        command = ["smbclient", f"//{self.login.address}/{VOLUME}", "-A", str(secret), "-m", "SMB3_11"]
        command += ["--client-protection=encrypt", f"--option=client smb3 encryption algorithms={CIPHER}", "-c", wanted]
        begun = time.perf_counter()
        _run(command, target)
        _run(["sync", "--file-system", str(target)], target)
        self.note(name, time.perf_counter() - begun, expected)
        found = [path for path in target.rglob("*") if path.is_file()]
        there = {"files": len(found), "bytes": sum(path.stat().st_size for path in found)}
        if there != {"files": expected["files"], "bytes": expected["bytes"]}:
            raise Failed(f"smbclient fetched {there}, the collection {expected}")

    def timed(self, name: str, work: Callable[[], object]) -> None:
        """Anything else."""
        begun = time.perf_counter()
        work()
        self.note(name, time.perf_counter() - begun)


def _run(command: list[str], folder: Path) -> None:
    done = subprocess.run(
        command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE_S, check=False
    )
    if done.returncode:
        raise Failed(f"{command[0]}: {(done.stderr or done.stdout).decode(errors='replace').strip()[-1000:]}")


def _make() -> tuple[smb.Login, str]:
    described = room.create(ROOM, seats=0, need_endpoint=False)
    server = next(host for host in described["hosts"] if host["role"] == "server")
    admin = described["admin"]
    return smb.Login(server["address"], admin["username"], admin["password"]), server["container"]


def _on_server(server: str, script: str, *arguments: object) -> None:
    podman.run("exec", server, "python3", "-c", script, ON_SERVER, *map(str, arguments), timeout=PATIENCE_S)


def _same_cipher(login: smb.Login) -> None:
    with smb.connect(login, TIMEOUT_S) as server:
        if server.cipher != Ciphers.AES_128_GCM:
            raise Failed(f"the product talks to the server with cipher {server.cipher}, not {CIPHER}")


def _in_turn(rounds: int, *what: Callable[[], object]) -> None:
    """Each of them, a round at a time; every second round the other way round: who comes first finds other caches."""
    for number in range(rounds):
        for work in what if number % 2 == 0 else reversed(what):
            work()


def _compared(bench: Bench, kind: str, accounts: list[str], rounds: int) -> None:
    found: dict[str, Any] = {}

    def ours() -> None:
        with bench.folder() as session:
            found.update(bench.collect(f"collect {kind}", accounts, session))

    def theirs() -> None:
        with bench.folder() as target:
            bench.smbclient(f"smbclient {kind}", accounts, target, found)

    _in_turn(rounds, ours, theirs)


def _without_hashes(bench: Bench, accounts: list[str], rounds: int, link: str) -> None:
    """What hashing costs: the same with hashes and without."""

    def collect(more: str, hashing: bool) -> None:
        with bench.folder() as session:
            bench.collect(f"collect {link}{more}", accounts, session, hashing)

    _in_turn(rounds, lambda: collect("", True), lambda: collect(", no hashes", False))


def _slow_link(server: str, on: bool) -> None:
    """What the server sends goes at 1 Gbit/s, as in a room."""
    shape = ["add", "dev", "eth0", "root", "tbf", "rate", "1gbit", "burst", "1mb", "latency", "50ms"]
    podman.run("exec", server, "tc", "qdisc", *(shape if on else ["del", "dev", "eth0", "root"]))


@contextmanager
def _sealed(bench: Bench, kind: str, accounts: list[str]) -> Iterator[Path]:
    """The folder of a session whose results have been collected and sealed; the bag lies in the memory's cache."""
    with bench.folder() as session:
        bench.collect(f"collect to seal, {kind}", accounts, session)
        with Journal(session, lambda: sealing.NOW).writing() as writer:
            writer.append("bench", "cutoff", "end", {"result": "done"})
        (session / bag.CUTOFF).write_text("{}", encoding="utf-8")
        signature.make_key(session / "key", sealing.SIGNER)
        bag.seal(session, session / BAG, sealing.SITTING, session / "key", sealing.SIGNER)
        for path in (session / BAG / "data").rglob("*"):
            if path.is_file():
                bag.hash_file(path)
        yield session


def _hashed(bench: Bench, accounts: list[str], rounds: int) -> None:
    """Hashing one file."""
    with _sealed(bench, "big", accounts) as session:
        files = (path for path in (session / BAG / "data").rglob("*") if path.is_file())
        one = max(files, key=lambda path: path.stat().st_size)
        _in_turn(
            rounds,
            lambda: bench.timed("sha256", lambda: bag.hash_file(one, "sha256")),
            lambda: bench.timed("sha256sum", lambda: _run(["sha256sum", str(one)], session)),
        )


def _images(bench: Bench, kind: str, accounts: list[str], rounds: int) -> None:
    """All of making the image, from its times and its size to a name that is durable, and its hash."""
    with _sealed(bench, kind, accounts) as session:
        target = session / "bench.iso"

        def timed(name: str, work: Callable[[], object]) -> None:
            bench.timed(f"{name} {kind}", work)
            target.unlink()
            os.sync()

        _in_turn(
            rounds,
            lambda: timed("image", lambda: image.build(session / BAG, target, "BENCH_1", "bd")),
            lambda: timed("xorriso", lambda: _bare(session, target)),
        )


def _bare(session: Path, target: Path) -> None:
    options = ["-compliance", "joliet_long_paths", "-as", "mkisofs", "-quiet", "-iso-level", "3", "-J", "-R"]
    _run(["xorriso", *options, "-V", "BENCH_1", "-o", str(target), str(session / BAG)], session)
    _run(["sync", str(target)], session)


def _keep(bench: Bench, found: Mapping[str, float]) -> None:
    kept = {
        "cores": os.cpu_count(),
        "load": os.getloadavg(),
        "cipher": CIPHER,
        "figures": found,
        "missed": ratios.missed(found),
        "seconds": bench.seconds,
        "cpu_s": bench.cpu,
        "sizes": bench.sizes,
        "peaks_mb": bench.peaks,
    }
    OUTPUT.write_text(json.dumps(kept, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _measure(bench: Bench, rounds: int, scale: float) -> None:
    def folders(prefix: str, count: int) -> list[str]:
        return [f"{prefix}{number:02d}" for number in range(1, count + 1)]

    size = int(GIB * scale) >> 20 << 20
    _on_server(bench.server, _MAKE_SMALL, SEATS, max(1, int(FILES_A_SEAT * scale)), FOLDERS_A_SEAT, *SMALL_SIZES)
    _on_server(bench.server, _MAKE_BIG, "BIG", BIG_SEATS, size // BIG_SEATS)
    _same_cipher(bench.login)
    small, big = folders("KS", SEATS), folders("BIG", BIG_SEATS)
    _compared(bench, "small", small, rounds)
    _compared(bench, "big", big, rounds)
    _without_hashes(bench, big, rounds, "unlimited")
    _slow_link(bench.server, True)
    _without_hashes(bench, big, rounds, "1 Gbit/s")
    _slow_link(bench.server, False)
    _hashed(bench, big, rounds)
    _images(bench, "big", big, rounds)
    _images(bench, "small", small, rounds)
    podman.run("exec", bench.server, "sh", "-c", f"rm -r {ON_SERVER}/KS* {ON_SERVER}/BIG*", timeout=PATIENCE_S)
    # The peaks at 1 GiB stand beside those at 8 GiB: memory must not grow with what is collected.
    _on_server(bench.server, _MAKE_BIG, "HUGE", 2 * BIG_SEATS, size)
    with bench.folder() as session:
        bench.collect("collect 8 GiB", folders("HUGE", 2 * BIG_SEATS), session)


def results(rounds: int, scale: float) -> int:
    """Measure, print, keep. Returns 1 when nothing could be measured; a figure that is missed is printed."""
    OUTPUT.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=OUTPUT.parent) as work:
        try:
            login, server = _make()
            bench = Bench(login, server, Path(work))
            _measure(bench, rounds, scale)
        except (StandInError, ExamError, Failed, OSError, subprocess.SubprocessError) as error:
            print(f"bench-results: {error}", file=sys.stderr)
            return 1
        finally:
            room.destroy(ROOM)
    found = ratios.figures(bench.seconds, bench.peaks)
    _keep(bench, found)
    print(ratios.table(bench.seconds, bench.sizes))
    for miss in ratios.missed(found):
        print(f"MISSED: {miss}")
    print(ratios.more_line(found))
    print(ratios.last_line(found))
    return 0
