"""The options that exam_watch and exam_status share (plugins/doc_fragments/exam_watching.py documents them)."""

from __future__ import annotations

from typing import Any

from ..wire.options import login_spec


def watching_spec() -> dict[str, dict[str, Any]]:
    """The argument_spec of what is watched, and of when something is a warning."""
    return {
        **login_spec(),
        "directory": {"type": "path", "required": True},
        "session": {"type": "dict", "required": True},
        "seats": {"type": "list", "elements": "dict", "required": True},
        "volume": {"type": "str", "default": "D$"},
        "root": {"type": "str", "default": "Exam\\share"},
        "material": {"type": "path"},
        "units": {"type": "list", "elements": "str"},
        "not_connected_after_s": {"type": "float", "default": 120.0},
        "lost_after_s": {"type": "float", "default": 20.0},
        "idle_disconnect_s": {"type": "float", "default": 600.0},
        "first_save_min": {"type": "float", "default": 15.0},
        "save_every_min": {"type": "float", "default": 20.0},
        "required_min": {"type": "float", "default": 10.0},
        "clock_step_s": {"type": "float", "default": 1.0},
        "disc_low_gb": {"type": "float", "default": 5.0},
        "disc_full_gb": {"type": "float", "default": 1.0},
        "copies_every_min": {"type": "float", "default": 5.0},
    }
