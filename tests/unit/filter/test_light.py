"""Ansible loads every filter anew in each task on each host: sixty clients feel what a filter imports."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
FILTERS = sorted((ROOT / "plugins/filter").glob("*.py"))
# Libraries for files and connections; what Ansible itself has loaded by then is free.
HEAVY = {"cryptography", "impacket", "jsonschema", "openpyxl", "requests", "smbprotocol", "winrm"}
CODE = """
import importlib, sys
import ansible.playbook, ansible.errors, jinja2
before = set(sys.modules)
sys.path.insert(0, sys.argv[1])
importlib.import_module(sys.argv[2])
print(*sorted({name.partition(".")[0] for name in set(sys.modules) - before}))
"""


@pytest.mark.parametrize("path", FILTERS, ids=lambda path: path.stem)
def test_a_filter_loads_nothing_that_reads_or_connects(path: Path) -> None:
    command = [sys.executable, "-c", CODE, str(path.parent), path.stem]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    loaded = set(done.stdout.split())
    assert path.stem in loaded
    assert not loaded & HEAVY
