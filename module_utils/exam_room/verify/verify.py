"""Verifying sealed results anywhere, years later (V7): one bag on a disc, in an image or in a folder against its seal.

Nothing is believed because it stands on the disc: the key has to come from elsewhere; without one the report says so.
What the bag says twice has to agree: manifests, table, index, journal, cutoff record and bag-info (docs/discs.md).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..collect import results
from ..discs.index import JSON_NAME as INDEX
from ..errors import ExamError
from ..journal.gates import check_identity
from ..journal.journal import FILE_NAME as JOURNAL
from ..journal.journal import Entry, parse
from ..journal.sitting import sitting
from ..seal import signature
from ..seal.bag import ALGORITHMS, CUTOFF, INFO, SEAL, SIGNERS, UNLISTED, Fault, read_info, read_manifest
from .sources import PAYLOAD, Source, opened

_SIGNED, _UNSIGNED = "tagmanifest-sha256.txt", "tagmanifest-sha512.txt"
_HAS_TO_BE_THERE = ("bagit.txt", INFO, SIGNERS, CUTOFF, JOURNAL, results.JSON_NAME, results.CSV_NAME)
_MISSING = ("缺失", "missing")
_ADDED = ("不在清单里（后加的）", "not in the manifests (added)")
_CHANGED = ("内容被改动", "its content was changed")
_UNREADABLE = ("读不出来（光盘损坏或映像不完整）", "it cannot be read (a damaged disc, an incomplete image)")


@dataclass
class Report:
    """What was found in one bag. ``faults`` is empty when nothing was lost, added or changed since the sealing.

    ``trusted``: the signature was checked against a key from elsewhere. ``disc`` is 0 for a bag that is no disc.
    """

    where: str
    info: Mapping[str, str] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    signer: str = ""
    fingerprint: str = ""
    trusted: bool = False
    table: results.Table | None = None
    entries: Sequence[Entry] = ()
    cutoff: Mapping[str, Any] = field(default_factory=dict)
    index: Mapping[str, Any] | None = None
    disc: int = 0

    @property
    def session_id(self) -> str:
        return self.info.get("External-Identifier", "")

    @property
    def volume(self) -> str:
        return self.info.get("Disc-Volume", "")

    def fault(self, path: str, said: tuple[str, str]) -> None:
        self.faults.append(Fault(results.printable(path), *said))

    def sound(self, *paths: str) -> bool:
        """Whether nothing is known to be wrong with these: what is altered blames nothing else."""
        return not {fault.path for fault in self.faults} & set(paths)


def trusted_signers(key: Path, sources: Iterable[Path]) -> str:
    """The content of an allowed_signers file from ``key``: such a file, or public keys. It must not be in a source.

    Raises ExamError for a file that is neither, or that comes from what is to be verified.
    """
    try:
        text = key.read_text(encoding="utf-8")
        for source in sources:
            if source.is_dir():
                own = source.resolve() in key.resolve().parents
            else:
                own = source.exists() and source.stat().st_rdev == key.stat().st_dev
            if own:
                raise ExamError(
                    f"公钥 {key} 取自要校验的光盘本身，什么也证明不了。请用考试站公布的公钥。",
                    f"The key {key} comes from the very disc: it proves nothing. Use the one that the site published.",
                )
    except (OSError, UnicodeDecodeError) as exc:
        raise ExamError(f"读不了公钥 {key}：{exc}", f"Cannot read the public key {key}: {exc}") from exc
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    if not lines or not all("ssh-ed25519 AAAA" in line for line in lines):
        raise ExamError(
            f"{key} 不是 Ed25519 公钥，也不是 allowed_signers 文件。公钥是一行，形如 ssh-ed25519 AAAA…",
            f"{key} is neither an Ed25519 public key nor an allowed_signers file. A public key is a line "
            "like ssh-ed25519 AAAA…",
        )
    return "".join(
        signature.allowed_signers(key.stem if _can_sign(key.stem) else "site", " ".join(line.split()[:2]))
        if line.startswith("ssh-ed25519 ")
        else line + "\n"
        for line in lines
    )


def _can_sign(signer: str) -> bool:
    try:
        signature.check_signer(signer)
    except ExamError:
        return False
    return True


def verify(path: Path, allowed: str | None) -> Report:
    """Verify the bag at the path; ``allowed`` is the content of an allowed_signers file that comes from elsewhere.

    Raises ExamError when there is no bag at all.
    """
    with opened(path) as source:
        report = Report(str(path))
        if _read(source, INFO) is not None:
            report.info = read_info(source.tags)
        for name in _HAS_TO_BE_THERE:
            if name not in source.files:
                report.fault(name, _MISSING)
        _check_declaration(source, report)
        _check_signature(source, allowed, report)
        tags = [name for name in source.files if not name.startswith(PAYLOAD) and name not in UNLISTED]
        _check_manifests(source, "tagmanifest", tags, report)
        payload = [name for name in source.files if name.startswith(PAYLOAD)]
        _check_table(source, _check_manifests(source, "manifest", payload, report), report)
        _check_oxum(source, payload, report)
        _check_journal(source, report)
        _check_cutoff(source, report)
        _check_index(source, report)
    report.faults = sorted(set(report.faults), key=lambda fault: (fault.path, fault.en))
    return report


def _read(source: Source, name: str) -> bytes | None:
    """A file beside the payload; None when it is missing, no file, or cannot be read: the manifests name it."""
    path = source.tags / name
    try:
        # A link or a device may lead anywhere and have no end.
        return path.read_bytes() if path.is_file() and not path.is_symlink() else None
    except OSError:
        return None


def _check_declaration(source: Source, report: Report) -> None:
    content = _read(source, "bagit.txt")
    wanted = ["BagIt-Version: 1.0", "Tag-File-Character-Encoding: UTF-8"]
    if content is not None and content.decode("utf-8", "replace").split("\n")[:2] != wanted:
        report.fault("bagit.txt", ("不是 BagIt 1.0（RFC 8493）的声明", "it does not declare BagIt 1.0 (RFC 8493)"))


def _check_signature(source: Source, allowed: str | None, report: Report) -> None:
    content, seal, own = _read(source, _SIGNED), _read(source, SEAL), _read(source, SIGNERS)
    if content is None:
        report.fault(_SIGNED, _MISSING if _SIGNED not in source.files else _UNREADABLE)
    if seal is None:
        report.fault(SEAL, ("没有签名", "there is no signature"))
    if content is None or seal is None:
        return
    made_by = signature.maker(content, seal)
    if made_by is None:
        report.fault(
            SEAL,
            (f"签名不是对这份 {_SIGNED} 作出的，或已损坏", f"it is no signature over this {_SIGNED}, or it is damaged"),
        )
        return
    report.fingerprint = made_by
    signer = signature.who(allowed if allowed is not None else (own or b"").decode("utf-8", "replace"), content, seal)
    if signer is not None:
        report.signer, report.trusted = signer, allowed is not None
    elif allowed is not None:
        report.fault(
            SEAL,
            (
                f"用另一把密钥（{made_by}）签名，不是给定的公钥",
                f"it was made with another key ({made_by}) than the one that was given",
            ),
        )
    else:
        report.fault(
            SEAL,
            (f"签名的密钥（{made_by}）不是 {SIGNERS} 里的", f"its key ({made_by}) is not the one in {SIGNERS}"),
        )


def _check_manifests(source: Source, kind: str, present: Sequence[str], report: Report) -> Mapping[str, dict[str, str]]:
    """Compare files and manifests both ways; for each algorithm what its manifest lists, altered ones left out.

    Where both are altered they are all there is to compare with.
    """
    listed: dict[str, dict[str, str]] = {}
    for algorithm in ALGORITHMS:
        name = f"{kind}-{algorithm}.txt"
        content = _read(source, name)
        if content is None:
            report.fault(name, _MISSING if name not in source.files else _UNREADABLE)
            continue
        try:
            listed[algorithm] = read_manifest(content)
        except ExamError as exc:
            report.fault(name, (exc.zh, exc.en))
    if sound := {name: paths for name, paths in listed.items() if report.sound(f"{kind}-{name}.txt")}:
        listed = sound
    found = dict(source.hashes(sorted(present), *ALGORITHMS))
    known = {path for paths in listed.values() for path in paths}
    missing, added = known - found.keys(), (found.keys() - known if listed else set())
    renamed = _renamed(missing, added, found, listed)
    for old, new in renamed.items():
        report.fault(old, (f"被改名为 {results.printable(new)}", f"it was renamed to {results.printable(new)}"))
    for path in missing - renamed.keys():
        report.fault(path, _MISSING)
    for path in added - set(renamed.values()):
        report.fault(path, _ADDED)
    for path in found.keys() - added:
        hashes = found[path]
        odd = [name for name, paths in listed.items() if hashes is not None and paths.get(path) != hashes[name]]
        if hashes is None:
            report.fault(path, _UNREADABLE)
        elif odd and len(odd) == len(listed):
            report.fault(path, _CHANGED)
        elif odd == ["sha512"] and kind == "tagmanifest" and report.fingerprint:
            report.fault(
                _UNSIGNED, (f"与签过名的 {_SIGNED} 不一致", f"it does not agree with {_SIGNED}, which is signed")
            )
        elif odd:
            report.fault(path, (f"与 {kind}-{odd[0]}.txt 不符", f"it is not as {kind}-{odd[0]}.txt says"))
    return listed


def _renamed(
    missing: Iterable[str],
    added: Iterable[str],
    found: Mapping[str, Mapping[str, str] | None],
    listed: Mapping[str, Mapping[str, str]],
) -> dict[str, str]:
    """Missing paths whose very content lies under a name that no manifest knows."""
    fresh: dict[str, list[str]] = {}
    for path in sorted(added):
        hashes = found[path]
        if hashes is not None:
            fresh.setdefault(hashes["sha256"], []).append(path)
    pairs = {}
    for path in sorted(missing):
        same = fresh.get(listed.get("sha256", {}).get(path, ""))
        if same:
            pairs[path] = same.pop(0)
    return pairs


def _check_table(source: Source, listed: Mapping[str, Mapping[str, str]], report: Report) -> None:
    """The table and the payload manifests have to name the same files with the same hashes."""
    if _read(source, results.JSON_NAME) is None:
        return
    try:
        report.table = results.load(source.tags)
    except ExamError as exc:
        report.fault(results.JSON_NAME, (exc.zh, exc.en))
        return
    if not report.sound(results.JSON_NAME):
        return
    told = {entry.disc: entry for entry in report.table.files}
    for algorithm, paths in listed.items():
        for path in told.keys() | paths.keys():
            entry = told.get(path)
            if entry is None:
                report.fault(path, ("结果表里没有", f"{results.JSON_NAME} does not know it"))
            elif paths.get(path) != getattr(entry, algorithm):
                report.fault(path, ("清单与结果表不一致", f"the manifests and {results.JSON_NAME} do not agree on it"))
    for path in told.keys() & source.files.keys():
        if told[path].size != source.files[path]:
            report.fault(path, ("大小与结果表不符", f"its size is not the one in {results.JSON_NAME}"))


def _check_oxum(source: Source, payload: Sequence[str], report: Report) -> None:
    if any(fault.path.startswith(PAYLOAD) for fault in report.faults) or not report.sound(INFO):
        return
    found = f"{sum(source.files[path] for path in payload)}.{len(payload)}"
    claimed = report.info.get("Payload-Oxum")
    if claimed != found:
        said = (f"Payload-Oxum 记的是 {claimed}，实有 {found}", f"its Payload-Oxum says {claimed}, there is {found}")
        report.fault(INFO, said)


def _check_journal(source: Source, report: Report) -> None:
    content = _read(source, JOURNAL)
    if content is None:
        return
    try:
        reading = parse(content, Path(JOURNAL))
        if report.sound(INFO):
            check_identity(reading.entries, report.session_id, report.info.get("Exam-Room"))
    except ExamError as exc:
        report.fault(JOURNAL, (exc.zh, exc.en))
        return
    report.entries = reading.entries
    if not report.sound(INFO, JOURNAL):
        return
    own = (report.info.get("Journal-Last-Hash"), report.info.get("Journal-Entries"))
    if reading.torn or own != (reading.last_hash, str(len(reading.entries))):
        said = ("行数或末行散列值与 bag-info.txt 记的不符", "its length or last hash is not the one in bag-info.txt")
        report.fault(JOURNAL, said)
    now = sitting(reading.entries)
    for label, value in (("Exam-Deadline", now.deadline), ("Exam-Cutoff", now.cut_at)):
        if value is not None and report.info.get(label) != value:
            report.fault(INFO, (f"{label} 与日志记的 {value} 不符", f"its {label} is not {value}, as the journal says"))


def _check_cutoff(source: Source, report: Report) -> None:
    """The cutoff's record: JSON, and of the deadline that bag-info names when it waited for one."""
    content = _read(source, CUTOFF)
    if content is None:
        return
    try:
        found = json.loads(content)
        if not isinstance(found, dict):
            raise ValueError(type(found).__name__)
    except ValueError as exc:
        report.fault(CUTOFF, (f"不是收卷记录：{exc}", f"it is no record of a cutoff: {exc}"))
        return
    report.cutoff = found
    deadline = report.info.get("Exam-Deadline")
    if not report.sound(INFO, CUTOFF):
        return
    if found.get("mode") == "deadline" and found.get("deadline") != deadline:
        said = (f"截止时间与 bag-info.txt 记的 {deadline} 不符", f"its deadline is not {deadline}, as in bag-info.txt")
        report.fault(CUTOFF, said)


