"""From a sealed bag to a disc that was read back: builds the image once, writes it, compares, keeps the record."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import ExamError
from ..files import write_atomic
from ..journal.journal import Clock, stamp, utc_now
from . import bag as sealed_bag
from .bag import hash_file, read_manifest
from .burner import burn, check_blank, look, read_back
from .image import Image, build, check_tool, volume_name

TO_IMAGE = "image"


@dataclass(frozen=True)
class Order:
    """What to make: ``target`` is ``image`` (a rehearsal stops there) or a drive as burner.py names it."""

    bag: Path
    discs: Path
    session_id: str
    medium: str
    target: str
    disc: int = 1

    @property
    def device(self) -> str | None:
        return None if self.target == TO_IMAGE else self.target


@dataclass(frozen=True)
class Disc:
    """A disc or image that was compared equal, byte by byte and file by file."""

    image: Image
    files: int
    closed: bool | None
    """Whether the medium takes no more; None for an image."""
    built: bool
    """Whether the image was made now; False when it was there already, of this very bag."""
    verified_at: str


def expected_files(bag: Path) -> dict[str, str]:
    """Path -> SHA-256 of every file that the disc has to hold: payload and tag files as the sealed manifests say."""
    expected: dict[str, str] = {}
    for name in ("manifest-sha256.txt", "tagmanifest-sha256.txt"):
        expected |= read_manifest((bag / name).read_bytes())
    for name in ("tagmanifest-sha256.txt", "tagmanifest-sha512.txt", sealed_bag.SEAL):
        expected[name] = hash_file(bag / name, "sha256")["sha256"]
    return expected


def make(order: Order, clock: Clock = utc_now) -> Disc:
    """Build, burn and read back. Raises ExamError; whatever was written before that counts for nothing."""
    volume = volume_name(order.session_id, order.disc)
    path = order.discs / f"{volume}.iso"
    record = order.discs / f"{volume}.json"
    if order.device is not None:
        # Ask for the medium before the long work, not after it.
        check_blank(order.device, 0)
    image = _recorded(record, path, order.bag)
    built = image is None
    if image is None:
        image = build(order.bag, path, volume, order.medium)
    if order.device is not None:
        burn(image, order.device)
    files = read_back(image, order.device, expected_files(order.bag))
    closed = None if order.device is None else look(order.device).closed
    disc = Disc(image, files, closed, built, stamp(clock()))
    _keep(record, order, disc)
    return disc


def check(order: Order) -> str:
    """What can be checked without writing (check mode): the drive and its medium; answers with the volume name."""
    check_tool()
    if order.device is not None:
        check_blank(order.device, 0)
    return volume_name(order.session_id, order.disc)


def _bag_id(bag: Path) -> str:
    return hash_file(bag / sealed_bag.SEAL, "sha256")["sha256"]


def _recorded(record: Path, path: Path, bag: Path) -> Image | None:
    """The image of an earlier run, if it is of this very bag and still whole."""
    content = _load(record)
    if content is None or content["seal_sha256"] != _bag_id(bag):
        return None
    if hash_file(path, "sha256")["sha256"] != content["sha256"]:
        return None
    return Image(path, content["volume"], content["size"], content["sha256"])


def _load(record: Path) -> dict[str, Any] | None:
    try:
        content: dict[str, Any] = json.loads(record.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except ValueError as exc:
        raise ExamError(f"刻盘记录 {record} 损坏：{exc}", f"The record {record} is damaged: {exc}") from exc
    return content


def _keep(record: Path, order: Order, disc: Disc) -> None:
    """Add what was verified to the record of the volume: every reading back that came out equal, newest last."""
    earlier = _load(record)
    copies = earlier["copies"] if earlier and earlier["seal_sha256"] == _bag_id(order.bag) else []
    content = {
        "volume": disc.image.volume,
        "sha256": disc.image.sha256,
        "size": disc.image.size,
        "files": disc.files,
        "medium": order.medium,
        "seal_sha256": _bag_id(order.bag),
        "copies": [*copies, {"target": order.target, "verified_at": disc.verified_at, "closed": disc.closed}],
    }
    write_atomic(record, (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode())
