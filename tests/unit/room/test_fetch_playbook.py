"""playbooks/fetch.yml: it fills the folder of packages, keeps what is right, and keeps nothing that is wrong."""

from __future__ import annotations

import functools
import hashlib
import http.server
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[3]
CONTENT = b"MZ installer"
NAME = "WPS 安装.exe"


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """Where the maker of the program has it."""
    site = tmp_path / "site"
    site.mkdir()
    (site / "setup.exe").write_bytes(CONTENT)
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(site))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/setup.exe"
        server.shutdown()


def fetch(folder: Path, packages: dict[str, Any] | None) -> subprocess.CompletedProcess[str]:
    folder.mkdir(exist_ok=True)
    if packages is not None:
        (folder / "packages.yml").write_text(yaml.safe_dump({"packages": packages}), encoding="utf-8")
    return run("--tags", "packages", "-e", f"exam_packages_dir={folder}")


def run(*options: str) -> subprocess.CompletedProcess[str]:
    words = ["-i", str(ROOT / "inventories/example"), *options]
    return subprocess.run(
        [str(Path(sys.executable).parent / "ansible-playbook"), str(ROOT / "playbooks/fetch.yml"), *words],
        env={**os.environ, "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"), "LC_ALL": "C.UTF-8", "no_proxy": "*"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_what_is_missing_is_fetched_once(tmp_path: Path, address: str) -> None:
    folder = tmp_path / "packages"
    entry = {"file": NAME, "sha256": hashlib.sha256(CONTENT).hexdigest(), "arguments": "/S", "url": address}
    first = fetch(folder, {"WPS Office": entry})
    assert first.returncode == 0, first.stdout
    assert "changed=1 " in first.stdout
    assert (folder / NAME).read_bytes() == CONTENT
    second = fetch(folder, None)
    assert second.returncode == 0 and "changed=0 " in second.stdout, second.stdout


def test_another_file_is_not_kept_and_one_without_address_is_named(tmp_path: Path, address: str) -> None:
    folder = tmp_path / "packages"
    wrong = {"file": NAME, "sha256": "0" * 64, "arguments": "/S", "url": address}
    done = fetch(folder, {"WPS Office": wrong})
    assert done.returncode != 0
    assert "WPS Office" in done.stdout and not (folder / NAME).exists()
    done = fetch(folder, {"7-Zip": {"file": "7z.msi", "sha256": "0" * 64}})
    assert done.returncode != 0
    assert "7z.msi" in done.stdout and "请放入该文件" in done.stdout


def test_a_folder_without_packages_is_refused(tmp_path: Path) -> None:
    done = fetch(tmp_path / "packages", None)
    assert done.returncode != 0
    assert "没有列出软件包" in done.stdout


def test_signatures_are_fetched_and_nothing_that_is_no_program_is_kept(tmp_path: Path, address: str) -> None:
    folder, site = tmp_path / "antivirus", tmp_path / "site"
    file = folder / "mpam-fe.exe"
    options = (
        "--tags",
        "antivirus",
        "-e",
        f"antivirus_signatures_dir={folder}",
        "-e",
        f"antivirus_signatures_url={address}",
    )
    first = run(*options)
    assert first.returncode == 0, first.stdout
    assert file.read_bytes() == CONTENT
    (site / "setup.exe").write_bytes(b"<html>please log on</html>")
    refused = run(*options)
    assert refused.returncode != 0
    assert "给出的不是 mpam-fe.exe" in refused.stdout and file.read_bytes() == CONTENT
    (site / "setup.exe").write_bytes(b"MZ newer")
    again, same = run(*options), run(*options)
    assert again.returncode == same.returncode == 0
    assert "changed=1 " in again.stdout and "changed=0 " in same.stdout
    assert [one.name for one in folder.iterdir()] == ["mpam-fe.exe"] and file.read_bytes() == b"MZ newer"


def test_signatures_that_cannot_be_had_leave_what_was_there(tmp_path: Path, address: str) -> None:
    folder = tmp_path / "antivirus"
    folder.mkdir()
    (folder / "mpam-fe.exe").write_bytes(CONTENT)
    options = ("-e", f"antivirus_signatures_dir={folder}", "-e", f"antivirus_signatures_url={address}.gone")
    done = run("--tags", "antivirus", *options)
    assert done.returncode != 0
    assert (folder / "mpam-fe.exe").read_bytes() == CONTENT
