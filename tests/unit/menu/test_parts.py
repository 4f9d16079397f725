"""The pure parts: what is typed, what is read, what is said."""

from __future__ import annotations

import fcntl
import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from exam_room import locks
from exam_room.errors import ExamError
from exam_room.journal.journal import Entry, Journal
from exam_room.journal.steps import Request, perform
from exam_room.menu import outcome, rooms, situation
from exam_room.menu.plan import PasswordRefused, Plan, parse
from exam_room.menu.runner import extra_vars
from exam_room.menu.screen import is_word, is_yes, whole_number, written_reason

from .conftest import SEATS, SESSION

NOW = datetime(2027, 6, 19, 1, 30, tzinfo=UTC)
HOSTS = {"server": "done"}
TIMES = {"started_at": "2027-06-19T01:00:00.000Z", "deadline": "2027-06-19T03:00:00.000Z", "clock_offset_ms": 90_000.0}


class Loader(yaml.SafeLoader):
    """YAML in which !unsafe marks a text, as Ansible reads it."""


Loader.add_constructor("!unsafe", lambda loader, node: loader.construct_scalar(node))  # type: ignore[arg-type]


@pytest.fixture
def tmp_path(tmp_path: Path) -> Path:
    """With nothing beside it: sessions know of each other by the journals that lie side by side."""
    own: Path = tmp_path / str(SESSION["id"])
    own.mkdir()
    return own


def day(directory: Path, *steps: str, **data: dict[str, Any]) -> tuple[Entry, ...]:
    """The journal after these steps."""
    known: dict[str, dict[str, Any]] = {
        "inspect": {"verdict": "passed", "valid_until": "2999-01-01T00:00:00.000Z"},
        "start": dict(TIMES),
        "burn": {"read_back": True},
    }
    for step in steps:
        whose: dict[str, Any] = {"session_id": SESSION["id"], "room": SESSION["room"], "who": "root@c"}
        perform(Request(directory, "begin", step=step, **whose))
        perform(Request(directory, "end", step=step, hosts=HOSTS, data=data.get(step, known.get(step, {})), **whose))
    return Journal(directory).read().entries


@pytest.mark.parametrize(("typed", "number"), [("5", 5), ("５", 5), (" 12 ", 12), ("007", 7)])
def test_whole_numbers(typed: str, number: int) -> None:
    assert whole_number(typed, 1, 180) == number


@pytest.mark.parametrize("typed", ["", "0", "181", "-5", "1.5", "五", "9" * 50, "1e2"])
def test_other_numbers_are_refused(typed: str) -> None:
    with pytest.raises(ExamError, match="from 1 to 180"):
        whole_number(typed, 1, 180)


@pytest.mark.parametrize("typed", ["y", "Y", "ｙ", "yes", "是", "好", " 确认 "])
def test_a_yes(typed: str) -> None:
    assert is_yes(typed)


@pytest.mark.parametrize("typed", ["", "n", "否", "确认收卷吗", "yy"])
def test_no_yes(typed: str) -> None:
    assert not is_yes(typed)


@pytest.mark.parametrize(
    ("typed", "same"), [("确认收卷", True), (" 确认 收卷 ", True), ("cut now", True), ("确认", False), ("y", False)]
)
def test_words_of_confirmation(typed: str, same: bool) -> None:
    assert is_word(typed, ("确认收卷", "CUTNOW")) is same


def test_a_reason_keeps_its_punctuation_and_loses_what_no_file_should_hold() -> None:
    assert written_reason(" 停电：10 分钟\x1b[A\t ") == "停电：10 分钟[A"


@pytest.mark.parametrize("typed", ["", "  ", "{{ 1 }}", "{% if %}", "{# #}"])
def test_reasons_that_are_none(typed: str) -> None:
    with pytest.raises(ExamError):
        written_reason(typed)


def test_texts_for_ansible_are_yaml_and_unsafe() -> None:
    given = {"minutes": 10, "reason": "a: 'b' \"c\" #d\\"}
    assert extra_vars({}) == []
    option, text = extra_vars(given)
    assert option == "-e"
    assert text.count("!unsafe") == 1
    assert yaml.load(text, Loader) == given


def told(result: dict[str, Any]) -> str:
    return json.dumps({"plays": [{"tasks": [{"hosts": {"localhost": result}}]}]})


def test_a_plan_is_read_whatever_stands_around_it() -> None:
    result = {"session": SESSION, "seats": SEATS, "directory": "/s/../t"}
    plan = parse(f"warning\n{told(result)}\n*** hosts *** {{", "")
    assert (plan.id, plan.exam, plan.candidates, plan.minutes) == (SESSION["id"], "跨境电商运营", 3, 120)
    assert plan.directory == Path("/t")


def test_what_is_wrong_with_the_session_is_said_as_the_module_says_it() -> None:
    with pytest.raises(ExamError) as refused:
        parse(told({"failed": True, "msg": "名单 第2行: 甲\nroster row 2: a"}), "")
    assert (refused.value.zh, refused.value.en) == ("名单 第2行: 甲", "roster row 2: a")


def test_a_wrong_password_is_told_apart_from_the_rest() -> None:
    with pytest.raises(PasswordRefused):
        parse("", "[ERROR]: Decryption failed (no vault secrets were found that could decrypt).")
    with pytest.raises(ExamError, match="could not be read") as other:
        parse("", "[ERROR]: no inventory")
    assert "no inventory" in other.value.zh
    assert not isinstance(other.value, PasswordRefused)


