"""Identity-card numbers are told from exam numbers, and made unreadable."""

from __future__ import annotations

import pytest

from exam_room.room import identity

# Made up, with a right checksum; the first is GB 11643's own example.
NUMBERS = ["11010519491231002X", "440106199001010013"]


@pytest.mark.parametrize(
    "text",
    [
        "11010519491231002X",
        "11010519491231002x",
        "440106199001010013",
        "身份证440106199001010013.png",
        "张三_440106199001010013_终稿.docx",
        "440106 19900101 0013",
        "440106-19900101-0013",
        "４４０１０６１９９００１０１００１３",
        "KS440106199001010013",
    ],
)
def test_finds_them_and_hides_them(text: str) -> None:
    found = identity.find(text)
    assert found is not None
    hidden = identity.mask(text)
    assert identity.find(hidden) is None
    assert found not in hidden
    assert hidden == text.replace(found, found[:3] + "*" * 13 + found[-2:])


@pytest.mark.parametrize(
    "text",
    [
        "440106199001010014",  # Checksum.
        "440106199013010010",  # Month 13.
        "440524188001010014",  # Born in 1880.
        "440106209706190014",  # Born in years to come.
        "4401061990010100130",  # One digit more.
        "1440106199001010013",
        "440127061900001",
        "",
        "张三",
        "c6bc8fb41db46827",
    ],
)
def test_leaves_others_alone(text: str) -> None:
    assert identity.find(text) is None
    assert identity.mask(text) == text


def test_hides_each_of_several() -> None:
    hidden = identity.mask(f"{NUMBERS[0]}、{NUMBERS[1]}")
    assert hidden == "110*************2X、440*************13"
