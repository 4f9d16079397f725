"""The model answers only what Microsoft's schema has, in its types."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from xml.etree import ElementTree

import pytest

from standin.endpoint.host import Host
from standin.endpoint.soap import _NAMESPACES
from standin.endpoint.wql import schema, wire
from standin.endpoint.wql.instances import PROVIDERS
from standin.endpoint.wql.tasks import EMBEDDED

from .conftest import RunModule

CLASSES = {found.name: found for found in schema.classes().values()}
PYTHON: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "boolean": (bool,),
    "datetime": (datetime,),
    "reference": (wire.Reference,),
}


@pytest.fixture(autouse=True)
def something_of_everything(host: Host, run: RunModule) -> None:
    with host.store.change() as state:
        state["uwf"] = {"enabled": False, "enabled_next": True, "volumes": [], "volumes_next": ["C"]}
        state["antivirus"]["products"].append({"name": "火绒安全软件", "state": 0x41000})
        state["antivirus"]["threats"].append("Virus:DOS/EICAR_Test_File")
        found = {"id": "1", "name": "Virus:DOS/EICAR_Test_File", "file": "C:\\x", "at": "2026-11-25T08:00:00+08:00"}
        state["antivirus"]["detections"].append(found | {"cleaned": False})
    run("win_user", name="KS01", password="Pw-12345678", groups=["S-1-5-32-545"])
    run("win_share", name="exam", path="D:\\", change="KS01")
    assert run("win_command", cmd='cmd.exe /d /s /c "fsutil quota modify D: 9 10 "KS01""')["rc"] == 0
    run(
        "community.windows.win_firewall_rule", name="x", direction="in", action="block", protocol="tcp", localport="445"
    )
    run(
        "community.windows.win_scheduled_task",
        name="x",
        path="\\Exam",
        actions=[{"path": "x.exe"}],
        triggers=[{"type": "boot"}],
    )


def test_every_class_served_is_in_the_schema() -> None:
    assert set(PROVIDERS) | {"StdRegProv", "PS_ScheduledTask"} | EMBEDDED == set(CLASSES)


@pytest.mark.parametrize("name", sorted(PROVIDERS))
def test_rows_have_the_properties_and_types_of_the_schema(host: Host, name: str) -> None:
    rows = PROVIDERS[name](host)
    assert rows
    properties = {found.name: found for found in CLASSES[name].properties.values()}
    for row in rows:
        assert set(row) <= set(properties)
        for key, value in row.items():
            check(properties[key], value)


def check(expected: schema.Property, value: Any) -> None:
    if value is None:
        return
    assert isinstance(value, list) == expected.array, expected
    for entry in value if expected.array else [value]:
        if isinstance(entry, wire.Embedded):
            assert expected.kind == "object"
            properties = {found.name: found for found in entry.wmi_class.properties.values()}
            for key, inner in entry.row.items():
                check(properties[key], inner)
            continue
        allowed = PYTHON.get(expected.kind, (int, float))
        assert isinstance(entry, allowed), (expected, entry)
        assert not (isinstance(entry, bool) and bool not in allowed), (expected, entry)


@pytest.mark.parametrize("name", sorted(PROVIDERS))
def test_instances_are_well_formed(host: Host, name: str) -> None:
    for row in PROVIDERS[name](host):
        folded = {key.casefold(): value for key, value in row.items()}
        for text in (wire.instance(CLASSES[name], folded), wire.fragment(CLASSES[name], folded, sorted(folded))):
            ElementTree.fromstring(f"<x {_NAMESPACES}>{text}</x>")


def test_a_fragment_is_alphabetical_and_without_namespace() -> None:
    text = wire.fragment(CLASSES["Win32_Share"], {"name": "a&b\x01", "type": 0, "path": None}, ["type", "path", "name"])
    assert text == '<w:XmlFragment><Name>a&amp;b?</Name><Path xsi:nil="true"/><Type>0</Type></w:XmlFragment>'
