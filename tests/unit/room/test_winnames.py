from __future__ import annotations

import pytest

from exam_room.room import winnames


@pytest.mark.parametrize(
    "name", ["440127061900001", "粤A-0001", "a.b", "COM", "CONS", "COM10", "lpt", "𬀪", "第一 单元"]
)
def test_windows_takes_the_file_name(name: str) -> None:
    assert winnames.file_name(name, 40) is None


@pytest.mark.parametrize(
    "name",
    [
        *(f"a{character}b" for character in '<>:"/\\|?*\x01\x1f\x7f'),
        "",
        "a.",
        "a ",
        " a",
        "..",
        "CON",
        "con",
        "nul.txt",
        "Aux .1",
        "COM1",
        "lpt9.x",
        "COM²",
        "CONIN$",
        "a" * 41,
        "𬀪" * 21,
    ],
)
def test_windows_refuses_the_file_name(name: str) -> None:
    assert winnames.file_name(name, 40) is not None


@pytest.mark.parametrize(("name", "fine"), [("Administrator", False), ("GUEST", False), ("a%b", False), ("KS01", True)])
def test_account_names(name: str, fine: bool) -> None:
    assert (winnames.account_name(name) is None) is fine


@pytest.mark.parametrize(
    ("name", "fine"),
    [("KAOCHANG", True), ("MS HOME", True), ("考场", True), ("", False), (" ", False), (" A", False), ("A ", False)],
)
def test_workgroup_names(name: str, fine: bool) -> None:
    assert (winnames.workgroup_name(name) is None) is fine
