"""WQL text: parsed, evaluated, refused."""

from __future__ import annotations

import pytest

from standin.endpoint.wql.parse import InvalidQuery, parse

ROW = {"name": "exam", "path": "D:\\Exam\\share", "type": 0, "size": None, "on": True}


def test_the_parts_of_a_query() -> None:
    query = parse("select Name, Path from Win32_Share where Type = 0")
    assert (query.class_name, query.properties, query.tested) == ("Win32_Share", ("Name", "Path"), ("Type",))
    assert parse("SELECT * FROM Win32_Share").properties is None


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("Name = 'EXAM'", True),
        ('Name = "exam"', True),
        ("Name <> 'exam'", False),
        ("Path = 'D:\\\\Exam\\\\share'", True),
        ("Name LIKE 'ex%'", True),
        ("Name LIKE '_xam'", True),
        ("Name LIKE '[a-f]xam'", True),
        ("Name LIKE '[^a-f]xam'", False),
        ("Name LIKE 'xam'", False),
        ("Type < 1 AND Type >= 0", True),
        ("Type = '0'", True),
        ("Type > 3 OR On = TRUE", True),
        ("NOT On = TRUE", False),
        ("Name = 'x' AND (Type = 0 OR Type = 1)", False),
        ("Name = 'x' AND Type = 0 OR Type = 0", True),
        ("Size IS NULL", True),
        ("Size IS NOT NULL", False),
        ("Size > 3", False),
        ("Size <> 3", True),
    ],
)
def test_conditions(where: str, expected: bool) -> None:
    assert parse(f"SELECT Name FROM Win32_Share WHERE {where}").condition(ROW) is expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Win32_Share",
        "SELECT Name Win32_Share",
        "SELECT Name FROM",
        "SELECT Name FROM Win32_Share WHERE",
        "SELECT Name FROM Win32_Share WHERE Name",
        "SELECT Name FROM Win32_Share WHERE Name = exam",
        "SELECT Name FROM Win32_Share WHERE (Name = 'x'",
        "SELECT Name FROM Win32_Share; DROP",
        "ASSOCIATORS OF {Win32_Group}",
    ],
)
def test_what_is_no_query(text: str) -> None:
    with pytest.raises(InvalidQuery):
        parse(text)
