"""R2 and R3: how many people an exam needs."""

from __future__ import annotations

import pytest

from exam_room.room.staff import Ratio, ratio_of

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
