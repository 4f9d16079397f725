"""The sheet for whoever switches restore cards by hand (还原卡切换单, V8): from the plan and from what was seen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..look import restorecards
from ..look.restorecards import Guide, Said

_STATES: Mapping[bool | None, Said] = {
    True: ("保护中", "on"),
    False: ("未保护", "off"),
    None: ("状态不明", "not known"),
}
_NOTHING: Said = ("未识别到", "none seen")
_NOT_READ: Said = ("没有读到", "not read")


@dataclass(frozen=True)
class Head:
    """What the page's frame needs of a session."""

    plan: Mapping[str, Any]


@dataclass(frozen=True)
class Row:
    """One computer and one card of it, or that none was seen. ``seat``: empty for the server."""

    seat: str
    host: str
    product: Said
    state: Said


@dataclass(frozen=True)
class Product:
    """A product that was seen, with what a person does; ``guide`` None: nothing of it is public."""

    name: str
    guide: Guide | None


def values(plan: Mapping[str, Any], seen: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """For the template. ``plan``: plan.json; ``seen``: section ``restore_protection`` of each host that answered."""
    computers = [("", str(plan["room"]["server"]["host"]))] + [
        (str(seat["number"]), str(seat["host"])) for seat in plan["seats"]
    ]
    rows = [row for seat, host in computers for row in _rows(seat, host, seen.get(host, {}))]
    return {"session": Head(plan["session"]), "rows": rows, "products": _products(seen.values())}


def _rows(seat: str, host: str, section: Mapping[str, Any]) -> Iterator[Row]:
    if "value" not in section:
        yield Row(seat, host, _NOT_READ, ("", ""))
        return
    cards: Sequence[Mapping[str, Any]] = section["value"].get("cards", ())
    if not cards:
        yield Row(seat, host, _NOTHING, ("", ""))
    for card in cards:
        known = restorecards.named(card["name"])
        yield Row(seat, host, (known.zh, known.en) if known else (card["name"], ""), _STATES[card["protects"]])


def _products(sections: Iterable[Mapping[str, Any]]) -> list[Product]:
    """Those that were seen anywhere, each once, in the order of the list of products."""
    names = {card["name"] for section in sections for card in section.get("value", {}).get("cards", ())}
    return [Product(card.name, card.guide) for card in restorecards.CARDS if card.name in names]
