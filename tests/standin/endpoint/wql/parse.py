"""WQL queries, parsed and evaluated (WMI SDK, "WQL (SQL for WMI)"; MS-WMI 3.1.4.3.18).

Only data queries: SELECT of a list or ``*`` FROM one class, WHERE with = <> != < > <= >= LIKE, IS [NOT] NULL, AND, OR,
NOT and parentheses. Strings compare without case, a backslash escapes the next character.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<string>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")
      | (?P<number>[+-]?\d+(?:\.\d+)?)
      | (?P<word>[A-Za-z_][A-Za-z0-9_]*)
      | (?P<sign><>|!=|<=|>=|=|<|>|\(|\)|\*|,)
    )""",
    re.VERBOSE | re.DOTALL,
)
_ORDERS: Mapping[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}
Row = Mapping[str, Any]
Condition = Callable[[Row], bool]


class InvalidQuery(Exception):
    """The text is no WQL data query."""


@dataclass(frozen=True)
class Query:
    """``properties`` is None for ``SELECT *``; ``tested`` are the properties that WHERE names."""

    class_name: str
    properties: tuple[str, ...] | None
    tested: tuple[str, ...]
    condition: Condition


def parse(text: str) -> Query:
    """Parse a query.

    :raises InvalidQuery: if it is none.
    """
    return _Parser(_tokens(text)).query()


def _tokens(text: str) -> list[tuple[str, str]]:
    tokens = []
    position = 0
    while text[position:].strip():
        found = _TOKEN.match(text, position)
        if not found or found.lastgroup is None:
            raise InvalidQuery(f"Unexpected text: {text[position:][:40]}")
        tokens.append((found.lastgroup, found.group(found.lastgroup)))
        position = found.end()
    return tokens


class _Parser:
    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self._tokens = tokens
        self._position = 0
        self._tested: list[str] = []

    def query(self) -> Query:
        self._keyword("SELECT")
        properties = None if self._sign("*") else tuple(self._names())
        self._keyword("FROM")
        class_name = self._word()
        condition: Condition = _everything
        if self._peek()[1].upper() == "WHERE":
            self._position += 1
            condition = self._or()
        if self._position != len(self._tokens):
            raise InvalidQuery(f"Unexpected: {self._peek()[1]}")
        return Query(class_name, properties, tuple(self._tested), condition)

    def _names(self) -> Iterator[str]:
        yield self._word()
        while self._sign(","):
            yield self._word()

    def _or(self) -> Condition:
        left = self._and()
        while self._is("OR"):
            left = _either(left, self._and())
        return left

    def _and(self) -> Condition:
        left = self._not()
        while self._is("AND"):
            left = _both(left, self._not())
        return left

    def _not(self) -> Condition:
        if self._is("NOT"):
            inner = self._not()
            return lambda row: not inner(row)
        if self._sign("("):
            inner = self._or()
            if not self._sign(")"):
                raise InvalidQuery("A parenthesis is not closed.")
            return inner
        return self._comparison()

    def _comparison(self) -> Condition:
        name = self._word()
        self._tested.append(name)
        key = name.casefold()
        if self._is("LIKE"):
            pattern = _like(self._literal())
            return lambda row: isinstance(row.get(key), str) and pattern.match(row[key]) is not None
        if self._is("IS"):
            wanted = not self._is("NOT")
            if self._literal() is not None:
                raise InvalidQuery("IS compares with NULL only.")
            return lambda row: (row.get(key) is None) == wanted
        kind, sign = self._next()
        if kind != "sign" or sign not in {"=", "<>", "!=", *_ORDERS}:
            raise InvalidQuery(f"No operator: {sign}")
        value = self._literal()
        return lambda row: _compare(sign, row.get(key), value)

    def _literal(self) -> Any:
        kind, text = self._next()
        if kind == "string":
            return re.sub(r"\\(.)", r"\1", text[1:-1], flags=re.DOTALL)
        if kind == "number":
            return float(text) if "." in text else int(text)
        constants: dict[str, Any] = {"TRUE": True, "FALSE": False, "NULL": None}
        if kind == "word" and text.upper() in constants:
            return constants[text.upper()]
        raise InvalidQuery(f"No value: {text}")

    def _peek(self) -> tuple[str, str]:
        return self._tokens[self._position] if self._position < len(self._tokens) else ("end", "")

    def _next(self) -> tuple[str, str]:
        token = self._peek()
        if token[0] == "end":
            raise InvalidQuery("The query ends too early.")
        self._position += 1
        return token

    def _word(self) -> str:
        kind, text = self._next()
        if kind != "word":
            raise InvalidQuery(f"No name: {text}")
        return text

    def _keyword(self, keyword: str) -> None:
        if not self._is(keyword):
            raise InvalidQuery(f"{keyword} is missing.")

    def _is(self, keyword: str) -> bool:
        kind, text = self._peek()
        if kind == "word" and text.upper() == keyword:
            self._position += 1
            return True
        return False

    def _sign(self, sign: str) -> bool:
        if self._peek() == ("sign", sign):
            self._position += 1
            return True
        return False


def _everything(row: Row) -> bool:
    return True


def _either(left: Condition, right: Condition) -> Condition:
    return lambda row: left(row) or right(row)


def _both(left: Condition, right: Condition) -> Condition:
    return lambda row: left(row) and right(row)


def _compare(sign: str, actual: Any, wanted: Any) -> bool:
    if actual is None or wanted is None:
        same = actual is wanted
        return same if sign == "=" else not same if sign in {"<>", "!="} else False
    if isinstance(actual, bool) or isinstance(wanted, bool):
        actual, wanted = _truth(actual), _truth(wanted)
    elif isinstance(actual, (int, float)) != isinstance(wanted, (int, float)):
        # WMI coerces: 'WHERE DriveType = "3"' works.
        actual, wanted = str(actual), str(wanted)
    if isinstance(actual, str):
        actual, wanted = actual.casefold(), str(wanted).casefold()
    if sign == "=":
        return bool(actual == wanted)
    if sign in {"<>", "!="}:
        return bool(actual != wanted)
    return _ORDERS[sign](actual, wanted)


def _truth(value: Any) -> bool:
    return value.casefold() == "true" if isinstance(value, str) else bool(value)


def _like(pattern: Any) -> re.Pattern[str]:
    """LIKE: ``%`` any text, ``_`` one character, ``[a-c]`` and ``[^a-c]`` one of a set."""
    if not isinstance(pattern, str):
        raise InvalidQuery("LIKE needs a string.")
    parts = re.findall(r"\[\^?[^\]]+\]|.", pattern, flags=re.DOTALL)
    translated = [
        ".*"
        if part == "%"
        else "."
        if part == "_"
        else part.replace("\\", "\\\\")
        if len(part) > 1
        else re.escape(part)
        for part in parts
    ]
    return re.compile("".join(translated) + r"\Z", re.IGNORECASE | re.DOTALL)
