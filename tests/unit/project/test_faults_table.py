"""The table of faults and the tests that show them say the same."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def test_every_line_of_the_table_is_a_test_and_every_test_a_line() -> None:
    table = (ROOT / "docs/faults.md").read_text(encoding="utf-8")
    tests = (ROOT / "tests/integration/faults/test_deadline_holds.py").read_text(encoding="utf-8")
    listed = re.findall(r"^\|.*\| `(test_\w+)` \|$", table, re.MULTILINE)
    written = re.findall(r"^def (test_\w+)\(", tests, re.MULTILINE)
    assert listed
    assert sorted(listed) == sorted(written)
