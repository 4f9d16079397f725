"""Identity-card numbers (GB 11643-1999, 18 characters): found so that none is kept, printed or burned.

What counts is the checksum and a possible date of birth, so that an exam number of the same length is left alone. The
numbers of 15 digits, void since 2013, have no checksum and are not looked for.
"""

from __future__ import annotations

import re
from datetime import date

_PATTERN = re.compile(r"(?<!\d)(?:\d[ -]?){17}[\dXxＸｘ](?!\d)")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
_OLDEST = 1900
# Nobody younger sits an exam, while exam numbers hold the dates of exams.
_YOUNGEST = 10
_HIDDEN = "*" * 13


def find(text: str) -> str | None:
    """The first identity-card number in the text as it stands there, or None."""
    return next((match[0] for match in _PATTERN.finditer(text) if _is_one(match[0])), None)


def mask(text: str) -> str:
    """The text with every identity-card number in it unreadable but for its first three and last two characters."""
    return _PATTERN.sub(lambda match: _masked(match[0]) if _is_one(match[0]) else match[0], text)


def _masked(number: str) -> str:
    return number[:3] + _HIDDEN + number[-2:]


def _is_one(number: str) -> bool:
    compact = [character for character in number if character not in " -"]
    digits = [int(character) for character in compact[:17]]
    total = sum(digit * weight for digit, weight in zip(digits, _WEIGHTS, strict=True))
    last = compact[17]
    check = "X" if last in "XxＸｘ" else str(int(last))
    return check == _CHECKS[total % 11] and _is_birth("".join(map(str, digits[6:14])))


def _is_birth(text: str) -> bool:
    try:
        born = date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return False
    return _OLDEST <= born.year <= date.today().year - _YOUNGEST
