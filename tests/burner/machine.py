"""A virtual machine with an emulated DVD+R burner, without hardware virtualisation and without a disk of its own.

Everything it has is in memory: an archive of Debian packages, made once a recipe and kept under build/burner/, and a
second one with the code and the images of this run. What it found comes back through a serial line into a file, so
that a machine that is killed leaves nothing behind.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import platform
import select
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from standin.image import LEFT_OUT, SUITE, apt_options, sources

HERE = Path(__file__).resolve().parent
KEPT = HERE.parents[1] / "build" / "burner"
NEEDED = {"qemu-system-x86_64": "qemu-system-x86", "mmdebstrap": "mmdebstrap", "bsdtar": "libarchive-tools"}
PACKAGES = ("python3-minimal", "libpython3-stdlib", "xorriso", "tgt", "open-iscsi", "kmod", "iproute2")
MEMORY_MB = 1536
# Generous: a machine at work is never ended by these, one that hangs is.
BUILD_S = 1800.0
UP_S = 900.0
RUN_S = 3600.0
END_S = 60.0
UP = "burner: the machine is up"


class NoMachineError(Exception):
    """The machine cannot be made or did not do its work; Chinese first."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(f"{zh} / {en}")


def check() -> None:
    """Refuse a computer that cannot run the machine, with the one thing to do."""
    if platform.machine() != "x86_64":
        raise NoMachineError(
            f"刻录测试只能在 x86_64 的电脑上运行，这里是 {platform.machine()}。",
            f"The burner test runs on x86_64 only; this is {platform.machine()}.",
        )
    missing = [package for program, package in NEEDED.items() if shutil.which(program) is None]
    if missing:
        raise NoMachineError(
            f"缺少软件包，请运行：apt-get install {' '.join(missing)}",
            f"Packages are missing; run: apt-get install {' '.join(missing)}",
        )


@contextlib.contextmanager
def alone(kept: Path = KEPT) -> Iterator[None]:
    """One machine at a time; ends the one that a killed run left behind."""
    kept.mkdir(parents=True, exist_ok=True)
    with (kept / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise NoMachineError(
                f"另一个刻录测试正在运行（{kept}）。", f"Another burner test is running ({kept})."
            ) from error
        end_leftover(kept)
        yield


def end_leftover(kept: Path = KEPT) -> bool:
    """End the machine that ``machine.pid`` names if that process is still this one of ours; whether there was one."""
    note = kept / "machine.pid"
    try:
        pid = int(note.read_text(encoding="ascii"))
        handle = os.pidfd_open(pid)
    except (FileNotFoundError, ProcessLookupError, ValueError):
        note.unlink(missing_ok=True)
        return False
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        ours = os.fsencode(_console(kept)) in words
        if ours:
            signal.pidfd_send_signal(handle, signal.SIGKILL)
            if not select.select([handle], [], [], END_S)[0]:
                raise NoMachineError(f"上次的虚拟机 {pid} 结束不了。", f"The machine {pid} left behind does not end.")
    except (FileNotFoundError, ProcessLookupError):
        ours = False
    finally:
        os.close(handle)
    note.unlink(missing_ok=True)
    return ours


def _console(kept: Path) -> str:
    return f"file:{kept / 'console.log'}"


def recipe() -> str:
    """Twelve digits that change when anything changes that the archive of packages is made of."""
    parts = (SUITE, PACKAGES, LEFT_OUT, (HERE / "kernel.sh").read_text(encoding="utf-8"))
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:12]


