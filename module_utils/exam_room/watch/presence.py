"""Who is connected, since when, from where: what the server's sessions say of each account, look by look."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from ..wire.srvsvc import OpenFile, SessionInfo, plain

_WHOLE_SECONDS_S: Final = 2.5


@dataclass
class Presence:
    """One account's connection. Moments are the server's seconds since 1970."""

    addresses: tuple[str, ...] = ()
    since: float | None = None
    """Since when it is connected; None while it is not."""
    first: float | None = None
    lost_at: float | None = None
    """When a connection that was there was first missed; None while connected or before the first."""
    losses: int = 0
    idle_s: float = 0.0
    """How long the last known session had asked for nothing."""

    @property
    def connected(self) -> bool:
        """A session is there."""
        return self.since is not None


def by_account(sessions: Iterable[SessionInfo]) -> dict[str, list[SessionInfo]]:
    """Sessions by account, comparable names."""
    found: dict[str, list[SessionInfo]] = {}
    for one in sessions:
        found.setdefault(plain(one.user), []).append(one)
    return found


def update(presence: Presence, sessions: Sequence[SessionInfo], now: float) -> None:
    """Take in what one look says of this account."""
    if not sessions:
        if presence.since is not None:
            presence.lost_at = now
            presence.losses += 1
        presence.since = None
        presence.addresses = ()
        return
    presence.addresses = tuple(sorted({one.client.lstrip("\\") for one in sessions}))
    since = now - max(one.active_s for one in sessions)
    # The server counts whole seconds: a moment that wavers is still the same one.
    if presence.since is None or abs(since - presence.since) > _WHOLE_SECONDS_S:
        presence.since = since
    presence.first = presence.since if presence.first is None else min(presence.first, presence.since)
    presence.lost_at = None
    presence.idle_s = min(one.idle_s for one in sessions)


def open_paths(files: Iterable[OpenFile], root: str, accounts: Iterable[str]) -> dict[str, set[str]]:
    """What each account holds open in its own folder, by path below that folder.

    ``root`` is the results root relative to its volume. The server's own way of writing the path before it is left
    aside, pipes and opens elsewhere too. The folder itself, held open by an Explorer window, is the empty path.
    """
    names = {account.casefold(): account for account in accounts}
    below_root = re.compile(re.escape("\\" + root.strip("\\") + "\\"), re.IGNORECASE)
    found: dict[str, set[str]] = {account: set() for account in names.values()}
    for one in files:
        account = names.get(plain(one.user))
        path = one.path.replace("/", "\\")
        match = below_root.search(path)
        if account is None or match is None:
            continue
        folder, _, below = path[match.end() :].partition("\\")
        if folder.casefold() == account.casefold():
            found[account].add(below)
    return found
