"""Waiting for people who open restore cards (V8): the computers are looked at again until nothing protects them."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from . import restorecards

PAUSE_S = 10.0

Ask = Callable[[Collection[str]], Mapping[str, Mapping[str, Any] | None]]
"""The documents (:mod:`facts`) of the hosts that answer: one that is restarting is missing, None refuses the log-on."""


@dataclass
class Waited:
    """``opened``: the documents of those that were opened meanwhile; ``left``: what protects the others."""

    opened: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    left: dict[str, list[str]] = field(default_factory=dict)


def protecting(section: Mapping[str, Any], filter_is_ours: bool) -> list[str]:
    """What protects a host, by its document's section ``restore_protection``; nothing where that was not read."""
    return restorecards.protecting(section.get("value", {}).get("cards", []), filter_is_ours)


def wait(
    seen: Mapping[str, Mapping[str, Any]],
    managed: Collection[str],
    seconds: float,
    ask: Ask,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Waited:
    """Ask those that a card protects again and again, until none does or ``seconds`` are over.

    ``seen``: the section ``restore_protection`` of each host; ``managed``: hosts whose write filter prepare switches.
    """
    waited = Waited()
    for host, section in seen.items():
        if cards := protecting(section, host in managed):
            waited.left[host] = cards
    refused: set[str] = set()
    end = clock() + seconds
    while (asked := sorted(set(waited.left) - refused)) and clock() < end:
        sleep(min(PAUSE_S, max(0.0, end - clock())))
        for host, document in ask(asked).items():
            if document is None:
                # Asked again, it would lock the administrator's account.
                refused.add(host)
                continue
            section = document["restore_protection"]
            if "value" not in section:
                continue
            if cards := protecting(section, host in managed):
                waited.left[host] = cards
            else:
                del waited.left[host]
                waited.opened[host] = document
    return waited
