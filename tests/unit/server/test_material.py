"""Raw material on a share in memory: exact content, one rename, nothing by accident."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from exam_room.errors import ExamError
from exam_room.room.rawmaterial import of_session
from exam_room.server.material import Outcome, ensure
from exam_room.wire import security
from unit.wire_fakes import FakeShare

CLOSED, OPENED = r"Exam\material", r"Exam\share\素材"
SIDS = {"KS01": "S-1-5-21-1-2-3-1001"}


@pytest.fixture
def source(tmp_path: Path) -> Path:
    (tmp_path / "图片" / "深").mkdir(parents=True)
    (tmp_path / "图片" / "深" / "主图.png").write_bytes(b"\x89PNG" * 1000)
    (tmp_path / "说明.txt").write_text("说明", encoding="utf-8")
    (tmp_path / "空.csv").write_bytes(b"")
    return tmp_path


@pytest.fixture
def share() -> FakeShare:
    return FakeShare()


def act(share: FakeShare, state: str, source: Path | None = None, check: bool = False) -> Outcome:
    return ensure(share, source, CLOSED, OPENED, SIDS, state, check)


def held(share: FakeShare, top: str) -> dict[str, bytes]:
    return {
        name[len(top) + 1 :]: data
        for name, data in share.files.items()
        if name.startswith(top + "\\") and data is not None
    }


def test_closed_holds_exactly_the_source_with_its_access(share: FakeShare, source: Path) -> None:
    outcome = act(share, "closed", source)
    assert held(share, CLOSED) == {"图片\\深\\主图.png": b"\x89PNG" * 1000, "说明.txt": "说明".encode(), "空.csv": b""}
    assert share.security[CLOSED].same_access(security.material_folder(SIDS.values()))
    assert sorted(outcome.uploaded) == sorted(held(share, CLOSED))


def test_the_second_run_writes_nothing(share: FakeShare, source: Path) -> None:
    act(share, "closed", source)
    share.writes = 0
    assert not act(share, "closed", source).changed
    assert share.writes == 0


def test_check_mode_predicts_and_writes_nothing(share: FakeShare, source: Path) -> None:
    predicted = act(share, "closed", source, check=True)
    assert share.writes == 0
    assert predicted.uploaded == act(share, "closed", source).uploaded


def test_what_differs_is_replaced_and_a_folder_too_many_removed(share: FakeShare, source: Path) -> None:
    act(share, "closed", source)
    share.files[rf"{CLOSED}\说明.txt"] = "谎言".encode()
    share.files[rf"{CLOSED}\答案"] = None
    outcome = act(share, "closed", source)
    assert outcome.uploaded == ["说明.txt"]
    assert outcome.removed == ["答案"]
    assert held(share, CLOSED)["说明.txt"] == "说明".encode()
    assert not [name for name in share.files if "答案" in name]


@pytest.mark.parametrize("path", [r"答案\答案.txt", "more.txt", "图片"])
def test_a_file_too_many_is_never_deleted(share: FakeShare, source: Path, path: str) -> None:
    """It may be somebody's work: role clean moves it into quarantine. 图片 has to be a folder."""
    act(share, "closed", source)
    share.remove_tree(rf"{CLOSED}\{path}")
    share.makedirs(rf"{CLOSED}\{path}".rpartition("\\")[0])
    share.files[rf"{CLOSED}\{path}"] = b"42"
    share.writes = 0
    with pytest.raises(ExamError, match="--tags clean") as refused:
        act(share, "closed", source)
    assert path in refused.value.zh and path in refused.value.en
    assert share.files[rf"{CLOSED}\{path}"] == b"42" and share.writes == 0
    # Check mode says what a real run would come to once it was moved.
    assert act(share, "closed", source, check=True).removed


def test_opening_is_one_rename_and_harmless_twice(share: FakeShare, source: Path) -> None:
    act(share, "closed", source)
    before = held(share, CLOSED)
    assert act(share, "open", check=True).changed
    share.writes = 0
    assert act(share, "open").renamed
    assert share.writes == 1
    assert held(share, OPENED) == before
    assert not held(share, CLOSED)
    assert not act(share, "open").changed


def test_closing_again_takes_it_back(share: FakeShare, source: Path) -> None:
    act(share, "closed", source)
    act(share, "open")
    assert act(share, "closed", source).renamed
    assert held(share, CLOSED)
    assert not held(share, OPENED)


def test_opening_what_was_never_laid_ready_is_an_error(share: FakeShare) -> None:
    with pytest.raises(ExamError, match="prepare"):
        act(share, "open")


def test_material_in_both_places_is_for_people_to_decide(share: FakeShare, source: Path) -> None:
    act(share, "closed", source)
    share.makedirs(OPENED)
    with pytest.raises(ExamError):
        act(share, "open")
    assert held(share, CLOSED)


