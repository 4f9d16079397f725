"""R2 and R3: how many people an exam needs."""

from __future__ import annotations

import pytest

from exam_room.room.staff import Ratio, ratio_of, shortages

S1, S2, THEORY = Ratio(30), Ratio(15, 3, True), Ratio(15, 2)


@pytest.mark.parametrize(
    ("ratio", "candidates", "needed"),
    [
        (S1, 1, 1),
        (S1, 30, 1),
        (S1, 31, 2),
        (S1, 60, 2),
        (S2, 1, 3),
        (S2, 45, 3),
        # Four would do by number, but must be odd.
        (S2, 46, 5),
        (S2, 60, 5),
        (S2, 61, 5),
        (THEORY, 1, 2),
        (THEORY, 30, 2),
        (THEORY, 31, 3),
    ],
)
def test_needed(ratio: Ratio, candidates: int, needed: int) -> None:
    assert ratio.needed(candidates) == needed
    assert ratio.enough(needed, candidates)
    assert not ratio.enough(needed - 1, candidates)


def test_more_are_fine_but_not_an_even_number_where_it_must_be_odd() -> None:
    assert S1.enough(4, 30)
    assert S2.enough(5, 30)
    assert not S2.enough(4, 30)


def test_what_a_file_leaves_out() -> None:
    assert ratio_of({"candidates_each": 30, "clause": "x"}) == S1
    assert ratio_of(S2.to_dict()) == S2
    assert ratio_of(None) is None


def session(assessors: int, invigilators: int, exam: dict[str, object]) -> dict[str, object]:
    return {"exam": exam, "staff": {"assessors": ["甲"] * assessors, "invigilators": ["乙"] * invigilators}}


def test_too_few_people_are_told_with_how_many_are_wanted() -> None:
    exam: dict[str, object] = {"assessors": S2.to_dict(), "invigilators": THEORY.to_dict()}
    assert shortages(session(5, 4, exam), 60) == []
    assert shortages(session(4, 3, exam), 60) == [
        (
            "R2：考评员 4 名，考生 60 名，应至少 5 名，单数",
            "R2: 4 assessors for 60 candidates, wanted are at least 5, an odd number",
        ),
        ("R3：监考员 3 名，考生 60 名，应至少 4 名", "R3: 3 invigilators for 60 candidates, wanted are at least 4"),
    ]


def test_an_exam_that_wants_nobody_is_never_short() -> None:
    assert shortages(session(0, 0, {"assessors": None}), 60) == []
