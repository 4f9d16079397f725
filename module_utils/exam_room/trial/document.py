"""The evidence document of a trial.

``schema_version`` 1; ``asked_at``; ``seats`` (seats.py) and ``cutoff`` (cut.py) are findings: ``{"asked_at", "value"}``
or ``{"asked_at", "unknown"}``; ``left`` is the finding of what is still there afterwards. A trial that was left out
says why: every finding of it is ``unknown``.
"""

from __future__ import annotations

from typing import Any, Final

from ..journal.journal import stamp, utc_now

SCHEMA_VERSION: Final = 1
NOT_ASKED: Final = "本次检查没有试（inspection_trial: false）the trial was left out of this inspection"


def left_out(reason: str = NOT_ASKED) -> dict[str, Any]:
    """The document of a trial that did not take place."""
    unknown = {"unknown": reason}
    return {
        "schema_version": SCHEMA_VERSION,
        "asked_at": stamp(utc_now()),
        "seats": unknown,
        "cutoff": unknown,
        "left": unknown,
    }
