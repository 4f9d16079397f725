"""The sealed bag (V7): BagIt 1.0 (RFC 8493) with SHA-256 and SHA-512 manifests, signed over tagmanifest-sha256.txt.

Written here and not with the PyPI package ``bagit`` 1.9.0: that moves the payload into place and reads and hashes all
of it a second time, puts the day's date and its own version into the bag, and cannot be told hashes that are known.
The tests have it check what this writes.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ..collect import results
from ..collect.collect import CHUNK
from ..errors import ExamError
from ..files import write_atomic
from ..journal.journal import FILE_NAME as JOURNAL
from ..journal.journal import Clock, Reading, parse, stamp, utc_now
from . import signature

CUTOFF = "cutoff.json"
INFO = "bag-info.txt"
SIGNERS = "allowed_signers"
SEAL = "tagmanifest-sha256.txt.sig"
ALGORITHMS = ("sha256", "sha512")
_DECLARATION = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
UNLISTED = frozenset({"tagmanifest-sha256.txt", "tagmanifest-sha512.txt", SEAL})
"""What no manifest lists: it seals the others."""


@dataclass(frozen=True)
class Sitting:
    """What bag-info.txt says about the session; times in UTC, ISO 8601."""

    site: str
    room: str
    session_id: str
    exam: str
    deadline: str
    cutoff_at: str


@dataclass(frozen=True)
class Sealed:
    """A sealed bag: the hash that stands for all of it, its signer, and the journal's last hash it carries."""

    tagmanifest_sha256: str
    signer: str
    fingerprint: str
    journal_last_hash: str
    files: int
    size: int
    changed: bool


@dataclass(frozen=True)
class Fault:
    """Something that is not as it was sealed; ``path`` in the bag."""

    path: str
    zh: str
    en: str

    def __str__(self) -> str:
        return f"{self.path}: {self.zh} / {self.en}"


def seal(session: Path, bag: Path, sitting: Sitting, key: Path, signer: str, clock: Clock = utc_now) -> Sealed:
    """Write the bag's tag files and sign them; the payload is not read again, its hashes are those of the collection.

    ``session`` holds journal.jsonl and cutoff.json, which are copied. A bag that is sealed already is verified in
    full and left alone. Raises ExamError when something is missing, the key cannot be used, or a sealed bag is not
    as it was.
    """
    allowed = signers(signer, key)
    table = results.load(bag)
    if (bag / SEAL).exists():
        faults = verify(bag, allowed, signer)
        if faults:
            raise broken(bag, faults)
        return _sealed(bag, table, signer, allowed, changed=False)
    journal, reading = _journal(session)
    enclosed = {SIGNERS: allowed.encode(), CUTOFF: _read(session / CUTOFF), JOURNAL: journal}
    write(bag, table, _info(sitting, table, reading, clock()), enclosed, key)
    return _sealed(bag, table, signer, allowed, changed=True)


def signers(signer: str, key: Path) -> str:
    """The content of allowed_signers for the site's key."""
    return signature.allowed_signers(signer, signature.public_key(key))


def write(bag: Path, table: results.Table, info: Mapping[str, str], enclosed: Mapping[str, bytes], key: Path) -> None:
    """Make a folder that holds the payload and the table a sealed bag: its tag files, ``enclosed`` ones, the signature.

    Whatever else lies beside data/ was not put there by us and is not sealed.
    """
    contents: dict[str, bytes] = {
        "bagit.txt": _DECLARATION,
        INFO: _info_text(info),
        **enclosed,
        **{f"manifest-{name}.txt": payload_manifest(table, name) for name in ALGORITHMS},
    }
    for name, content in contents.items():
        write_atomic(bag / name, content)
    for name in (results.CSV_NAME, results.JSON_NAME):
        contents[name] = _read(bag / name)
    for name in ALGORITHMS:
        lines = [(tag, hashlib.new(name, content).hexdigest()) for tag, content in sorted(contents.items())]
        write_atomic(bag / f"tagmanifest-{name}.txt", _manifest(lines))
    write_atomic(bag / SEAL, signature.sign(key, _read(bag / "tagmanifest-sha256.txt")))


