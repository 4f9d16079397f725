"""What is done by the side door is undone by the order that it prints, to the last folder."""

from __future__ import annotations

import base64
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from sabotage.inside import tamper
from standin.endpoint.initial import bare
from standin.endpoint.registry import Registry
from standin.endpoint.store import Store
from standin.host import drives

KEY = r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Component Based Servicing\RebootPending"
Tree = dict[str, bytes | None]


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A host's drives with one file, and its model state."""
    store = Store(tmp_path / "state.json", bare(server=False))
    monkeypatch.setattr(tamper, "_store", lambda: store)
    monkeypatch.setattr(drives, "to_unix", partial(drives.to_unix, root=tmp_path / "drives"))
    folder = tmp_path / "drives/d/Exam"
    folder.mkdir(parents=True)
    (folder / "素材.txt").write_bytes(b"raw")
    return tmp_path / "drives"


def tree(top: Path) -> Tree:
    return {str(path): path.read_bytes() if path.is_file() else None for path in top.rglob("*")}


def encoded(content: bytes) -> str:
    return base64.b64encode(content).decode()


def obey(order: dict[str, Any]) -> dict[str, Any]:
    return tamper.ORDERS[order.pop("do")](**order)


@pytest.mark.parametrize(
    ("path", "content"),
    [
        (r"D:\Exam\第二单元\别的\要求.txt", b"of another unit"),
        (r"D:\Exam\素材.txt", b"rax"),
        (r"D:\Exam\素材.txt", None),
    ],
    ids=["in new folders", "altered", "gone"],
)
def test_a_file_and_its_folders_are_as_before(host: Path, path: str, content: bytes | None) -> None:
    before = tree(host)
    undo = tamper.file(path, None if content is None else encoded(content))
    assert tree(host) != before
    obey(undo)
    assert tree(host) == before


def there() -> bool:
    return Registry(tamper._store().read()["registry"]).has_key(KEY)


def test_a_key_of_the_registry_is_gone_again(host: Path) -> None:
    undo = tamper.registry_key(KEY)
    assert there()
    obey(undo)
    assert not there()


def test_a_value_of_the_registry_is_as_before(host: Path) -> None:
    tamper.registry(KEY, "x", "dword", 1)
    for change in ({"data": 2}, {"gone": True}):
        obey(tamper.registry(KEY, "x", "dword", **change))
        value = Registry(tamper._store().read()["registry"]).get(KEY, "x")
        assert value is not None and value.data == 1
