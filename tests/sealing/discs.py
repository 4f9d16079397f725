"""Tables of any size without files, and sessions that are sealed for discs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from exam_room.collect.results import FILE, Entry, Owner, Table
from exam_room.discs.discset import SealedDisc, seal_discs

from .session import FILES, NOW, SIGNER, collected, make_key, sealed

ENCLOSED = {"校验说明.txt": b"read me", "verify.ps1": b"# verify"}


def table(*candidates: Sequence[int]) -> Table:
    """A table of candidates KS01, KS02 ... with files of these sizes (bytes)."""
    owners = [Owner(f"KS{seat:02}", f"4401{seat:02}") for seat in range(1, len(candidates) + 1)]
    tops = {owner: f"data/{owner.account}_{owner.exam_number}" for owner in owners}
    entries = [
        Entry(owner.account, FILE, (f"{n}.bin",), f"{tops[owner]}/{n}.bin", size, 0, 0, "0" * 64, "0" * 128)
        for owner, sizes in zip(owners, candidates, strict=True)
        for n, size in enumerate(sizes)
    ]
    return Table("", "", tuple(owners), tops, tuple(entries))


def session_with_discs(
    root: Path, medium: str = "cd", files: Mapping[str, bytes] = FILES, enclosed: Mapping[str, bytes] = ENCLOSED
) -> tuple[Path, list[SealedDisc]]:
    """A session that was collected and sealed, and its discs; the key lies in ``root``/keys."""
    session = collected(root / "session", files)
    key = make_key(root / "keys")
    sealed(session, key)
    return session, seal_discs(session, medium, key, SIGNER, enclosed, lambda: NOW)[0]
