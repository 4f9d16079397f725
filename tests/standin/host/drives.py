"""Windows paths and where they lie in the container: C: is /srv/c, D: is /srv/d."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

ROOT = Path("/srv")


def to_unix(windows: str, root: Path = ROOT) -> Path:
    r"""``D:\Exam\share`` -> ``/srv/d/Exam/share``; letter case is taken from what exists, as NTFS would.

    Raises ValueError for a path without a drive, or one that climbs out of it.
    """
    drive, colon, rest = windows.partition(":")
    parts = [part for part in rest.replace("/", "\\").split("\\") if part not in ("", ".")]
    if not colon or len(drive) != 1 or not drive.isalpha() or ".." in parts:
        raise ValueError(f"not a path on a drive: {windows}")
    path = root / drive.lower()
    for part in parts:
        path /= _as_stored(path, part)
    return path


def _as_stored(folder: Path, name: str) -> str:
    if (folder / name).exists() or not folder.is_dir():
        return name
    return next((entry.name for entry in folder.iterdir() if entry.name.lower() == name.lower()), name)


def to_windows(unix: str, root: Path = ROOT) -> str:
    r"""``/srv/d/Exam/share`` -> ``D:\Exam\share``; ``/srv/d`` -> ``D:\``. ValueError outside the drives."""
    parts = PurePosixPath(unix).relative_to(root).parts
    if not parts or len(parts[0]) != 1:
        raise ValueError(f"not on a drive: {unix}")
    return parts[0].upper() + ":\\" + "\\".join(parts[1:])
