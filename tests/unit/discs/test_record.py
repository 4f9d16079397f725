"""The record of the discs: what counts as burned, what is still to do, and when a session is final."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from exam_room.discs import record
from exam_room.discs.record import BEGUN, IMAGE, SEALED, Record, Todo
from exam_room.errors import ExamError
from exam_room.journal.journal import Journal

OK: Mapping[str, Any] = {"ok": True, "written": True, "device": "E:", "files": 5, "closed": True}
BAD: Mapping[str, Any] = {
    "ok": False,
    "written": True,
    "device": "E:",
    "reason": {"zh": "回读不一致", "en": "not equal"},
}
NOT_USED: Mapping[str, Any] = {**BAD, "written": False}


@pytest.fixture
def session(tmp_path: Path) -> Path:
    """Two discs, sealed, with their images."""
    discs = [{"number": number, "volume": f"S_{number}"} for number in (1, 2)]
    record.append(tmp_path, SEALED, {"seal_sha256": "seal", "medium": "dvd", "discs": discs})
    for number in (1, 2):
        image(tmp_path, number)
    return tmp_path


def image(session: Path, disc: int, sha256: str = "") -> Record:
    return record.append(
        session, IMAGE, {"disc": disc, "volume": f"S_{disc}", "sha256": sha256 or f"h{disc}", "size": 9}
    )


def burn(session: Path, copy: int, disc: int, outcome: Mapping[str, Any] = OK, target: str = "server") -> Record:
    noted = {"copy": copy, "disc": disc, "target": target}
    record.append(session, BEGUN, noted)
    return record.end(session, noted, outcome)


def left(session: Path, copies: int = 2, target: str = "server") -> list[tuple[int, int]]:
    return [(todo.copy, todo.disc) for todo in record.pending(record.read(session), copies, target)]


def test_the_whole_first_copy_comes_first(session: Path) -> None:
    assert left(session) == [(1, 1), (1, 2), (2, 1), (2, 2)]
    assert left(session, copies=1) == [(1, 1), (1, 2)]


def test_a_disc_that_is_done_is_not_burned_again(session: Path) -> None:
    burn(session, 1, 1)
    assert left(session) == [(1, 2), (2, 1), (2, 2)]


def test_it_is_final_only_when_every_disc_of_every_copy_is_equal(session: Path) -> None:
    for copy, disc in ((1, 1), (1, 2), (2, 1)):
        assert not record.is_final(burn(session, copy, disc), 2, rehearsal=False)
    assert record.is_final(burn(session, 2, 2), 2, rehearsal=False)
    assert not record.is_final(record.read(session), 3, rehearsal=False), "a further copy is wanted"
    assert left(session, copies=3) == [(3, 1), (3, 2)]


def test_nothing_sealed_is_not_final(tmp_path: Path) -> None:
    assert not record.is_final(record.read(tmp_path), 1, rehearsal=True)
    assert record.pending(record.read(tmp_path), 2, "server") == []


def test_a_bad_disc_is_named_and_the_same_disc_asked_for_again(session: Path) -> None:
    found = burn(session, 1, 1, BAD)
    assert left(session)[0] == (1, 1)
    assert [(one["copy"], one["disc"], one["zh"], one["en"]) for one in found.bad] == [
        (1, 1, "回读不一致", "not equal")
    ]
    assert found.tries[1, 1] == 1
    found = burn(session, 1, 1)
    assert found.tries[1, 1] == 0 and len(found.bad) == 1
    assert left(session)[0] == (1, 2)


def test_a_medium_that_was_not_written_on_is_not_bad(session: Path) -> None:
    found = burn(session, 1, 1, NOT_USED)
    assert found.bad == () and found.tries[1, 1] == 1
    assert left(session)[0] == (1, 1)


def test_a_burn_that_was_killed_does_not_count_and_its_disc_is_bad(session: Path) -> None:
    record.append(session, BEGUN, {"copy": 1, "disc": 1, "target": "/dev/sr0"})
    found = record.read(session)
    assert left(session)[0] == (1, 1)
    assert [(one["disc"], one["target"]) for one in found.bad] == [(1, "/dev/sr0")]
    assert "中断" in found.bad[0]["zh"]
    again = burn(session, 1, 1)
    assert len(again.bad) == 1 and left(session)[0] == (1, 2)


def interrupted(session: Path, copy: int, disc: int, target: str = "server") -> list[tuple[int, int, bool]]:
    """Begin to burn and die; of what is interrupted for the next run: copy, disc and whether it may be read back."""
    record.append(session, BEGUN, {"copy": copy, "disc": disc, "target": target})
    todo = record.answer(record.read(session), 2, "server", rehearsal=False)["pending"]
    assert not any(one["resumable"] for one in todo if not one["interrupted"])
    return [(one["copy"], one["disc"], one["resumable"]) for one in todo if one["interrupted"]]


def test_a_disc_that_the_server_finished_alone_is_not_bad_after_all(session: Path) -> None:
    burn(session, 1, 2, BAD)
    assert interrupted(session, 1, 1) == [(1, 1, True)]
    found = burn(session, 1, 1, {**OK, "resumed": True})
    assert [(one["disc"], one["zh"]) for one in found.bad] == [(2, "回读不一致")]
    assert left(session)[0] == (1, 2) and found.interrupted is None


def test_a_disc_that_could_be_another_one_with_the_same_bytes_is_not_read_back_after_an_interruption(
    session: Path,
) -> None:
    burn(session, 1, 1)
    assert interrupted(session, 2, 1) == [(2, 1, False)], "the first copy may lie in the drive"
    burn(session, 1, 2, BAD)
    assert interrupted(session, 1, 2) == [(1, 2, False)], "the bad disc may lie in the drive"


def test_a_burning_that_was_interrupted_twice_is_not_read_back(session: Path) -> None:
    assert interrupted(session, 1, 1) == [(1, 1, True)]
    assert interrupted(session, 1, 1) == [(1, 1, False)], "which of the two lies in the drive?"


def test_what_was_refused_was_never_written_and_is_mistaken_for_nothing(session: Path) -> None:
    burn(session, 1, 1, NOT_USED)
    burn(session, 2, 1, OK, record.TO_IMAGE)
    assert interrupted(session, 1, 1) == [(1, 1, True)]


def test_only_the_server_burns_on_alone(session: Path) -> None:
    assert interrupted(session, 1, 1, "/dev/sr0") == [(1, 1, False)]
    interrupted(session, 1, 1)
    todo = record.answer(record.read(session), 2, "/dev/sr0", rehearsal=False)["pending"]
    assert not any(one["resumable"] for one in todo)


def test_a_line_that_was_cut_off_by_a_kill_is_as_if_never_written(session: Path) -> None:
    burn(session, 1, 1)
    path = session / "discs/journal.jsonl"
    path.write_bytes(path.read_bytes()[:-20])
    assert left(session)[0] == (1, 1), "it was never said to be burned"
    burn(session, 1, 1)
    assert left(session)[0] == (1, 2)


def test_an_altered_record_is_refused(session: Path) -> None:
    burn(session, 1, 1, BAD)
    path = session / "discs/journal.jsonl"
    path.write_bytes(path.read_bytes().replace(b'"event":"bad"', b'"event":"verified"'))
    with pytest.raises(ExamError, match=r"journal\.jsonl"):
        record.read(session)


def test_a_disc_counts_for_its_own_image_only(session: Path) -> None:
    burn(session, 1, 1)
    image(session, 1, "another image")
    assert left(session)[0] == (1, 1)
    image(session, 1, "h1")
    assert left(session)[0] == (1, 2), "the same image came back"


def test_an_image_makes_a_rehearsal_final_and_never_a_real_session(session: Path) -> None:
    for copy, disc in ((1, 1), (1, 2), (2, 1), (2, 2)):
        found = burn(session, copy, disc, OK, record.TO_IMAGE)
    assert record.is_final(found, 2, rehearsal=True)
    assert not record.is_final(found, 2, rehearsal=False)
    assert left(session, target="image") == [] and len(left(session, target="server")) == 4
    assert record.answer(found, 2, "image", rehearsal=False)["final"] is False


def test_a_real_session_is_not_asked_for_image_files(session: Path) -> None:
    assert record.answer(record.read(session), 2, "image", rehearsal=False)["pending"] == []
    assert len(record.answer(record.read(session), 2, "image", rehearsal=True)["pending"]) == 4


def test_what_is_asked_for_has_the_names_people_use(session: Path) -> None:
    answer = record.answer(record.read(session), 4, "server", rehearsal=False)
    assert answer["pending"][0] == {
        "copy": 1,
        "name_zh": "正本",
        "name_en": "original",
        "disc": 1,
        "of": 2,
        "volume": "S_1",
        "interrupted": False,
        "resumable": False,
    }
    assert [one["name_zh"] for one in answer["pending"][::2]] == ["正本", "副本", "副本2", "副本3"]


@pytest.mark.parametrize("copies", [0, 5, -1])
def test_a_number_of_copies_without_names_is_refused(session: Path, copies: int) -> None:
    with pytest.raises(ExamError, match="exam_copies"):
        record.pending(record.read(session), copies, "server")


def test_only_the_controllers_burner_is_a_deviation(session: Path) -> None:
    for copy, disc in ((1, 1), (1, 2)):
        found = burn(session, copy, disc, OK, "/dev/sr0")
    assert [one["clause"] for one in record.deviations(found, 2)] == ["V7"]
    for copy, disc in ((2, 1), (2, 2)):
        found = burn(session, copy, disc, OK, "server")
    assert record.deviations(found, 2) == []


def test_a_copy_half_from_the_server_is_a_deviation(session: Path) -> None:
    burn(session, 1, 1, OK, "server")
    assert record.deviations(burn(session, 1, 2, OK, "/dev/sr0"), 1)


def test_an_end_without_its_beginning_is_refused(session: Path) -> None:
    noted = {"copy": 1, "disc": 1, "target": "server"}
    with pytest.raises(ExamError, match="not begun"):
        record.end(session, noted, OK)
    record.append(session, BEGUN, noted)
    with pytest.raises(ExamError, match="not begun"):
        record.end(session, {**noted, "disc": 2}, OK)
    assert left(session)[:2] == [(1, 1), (1, 2)]


def test_every_line_is_on_disk_and_chained(session: Path) -> None:
    burn(session, 1, 1)
    entries = Journal(session / "discs").read().entries
    assert [entry.event for entry in entries] == ["sealed", "image", "image", "begun", "verified"]
    assert record.fold(entries) == record.read(session)
    assert Todo(1, 1) not in record.pending(record.read(session), 1, "server")
