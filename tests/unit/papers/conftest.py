"""One sealed session for all tests that only read it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from sealing import example

SEATS = (example.ABSENT, example.BLANK, example.EMPTY, example.MANY, example.ENDED, example.MOVED, example.ODD, 22)


@pytest.fixture(scope="session")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = example.sealed_session(tmp_path_factory.mktemp("papers"), SEATS)
    example.burn(directory, example.Burning(per_disc=5))
    return directory


@pytest.fixture
def directory(original: Path, tmp_path: Path) -> Path:
    """A session directory of its own, without the payload, which no paper reads."""
    target = tmp_path / original.name
    shutil.copytree(original, target, ignore=shutil.ignore_patterns("data"))
    return target
