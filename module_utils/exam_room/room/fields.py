"""Takes values out of a mapping that a person wrote, collecting what is wrong with each."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from . import text
from .problems import ProblemList, Rule
from .yamlfile import Document, Place

MAX_TEXT = 100


class Fields:
    """One mapping of a document; nested ones by mapping(). A value that is wrong is reported and read as empty."""

    def __init__(
        self, document: Document, problems: ProblemList, data: Any, known: Collection[str], place: Place = ()
    ) -> None:
        self._document = document
        self._problems = problems
        self._place = place
        self._data: dict[str, Any] = {}
        self._readable = isinstance(data, dict)
        if not isinstance(data, dict):
            self.problem((), ("须为“键: 值”的形式", "must be a mapping of keys to values"))
            return
        self._data = data
        for name in data:
            if name not in known:
                self._unknown(name, known)

    def _unknown(self, name: str, known: Collection[str]) -> None:
        likely = text.nearest(name, known)
        zh, en = f"未知的键 {name}", f"unknown key {name}"
        if likely:
            zh, en = f"{zh}，是否应为 {likely}？", f"{en}; did you mean {likely}?"
        self.problem((name,), (zh, en))

    def problem(self, place: Place, rule: Rule) -> None:
        """Report what is wrong with the value at a place below this mapping."""
        full = (*self._place, *place)
        name = ".".join(str(part) for part in full) or None
        self._problems.add(rule, row=self._document.row(full), field=name)

    def __contains__(self, name: str) -> bool:
        return self._data.get(name) is not None

    def raw(self, name: str) -> Any:
        return self._data.get(name)

    def require(self, *names: str) -> None:
        """Report the keys that are absent; of what is no mapping at all that has been said already."""
        for name in names if self._readable else ():
            if name not in self:
                self.problem((name,), ("缺少此项", "is missing"))

    def mapping(self, name: str, known: Collection[str]) -> Fields:
        """The mapping below a key; an absent one has no values."""
        data = self._data.get(name)
        place = (*self._place, name)
        return Fields(self._document, self._problems, {} if data is None else data, known, place)

    def string(self, name: str, longest: int = MAX_TEXT) -> str:
        """The text of a key, cleaned, of at most ``longest`` characters; empty when absent."""
        value = self._data.get(name)
        return "" if value is None else self._checked((name,), value, longest)

    def names(self, name: str) -> tuple[str, ...]:
        """A list of names; one name alone may be written without a list."""
        value = self._data.get(name)
        if value is None:
            return ()
        items = value if isinstance(value, list) else [value]
        found = [self._checked((name, index), item) for index, item in enumerate(items)]
        twice = {item for item in found if item and found.count(item) > 1}
        for item in sorted(twice):
            self.problem((name,), (f"{item} 重复", f"{item} is given twice"))
        return tuple(item for item in found if item)

    def number(self, name: str, low: int, high: int) -> int | None:
        """A whole number of ordinary digits within the bounds."""
        if name not in self:
            return None
        value = self.string(name)
        if value.isascii() and value.isdigit() and len(value) <= 10 and low <= int(value) <= high:
            return int(value)
        self.problem((name,), (f"须为 {low}–{high} 的整数", f"must be a whole number from {low} to {high}"))
        return None

    def _checked(self, place: Place, value: Any, longest: int = MAX_TEXT) -> str:
        rule: Rule | None = None
        if not isinstance(value, str) or not text.clean(value):
            rule = ("须为非空的文字", "must be a text that is not empty")
        elif control := text.control_character(value):
            rule = (f"含有控制字符 {control}", f"holds the control character {control}")
        elif len(value) > longest:
            rule = (f"过长：最多 {longest} 个字符", f"too long: at most {longest} characters")
        if rule:
            self.problem(place, rule)
            return ""
        return text.clean(value)
