"""What the stand-in room has to tell a person, in both languages."""

from __future__ import annotations


class StandInError(Exception):
    """A room could not be made, found or used."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(zh, en)
        self.zh = zh
        self.en = en

    def __str__(self) -> str:
        return f"{self.zh} / {self.en}"


class StandInUnavailable(StandInError):
    """This machine cannot run containers: no podman, no root, or a runtime that fails."""
