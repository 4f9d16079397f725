"""The index of all discs of a session (V7), the same on every disc: index.json for programs, 光盘索引.csv for people.

It holds the hash of each disc's payload manifest, which covers the results and not the index, so that the signature of
one disc proves what has to be on all the others.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Mapping, Sequence
from typing import Any

from ..collect import results
from ..errors import ExamError
from ..seal import bag
from .split import Share

JSON_NAME = "index.json"
CSV_NAME = "光盘索引.csv"
VERSION = 1


def index(
    info: Mapping[str, str], medium: str, tagmanifest_sha256: str, shares: Sequence[Share], volumes: Sequence[str]
) -> dict[str, Any]:
    """The content of index.json (docs/discs.md): ``info`` are the labels of the session's bag, whose hash is given."""
    numbered = enumerate(zip(shares, volumes, strict=True), start=1)
    discs = [_disc(number, volume, share) for number, (share, volume) in numbered]
    numbers = {one["exam_number"] for disc in discs for one in disc["candidates"] if one["exam_number"]}
    return {
        "version": VERSION,
        "session_id": info["External-Identifier"],
        "site": info["Source-Organization"],
        "room": info["Exam-Room"],
        "exam": info["Exam"],
        "medium": medium,
        "candidates": len(numbers),
        "files": sum(disc["files"] for disc in discs),
        "bytes": sum(disc["bytes"] for disc in discs),
        "session_tagmanifest_sha256": tagmanifest_sha256,
        "discs": discs,
    }


def _disc(number: int, volume: str, share: Share) -> dict[str, Any]:
    table = share.table
    summary = [
        {key: one[key] for key in ("account", "exam_number", "folder", "files", "bytes")} for one in table.summary()
    ]
    numbers = sorted(one["exam_number"] for one in summary if one["exam_number"])
    return {
        "number": number,
        "volume": volume,
        "files": len(table.files),
        "bytes": table.size,
        "exam_numbers": {"first": numbers[0], "last": numbers[-1]} if numbers else None,
        **{
            f"manifest_{name}": hashlib.new(name, bag.payload_manifest(table, name)).hexdigest()
            for name in bag.ALGORITHMS
        },
        "candidates": [
            {**one, "part": share.parts[one["account"]][0], "parts": share.parts[one["account"]][1]} for one in summary
        ],
    }


def as_json(content: Mapping[str, Any]) -> bytes:
    return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode()


def as_csv(content: Mapping[str, Any]) -> bytes:
    """Two tables below each other, for Excel: the discs, and who is on which."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    head = [
        "光盘 disc",
        "卷标 volume",
        "考生数 candidates",
        "准考证号起 first exam number",
        "准考证号止 last exam number",
    ]
    writer.writerow([*head, "文件 files", "字节 bytes", "manifest-sha256.txt 的 SHA-256"])
    discs = content["discs"]
    for disc in discs:
        numbers = disc["exam_numbers"] or {"first": "", "last": ""}
        count = sum(bool(one["exam_number"]) for one in disc["candidates"])
        row = [f"{disc['number']}/{len(discs)}", disc["volume"], count]
        row += [results.excel_text(numbers["first"]), results.excel_text(numbers["last"])]
        writer.writerow([*row, disc["files"], disc["bytes"], disc["manifest_sha256"]])
    writer.writerow([])
    writer.writerow(["光盘 disc", "用户名 account", "准考证号 exam number", "部分 part", "文件 files", "字节 bytes"])
    for disc in discs:
        for one in disc["candidates"]:
            row = [f"{disc['number']}/{len(discs)}", one["account"], results.excel_text(one["exam_number"] or "")]
            writer.writerow([*row, f"{one['part']}/{one['parts']}", one["files"], one["bytes"]])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def parse(content: bytes, name: str) -> dict[str, Any]:
    """The content of an index.json; raises ExamError when it is none of ours. ``name`` says which file it is."""
    try:
        found: dict[str, Any] = json.loads(content)
        if found["version"] != VERSION or not isinstance(found["discs"], list):
            raise ValueError(f"version {found['version']}")
    except (ValueError, KeyError, TypeError) as exc:
        raise ExamError(f"光盘索引 {name} 损坏：{exc}", f"The index of discs {name} is damaged: {exc}") from exc
    return found
