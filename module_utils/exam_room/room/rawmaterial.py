"""The raw material of the exams on the controller: which files there are, and which of them a session examines."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ..errors import ExamError

BLOCK: Final = 512 * 1024


@dataclass(frozen=True)
class Item:
    """One file of the raw material: path below the top with backslashes, size in bytes, SHA-256 in hexadecimal."""

    path: str
    size: int
    sha256: str


def blocks(path: Path) -> Iterator[bytes]:
    """The content of a file, half a MB at a time."""
    with path.open("rb") as stream:
        while block := stream.read(BLOCK):
            yield block


def local_manifest(top: Path, only: Sequence[str] | None = None) -> dict[str, Item]:
    """Every file below ``top``, or of its folders named in ``only``: none of them is no file.

    ExamError for a folder that is missing or empty, a link, a name that Windows cannot have, or takes for another one.
    """
    if only is not None and not only:
        return {}
    if not top.is_dir():
        raise ExamError(f"{top}：原始素材文件夹不存在", f"{top}: no folder with raw material")
    for name in only or ():
        if not (top / name).is_dir():
            raise ExamError(f"{top / name}：没有这个单元的原始素材", f"{top / name}: this unit has no raw material")
    items: dict[str, Item] = {}
    spelt: dict[str, Path] = {}
    for path in sorted(top.rglob("*")):
        if only is not None and path.relative_to(top).parts[0] not in only:
            continue
        if path.is_symlink():
            raise ExamError(f"{path}：原始素材中不允许链接", f"{path}: links are not allowed in the raw material")
        parts = path.relative_to(top).parts
        if any(set(part) & set('\\/:*?"<>|') or part[-1] in ". " for part in parts):
            raise ExamError(f"{path}：Windows 不允许此文件名", f"{path}: Windows cannot have this name")
        same = spelt.setdefault("\\".join(parts).casefold(), path)
        if same != path:
            raise ExamError(
                f"{path}：与 {same} 只有大小写不同，Windows 会把两者当作一个",
                f"{path}: differs from {same} in case only, Windows takes both for one",
            )
        if path.is_file():
            digest = hashlib.sha256()
            for block in blocks(path):
                digest.update(block)
            name = "\\".join(parts)
            items[name] = Item(name, path.stat().st_size, digest.hexdigest())
    for name in only or ():
        if not any(path.startswith(f"{name}\\") for path in items):
            raise ExamError(
                f"{top / name}：这个单元的原始素材文件夹是空的。没有素材的单元，请在考试文件中写 folder: null",
                f"{top / name}: the folder of this unit's raw material is empty; a unit without any has folder: null",
            )
    return items


def of_session(top: Path, session: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The raw material that a session examines, below ``top`` on the controller: unit, path, size, sha256 of each file.

    ``session`` is that of plan.json. ExamError as ``local_manifest``.
    """
    units = {unit["folder"]: unit["name"] for unit in session["units"] if unit["folder"]}
    items = local_manifest(top / session["exam"]["material"], list(units))
    return [{"unit": units[one.path.partition("\\")[0]], **vars(one)} for one in items.values()]
