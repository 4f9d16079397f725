"""All cases, in the order of the clauses. To add one, add a row to the file of its clause."""

from __future__ import annotations

from sabotage.case import Case

from . import accounts, clean, clients, cutoff, folders, harmless, room

CASES: list[Case] = [
    *room.CASES,
    *accounts.CASES,
    *folders.CASES,
    *clients.CASES,
    *clean.CASES,
    *cutoff.CASES,
    *harmless.CASES,
]
