from __future__ import annotations

import re
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfoNotFoundError

import pytest

from exam_room.errors import InputRefused
from exam_room.room.exams import SCHEMA
from exam_room.room.session import Session, load_session
from unit.room.samples import EXAMS, SESSION, only

BEFORE = datetime(2027, 6, 1, tzinfo=UTC)


def write(tmp_path: Path, changes: dict[str, str | None] | None = None) -> Path:
    """The sample session file; a change replaces a key's line, adds one, or (None) removes it."""
    content = SESSION
    for key, line in (changes or {}).items():
        new = f"{line}\n" if line else ""
        found = re.search(rf"(?m)^{key}:.*\n", content)
        content = content.replace(found[0], new) if found else content + new
    path = tmp_path / "session.yml"
    path.write_text(content, encoding="utf-8")
    return path


def load(tmp_path: Path, changes: dict[str, str | None] | None = None, now: datetime | None = BEFORE) -> Session:
    return load_session(write(tmp_path, changes), EXAMS, now)


def test_reads_a_session(tmp_path: Path) -> None:
    session = load(tmp_path)
    content = session.to_dict()
    assert [unit.pop("name") for unit in content["units"]][:2] == ["跨境平台账号申请", "聚优选品"]
    assert content["units"][7] == {"number": 8, "weight": 20, "folder": "第八单元 客服管理及客服模板设置"}
    del content["units"]
    assert [one["unit"] for one in content["exam"].pop("results")["minimum"]] == ["商品文字编辑", "图片编辑与上传"]
    assert content == {
        "id": "s-1",
        "site": {"name": "示例考试站", "code": "0123"},
        "batch": "2027年第二批",
        "date": "2027-06-19",
        "room": "301考场",
        "exam": {
            "code": "cross-border-ecommerce",
            "name": {"zh": "跨境电商运营", "en": "Cross-border e-commerce operation"},
            "material": "",
            "duration": {"rule": "exact", "seconds": 7200},
            "assessors": {"candidates_each": 30, "at_least": 1, "odd": False},
            "invigilators": None,
            "pass_mark": None,
            "place": "机房（四（四）1–9）",
            "internet": {"policy": "allowed", "sites": []},
            "clauses": {},
            "software": {"required": [], "forbidden": [], "allowed": []},
        },
        "duration_seconds": 7200,
        "duration_rule": "exact",
        "planned_start": "2027-06-19T06:30:00.000Z",
        "timezone": "Asia/Shanghai",
        "staff": {"assessors": ["陈志远"], "inspector": ["林国华"], "invigilators": []},
    }
    assert session.roster.file == tmp_path / "roster.csv"
    assert (session.roster.seating, session.roster.room) == ("roster", "301考场")


def test_units_by_number_and_name_in_the_exams_order(tmp_path: Path) -> None:
    assert [unit.number for unit in load(tmp_path, {"units": "units: [聚优选品, 1]"}).units] == [1, 2]


def test_only_what_the_module_hands_in_is_asked_for(tmp_path: Path) -> None:
    session = load(tmp_path, {"units": "units: [4, 5]"})
    assert [one.unit for one in session.exam.results.minimum] == ["图片编辑与上传"]
    assert load(tmp_path, {"units": "units: [1]"}).to_dict()["exam"]["results"]["minimum"] == []


@pytest.mark.parametrize(
    ("line", "seconds"),
    [("duration_seconds: 7", 7), ("duration_minutes: 2", 120), ("invigilators: [某]", 60)],
)
def test_the_rehearsal_takes_any_time(tmp_path: Path, line: str, seconds: int) -> None:
    session = load(tmp_path, {"exam": "exam: rehearsal", line.split(":")[0]: line})
    assert (session.duration_seconds, session.exam.duration.rule) == (seconds, "free")


def test_other_time_zones(tmp_path: Path) -> None:
    session = load(tmp_path, {"timezone": "timezone: UTC"})
    assert session.to_dict()["planned_start"] == "2027-06-19T14:30:00.000Z"


