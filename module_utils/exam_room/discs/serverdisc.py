"""Reading back a disc in the burner of the server (V7): whether it holds exactly what it has to.

What the burning script reported of it: :mod:`discreport`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from ..errors import ExamError
from ..wire.smbentry import Entry
from ..wire.smberrors import ConnectionLost, SmbError, Unreachable
from .discreport import BAD_EN, BAD_ZH


class Handle(Protocol):
    """An open file of the disc."""

    def chunks(self) -> Iterator[bytes]: ...


class Files(Protocol):
    """What is needed of a share: smbfiles.Share, or a fake."""

    def walk(self, path: str) -> Iterable[Entry]: ...
    def open_read(self, path: str) -> AbstractContextManager[Any]: ...


@dataclass(frozen=True)
class Comparison:
    """Every file of the disc against what has to be on it: ``files`` were equal; paths with ``/`` in the others."""

    files: int
    missing: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    unreadable: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Exactly what was expected, and all of it readable."""
        return not (self.missing or self.extra or self.changed or self.unreadable)

    def reason(self) -> dict[str, str] | str:
        """What differs, in both languages, the first names of each sort; empty when nothing does."""
        if self.ok:
            return ""
        sorts = (
            ("读不出", "unreadable", self.unreadable),
            ("内容不符", "changed", self.changed),
            ("缺失", "missing", self.missing),
            ("多出", "extra", self.extra),
        )
        zh = "；".join(f"{word} {_some(names)}" for word, _, names in sorts if names)
        en = "; ".join(f"{word}: {_some(names)}" for _, word, names in sorts if names)
        return {
            "zh": f"回读核对不一致：{zh}。{BAD_ZH}",
            "en": f"Read back, the disc is not what was burned: {en}. {BAD_EN}",
        }


def _some(names: tuple[str, ...]) -> str:
    more = f" … ({len(names)})" if len(names) > 3 else ""
    return ", ".join(names[:3]) + more


def check_expected(expected: object) -> dict[str, str]:
    """The list of what has to be on the disc: path -> SHA-256. Raises ExamError for anything else, or an empty one."""
    if isinstance(expected, dict) and expected:
        listed = {path: digest.lower() for path, digest in expected.items() if isinstance(digest, str)}
        if len(listed) == len(expected) and all(len(digest) == 64 for digest in listed.values()):
            return listed
    raise ExamError(
        "光盘文件清单（burner_expected）应为 {路径: SHA-256}，且不能为空。",
        "The list of the disc's files (burner_expected) has to be {path: SHA-256} and must not be empty.",
    )


def compare(files: Files, expected: Mapping[str, str], progress: Callable[[int], None] = lambda _: None) -> Comparison:
    """Read every file of the disc to its end and compare it with ``expected``.

    A file or folder that the server cannot read makes the disc bad. A connection that is lost proves nothing about the
    disc: ConnectionLost and Unreachable come through. ``progress`` is told the bytes of each piece.
    """
    found: dict[str, str] = {}
    unreadable: list[str] = []
    for path, wire in _listed(files, unreadable):
        try:
            found[path] = _hash(files, wire, progress)
        except (ConnectionLost, Unreachable):
            raise
        except SmbError as error:
            unreadable.append(f"{path} ({error.status})")
            found[path] = ""
    known = found.keys() & expected.keys()
    return Comparison(
        files=sum(found[path] == expected[path] for path in known),
        missing=tuple(sorted(expected.keys() - found.keys())),
        extra=tuple(sorted(found.keys() - expected.keys())),
        changed=tuple(sorted(path for path in known if found[path] and found[path] != expected[path])),
        unreadable=tuple(unreadable),
    )


def _listed(files: Files, unreadable: list[str]) -> Iterator[tuple[str, str]]:
    """Each file of the disc, as on the list of what is expected and as on the wire."""
    try:
        for entry in files.walk(""):
            if not entry.is_dir:
                yield entry.path.replace("\\", "/"), entry.path
    except (ConnectionLost, Unreachable):
        raise
    except SmbError as error:
        unreadable.append(f"/ ({error.status})")


def _hash(files: Files, path: str, progress: Callable[[int], None]) -> str:
    digest = hashlib.sha256()
    with files.open_read(path) as handle:
        for chunk in handle.chunks():
            digest.update(chunk)
            progress(len(chunk))
    return digest.hexdigest()
