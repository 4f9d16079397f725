"""Write the README.md of every role from its meta/argument_specs.yml.

Usage: role_readmes.py [--check]        with --check nothing is written; exit status 1 when a README is not up to date
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jinja2
import yaml

ROOT = Path(__file__).resolve().parent.parent
TEMPLATE = """\
# {{ role }}

{{ main.short_description }}.
{% for paragraph in main.description | default([]) | paragraphs %}

{{ paragraph | words }}
{% endfor %}
{% for name, entry in entries.items() if name != 'main' %}

`tasks_from: {{ name }}`: {{ entry.short_description }}.
{% endfor %}

| variable | type | default | what |
|---|---|---|---|
{% for name, option, where in options %}
| `{{ name }}` | {{ option | kind }} | {{ option | otherwise }} | {{ where }}{{ option.description | words | cell }} |
{% endfor %}

Made by scripts/role_readmes.py from [meta/argument_specs.yml](meta/argument_specs.yml).
"""


def _words(text: str | list[str]) -> str:
    """Ansible's markup C(word) as Markdown's; a list of sentences as one text."""
    plain = " ".join(text) if isinstance(text, list) else text
    for mark in ("C(", "O(", "V("):
        while mark in plain:
            before, _, rest = plain.partition(mark)
            word, _, after = rest.partition(")")
            plain = f"{before}`{word}`{after}"
    return plain


def _paragraphs(text: str | list[str]) -> list[str]:
    return [text] if isinstance(text, str) else text


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _kind(option: dict[str, Any]) -> str:
    kind = str(option.get("type", "str"))
    kind += f" of {option['elements']}" if "elements" in option else ""
    return kind + (": " + ", ".join(f"`{choice}`" for choice in option["choices"]) if "choices" in option else "")


def _otherwise(option: dict[str, Any]) -> str:
    """What stands in the column default."""
    if option.get("required"):
        return "required"
    if "default" not in option:
        return ""
    value = option["default"]
    if isinstance(value, list) and value:
        return "see [defaults/main.yml](defaults/main.yml)"
    shown = yaml.safe_dump(value, default_flow_style=True, width=1000).removesuffix("...\n").strip()
    return _cell(f"`{value if isinstance(value, str) and value else shown}`")


def _options(entries: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any], str]]:
    """The options of the main part, then those that only another one has, with where."""
    seen = set()
    for entry in sorted(entries, key=lambda name: name != "main"):
        for name, option in entries[entry].get("options", {}).items():
            if name not in seen:
                seen.add(name)
                yield name, option, "" if entry == "main" else f"`tasks_from: {entry}`: "


def render(role: Path) -> str:
    """The README of one role."""
    entries = yaml.safe_load((role / "meta/argument_specs.yml").read_text(encoding="utf-8"))["argument_specs"]
    environment = jinja2.Environment(
        autoescape=False, trim_blocks=True, keep_trailing_newline=True, undefined=jinja2.StrictUndefined
    )
    environment.filters.update(words=_words, paragraphs=_paragraphs, cell=_cell, kind=_kind, otherwise=_otherwise)
    return environment.from_string(TEMPLATE).render(
        role=role.name, main=entries["main"], entries=entries, options=_options(entries)
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--check", action="store_true", help="write nothing; exit status 1 when one is not up to date")
    check = parser.parse_args().check
    stale = 0
    for role in sorted(path.parent.parent for path in (ROOT / "roles").glob("*/meta/argument_specs.yml")):
        readme, wanted = role / "README.md", render(role)
        if readme.is_file() and readme.read_text(encoding="utf-8") == wanted:
            continue
        stale += 1
        print(f"{readme.relative_to(ROOT)}: {'not up to date, run scripts/role_readmes.py' if check else 'written'}")
        if not check:
            readme.write_text(wanted, encoding="utf-8")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