def test_absent_removes_it_wherever_it_lies(share: FakeShare, source: Path) -> None:
    act(share, "closed", source)
    act(share, "open")
    assert act(share, "absent").removed == [OPENED]
    assert not act(share, "absent").changed


def test_a_damaged_upload_is_caught(share: FakeShare, source: Path) -> None:
    real = share.write

    def damaging(path: str, chunks: object) -> int:
        real(path, chunks)  # type: ignore[arg-type]
        share.files[path] = (share.files[path] or b"") + b"!"
        return 0

    share.write = damaging  # type: ignore[method-assign]
    with pytest.raises(ExamError):
        act(share, "closed", source)


def test_links_and_names_that_windows_cannot_have_are_refused(share: FakeShare, source: Path) -> None:
    (source / "a:b.txt").write_text("x")
    with pytest.raises(ExamError, match="a:b"):
        act(share, "closed", source)
    (source / "a:b.txt").unlink()
    (source / "link").symlink_to("/etc/passwd")
    with pytest.raises(ExamError, match="link"):
        act(share, "closed", source)
    assert share.writes == 0


def test_an_empty_unit_folder_is_refused_before_anything_is_written(share: FakeShare, source: Path) -> None:
    (source / "第三单元" / "子").mkdir(parents=True)
    with pytest.raises(ExamError, match=r"第三单元.*folder: null"):
        ensure(share, source, CLOSED, OPENED, SIDS, "closed", False, ["图片", "第三单元"])
    assert share.writes == 0


def quarantine(share: FakeShare) -> None:
    """Role clean has moved every file out of the raw material; folders stay."""
    for name in [name for name in share.files if name.startswith(f"{CLOSED}\\") and share.files[name] is not None]:
        share.remove(name)


def test_a_module_without_raw_material_leaves_none_on_the_server(
    share: FakeShare, source: Path, tmp_path: Path
) -> None:
    act(share, "closed", source)
    quarantine(share)
    outcome = ensure(share, tmp_path / "none", CLOSED, OPENED, SIDS, "closed", False, [])
    assert outcome.removed and outcome.manifest == []
    assert not ensure(share, tmp_path / "none", CLOSED, OPENED, SIDS, "closed", False, []).changed


def test_names_that_windows_takes_for_one_are_refused(share: FakeShare, source: Path) -> None:
    (source / "图片" / "A.txt").write_text("1")
    (source / "图片" / "a.TXT").write_text("2")
    with pytest.raises(ExamError, match="in case only"):
        act(share, "closed", source)
    assert share.writes == 0


def test_another_case_on_the_server_is_no_difference(share: FakeShare, source: Path) -> None:
    (source / "Logo.PNG").write_bytes(b"logo")
    act(share, "closed", source)
    share.files[f"{CLOSED}\\logo.png"] = share.files.pop(f"{CLOSED}\\Logo.PNG")
    share.writes = 0
    assert not act(share, "closed", source).changed
    assert share.writes == 0


def test_only_the_units_of_the_module_are_laid_ready(share: FakeShare, tmp_path: Path) -> None:
    for unit in ("第一单元", "第二单元"):
        (tmp_path / unit).mkdir()
        (tmp_path / unit / "素材.txt").write_text(unit, encoding="utf-8")
    ensure(share, tmp_path, CLOSED, OPENED, SIDS, "closed", False, None)
    with pytest.raises(ExamError, match="--tags clean"):
        ensure(share, tmp_path, CLOSED, OPENED, SIDS, "closed", False, ["第二单元"])
    quarantine(share)
    ensure(share, tmp_path, CLOSED, OPENED, SIDS, "closed", False, ["第二单元"])
    assert held(share, CLOSED) == {"第二单元\\素材.txt": "第二单元".encode()}


def test_a_unit_without_raw_material_is_refused_before_anything_is_written(share: FakeShare, source: Path) -> None:
    with pytest.raises(ExamError, match="第九单元"):
        ensure(share, source, CLOSED, OPENED, SIDS, "closed", False, ["图片", "第九单元"])
    assert share.writes == 0


def test_the_raw_material_of_a_session_names_its_units(source: Path) -> None:
    units: list[dict[str, Any]] = [{"name": "图", "folder": "图片"}, {"name": "口试", "folder": None}]
    (source.parent / "S2 四级").mkdir()
    (source / "图片").rename(source.parent / "S2 四级" / "图片")
    session = {"exam": {"material": "S2 四级"}, "units": units}
    found = of_session(source.parent, session)
    assert {(one["unit"], one["path"]) for one in found} == {("图", "图片\\深\\主图.png")}
    assert set(found[0]) == {"unit", "path", "size", "sha256"}
    units[1]["folder"] = "口试"
    with pytest.raises(ExamError, match="口试"):
        of_session(source.parent, session)
