"""A session on paper, and an ansible-playbook that only plays at it."""

from __future__ import annotations

import json
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from exam_room import locks
from exam_room.menu.menu import MENU_LOCK, Menu, World
from exam_room.menu.plan import Plan
from exam_room.menu.runner import FOLDER, Runner
from exam_room.menu.screen import Screen

PROJECT = Path(__file__).resolve().parents[3]
SEATS: tuple[dict[str, Any], ...] = tuple(
    {
        "number": number,
        "host": f"pc{number:02}" if number < 4 else "spare01",
        "address": f"192.168.10.{100 + number}",
        "account": f"KS{number:02}",
        "spare": number == 4,
        "candidate": {"exam_number": f"44012027{number:04}", "name": name} if name else None,
    }
    for number, name in enumerate(("张三", "李四", "王五", ""), start=1)
)
SESSION: dict[str, Any] = {
    "id": "20270619-301-1",
    "room": "301考场",
    "exam": {"code": "x", "name": {"zh": "跨境电商运营", "en": "cross-border e-commerce"}},
    "duration_seconds": 7200,
    "duration_rule": "exact",
    "planned_start": "2027-06-19T01:00:00.000Z",
    "timezone": "Asia/Shanghai",
}


class Desk:
    """One menu with scripted answers, over the fake ansible-playbook."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.directory: Path = folder / "sessions" / str(SESSION["id"])
        self.said: list[str] = []
        self.boards = 0
        self.plan = Plan(SESSION, SEATS, self.directory)
        self.presences = ExitStack()

    def menu(self, *answers: str | type[BaseException], password: str | None = None, settle: float = 0.5) -> str:
        """Open the menu, answer, and give what it said. After the last answer the input is closed.

        ``settle``: how long a cutoff that is to wait is looked at; one that fails at once may take a while to.
        """
        script: Iterator[str | type[BaseException]] = iter(answers)

        def read(prompt: str) -> str:
            self.said.append(prompt)
            answer = next(script, EOFError)
            if isinstance(answer, str):
                return answer
            raise answer

        self.said.clear()
        runner = Runner(PROJECT, self.folder / "room", password, lambda: datetime.now(UTC))
        with locks.present(self.directory / FOLDER / MENU_LOCK) as presence:
            world = World(lambda: datetime.now(UTC), self._board, settle)
            Menu(Screen(read, self.said.append), self.plan, runner, world, presence).run()
        assert next(script, None) is None, "not every answer was asked for"
        return "\n".join(self.said)

    def _board(self) -> int:
        self.boards += 1
        return 0

    def calls(self) -> list[dict[str, Any]]:
        """How ansible-playbook was called, plan.yml left out."""
        path = self.folder / "calls.jsonl"
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        return [call for call in map(json.loads, lines) if "playbooks/plan.yml" not in call["arguments"]]

    def steps(self) -> list[str]:
        """The steps that were run, in order."""
        return [word[10:-4] for call in self.calls() for word in call["arguments"] if word.startswith("playbooks/")]

    def mark(self, name: str) -> None:
        """Tell the fake something, see there."""
        (self.folder / name).touch()


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    made = Desk(tmp_path)
    plan = {"session": SESSION, "seats": SEATS, "directory": str(made.directory)}
    (tmp_path / "plan.json").write_text(json.dumps(plan), encoding="utf-8")
    (tmp_path / "room").mkdir()
    (tmp_path / "room/hosts.yml").touch()
    programs = tmp_path / "bin"
    programs.mkdir()
    fake = programs / "ansible-playbook"
    source = (Path(__file__).parent / "fake_ansible_playbook.py").read_text(encoding="utf-8")
    fake.write_text(f"#!{sys.executable}\n{source}", encoding="utf-8")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:/usr/bin:/bin")
    monkeypatch.setenv("PYTHONPATH", str(PROJECT / "module_utils"))
    monkeypatch.setenv("FAKE_ANSIBLE", str(tmp_path))
    monkeypatch.delenv("ANSIBLE_VAULT_PASSWORD_FILE", raising=False)
    with made.presences:
        yield made
    # Let whatever still waits in the background end.
    made.mark("deadline")
    shutil.rmtree(tmp_path / "room")


@pytest.fixture
def eventually() -> Callable[[Callable[[], bool]], None]:
    """Wait until something is so, generously."""

    def wait(so: Callable[[], bool]) -> None:
        give_up = time.monotonic() + 30
        while not so():
            assert time.monotonic() < give_up
            time.sleep(0.05)

    return wait
