"""The site's folder of software packages, and what each host needs of it."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
import yaml

from exam_room.errors import InputRefused
from exam_room.room.packages import Choice, chosen_of, load_packages
from unit.room.samples import only

CONTENT = b"MZ installer"
SHA256 = hashlib.sha256(CONTENT).hexdigest()
WPS = {"file": "WPS 安装.exe", "sha256": SHA256, "version": "12.1.0.18276", "arguments": "/S"}
REQUIRED = {"name": "WPS Office", "match": ["WPS Office*"], "minimum": "12.1", "hosts": "clients"}
SOFTWARE = {"required": [REQUIRED]}
SOURCE = "https://packages.example.com/chocolatey/"
BY_CHOCOLATEY = {"chocolatey": "wps-office", "version": "12.1.0.18276", "source": SOURCE}


def folder(tmp_path: Path, packages: Any, *, files: bool = True) -> Path:
    (tmp_path / "packages.yml").write_text(yaml.safe_dump({"packages": packages}, allow_unicode=True), "utf-8")
    if files:
        (tmp_path / str(WPS["file"])).write_bytes(CONTENT)
    return tmp_path


def host(*programs: tuple[str, str | None], free: int = 10**10) -> dict[str, Any]:
    shown = [
        {"name": name, "version": version, "publisher": None, "view": "64", "key": name}
        for name, version in (("7-Zip", "23.01"), *programs)
    ]
    disks = [{"drive": "C:", "free": free, "size": 10**11, "file_system": "NTFS"}]
    return {"software": {"value": shown}, "disks": {"value": disks}}


def choose(place: Path, software: dict[str, Any] = SOFTWARE, **hosts: dict[str, Any]) -> Choice:
    return chosen_of(software, place, hosts, "server")


def test_only_who_lacks_it_gets_it(tmp_path: Path) -> None:
    chosen = choose(
        folder(tmp_path, {"WPS Office": WPS}),
        server=host(),
        pc01=host(("WPS Office (12.1.0.18276)", "12.1.0.18276")),
        pc02=host(("WPS Office 2016", "10.1.0.7698")),
        pc03=host(),
    )
    assert chosen.trouble == {}
    assert {name: [one.name for one in packages] for name, packages in chosen.install.items()} == {
        "pc02": ["WPS Office"],
        "pc03": ["WPS Office"],
    }
    assert chosen.to_dict()["install"]["pc02"][0] == {
        "name": "WPS Office",
        "kind": "file",
        "path": str(tmp_path / "WPS 安装.exe"),
        "file": "WPS 安装.exe",
        "sha256": SHA256,
        "provider": "registry",
        "arguments": "/S",
        "wait_for_children": False,
        "url": "",
    }


def test_where_nobody_needs_it_its_file_may_be_missing(tmp_path: Path) -> None:
    place = folder(tmp_path, {"WPS Office": WPS}, files=False)
    assert choose(place, pc01=host(("WPS Office", "12.1"))).install == {}


def test_a_package_by_another_name_for_two_programs(tmp_path: Path) -> None:
    both = {"required": [REQUIRED | {"package": "wps"}, {"name": "PDF", "match": ["WPS PDF"], "package": "WPS"}]}
    chosen = choose(folder(tmp_path, {"WPS": WPS}), both, pc01=host())
    assert [one.name for one in chosen.install["pc01"]] == ["WPS"]


@pytest.mark.parametrize(
    ("seen", "said"),
    [
        (host(("WPS Office", "unreadable")), "版本读不懂"),
        (host(free=len(CONTENT)), "空间不足"),
        ({"software": {"unknown": "timed out"}}, "timed out"),
        ({"software": {"value": []}}, "读不到"),
        ({}, "读不到"),
    ],
)
def test_what_cannot_be_done_is_said_of_the_host_and_the_others_go_on(
    tmp_path: Path, seen: dict[str, Any], said: str
) -> None:
    chosen = choose(folder(tmp_path, {"WPS Office": WPS}), pc01=seen, pc02=host())
    assert list(chosen.trouble) == ["pc01"]
    assert said in chosen.trouble["pc01"][0]
    assert list(chosen.install) == ["pc02"]


def test_without_a_package_the_host_is_named(tmp_path: Path) -> None:
    chosen = choose(tmp_path, pc01=host(("WPS Office", "9.9")), pc02=host(("WPS Office", "13")))
    (told,) = chosen.trouble["pc01"]
    assert "WPS Office 9.9" in told and "12.1" in told and "packages.yml" in told
    assert chosen.install == {}


def test_chocolatey_brings_what_its_source_has(tmp_path: Path) -> None:
    """Nothing lies in the folder, so there is nothing to check here, nor a size."""
    chosen = choose(folder(tmp_path, {"WPS Office": BY_CHOCOLATEY}, files=False), pc01=host(free=0))
    assert chosen.trouble == {}
    assert chosen.to_dict()["install"]["pc01"] == [
        {
            "name": "WPS Office",
            "kind": "chocolatey",
            "id": "wps-office",
            "version": "12.1.0.18276",
            "source": SOURCE,
            "url": "",
        }
    ]


def test_chocolatey_of_an_older_version_than_the_exam_wants_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputRefused, match=r"installs 12\.0, the exam requires 12.1"):
        choose(folder(tmp_path, {"WPS Office": BY_CHOCOLATEY | {"version": "12.0"}}), pc01=host())


@pytest.mark.parametrize(
    ("change", "field", "english"),
    [
        ({"chocolatey": "WPS Office"}, "chocolatey", "id of a package"),
        ({"version": None}, "version", "is missing"),
        ({"version": "newest"}, "version", "such as 12.1.0"),
        ({"source": None}, "source", "is missing"),
        ({"source": r"\\server\packages"}, "source", "http:// or https://"),
        ({"sha256": SHA256}, "sha256", "does not go together"),
        ({"file": "a.msi"}, "file", "does not go together"),
        ({"arguments": "/S"}, "arguments", "does not go together"),
        ({"url": SOURCE}, "url", "does not go together"),
    ],
)
def test_refuses_of_chocolatey(tmp_path: Path, change: dict[str, str | None], field: str, english: str) -> None:
    entry = {name: value for name, value in (BY_CHOCOLATEY | change).items() if value is not None}
    with pytest.raises(InputRefused) as refused:
        load_packages(folder(tmp_path, {"WPS Office": entry}))
    problem = only(refused.value)
    assert (problem.field, english in problem.en) == (f"packages.WPS Office.{field}", True), problem.en


def test_space_that_was_not_read_is_left_to_the_copying(tmp_path: Path) -> None:
    seen = host() | {"disks": {"unknown": "timed out"}}
    assert "pc01" in choose(folder(tmp_path, {"WPS Office": WPS}), pc01=seen).install


@pytest.mark.parametrize(
    ("change", "field", "english"),
    [
        ({"sha256": "0" * 64}, "sha256", "another SHA-256"),
        ({"file": "no.exe"}, "file", "No such file"),
        ({"version": "12.0"}, "version", "installs 12.0, the exam requires 12.1"),
    ],
)
def test_refuses_a_package_that_will_not_do(tmp_path: Path, change: dict[str, str], field: str, english: str) -> None:
    with pytest.raises(InputRefused) as refused:
        choose(folder(tmp_path, {"WPS Office": WPS | change}), pc01=host())
    problem = only(refused.value)
    assert (problem.file, problem.field) == ("packages.yml", f"packages.WPS Office.{field}")
    assert english in problem.en


@pytest.mark.parametrize(
    ("change", "field", "english"),
    [
        ({"file": None}, "file", "is missing"),
        ({"sha256": None}, "sha256", "is missing"),
        ({"sha256": "abc"}, "sha256", "64 hexadecimal digits"),
        ({"file": "../a.exe"}, "file", "no Windows file name"),
        ({"file": "a.zip"}, "file", ".msi or .exe"),
        ({"arguments": None}, "arguments", "arguments for silence"),
        ({"version": "最新"}, "version", "such as 12.1.0"),
        ({"wait_for_children": "yes"}, "wait_for_children", "true or false"),
        ({"url": "ftp://a/b"}, "url", "http:// or https://"),
        ({"source": SOURCE}, "source", "goes together with chocolatey only"),
        ({"checksum": "x"}, "checksum", "unknown key checksum"),
    ],
)
def test_refuses(tmp_path: Path, change: dict[str, str | None], field: str, english: str) -> None:
    entry = {name: value for name, value in (WPS | change).items() if value is not None}
    with pytest.raises(InputRefused) as refused:
        load_packages(folder(tmp_path, {"WPS Office": entry}))
    problem = only(refused.value)
    assert (problem.file, problem.field) == ("packages.yml", f"packages.WPS Office.{field}")
    assert english in problem.en
    assert problem.row


@pytest.mark.parametrize(
    ("content", "english"),
    [
        ("packages: [a]", "mapping"),
        ("package: {}", "unknown key package"),
        ("a", "mapping"),
        (f"packages: {{a: {{file: a.msi, sha256: {SHA256}}}, A: {{file: a.msi, sha256: {SHA256}}}}}", "already"),
    ],
)
def test_refuses_another_shape(tmp_path: Path, content: str, english: str) -> None:
    (tmp_path / "packages.yml").write_text(content, "utf-8")
    with pytest.raises(InputRefused) as refused:
        load_packages(tmp_path)
    assert any(english in problem.en for problem in refused.value.problems)


def test_an_msi_needs_no_arguments_and_a_long_address_is_one(tmp_path: Path) -> None:
    url = "https://example.com/" + "a" * 300
    found = load_packages(folder(tmp_path, {"a": {"file": "A.MSI", "sha256": SHA256.upper(), "url": url}}))
    shown = found["a"].to_dict()
    assert (shown["provider"], shown["url"], shown["sha256"]) == ("msi", url, SHA256)


def test_no_file_means_no_packages(tmp_path: Path) -> None:
    assert load_packages(tmp_path) == {}
