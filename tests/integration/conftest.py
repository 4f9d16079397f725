"""The folders of integration tests run side by side, each in one process: its tests share a stand-in room."""

from __future__ import annotations

from typing import Any

import pytest
from xdist.scheduler.loadscope import LoadScopeScheduling

# By how long they take, the longest first: then no process is left with a long one at the end.
FOLDERS = ("room", "acts", "wire", "standin", "seal", "faults", "burner")


class ByFolder(LoadScopeScheduling):
    """All tests of a folder go to the same process, in their order."""

    def _split_scope(self, nodeid: str) -> str:
        return nodeid.partition("::")[0].rpartition("/")[0]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest folder first."""
    ranks = {name: rank for rank, name in enumerate(FOLDERS)}
    items.sort(key=lambda item: ranks.get(item.path.parent.name, len(ranks)))


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByFolder:
    """pytest-xdist's own grouping by marks (3.8) does not work with pytest 9.2."""
    return ByFolder(config, log)
