from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest

from exam_room.errors import InputRefused
from exam_room.room import seating
from exam_room.room.roster import Candidate, Roster
from exam_room.room.session import Session, load_session
from unit.room.samples import EXAMS, SESSION, room

NAMES = ["甲", "乙", "丙"]
LOT_0001 = "0899f2405c772abb9b3c68787a17e72eecc7b7cc4905f909b4c8bcbc50f783c0"
"""printf 'seed\\n0001' | sha256sum"""


def roster(seats: list[int | None] | None = None, names: list[str] | None = None, first: str = "000") -> Roster:
    names = names or NAMES
    given = seats or [None] * len(names)
    return Roster(
        tuple(Candidate(f"{first}{n}", name, given[n - 1], n + 1) for n, name in enumerate(names, start=1)), 0, ""
    )


def session(tmp_path: Path) -> Session:
    (tmp_path / "session.yml").write_text(SESSION, encoding="utf-8")
    return load_session(tmp_path / "session.yml", EXAMS, datetime(2027, 6, 1, tzinfo=UTC))


def names(plan: seating.SeatingPlan) -> list[str | None]:
    return [candidate.name if candidate else None for _, candidate in plan.seats]


def test_seats_as_the_roster_gives_them() -> None:
    plan = seating.assign(room(4), roster([3, 1, 4]), lot=False, seed=None)
    assert names(plan) == ["乙", None, "甲", "丙", None]
    assert plan.seed is None


def test_seats_in_roster_order_and_no_spare_is_given() -> None:
    assert names(seating.assign(room(3, spares=2), roster(), lot=False, seed=None)) == ["甲", "乙", "丙", None, None]


def test_the_plan_has_the_form_that_all_parts_share() -> None:
    plan = seating.assign(room(1), roster([1], ["甲"]), lot=False, seed=None)
    assert plan.to_list()[0]["candidate"] == {"exam_number": "0001", "name": "甲"}
    assert plan.to_list()[1]["candidate"] is None


def test_the_lot_is_what_its_description_says() -> None:
    plan = seating.assign(room(3), roster(), lot=True, seed="seed")
    digests = {name: seating.lot_key("seed", f"000{n}") for n, name in enumerate(NAMES, start=1)}
    assert names(plan) == [*sorted(NAMES, key=lambda name: digests[name]), None]
    assert plan.seed == "seed"


def test_the_lot_never_changes_between_versions() -> None:
    assert seating.lot_key("seed", "0001") == LOT_0001


def test_the_lot_depends_on_the_seed_not_on_the_order_of_the_roster() -> None:
    big = roster(names=[f"考生{n}" for n in range(30)], first="44")
    other = Roster(tuple(reversed(big.candidates)), 0, "")
    one = names(seating.assign(room(30), big, lot=True, seed="a"))
    assert one == names(seating.assign(room(30), other, lot=True, seed="a"))
    assert one != names(seating.assign(room(30), big, lot=True, seed="b"))
    assert sorted(str(name) for name in one[:30]) == sorted(candidate.name for candidate in big.candidates)


def test_without_a_seed_each_lot_is_another_and_says_its_seed() -> None:
    plans = [seating.assign(room(3), roster(), lot=True, seed=None) for _ in range(2)]
    assert plans[0].seed != plans[1].seed
    assert all(len(plan.seed or "") == 32 for plan in plans)
    assert names(plans[0]) == names(seating.assign(room(3), roster(), lot=True, seed=plans[0].seed))


def test_no_lot_when_the_roster_gives_seats() -> None:
    with pytest.raises(InputRefused, match="none can be drawn"):
        seating.assign(room(3), roster([1, 2, 3]), lot=True, seed="x")


def table(plan: seating.SeatingPlan) -> list[list[str]]:
    data = seating.seating_csv(plan)
    assert data.startswith(b"\xef\xbb\xbf")
    assert data.count(b"\r\n") == data.count(b"\n")
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))


def test_csv() -> None:
    plan = seating.assign(room(2), roster([2], ["甲"]), lot=False, seed=None)
    assert table(plan) == [
        ["机位", "用户名", "准考证号", "姓名", "备注"],
        ["1", "KS01", "", "", "空位"],
        ["2", "KS02", "0001", "甲", ""],
        ["3", "KS03", "", "", "备用机"],
    ]


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "＝1", " =1", "|cmd", "%x"])
def test_csv_holds_no_formula(name: str) -> None:
    plan = seating.assign(room(1), roster(names=[name]), lot=False, seed=None)
    assert table(plan)[1][3] == f"'{name}"


def test_csv_keeps_excel_from_damaging_long_numbers() -> None:
    plan = seating.assign(room(1), roster(names=["甲"], first="44012706190000"), lot=False, seed=None)
    assert table(plan)[1][2] == "\t440127061900001"


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data + "\n"


def test_html_escapes_and_never_templates(tmp_path: Path) -> None:
    hostile = ["<script>alert(1)</script>", "{{ 7*7 }}", '"&甲']
    plan = seating.assign(room(3), roster(names=hostile), lot=True, seed="<b>")
    page = _Page()
    page.feed(seating.seating_html(session(tmp_path), plan).decode())
    assert {"script", "b"}.isdisjoint(page.tags)
    assert page.tags.count("tr") == 5
    for name in [*hostile, "种子 <b>", "14:30", "120 分钟", "示例考试站", "备用机"]:
        assert name in page.text


def test_html_says_nothing_of_a_lot_that_was_not_drawn(tmp_path: Path) -> None:
    plan = seating.assign(room(3), roster(), lot=False, seed=None)
    assert "抽签" not in seating.seating_html(session(tmp_path), plan).decode()
