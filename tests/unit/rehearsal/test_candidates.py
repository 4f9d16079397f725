"""The proof of the results: what a candidate saved against what was collected."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from rehearsal.candidates import compare

CONTENT = "跨境电商运营\r\n".encode()
PATH = "草稿/第1稿.txt"


def _report(files: dict[str, bytes], in_flight: str | None = None) -> dict[str, Any]:
    told = {
        path: {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()} for path, content in files.items()
    }
    return {"account": "KS01", "files": told, "in_flight": in_flight}


def _bag(folder: Path, *collected: tuple[str, str, bytes], account: str = "KS01", kind: str = "file") -> Path:
    """A bag of (true path, path on the disc, content)."""
    entries = []
    for path, disc, content in collected:
        file = folder / "data" / disc
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
        entries.append({"account": account, "kind": kind, "parts": path.split("/"), "disc": f"data/{disc}"})
    (folder / "results.json").write_text(json.dumps({"entries": entries}), encoding="utf-8")
    return folder


def test_what_was_saved_is_there(tmp_path: Path) -> None:
    assert (
        compare(
            _report({PATH: CONTENT, "空文件.docx": b""}),
            _bag(tmp_path, (PATH, f"KS01/{PATH}", CONTENT), ("空文件.docx", "KS01/空文件.docx", b"")),
        )
        == []
    )


def test_a_name_that_was_changed_on_the_disc_is_found_by_its_true_one(tmp_path: Path) -> None:
    bag = _bag(tmp_path, (PATH, "KS01/__long/7f3a.txt", CONTENT))
    assert compare(_report({PATH: CONTENT}), bag) == []


def test_missing_in_the_table(tmp_path: Path) -> None:
    assert compare(_report({PATH: CONTENT}), _bag(tmp_path)) == [f"KS01: {PATH} is missing"]


def test_missing_although_the_table_names_it(tmp_path: Path) -> None:
    bag = _bag(tmp_path, (PATH, f"KS01/{PATH}", CONTENT))
    (bag / "data/KS01" / PATH).unlink()
    assert compare(_report({PATH: CONTENT}), bag) == [f"KS01: {PATH} is missing"]


@pytest.mark.parametrize(("account", "kind"), [("KS02", "file"), ("KS01", "late")])
def test_a_neighbours_file_or_a_late_one_is_not_it(tmp_path: Path, account: str, kind: str) -> None:
    bag = _bag(tmp_path, (PATH, f"KS01/{PATH}", CONTENT), account=account, kind=kind)
    assert compare(_report({PATH: CONTENT}), bag) == [f"KS01: {PATH} is missing"]


@pytest.mark.parametrize("content", [CONTENT[:-1], CONTENT + b"\0", b"", CONTENT.replace(b"\r\n", b"\n")])
def test_one_byte_differs(tmp_path: Path, content: bytes) -> None:
    bag = _bag(tmp_path, (PATH, f"KS01/{PATH}", content))
    assert compare(_report({PATH: CONTENT}), bag) == [f"KS01: {PATH} differs"]


def test_a_file_that_nobody_saved(tmp_path: Path) -> None:
    bag = _bag(tmp_path, (PATH, "KS01/1", CONTENT), ("b.txt", "KS01/2", b"x"), ("a.txt", "KS01/3", b"x"))
    assert compare(_report({PATH: CONTENT}), bag) == ["KS01: a.txt was never saved", "KS01: b.txt was never saved"]


@pytest.mark.parametrize("arrived", [True, False])
def test_the_file_in_flight_may_be_there_or_not(tmp_path: Path, arrived: bool) -> None:
    half = [("草稿/第2稿.txt", "KS01/2", CONTENT[:5])] if arrived else []
    bag = _bag(tmp_path, (PATH, "KS01/1", CONTENT), *half)
    assert compare(_report({PATH: CONTENT}, "草稿\\第2稿.txt"), bag) == []


def test_every_problem_is_told(tmp_path: Path) -> None:
    bag = _bag(tmp_path, ("a.txt", "KS01/a", b"1"), ("c.txt", "KS01/c", b"1"))
    assert len(compare(_report({"a.txt": b"2", "b.txt": b"2"}), bag)) == 3
