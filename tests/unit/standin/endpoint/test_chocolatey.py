"""The model of win_chocolatey: what a source offers becomes a program that Windows lists."""

from __future__ import annotations

from typing import Any

import pytest

from standin.endpoint import programs
from standin.endpoint.host import Host
from standin.endpoint.registry import Registry

from .conftest import RunModule

SOURCE = "https://packages.example.com/chocolatey/"


@pytest.fixture
def host(host: Host) -> Host:
    """Its source offers two versions of one program."""
    with host.store.change() as state:
        state["chocolatey"]["sources"][SOURCE] = {"sheet": {version: about(version) for version in ("1.0", "2.0")}}
    return host


def about(version: str) -> dict[str, Any]:
    values = {"DisplayName": "表格", "DisplayVersion": version}
    return {"view": "64", "key": "Sheet", "values": values, "code": 3010 if version == "2.0" else 0}


def install(run: RunModule, version: str, check: bool = False, **more: Any) -> dict[str, Any]:
    asked = {"name": "sheet", "version": version, "source": SOURCE, "state": "upgrade"} | more
    return run("chocolatey.chocolatey.win_chocolatey", check=check, **asked)


def listed(host: Host) -> Any:
    found = Registry(host.store.read()["registry"]).get(rf"{programs.VIEWS['64']}\Sheet", "DisplayVersion")
    return found and found.data


def test_a_newer_version_takes_the_place_of_an_older_one(host: Host, run: RunModule) -> None:
    assert install(run, "1.0", check=True)["changed"] and listed(host) is None
    assert install(run, "1.0")["changed"] and listed(host) == "1.0"
    assert not install(run, "1.0")["changed"]
    newer = install(run, "2.0")
    assert (newer["changed"], newer["rc"], newer["failed"], listed(host)) == (True, 3010, False, "2.0")


def test_what_the_source_does_not_have_is_an_error(host: Host, run: RunModule) -> None:
    assert install(run, "3.0")["failed"] and install(run, "1.0", source="https://other.example.com/")["failed"]
    with host.store.change() as state:
        state["installing"] = 1
    assert install(run, "1.0", check=True)["changed"]
    assert install(run, "1.0")["rc"] == 1618
    assert install(run, "1.0")["rc"] == 0


def test_what_is_not_modelled_is_said(run: RunModule) -> None:
    assert "does not model" in install(run, "1.0", force=True)["msg"]
    assert "does not model" in install(run, "1.0", state="latest")["msg"]
