"""Which restore cards run, and whether they protect."""

from __future__ import annotations

from typing import Any

import pytest

from exam_room.look import restorecards

NOTHING: dict[str, Any] = {"drivers": ["Ntfs"], "services": ["WinRM"], "uwf": None, "deep_freeze": None}
FROZEN = {"services": ["dfserv"], "deep_freeze": "Frozen"}


def protects(**seen: Any) -> list[tuple[bool | None, bool | None]]:
    return [(one.protects, one.protects_next) for one in restorecards.found(NOTHING | seen)]


def test_a_bare_windows_has_none() -> None:
    assert protects() == []


@pytest.mark.parametrize(("status", "state"), [("Frozen", True), ("THAWED", False), (None, None), ("?", None)])
def test_deep_freeze_says_itself(status: str | None, state: bool | None) -> None:
    assert protects(services=["DFServ"], deep_freeze=status) == [(state, None)]


def test_a_status_that_an_uninstalled_deep_freeze_left_behind_counts_for_nothing() -> None:
    assert protects(deep_freeze="Frozen") == []


@pytest.mark.parametrize(
    ("uwf", "state"),
    [
        ({"enabled": True, "volumes": ["C:"], "enabled_next": False, "volumes_next": ["C:"]}, (True, False)),
        ({"enabled": True, "volumes": [], "enabled_next": True, "volumes_next": []}, (False, False)),
        ({"enabled": False, "volumes": ["C:"], "enabled_next": True, "volumes_next": ["C:"]}, (False, True)),
        (None, (None, None)),
    ],
)
def test_the_write_filter_says_itself(uwf: dict[str, Any] | None, state: tuple[bool | None, bool | None]) -> None:
    assert protects(drivers=["UWFVOL"], uwf=uwf) == [state]


def test_two_at_once_are_both_named() -> None:
    found = restorecards.found(NOTHING | FROZEN | {"drivers": ["diskpt"]})
    assert [one.card.en for one in found] == ["Faronics Deep Freeze", "Shadow Defender"]
    assert "冰点还原 Faronics Deep Freeze: 保护中 on" in map(str, found)


def test_a_driver_that_runs_while_it_protects_nothing_says_nothing() -> None:
    assert protects(drivers=["SWFreeze"]) == [(None, None)]
    assert protects(drivers=["shield"]) == [(None, None)]
    assert protects(services=["{0cbd4f48-3751-475d-be88-4f271385b672}"]) == [(True, True)]


def test_every_product_says_where_its_names_are_from_and_how_sure_that_is() -> None:
    for card in restorecards.CARDS:
        assert card.source and card.sure in (restorecards.MAKER, restorecards.OTHERS)
        assert card.drivers or card.services
        assert restorecards.named(card.name) is card
        if card.guide is not None:
            assert card.guide.open and card.guide.protect and card.guide.source
    names = [name.casefold() for card in restorecards.CARDS for name in (*card.drivers, *card.services)]
    assert len(set(names)) == len(names), "a name stands for one product"
