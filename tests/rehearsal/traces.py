"""What is left in a room of an earlier session: files with the content of its results or of its raw material (V5).

Looked for on the hosts' disks themselves, past Samba and WinRM, whatever the file is called now. What role ``clean``
has put into quarantine is where it should be.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from exam_room.clean import places
from standin import podman

DRIVES = "/srv"
QUARANTINE = f"/{places.QUARANTINE}/"
#: What a candidate might leave behind: a name that gives nothing away, in a folder that everybody has.
LEFT_BEHIND = f"{DRIVES}/c/Users/Public/Documents/~旧.tmp"
_HASHES = f"find {DRIVES} -type f -size +0 -exec sha256sum -z {{}} +"


def contents(bag: Path, material: Iterable[Path], still_there: Iterable[Path] = ()) -> dict[str, str]:
    """SHA-256 to name of the results in ``bag`` and of the files below ``material``, but for those ``still_there``.

    What candidates copied from the raw material counts as raw material; empty files say nothing.
    """
    kept = {_sha256(path) for path in _files(still_there)}
    raw = {_sha256(path): path.name for path in _files(material)}
    table = json.loads((bag / "results.json").read_text(encoding="utf-8"))
    results = {
        _sha256(bag / entry["disc"]): f"{entry['account']}/{'/'.join(entry['parts'])}"
        for entry in table["entries"]
        if entry["kind"] == "file" and (bag / entry["disc"]).stat().st_size
    }
    return {digest: name for digest, name in (results | raw).items() if digest not in kept}


def on_hosts(containers: Sequence[str]) -> dict[str, dict[str, str]]:
    """Path to SHA-256 of every file on the drives of each host."""
    return {container: _hashes(podman.run("exec", container, "sh", "-c", _HASHES)) for container in containers}


def found(wanted: Mapping[str, str], hosts: Mapping[str, Mapping[str, str]]) -> list[str]:
    """A line for each file of ``hosts`` that has one of the ``wanted`` contents."""
    return [
        f"{container}: {path} is {wanted[digest]} of the session before"
        for container, files in hosts.items()
        for path, digest in sorted(files.items())
        if digest in wanted and QUARANTINE not in path
    ]


def leave_behind(container: str, bag: Path) -> str:
    """Put the content of a result of ``bag`` onto a host under another name; its SHA-256."""
    table = json.loads((bag / "results.json").read_text(encoding="utf-8"))
    files = [bag / entry["disc"] for entry in table["entries"] if entry["kind"] == "file"]
    result = next(path for path in files if path.stat().st_size)
    podman.run("exec", container, "mkdir", "-p", str(Path(LEFT_BEHIND).parent))
    podman.run("cp", str(result), f"{container}:{LEFT_BEHIND}")
    return _sha256(result)


def not_quarantined(digest: str, files: Mapping[str, str]) -> list[str]:
    """What is wrong if the content that was left behind is not in the quarantine of its host."""
    kept = [path for path, found_digest in files.items() if found_digest == digest and QUARANTINE in path]
    return [] if kept else [f"{LEFT_BEHIND} was left behind and is not in quarantine"]


def _hashes(said: str) -> dict[str, str]:
    return {path: digest for digest, _, path in (line.partition("  ") for line in said.split("\0") if line)}


def _files(folders: Iterable[Path]) -> Iterable[Path]:
    for folder in folders:
        yield from (path for path in sorted(folder.rglob("*")) if path.is_file() and path.stat().st_size)


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
