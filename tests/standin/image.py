"""The base image of all hosts: Debian 12 with Samba and the Python packages of the endpoint and the candidates.

The image's tag is a hash of everything that goes into it, so an unchanged recipe is never built again and a changed one
always is. The stand-in's own code is not in it: it is mounted when a host starts.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from . import podman
from .errors import StandInError, StandInUnavailable

NAME = "localhost/exam-standin"
KEEP_S = 24 * 3600
SUITE = "bookworm"
PACKAGES = (
    "samba",
    "samba-vfs-modules",
    "samba-common-bin",
    "smbclient",
    "python3",
    "nftables",
    "iproute2",
    "procps",
    "attr",
    "tzdata",
    "ca-certificates",
    "tcc",
)
PYTHON_PACKAGES = ("pyspnego==0.12.4", "smbprotocol==1.17.0", "cryptography==50.0.2", "pycdlib==1.22.0")
LEFT_OUT = ("/usr/share/doc/*", "/usr/share/man/*", "/usr/share/locale/*", "/usr/share/info/*")
SITE = "/opt/standin/site"
# Loaded into the processes of a host, see the head of each file; tcc needs neither headers nor a C library.
LOOK = "/opt/standin/windows_look.so"
LOOK_SOURCES = ("host/windows_look.c", "host/machine.c", "host/logon.c")
COMPILE = (
    f"cd /opt/standin/standin && tcc -shared -nostdlib -o {LOOK} {' '.join(LOOK_SOURCES)} "
    "$(find /usr/lib -name libtcc1.a)"
)
BAKE = f"PYTHONPATH=/opt/standin:{SITE} python3 -B -m standin.host.bake"
# The part of our own code that is used while building; on a host the whole package is mounted over it.
CODE = Path(__file__).resolve().parent
BAKED = ("__init__.py", "host/__init__.py", "host/bake.py", "host/system.py", "host/smb.conf", *LOOK_SOURCES)


def tag() -> str:
    """The name of the image that belongs to this recipe."""
    code = [(CODE / name).read_text(encoding="utf-8") for name in BAKED]
    recipe = repr((SUITE, PACKAGES, PYTHON_PACKAGES, LEFT_OUT, SITE, COMPILE, BAKE, code, platform.machine()))
    return f"{NAME}:{hashlib.sha256(recipe.encode()).hexdigest()[:12]}"


def ensure(lock_folder: Path) -> str:
    """Build the image if this recipe has none yet (1 to 3 minutes) and return its name."""
    image = tag()
    if podman.image_exists(image):
        return image
    lock_folder.mkdir(parents=True, exist_ok=True)
    with (lock_folder / "image.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        if not podman.image_exists(image):
            print(f"正在制作模拟考场镜像 / building the image {image} …", file=sys.stderr, flush=True)
            _build(image)
            _forget_others(image)
    return image


def _forget_others(image: str) -> None:
    """Remove images of earlier recipes that no container uses any more; not of today: another checkout may need it."""
    for one in json.loads(podman.run("images", "--format", "json")):
        names = [name for name in one.get("Names") or () if name.startswith(f"{NAME}:") and name != image]
        if names and time.time() - one["Created"] > KEEP_S:
            with contextlib.suppress(StandInError):
                podman.run("rmi", *names)


def _build(image: str) -> None:
    with tempfile.TemporaryDirectory(prefix="standin-image-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        _python_packages(folder / "site")
        for file in BAKED:
            (folder / "standin" / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(CODE / file, folder / "standin" / file)
        if shutil.which("mmdebstrap"):
            _from_packages(folder, image)
        else:
            _from_registry(folder, image)


def _python_packages(target: Path) -> None:
    machine = platform.machine()
    platforms = [f"manylinux_2_{minor}_{machine}" for minor in (17, 28, 34)] + [f"manylinux2014_{machine}"]
    command = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--target",
        str(target),
        "--python-version",
        "3.11",
        "--only-binary=:all:",
        "--implementation",
        "cp",
        "--no-compile",
    ]
    for one in platforms:
        command += ["--platform", one]
    _run([*command, *PYTHON_PACKAGES], "Python")


def _from_packages(folder: Path, image: str) -> None:
    archive = folder / "root.tar"
    command = ["mmdebstrap", "--quiet", "--variant=minbase", f"--include={','.join(PACKAGES)}"]
    command += [f"--dpkgopt=path-exclude={pattern}" for pattern in LEFT_OUT]
    command += [f"--aptopt={option}" for option in apt_options()]
    command += [
        f'--customize-hook=mkdir -p "$1{SITE}" "$1/opt/standin/standin"',
        f"--customize-hook=sync-in {folder / 'site'} {SITE}",
        f"--customize-hook=sync-in {folder / 'standin'} /opt/standin/standin",
        f"--customize-hook=chroot \"$1\" sh -c '{COMPILE} && {BAKE}'",
    ]
    command += [SUITE, str(archive), *sources()]
    _run(command, "mmdebstrap")
    podman.run("import", str(archive), image, timeout=300)


def _from_registry(folder: Path, image: str) -> None:
    """Where mmdebstrap is missing but a registry is reachable, Debian's own image serves as well."""
    (folder / "Containerfile").write_text(
        "FROM docker.io/library/debian:12\n"
        f"RUN apt-get update && apt-get install -y --no-install-recommends {' '.join(PACKAGES)} && apt-get clean\n"
        f"COPY site {SITE}\nCOPY standin /opt/standin/standin\nRUN {COMPILE} && {BAKE}\n",
        encoding="utf-8",
    )
    try:
        podman.run("build", *podman.LIMITS, "--tag", image, str(folder), timeout=900)
    except StandInError as error:
        raise StandInUnavailable(
            f"无法制作镜像：请安装 mmdebstrap（{error.zh}）",
            f"The image cannot be built: install mmdebstrap ({error.en})",
        ) from error


def apt_options() -> list[str]:
    """The machine's way to the package archive: proxies, certificates, credentials and clock tolerance."""
    if shutil.which("apt-config") is None:
        return []
    dump = subprocess.run(("apt-config", "dump"), capture_output=True, text=True, check=False).stdout
    wanted = ("Acquire::http", "Acquire::https", "Acquire::Check-", "Acquire::Retries", "Acquire::ForceIPv4")
    return [line.rstrip(";") for line in dump.splitlines() if line.startswith(wanted) and '""' not in line]


def sources() -> list[str]:
    """A Debian machine's own archive, if it has one; otherwise mmdebstrap uses deb.debian.org."""
    mirror = os.environ.get("EXAM_STANDIN_MIRROR")
    if mirror:
        return [mirror]
    release = Path("/etc/os-release").read_text(encoding="utf-8") if Path("/etc/os-release").exists() else ""
    debian = Path("/etc/apt/sources.list.d/debian.sources")
    return [str(debian)] if f"VERSION_CODENAME={SUITE}" in release and debian.exists() else []


def _run(command: list[str], what: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, timeout=1200, check=False)
    if done.returncode != 0:
        words = (done.stderr.strip() or done.stdout.strip()).splitlines()[-3:]
        raise StandInError(
            f"制作镜像时 {what} 失败：{' | '.join(words)}", f"Building the image: {what} failed: {' | '.join(words)}"
        )
