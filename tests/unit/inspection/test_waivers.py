"""The file of waivers: what it must say, and how it is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from exam_room.errors import InputRefused
from exam_room.inspection import clauses, waivers

RULES = Path(__file__).resolve().parents[2] / "compliance"
HOSTS = ("server", "pc01", "pc02")
GOOD = """\
waivers:
  - clause: V8
    host: pc02
    reason: 还原卡送修，一周内换好
    who: 林国华
    expires: 2027-06-30T10:00:00Z
"""


def load(tmp_path: Path, content: str) -> list[waivers.Waiver]:
    path = tmp_path / "waivers.yml"
    path.write_text(content, encoding="utf-8")
    return waivers.load(path, clauses.load(RULES), HOSTS)


def test_without_a_file_nothing_is_waived(tmp_path: Path) -> None:
    assert waivers.load(tmp_path / "waivers.yml", clauses.load(RULES), HOSTS) == []


def test_a_waiver_is_read_and_goes_through_evidence_unchanged(tmp_path: Path) -> None:
    read = load(tmp_path, GOOD)
    assert read == [waivers.Waiver("V8", "pc02", "还原卡送修，一周内换好", "林国华", "2027-06-30T10:00:00Z")]
    assert waivers.from_document(waivers.to_document(read)) == read


def test_it_expires_at_its_moment() -> None:
    waiver = waivers.Waiver("V8", "pc02", "", "", "2027-06-30T10:00:00Z")
    assert not waiver.is_over("2027-06-30T09:59:59.999Z")
    assert waiver.is_over("2027-06-30T10:00:00.000Z")


@pytest.mark.parametrize("number", range(1, 8))
def test_what_decides_whether_results_are_right_cannot_be_waived(tmp_path: Path, number: int) -> None:
    with pytest.raises(InputRefused, match=rf"waivers.yml 第2行 \[waivers.0.clause\]: V{number} 不能豁免"):
        load(tmp_path, GOOD.replace("V8", f"V{number}"))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("V8", "V9", r"第2行 \[waivers.0.clause\]: V9 不能豁免；可豁免的有：V8、R1、R2、R3、R6"),
        ("V8", "V10", r"第2行 \[waivers.0.clause\]: 没有条款 V10"),
        ("host: pc02", "host: pc20", r"第3行 \[waivers.0.host\]: 考场中没有主机 pc20，是否应为 pc02"),
        ("    who: 林国华\n", "", r"第2行 \[waivers.0.who\]: 缺少此项"),
        ("    reason: 还原卡送修，一周内换好\n", "    reason:\n", r"第4行 \[waivers.0.reason\]: 缺少此项"),
        ("10:00:00Z", "10:00:00", r"第6行 \[waivers.0.expires\]: 须为 UTC 时间"),
        ("10:00:00Z", "10:00:00+08:00", r"第6行 \[waivers.0.expires\]: 须为 UTC 时间"),
        ("2027-06-30T", "2027-06-31T", r"第6行 \[waivers.0.expires\]: 须为 UTC 时间"),
        ("expires", "expire", r"第6行 \[waivers.0.expire\]: 未知的键 expire，是否应为 expires"),
        ("waivers:", "waiver:", "须为一项 waivers"),
        (GOOD, "", "须为一项 waivers"),
        (GOOD, "waivers: [", "不是有效的 YAML"),
        (GOOD, "waivers: [V8]", r"第1行 \[waivers.0\]: 须为“键: 值”的形式"),
    ],
)
def test_an_unreadable_waiver_is_refused_with_file_row_and_field(tmp_path: Path, old: str, new: str, said: str) -> None:
    with pytest.raises(InputRefused, match=said):
        load(tmp_path, GOOD.replace(old, new))
