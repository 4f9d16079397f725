"""Makes sealed discs of a set as docs/discs.md says, one candidate a disc, and seals again what a test has forged."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from exam_room.collect import results
from exam_room.collect.collect import BAG, Collector, Found
from exam_room.collect.discnames import Parts
from exam_room.collect.results import FILE, FOLDER, Owner
from exam_room.discs.image import build
from exam_room.journal.journal import Journal
from exam_room.seal import signature
from exam_room.seal.bag import INFO, SEAL, seal
from sealing.session import NOW, SAVED, SIGNER, SITTING, Content

MATERIAL = b"the raw material"
SAVED_FILES: Mapping[str, Mapping[str, bytes]] = {
    "KS01": {"单元1/报告 一.docx": b"report" * 1000, "100%.txt": b"percent", "笑😀.txt": b"laugh"},
    "KS02": {"说明.txt": MATERIAL},
    "KS03": {},
    "KS04": {},
    "KS05": {},
    "KS06": {},
}
"""One with results, one with a copy of the raw material only, then: absent, signed in, never seen, a spare seat."""
OWNERS = [Owner(f"KS{seat:02}", f"44010000000000000{seat}") for seat in range(1, 6)] + [Owner("KS06", None, True)]


class Saved:
    """A collect.Source over account -> path -> content."""

    def __init__(self, files: Mapping[str, Mapping[str, bytes]]) -> None:
        self._files = files

    def walk(self, folder: str) -> Iterator[Found]:
        for path, content in self._files[folder].items():
            parts = tuple(path.split("/"))
            for depth in range(1, len(parts)):
                yield Found(parts[:depth], FOLDER, 0, SAVED, SAVED)
            yield Found(parts, FILE, len(content), SAVED, SAVED)

    @contextlib.contextmanager
    def open_read(self, folder: str, parts: Parts, size: int) -> Iterator[Content]:
        yield Content([self._files[folder]["/".join(parts)]])


def make_session(directory: Path, owners: Sequence[Owner] = OWNERS) -> Path:
    """A cut session with its journal, cutoff record and collected bag."""
    directory.mkdir(parents=True)
    moments = iter(range(100))
    day: list[tuple[str, str, dict[str, Any]]] = [
        ("session", "created", {"session_id": SITTING.session_id, "room": SITTING.room}),
        ("material", "note", {"files": [{"path": "说明.txt", "sha256": hashlib.sha256(MATERIAL).hexdigest()}]}),
        ("open", "end", {"result": "done", "connected": ["KS01", "KS02", "KS04"], "missing": ["KS03", "KS05"]}),
        ("start", "end", {"result": "done", "started_at": "2025-06-01T01:00:00.000Z", "deadline": SITTING.deadline}),
        ("absent", "end", {"result": "done", "seat": 3, "present": False}),
        ("cutoff", "end", {"result": "done", "cut_at": SITTING.cutoff_at}),
    ]
    with Journal(directory, lambda: NOW + timedelta(seconds=next(moments))).writing() as writer:
        for step, event, data in day:
            writer.append("root@controller", step, event, data)
    seats = [{"number": n, "account": f"KS{n:02}", "connected": n == 1} for n in range(1, 7)]
    cutoff = {"mode": "deadline", "deadline": SITTING.deadline, "complete": True, "seats": seats}
    (directory / "cutoff.json").write_text(json.dumps(cutoff), encoding="utf-8")

    @contextlib.contextmanager
    def connect() -> Iterator[Saved]:
        yield Saved(SAVED_FILES)

    Collector(directory, connect, 1, lambda: NOW).collect(owners)
    return directory


def make_bag(directory: Path, key: Path, owners: Sequence[Owner] = OWNERS) -> Path:
    """The sealed bag of such a session."""
    session = make_session(directory, owners)
    seal(session, session / BAG, SITTING, key, SIGNER, lambda: NOW)
    return session / BAG


def reseal(bag: Path, key: Path) -> None:
    """Make both tag manifests and the signature anew, as somebody with this key could."""
    unlisted = ("tagmanifest-sha256.txt", "tagmanifest-sha512.txt", SEAL)
    tags = sorted(path for path in bag.iterdir() if path.is_file() and path.name not in unlisted)
    for name in ("sha256", "sha512"):
        lines = [f"{hashlib.new(name, path.read_bytes()).hexdigest()}  {path.name}\n" for path in tags]
        (bag / f"tagmanifest-{name}.txt").write_text("".join(lines), encoding="utf-8")
    (bag / SEAL).write_bytes(signature.sign(key, (bag / "tagmanifest-sha256.txt").read_bytes()))


def make_set(directory: Path, key: Path) -> list[Path]:
    """The sealed bags of two discs, seats 1 to 3 and 4 to 6."""
    bags = [make_bag(directory / f"disc{n}", key, owners) for n, owners in ((1, OWNERS[:3]), (2, OWNERS[3:]))]
    discs = []
    for number, bag in enumerate(bags, start=1):
        table = results.load(bag)
        told = ("account", "exam_number", "folder", "files", "bytes")
        discs.append(
            {
                "number": number,
                "volume": f"20250601AM_{number}",
                "candidates": [{name: one[name] for name in told} | {"part": 1, "parts": 1} for one in table.summary()],
                **{
                    f"manifest_{name}": hashlib.new(name, (bag / f"manifest-{name}.txt").read_bytes()).hexdigest()
                    for name in ("sha256", "sha512")
                },
            }
        )
    index = json.dumps({"version": 1, "session_id": SITTING.session_id, "discs": discs}, ensure_ascii=False)
    for number, bag in enumerate(bags, start=1):
        (bag / "index.json").write_text(index, encoding="utf-8")
        with (bag / INFO).open("a", encoding="utf-8") as info:
            info.write(f"Bag-Count: {number} of 2\nDisc-Volume: 20250601AM_{number}\n")
        reseal(bag, key)
    return bags


def image_of(bag: Path, target: Path) -> Path:
    """The image of a bag."""
    return build(bag, target, "20250601AM_1", "cd").path
