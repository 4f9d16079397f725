"""What prepare left behind, asked by modules: testinfra's own host.file and host.service would need Python there."""

from __future__ import annotations

import os
from typing import Any

from standin import room

testinfra_hosts = ["ansible://exam_clients"]


def _ask(host: Any, module: str, arguments: str) -> dict[str, Any]:
    answer: dict[str, Any] = host.ansible(module, arguments, check=False)
    return answer


def test_file_service_is_stopped_for_good(host: Any) -> None:
    service = _ask(host, "ansible.windows.win_service_info", "name=LanmanServer")["services"][0]
    assert (service["state"], service["start_mode"]) == ("stopped", "disabled")


def test_time_service_runs(host: Any) -> None:
    service = _ask(host, "ansible.windows.win_service_info", "name=W32Time")["services"][0]
    assert (service["state"], service["start_mode"]) == ("started", "auto")


def test_client_follows_the_server_clock(host: Any) -> None:
    hosts = room.load(os.environ["EXAM_STANDIN_ROOM"])["hosts"]
    server = next(one["address"] for one in hosts if one["role"] == "server")
    key = r"HKLM:\SYSTEM\CurrentControlSet\Services\W32Time\Parameters"
    assert _ask(host, "ansible.windows.win_reg_stat", f"path={key} name=NtpServer")["value"] == f"{server},0x8"


def test_mapping_script_is_there(host: Any) -> None:
    # testinfra reads what ansible prints as ASCII; the shortcuts, whose names are Chinese, are looked at elsewhere.
    path = r"C:\Program Files\Exam\Connect-ExamFolder.ps1"
    assert _ask(host, "ansible.windows.win_stat", f"path='{path}' get_checksum=false")["stat"]["exists"]
