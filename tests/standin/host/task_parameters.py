"""The command line of a scheduled task that runs a PowerShell file."""

from __future__ import annotations

import shlex


def parameters(arguments: str) -> dict[str, str]:
    """The named parameters of a PowerShell command line: ``-File "a b" -Letter Z`` gives File and Letter."""
    words = shlex.split(arguments.replace("\\", "\\\\"))
    found: dict[str, str] = {}
    for word, following in zip(words, [*words[1:], ""], strict=True):
        if word.startswith("-"):
            found[word[1:]] = "" if following.startswith("-") else following
    return found
