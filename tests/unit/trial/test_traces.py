"""What a trial leaves on a server that was killed over it, and that nothing else goes with it."""

from __future__ import annotations

import pytest

from exam_room.errors import ExamError
from exam_room.trial import traces
from exam_room.trial.document import left_out
from exam_room.wire.srvsvc import ShareName
from unit.wire_fakes import FakeShare

ROOT = r"Exam\share"
ACCOUNTS = ["KS01", "KS02", "KS03"]
SEAT_FILE = f"~exam-trial-PC-01-{'ab' * 32}.tmp"


class Service:
    """A server's list of shares."""

    def __init__(self, *names: str) -> None:
        self.names = list(names)

    def shares(self) -> list[ShareName]:
        return [ShareName(name, 0, "") for name in self.names]

    def delete_share(self, name: str) -> bool:
        self.names = [one for one in self.names if one.casefold() != name.casefold()]
        return True


def room() -> FakeShare:
    files = FakeShare()
    for account in ACCOUNTS[:2]:
        files.makedirs(rf"{ROOT}\{account}")
    return files


def test_share_folder_and_seats_files_are_taken_away() -> None:
    files, service = room(), Service("exam", "EXAM-TRIAL", "D$")
    files.makedirs(rf"{traces.FOLDER}\KS01")
    files.files[rf"{traces.FOLDER}\KS01\x.part"] = b"1"
    files.files[rf"{ROOT}\KS02\{SEAT_FILE}"] = b"2"
    left = traces.remove(service, files, ROOT, ACCOUNTS)
    assert left == [traces.SHARE, traces.FOLDER, rf"{ROOT}\KS02\{SEAT_FILE}"]
    assert service.names == ["exam", "D$"]
    assert traces.left(service, files, ROOT, ACCOUNTS) == []
    assert set(files.files) == {"Exam", ROOT, rf"{ROOT}\KS01", rf"{ROOT}\KS02"}


@pytest.mark.parametrize("name", ["~exam-trial-.tmp", "答题.docx", f"{SEAT_FILE}.docx", "~exam-trial-PC01-abc.tmp"])
def test_what_a_candidate_may_have_saved_stays(name: str) -> None:
    files = room()
    files.files[rf"{ROOT}\KS01\{name}"] = b"1"
    assert traces.remove(Service("exam"), files, ROOT, ACCOUNTS) == []
    assert files.files[rf"{ROOT}\KS01\{name}"] == b"1"


def test_a_folder_with_such_a_name_is_no_trace() -> None:
    files = room()
    files.makedirs(rf"{ROOT}\KS01\{SEAT_FILE}")
    assert traces.left(Service(), files, ROOT, ACCOUNTS) == []


def test_the_name_says_the_computer_and_the_hash() -> None:
    match = traces.SEAT_FILE.fullmatch(SEAT_FILE.upper())
    assert match is not None
    assert (match["computer"], match["sha256"].casefold()) == ("PC-01", "ab" * 32)


@pytest.mark.parametrize(("share", "root"), [("Exam-Trial", ROOT), ("exam", r"exam\Trial")])
def test_a_room_whose_own_share_bears_the_trials_name_is_refused(share: str, root: str) -> None:
    with pytest.raises(ExamError, match="exam-trial"):
        traces.check_names(share, root)


def test_a_trial_that_was_left_out_shows_nothing() -> None:
    document = left_out()
    assert all("inspection_trial" in document[name]["unknown"] for name in ("seats", "cutoff", "left"))
