"""What can be recognised on a computer: contents of files, parts of their names, kinds.

Filters load this in every task that Ansible runs, so nothing is imported here that reads or connects.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

#: A shorter word is part of too many others.
SHORTEST: Final = 2
#: What Windows makes by itself in every folder.
EVERYWHERE: Final = frozenset({"desktop.ini", "thumbs.db"})
#: How much of a SHA-256 is sent to the computers: enough that hardly a file is listed by chance.
SENT_CHARACTERS: Final = 8


@dataclass(frozen=True)
class Content:
    """A file that may not be on a computer: bytes, and what it is, for people."""

    size: int
    zh: str
    en: str


@dataclass(frozen=True)
class Word:
    """A part of a name that gives a file away: of which session, and whether it does so whatever the file is."""

    session: str
    sure: bool
    zh: str
    en: str


@dataclass
class Known:
    """``contents`` by SHA-256, ``words`` in small letters, ``kinds`` with their dot, ``unread``: sessions, and why."""

    contents: dict[str, Content] = field(default_factory=dict)
    words: dict[str, Word] = field(default_factory=dict)
    kinds: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)

    def to_dict(self) -> dict[str, Any]:
        """As a module returns it."""
        return {
            "contents": {sha256: vars(one) for sha256, one in self.contents.items()},
            "words": {word: vars(one) for word, one in self.words.items()},
            "kinds": self.kinds,
            "unread": self.unread,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Known:
        """What ``to_dict`` gave."""
        return cls(
            {sha256: Content(**one) for sha256, one in data["contents"].items()},
            {word: Word(**one) for word, one in data["words"].items()},
            list(data["kinds"]),
            list(data["unread"]),
        )

    def parameters(self) -> dict[str, Any]:
        """What Find-ExamLeftover.ps1 looks for."""
        contents = {f"{one.size}:{sha256[:SENT_CHARACTERS]}" for sha256, one in self.contents.items()}
        return {"Kind": self.kinds, "Word": sorted(self.words), "Content": " ".join(sorted(contents))}

    def content(self, sha256: str, size: int, name: str, zh: str, en: str) -> None:
        """Add a content (size in bytes), unless it is empty or named as what Windows makes by itself."""
        if size and sha256 and name.casefold() not in EVERYWHERE:
            self.contents.setdefault(sha256, Content(size, zh, en))

    def word(self, text: str, word: Word) -> None:
        """Add a part of a name, unless it is too short to say anything."""
        if len(text) >= SHORTEST:
            self.words.setdefault(text.casefold(), word)
