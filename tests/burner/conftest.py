"""The burner test runs in a virtual machine once; its tests judge what the machine found."""

from __future__ import annotations

from typing import Any

import pytest

from . import machine
from .discs import load

Answers = dict[str, dict[str, Any]]


@pytest.fixture(scope="session")
def answers(tmp_path_factory: pytest.TempPathFactory) -> Answers:
    """Case -> what happened in the machine."""
    try:
        machine.check()
        with machine.alone():
            found = machine.run(load(tmp_path_factory.mktemp("burner")))
    except machine.NoMachineError as error:
        pytest.exit(str(error), returncode=1)
    return {answer["case"]: answer for answer in found}
