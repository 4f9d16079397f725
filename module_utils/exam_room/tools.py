"""Running the programs that the controller has to have: one place for a missing program, its output and its time."""

from __future__ import annotations

import os
import subprocess
import tempfile
import threading
import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from .errors import ExamError

_PACKAGES = {"xorriso": "xorriso", "ssh-keygen": "openssh-client"}
# Between two looks at what a program has written.
_FOLLOW_S = 0.005


def run(
    command: Sequence[str],
    stdin: bytes = b"",
    environment: Mapping[str, str] | None = None,
    timeout: float = 60.0,
) -> subprocess.CompletedProcess[bytes]:
    """Run the program to its end in the locale C.UTF-8, without a terminal it could ask questions on.

    Raises ExamError when it is not installed or does not end in ``timeout`` seconds; the exit status is the caller's.
    """
    try:
        return subprocess.run(
            list(command),
            input=stdin,
            capture_output=True,
            check=False,
            env=_environment(environment),
            timeout=timeout,
            start_new_session=True,
        )
    except FileNotFoundError as exc:
        raise _missing(command[0]) from exc
    except subprocess.TimeoutExpired as exc:
        raise _too_slow(command[0], timeout) from exc


@contextmanager
def stream(
    command: Sequence[str], environment: Mapping[str, str] | None = None, timeout: float = 60.0
) -> Iterator[IO[bytes]]:
    """Run the program and read what it writes while it runs, as ``run``; a bad exit status is an ExamError.

    Leaving early, by an exception or with output unread, stops the program.
    """
    with _running(command, subprocess.PIPE, environment, timeout) as process:
        assert process.stdout is not None
        yield process.stdout
        process.stdout.close()


def follow(
    command: Sequence[str],
    sink: IO[bytes],
    size: int,
    environment: Mapping[str, str] | None = None,
    timeout: float = 60.0,
) -> Generator[memoryview, None, None]:
    """Run the program as ``stream`` with a new file as its standard output, and read beside it what it writes there.

    In pieces of at most ``size`` bytes, each valid until the next is asked for. Nothing passes through this process
    that the program need wait for.
    """
    piece = memoryview(bytearray(size))
    with Path(sink.name).open("rb", buffering=0) as written, _running(command, sink, environment, timeout) as process:
        while True:
            # Asked before reading: what it wrote before it ended is there then.
            ended = process.poll() is not None
            if count := written.readinto(piece):
                yield piece[:count]
            elif ended:
                break
            else:
                time.sleep(_FOLLOW_S)


@contextmanager
def _running(
    command: Sequence[str], stdout: int | IO[bytes], environment: Mapping[str, str] | None, timeout: float
) -> Iterator[subprocess.Popen[bytes]]:
    with tempfile.TemporaryFile() as errors:
        try:
            process = subprocess.Popen(
                list(command),
                stdin=subprocess.DEVNULL,
                stdout=stdout,
                stderr=errors,
                env=_environment(environment),
                start_new_session=True,
            )
        except FileNotFoundError as exc:
            raise _missing(command[0]) from exc
        slow = threading.Event()

        def stop_it() -> None:
            slow.set()
            process.kill()

        watchdog = threading.Timer(timeout, stop_it)
        watchdog.start()
        try:
            yield process
            status = process.wait()
        finally:
            watchdog.cancel()
            process.kill()
            process.wait()
        if slow.is_set():
            raise _too_slow(command[0], timeout)
        if status != 0:
            errors.seek(0)
            said = last_lines(errors.read()) or f"exit status {status}"
            raise ExamError(f"{command[0]} 失败：{said}", f"{command[0]} failed: {said}")


def last_lines(said: bytes, lines: int = 4) -> str:
    """The last lines of what a program said, as one line for an error message."""
    return " | ".join(line.strip() for line in said.decode("utf-8", "replace").strip().splitlines()[-lines:])


def complaint(done: subprocess.CompletedProcess[bytes]) -> str:
    """Why the program failed, in its own words."""
    return last_lines(done.stderr or done.stdout) or f"exit status {done.returncode}"


def _environment(more: Mapping[str, str] | None) -> dict[str, str]:
    return {**os.environ, "LC_ALL": "C.UTF-8", **(more or {})}


def _missing(program: str) -> ExamError:
    package = _PACKAGES.get(program, program)
    return ExamError(
        f"主控机上没有 {program}。请安装：apt-get install {package}",
        f"There is no {program} on the controller. Install it: apt-get install {package}",
    )


def _too_slow(program: str, timeout: float) -> ExamError:
    return ExamError(
        f"{program} 超过 {timeout:.0f} 秒没有结束，已中止。",
        f"{program} did not end within {timeout:.0f} s and was stopped.",
    )
