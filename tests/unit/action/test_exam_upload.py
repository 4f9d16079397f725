"""What the action plugin refuses to send before the host is asked for anything."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def exam_upload() -> ModuleType:
    """The plugin; the module of its name, which documents it, is what an import would find."""
    spec = importlib.util.spec_from_file_location("exam_upload_plugin", ROOT / "plugins/action/exam_upload.py")
    assert spec is not None and spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


@pytest.mark.parametrize("content", [b"", b"M", b"<!DOCTYPE html>", None])
def test_what_is_no_program_is_refused_by_its_name(
    exam_upload: ModuleType, tmp_path: Path, content: bytes | None
) -> None:
    file = tmp_path / "mpam-fe.exe"
    if content is not None:
        file.write_bytes(content)
    refused = exam_upload.refusal(file)
    assert str(file) in refused.splitlines()[0] and str(file) in refused.splitlines()[1]


def test_a_program_is_sent(exam_upload: ModuleType, tmp_path: Path) -> None:
    file = tmp_path / "mpam-fe.exe"
    file.write_bytes(b"MZ and more")
    assert exam_upload.refusal(file) == ""
