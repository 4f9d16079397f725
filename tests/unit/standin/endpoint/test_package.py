"""The model of win_package: installers that are real files, programs that are real keys."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from standin.endpoint import programs
from standin.endpoint.host import Host
from standin.endpoint.registry import Registry

from .conftest import RunModule

EXE, MSI = r"C:\Windows\Temp\setup.exe", r"C:\Windows\Temp\setup.msi"
VALUES = {"DisplayName": "表格", "DisplayVersion": "2.0"}


def installer(host: Host, path: str = EXE, **changes: Any) -> str:
    """Write one; its SHA-256."""
    kind = path[-3:]
    about = {"installer": kind, "silent": "/S", "view": "32", "key": "Sheet", "values": VALUES} | changes
    content = json.dumps(about).encode()
    host.files.real(path).write_bytes(content)
    return hashlib.sha256(content).hexdigest()


def version(host: Host) -> Any:
    found = Registry(host.store.read()["registry"]).get(rf"{programs.VIEWS['32']}\Sheet", "DisplayVersion")
    return found and found.data


def test_an_exe_installs_however_often_and_an_msi_once(host: Host, run: RunModule) -> None:
    sha256 = installer(host)
    asked = {"path": EXE, "arguments": "/S", "checksum": sha256, "checksum_algorithm": "sha256"}
    assert run("win_package", check=True, **asked)["changed"] and version(host) is None
    for _ in range(2):
        assert run("win_package", **asked)["changed"]
        assert version(host) == "2.0"
    assert not run("win_package", **asked, product_id="Sheet")["changed"]
    installer(host, MSI, key="{0A}")
    assert run("win_package", path=MSI)["changed"]
    assert not run("win_package", path=MSI)["changed"]


def test_a_restart_is_wanted(host: Host, run: RunModule) -> None:
    installer(host, code=3010)
    result = run("win_package", path=EXE, arguments=["/S"])
    assert (result["rc"], result["failed"], result["reboot_required"], version(host)) == (3010, False, True, "2.0")


def test_busy_until_the_other_installation_is_done(host: Host, run: RunModule) -> None:
    installer(host)
    with host.store.change() as state:
        state["installing"] = 1
    busy = run("win_package", path=EXE, arguments="/S")
    assert (busy["failed"], busy["rc"], version(host)) == (True, 1618, None)
    assert run("win_package", path=EXE, arguments="/S")["rc"] == 0
    assert version(host) == "2.0"


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"path": r"C:\Windows\Temp\no.exe"}, "cannot be reached"),
        ({"path": EXE}, "waits for somebody"),
        ({"path": EXE, "arguments": "/S", "checksum": "0" * 40}, "did not match"),
        ({"path": EXE, "arguments": "/S", "provider": "msi"}, "could not be opened"),
        ({"path": MSI, "provider": "registry"}, "not a valid Win32 application"),
        ({"path": EXE, "creates_path": "C:\\x"}, "does not model creates_path"),
        ({"path": EXE, "state": "absent"}, "does not model state=absent"),
        ({"path": EXE, "checksums": "x"}, "Unsupported parameters"),
    ],
)
def test_refuses_what_windows_refuses(host: Host, run: RunModule, asked: dict[str, Any], said: str) -> None:
    installer(host)
    installer(host, MSI)
    result = run("win_package", **asked)
    assert result["failed"] and said in result["msg"]
    assert version(host) is None


def test_an_installer_that_fails_brings_nothing(host: Host, run: RunModule) -> None:
    installer(host, code=1603)
    assert run("win_package", path=EXE, arguments="/S")["rc"] == 1603
    assert version(host) is None
