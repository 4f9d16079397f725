"""Security descriptors: what is built can be parsed, compared and shown."""

from __future__ import annotations

import dataclasses

import pytest

from exam_room.errors import ExamError
from exam_room.wire import security

KS01 = "S-1-5-21-1508876564-1641343719-701491407-1003"
KS02 = "S-1-5-21-1508876564-1641343719-701491407-1004"


@pytest.mark.parametrize("sid", ["S-1-1-0", "S-1-5-18", "S-1-5-32-544", KS01])
def test_a_sid_survives_its_binary_form(sid: str) -> None:
    assert security.sid_from_bytes(security.sid_to_bytes(sid)) == sid


def test_the_binary_form_of_a_sid_is_the_documented_one() -> None:
    assert security.sid_to_bytes("S-1-5-32-544").hex() == "01020000000000052000000020020000"


@pytest.mark.parametrize("text", ["", "S-1", "KS01", "S-1-5-x"])
def test_what_is_no_sid_is_refused(text: str) -> None:
    with pytest.raises(ExamError):
        security.sid_to_bytes(text)


@pytest.mark.parametrize(
    "descriptor",
    [
        security.candidate_folder(KS01),
        security.share_root([KS01, KS02]),
        security.material_folder([KS01]),
        security.share_permissions([KS01]),
        security.Descriptor("S-1-5-18", "S-1-5-18", (), True),
        security.Descriptor("S-1-5-18", None, None, False),
    ],
)
def test_a_descriptor_survives_its_binary_form(descriptor: security.Descriptor) -> None:
    assert security.Descriptor.from_bytes(descriptor.to_bytes()) == descriptor


def test_a_candidates_folder_lets_in_exactly_three() -> None:
    made = security.candidate_folder(KS01)
    assert made.protected
    assert made.owner == security.ADMINISTRATORS
    assert {(ace.sid, ace.mask, ace.flags) for ace in made.dacl or ()} == {
        (security.SYSTEM, 0x1F01FF, 3),
        (security.ADMINISTRATORS, 0x1F01FF, 3),
        (KS01, 0x1301BF, 3),
    }


def test_accounts_get_nothing_below_the_root_from_it() -> None:
    seats = [ace for ace in security.share_root([KS01, KS02]).dacl or () if ace.sid in (KS01, KS02)]
    assert [(ace.mask, ace.flags) for ace in seats] == [(0x1200A9, 0)] * 2


def test_seats_never_hold_full_control_of_the_share() -> None:
    seats = [ace for ace in security.share_permissions([KS01]).dacl or () if ace.sid == KS01]
    assert [ace.mask for ace in seats] == [security.CHANGE]


def test_order_of_entries_does_not_count() -> None:
    one = security.candidate_folder(KS01)
    turned = dataclasses.replace(one, dacl=tuple(reversed(one.dacl or ())))
    assert one.same_access(turned)
    assert one.text() == turned.text()


@pytest.mark.parametrize(
    "change",
    [
        {"protected": False},
        {"owner": KS01},
        {"dacl": None},
        {"dacl": (*(security.candidate_folder(KS01).dacl or ()), security.Ace(0, 3, 1, security.EVERYONE))},
        {"dacl": (*(security.candidate_folder(KS01).dacl or ())[:2], security.Ace(0, 3, security.MODIFY, KS02))},
        {"dacl": (*(security.candidate_folder(KS01).dacl or ())[:2], security.Ace(0, 0x13, security.MODIFY, KS01))},
    ],
    ids=["inheriting", "owned by the candidate", "no list", "Everyone too", "somebody else", "inherited entry"],
)
def test_what_differs_is_seen(change: dict[str, object]) -> None:
    one = security.candidate_folder(KS01)
    other = dataclasses.replace(one, **change)  # type: ignore[arg-type]
    assert not one.same_access(other)
    assert not other.same_access(one)


def test_a_doubled_entry_is_a_difference() -> None:
    one = security.candidate_folder(KS01)
    doubled = dataclasses.replace(one, dacl=(*(one.dacl or ()), (one.dacl or ())[0]))
    assert not one.same_access(doubled)


@pytest.mark.parametrize("length", range(1, 19))
def test_a_header_that_is_cut_off_is_refused(length: int) -> None:
    with pytest.raises(ExamError):
        security.Descriptor.from_bytes(security.candidate_folder(KS01).to_bytes()[:length])


def test_an_access_list_that_is_cut_off_is_refused() -> None:
    raw = security.candidate_folder(KS01).to_bytes()
    with pytest.raises(ExamError):
        security.Descriptor.from_bytes(raw[:-10])


def test_the_text_names_everyone_and_no_list() -> None:
    everyone = security.Descriptor(None, None, (security.Ace(0, 0, security.FULL, security.EVERYONE),), False)
    assert everyone.text() == "D:(A;;FA;;;WD)"
    assert "NO_ACCESS_CONTROL" in dataclasses.replace(everyone, dacl=None).text()
