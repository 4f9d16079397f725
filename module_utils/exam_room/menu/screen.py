"""What people read and type: a plain terminal, Chinese first, English second."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from typing import Final

from ..errors import ExamError

RED: Final = "31"
GREEN: Final = "32"
BOLD: Final = "1"
DIM: Final = "2"

_YES = frozenset({"y", "yes", "是", "好", "确认"})
# What Ansible or a control character would take for something else than text.
_TEMPLATE = re.compile(r"\{[{%#]|[%#}]\}")


class Back(Exception):
    """The person wants to go back to the menu; nothing was done."""


class Closed(Exception):
    """Nobody is there to answer any more: the terminal was closed."""


def normal(typed: str) -> str:
    """What was typed, as a program reads it: full-width digits and letters (１, ｙ) are digits and letters."""
    return unicodedata.normalize("NFKC", typed).strip()


def is_yes(typed: str) -> bool:
    """Whether the answer agrees."""
    return normal(typed).casefold() in _YES


def is_word(typed: str, words: Sequence[str]) -> bool:
    """Whether one of the words was typed; blanks and upper or lower case do not matter."""
    return "".join(normal(typed).split()).casefold() in {word.casefold() for word in words}


def whole_number(typed: str, least: int, most: int) -> int:
    """The number that was typed. Raises ExamError saying what would be right."""
    text = normal(typed)
    if not re.fullmatch(r"[0-9]{1,6}", text) or not least <= int(text) <= most:
        raise ExamError(
            f"“{text}”不对，请输入 {least} 到 {most} 之间的整数。", f"Type a whole number from {least} to {most}."
        )
    return int(text)


def written_reason(typed: str) -> str:
    """A reason as it goes into the journal. Raises ExamError for one that is empty or that Ansible would misread."""
    text = "".join(char for char in typed if char.isprintable()).strip()
    if not text:
        raise ExamError("必须写明理由。", "A reason has to be given.")
    if _TEMPLATE.search(text):
        raise ExamError("理由中不能有 {{、{%、{#。", "A reason cannot hold {{, {% or {#.")
    return text


class Screen:
    """Says and asks. ``read`` shows a prompt and gives the line typed: input, unless a test answers."""

    def __init__(self, read: Callable[[str], str], write: Callable[[str], None], colour: bool = False) -> None:
        self._read = read
        self._write = write
        self._colour = colour

    def say(self, zh: str, en: str = "", style: str = "") -> None:
        """One thing said, the English below the Chinese."""
        for line in (zh, en):
            if line:
                self._write(self._styled(line, style))

    def lines(self, lines: Sequence[str], style: str = "") -> None:
        """Lines as they are."""
        for line in lines:
            self._write(self._styled(line, style))

    def error(self, error: ExamError) -> None:
        """Something that went wrong or was refused."""
        self.say(error.zh, error.en, RED)

    def ask(self, zh: str, en: str) -> str:
        """The line typed. Raises Back on Ctrl-C and Closed when there will never be an answer."""
        try:
            # Lines of their own: a prompt longer than the terminal is wide scrolls sideways.
            self.say(zh, en)
            return self._read("> ")
        except KeyboardInterrupt:
            self._write("")
            raise Back from None
        except (EOFError, OSError, ValueError):
            # ValueError: a standard input that somebody closed.
            raise Closed from None

    def answer(self, zh: str, en: str) -> str:
        """As ask; an empty answer leads back too."""
        typed = self.ask(f"{zh}（直接回车返回）", f"{en} (Enter: back)")
        if not typed.strip():
            raise Back
        return typed

    def _styled(self, line: str, style: str) -> str:
        return f"\x1b[{style}m{line}\x1b[0m" if style and self._colour else line