def payload_manifest(table: results.Table, algorithm: str) -> bytes:
    """The payload manifest of the files of a table."""
    return _manifest(sorted((entry.disc, getattr(entry, algorithm)) for entry in table.files))


def _sealed(bag: Path, table: results.Table, signer: str, allowed: str, changed: bool) -> Sealed:
    return Sealed(
        tagmanifest_sha256=hashlib.sha256(_read(bag / "tagmanifest-sha256.txt")).hexdigest(),
        signer=signer,
        fingerprint=signature.fingerprint(allowed.split('" ', 1)[1]),
        journal_last_hash=read_info(bag)["Journal-Last-Hash"],
        files=len(table.files),
        size=table.size,
        changed=changed,
    )


def _journal(session: Path) -> tuple[bytes, Reading]:
    """The finished lines of the journal, verified: a line that is being written belongs to what comes after."""
    content = _read(session / JOURNAL)
    reading = parse(content, session / JOURNAL)
    return content[: reading.size], reading


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as exc:
        raise ExamError(f"封存时缺少 {path}：{exc.strerror}", f"{path} is needed for sealing: {exc.strerror}") from exc


def _manifest(lines: Sequence[tuple[str, str]]) -> bytes:
    """``hash  path`` a line. Paths need no escapes: disc names hold no line break and no percent sign."""
    return "".join(f"{digest}  {path}\n" for path, digest in lines).encode("utf-8")


def _info(sitting: Sitting, table: results.Table, reading: Reading, now: datetime) -> dict[str, str]:
    return {
        "Source-Organization": sitting.site,
        "External-Identifier": sitting.session_id,
        "Bagging-Date": stamp(now)[:10],
        "Payload-Oxum": oxum(table),
        "Exam-Room": sitting.room,
        "Exam": sitting.exam,
        "Exam-Deadline": sitting.deadline,
        "Exam-Cutoff": sitting.cutoff_at,
        "Collected-At": table.ended_at,
        "Sealed-At": stamp(now),
        "Journal-Entries": str(len(reading.entries)),
        "Journal-Last-Hash": reading.last_hash,
    }


def oxum(table: results.Table) -> str:
    """Payload-Oxum of RFC 8493, 2.2.2: bytes and number of the files."""
    return f"{table.size}.{len(table.files)}"


def _info_text(labels: Mapping[str, str]) -> bytes:
    # A line break in a value would start a label of its own.
    return "".join(f"{label}: {' '.join(value.split())}\n" for label, value in labels.items()).encode("utf-8")


def read_info(bag: Path) -> dict[str, str]:
    """The labels of bag-info.txt."""
    lines = _read(bag / INFO).decode("utf-8", "replace").split("\n")
    return {label: value for label, sep, value in (line.partition(": ") for line in lines) if sep}


def read_manifest(content: bytes) -> dict[str, str]:
    """Path -> hash of a manifest; ExamError when a line is none or a path leads out of the bag."""
    found: dict[str, str] = {}
    for line in content.decode("utf-8", "replace").split("\n")[:-1]:
        digest, sep, path = line.partition("  ")
        if not sep or path.startswith("/") or ".." in path.split("/") or path in found:
            raise ExamError(f"清单里有一行不对：{line!r}", f"A line of a manifest is wrong: {line!r}")
        found[path] = digest
    return found


def broken(bag: Path, faults: Sequence[Fault]) -> ExamError:
    """The faults as one error."""
    zh = "；".join(f"{fault.path}（{fault.zh}）" for fault in faults)
    en = "; ".join(f"{fault.path} ({fault.en})" for fault in faults)
    return ExamError(f"结果包 {bag} 与封存时不符：{zh}", f"The bag {bag} is not as it was sealed: {en}")


