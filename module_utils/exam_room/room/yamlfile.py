"""YAML files written by people: safe, each key once, every value with the row it stands in."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from .problems import refusal
from .text import decode

MAX_BYTES = 1_000_000

Place = tuple[str | int, ...]
"""The way to a value: keys and list positions from the top."""


class Document:
    """The data of a file and where each value stands."""

    def __init__(self, file: str, data: Any, rows: dict[Place, int]) -> None:
        self.file = file
        self.data = data
        self._rows = rows

    def row(self, place: Place) -> int | None:
        """The row of a value, or of the nearest thing around it."""
        while place and place not in self._rows:
            place = place[:-1]
        return self._rows.get(place)


class _RefusedError(Exception):
    def __init__(self, zh: str, en: str, mark: yaml.Mark | None) -> None:
        super().__init__(en)
        self.zh = zh
        self.en = en
        self.row = mark.line + 1 if mark else None


class _TextLoader(yaml.SafeLoader):
    """Every scalar is the text that stands there: 14:30 is no number in base 60, 0123 not octal, 是否 no boolean."""

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise _RefusedError("不支持 YAML 别名（*）", "YAML aliases (*) are not supported", mark)
        return super().compose_node(parent, index)


class _DataLoader(_TextLoader):
    """Whole numbers and true/false as well."""


# YAML 1.1's own resolvers are left out on purpose; only what is listed here is more than text.
_TextLoader.yaml_implicit_resolvers = {}
_DataLoader.yaml_implicit_resolvers = {}
for _loader in (_TextLoader, _DataLoader):
    _loader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"(~|null|)\Z"), ["~", "n", ""])
_DataLoader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"(true|false)\Z"), ["t", "f"])
_DataLoader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"-?(0|[1-9][0-9]*)\Z"), list("-0123456789"))


def load(path: Path, *, text_only: bool = False) -> Document:
    """Read one document. With ``text_only`` every scalar is text (or None where nothing stands).

    Raises InputRefused: not there, too large, unreadable encoding, not YAML, a key given twice, an alias or a tag.
    """
    file = path.name
    try:
        data = path.read_bytes()
    except OSError as error:
        raise refusal(file, f"读不了 {path}：{error.strerror}", f"cannot read {path}: {error.strerror}") from error
    if len(data) > MAX_BYTES:
        raise refusal(file, "文件过大（超过 1 MB）", "too large (over 1 MB)")
    text = decode(data, file)
    rows: dict[Place, int] = {}
    try:
        # The reader looks for control characters as soon as it is made.
        loader = (_TextLoader if text_only else _DataLoader)(text)
        node = loader.get_single_node()
        value = None if node is None else _value(loader, node, (), rows)
    except _RefusedError as error:
        raise refusal(file, error.zh, error.en, row=error.row) from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        row = mark.line + 1 if mark else None
        raise refusal(file, f"不是有效的 YAML：{error.problem}", f"not valid YAML: {error.problem}", row=row) from error
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise refusal(file, "不是有效的 YAML（控制字符等）", "not valid YAML (control characters?)") from error
    return Document(file, value, rows)


def _value(loader: _TextLoader, node: yaml.Node, place: Place, rows: dict[Place, int]) -> Any:
    rows.setdefault(place, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        return _mapping(loader, node, place, rows)
    if isinstance(node, yaml.SequenceNode):
        return [_value(loader, child, (*place, index), rows) for index, child in enumerate(node.value)]
    return loader.construct_object(node)


def _mapping(loader: _TextLoader, node: yaml.MappingNode, place: Place, rows: dict[Place, int]) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for key_node, value_node in node.value:
        if not isinstance(key_node, yaml.ScalarNode):
            raise _RefusedError("键必须是文字", "a key must be text", key_node.start_mark)
        name = key_node.value
        if name in result:
            raise _RefusedError(f"键 {name} 重复", f"the key {name} is given twice", key_node.start_mark)
        rows[(*place, name)] = key_node.start_mark.line + 1
        result[name] = _value(loader, value_node, (*place, name), rows)
    return result
