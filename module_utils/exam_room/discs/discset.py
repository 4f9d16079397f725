"""The sealed discs of a session (V7): from the one sealed bag a bag for each disc, complete in itself.

What is made here follows from the sealed bag, the kind of medium and the site's key alone, and can be made again. The
payload is linked, not copied.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..collect import results
from ..collect.collect import BAG
from ..collect.results import FOLDER, Table
from ..errors import ExamError
from ..files import sync_directory, told
from ..journal.journal import FILE_NAME as JOURNAL
from ..journal.journal import Clock, utc_now
from ..seal import bag as sealed_bag
from ..seal.bag import CUTOFF, SIGNERS
from . import index, record
from .image import volume_name
from .split import Share, split

SEALED = "sealed"


@dataclass(frozen=True)
class SealedDisc:
    """A sealed bag for one disc."""

    number: int
    of: int
    volume: str
    folder: Path
    """Its bag: ``discs/sealed/VOLUME``."""
    tagmanifest_sha256: str
    content: Mapping[str, Any]
    """What the index says of it."""


def seal_discs(
    session: Path, medium: str, key: Path, signer: str, enclosed: Mapping[str, bytes], clock: Clock = utc_now
) -> tuple[list[SealedDisc], bool]:
    """Spread the sealed bag of the session over discs and seal each; the discs, and whether they were made now.

    ``enclosed`` are files that lie on every disc as they are. Discs that are there already, of this very bag and for
    this medium, stay. Raises ExamError when discs of another sealing or medium were burned already, when a file fits on
    no such medium, and for whatever the key, the bag and the controller's disk refuse.
    """
    bag = session / BAG
    allowed = sealed_bag.signers(signer, key)
    seal_sha256 = sealed_bag.hash_file(bag / sealed_bag.SEAL, "sha256")["sha256"]
    known = record.read(session)
    if known.sealed and (known.sealed["seal_sha256"], known.sealed["medium"]) == (seal_sha256, medium):
        if not _faults(session, known.sealed["discs"], allowed, signer):
            return load(session), False
    else:
        _refuse_burned(known, seal_sha256, medium)
    with told(session / record.FOLDER):
        content = _make(session, medium, key, enclosed)
    discs = [{name: value for name, value in disc.items() if name != "candidates"} for disc in content["discs"]]
    record.append(session, record.SEALED, {"seal_sha256": seal_sha256, "medium": medium, "discs": discs}, clock)
    return load(session), True


def _refuse_burned(known: record.Record, seal_sha256: str, medium: str) -> None:
    burned = [one for one in known.verified if one["target"] != record.TO_IMAGE]
    if not burned or known.sealed is None:
        return
    if known.sealed["seal_sha256"] != seal_sha256:
        raise ExamError(
            f"本场已刻好 {len(burned)} 张光盘，但文件包不是当时封存的那一个。请找回原来的文件包，并报告督考员。",
            f"{len(burned)} discs of this session are burned, and the bag is not the one that was sealed for them. "
            "Bring the old bag back, and tell the inspector.",
        )
    was = known.sealed["medium"]
    raise ExamError(
        f"本场已按 {was.upper()} 刻好 {len(burned)} 张光盘，不能改用 {medium.upper()}。"
        f"请用 -e exam_medium={was} 继续。",
        f"{len(burned)} discs of this session are burned as {was.upper()}; the medium cannot become {medium.upper()}. "
        f"Go on with -e exam_medium={was}",
    )


def load(session: Path) -> list[SealedDisc]:
    """The sealed discs as they lie in the session; raises ExamError when there are none."""
    sealed = session / record.FOLDER / SEALED
    folders = {path.name: path for path in sealed.iterdir()} if sealed.is_dir() else {}
    found = [_index_of(folder) for folder in folders.values()]
    if not found or any(one != found[0] for one in found) or {d["volume"] for d in found[0]["discs"]} != set(folders):
        raise ExamError(
            f"{sealed} 里没有封存好的完整光盘内容。请重新执行刻盘。",
            f"There are no complete sealed discs in {sealed}. Run the burn step again.",
        )
    discs = found[0]["discs"]
    return [
        SealedDisc(
            number=disc["number"],
            of=len(discs),
            volume=disc["volume"],
            folder=folders[disc["volume"]],
            tagmanifest_sha256=sealed_bag.hash_file(folders[disc["volume"]] / "tagmanifest-sha256.txt", "sha256")[
                "sha256"
            ],
            content=disc,
        )
        for disc in discs
    ]


def _index_of(folder: Path) -> dict[str, Any]:
    path = folder / index.JSON_NAME
    try:
        return index.parse(path.read_bytes(), str(path))
    except OSError as exc:
        raise ExamError(f"读不了 {path}：{exc.strerror}", f"Cannot read {path}: {exc.strerror}") from exc


def _faults(session: Path, discs: Sequence[Mapping[str, Any]], allowed: str, signer: str) -> bool:
    """Whether anything of the sealed discs is not as it was sealed. The payload was verified with the bag: links do."""
    sealed = session / record.FOLDER / SEALED
    for disc in discs:
        folder = sealed / disc["volume"]
        if sealed_bag.tag_faults(folder, allowed, signer):
            return True
        listed = sealed_bag.read_manifest((folder / "manifest-sha256.txt").read_bytes())
        if set(sealed_bag.payload_files(folder)) != set(listed):
            return True
        if any(not (folder / path).samefile(session / BAG / path) for path in listed):
            return True
    return {path.name for path in sealed.iterdir()} != {disc["volume"] for disc in discs}


def _make(session: Path, medium: str, key: Path, enclosed: Mapping[str, bytes]) -> dict[str, Any]:
    bag = session / BAG
    info = sealed_bag.read_info(bag)
    everywhere = {name: (bag / name).read_bytes() for name in (SIGNERS, CUTOFF, JOURNAL)} | dict(enclosed)
    table = results.load(bag)
    # The tag files of a disc beside those that grow with its files; the index grows with the candidates.
    shares = split(table, medium, sum(map(len, everywhere.values())) + 800 * len(table.owners) + 64 * 1024)
    volumes = [volume_name(info["External-Identifier"], number) for number in range(1, len(shares) + 1)]
    tagmanifest = hashlib.sha256((bag / "tagmanifest-sha256.txt").read_bytes()).hexdigest()
    content = index.index(info, medium, tagmanifest, shares, volumes)
    everywhere |= {index.JSON_NAME: index.as_json(content), index.CSV_NAME: index.as_csv(content)}
    sealed = session / record.FOLDER / SEALED
    partial = sealed.with_name(SEALED + ".partial")
    # Mostly there is none; one that cannot be removed is in the way of what is made next, and named there.
    shutil.rmtree(partial, ignore_errors=True)
    for number, (share, volume) in enumerate(zip(shares, volumes, strict=True), start=1):
        of_disc = {
            **info,
            "Payload-Oxum": sealed_bag.oxum(share.table),
            "Bag-Group-Identifier": info["External-Identifier"],
            "Bag-Count": f"{number} of {len(shares)}",
            "Disc-Volume": volume,
        }
        _link(bag, partial / volume, share)
        results.save(partial / volume, share.table)
        sealed_bag.write(partial / volume, share.table, of_disc, everywhere, key)
    _sync(partial)
    if sealed.exists():
        shutil.rmtree(sealed)
    partial.rename(sealed)
    sync_directory(sealed.parent)
    _forget_images(sealed.parent)
    return content


def _link(bag: Path, folder: Path, share: Share) -> None:
    """The payload of one disc: folders of its own, and the files of the bag."""
    table: Table = share.table
    folders = {*table.tops.values(), *(entry.disc for entry in table.entries if entry.kind == FOLDER)}
    folders |= {str(Path(entry.disc).parent) for entry in table.files}
    (folder / "data").mkdir(parents=True)
    for name in sorted(folders):
        (folder / name).mkdir(parents=True, exist_ok=True)
    for entry in table.files:
        try:
            os.link(bag / entry.disc, folder / entry.disc, follow_symlinks=False)
        except OSError as exc:
            raise ExamError(
                f"{folder} 所在磁盘不能建立硬链接（{exc.strerror}）。场次目录须放在 Linux 文件系统上，如 ext4。",
                f"The disk of {folder} takes no hard links ({exc.strerror}). "
                "Keep the sessions on a file system of Linux, such as ext4.",
            ) from exc


def _sync(folder: Path) -> None:
    for root, _, _ in os.walk(folder):
        sync_directory(Path(root))


def _forget_images(discs: Path) -> None:
    """Images of discs that are no more."""
    for pattern in ("*.iso", "*.iso.partial", "*.sha256.json"):
        for path in discs.glob(pattern):
            path.unlink()
