"""Text that people and their programs export: decoding it, and telling when two texts mean the same."""

from __future__ import annotations

import codecs
import difflib
import re
import unicodedata
from collections.abc import Iterable

from ..errors import InputRefused
from .problems import refusal

# Characters that show as nothing and come along when a cell is copied from a web page or a chat: soft hyphen, zero
# width space, direction marks and overrides, word joiner, byte order mark, annotation and tag characters.
_UNSEEN = (
    "\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb\U000e0001-\U000e007f"
)
# These show as nothing too, but a name may need them: joiners, variation selectors (a rare form of a Chinese
# character), Mongolian selectors.
_SHAPING = "\u034f\u180b-\u180f\u200c\u200d\ufe00-\ufe0f\U000e0100-\U000e01ef"
_UNSEEN_PATTERN = re.compile(f"[{_UNSEEN}]")
_HIDDEN_PATTERN = re.compile(f"[{_UNSEEN}{_SHAPING}]")
_WHITESPACE_PATTERN = re.compile(r"\s+")

# The 14 characters that GB 18030-2022 moved out of the private use area; Python's codec follows the edition before.
_GB18030_2022 = str.maketrans(
    dict(
        zip(
            "\ue816\ue817\ue818\ue81e\ue826\ue82b\ue82c\ue831\ue832\ue83b\ue843\ue854\ue855\ue864",
            "\U00020087\U00020089\U000200cc\u9fb4\u9fb5\u9fb6\u9fb7\U000215d7\u9fb8\U0002298f\u9fb9\u9fba\U000241fe\u9fbb",
            strict=True,
        )
    )
)

ENCODINGS = "UTF-8, UTF-16 (BOM), GB18030"


def clean(value: str) -> str:
    """The value as it is kept and shown: unseen characters gone, outer space gone, inner space a single blank."""
    return _WHITESPACE_PATTERN.sub(" ", _UNSEEN_PATTERN.sub("", value).strip())


def clean_code(value: str) -> str:
    """A number or code as it is kept: as clean(), and full-width letters and digits made ordinary."""
    return clean(unicodedata.normalize("NFKC", _HIDDEN_PATTERN.sub("", value)))


def key(value: str) -> str:
    """What two values have in common when a person would read them as the same: no space, no case, no width."""
    text = unicodedata.normalize("NFKC", _HIDDEN_PATTERN.sub("", value))
    return _WHITESPACE_PATTERN.sub("", text).casefold()


def control_character(value: str) -> str | None:
    """The first control character inside the value as U+XXXX; tabs and line breaks at its ends do not count."""
    for character in _UNSEEN_PATTERN.sub("", value).strip():
        if unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp"):
            return f"U+{ord(character):04X}"
    return None


def nearest(word: str, choices: Iterable[str]) -> str | None:
    """The choice that was most likely meant, or None."""
    by_key = {key(choice): choice for choice in choices}
    found = difflib.get_close_matches(key(word), by_key, n=1, cutoff=0.5)
    return by_key[found[0]] if found else None


def decode(data: bytes, file: str) -> str:
    """The text of a file in one of ENCODINGS; a text without BOM is UTF-8 where that is possible, else GB18030.

    Raises InputRefused for binary data, for bytes of neither encoding and for a file that mixes the two.
    """
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _decode_as(data, "utf-16", file)
    if b"\x00" in data:
        row = data.count(b"\n", 0, data.index(b"\x00")) + 1
        raise refusal(
            file,
            "含有 NUL 字节，不是文本文件（UTF-16 须带 BOM）；请另存为 UTF-8",
            "contains a NUL byte, so it is not text (UTF-16 needs a BOM); save it as UTF-8",
            row=row,
        )
    if data.startswith(codecs.BOM_UTF8):
        return _decode_as(data, "utf-8-sig", file)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        mixed = _first_utf8_line(data)
    if mixed is not None:
        raise refusal(
            file,
            "编码混杂：此行是 UTF-8，其他行不是；请统一另存为 UTF-8",
            "mixed encodings: this row is UTF-8, others are not; save the whole file as UTF-8",
            row=mixed,
        )
    return _decode_as(data, "gb18030", file).translate(_GB18030_2022)


def _decode_as(data: bytes, encoding: str, file: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise _unreadable(error, encoding, file) from error


def _unreadable(error: UnicodeDecodeError, encoding: str, file: str) -> InputRefused:
    row = error.object.count(b"\n", 0, error.start) + 1
    return refusal(
        file,
        f"编码无法识别（按 {encoding} 读不出）；可用编码：{ENCODINGS}",
        f"unreadable encoding (not {encoding}); readable are {ENCODINGS}",
        row=row,
    )


def _first_utf8_line(data: bytes) -> int | None:
    """The first line that can only be meant as UTF-8: all it has beyond ASCII decodes to three bytes or more each.

    Ordinary GB18030 text does not do that by chance: its common characters start with bytes B0 to D7, UTF-8's
    Chinese ones with E3 to E9.
    """
    for number, line in enumerate(data.split(b"\n"), start=1):
        if line.isascii():
            continue
        try:
            text = line.decode("utf-8")
        except UnicodeDecodeError:
            continue
        if all(character < "\x80" or character > "\u07ff" for character in text):
            return number
    return None
