from __future__ import annotations

import pytest

from exam_room.errors import InputRefused
from exam_room.room import text


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("4401 0001", "44010001"),
        ("ab１２", "AB12"),
        ("12\u200b3", "123"),
        ("\ufeff123", "123"),
        ("１２３\u3000", "123"),
        ("Ｋs01", "kS01"),
        ("1\u202e2", "12"),
    ],
)
def test_what_reads_the_same_has_the_same_key(one: str, other: str) -> None:
    assert text.key(one) == text.key(other)


def test_different_names_have_different_keys() -> None:
    assert text.key("301考场") != text.key("302考场")
    assert text.key("谢䶮") != text.key("谢龑")


def test_clean_keeps_rare_characters_and_shaping() -> None:
    # U+F9A8 looks like U+4EE4 and would become it under any Unicode normalisation; 葛󠄀 has a variation selector.
    for name in ("\uf9a8狐", "葛\U000e0100城", "梁𬀪", "马依拉·阿不都热合曼"):
        assert text.clean(f" {name}\u200b") == name
    assert text.clean("张\u3000伟") == "张 伟"


def test_clean_code_makes_digits_ordinary() -> None:
    assert text.clean_code("４４０１ ") == "4401"


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("a\x00b", "U+0000"),
        ("a\nb", "U+000A"),
        ("a\tb", "U+0009"),
        ("a\x85b", "U+0085"),
        ("\ta\n", None),
        ("正常", None),
    ],
)
def test_control_characters_inside(value: str, found: str | None) -> None:
    assert text.control_character(value) == found


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_decodes(encoding: str) -> None:
    sample = "准考证号,姓名\n1,谢䶮\n2,𬀪\n"
    assert text.decode(sample.encode(encoding), "f") == sample


def test_decodes_utf16_of_either_order() -> None:
    for bom, encoding in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        assert text.decode(bom + "姓名".encode(encoding), "f") == "姓名"


def test_characters_that_gb18030_2022_moved() -> None:
    # GBK bytes FE59 are U+9FB4; editions before 2022 put them into the private use area.
    assert text.decode(b"\xfe\x59", "f") == "\u9fb4"


@pytest.mark.parametrize(
    ("data", "row", "english"),
    [
        (b"a,b\nc\x00d\n", 2, "NUL"),
        ("a姓名".encode("utf-16-le"), 1, "NUL"),
        (b"a\nb\n\xff\xff\n", 3, "unreadable encoding"),
        ("姓名\n".encode("gb18030") + b"\xd5", 2, "unreadable encoding"),
        (b"\xef\xbb\xbfa\n\xd5\xc5\n", 2, "unreadable encoding"),
        ("姓名,准考证号\n".encode("gb18030") + "张三,1\n".encode(), 2, "mixed"),
        ("姓名,准考证号\n".encode() + "李四,1\n".encode("gb18030"), 1, "mixed"),
    ],
)
def test_refuses_unreadable_bytes(data: bytes, row: int, english: str) -> None:
    with pytest.raises(InputRefused, match=english) as refused:
        text.decode(data, "f")
    assert refused.value.problems[0].row == row


def test_gb18030_names_are_not_taken_for_a_mixture() -> None:
    # 联通 and the like: bytes that UTF-8 would take for two-byte sequences.
    for name in ("联通", "通过", "李陕西", "欧阳若曦"):
        sample = f"姓名\n{name}\n"
        assert text.decode(sample.encode("gb18030"), "f") == sample


def test_nearest() -> None:
    assert text.nearest("planed_start", ["planned_start", "date"]) == "planned_start"
    assert text.nearest("zzz", ["planned_start", "date"]) is None
