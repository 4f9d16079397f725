"""A rehearsal ends with verify.yml, which judges a disc as anyone can who has the site's key and the roster."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from rehearsal import run
from rehearsal.report import Outcome
from rehearsal.run import Paths
from standin import room


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    (tmp_path / "log").write_text("fatal: [localhost]: FAILED!\n[ERROR]: Task failed: 改动 a.txt\n", encoding="utf-8")
    return Paths(tmp_path / "session.yml", tmp_path / "sessions/s", tmp_path / "log")


def outcome(paths: Paths) -> Outcome:
    copies = [{"copy": copy, "disc": disc, "device": f"copy{copy}/S_{disc}.iso"} for copy in (1, 2) for disc in (1, 2)]
    return Outcome("s", 3, paths.directory, [], 1.0, copies=copies)


@pytest.mark.parametrize(
    ("status", "verified", "problems"),
    [(0, ["copy2/S_1.iso", "copy2/S_2.iso"], []), (2, [], ["verify.yml: localhost: Task failed: 改动 a.txt"])],
)
def test_the_last_copy_is_verified(
    paths: Paths,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    status: int,
    verified: list[str],
    problems: list[str],
) -> None:
    given: list[dict[str, Any]] = []

    def playbook(name: str, environment: dict[str, str], log: Path, *extra: str, patience: float) -> int:
        assert (name, extra[0]) == ("verify", "-e")
        given.append(json.loads(extra[1]))
        return status

    monkeypatch.setattr(run, "playbook", playbook)
    monkeypatch.setattr(room, "state_folder", lambda: tmp_path)
    found = outcome(paths)
    run.verify(found, paths, {})
    discs = tmp_path / "sessions/s/discs"
    assert given[0]["verify_disc"] == [str(discs / "copy2/S_1.iso"), str(discs / "copy2/S_2.iso")]
    assert given[0]["verify_roster"] == str(tmp_path / "session.yml")
    key = Path(given[0]["verify_key"])
    assert key.read_text(encoding="utf-8").startswith("ssh-ed25519 ")
    assert (found.verified, found.problems) == (verified, problems)
