"""The end of results on the controller: not before its time, never of a session that is not final, proof stays."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from exam_room.discs import purge as purging
from exam_room.discs.purge import look, purge
from exam_room.errors import ExamError
from exam_room.journal.journal import Journal
from exam_room.seal.bag import SEAL
from sealing.session import NOW, SITTING, make_key
from sealing.sets import make_bag

ROOT = Path(__file__).resolve().parents[3]
ID = SITTING.session_id
LATER = datetime(2030, 6, 2, tzinfo=UTC)
FINAL = {"result": "done", "read_back": True}
REASON = "保存期满"


def sessions(tmp_path: Path, **burned: object) -> Path:
    """A folder of sessions with one that was sealed, imaged, copied and, as ``burned`` says, burned."""
    directory = tmp_path / "sessions" / ID
    bag = make_bag(directory, make_key(tmp_path / "keys"))
    (directory / "plan.json").write_text(json.dumps({"session": {"date": "2025-06-01"}}), encoding="utf-8")
    disc = directory / "discs/sealed/20250601AM_1"
    for path in sorted((bag / "data").rglob("*")):
        target = disc / path.relative_to(bag)
        target.parent.mkdir(parents=True, exist_ok=True)
        if path.is_file():
            os.link(path, target)
    (disc / SEAL).write_bytes(b"seal of the disc")
    (directory / "discs/20250601AM_1.sha256.json").write_text("{}")
    for image in ("discs/20250601AM_1.iso", "discs/copy1/20250601AM_1.iso", "discs/20250601AM_2.iso.partial"):
        (directory / image).parent.mkdir(exist_ok=True)
        (directory / image).write_bytes(bytes(1000))
    (directory / "safety/KS01").mkdir(parents=True)
    (directory / "safety/KS01/a.txt").write_text("copy")
    (directory / "papers").mkdir()
    (directory / "papers/slips.pdf").write_bytes(b"%PDF")
    with Journal(directory, lambda: NOW).writing() as writer:
        writer.append("root@c", "burn", "end", {**FINAL, **burned})
    return tmp_path / "sessions"


def kept(folder: Path) -> set[str]:
    return {path.relative_to(folder / ID).as_posix() for path in folder.rglob("*") if path.is_file()}


def do(folder: Path, when: datetime = LATER, years: int = 5, reason: str = REASON) -> purging.Doomed:
    return purge(folder, ID, years, reason, "root@c", lambda: when)


def test_what_candidates_saved_goes_and_what_proves_it_stays(tmp_path: Path) -> None:
    folder = sessions(tmp_path)
    before = kept(folder)
    planned = look(folder, ID, 5, lambda: LATER)
    assert kept(folder) == before, "looking removes nothing"
    done = do(folder)
    assert done == planned and done.changed
    gone = before - kept(folder)
    payload = {path for path in before if path.startswith(("bag/data/", "discs/sealed/20250601AM_1/data/", "safety/"))}
    assert gone == payload | {path for path in before if ".iso" in path}
    assert {f"bag/{SEAL}", "bag/results.json", "bag/manifest-sha512.txt", "journal.jsonl", "papers/slips.pdf"} <= kept(
        folder
    )
    assert f"discs/sealed/20250601AM_1/{SEAL}" in kept(folder)


def test_sizes_count_linked_files_once(tmp_path: Path) -> None:
    folder = sessions(tmp_path)
    size = sum(path.stat().st_size for path in (folder / ID / "bag/data").rglob("*") if path.is_file())
    found = {item.path: item for item in look(folder, ID, 5, lambda: LATER).items}
    assert found["bag/data"].bytes == size
    assert found["discs/sealed/20250601AM_1/data"].bytes == 0
    assert found["discs/20250601AM_1.iso"].bytes == 1000


def test_it_is_journalled_and_the_chain_holds(tmp_path: Path) -> None:
    folder = sessions(tmp_path)
    do(folder)
    entries = Journal(folder / ID).read().entries
    begin, end = entries[-2:]
    assert (begin.step, begin.event, begin.data["reason"]) == ("purge", "begin", REASON)
    assert begin.data["due"] == "2030-06-01" and begin.data["retention_years"] == 5
    assert {item["path"] for item in begin.data["items"]} >= {"bag/data", "safety"}
    assert (end.step, end.event, end.data["result"]) == ("purge", "end", "done")


def test_a_second_run_does_and_journals_nothing(tmp_path: Path) -> None:
    folder = sessions(tmp_path)
    do(folder)
    before = (folder / ID / "journal.jsonl").read_bytes()
    assert not do(folder).changed
    assert (folder / ID / "journal.jsonl").read_bytes() == before


@pytest.mark.parametrize("after", [0, 1, 3, 100])
def test_a_run_that_was_killed_is_finished_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    folder = sessions(tmp_path)
    removed: list[Path] = []
    really = purging._remove

    def remove(path: Path) -> None:
        if len(removed) == after:
            raise KeyboardInterrupt
        removed.append(path)
        really(path)

    monkeypatch.setattr(purging, "_remove", remove)
    if after < 100:
        with pytest.raises(KeyboardInterrupt):
            do(folder)
        monkeypatch.setattr(purging, "_remove", really)
        assert do(folder).changed
    else:
        do(folder)
    assert not do(folder).changed
    assert not (folder / ID / "bag/data").exists() and not (folder / ID / "safety").exists()
    assert Journal(folder / ID).read().entries[-1].data == {"result": "done"}


def test_one_killed_before_its_last_line_gets_that_line(tmp_path: Path) -> None:
    folder = sessions(tmp_path)
    do(folder)
    journal = folder / ID / "journal.jsonl"
    journal.write_bytes(b"".join(journal.read_bytes().splitlines(keepends=True)[:-1]))
    assert do(folder).changed
    assert Journal(folder / ID).read().entries[-1].data == {"result": "done"}


@pytest.mark.parametrize(
    ("when", "years", "refused"),
    [
        (datetime(2030, 6, 1, 23, 59, tzinfo=UTC), 5, True),
        (datetime(2030, 6, 2, tzinfo=UTC), 5, False),
        (datetime(2030, 6, 2, tzinfo=UTC), 6, True),
        (datetime(2025, 6, 2, tzinfo=UTC), 0, False),
    ],
)
def test_nothing_goes_before_the_retention_is_over(tmp_path: Path, when: datetime, years: int, refused: bool) -> None:
    folder = sessions(tmp_path)
    if refused:
        with pytest.raises(ExamError, match="才可销毁"):
            do(folder, when, years)
        assert (folder / ID / "bag/data").is_dir()
    else:
        do(folder, when, years)


def test_a_plan_with_an_earlier_date_does_not_shorten_the_time(tmp_path: Path) -> None:
    folder = sessions(tmp_path)
    (folder / ID / "plan.json").write_text('{"session": {"date": "2015-01-01"}}')
    with pytest.raises(ExamError, match="2030-06-01"):
        do(folder, datetime(2026, 1, 1, tzinfo=UTC))


def test_a_session_of_the_29th_of_february_has_its_day(tmp_path: Path) -> None:
    folder = sessions(tmp_path)
    (folder / ID / "plan.json").write_text('{"session": {"date": "2028-02-29"}}')
    assert look(folder, ID, 5, lambda: datetime(2034, 1, 1, tzinfo=UTC)).due.isoformat() == "2033-03-01"


def test_a_clock_behind_the_journal_is_refused(tmp_path: Path) -> None:
    folder = sessions(tmp_path)
    with pytest.raises(ExamError, match="时钟不对"):
        do(folder, datetime(2025, 5, 1, tzinfo=UTC), 0)
    with Journal(folder / ID / "discs", lambda: datetime(2031, 1, 1, tzinfo=UTC)).writing() as writer:
        writer.append("root@c", "burn", "verified", {})
    with pytest.raises(ExamError, match="时钟不对"):
        do(folder)


@pytest.mark.parametrize("burned", [{"read_back": False}, {"result": "failed"}, {"read_back": "true"}])
def test_a_session_that_is_not_final_stays(tmp_path: Path, burned: dict[str, object]) -> None:
    folder = sessions(tmp_path, **burned)
    with pytest.raises(ExamError, match="没有全部刻好"):
        do(folder)


def test_a_second_sitting_that_was_not_burned_keeps_everything(tmp_path: Path) -> None:
    folder = sessions(tmp_path)
    with Journal(folder / ID, lambda: NOW).writing() as writer:
        writer.append("root@c", "reset", "end", {"result": "done"})
        writer.append("root@c", "start", "begin", {})
    with pytest.raises(ExamError, match="没有全部刻好"):
        do(folder)


def test_a_damaged_journal_stops_it(tmp_path: Path) -> None:
    folder = sessions(tmp_path)
    journal = folder / ID / "journal.jsonl"
    journal.write_bytes(journal.read_bytes().replace(b'"seat":3', b'"seat":4'))
    with pytest.raises(ExamError, match="line 5"):
        do(folder)
    assert (folder / ID / "bag/data").is_dir()


@pytest.mark.parametrize("session_id", ["../sessions/" + ID, "nothing", "", ".", "..", "*"])
def test_only_a_session_that_is_there_is_purged(tmp_path: Path, session_id: str) -> None:
    folder = sessions(tmp_path)
    with pytest.raises(ExamError, match=ID):
        purge(folder, session_id, 5, REASON, "root@c", lambda: LATER)


def test_a_copied_directory_is_not_taken_for_the_session(tmp_path: Path) -> None:
    folder = sessions(tmp_path)
    (folder / ID).rename(folder / "other")
    with pytest.raises(ExamError, match="belongs to session"):
        purge(folder, "other", 5, REASON, "root@c", lambda: LATER)


def test_a_reason_has_to_be_given(tmp_path: Path) -> None:
    with pytest.raises(ExamError, match="理由"):
        do(sessions(tmp_path), reason=" ")


def test_links_are_removed_and_not_followed(tmp_path: Path) -> None:
    folder = sessions(tmp_path)
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "precious").write_text("x")
    (folder / ID / "bag/data/link").symlink_to(outside)
    (folder / ID / "bag.partial").symlink_to(outside)
    do(folder)
    assert (outside / "precious").exists()
    assert not (folder / ID / "bag.partial").is_symlink()


# -- the playbook


def playbook(folder: Path, *options: str, check: bool = False) -> subprocess.CompletedProcess[str]:
    words = [word for option in (f"exam_sessions_dir={folder}", *options) for word in ("-e", option)]
    return subprocess.run(
        [
            str(Path(sys.executable).parent / "ansible-playbook"),
            str(ROOT / "playbooks/purge.yml"),
            *words,
            *(["--check"] if check else []),
        ],
        env={**os.environ, "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"), "LC_ALL": "C.UTF-8"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_the_playbook_asks_lists_and_removes(tmp_path: Path) -> None:
    folder = sessions(tmp_path)
    given = [f"session={ID}", f"reason={REASON}", "exam_retention_years=0"]
    before = kept(folder)
    looked = playbook(folder, *given)
    assert looked.returncode != 0 and "没有确认" in looked.stdout, looked.stdout
    assert kept(folder) == before
    checked = playbook(folder, *given, check=True)
    assert checked.returncode == 0 and "changed=1" in checked.stdout, checked.stdout
    assert kept(folder) == before
    assert "bag/data: 4 个文件 files, 5.89 KB" in checked.stdout
    done = playbook(folder, *given, "exam_confirmed=true")
    assert done.returncode == 0 and "changed=1" in done.stdout, done.stdout
    again = playbook(folder, *given)
    assert again.returncode == 0 and "changed=0" in again.stdout, again.stdout


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ([f"session={ID}"], "written reason"),
        ([f"reason={REASON}"], "请写明场次和理由"),
        ([f"session={ID}", f"reason={REASON}", "exam_retention_years=50"], "须保存 50 年"),
    ],
)
def test_the_playbook_refuses(tmp_path: Path, given: list[str], said: str) -> None:
    folder = sessions(tmp_path)
    before = kept(folder)
    done = playbook(folder, *given, "exam_confirmed=true")
    assert done.returncode != 0 and said in done.stdout, done.stdout
    assert kept(folder) == before