def ensure(kept: Path = KEPT) -> Path:
    """The folder with ``vmlinuz`` and ``root.cpio``, made from Debian packages when this recipe has none yet."""
    folder = kept / f"root-{recipe()}"
    if folder.exists():
        return folder
    for other in kept.glob("root-*"):
        shutil.rmtree(other)
    work = kept / "root-unfinished"
    work.mkdir(parents=True)
    command = ["mmdebstrap", "--quiet", "--variant=minbase", f"--include={','.join(PACKAGES)}"]
    command += [f"--dpkgopt=path-exclude={pattern}" for pattern in LEFT_OUT]
    command += [f"--aptopt={option}" for option in apt_options()]
    command += [f"--customize-hook={HERE / 'kernel.sh'}", f"--customize-hook=copy-out /vmlinuz {work}"]
    command += ['--customize-hook=rm "$1/vmlinuz"', SUITE, str(work / "root.tar"), *sources()]
    _run(command, BUILD_S)
    _run(["bsdtar", "--format=newc", "-cf", str(work / "root.cpio"), f"@{work / 'root.tar'}"], BUILD_S)
    (work / "root.tar").unlink()
    work.replace(folder)
    return folder


def run(load: Path, kept: Path = KEPT, up: float = UP_S, limit: float = RUN_S) -> list[dict[str, Any]]:
    """Boot with the files of ``load`` under ``/burner`` and run its ``init``; what the machine wrote, line by line.

    Raises NoMachineError with the end of the console when the machine does not come up in ``up`` seconds, is not
    finished after ``limit`` seconds or ends without its last line ``{"end": true}``.
    """
    root = ensure(kept)
    archive = kept / "load.cpio"
    _run(["bsdtar", "--format=newc", "-cf", str(archive), "--uid", "0", "--gid", "0", "-C", str(load), "."], 300.0)
    boot = kept / "boot.cpio"
    with boot.open("wb") as target:
        for part in (root / "root.cpio", archive):
            with part.open("rb") as source:
                shutil.copyfileobj(source, target)
            target.write(bytes(-target.tell() % 512))
    archive.unlink()
    console, results = kept / "console.log", kept / "results.jsonl"
    for old in (console, results):
        old.write_bytes(b"")
    command = [
        *("qemu-system-x86_64", "-accel", "tcg", "-cpu", "max", "-m", str(MEMORY_MB), "-nodefaults", "-no-user-config"),
        *("-display", "none", "-nic", "none", "-no-reboot", "-kernel", str(root / "vmlinuz"), "-initrd", str(boot)),
        *("-append", "console=ttyS0 quiet panic=-1 rdinit=/burner/init"),
        *("-serial", _console(kept), "-serial", f"file:{results}"),
    ]
    with (kept / "qemu.log").open("wb") as said:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=said, stderr=said, start_new_session=True)
        try:
            (kept / "machine.pid").write_text(str(process.pid), encoding="ascii")
            _watch(process, console, up, limit)
        finally:
            process.kill()
            process.wait()
            (kept / "machine.pid").unlink(missing_ok=True)
            boot.unlink()
    found = [json.loads(line) for line in results.read_text(encoding="utf-8").splitlines()]
    if not found or found[-1] != {"end": True}:
        raise _gave_up("提前结束了", "ended early", kept)
    return found[:-1]


def _watch(process: subprocess.Popen[bytes], console: Path, up: float, limit: float) -> None:
    started = time.monotonic()
    while process.poll() is None:
        waited = time.monotonic() - started
        if waited > limit:
            raise _gave_up(f"{limit:.0f} 秒内没有完成", f"was not finished within {limit:.0f} s", console.parent)
        if waited > up and UP.encode() not in console.read_bytes():
            raise _gave_up(f"{up:.0f} 秒内没有启动", f"did not come up within {up:.0f} s", console.parent)
        time.sleep(0.5)


def _gave_up(zh: str, en: str, kept: Path) -> NoMachineError:
    said = [line for name in ("qemu.log", "console.log") for line in _lines(kept / name)[-15:]]
    words = "\n".join(said) or "(no output)"
    return NoMachineError(f"刻录测试的虚拟机{zh}", f"the burner's machine {en}; see {kept / 'console.log'}:\n{words}")


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8", errors="replace").splitlines()


def _run(command: list[str], limit: float) -> None:
    done = subprocess.run(command, capture_output=True, text=True, timeout=limit, check=False)
    if done.returncode != 0:
        words = " | ".join((done.stderr.strip() or done.stdout.strip()).splitlines()[-3:])
        raise NoMachineError(f"{command[0]} 失败：{words}", f"{command[0]} failed: {words}")
