"""Parse every PowerShell file of the project; a place that is no PowerShell fails.

Usage: lint_powershell.py        exit status 1 when something was found
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import tree_sitter_powershell
from tree_sitter import Language, Node, Parser

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("roles", "docs", "scripts")


def errors(node: Node) -> Iterator[Node]:
    """Yield the outermost nodes that the grammar could not place."""
    if node.type == "ERROR" or node.is_missing:
        yield node
        return
    for child in node.children:
        yield from errors(child)


def main() -> int:
    parser = Parser(Language(tree_sitter_powershell.language()))
    scripts = sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.ps1"))
    found = 0
    for path in scripts:
        text = path.read_text(encoding="utf-8-sig")
        for node in errors(parser.parse(text.encode()).root_node):
            found += 1
            print(f"{path.relative_to(ROOT)}:{node.start_point[0] + 1}: not PowerShell")
    print(f"PowerShell: {len(scripts)} files parsed, {found} findings")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
