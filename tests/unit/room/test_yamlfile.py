from __future__ import annotations

from pathlib import Path

import pytest

from exam_room.errors import InputRefused
from exam_room.room import yamlfile


def load(tmp_path: Path, content: str | bytes, text_only: bool = True) -> yamlfile.Document:
    path = tmp_path / "f.yml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return yamlfile.load(path, text_only=text_only)


def test_text_stays_as_it_stands(tmp_path: Path) -> None:
    document = load(tmp_path, "a: 14:30\nb: 0123\nc: 2027-06-19\nd: no\ne: 1_0\nf:\ng: ~\nh: 12\ni: true\n")
    assert document.data == {
        "a": "14:30",
        "b": "0123",
        "c": "2027-06-19",
        "d": "no",
        "e": "1_0",
        "f": None,
        "g": None,
    } | {
        "h": "12",
        "i": "true",
    }


def test_data_has_numbers_and_truth(tmp_path: Path) -> None:
    document = load(tmp_path, "a: 12\nb: true\nc: 0123\nd: yes\ne: 14:30\nf: '12'\n", text_only=False)
    assert document.data == {"a": 12, "b": True, "c": "0123", "d": "yes", "e": "14:30", "f": "12"}


def test_rows(tmp_path: Path) -> None:
    document = load(tmp_path, "---\n# one\na:\n  b:\n    - x\n    - y\n")
    assert document.row(("a", "b", 1)) == 6
    assert document.row(("a", "b", 9)) == 4
    assert document.row(("a",)) == 3


def test_reads_gb18030_and_bom(tmp_path: Path) -> None:
    assert load(tmp_path, "a: 考场".encode("gb18030")).data == {"a": "考场"}
    assert load(tmp_path, "a: 考场".encode("utf-8-sig")).data == {"a": "考场"}


@pytest.mark.parametrize(
    ("content", "row", "english"),
    [
        ("a: 1\nb: 2\na: 3\n", 3, "given twice"),
        ("x:\n  a: 1\n  a: 2\n", 3, "given twice"),
        ("a: &x 1\nb: *x\n", 2, "aliases"),
        ("a: !!python/object/apply:os.system ['x']\n", None, ""),
        ("a: !!python/name:os.system x\n", 1, "not valid YAML"),
        ("a: [1\nb: 2\n", 2, "not valid YAML"),
        ("a: 1\n\x01", None, "not valid YAML"),
        ("? [a]\n: 1\n", 1, "must be text"),
        ("a: " + "[" * 5000, None, "not valid YAML"),
        ("a: 1\n---\nb: 1\n", 2, "not valid YAML"),
    ],
)
def test_refuses(tmp_path: Path, content: str, row: int | None, english: str) -> None:
    if "apply" in content:
        # A list under a foreign tag is a list, nothing is called.
        assert load(tmp_path, content).data == {"a": ["x"]}
        return
    with pytest.raises(InputRefused, match=english) as refused:
        load(tmp_path, content)
    assert refused.value.problems[0].row == row


def test_refuses_missing_and_large_files(tmp_path: Path) -> None:
    with pytest.raises(InputRefused, match="cannot read"):
        yamlfile.load(tmp_path / "none.yml")
    with pytest.raises(InputRefused, match="too large"):
        load(tmp_path, "a: " + "x" * yamlfile.MAX_BYTES)


def test_an_empty_file_has_no_data(tmp_path: Path) -> None:
    assert load(tmp_path, "").data is None
    assert load(tmp_path, "# nothing\n").data is None
