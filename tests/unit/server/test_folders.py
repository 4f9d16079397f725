"""The candidates' folders on a share in memory."""

from __future__ import annotations

import dataclasses

import pytest

from exam_room.errors import ExamError
from exam_room.server.folders import absent, emptied, present
from exam_room.wire import security
from unit.wire_fakes import INHERITED, FakeShare

ROOT = r"Exam\share"
SIDS = {"KS01": "S-1-5-21-1-2-3-1001", "KS02": "S-1-5-21-1-2-3-1002"}


@pytest.fixture
def share() -> FakeShare:
    return FakeShare()


def test_everything_is_made_with_its_exact_access(share: FakeShare) -> None:
    outcome = present(share, ROOT, SIDS, check=False)
    assert outcome.created == [ROOT, rf"{ROOT}\KS01", rf"{ROOT}\KS02"]
    assert share.security[ROOT].same_access(security.share_root(SIDS.values()))
    for account, sid in SIDS.items():
        assert share.security[rf"{ROOT}\{account}"].same_access(security.candidate_folder(sid))


def test_the_second_run_writes_nothing(share: FakeShare) -> None:
    present(share, ROOT, SIDS, check=False)
    share.writes = 0
    outcome = present(share, ROOT, SIDS, check=False)
    assert not outcome.changed
    assert share.writes == 0


def test_check_mode_predicts_and_writes_nothing(share: FakeShare) -> None:
    predicted = present(share, ROOT, SIDS, check=True)
    assert share.writes == 0
    done = present(share, ROOT, SIDS, check=False)
    assert (predicted.created, predicted.after) == (done.created, done.after)


def test_access_that_was_loosened_is_corrected_and_shown(share: FakeShare) -> None:
    present(share, ROOT, SIDS, check=False)
    share.security[rf"{ROOT}\KS02"] = INHERITED
    outcome = present(share, ROOT, SIDS, check=False)
    assert outcome.access_changed == [rf"{ROOT}\KS02"]
    assert ";WD)" in outcome.before[0]
    assert ";WD)" not in outcome.after[0]


def test_a_server_that_does_not_do_as_told_is_caught(share: FakeShare) -> None:
    def stubborn(path: str, descriptor: bytes, owner: bool = False) -> None:
        wanted = security.Descriptor.from_bytes(descriptor)
        share.security[path] = dataclasses.replace(wanted, protected=False)

    share.set_security = stubborn  # type: ignore[method-assign]
    with pytest.raises(ExamError, match="share"):
        present(share, ROOT, SIDS, check=False)


def test_what_candidates_left_is_reported_and_kept(share: FakeShare) -> None:
    present(share, ROOT, SIDS, check=False)
    share.files[rf"{ROOT}\KS02\deep"] = None
    share.files[rf"{ROOT}\KS02\deep\a.txt"] = b"12345"
    outcome = present(share, ROOT, SIDS, check=False)
    assert outcome.occupied == [{"account": "KS02", "files": 1, "bytes": 5}]
    assert not outcome.changed
    assert share.files[rf"{ROOT}\KS02\deep\a.txt"] == b"12345"


def test_strangers_in_the_root_are_named_but_not_the_material(share: FakeShare) -> None:
    present(share, ROOT, SIDS, check=False)
    for name in ("素材", "ks09", "KS01"):
        share.files[rf"{ROOT}\{name}"] = None
    assert present(share, ROOT, SIDS, check=True).unexpected == ["ks09"]


def test_emptying_keeps_the_folders_and_their_access(share: FakeShare) -> None:
    present(share, ROOT, SIDS, check=False)
    share.files[rf"{ROOT}\KS01\a.txt"] = b"1"
    assert emptied(share, ROOT, list(SIDS), check=True).changed
    assert rf"{ROOT}\KS01\a.txt" in share.files
    assert emptied(share, ROOT, list(SIDS), check=False).removed_entries == 1
    assert not emptied(share, ROOT, list(SIDS), check=False).changed
    assert not present(share, ROOT, SIDS, check=False).changed


def test_the_root_goes_only_when_nothing_else_is_in_it(share: FakeShare) -> None:
    present(share, ROOT, SIDS, check=False)
    share.files[rf"{ROOT}\KS09"] = None
    assert ROOT not in absent(share, ROOT, list(SIDS), check=False).removed
    assert rf"{ROOT}\KS09" in share.files
    del share.files[rf"{ROOT}\KS09"]
    assert absent(share, ROOT, list(SIDS), check=False).removed == [ROOT]
    assert not absent(share, ROOT, list(SIDS), check=False).changed


def test_what_a_session_left_beside_the_folders_goes_with_their_content(share: FakeShare) -> None:
    present(share, ROOT, SIDS, check=False)
    share.makedirs(r"Exam\burn")
    share.files |= {rf"{ROOT}\KS01\a.txt": b"a", r"Exam\burn\0.iso": b"image", rf"{ROOT}\strange": b"x"}
    predicted = emptied(share, ROOT, list(SIDS), check=True, beside=[r"Exam\burn"])
    assert predicted.removed == [r"Exam\burn"] and r"Exam\burn\0.iso" in share.files
    done = emptied(share, ROOT, list(SIDS), check=False, beside=[r"Exam\burn"])
    assert done.changed and done.unexpected == ["strange"]
    assert r"Exam\burn" not in share.files and rf"{ROOT}\KS01" in share.files
    again = emptied(share, ROOT, list(SIDS), check=False, beside=[r"Exam\burn"])
    assert not again.changed
