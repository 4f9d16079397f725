"""The file of a session directory that says what the session is: seats, exam and staff (plan.py makes it)."""

from __future__ import annotations

from typing import Final

PLAN: Final = "plan.json"
