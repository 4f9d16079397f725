"""How often the watch looks, and from when on something is a warning."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from ..errors import ExamError


@dataclass(frozen=True)
class Settings:
    """Names ending in _s are seconds, in _min minutes, in _gb 10^9 bytes. Each is an option of exam_watch."""

    interval_s: float = 3.0
    """Between two looks at sessions and open files."""
    slow_interval_s: float = 60.0
    """Between two looks at what changes seldom: clock in full, disc space, switch, expiry."""
    scan_share: float = 0.1
    """The part of the time that may go into listing folders."""
    not_connected_after_s: float = 120.0
    """A candidate who never connected is a warning this long after the start."""
    lost_after_s: float = 20.0
    idle_disconnect_s: float = 600.0
    """A connection that ended after this long without a request was closed by Windows itself, for idleness."""
    first_save_min: float = 15.0
    save_every_min: float = 20.0
    required_min: float = 10.0
    """Before the deadline: from here on what the exam asks for at the least and is not there is a warning."""
    clock_step_s: float = 1.0
    disc_low_gb: float = 5.0
    disc_full_gb: float = 1.0
    quiet_before_deadline_s: float = 5.0
    """From here until the cut is over nothing is asked of the server but sessions and open files."""
    give_up_min: float = 10.0
    """After the deadline the watch ends by itself, even if nobody says that the sitting is over."""
    copies_every_min: float = 5.0
    """Between two rounds of safety copies; 0 is off."""
    copies_versions: int = 3
    copies_reserve_gb: float = 1.0
    """What the copies leave free on the controller's disc."""


def settings_of(params: Mapping[str, Any]) -> Settings:
    """The settings that a module's options give. ExamError for a pace that is no pace."""
    given = {one.name: params[one.name] for one in fields(Settings) if params.get(one.name) is not None}
    found = Settings(**given)
    for name in ("interval_s", "slow_interval_s", "copies_versions"):
        if getattr(found, name) < 1:
            raise ExamError(f"{name} 至少为 1，现在是 {getattr(found, name)}", f"{name} must be at least 1")
    if not 0 < found.scan_share <= 1:
        raise ExamError("scan_share 须在 0 与 1 之间", "scan_share must be above 0 and at most 1")
    if min(getattr(found, one.name) for one in fields(Settings)) < 0:
        raise ExamError("时间和空间的界限不能是负数", "a time or a size cannot be negative")
    return found
