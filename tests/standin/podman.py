"""The few podman commands the stand-in room needs, always with the runtime and limits that work everywhere.

The machine's own container configuration is neither read for these nor edited: runc is named on each command line
because crun refuses some cgroup layouts, and the open-file limit is given because smbd asks for 16,384.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .errors import StandInError, StandInUnavailable

RUNTIME = "runc"
LIMITS = ("--ulimit", "nofile=20000:20000", "--ulimit", "nproc=4096:4096")
NEEDED = ("podman", RUNTIME, "iptables")
# iptables and runc live where an ordinary user's PATH does not look.
SEARCH_PATH = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin"])


def available() -> None:
    """Return if containers can be made here; otherwise raise StandInUnavailable with the one thing to do."""
    if os.geteuid() != 0:
        raise StandInUnavailable(
            "模拟考场需要 root 权限，请用 sudo 运行。", "The stand-in room needs root: run this with sudo."
        )
    missing = [name for name in NEEDED if shutil.which(name, path=SEARCH_PATH) is None]
    if missing:
        packages = " ".join(missing)
        raise StandInUnavailable(
            f"模拟考场缺少 {packages}，请先执行 apt-get install {packages}。",
            f"The stand-in room lacks {packages}: apt-get install {packages}.",
        )


def run(*arguments: str, timeout: float = 120, stdin: bytes | None = None) -> str:
    """Run ``podman ARGUMENTS`` and return its standard output; raise StandInError with podman's words if it fails."""
    command = ["podman", "--runtime", RUNTIME, *arguments]
    environment = dict(os.environ, PATH=SEARCH_PATH)
    try:
        done = subprocess.run(
            command, capture_output=True, timeout=timeout, env=environment, check=False, input=stdin or b""
        )
    except FileNotFoundError as error:
        raise StandInUnavailable("没有安装 podman。", "podman is not installed.") from error
    except subprocess.TimeoutExpired as error:
        raise StandInError(
            f"podman {arguments[0]} 超过 {timeout:.0f} 秒没有结束。",
            f"podman {arguments[0]} did not end within {timeout:.0f} s.",
        ) from error
    if done.returncode != 0:
        words = done.stderr.decode(errors="replace").strip().splitlines()
        last = words[-1] if words else f"exit status {done.returncode}"
        raise StandInError(f"podman {arguments[0]} 失败：{last}", f"podman {arguments[0]} failed: {last}")
    return done.stdout.decode(errors="replace")


def run_json(*arguments: str) -> Any:
    """The same for a command that prints JSON; an empty answer is an empty list."""
    return json.loads(run(*arguments) or "[]")


def image_exists(image: str) -> bool:
    """True if the image is in local storage."""
    return bool(run("images", "--quiet", image).strip())


def last_words(container: str) -> str:
    """The last line a container wrote, standard error included."""
    done = subprocess.run(
        ("podman", "logs", "--tail", "1", container), capture_output=True, text=True, timeout=30, check=False
    )
    return (done.stderr.strip() or done.stdout.strip())[-300:]


def containers(label: str) -> list[dict[str, Any]]:
    """Containers with that label ``key=value``, running or not: podman's own dictionaries (Names, State, Labels …)."""
    found: list[dict[str, Any]] = run_json("ps", "--all", "--filter", f"label={label}", "--format", "json")
    return found


def remove_containers(names: Sequence[str]) -> None:
    """Remove containers with their volumes at once; those already gone do not matter."""
    if names:
        run("rm", "--force", "--ignore", "--volumes", "--time", "0", *names, timeout=300)


def networks() -> list[dict[str, Any]]:
    """All podman networks: dictionaries with ``name``, ``subnets``, ``labels``."""
    found: list[dict[str, Any]] = run_json("network", "ls", "--format", "json")
    return found


def start_container(
    name: str,
    image: str,
    command: Sequence[str],
    *,
    network: str,
    address: str,
    label: str,
    environment: dict[str, str],
    mounts: Sequence[tuple[Path, str, bool]],
) -> None:
    """Start one host in the background; ``mounts`` are (folder here, folder there, writable). /srv is a volume."""
    options = ["run", "--detach", *LIMITS, "--name", name, "--hostname", name, "--label", label]
    options += ["--network", network, "--ip", address, "--cap-add", "NET_ADMIN", "--stop-timeout", "2"]
    options += ["--mount", "type=volume,dst=/srv"]
    for key, value in environment.items():
        options += ["--env", f"{key}={value}"]
    for here, there, writable in mounts:
        options += ["--volume", f"{here}:{there}:{'rw' if writable else 'ro'}"]
    run(*options, image, *command)
