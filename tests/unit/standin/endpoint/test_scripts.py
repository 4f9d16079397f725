"""A PowerShell file has a model for its very text, or none."""

from __future__ import annotations

from typing import Any

import pytest

from standin.endpoint import scripts
from standin.endpoint.host import Host

from .conftest import RunModule

TEXT = "[CmdletBinding(SupportsShouldProcess)]\nparam($Name)\n$Ansible.Changed = $false\n"


def model(host: Host, parameters: dict[str, Any], check_mode: bool) -> dict[str, Any]:
    return {"changed": False, "result": {"name": parameters["Name"], "check": check_mode}}


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scripts, "SCRIPTS", [scripts.Script("roles/x/files/X.ps1", scripts.digest(TEXT), model)])


@pytest.mark.usefixtures("known")
def test_the_text_it_was_written_for(run: RunModule) -> None:
    result = run("win_powershell", script=TEXT, parameters={"Name": "x"})
    assert result["result"] == {"name": "x", "check": False}
    assert result["changed"] is False


@pytest.mark.usefixtures("known")
def test_line_ends_and_a_byte_order_mark_do_not_count(run: RunModule) -> None:
    assert not run("win_powershell", script="\ufeff" + TEXT.replace("\n", "\r\n"), parameters={"Name": "x"}).get(
        "failed"
    )


@pytest.mark.usefixtures("known")
def test_any_other_text_is_refused_with_its_hash_and_the_file_to_compare(run: RunModule) -> None:
    changed = TEXT + "Remove-Item C:\\\n"
    message = run("win_powershell", script=changed)["msg"]
    assert scripts.digest(changed) in message
    assert "roles/x/files/X.ps1" in message


def test_every_known_script_is_the_file_of_the_project() -> None:
    from pathlib import Path

    root = Path(__file__).parents[4]
    for script in scripts.SCRIPTS:
        text = (root / script.file).read_text(encoding="utf-8-sig")
        assert scripts.digest(text) == script.sha256, f"compare {script.file} with its model"
