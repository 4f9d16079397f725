"""What the papers are made from: the plan in the session's directory, and the journal, cutoff and table in its bag.

The bag is what was sealed: papers made from it say the same today and in five years.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from ..collect.collect import BAG
from ..collect.results import Table, load
from ..errors import ExamError
from ..journal.journal import FILE_NAME as JOURNAL
from ..journal.journal import Entry, parse
from ..journal.sitting import Sitting, seats_now, sitting
from ..room.planfile import PLAN
from ..seal import bag as bags


@dataclass(frozen=True)
class Session:
    """One session after the sealing. ``seats`` as sitting.seats_now gives them, with host, absent and ended."""

    directory: Path
    plan: Mapping[str, Any]
    """plan.json's ``session``: id, site, batch, date, room, exam, units, staff, planned_start, timezone."""
    seats: Sequence[Mapping[str, Any]]
    entries: Sequence[Entry]
    sitting: Sitting
    table: Table
    cutoff: Mapping[str, Any]
    info: Mapping[str, str]
    """The labels of bag-info.txt."""
    seal_sha256: str
    """SHA-256 of the signed tagmanifest-sha256.txt, which stands for the whole bag."""

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(str(self.plan["timezone"]))

    @property
    def candidates(self) -> list[Mapping[str, Any]]:
        """The seats that have a candidate, by exam number."""
        taken = [seat for seat in self.seats if seat.get("candidate")]
        return sorted(taken, key=lambda seat: str(seat["candidate"]["exam_number"]))

    @property
    def module(self) -> str:
        """The module examined 开考模块: its units."""
        return "、".join(f"{unit['number']} {unit['name']}" for unit in self.plan["units"])


def read(directory: Path) -> Session:
    """Read a session's directory; raises ExamError when the results are not sealed yet or something is damaged."""
    bag = directory / BAG
    if not (bag / bags.SEAL).exists():
        raise ExamError(
            f"{bag} 还没有封存，不能打印考试文书。请先执行“刻盘”：ansible-playbook playbooks/burn.yml",
            f"{bag} is not sealed, there are no papers yet. First run burn: ansible-playbook playbooks/burn.yml",
        )
    plan = read_json(directory / PLAN)
    try:
        entries = parse((bag / JOURNAL).read_bytes(), bag / JOURNAL).entries
        seal = sha256((bag / "tagmanifest-sha256.txt").read_bytes()).hexdigest()
        now = sitting(entries)
        return Session(
            directory=directory,
            plan=plan["session"],
            seats=seats_now(plan["seats"], now),
            entries=entries,
            sitting=now,
            table=load(bag),
            cutoff=read_json(bag / bags.CUTOFF),
            info=bags.read_info(bag),
            seal_sha256=seal,
        )
    except OSError as exc:
        raise ExamError(
            f"读不了 {exc.filename}：{exc.strerror}", f"Cannot read {exc.filename}: {exc.strerror}"
        ) from exc
    except (KeyError, TypeError, ValueError) as exc:
        raise ExamError(
            f"场次 {directory} 的数据损坏：{exc!r}", f"The data of {directory} is damaged: {exc!r}"
        ) from exc


def read_json(path: Path) -> dict[str, Any]:
    """An object from a file; ExamError when it is not there or damaged."""
    try:
        found = json.loads(path.read_bytes())
        if not isinstance(found, dict):
            raise ValueError("no object")
    except (OSError, ValueError) as exc:
        raise ExamError(f"{path} 缺失或损坏：{exc}", f"{path} is missing or damaged: {exc}") from exc
    return found