def verify(bag: Path, allowed: str, signer: str) -> list[Fault]:
    """Everything in the bag that is not as the signer sealed it; empty: nothing was lost, added or changed.

    ``allowed`` is the content of an allowed_signers file that comes from elsewhere; the one in the bag proves nothing.

    This is the sealer's own look at his folder before he goes on with it: has it changed, and where. verify.py beside
    it is for those who know nothing of the session. It reads discs and images too, and believes no signed byte before
    table, index, journal, cutoff record and bag-info agree, so that it would also find a fault of what is written here.
    That is why the two share what a bag consists of and no check.
    """
    return tag_faults(bag, allowed, signer) + _check_manifests(bag, "manifest", payload_files) + _check_journal(bag)


def tag_faults(bag: Path, allowed: str, signer: str) -> list[Fault]:
    """What is not as it was sealed beside the payload: the signature, and every tag file."""
    try:
        tagmanifest = (bag / "tagmanifest-sha256.txt").read_bytes()
        genuine = signature.verify(allowed, signer, tagmanifest, (bag / SEAL).read_bytes())
    except OSError:
        return [Fault(SEAL, "没有签名", "there is no signature")]
    faults = [] if genuine else [Fault(SEAL, "签名不符", "the signature is not the signer's over this bag")]
    return faults + _check_manifests(bag, "tagmanifest", _tag_files)


def _check_manifests(bag: Path, manifest: str, files: Callable[[Path], Iterator[str]]) -> list[Fault]:
    faults: list[Fault] = []
    listed: dict[str, Mapping[str, str]] = {}
    for algorithm in ALGORITHMS:
        name = f"{manifest}-{algorithm}.txt"
        try:
            listed[algorithm] = read_manifest((bag / name).read_bytes())
        except OSError:
            return [Fault(name, "缺失", "missing")]
        except ExamError as exc:
            return [Fault(name, exc.zh, exc.en)]
    present = set(files(bag))
    for path in sorted(present.union(*listed.values())):
        if path not in present:
            faults.append(Fault(path, "缺失", "missing"))
        elif any(path not in paths for paths in listed.values()):
            faults.append(Fault(path, "不在清单里（后加的）", "not in the manifests (added)"))
        elif hash_file(bag / path, *ALGORITHMS) != {name: paths[path] for name, paths in listed.items()}:
            faults.append(Fault(path, "内容被改动", "its content was changed"))
    return faults


def _tag_files(bag: Path) -> Iterator[str]:
    return (path.name for path in bag.iterdir() if path.name != "data" and path.name not in UNLISTED)


def payload_files(bag: Path) -> Iterator[str]:
    """Paths in the bag of whatever lies below data/, links to folders included."""
    for root, folders, files in os.walk(bag / "data"):
        links = [name for name in folders if (Path(root) / name).is_symlink()]
        for name in (*files, *links):
            yield (Path(root) / name).relative_to(bag).as_posix()


def hash_file(path: Path, *algorithms: str) -> dict[str, str]:
    """The file's hashes (hex) from one reading; a link or anything that is no file hashes to nothing."""
    if path.is_symlink() or not path.is_file():
        return dict.fromkeys(algorithms, "")
    hashes = {name: hashlib.new(name) for name in algorithms}
    with path.open("rb") as handle:
        while chunk := handle.read(CHUNK):
            for one in hashes.values():
                one.update(chunk)
    return {name: one.hexdigest() for name, one in hashes.items()}


def _check_journal(bag: Path) -> list[Fault]:
    try:
        reading = parse((bag / JOURNAL).read_bytes(), Path(JOURNAL))
    except OSError:
        return []  # Named by the manifests already.
    except ExamError as exc:
        return [Fault(JOURNAL, exc.zh, exc.en)]
    claimed = read_info(bag).get("Journal-Last-Hash") if (bag / INFO).is_file() else None
    if reading.torn or claimed != reading.last_hash:
        return [Fault(JOURNAL, "与 bag-info.txt 记的末行散列值不符", "its last hash is not the one in bag-info.txt")]
    return []
