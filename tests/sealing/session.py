"""Makes a session directory as it stands after the collection, without a server."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from exam_room.collect.collect import BAG, Collector, Found
from exam_room.collect.discnames import Parts
from exam_room.collect.results import FILE, FOLDER, Owner
from exam_room.journal.journal import Journal
from exam_room.seal import signature
from exam_room.seal.bag import Sealed, Sitting, seal

SIGNER = "4401"
SAVED = 133_932_131_234_567_891
NOW = datetime(2025, 6, 1, 3, 5, tzinfo=UTC)
SITTING = Sitting(
    site="示例考试站",
    room="301",
    session_id="2025-06-01-am",
    exam="S1",
    deadline="2025-06-01T03:00:00.000Z",
    cutoff_at="2025-06-01T03:00:00.041Z",
)
FILES: Mapping[str, bytes] = {
    "单元1/报告 一.docx": b"report" * 1000,
    "空.txt": b"",
    "照片[1]*'s.jpg".replace("*", "x"): bytes(range(256)) * 20,
    "笑😀.txt": b"laugh",
    "Report.txt": b"upper",
    "report.txt": b"lower",
    "CON": b"device",
    "a/b/c/d/e/f/g/h/i/j/k/deep.txt": b"deep",
    # Longer than the 120 characters that a Joliet tree has by default.
    "/".join(f"第{level}层文件夹" for level in range(1, 25)) + "/最深处的文件.png": b"deepest",
    "100%.txt": b"percent",
}


@dataclass
class Content:
    """A collect.Content of one piece."""

    chunks: Iterable[bytes | memoryview]
    streams: Sequence[tuple[str, int]] = ()


class Folders:
    """A collect.Source over a dictionary of path -> content, the same for every account."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._files = {tuple(path.split("/")): content for path, content in files.items()}

    def walk(self, folder: str) -> Iterator[Found]:
        parents = {parts[:depth] for parts in self._files for depth in range(1, len(parts))}
        for parts in sorted(parents):
            yield Found(parts, FOLDER, 0, SAVED, SAVED)
        yield Found(("空文件夹",), FOLDER, 0, SAVED, SAVED)
        for parts, content in self._files.items():
            yield Found(parts, FILE, len(content), SAVED, SAVED)

    @contextlib.contextmanager
    def open_read(self, folder: str, parts: Parts, size: int) -> Iterator[Content]:
        yield Content([self._files[parts]])


def collected(session: Path, files: Mapping[str, bytes] = FILES) -> Path:
    """A session of two candidates who saved the same files; the session directory."""
    session.mkdir(parents=True, exist_ok=True)
    with Journal(session, lambda: NOW).writing() as writer:
        writer.append("root@controller", "cutoff", "end", {"result": "done"})
    (session / "cutoff.json").write_text('{"cutoff_at": "2025-06-01T03:00:00.041Z"}', encoding="utf-8")

    @contextlib.contextmanager
    def connect() -> Iterator[Folders]:
        yield Folders(files)

    Collector(session, connect, 2, lambda: NOW).collect([Owner("KS01", "440100000000000001"), Owner("KS02", None)])
    return session


def make_key(keys: Path) -> Path:
    """The site's key, made on first use."""
    signature.make_key(keys / "seal", SIGNER)
    return keys / "seal"


def sealed(session: Path, key: Path) -> Sealed:
    """Seal the session's bag, at NOW."""
    return seal(session, session / BAG, SITTING, key, SIGNER, lambda: NOW)