def _check_index(source: Source, report: Report) -> None:
    """The index of all discs, on a disc: this one has to be in it, with the hashes of these very manifests."""
    content = _read(source, INDEX)
    if content is None:
        if report.volume and INDEX not in source.files:
            report.fault(INDEX, _MISSING)
        return
    try:
        index = json.loads(content)
        own = [disc for disc in index["discs"] if disc["volume"] == report.volume]
        if len(own) != 1 or index["session_id"] != report.session_id:
            raise ValueError(report.volume)
        disc = own[0]
        number, count = int(disc["number"]), len(index["discs"])
        folders = {one["folder"] for one in disc["candidates"]}
        claimed = {name: disc[f"manifest_{name}"] for name in ALGORITHMS}
    except (ValueError, KeyError, TypeError) as exc:
        said = (f"光盘索引损坏，或没有这张光盘：{exc!r}", f"the index is damaged, or does not know this disc: {exc!r}")
        report.fault(INDEX, said)
        return
    report.index, report.disc = index, number
    if report.sound(INDEX, INFO) and report.info.get("Bag-Count") != f"{number} of {count}":
        report.fault(INDEX, ("与 bag-info.txt 的 Bag-Count 不符", "it does not agree with Bag-Count in bag-info.txt"))
    if not report.sound(INDEX):
        return
    for name, digest in claimed.items():
        manifest = f"manifest-{name}.txt"
        if (
            manifest in source.files
            and report.sound(manifest)
            and dict(source.hashes([manifest], name))[manifest] != {name: digest}
        ):
            report.fault(manifest, (f"与 {INDEX} 记的散列值不符", f"its hash is not the one in {INDEX}"))
    if report.table is not None and report.sound(results.JSON_NAME) and set(report.table.tops.values()) != folders:
        report.fault(INDEX, ("考生与结果表不一致", f"its candidates are not those of {results.JSON_NAME}"))