def test_the_roster_may_call_the_session_otherwise(tmp_path: Path) -> None:
    roster = load(tmp_path, {"roster": "roster: {file: r.xlsx, session: 第1场, seating: lot, lot_seed: x}"}).roster
    assert (roster.session, roster.batch, roster.seating, roster.lot_seed) == ("第1场", "2027年第二批", "lot", "x")


DEADLINE = datetime(2027, 6, 19, 8, 30, tzinfo=UTC)


def test_a_deadline_in_the_past_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputRefused) as refused:
        load(tmp_path, now=DEADLINE)
    problem = only(refused.value)
    assert (problem.field, problem.row) == ("planned_start", 7)
    assert "in the past" in problem.en and "已过" in problem.zh


def test_a_deadline_to_come_is_not(tmp_path: Path) -> None:
    assert load(tmp_path, now=DEADLINE - timedelta(seconds=1))


def test_the_past_is_fine_for_the_rehearsal_and_after_the_exam(tmp_path: Path) -> None:
    assert load(tmp_path, {"exam": "exam: rehearsal"}, now=DEADLINE + timedelta(days=9))
    assert load(tmp_path, now=None)


@pytest.mark.parametrize(
    ("key", "line", "field", "english"),
    [
        *((key, None, key, "missing") for key in ("site", "batch", "date", "room", "exam", "planned_start", "roster")),
        ("assessors", None, "assessors", "missing"),
        ("inspector", None, "inspector", "missing"),
        ("session", None, "session", "missing"),
        ("site", "site: {name: x}", "site.code", "missing"),
        ("site", "site: x", "site", "mapping"),
        ("site", "site: {name: x, code: 1, cod: 2}", "site.cod", "did you mean code?"),
        ("planed_start", "planed_start: 09:00", "planed_start", "did you mean planned_start?"),
        ("batch", "batch: ''", "batch", "not empty"),
        ("batch", r'batch: "a\x07b"', "batch", "control character U+0007"),
        ("batch", f"batch: {'x' * 101}", "batch", "too long"),
        ("session", "session: 第一场", "session", "letters, digits"),
        ("session", "session: a/b", "session", "letters, digits"),
        ("session", "session: ..", "session", "start with a dot"),
        ("session", "session: .", "session", "start with a dot"),
        ("session", "session: CON", "session", "device name"),
        ("session", "session: nul.1", "session", "device name"),
        ("session", "session: a.", "session", "end in a dot"),
        ("session", f"session: {'x' * 41}", "session", "too long"),
        ("date", "date: 2027-02-30", "date", "no date"),
        ("date", "date: 2027/06/19", "date", "no date"),
        ("planned_start", "planned_start: 24:00", "planned_start", "no time"),
        ("planned_start", "planned_start: 9点", "planned_start", "no time"),
        ("timezone", "timezone: Asia/Shanghia", "timezone", "unknown time zone"),
        ("timezone", "timezone: ../../etc/passwd", "timezone", "unknown time zone"),
        ("exam", "exam: cross-border-commerce", "exam", "did you mean cross-border-ecommerce?"),
        ("exam", "exam: ../exams/rehearsal", "exam", "unknown exam"),
        ("units", "units: [9]", "units.0", "unknown unit 9"),
        ("units", "units: [1, 选品]", "units.1", "unknown unit"),
        ("units", "units: [1, 跨境平台账号申请]", "units.1", "twice"),
        ("units", "units: []", "units", "leave it out"),
        ("units", "units: 3", "units", "leave it out"),
        ("duration_minutes", "duration_minutes: 90", "duration_minutes", "takes 120 minutes, not 90"),
        ("duration_minutes", "duration_minutes: 121", "duration_minutes", "takes 120 minutes, not 121"),
        ("duration_minutes", "duration_minutes: 2h", "duration_minutes", "whole number"),
        ("duration_minutes", "duration_minutes: 0", "duration_minutes", "whole number"),
        ("duration_seconds", "duration_seconds: 7200", "duration_seconds", "free duration"),
        ("assessors", "assessors: [甲, 甲]", "assessors", "twice"),
        ("assessors", "assessors: [{a: b}]", "assessors.0", "text"),
        ("roster", "roster: {}", "roster.file", "missing"),
        ("roster", "roster: {file: r.csv, seating: random}", "roster.seating", "roster or lot"),
        ("roster", "roster: {file: r.csv, lot_seed: x}", "roster.lot_seed", "drawn by lot"),
        ("roster", "roster: {file: r.csv, seatin: lot}", "roster.seatin", "did you mean seating?"),
    ],
)
def test_refuses(tmp_path: Path, key: str, line: str | None, field: str, english: str) -> None:
    with pytest.raises(InputRefused) as refused:
        load(tmp_path, {key: line})
    problem = only(refused.value)
    assert problem.field == field
    assert english in problem.en
    assert problem.file == "session.yml"
    if line:
        content = (tmp_path / "session.yml").read_text(encoding="utf-8").splitlines()
        assert problem.row == content.index(line) + 1


