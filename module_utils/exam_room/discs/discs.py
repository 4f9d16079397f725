"""From the sealed discs to images, and from an image to a medium that was read back (V7)."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, replace
from pathlib import Path

from ..collect.collect import CHUNK
from ..errors import ExamError
from ..files import check_space, sync_directory, told, write_atomic
from ..journal.journal import Clock, utc_now
from ..seal import bag as sealed_bag
from ..seal.bag import hash_file, read_manifest
from . import record
from .burner import await_blank, burn, check_blank, look, read_back
from .discset import SealedDisc, load
from .image import Image, build, needed

_FILE_DEVICE = "stdio:"


@dataclass(frozen=True)
class DiscImage:
    """The image of a disc, read back and compared with what was sealed."""

    disc: SealedDisc
    image: Image
    expected: Path
    """JSON: path on the disc -> SHA-256 of every file on it."""
    files: int
    built: bool
    """Whether it was made now; False when it was there already, of these very contents."""


@dataclass(frozen=True)
class Attempt:
    """How writing one disc ended. Not ``ok`` and ``written``: the disc is bad; else the medium is as it was."""

    ok: bool
    written: bool
    device: str = ""
    files: int = 0
    closed: bool | None = None
    """Whether the medium takes no more; None for a file."""
    zh: str = ""
    en: str = ""


def expected_files(bag: Path) -> dict[str, str]:
    """Path -> SHA-256 of every file that the disc has to hold: payload and tag files as the sealed manifests say."""
    expected: dict[str, str] = {}
    for name in ("manifest-sha256.txt", "tagmanifest-sha256.txt"):
        expected |= read_manifest((bag / name).read_bytes())
    for name in ("tagmanifest-sha256.txt", "tagmanifest-sha512.txt", sealed_bag.SEAL):
        expected[name] = hash_file(bag / name, "sha256")["sha256"]
    return expected


def make_images(session: Path, clock: Clock = utc_now) -> list[DiscImage]:
    """The image of every disc of the session, each built once, read back, compared and recorded.

    Refuses, before the first is written, when one exceeds its medium or all together the controller's disk.
    """
    discs = load(session)
    known = record.read(session)
    if known.sealed is None:
        raise ExamError("光盘内容还没有封存，请重新执行刻盘。", "The discs are not sealed; run the burn step again.")
    medium = str(known.sealed["medium"])
    ready = {disc.number: image for disc in discs if (image := _recorded(session, known, disc)) is not None}
    sizes = [needed(disc.folder, disc.volume, medium) for disc in discs if disc.number not in ready]
    check_space(session / record.FOLDER, sum(sizes))
    made = []
    for disc in discs:
        expected = expected_files(disc.folder)
        target = session / record.FOLDER / f"{disc.volume}.iso"
        beside = target.with_suffix(".sha256.json")
        with told(beside):
            write_atomic(beside, (json.dumps(expected, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode())
        image = ready.get(disc.number)
        built = image is None
        if image is None:
            image = build(disc.folder, target, disc.volume, medium)
            read_back(image, None, expected)
            data = {"disc": disc.number, "volume": disc.volume, "sha256": image.sha256, "size": image.size}
            of = {"files": len(expected), "tagmanifest_sha256": disc.tagmanifest_sha256}
            record.append(session, record.IMAGE, {**data, **of}, clock)
        made.append(DiscImage(disc, image, beside, len(expected), built))
    return made


def _recorded(session: Path, known: record.Record, disc: SealedDisc) -> Image | None:
    """The image of an earlier run, if it is of these very contents and still whole."""
    found = known.images.get(disc.number)
    path = session / record.FOLDER / f"{disc.volume}.iso"
    if found is None or found["tagmanifest_sha256"] != disc.tagmanifest_sha256:
        return None
    if hash_file(path, "sha256")["sha256"] != found["sha256"]:
        return None
    return Image(path, disc.volume, found["size"], found["sha256"])


def recorded_image(session: Path, disc: int) -> Image:
    """The image of a disc as the record names it; it is what a burned disc is compared with."""
    found = record.read(session).images.get(disc)
    if found is None:
        raise ExamError(f"第 {disc} 张光盘还没有映像。", f"There is no image of disc {disc} yet.")
    return Image(session / record.FOLDER / f"{found['volume']}.iso", found["volume"], found["size"], found["sha256"])


def await_disc(session: Path, disc: int, target: str, seconds: float, known: str = "") -> ExamError | None:
    """burner.await_blank for the disc's image. Raises ExamError when there is none."""
    return await_blank(target, recorded_image(session, disc).size, seconds, known)


def write_disc(session: Path, copy: int, disc: int, target: str) -> Attempt:
    """Write the disc's image to ``target``, a drive of the controller or ``image``, and read it back to its end.

    What is wrong with the drive or the medium is said in the answer. Raises ExamError when there is no image, or no
    space for a file that plays a disc.
    """
    image = recorded_image(session, disc)
    expected = json.loads(image.path.with_suffix(".sha256.json").read_text(encoding="utf-8"))
    if target == record.TO_IMAGE:
        return _write_file(image, image.path.parent / f"copy{copy}" / image.path.name, expected)
    try:
        check_blank(target, image.size)
    except ExamError as exc:
        return Attempt(ok=False, written=False, device=target, zh=exc.zh, en=exc.en)
    try:
        burn(image, target)
        files = read_back(image, target, expected)
    except ExamError as exc:
        return Attempt(ok=False, written=True, device=target, zh=exc.zh, en=exc.en)
    closed = look(target).closed
    if not closed and not target.startswith(_FILE_DEVICE):
        said = ("光盘没有封口，还能再写入", "the disc is not closed, it can still be written to")
        return Attempt(ok=False, written=True, device=target, files=files, closed=closed, zh=said[0], en=said[1])
    return Attempt(ok=True, written=True, device=target, files=files, closed=closed)


def _write_file(image: Image, path: Path, expected: dict[str, str]) -> Attempt:
    """A file that plays the disc: written from the image, durable, and read back like one."""
    check_space(path.parent, image.size)
    partial = path.with_name(path.name + ".partial")
    with told(partial):
        path.parent.mkdir(exist_ok=True)
        with image.path.open("rb") as source, partial.open("wb") as sink:
            while chunk := source.read(CHUNK):
                sink.write(chunk)
            sink.flush()
            os.fsync(sink.fileno())
        partial.replace(path)
        sync_directory(path.parent)
    try:
        files = read_back(replace(image, path=path), None, expected)
    except ExamError as exc:
        return Attempt(ok=False, written=True, device=f"{path.parent.name}/{path.name}", zh=exc.zh, en=exc.en)
    return Attempt(ok=True, written=True, device=f"{path.parent.name}/{path.name}", files=files)
