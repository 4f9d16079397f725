"""Whatever it is called now, a result or raw material of an earlier session is found again."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from exam_room.clean import places
from rehearsal import traces

ANSWER, RAW, COMMON = "考生的答案".encode(), b"raw material of unit 1", b"of both units"


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _bag(folder: Path) -> Path:
    entries = []
    for name, content in (("答案.docx", ANSWER), ("空.docx", b""), ("原图.png", RAW)):
        (folder / "data").mkdir(parents=True, exist_ok=True)
        (folder / "data" / name).write_bytes(content)
        entries.append({"account": "KS01", "kind": "file", "parts": [name], "disc": f"data/{name}"})
    (folder / "results.json").write_text(json.dumps({"entries": entries}), encoding="utf-8")
    return folder


def _unit(folder: Path, **files: bytes) -> Path:
    folder.mkdir()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return folder


def test_results_and_raw_material_are_known_by_content(tmp_path: Path) -> None:
    first = _unit(tmp_path / "first", raw=RAW, common=COMMON)
    second = _unit(tmp_path / "second", other=b"of unit 2", common=COMMON)
    wanted = traces.contents(_bag(tmp_path / "bag"), [first], [second])
    assert wanted == {_sha256(ANSWER): "KS01/答案.docx", _sha256(RAW): "raw"}


def test_what_is_left_is_named_with_its_host() -> None:
    hosts = {
        "room-pc01": {"/srv/c/Windows/Temp/~1.tmp": _sha256(ANSWER), "/srv/c/Windows/notepad.exe": _sha256(b"x")},
        "room-server": {},
    }
    assert traces.found({_sha256(ANSWER): "KS01/答案.docx"}, hosts) == [
        "room-pc01: /srv/c/Windows/Temp/~1.tmp is KS01/答案.docx of the session before"
    ]


def test_the_hashes_of_names_with_everything_in_them() -> None:
    said = f"{_sha256(b'1')}  /srv/d/a  b\nc.txt\0{_sha256(b'2')}  /srv/c/x\0"
    assert traces._hashes(said) == {"/srv/d/a  b\nc.txt": _sha256(b"1"), "/srv/c/x": _sha256(b"2")}


def test_what_is_in_quarantine_is_where_it_should_be() -> None:
    kept = {f"/srv/c/{places.QUARANTINE}/s/x/files/Users/Public/Documents/~旧.tmp": _sha256(ANSWER)}
    assert traces.found({_sha256(ANSWER): "KS01/答案.docx"}, {"room-pc01": kept}) == []
    assert traces.not_quarantined(_sha256(ANSWER), kept) == []
    assert traces.not_quarantined(_sha256(ANSWER), {"/srv/c/Users/Public/Documents/~旧.tmp": _sha256(ANSWER)})
