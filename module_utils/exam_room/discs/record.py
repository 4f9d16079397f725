"""The record of the discs of a session (V7): what was burned and read back equal, and which discs were bad.

It is a journal of its own, ``discs/journal.jsonl`` (docs/discs.md): append-only, chained by hashes, each line on disk
before anything goes on. Of two discs with the same bytes nothing tells which is which, so only what this project wrote
and read back in one go counts; ``resumable`` is the one exception.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import ExamError
from ..journal.journal import Clock, Entry, Journal, utc_now
from ..journal.steps import operator

FOLDER = "discs"
STEP = "burn"
SEALED, IMAGE, BEGUN, VERIFIED, BAD, REFUSED = "sealed", "image", "begun", "verified", "bad", "refused"
TO_IMAGE = "image"
TO_SERVER = "server"
_INTERRUPTED = ("刻录中断，没有回读核对", "its burning was interrupted, it was not read back")
_COPIES = (("正本", "original"), ("副本", "copy"), ("副本2", "copy 2"), ("副本3", "copy 3"))
MOST_COPIES = len(_COPIES)


def copy_name(copy: int) -> tuple[str, str]:
    """What people call the copy: 正本 and original, 副本 and copy."""
    return _COPIES[copy - 1]


@dataclass(frozen=True)
class Todo:
    """A disc that is still to be burned."""

    copy: int
    disc: int


@dataclass(frozen=True)
class Record:
    """What the record says; every list in the order in which it came about."""

    sealed: Mapping[str, Any] | None
    """The data of the last ``sealed``."""
    images: Mapping[int, Mapping[str, Any]]
    """The last image of each disc."""
    verified: Sequence[Mapping[str, Any]]
    bad: Sequence[Mapping[str, Any]]
    """Discs that do not count, one that is being written at this moment or was interrupted included."""
    tries: Mapping[tuple[int, int], int]
    """For copy and disc: attempts in a row that did not end well."""
    interrupted: Mapping[str, Any] | None
    """The data of the burning that was begun last and never ended: copy, disc and target."""

    @property
    def discs(self) -> int:
        return len(self.sealed["discs"]) if self.sealed else 0

    def done(self, copy: int, disc: int, target: str | None = None) -> Mapping[str, Any] | None:
        """The disc that counts, if there is one: compared equal with the image of the results as they are sealed."""
        wanted = self.images[disc]["sha256"] if disc in self.images else None
        fitting = [
            one
            for one in self.verified
            if (one["copy"], one["disc"], one["image_sha256"]) == (copy, disc, wanted)
            and target in (None, one["target"])
        ]
        return fitting[-1] if fitting else None

    @property
    def resumable(self) -> tuple[int, int] | None:
        """Copy and disc whose interrupted burning may be completed by reading back what lies in the server's drive.

        Copies have the same bytes, so a disc that is equal may be any that was written with them: another copy, which
        counts already, or one that was found bad. It can only be the interrupted one where no other was ever written.
        """
        if self.interrupted is None or self.interrupted["target"] != TO_SERVER:
            return None
        disc = self.interrupted["disc"]
        written = [one for one in (*self.verified, *self.bad) if one["disc"] == disc and one["target"] != TO_IMAGE]
        # Itself is among the bad ones.
        return (self.interrupted["copy"], disc) if len(written) == 1 else None


def read(session: Path) -> Record:
    """The record as it stands; raises ExamError when it was altered or damaged."""
    return fold(Journal(session / FOLDER).read().entries)


def fold(entries: Sequence[Entry]) -> Record:
    """What the lines of a record come to."""
    sealed: Mapping[str, Any] | None = None
    images: dict[int, Mapping[str, Any]] = {}
    verified: list[Mapping[str, Any]] = []
    bad: list[Mapping[str, Any]] = []
    tries: dict[tuple[int, int], int] = {}
    begun: Mapping[str, Any] | None = None
    for entry in entries:
        if entry.step != STEP:
            continue
        data = {**entry.data, "at": entry.at, "who": entry.who}
        if entry.event in (BEGUN, SEALED) and begun is not None:
            bad.append(_interrupted(begun))
        if entry.event == SEALED:
            sealed, images, begun = data, {}, None
        elif entry.event == IMAGE:
            images[data["disc"]] = data
        elif entry.event == BEGUN:
            begun = data
        elif entry.event in (VERIFIED, BAD, REFUSED):
            data["begun_at"] = begun["at"] if begun else entry.at
            pair, begun = (data["copy"], data["disc"]), None
            tries[pair] = 0 if entry.event == VERIFIED else tries.get(pair, 0) + 1
            if data.get("resumed"):
                bad = _without_last_interrupted(bad, pair)
            if entry.event != REFUSED:
                (verified if entry.event == VERIFIED else bad).append(data)
    if begun is not None:
        bad.append(_interrupted(begun))
    return Record(sealed, images, tuple(verified), tuple(bad), tries, begun)


def _without_last_interrupted(bad: list[Mapping[str, Any]], pair: tuple[int, int]) -> list[Mapping[str, Any]]:
    """The server wrote on after the controller was gone, and that very disc was read back: it was not bad after all."""
    last = max(
        (n for n, one in enumerate(bad) if (one["copy"], one["disc"]) == pair and one["zh"] == _INTERRUPTED[0]),
        default=None,
    )
    return [one for number, one in enumerate(bad) if number != last]


def _interrupted(begun: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**begun, "device": "", "zh": _INTERRUPTED[0], "en": _INTERRUPTED[1]}


def append(session: Path, event: str, data: Mapping[str, Any], clock: Clock = utc_now) -> Record:
    """Add a line, durable when this returns; the record with it."""
    with Journal(session / FOLDER, clock).writing() as writer:
        writer.append(operator(), STEP, event, data)
        return fold(writer.entries)


def pending(record: Record, copies: int, target: str) -> list[Todo]:
    """What is still to be burned: the whole first copy, then the next. Refuses a number of copies that has no names.

    A disc that was burned elsewhere is not asked for again; an image file takes no real disc's place, though.
    """
    if not 1 <= copies <= MOST_COPIES:
        raise ExamError(
            f"份数 exam_copies 须在 1 到 {MOST_COPIES} 之间，现为 {copies}。",
            f"The number of copies, exam_copies, has to be 1 to {MOST_COPIES}, not {copies}.",
        )
    pairs = [Todo(copy, disc) for copy in range(1, copies + 1) for disc in range(1, record.discs + 1)]
    return [pair for pair in pairs if not _counts(record.done(pair.copy, pair.disc), target == TO_IMAGE)]


def _counts(done: Mapping[str, Any] | None, image_counts: bool) -> bool:
    return done is not None and (image_counts or done["target"] != TO_IMAGE)


def is_final(record: Record, copies: int, rehearsal: bool) -> bool:
    """Whether every disc of every copy was read back equal; an image file counts for a rehearsal only."""
    target = TO_IMAGE if rehearsal else ""
    return record.discs > 0 and not pending(record, copies, target)


def deviations(record: Record, copies: int) -> list[dict[str, str]]:
    """What differs from the regulation: V7 wants the burner of the server, others are for further copies."""
    whole = [
        copy
        for copy in range(1, copies + 1)
        if all(record.done(copy, disc, TO_SERVER) for disc in range(1, record.discs + 1))
    ]
    real = [one for one in record.verified if one["target"] != TO_IMAGE]
    if whole or not real:
        return []
    return [
        {
            "clause": "V7",
            "zh": "没有一份光盘是全部由服务器的刻录机刻成的，使用了主控机的刻录机",
            "en": "no copy was burned by the server's burner as a whole; the controller's was used",
        }
    ]


def end(session: Path, noted: Mapping[str, Any], outcome: Mapping[str, Any], clock: Clock = utc_now) -> Record:
    """Note how writing the disc of ``noted`` (copy, disc, target) ended: ``outcome`` as exam_burn answers it.

    Refuses an end without a beginning.
    """
    known = read(session)
    image = known.images.get(noted["disc"])
    if image is None or not _is_under_way(session, noted):
        raise ExamError(
            f"第 {noted['disc']} 张光盘没有开始刻录，不能记录结果。",
            f"Burning disc {noted['disc']} was not begun, its outcome cannot be noted.",
        )
    data = {**noted, "device": str(outcome.get("device") or "")}
    if outcome["ok"] is True:
        equal = {"image_sha256": image["sha256"], "files": outcome["files"], "closed": outcome["closed"]}
        resumed = {"resumed": bool(outcome.get("resumed", False))}
        return append(session, VERIFIED, {**data, **equal, **resumed}, clock)
    why = {"zh": str(outcome["reason"]["zh"]), "en": str(outcome["reason"]["en"])}
    return append(session, BAD if outcome["written"] else REFUSED, {**data, **why}, clock)


def _is_under_way(session: Path, noted: Mapping[str, Any]) -> bool:
    own = [entry for entry in Journal(session / FOLDER).read().entries if entry.step == STEP]
    return bool(own) and own[-1].event == BEGUN and all(own[-1].data[name] == noted[name] for name in noted)


def answer(record: Record, copies: int, target: str, rehearsal: bool) -> dict[str, Any]:
    """What exam_copies answers (its RETURN): ``target`` image has discs to make for a rehearsal only."""
    begun = record.interrupted
    interrupted = (begun["copy"], begun["disc"]) if begun else None
    todo = pending(record, copies, target) if rehearsal or target != TO_IMAGE else []
    volumes = {disc["number"]: disc["volume"] for disc in record.sealed["discs"]} if record.sealed else {}
    every = [(copy, disc) for copy in range(1, copies + 1) for disc in range(1, record.discs + 1)]
    done = [one for copy, disc in every if (one := record.done(copy, disc)) is not None]
    return {
        "pending": [
            {
                "copy": one.copy,
                "name_zh": copy_name(one.copy)[0],
                "name_en": copy_name(one.copy)[1],
                "disc": one.disc,
                "of": record.discs,
                "volume": volumes[one.disc],
                "interrupted": (one.copy, one.disc) == interrupted,
                "resumable": target == TO_SERVER and (one.copy, one.disc) == record.resumable,
            }
            for one in todo
        ],
        "discs": _discs(record),
        "final": is_final(record, copies, rehearsal),
        "copies": [dict(one) for one in done],
        "bad": [dict(one) for one in record.bad],
        "deviations": deviations(record, copies),
    }


def _discs(record: Record) -> list[dict[str, Any]]:
    sealed = record.sealed["discs"] if record.sealed else []
    images = [record.images.get(disc["number"], {}) for disc in sealed]
    return [
        {**disc, "size": image.get("size"), "sha256": image.get("sha256")}
        for disc, image in zip(sealed, images, strict=True)
    ]
