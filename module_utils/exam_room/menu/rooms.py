"""Which room: a folder like inventories/example."""

from __future__ import annotations

from pathlib import Path

from ..errors import ExamError

# Folders that come with the project and are no room of anybody's.
_NOT_ROOMS = frozenset({"example", "rehearsal"})
_ENCRYPTED = b"$ANSIBLE_VAULT"


def rooms(project: Path) -> list[Path]:
    """The rooms of this controller, by name."""
    return sorted(
        path for path in (project / "inventories").iterdir() if _is_room(path) and path.name not in _NOT_ROOMS
    )


def _is_room(path: Path) -> bool:
    return path.is_dir() and any(path.glob("hosts*"))


def named(project: Path, name: str) -> Path:
    """The room that was named on the command line: a folder, or the name of one in inventories/.

    Raises ExamError with the rooms there are.
    """
    for path in (Path(name), project / "inventories" / name):
        if _is_room(path):
            return path.resolve()
    known = "、".join(path.name for path in rooms(project))
    raise ExamError(
        f"没有考场 {name}：找不到这个目录，或目录中没有 hosts 文件。" + (f"现有考场：{known}" if known else ""),
        f"No room {name}: there is no such folder, or it has no hosts file.",
    )


def is_encrypted(room: Path) -> bool:
    """Whether the room's variables are kept in a vault, so that a password is needed to read them."""
    files = [path for folder in ("group_vars", "host_vars") for path in (room / folder).rglob("*") if path.is_file()]
    return any(_ENCRYPTED in path.read_bytes() for path in files)
