"""Rosters as CSV: what is taken, and each refusal with its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from exam_room.errors import InputRefused
from exam_room.room.roster import Candidate
from exam_room.room.tables import MAX_BYTES, MAX_ROWS
from unit.room.samples import only, read

PLAIN = "准考证号,姓名\n0001,张三\n0002,李四\n"


def csv(tmp_path: Path, content: str | bytes, name: str = "roster.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_reads_what_exports_write(tmp_path: Path, encoding: str, delimiter: str, newline: str) -> None:
    content = PLAIN.replace(",", delimiter).replace("\n", newline)
    roster = read(csv(tmp_path, content.encode(encoding)))
    assert roster.candidates == (Candidate("0001", "张三", None, 2), Candidate("0002", "李四", None, 3))
    assert roster.other_rows == 0
    assert not roster.seats_given


@pytest.mark.parametrize(
    "header",
    [
        "考号,姓名",
        "准考证,考生姓名",
        "准考证号码,名字",
        "*准考证号（必填）,姓名：",
        "准 考 证 号,姓　名",
        "\ufeff准考证号,姓名\u200b",
        "准考证号,姓名,身份证号,备注",
        "准考证号,姓名,考号",
    ],
)
def test_header_by_any_name(tmp_path: Path, header: str) -> None:
    roster = read(csv(tmp_path, f"{header}\n0001,张三,440100200001010000,x\n"))
    assert roster.candidates == (Candidate("0001", "张三", None, 2),)


def test_titles_above_the_header_and_blank_rows(tmp_path: Path) -> None:
    content = "考生名单（准考证号、姓名）,\n制表：教务处,\n,\n\n准考证号,姓名\n,\n0001,张三\n\n \u200b,\n0002,李四\n"
    roster = read(csv(tmp_path, content))
    assert [(candidate.exam_number, candidate.row) for candidate in roster.candidates] == [("0001", 7), ("0002", 10)]


def test_only_this_sessions_rows_are_taken(tmp_path: Path) -> None:
    content = (
        "准考证号,姓名,考场,场次,批次\n"
        "1,甲,301,1,二批\n2,乙,302,1,二批\n3,丙, ３０１,１,二 批\n4,丁,301,2,二批\n1,戊,301,1,一批\n"
    )
    roster = read(csv(tmp_path, content))
    assert [candidate.name for candidate in roster.candidates] == ["甲", "丙"]
    assert roster.other_rows == 3


def test_other_sessions_rows_are_not_judged(tmp_path: Path) -> None:
    roster = read(csv(tmp_path, "准考证号,姓名,考场\n1,甲,301\n1,,302\n4.4E+17,\x07,302\n"))
    assert len(roster.candidates) == 1


@pytest.mark.parametrize("seat", ["2", "02", "２", "2号", "第2号机", "KS02", "ks02", " 2 "])
def test_seats_as_people_write_them(tmp_path: Path, seat: str) -> None:
    assert read(csv(tmp_path, f"准考证号,姓名,机位\n1,甲,{seat}\n")).candidates[0].seat == 2


@pytest.mark.parametrize("column", ["机位号", "座位号", "座位"])
def test_seat_columns(tmp_path: Path, column: str) -> None:
    assert read(csv(tmp_path, f"准考证号,姓名,{column}\n1,甲,3\n")).candidates[0].seat == 3


def test_an_empty_seat_column_gives_no_seats(tmp_path: Path) -> None:
    assert not read(csv(tmp_path, "准考证号,姓名,机位\n1,甲,\n2,乙,\n")).seats_given


@pytest.mark.parametrize(
    "name", ["梁𬀪", "谢䶮", "古丽米热·吾买尔", "O'Brien", "=1+1", "{{ lookup('pipe','id') }}", "<b>甲"]
)
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_names_are_kept_as_they_are(tmp_path: Path, name: str, encoding: str) -> None:
    content = f'准考证号,姓名\n1,"{name}"\n'
    assert read(csv(tmp_path, content.encode(encoding))).candidates[0].name == name


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("\t440127061900000001", "440127061900000001"),
        ("'440127061900000001", "440127061900000001"),
        ('="440127061900000001"', "440127061900000001"),
        ("４４０１\u3000", "4401"),
        ("44\u200b01", "4401"),
        ("ＡＢ-01", "AB-01"),
        ("22E01", "22E01"),
    ],
)
def test_exam_numbers_as_exports_protect_them(tmp_path: Path, written: str, kept: str) -> None:
    assert read(csv(tmp_path, f"准考证号,姓名\n{written},甲\n")).candidates[0].exam_number == kept


@pytest.mark.parametrize(
    ("content", "row", "field", "english"),
    [
        ("准考证号,姓名\n1,甲\n1,乙\n", 3, "准考证号", "that of row 2"),
        ("准考证号,姓名\na1,甲\nA１,乙\n", 3, "准考证号", "that of row 2"),
        ("准考证号,姓名\n44 01,甲\n4401,乙\n", 3, "准考证号", "that of row 2"),
        ("准考证号,姓名\n4401,甲\n44\u200b01,乙\n", 3, "准考证号", "that of row 2"),
        ("准考证号,姓名,机位\n1,甲,2\n2,乙,02\n", 3, "机位", "that of row 2"),
        ("准考证号,姓名,机位\n1,甲,2\n2,乙,KS02\n", 3, "机位", "that of row 2"),
        ("准考证号,姓名,座位号\n1,甲,4\n", 2, "座位号", "is a spare"),
        ("准考证号,姓名,机位\n1,甲,5\n", 2, "机位", "not in this room"),
        ("准考证号,姓名,机位\n1,甲,0\n", 2, "机位", "not in this room"),
        ("准考证号,姓名,机位\n1,甲,KS09\n", 2, "机位", "neither a seat nor an account"),
        ("准考证号,姓名,机位\n1,甲,-1\n", 2, "机位", "neither a seat nor an account"),
        ("准考证号,姓名,机位\n1,甲,1\n2,乙,\n", 3, "机位", "all or none"),
        ("准考证号,姓名\n1,甲\n2,乙\n3,丙\n4,丁\n", 5, None, "4 candidates are more than the 3 seats"),
        ("考号,姓名\n4.401E+17,甲\n", 2, "考号", "Excel has damaged"),
        ("考号,姓名\n4.4e17,甲\n", 2, "考号", "Excel has damaged"),
        ("考号,姓名\n4E+17,甲\n", 2, "考号", "Excel has damaged"),
        ("考号,姓名\n440127061900001000,甲\n", 2, "考号", "only zeros after digit 15"),
        ("准考证号,姓名\na/b,甲\n", 2, "准考证号", "may hold '/'"),
        ("准考证号,姓名\n..\\x,甲\n", 2, "准考证号", "may hold"),
        ("准考证号,姓名\nCON,甲\n", 2, "准考证号", "device name"),
        ("准考证号,姓名\ncom1.2,甲\n", 2, "准考证号", "device name"),
        ("准考证号,姓名\n1.,甲\n", 2, "准考证号", "end in a dot"),
        ("准考证号,姓名\n440106199001010013,甲\n", 2, "准考证号", "identity-card number"),
        ("准考证号,姓名\n1,甲 440106199001010013\n", 2, "姓名", "identity-card number"),
        (f"准考证号,姓名\n{'1' * 41},甲\n", 2, "准考证号", "too long"),
        (f"准考证号,姓名\n1,{'甲' * 61}\n", 2, "姓名", "too long"),
        ("准考证号,姓名\n,甲\n", 2, "准考证号", "is empty"),
        ("准考证号,姓名\n1,\n", 2, "姓名", "is empty"),
        ("准考证号,姓名\n1,\u200b\n", 2, "姓名", "is empty"),
        ("准考证号,姓名\n1,甲\x07乙\n", 2, "姓名", "U+0007"),
        ("准考证号,姓名\n1\x1b2,乙\n", 2, "准考证号", "U+001B"),
        ('准考证号,姓名\n1,"甲\n乙"\n', 2, "姓名", "U+000A"),
        ("准考证号,姓名\n1,甲\ufffd\n", 2, "姓名", "lost characters"),
        ("准考证号,姓名,考场\n1,甲,301\n2,乙,\n", 3, "考场", "session is unknown"),
        ("准考证号,姓名\n", 1, None, "roster is empty"),
        ("准考证号,姓名,考场\n1,甲,302\n", 1, None, "考场 = 301 (the roster has 302"),
        ("准考证号,性别\n1,男\n", 1, "姓名", "is missing"),
        ("姓名,性别\n甲,男\n", 1, "准考证号", "is missing"),
        ("准考证号,姓名,姓名\n1,甲,乙\n", 1, "姓名", "more than once"),
        ('准考证号,姓名\n1,"甲"乙\n', 2, None, "broken quotes"),
        ('准考证号,姓名\n1,"甲\n2,乙\n', 2, None, "broken quotes"),
        ("\n \n", None, None, "roster is empty"),
    ],
)
def test_refuses(tmp_path: Path, content: str, row: int | None, field: str | None, english: str) -> None:
    with pytest.raises(InputRefused) as refused:
        read(csv(tmp_path, content))
    problem = only(refused.value)
    assert (problem.file, problem.row, problem.field) == ("roster.csv", row, field)
    assert english in problem.en


def test_without_any_header_both_columns_are_named(tmp_path: Path) -> None:
    with pytest.raises(InputRefused) as refused:
        read(csv(tmp_path, "a,b\n1,2\n"))
    assert [problem.field for problem in refused.value.problems] == ["准考证号", "姓名"]


def test_long_numbers_that_all_end_in_zeros_are_damaged(tmp_path: Path) -> None:
    rows = [f"44012706190{n:04d}0" for n in (1, 2)]
    with pytest.raises(InputRefused) as refused:
        read(csv(tmp_path, "准考证号,姓名\n" + "".join(f"{number},甲\n" for number in rows)))
    assert [problem.row for problem in refused.value.problems] == [2, 3]


def test_long_numbers_of_which_one_ends_in_zero_are_not(tmp_path: Path) -> None:
    assert read(csv(tmp_path, "准考证号,姓名\n4401270619000010,甲\n4401270619000011,乙\n"))
    assert read(csv(tmp_path, "准考证号,姓名\n4401270619000010,甲\n"))


def test_collects_everything_that_is_wrong(tmp_path: Path) -> None:
    content = "准考证号,姓名,机位\n1,甲,1\n1,乙,1\nCON,,9\n4.4E+17,丁,2\n"
    with pytest.raises(InputRefused) as refused:
        read(csv(tmp_path, content))
    assert {(problem.row, problem.field) for problem in refused.value.problems} == {
        (3, "准考证号"),
        (3, "机位"),
        (4, "准考证号"),
        (4, "姓名"),
        (4, "机位"),
        (5, "准考证号"),
        (5, None),
    }


def test_a_hopeless_file_is_not_listed_to_the_end(tmp_path: Path) -> None:
    with pytest.raises(InputRefused) as refused:
        read(csv(tmp_path, "准考证号,姓名\n" + "1,\n" * 1000))
    assert len(refused.value.problems) == 101
    assert "more problems" in refused.value.problems[-1].en


@pytest.mark.parametrize(
    ("name", "data", "english"),
    [
        ("roster.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "save it as .xlsx"),
        ("roster.XLS", b"<table>", "save it as .xlsx"),
        ("roster.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "encrypted"),
        ("roster.csv", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "save it as .xlsx"),
        ("roster.pdf", b"%PDF", "only CSV or XLSX"),
        ("roster.xlsx", b"1,2", "no valid XLSX"),
        ("roster.xlsx", b"PK\x03\x04rest", "damaged"),
        ("roster.csv", b"", "the file is empty"),
        ("roster.csv", b"a\x00b", "NUL"),
        ("roster.csv", "准考证号,姓名\n1,\n".encode("gb18030") + "2,李四\n".encode(), "mixed"),
        ("roster.csv", b"\xff\xff", "unreadable encoding"),
        ("roster.csv", b"x" * (MAX_BYTES + 1), "too large"),
        ("roster.csv", b"1,2\n" * (MAX_ROWS + 1), "too many rows"),
    ],
)
def test_refuses_files_of_the_wrong_kind(tmp_path: Path, name: str, data: bytes, english: str) -> None:
    with pytest.raises(InputRefused) as refused:
        read(csv(tmp_path, data, name))
    problem = only(refused.value)
    assert english in problem.en
    assert problem.file == name
    if ".xls" in english:
        assert "请另存为 .xlsx" in problem.zh


def test_refuses_a_missing_file_and_a_directory(tmp_path: Path) -> None:
    with pytest.raises(InputRefused, match="cannot read"):
        read(tmp_path / "none.csv")
    (tmp_path / "d.csv").mkdir()
    with pytest.raises(InputRefused, match="cannot read"):
        read(tmp_path / "d.csv")


def test_a_csv_has_no_sheets(tmp_path: Path) -> None:
    with pytest.raises(InputRefused, match="no sheets"):
        read(csv(tmp_path, PLAIN), sheet="一")


def test_two_numbers_that_are_wrong_are_no_duplicates(tmp_path: Path) -> None:
    with pytest.raises(InputRefused) as refused:
        read(csv(tmp_path, "准考证号,姓名\n,甲\n,乙\n"))
    assert [problem.en for problem in refused.value.problems] == ["the exam number is empty"] * 2
