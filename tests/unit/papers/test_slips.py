"""What a slip says of a candidate."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from exam_room.collect.answers import Seen
from exam_room.collect.results import FILE, FOLDER, LATE, REPARSE, STREAM, Entry, Owner, Table
from exam_room.errors import ExamError
from exam_room.papers.session import Session, read
from exam_room.papers.slips import (
    ABSENT,
    ABSENT_WITH_FILES,
    BLANK,
    HANDED_IN,
    MOST_FILES,
    MOST_FOLDERS,
    MOST_OUTSIDE,
    UNKNOWN,
    Slip,
    slips,
    status,
)
from sealing import example

NOBODY = Seen(absent=frozenset(), present=frozenset(), material=frozenset("m"))
PRESENT = replace(NOBODY, present=frozenset({"ks22"}))
ABSENTEE = replace(NOBODY, absent=frozenset({"ks22"}))


@pytest.fixture(scope="module")
def session(original: Path) -> Session:
    return read(original)


def slip_of(session: Session, seat: int) -> Slip:
    return next(one for one in slips(session) if one.seat["number"] == seat)


def test_every_candidate_has_one_by_exam_number(session: Session) -> None:
    found = [one.number for one in slips(session)]
    assert len(found) == 8
    assert found == sorted(found)


@pytest.mark.parametrize(
    ("seat", "said"),
    [
        (example.ABSENT, ABSENT),
        (example.BLANK, BLANK),
        (example.EMPTY, BLANK),
        (example.ODD, HANDED_IN),
        (22, HANDED_IN),
    ],
)
def test_who_handed_in_nothing_is_named(session: Session, seat: int, said: str) -> None:
    assert slip_of(session, seat).status == said


def test_of_whom_nothing_is_known_it_is_not_said_that_he_handed_in_a_blank_paper(session: Session) -> None:
    unseen = replace(session, cutoff={**session.cutoff, "seats": []})
    assert slip_of(unseen, example.EMPTY).status == UNKNOWN
    assert slip_of(unseen, example.BLANK).status == BLANK
    assert slip_of(unseen, example.ABSENT).status == ABSENT


def entry(name: str, sha256: str = "a" * 64, **changes: object) -> Entry:
    parts = tuple(name.split("/"))
    made = Entry("KS22", FILE, parts, f"data/KS22_1/{name}", 3, 10**17, 10**17, sha256, "b" * 128)
    return replace(made, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("seen", "hashes", "said"),
    [
        (PRESENT, ["m"], BLANK),
        (PRESENT, ["m", "x"], HANDED_IN),
        (PRESENT, [], BLANK),
        (ABSENTEE, [], ABSENT),
        (ABSENTEE, ["m"], ABSENT_WITH_FILES),
        (ABSENTEE, ["x"], ABSENT_WITH_FILES),
        (NOBODY, [], UNKNOWN),
        (NOBODY, ["m"], BLANK),
        # Without a note of the material nobody is called blank who has files.
        (replace(PRESENT, material=None), ["m"], HANDED_IN),
        (replace(NOBODY, material=None), [], UNKNOWN),
    ],
)
def test_status(seen: Seen, hashes: list[str], said: str) -> None:
    assert status("KS22", [entry("f", digest) for digest in hashes], seen) == said


def test_an_empty_folder_left_behind_tells_that_he_was_there() -> None:
    assert status("KS22", [entry("f", "", kind=FOLDER)], NOBODY) == BLANK
    assert status("KS22", [entry("f", "", kind=FOLDER)], ABSENTEE) == ABSENT


def test_a_line_has_name_size_time_and_hash(session: Session) -> None:
    slip = slip_of(session, 22)
    assert (slip.count, slip.size) == (10, sum(map(len, example.files_of(22).values())))
    assert not slip.left_out
    first = slip.files[0]
    assert first.path == "第一单元\\作答_账号信息登记表.xlsx"
    assert first.size == len(example.files_of(22)["第一单元/作答_账号信息登记表.xlsx"])
    # The clock in the room, eight hours ahead of UTC.
    assert first.saved.startswith("2027-06-19 09:0")
    assert slip.last_saved == max(file.saved for file in slip.files)
    assert {file.path: file.note for file in slip.files}["素材副本\\促销日历.txt"] == "与原始素材相同"


def test_what_differs_on_disc_is_said(session: Session) -> None:
    notes = {file.path: file.note for file in slip_of(session, example.ODD).files}
    assert notes["空文件.txt"] == "空文件"
    assert notes["𠮷野家.docx"].startswith("盘上名称 _野家")
    assert notes["=1+1.csv"] == ""


def with_entries(session: Session, *entries: Entry) -> Session:
    number = slip_of(session, 22).number
    owner = Owner("KS22", number)
    table = Table("", "", (owner,), {owner: "data/KS22_1"}, entries)
    seats = [one for one in session.seats if one["account"] == "KS22"]
    return replace(session, table=table, seats=seats)


def test_of_many_files_the_last_saved_are_listed_and_the_others_counted(session: Session) -> None:
    old = [entry(f"旧稿/{n}", changed=10**17 + n) for n in range(30)]
    top = [entry(f"散{n}", changed=10**17 + n) for n in range(4)]
    new = [entry(f"新稿/{n:03}", changed=2 * 10**17 + n) for n in range(MOST_FILES)]
    (slip,) = slips(with_entries(session, *new, *old, *top))
    assert [file.path for file in slip.files] == [f"新稿\\{n:03}" for n in range(MOST_FILES)]
    assert [(one.name, one.files, one.size) for one in slip.left_out] == [("旧稿", 30, 90), ("（考试文件夹）", 4, 12)]
    assert (slip.count, slip.left_out_count, slip.left_out_size) == (234, 34, 102)


def test_exactly_the_limit_is_listed_whole(session: Session) -> None:
    (slip,) = slips(with_entries(session, *(entry(f"{n:03}") for n in range(MOST_FILES))))
    assert len(slip.files) == MOST_FILES
    assert not slip.left_out


def test_many_folders_are_summed_up(session: Session) -> None:
    entries = [entry(f"f{n:04}/x", changed=10**17 + n) for n in range(MOST_FILES + MOST_FOLDERS + 5)]
    (slip,) = slips(with_entries(session, *entries))
    assert len(slip.left_out) == MOST_FOLDERS + 1
    assert slip.left_out[-1].name == "其余 5 个文件夹"
    assert slip.left_out_count == MOST_FOLDERS + 5


def test_the_time_of_saving_is_the_servers_not_the_programs(session: Session) -> None:
    saved = 134_000_000_000_000_000
    copied = entry("a", modified=10**17, changed=saved)
    never = entry("b", modified=saved, changed=0)
    beyond = entry("c", modified=0, changed=0)
    (slip,) = slips(with_entries(session, copied, never, beyond))
    assert [file.saved for file in slip.files] == ["2025-08-18 22:13:20", "2025-08-18 22:13:20", "—"]


def test_what_was_changed_after_the_cut_or_not_collected_is_named(session: Session) -> None:
    later = entry("改动.txt", changed=140_000_000_000_000_000)
    late = entry("迟到.txt", kind=LATE)
    link = entry("链接", kind=REPARSE)
    streams = [entry(f"a.txt:{name}", kind=STREAM) for name in ("secret", "Zone.Identifier")]
    (slip,) = slips(with_entries(session, later, late, link, *streams))
    assert [file.note for file in slip.files] == ["收卷后有变动"]
    assert slip.outside == [
        "迟到.txt（收卷后才出现，不收）",
        "链接（链接，未跟随）",
        "a.txt:secret（附加数据流，不收）",
    ]


def test_what_was_not_collected_is_not_listed_without_end(session: Session) -> None:
    links = [entry(f"{n:03}", kind=REPARSE) for n in range(MOST_OUTSIDE + 1)]
    (slip,) = slips(with_entries(session, *links))
    assert len(slip.outside) == MOST_OUTSIDE + 1
    assert slip.outside[-1] == f"共 {MOST_OUTSIDE + 1} 项"


def test_what_happened_to_the_seat_is_known(session: Session) -> None:
    assert slip_of(session, example.MOVED).seat["host"] == "spare01"
    assert slip_of(session, example.ENDED).seat["ended"] == "提前交卷"


def test_nothing_is_printed_before_the_sealing(directory: Path) -> None:
    (directory / "bag/tagmanifest-sha256.txt.sig").unlink()
    with pytest.raises(ExamError, match=r"还没有封存[\s\S]*burn\.yml"):
        read(directory)


@pytest.mark.parametrize("name", ["plan.json", "bag/cutoff.json", "bag/results.json", "bag/journal.jsonl"])
def test_what_is_missing_or_damaged_is_named(directory: Path, name: str) -> None:
    (directory / name).write_bytes(b"[1]\n")
    with pytest.raises(ExamError):
        read(directory)
    (directory / name).unlink()
    with pytest.raises(ExamError, match=name.rpartition("/")[2]):
        read(directory)