def test_the_last_error_counts_with_its_hosts() -> None:
    output = (
        "[ERROR]: Task failed: Module failed: 早先的错误\nOrigin: a\n\nfatal: [localhost]: FAILED! => {}\n"
        "[ERROR]: Task failed: Module failed: 连不上\nnot reached\nOrigin: b\n\n"
        "failed: [pc03] (item=x) => {}\nfatal: [pc02]: UNREACHABLE! => {}\n"
    )
    found = outcome.failure(output)
    assert found.hosts == ("pc02", "pc03")
    assert found.reason == ("连不上", "not reached")
    assert outcome.failure("nothing\nto see").reason == ("nothing", "to see")


@pytest.mark.parametrize(
    ("steps", "following"),
    [
        ([], "inspect"),
        (["inspect"], "open"),
        (["inspect", "open"], "start"),
        (["inspect", "open", "start"], "cutoff"),
        (["inspect", "open", "start", "cutoff"], "burn"),
        (["inspect", "open", "start", "cutoff", "burn"], "reset"),
        (["inspect", "open", "start", "cutoff", "burn", "reset"], "inspect"),
        (["inspect", "open", "cancel"], "reset"),
        (["inspect", "open", "start", "cancel"], "burn"),
    ],
)
def test_what_comes_next(tmp_path: Path, steps: list[str], following: str) -> None:
    assert situation.next_step(day(tmp_path, *steps)) == following


def test_a_start_that_broke_off_comes_next_again(tmp_path: Path) -> None:
    day(tmp_path, "inspect", "open")
    whose: dict[str, Any] = {"session_id": SESSION["id"], "room": SESSION["room"], "who": "root@c"}
    perform(Request(tmp_path, "begin", step="start", **whose))
    assert situation.next_step(Journal(tmp_path).read().entries) == "start"


def test_the_remaining_time_is_by_the_servers_clock(tmp_path: Path) -> None:
    now = situation.Situation(day(tmp_path, "inspect", "open", "start"), NOW, None)
    assert now.remaining == timedelta(minutes=88, seconds=30), "the server is 90 s ahead"
    assert now.unattended
    lines = situation.times(Plan(SESSION, SEATS, tmp_path), now)
    assert "剩余 1:28:30" in lines[-1][0]
    assert "截止时间 2027-06-19 11:00:00" in lines[0][0]


def test_the_time_left_is_the_same_after_a_step_of_the_servers_clock(tmp_path: Path) -> None:
    entries = day(tmp_path, "inspect", "open", "start")
    moved = {"jump_s": 60.0, "deadline": "2027-06-19T03:01:00.000Z", "started_at": "2027-06-19T01:01:00.000Z"}
    perform(Request(tmp_path, "note", "root@c", "clock", SESSION["id"], SESSION["room"], moved))
    stepped = Journal(tmp_path).read().entries
    before = situation.Situation(entries, NOW, None).remaining
    assert situation.Situation(stepped, NOW, None).remaining == before


def test_after_the_deadline_the_cut_is_under_way(tmp_path: Path) -> None:
    now = situation.Situation(day(tmp_path, "inspect", "open", "start"), NOW + timedelta(hours=2), None)
    assert "正在收卷" in situation.times(Plan(SESSION, SEATS, tmp_path), now)[-1][0]


def test_a_lock_lives_as_long_as_whoever_inherited_it(tmp_path: Path) -> None:
    path = tmp_path / "new" / "cutoff.lock"
    assert locks.holder(path) is None
    fd = locks.take(path)
    assert fd is not None
    inherited = os.dup(fd)
    locks.sign(fd, 4711, NOW)
    os.close(fd)
    assert locks.holder(path) == locks.Holder(4711, NOW)
    assert locks.take(path) is None
    os.close(inherited)
    assert locks.holder(path) is None, "what stands in the file is nobody's word"


def test_a_holder_that_wrote_nothing_yet_is_there_all_the_same(tmp_path: Path) -> None:
    path = tmp_path / "cutoff.lock"
    with path.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        assert locks.holder(path) == locks.Holder(0, None)


def test_menus_see_each_other_both_ways(tmp_path: Path) -> None:
    path = tmp_path / "menu.lock"
    with locks.present(path) as first:
        assert not first.others()
        with locks.present(path) as second:
            assert first.others() and second.others() and first.others()
        assert not first.others()


def test_rooms_by_name_by_folder_or_not_at_all(tmp_path: Path) -> None:
    for name in ("example", "rehearsal", "301", "302"):
        (tmp_path / "inventories" / name).mkdir(parents=True)
        (tmp_path / "inventories" / name / "hosts.yml").touch()
    (tmp_path / "inventories" / "303").mkdir()
    assert [path.name for path in rooms.rooms(tmp_path)] == ["301", "302"]
    assert rooms.named(tmp_path, "302") == tmp_path / "inventories/302"
    assert rooms.named(tmp_path, str(tmp_path / "inventories/example")).name == "example"
    with pytest.raises(ExamError, match="No room 303") as refused:
        rooms.named(tmp_path, "303")
    assert "现有考场：301、302" in refused.value.zh


def test_a_vault_is_found_in_whatever_file_it_lies(tmp_path: Path) -> None:
    assert not rooms.is_encrypted(tmp_path)
    folder = tmp_path / "group_vars/all"
    folder.mkdir(parents=True)
    (folder / "room.yml").write_text("exam_share: exam\n", encoding="utf-8")
    assert not rooms.is_encrypted(tmp_path)
    (folder / "secret").write_text("a: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  00\n", encoding="utf-8")
    assert rooms.is_encrypted(tmp_path)
