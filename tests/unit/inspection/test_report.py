"""What stands on the report, and how one finds one's way on it without colours."""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import Any

import pytest

from exam_room.inspection.keeping import keep
from exam_room.inspection.report import Report
from unit.compliance.good_room import GONE
from unit.inspection.rooms import OTHER_GROUP, SHARED, order


def report(tmp_path: Path, **options: Any) -> tuple[Report, str]:
    """The report of one inspection, and its page as text."""
    made = order(tmp_path, **options)
    made.directory.mkdir(exist_ok=True)
    kept = keep(made)
    assert kept.folder is not None
    page = (kept.folder / "report.html").read_text(encoding="utf-8")
    return Report(kept.verdict, made.plan, kept.changes), html.unescape(re.sub(r"<[^>]*>", "", page))


def test_a_good_room_has_nothing_to_mend(tmp_path: Path) -> None:
    made, page = report(tmp_path)
    assert made.sections() == [] and made.unread() == []
    assert "√允许开考" in re.sub(r"\s", "", page)
    assert all(cell.kind == "passed" for row in made.seat_rows() for cell in row)


def test_a_finding_has_host_expected_found_the_whole_command_and_the_words_of_the_clause(tmp_path: Path) -> None:
    made, page = report(tmp_path, changes=SHARED)
    ((section,), (point,)) = (made.sections(), made.sections()[0].points)
    assert (section.clause["id"], point.kind) == ("V4", "failed")
    assert [(row.hosts, row.expected, row.actual) for row in point.rows] == [("pc01", "无 none", "考题")]
    command = "ansible-playbook -i 'inventories/301 考场' playbooks/prepare.yml --limit pc01,localhost --tags isolation"
    assert point.mend == [command] and command in page
    assert "客户端之间不得建立共享" in page and "《跨境电商运营专项职业能力考核规范》" in page


def test_hosts_that_are_alike_share_a_row_and_a_command(tmp_path: Path) -> None:
    made, _ = report(tmp_path, changes=OTHER_GROUP)
    (point,) = made.sections()[0].points
    assert [row.hosts for row in point.rows] == ["pc01–pc03"]
    assert point.mend[0].endswith("--limit exam_clients,localhost --tags network")


def test_every_colour_on_the_seat_plan_has_a_sign_and_the_clauses_beside_it(tmp_path: Path) -> None:
    no_card = {"inside/pc02/restore_protection/value/uwf": None, "inside/pc02/restore_protection/value/drivers": ["x"]}
    made, page = report(tmp_path, changes=SHARED | no_card, not_reached={"pc03": "关机 off"})
    cells = {cell.host: (cell.kind, cell.sign, cell.clauses) for row in made.seat_rows() for cell in row}
    assert cells == {
        "pc01": ("failed", "×", "V4"),
        "pc02": ("advice", "○", "V8"),
        "pc03": ("unknown", "？", "V1 V2 V4 V5"),
    }
    assert [cell.kind for cell in made.wide_cells()] == ["passed", "passed"]
    assert len({words.sign for _, words in made.legend()}) == len(made.legend())
    assert all(words.sign in page for _, words in made.legend())


def test_a_host_that_is_off_is_said_once_and_not_for_every_rule(tmp_path: Path) -> None:
    made, page = report(tmp_path, not_reached={"pc03": "关机 off"})
    (unread,) = made.unread()
    assert (unread.hosts, unread.reason) == ("pc03", "关机 off")
    assert unread.rules == made.verdict["counts"]["unknown"]
    assert made.sections() == []
    assert "playbooks/inspect.yml" in page


def test_waivers_and_what_became_of_them_stand_on_it(tmp_path: Path) -> None:
    (tmp_path / "waivers.yml").write_text(
        "waivers:\n"
        "  - {clause: R2, host: room, reason: 考评员路上堵车, who: 林国华, expires: 2999-01-01T00:00:00Z}\n"
        "  - {clause: V8, host: pc01, reason: 还原卡送修, who: 林国华, expires: 2020-01-01T00:00:00Z}\n",
        encoding="utf-8",
    )
    made, page = report(tmp_path, changes={"plan/session/staff/assessors": []})
    assert made.verdict["verdict"] == "passed"
    (point,) = made.sections()[0].points
    assert (point.kind, point.waiver) == ("waived", "考评员路上堵车（林国华，至 until 2999-01-01T00:00:00Z）")
    for said in ("考评员路上堵车", "已采用", "还原卡送修", "已过期，不起作用"):
        assert said in page


def test_our_readings_and_who_signs_are_printed_always(tmp_path: Path) -> None:
    _, page = report(tmp_path, inspector_title="质量督导员")
    for said in ("SYSTEM 和 Administrators 保留访问权", "服务器还原卡生效即不允许开考", "不超过 30 天", "S2 没有规定"):
        assert said in page
    assert "考评员签名" in page and "（林国华）" in page and "质量督导员签名" in page


def test_what_never_judges_a_room_stands_there_with_the_reason(tmp_path: Path) -> None:
    _, page = report(tmp_path)
    assert "综合评审不在机房进行" in page and "报名时审核" in page


def test_a_plan_that_cannot_be_read_still_makes_a_report(tmp_path: Path) -> None:
    made, page = report(tmp_path, changes={"plan/network": GONE})
    assert made.verdict["verdict"] == "undecided"
    assert "无法判定" in page and "'network'" in page


@pytest.mark.parametrize(("seats", "columns"), [(3, 6), (30, 6), (31, 10), (60, 10)])
def test_the_seats_stand_in_rows_that_fit_the_paper(seats: int, columns: int) -> None:
    plan = {"seats": [{"number": number, "host": f"pc{number:02}"} for number in range(seats, 0, -1)]}
    rows = Report({"findings": []}, plan).seat_rows()
    assert [cell.host for row in rows for cell in row] == [f"pc{number:02}" for number in range(1, seats + 1)]
    assert max(map(len, rows)) == min(columns, seats)


def test_the_server_is_no_neighbour_of_the_first_seat() -> None:
    plan = {
        "server": {"host": "server"},
        "seats": [{"number": number, "host": f"pc{number:02}"} for number in range(1, 6)],
    }
    names = Report({"findings": []}, plan)._names
    assert names(["pc02", "server", "pc01", "pc03", "pc05", "room"]) == "全考场 room、server、pc01–pc03、pc05"
    assert names(["pc01", "pc02"]) == "pc01、pc02"
