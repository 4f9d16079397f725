"""Command lines and standard input, as the very code of ansible-core makes them."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from ansible.executor.powershell.module_manifest import _bootstrap_powershell_script, _create_powershell_wrapper
from ansible.plugins.shell.powershell import ShellModule

from standin.endpoint import payload


def line(script: str) -> str:
    text: str = ShellModule()._encode_script(script, strict_mode=False, preserve_rc=False)
    return text


def module_input(arguments: dict[str, Any], async_timeout: int = 0) -> bytes:
    stdin: bytes = _create_powershell_wrapper(
        name="ansible_collections.ansible.windows.plugins.modules.win_ping",
        module_data=b"#!powershell\n",
        module_path="win_ping.ps1",
        module_args=arguments,
        environment={"ANSIBLE_ASYNC_DIR": "x"},
        async_timeout=async_timeout,
        become_plugin=None,
        substyle="powershell",
        task_vars={},
        profile="legacy",
    )
    return stdin


BOOTSTRAP = line(_bootstrap_powershell_script("winrm_put_file.ps1", {})[0])


def test_a_module_call() -> None:
    call = payload.decode(
        BOOTSTRAP, module_input({"data": "考场", "_ansible_check_mode": True, "_ansible_diff": False})
    )
    assert call == payload.ModuleCall("ansible.windows.win_ping", {"data": "考场"}, check_mode=True, diff_mode=False)


def test_async_is_refused() -> None:
    with pytest.raises(payload.PayloadError, match="async"):
        payload.decode(BOOTSTRAP, module_input({}, async_timeout=10))


def test_a_file_upload() -> None:
    script, stdin = _bootstrap_powershell_script("winrm_put_file.ps1", {"Path": "C:\\x"}, has_input=True)
    data = base64.b64encode(b"content") + b"\r\n"
    assert payload.decode(line(script), stdin + data) == payload.HelperCall(
        "winrm_put_file.ps1", {"Path": "C:\\x"}, data
    )


def test_a_bare_command() -> None:
    assert payload.decode(line("whoami"), b"") == payload.RawCommand("whoami")


def test_another_script_that_reads_standard_input_is_refused() -> None:
    with pytest.raises(payload.PayloadError, match="bootstrap_wrapper"):
        payload.decode(line("$input | Invoke-Expression"), module_input({}))


@pytest.mark.parametrize("stdin", [b"junk", b"{}\n\0\0\0\0\nno json", b'{}\n\0\0\0\0\n{"actions": []}'])
def test_an_unreadable_manifest_is_refused(stdin: bytes) -> None:
    with pytest.raises(payload.PayloadError, match="manifest"):
        payload.decode(BOOTSTRAP, stdin)
