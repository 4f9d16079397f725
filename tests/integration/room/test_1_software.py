"""Required software (V5): who lacks it gets it from the site's packages, or is named; nobody else is touched."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from integration.room.driver import Room, Run

pytestmark = pytest.mark.integration

HOST, WPS = "pc02", "Kingsoft Office"
FOLDER = r"C:\Program Files\ExamRoom\packages"


@pytest.fixture
def lacking(prepared: Room) -> Iterator[Room]:
    """The room with one client from which somebody has removed what the exam requires."""
    assert WPS not in prepared.inside(HOST, "programs.py", {"gone": [WPS]})["programs"]
    yield prepared
    assert WPS in prepared.inside(HOST, "programs.py", {"back": True, "busy": 0})["programs"]


def packages(folder: Path, *, code: int = 0, sha256: str | None = None, version: str = "12.1.0.18276") -> Path:
    """The site's folder with one installer."""
    folder.mkdir()
    about: dict[str, Any] = {"installer": "exe", "silent": "/S", "view": "32", "key": WPS, "code": code}
    about["values"] = {"DisplayName": f"WPS Office ({version})", "DisplayVersion": version}
    content = json.dumps(about).encode()
    (folder / "WPS 安装.exe").write_bytes(content)
    entry = {"file": "WPS 安装.exe", "sha256": sha256 or hashlib.sha256(content).hexdigest(), "arguments": "/S"}
    (folder / "packages.yml").write_text(yaml.safe_dump({"packages": {"WPS Office": entry}}), "utf-8")
    return folder


def prepare(room: Room, folder: Path, *extra: str) -> Run:
    asked = ("--tags", "software", "-e", f"exam_packages_dir={folder}", "-e", "software_busy_wait=1")
    return room.step("prepare", *asked, *extra)


def test_who_cannot_be_given_it_is_named_and_a_wrong_package_touches_nobody(lacking: Room, tmp_path: Path) -> None:
    run = prepare(lacking, tmp_path / "none", "--check")
    assert run.status != 0
    assert "考试所需软件不齐" in run.output and "WPS Office: 未安装 not installed" in run.output
    recap = run.recap()
    assert {host for host in lacking.hosts if recap[host]["failed"]} == {HOST}

    run = prepare(lacking, packages(tmp_path / "wrong", sha256="0" * 64), "--check")
    assert run.status != 0
    assert "WPS 安装.exe 的 SHA-256 不符" in run.output
    assert set(run.recap()) == {"localhost"}


@pytest.mark.slow
def test_it_is_installed_where_it_is_missing_and_proven(lacking: Room, tmp_path: Path) -> None:
    room, boot = lacking, lacking.inside(HOST, "programs.py")["boot"]
    folder = packages(tmp_path / "packages", code=3010)
    check = prepare(room, folder, "--check")
    assert check.status == 0, check.output
    assert {host for host, _ in check.changes()} == {HOST}
    assert WPS not in room.inside(HOST, "programs.py", {"busy": 1})["programs"]

    run = prepare(room, folder)
    assert run.status == 0, run.output
    assert {host for host, _ in run.changes()} == {HOST}
    assert "FAILED - RETRYING" in run.output
    after = room.inside(HOST, "programs.py", {"there": FOLDER})
    assert after["programs"][WPS] == "32"
    assert after["boot"] != boot, "exit code 3010 restarts it"
    assert not after["there"], "the installer is taken away"

    again = prepare(room, folder)
    assert again.status == 0
    assert not again.changes()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("package", "said"),
    [({"code": 1603}, "WPS Office 没有装上（安装程序出错）"), ({"version": "12.0"}, "安装程序报告成功，但")],
)
def test_an_installer_that_does_not_bring_it_is_named(
    lacking: Room, tmp_path: Path, package: dict[str, Any], said: str
) -> None:
    run = prepare(lacking, packages(tmp_path / "packages", **package))
    assert run.status != 0
    assert f"{HOST}: {said}" in run.output
    assert {host for host in lacking.hosts if run.recap()[host]["failed"]} == {HOST}
    assert not lacking.inside(HOST, "programs.py", {"there": FOLDER})["there"]


@pytest.mark.slow
def test_chocolatey_brings_it_from_the_source_of_the_site(lacking: Room, tmp_path: Path) -> None:
    source, version = "https://packages.example.com/chocolatey/", "12.1.0.18276"
    values = {"DisplayName": f"WPS Office ({version})", "DisplayVersion": version}
    offered = {source: {"wps-office": {version: {"view": "32", "key": WPS, "values": values}}}}
    entry = {"chocolatey": "wps-office", "version": version, "source": source}
    (tmp_path / "packages.yml").write_text(yaml.safe_dump({"packages": {"WPS Office": entry}}), "utf-8")

    without = prepare(lacking, tmp_path)
    assert without.status != 0
    assert f"{HOST}: WPS Office 没有装上（退出码 1）" in without.output

    lacking.inside(HOST, "programs.py", {"chocolatey": offered, "busy": 1})
    assert {host for host, _ in prepare(lacking, tmp_path, "--check").changes()} == {HOST}
    run = prepare(lacking, tmp_path)
    assert run.status == 0, run.output
    assert {host for host, _ in run.changes()} == {HOST}
    assert lacking.inside(HOST, "programs.py", {})["programs"][WPS] == "32"
    assert not prepare(lacking, tmp_path).changes()