def test_120_minutes_may_be_said_again(tmp_path: Path) -> None:
    assert load(tmp_path, {"duration_minutes": "duration_minutes: 120"}).duration_seconds == 7200


def test_minutes_and_seconds_exclude_each_other(tmp_path: Path) -> None:
    changes: dict[str, str | None] = {
        "exam": "exam: rehearsal",
        "duration_minutes": "duration_minutes: 1",
        "duration_seconds": "duration_seconds: 60",
    }
    with pytest.raises(InputRefused, match="not both"):
        load(tmp_path, changes)


def test_collects_everything_that_is_wrong(tmp_path: Path) -> None:
    with pytest.raises(InputRefused) as refused:
        load(tmp_path, {"date": "date: x", "session": "session: a b", "units": "units: [99]"})
    assert {problem.field for problem in refused.value.problems} == {"date", "session", "units.0"}


@pytest.mark.parametrize("content", ["", "- a\n", "text\n"])
def test_refuses_what_is_no_mapping(tmp_path: Path, content: str) -> None:
    path = tmp_path / "session.yml"
    path.write_text(content)
    with pytest.raises(InputRefused, match="mapping"):
        load_session(path, EXAMS, None)


def test_an_exam_may_set_a_minimum(tmp_path: Path) -> None:
    exams = tmp_path / "exams"
    exams.mkdir()
    shutil.copy(EXAMS / SCHEMA, exams)
    own = (
        (EXAMS / "rehearsal.yml")
        .read_text(encoding="utf-8")
        .replace("free: {default_seconds: 60}", "minimum_minutes: 90")
    )
    (exams / "own.yml").write_text(own.replace("code: rehearsal", "code: own"), encoding="utf-8")
    changes: dict[str, str | None] = {"exam": "exam: own"}
    assert load_session(write(tmp_path, changes), exams, BEFORE).duration_seconds == 90 * 60
    changes["duration_minutes"] = "duration_minutes: 100"
    assert load_session(write(tmp_path, changes), exams, BEFORE).duration_seconds == 100 * 60
    changes["duration_minutes"] = "duration_minutes: 89"
    with pytest.raises(InputRefused, match="at least 90 minutes"):
        load_session(write(tmp_path, changes), exams, BEFORE)


S2: dict[str, str | None] = {
    "exam": "exam: e-commerce",
    "level": "level: 五级",
    "track": "track: 跨境电子商务师",
    "part": "part: 技能考核",
}


