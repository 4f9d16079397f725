"""The pages as HTML: templates that lie in a folder, and one place through which every value goes onto paper."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import jinja2

from ..errors import ExamError
from . import words


def render(templates: Path | Sequence[Path], name: str, values: Mapping[str, Any]) -> bytes:
    """The page of the template ``name``, one file with nothing beside it; every value is printed() and escaped.

    ``templates``: the folder, or the folders in which the template and those that it builds on are looked for.

    Raises ExamError when the templates are missing or ask for something that is not there.
    """
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(templates),
        autoescape=True,
        finalize=words.printed,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["words"] = words
    try:
        return environment.get_template(name).render(values).encode("utf-8", "backslashreplace")
    except jinja2.TemplateError as exc:
        raise ExamError(
            f"打印模板 {name}（{templates}）有误：{exc}", f"The template {name} ({templates}) is wrong: {exc}"
        ) from exc
