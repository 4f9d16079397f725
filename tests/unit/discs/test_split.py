"""Spreading candidates over discs: few discs, in seat order, nobody split who need not be."""

from __future__ import annotations

import pytest

from exam_room.discs.image import CAPACITY
from exam_room.discs.split import Share, split
from exam_room.errors import ExamError
from sealing.discs import table

MB = 10**6
ENCLOSED = 100_000


def accounts(shares: list[Share]) -> list[list[str]]:
    return [[owner.account for owner in share.table.owners] for share in shares]


def test_what_fits_on_one_disc_is_on_one() -> None:
    whole = table(*[[MB, 0, 5]] * 30)
    (share,) = split(whole, "cd", ENCLOSED)
    assert share.table == whole
    assert set(share.parts.values()) == {(1, 1)}


def test_thirty_candidates_go_on_few_discs_in_seat_order() -> None:
    # Six of 110 MB fit on 703 MB (R1: 30 seats).
    shares = split(table(*[[60 * MB, 50 * MB]] * 30), "cd", ENCLOSED)
    assert accounts(shares) == [[f"KS{n:02}" for n in range(first, first + 6)] for first in range(1, 31, 6)]
    assert all(part == (1, 1) for share in shares for part in share.parts.values())


def test_who_does_not_fit_in_the_rest_of_a_disc_begins_the_next() -> None:
    shares = split(table([400 * MB], [400 * MB, 100 * MB], [100 * MB]), "cd", ENCLOSED)
    assert accounts(shares) == [["KS01"], ["KS02", "KS03"]]


def test_one_huge_candidate_is_split_by_files_between_his_neighbours() -> None:
    shares = split(table([100 * MB], [200 * MB] * 8, [100 * MB]), "cd", ENCLOSED)
    assert accounts(shares) == [["KS01", "KS02"], ["KS02"], ["KS02", "KS03"]]
    assert [share.parts["KS02"] for share in shares] == [(1, 3), (2, 3), (3, 3)]
    assert shares[0].parts["KS01"] == (1, 1)
    assert [len(share.table.files) for share in shares] == [4, 3, 3]


def test_every_entry_is_on_exactly_one_disc() -> None:
    whole = table([100 * MB] * 3, [90 * MB] * 20, [], [650 * MB, 0], [300 * MB] * 4)
    shares = split(whole, "cd", ENCLOSED)
    assert tuple(entry for share in shares for entry in share.table.entries) == whole.entries
    assert {owner for share in shares for owner in share.table.owners} == set(whole.owners)
    for share in shares:
        assert set(share.table.tops) == set(share.table.owners)
        assert {entry.account for entry in share.table.entries} <= {owner.account for owner in share.table.owners}


def largest_on_one_disc() -> int:
    """The largest file that a CD takes beside one small candidate, by halving."""
    low, high = 0, CAPACITY["cd"]
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _discs(middle) == 1 else (low, middle)
    return low


def _discs(size: int) -> int:
    try:
        return len(split(table([MB], [size]), "cd", ENCLOSED))
    except ExamError:
        return 99


def test_an_exact_fit_is_one_disc_and_a_byte_more_is_two() -> None:
    size = largest_on_one_disc()
    assert size > CAPACITY["cd"] - 3 * MB, "hardly anything of the medium is left unused"
    assert accounts(split(table([MB], [size]), "cd", ENCLOSED)) == [["KS01", "KS02"]]
    assert accounts(split(table([MB], [size + 1]), "cd", ENCLOSED)) == [["KS01"], ["KS02"]]


@pytest.mark.parametrize(
    ("medium", "size", "said"),
    [
        ("cd", 800 * MB, "exam_medium=dvd"),
        ("cd", 5000 * MB, "exam_medium=bd"),
        ("dvd", 5000 * MB, "exam_medium=bd"),
        ("dvd", 30_000 * MB, "No medium does"),
    ],
)
def test_a_file_larger_than_the_medium_is_named_with_the_medium_that_would_do(
    medium: str, size: int, said: str
) -> None:
    with pytest.raises(ExamError, match=rf"KS02\\1\.bin(.|\n)*{said}") as refused:
        split(table([MB], [MB, size]), medium, ENCLOSED)
    assert r"KS02\0.bin" not in str(refused.value)


def test_many_small_files_are_counted_with_what_they_need_on_the_disc() -> None:
    # 60 candidates with 6,000 files of a byte are 360 kB, and more than a CD: each takes a sector and its names.
    assert len(split(table(*[[1] * 6000] * 60), "cd", ENCLOSED)) > 1