def test_a_session_of_s2_says_level_track_and_part(tmp_path: Path) -> None:
    session = load(tmp_path, S2)
    assert session.exam.name_zh == "电子商务师 五级 跨境电子商务师 技能考核"
    assert session.duration_seconds == 90 * 60
    assert [unit.weight for unit in session.units] == [20, 35, 30, 15]
    longer = load(tmp_path, S2 | {"duration_minutes": "duration_minutes: 100", "units": "units: [业务处理]"})
    assert longer.duration_seconds == 6000
    assert [unit.number for unit in longer.units] == [3]


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"level": None, "track": None, "part": None}, ["level", "part"]),
        ({"track": "track: 微商"}, ["track"]),
        ({"part": "part: 综合评审"}, ["part"]),
        ({"duration_minutes": "duration_minutes: 89"}, ["duration_minutes"]),
        ({"exam": "exam: rehearsal"}, ["level", "track", "part"]),
    ],
)
def test_what_a_session_says_of_level_track_and_part_must_fit(
    tmp_path: Path, changes: dict[str, str | None], fields: list[str]
) -> None:
    with pytest.raises(InputRefused) as refused:
        load(tmp_path, S2 | changes)
    assert [problem.field for problem in refused.value.problems] == fields
    assert {problem.file for problem in refused.value.problems} == {"session.yml"}


def test_shanghai_needs_no_time_zone_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def none(name: str) -> None:
        raise ZoneInfoNotFoundError(name)

    monkeypatch.setattr("exam_room.room.session.ZoneInfo", none)
    assert load(tmp_path).to_dict()["planned_start"] == "2027-06-19T06:30:00.000Z"


def own(tmp_path: Path, name: str = "exams", code: str = "own", ending: str = "yml") -> Path:
    """An exam of the site's own, as the rehearsal, in a folder beside the session file."""
    folder = tmp_path / name
    folder.mkdir(exist_ok=True)
    content = (EXAMS / "rehearsal.yml").read_text(encoding="utf-8").replace("code: rehearsal", f"code: {code}")
    (folder / f"{code}.{ending}").write_text(content, encoding="utf-8")
    return folder


def test_a_sites_own_exam_lies_beside_the_session_file(tmp_path: Path) -> None:
    own(tmp_path)
    assert load(tmp_path, {"exam": "exam: own"}).exam.code == "own"
    assert load(tmp_path).exam.code == "cross-border-ecommerce"


def test_the_two_folders_of_exams_may_be_one(tmp_path: Path) -> None:
    shutil.copy(EXAMS / SCHEMA, own(tmp_path))
    assert load_session(write(tmp_path, {"exam": "exam: own"}), tmp_path / "exams", BEFORE).exam.code == "own"


def test_one_code_in_two_files_is_refused(tmp_path: Path) -> None:
    own(tmp_path, code="rehearsal")
    with pytest.raises(InputRefused) as refused:
        load(tmp_path, {"exam": "exam: rehearsal"})
    problem = only(refused.value)
    assert (problem.file, problem.field, problem.row) == ("session.yml", "exam", 6)
    assert "rehearsal 有两个文件" in problem.zh
    assert str(tmp_path / "exams" / "rehearsal.yml") in problem.en


def test_what_is_wrong_with_a_sites_own_exam_is_told_with_its_file(tmp_path: Path) -> None:
    path = own(tmp_path) / "own.yml"
    path.write_text(path.read_text(encoding="utf-8").replace("weight: 50", "weight: 49", 1), encoding="utf-8")
    with pytest.raises(InputRefused) as refused:
        load(tmp_path, {"exam": "exam: own"})
    problem = only(refused.value)
    assert (problem.file, problem.field, problem.zh) == ("own.yml", "units", "各单元比重合计须为 100，现为 99")


def test_an_unknown_exam_is_told_with_those_of_both_folders(tmp_path: Path) -> None:
    own(tmp_path)
    own(tmp_path, code="other", ending="yaml")
    with pytest.raises(InputRefused, match=r"cross-border-ecommerce, e-commerce, own, rehearsal; did you mean own\?"):
        load(tmp_path, {"exam": "exam: owm"})
    with pytest.raises(InputRefused, match=r"other\.yaml has to end in \.yml"):
        load(tmp_path, {"exam": "exam: other"})
