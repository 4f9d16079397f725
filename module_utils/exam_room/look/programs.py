"""What counts as a program of those that the keys Uninstall of the registry name; shape of :mod:`facts`.

An inspection has them listed by its one PowerShell (roles/software, Get-InstalledProgram.ps1); over WMI (software.py)
each costs up to five round trips.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import ExamError


def of_list(report: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The programs of what Get-InstalledProgram.ps1 has listed.

    ExamError for an empty list, LookupError or TypeError for what is no list.
    """
    programs = report["programs"]
    if not any(one["view"] == "64" for one in programs):
        raise nothing_read()
    shown = [
        program(one["name"], one["version"], one["publisher"], one["view"], one["key"])
        for one in programs
        if plain(one["name"]) and not one["update"] and one["component"] != "1"
    ]
    return in_order(shown)


def program(name: Any, version: Any, publisher: Any, view: str, key: str) -> dict[str, Any]:
    """One program as evidence."""
    texts = {"name": name, "version": version, "publisher": publisher}
    return {**{title: plain(text) for title, text in texts.items()}, "view": view, "key": key}


def in_order(programs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Sorted by name."""
    return sorted(programs, key=lambda one: (one["name"].casefold(), one["view"], one["key"]))


def plain(text: Any) -> str | None:
    """A value as text; None for one that is missing or empty."""
    return None if text is None else str(text).strip() or None


def nothing_read() -> ExamError:
    """Windows puts some programs of its own there: without any, nothing was read."""
    return ExamError("注册表中没有已安装程序的清单", "the registry has no list of installed programs")
