"""From what is known of a session to files in quarantine: the search and the moves are the model's, on real files."""

from __future__ import annotations

import hashlib
import json
import os
import struct
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import exam_clean_filters as filters
import pytest
import yaml

from exam_room.clean import judge, learn, places, records
from exam_room.collect import results
from exam_room.collect.collect import BAG
from exam_room.collect.results import FILE, Entry, Owner, Table
from exam_room.journal.journal import Journal
from standin.endpoint.__main__ import without_samba
from standin.endpoint.commands import Commands
from standin.endpoint.host import Host
from standin.endpoint.payload import ModuleCall
from standin.host import descriptor

ROOT = Path(__file__).resolve().parents[3]
SCRIPT = (ROOT / "roles/clean/files/host/Find-ExamLeftover.ps1").read_text(encoding="utf-8")
PROGRAMS = (ROOT / "roles/software/files/host/Get-InstalledProgram.ps1").read_text(encoding="utf-8")
BURNER = (ROOT / "roles/burner/files/server/Write-ResultsDisc.ps1").read_text(encoding="utf-8")
NOW, EARLIER = "20270620-301-1", "20270619-301-1"
ROOM, INSTALLED = "301机房", "2026-01-05T01:00:00.000Z"
NUMBER, PERSON = "440120270001", "张伟"
RESULT, OLD_RAW, OTHER_UNIT, THIS_UNIT = (
    b"yesterday's answer",
    b"raw of yesterday",
    b"raw of unit two",
    b"raw of unit one",
)
LONG_AGO = datetime(2025, 3, 1, tzinfo=UTC).timestamp()


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def session(sessions: Path, name: str, number: str, person: str) -> Path:
    """A session with one candidate, as prepare leaves it."""
    directory = sessions / name
    directory.mkdir(parents=True)
    seats = [
        {"number": 1, "account": "KS01", "candidate": {"exam_number": number, "name": person}},
        {"number": 2, "account": "KS02", "candidate": None},
    ]
    plan = {"session": {"id": name, "room": ROOM, "exam": {"code": "x"}}, "seats": seats}
    (directory / "plan.json").write_text(json.dumps(plan, ensure_ascii=False), encoding="utf-8")
    with Journal(directory).writing() as writer:
        writer.append("me", "session", "created", {"session_id": name, "room": ROOM})
        files = [{"path": "第一单元\\旧素材.txt", "size": len(OLD_RAW), "sha256": sha256(OLD_RAW)}]
        writer.append("me", "material", "note", {"files": files})
    return directory


def result(name: str, content: bytes) -> Entry:
    return Entry("KS01", FILE, ("作品", name), f"data/x/{name}", len(content), 1, 1, sha256(content), "00")


@pytest.fixture
def sessions(tmp_path: Path) -> Path:
    folder = tmp_path / "sessions"
    session(folder, NOW, "440120270099", "李四")
    bag = session(folder, EARLIER, NUMBER, PERSON) / BAG
    bag.mkdir()
    files = [
        result("答案.docx", RESULT),
        result("empty.txt", b""),
        result("desktop.ini", b"[x]"),
        result("raw", THIS_UNIT),
    ]
    owner = Owner("KS01", NUMBER)
    results.save(bag, Table("2027-06-19T01:00:00Z", "2027-06-19T01:01:00Z", [owner], {owner: "data/x"}, files))
    return folder


@pytest.fixture
def material(tmp_path: Path) -> Path:
    folder = tmp_path / "material"
    for unit, content in (("第一单元", THIS_UNIT), ("第二单元", OTHER_UNIT)):
        (folder / unit).mkdir(parents=True)
        (folder / unit / "素材.txt").write_bytes(content)
    return folder


@pytest.fixture
def learnt(sessions: Path, material: Path) -> dict[str, Any]:
    """What exam_leftovers returns for a host."""
    wanted = [sha256(THIS_UNIT)]
    found = learn.gather(sessions, NOW, material, wanted, [".docx", ".TXT"])
    return {
        "known": json.loads(json.dumps(found.to_dict())),
        "search": {**places.parameters(), **found.parameters()},
        "since": {"pc01": records.baseline(sessions, ROOM, "pc01", INSTALLED)},
    }


class Computer:
    """A host, and the script run on it."""

    def __init__(self, host: Host) -> None:
        self.host = host
        self._commands = Commands(host)

    def put(self, path: str, content: bytes, written: float | None = None) -> Path:
        real = self.host.files.real(path)
        real.parent.mkdir(parents=True, exist_ok=True)
        real.write_bytes(content)
        if written is not None:
            os.utime(real, (written, written))
        return real

    def run(self, **parameters: Any) -> dict[str, Any]:
        arguments = {"script": SCRIPT, "parameters": parameters, "depth": 5}
        return self._commands.module(ModuleCall("ansible.windows.win_powershell", arguments, False, False))

    def search(self, learnt: dict[str, Any], leave: tuple[str, ...] = ()) -> dict[str, Any]:
        ran = self.run(**learnt["search"], Since=learnt["since"]["pc01"], Leave=list(leave))
        return filters.exam_leftovers(ran, learnt, "pc01")

    def found(self, learnt: dict[str, Any], leave: tuple[str, ...] = ()) -> dict[str, str]:
        """Path to why."""
        return {one["path"]: one["why"] for one in self.search(learnt, leave)["value"]["found"]}

    def quarantine(
        self, judged: dict[str, Any], record: str = "{}", run: str = f"{NOW}\\20270620T000000Z"
    ) -> list[Any]:
        done = self.run(Move=judged["move"], Quarantine=places.QUARANTINE, Run=run, Record=record)
        moved: list[Any] = done["output"][0]["moved"]
        return moved


@pytest.fixture
def computer(tmp_path: Path) -> Computer:
    return Computer(without_samba(tmp_path / "host"))


def test_a_bare_computer_is_clean(computer: Computer, learnt: dict[str, Any]) -> None:
    judged = computer.search(learnt)
    assert judged["value"]["found"] == [] and not judged["move"] and not judged["gaps"]
    assert judged["value"]["searched"] == ["C:\\", "D:\\"]
    assert judged["value"]["since"] == INSTALLED


@pytest.mark.parametrize(
    ("path", "content"),
    [
        (r"C:\Users\KS01\AppData\Local\Temp\x.tmp", RESULT),
        (r"C:\Users\KS01\AppData\Roaming\some program\cache\f_00001", RESULT),
        (r"D:\Exam\old\x", OLD_RAW),
        (r"D:\资料\别的单元.bin", OTHER_UNIT),
        (r"C:\Windows\Temp\~x", RESULT),
        (r"C:\$Recycle.Bin\S-1-5-21-1\$RABC123.dat", RESULT),
    ],
)
def test_a_known_content_is_found_under_any_name_and_age(
    computer: Computer, learnt: dict[str, Any], path: str, content: bytes
) -> None:
    computer.put(path, content, LONG_AGO)
    assert computer.found(learnt) == {path: "content"}


@pytest.mark.parametrize(
    "path",
    [
        r"C:\Users\Public\Desktop\素材.bin",
        r"D:\anything",
    ],
)
def test_the_raw_material_of_this_session_is_allowed(computer: Computer, learnt: dict[str, Any], path: str) -> None:
    """Also where a candidate of an earlier session handed it in unchanged."""
    computer.put(path, THIS_UNIT, LONG_AGO)
    assert computer.found(learnt) == {}


def test_one_byte_more_or_less_is_another_content(computer: Computer, learnt: dict[str, Any]) -> None:
    computer.put(r"D:\a.bin", RESULT[:-1] + b"R", LONG_AGO)
    computer.put(r"D:\b.bin", RESULT + b"x", LONG_AGO)
    assert computer.found(learnt) == {}


def test_an_exam_number_gives_away_whatever_it_stands_in(computer: Computer, learnt: dict[str, Any]) -> None:
    computer.put(rf"D:\x\KS{NUMBER}v2.bin", b"", LONG_AGO)
    computer.put(rf"C:\Users\a\{NUMBER} 文件夹\deep\inside.dat", b"1", LONG_AGO)
    # Of this session's roster too: nothing of it has any business here before the exam.
    computer.put(r"C:\Users\a\440120270099.zip", b"1", LONG_AGO)
    computer.put(rf"D:\x\{NUMBER[:-1]}.docx", b"1", LONG_AGO)
    assert set(computer.found(learnt).values()) == {"word"}
    assert len(computer.found(learnt)) == 3


def test_a_name_counts_only_with_a_kind_of_the_exam(computer: Computer, learnt: dict[str, Any]) -> None:
    computer.put(rf"D:\{PERSON}.docx", b"1", LONG_AGO)
    computer.put(rf"D:\{PERSON}.dll.txt.bak", b"1", LONG_AGO)
    # A person of that name has a profile here: his programs' files are none of the exam's.
    computer.put(rf"C:\Users\{PERSON}\AppData\Roaming\x\readme.txt", b"1", LONG_AGO)
    assert computer.found(learnt) == {rf"D:\{PERSON}.docx": "word"}


@pytest.mark.parametrize(
    ("path", "counts"),
    [
        (r"C:\Users\Public\Desktop\新作.docx", True),
        (r"C:\Users\a\Downloads\x.TXT", True),
        (r"C:\Users\a\AppData\Local\Temp\x.docx", True),
        (r"C:\Users\a\AppData\Local\Google\x.txt", False),
        (r"C:\Windows\x.txt", False),
        (r"D:\练习\x.docx", True),
        (r"D:\练习\x.psd", False),
    ],
)
def test_a_kind_of_the_exam_counts_when_it_is_young(
    computer: Computer, learnt: dict[str, Any], path: str, counts: bool
) -> None:
    computer.put(path, b"1")
    assert computer.found(learnt) == ({path: "kind"} if counts else {})
    computer.put(path, b"1", LONG_AGO)
    assert computer.found(learnt) == {}


def test_what_lies_below_a_program_is_the_programs_but_not_in_a_profile(
    computer: Computer, learnt: dict[str, Any]
) -> None:
    computer.put(r"D:\软件\app.exe", b"MZ")
    computer.put(r"D:\软件\help\index.txt", b"1")
    computer.put(r"C:\Users\a\Downloads\setup.exe", b"MZ")
    computer.put(r"C:\Users\a\Downloads\x.docx", b"1")
    # A program at the top of a drive does not make the whole drive a program's.
    computer.put(r"D:\tool.exe", b"MZ")
    computer.put(r"D:\y.docx", b"1")
    assert set(computer.found(learnt)) == {r"C:\Users\a\Downloads\x.docx", r"D:\y.docx"}
    # A result among a program's files is found all the same.
    computer.put(r"D:\软件\help\z", RESULT)
    assert computer.found(learnt)[r"D:\软件\help\z"] == "content"


def test_a_canary_that_stayed_is_no_work_of_a_candidate(computer: Computer, learnt: dict[str, Any]) -> None:
    learnt["search"]["Kind"].append(".txt")
    for path in (r"C:\ExamRoom-canary.txt", r"C:\Users\Public\ExamRoom-canary.txt", r"C:\ExamRoom-canary2.txt"):
        computer.put(path, b"canary")
    assert computer.found(learnt) == {
        r"C:\Users\Public\ExamRoom-canary.txt": "kind",
        r"C:\ExamRoom-canary2.txt": "kind",
    }
    # What it holds counts all the same.
    computer.put(r"C:\ExamRoom-canary.txt", RESULT)
    assert computer.found(learnt)[r"C:\ExamRoom-canary.txt"] == "content"


def test_younger_than_when_the_computer_was_last_clean(
    computer: Computer, learnt: dict[str, Any], sessions: Path
) -> None:
    records.note_baseline(sessions / EARLIER, ROOM, {"pc01": {"at": "2027-06-19T08:00:00Z", "installed": INSTALLED}})
    records.note_baseline(sessions / EARLIER, ROOM, {"pc02": {"at": "2027-06-19T09:00:00Z", "installed": INSTALLED}})
    learnt["since"]["pc01"] = records.baseline(sessions, ROOM, "pc01", INSTALLED)
    assert learnt["since"]["pc01"] == "2027-06-19T08:00:00Z"
    computer.put(r"D:\before.docx", b"1", datetime(2027, 6, 19, 7, tzinfo=UTC).timestamp())
    computer.put(r"D:\after.docx", b"1", datetime(2027, 6, 19, 8, 0, 1, tzinfo=UTC).timestamp())
    assert computer.found(learnt) == {r"D:\after.docx": "kind"}


def test_the_baseline_is_this_computers_and_this_rooms(sessions: Path) -> None:
    note = {"pc01": {"at": "2027-06-19T08:00:00Z", "installed": INSTALLED}}
    records.note_baseline(sessions / EARLIER, ROOM, note)
    assert records.baseline(sessions, ROOM, "pc02", INSTALLED) == INSTALLED
    assert records.baseline(sessions, "302机房", "pc01", INSTALLED) == INSTALLED
    # Another computer stands at the seat now, or Windows was installed anew.
    anew = "2027-06-01T00:00:00.000Z"
    assert records.baseline(sessions, ROOM, "pc01", anew) == anew
    # A damaged note makes the search stricter, never laxer.
    (sessions / EARLIER / "clean/baseline.json").write_text("{", encoding="utf-8")
    assert records.baseline(sessions, ROOM, "pc01", INSTALLED) == INSTALLED
    records.note_baseline(sessions / EARLIER, ROOM, note)
    assert records.baseline(sessions, ROOM, "pc01", INSTALLED) == "2027-06-19T08:00:00Z"


def test_a_recycle_bin_tells_what_things_were_called(computer: Computer, learnt: dict[str, Any]) -> None:
    original = rf"C:\Users\KS01\Desktop\{NUMBER}.bin"
    note = struct.pack("<qqqi", 2, 5, 0, len(original) + 1) + f"{original}\0".encode("utf-16-le")
    bin_of = r"C:\$Recycle.Bin\S-1-5-21-1"
    computer.put(rf"{bin_of}\$RABC123.bin", b"12345", LONG_AGO)
    computer.put(rf"{bin_of}\$IABC123.bin", note, LONG_AGO)
    judged = computer.search(learnt)
    assert [one["path"] for one in judged["value"]["found"]] == [rf"{bin_of}\$IABC123.bin", rf"{bin_of}\$RABC123.bin"]
    assert original in judged["value"]["found"][1]["zh"]


def test_with_a_file_goes_what_the_bin_notes_of_it(computer: Computer, learnt: dict[str, Any]) -> None:
    bin_of = r"D:\$RECYCLE.BIN\S-1-5-21-1"
    computer.put(rf"{bin_of}\$RABC123.bin", RESULT, LONG_AGO)
    assert computer.search(learnt)["move"] == [rf"{bin_of}\$RABC123.bin", rf"{bin_of}\$IABC123.bin"]
    # It is not there: nothing failed.
    assert judge.outcome(computer.quarantine(computer.search(learnt)))["not_moved"] == []


def test_what_belongs_to_this_session_or_the_site_is_left_alone(computer: Computer, learnt: dict[str, Any]) -> None:
    computer.put(r"D:\Exam\share\KS01\x.docx", RESULT)
    computer.put(r"D:\Exam\share\KS99\x.docx", RESULT)
    computer.put(r"D:\教学资料\x.docx", b"1")
    left = (r"D:\Exam\share\KS01", r"d:\教学资料")
    assert computer.found(learnt, left) == {r"D:\Exam\share\KS99\x.docx": "content"}


def test_on_the_server_everything_in_the_exam_folder_is_judged(computer: Computer, learnt: dict[str, Any]) -> None:
    there = filters.exam_places_of_session(["KS01"], "D:")
    in_place = filters.exam_material_in_place([{"path": "第一单元\\素材.txt"}], "D:", "素材")
    computer.put(r"D:\Exam\share\KS01\x.psd", b"1", LONG_AGO)
    computer.put(r"D:\Exam\share\KS02\x.psd", b"1", LONG_AGO)
    computer.put(r"D:\Exam\material\第一单元\素材.TXT", b"whatever it holds is compared elsewhere")
    computer.put(r"D:\Exam\share\素材\第二单元\x", b"1", LONG_AGO)
    computer.put(r"D:\Exam\burn\abc.iso", b"1", LONG_AGO)
    ran = computer.run(**learnt["search"], **there, Since=INSTALLED)
    judged = filters.exam_leftovers(ran, learnt, "pc01", in_place)
    assert {one["path"]: one["why"] for one in judged["value"]["found"]} == {
        r"D:\Exam\burn\abc.iso": "place",
        r"D:\Exam\share\KS02\x.psd": "place",
        r"D:\Exam\share\素材\第二单元\x": "place",
    }
    # Yesterday's result in the place of today's raw material.
    computer.put(r"D:\Exam\material\第一单元\素材.TXT", RESULT)
    judged = filters.exam_leftovers(
        computer.run(**learnt["search"], **there, Since=INSTALLED), learnt, "pc01", in_place
    )
    assert judged["value"]["found"][1]["why"] == "content"


def test_links_are_not_followed(computer: Computer, learnt: dict[str, Any]) -> None:
    outside = computer.host.files.real(r"C:\Windows\System32\real")
    outside.mkdir()
    (outside / "x.docx").write_bytes(RESULT)
    computer.host.files.real(r"C:\Users\a").mkdir(parents=True)
    computer.host.files.real(r"C:\Users\a\link").symlink_to(outside, target_is_directory=True)
    judged = computer.search(learnt)["value"]
    assert judged["found"] == [] and judged["links"] == 1


def test_what_cannot_be_read_is_named_and_never_clean(computer: Computer, learnt: dict[str, Any]) -> None:
    closed = computer.put(r"C:\Users\KS01\Desktop\x.docx", RESULT).parent
    closed.chmod(0)
    file = computer.put(r"D:\y.bin", RESULT)
    file.chmod(0)
    judged = computer.search(learnt)
    assert judged["value"]["found"] == [] and judged["gaps"]
    assert [(one["path"], one["zh"]) for one in judged["value"]["unreadable"]] == [
        (r"C:\Users\KS01\Desktop", "拒绝访问"),
        (r"D:\y.bin", "拒绝访问"),
    ]


def test_found_files_go_into_quarantine_and_a_second_run_finds_nothing(
    computer: Computer, learnt: dict[str, Any], sessions: Path
) -> None:
    computer.put(r"C:\Users\KS01\桌面\我的 答案.tmp", RESULT, LONG_AGO)
    computer.put(r"D:\x\x.docx", b"1")
    judged = computer.search(learnt)
    run = records.run_name(NOW, datetime(2027, 6, 20, tzinfo=UTC))
    text = records.record(NOW, ROOM, "pc01", run, judged["value"], judged["move"], None)
    done = judge.outcome(computer.quarantine(judged, text, run))
    assert done["not_moved"] == [] and len(done["moved"]) == 2
    for path, content in ((r"C:\Users\KS01\桌面\我的 答案.tmp", RESULT), (r"D:\x\x.docx", b"1")):
        to = rf"{path[:2]}\Exam quarantine\{NOW}\20270620T000000Z\files{path[2:]}"
        assert not computer.host.files.real(path).exists()
        assert computer.host.files.real(to).read_bytes() == content
        assert to in [one["to"] for one in json.loads(text)["files"]]
        beside = rf"{path[:2]}\Exam quarantine\{NOW}\20270620T000000Z\record.json"
        assert computer.host.files.real(beside).read_text(encoding="utf-8") == text
    again = computer.search(learnt)
    assert again["value"]["found"] == [] and not again["move"] and not again["gaps"]
    kept = records.record_path(sessions / NOW, "pc01", run)
    records.write_record(kept, text)
    assert kept.name == "pc01-20270620T000000Z.json" and json.loads(kept.read_text(encoding="utf-8"))["files"][0]["zh"]


def test_seats_cannot_enter_the_quarantine_nor_open_what_was_theirs(
    computer: Computer, learnt: dict[str, Any], tmp_path: Path
) -> None:
    try:
        os.setxattr(tmp_path, descriptor.ATTRIBUTE, b"?")
    except OSError:
        pytest.skip("this disk keeps no access lists")
    there = computer.put(r"C:\Users\KS01\x.docx", RESULT)
    os.setxattr(there, descriptor.ATTRIBUTE, descriptor.drive_root_descriptor())
    (moved,) = computer.quarantine(computer.search(learnt))
    for path in (rf"C:\{places.QUARANTINE}", moved["to"], moved["to"].rpartition("\\")[0]):
        real = computer.host.files.real(path)
        assert os.getxattr(real, descriptor.ATTRIBUTE) == descriptor.administrators_only(), path


@pytest.mark.parametrize("kind", ["a file", "read-only"])
def test_a_quarantine_that_takes_nothing_moves_nothing(computer: Computer, learnt: dict[str, Any], kind: str) -> None:
    there = computer.put(r"C:\Users\KS01\x.docx", RESULT)
    place = computer.host.files.real(rf"C:\{places.QUARANTINE}")
    if kind == "a file":
        place.write_bytes(b"")
    else:
        place.mkdir(mode=0o555)
    computer.put(r"D:\y.docx", RESULT)
    done = judge.outcome(computer.quarantine(computer.search(learnt)))
    assert [one["path"] for one in done["not_moved"]] == [r"C:\Users\KS01\x.docx"]
    assert there.read_bytes() == RESULT, "it stays where it was"
    assert len(done["moved"]) == 1, "the other drive's quarantine takes its file"


def test_a_session_that_cannot_be_read_is_named_and_the_others_count(
    computer: Computer, sessions: Path, material: Path
) -> None:
    (sessions / "20270601-301-1").mkdir()
    (sessions / "20270601-301-1/plan.json").write_text("{", encoding="utf-8")
    found = learn.gather(sessions, NOW, material, [], [])
    assert len(found.unread) == 1 and found.unread[0].startswith("20270601-301-1: ")
    assert sha256(RESULT) in found.contents
    learnt = {
        "known": found.to_dict(),
        "search": {**places.parameters(), **found.parameters()},
        "since": {"pc01": INSTALLED},
    }
    assert computer.search(learnt)["value"]["not_known"] == found.unread


def test_raw_material_of_another_unit_that_cannot_be_read_is_named(sessions: Path, material: Path) -> None:
    (material / "第二单元/link").symlink_to(material)
    found = learn.gather(sessions, NOW, material, [], [])
    assert len(found.unread) == 1 and "link" in found.unread[0]
    assert sha256(RESULT) in found.contents


def test_what_is_everywhere_or_empty_is_not_known(learnt: dict[str, Any]) -> None:
    assert not {sha256(b""), sha256(b"[x]"), sha256(THIS_UNIT)} & set(learnt["known"]["contents"])
    assert learnt["known"]["contents"][sha256(RESULT)]["en"] == rf"result of session {EARLIER}, KS01\作品\答案.docx"


def test_images_of_discs_are_known(sessions: Path, material: Path) -> None:
    from exam_room.discs import record

    image = {"disc": 1, "volume": "X_1", "sha256": "ab" * 32, "size": 9, "tagmanifest_sha256": "00", "files": 1}
    (sessions / EARLIER / "discs").mkdir()
    record.append(sessions / EARLIER, record.IMAGE, image)
    assert learn.gather(sessions, NOW, material, [], []).contents["ab" * 32].size == 9


def test_a_short_exam_number_proves_nothing_by_itself(sessions: Path, material: Path) -> None:
    session(sessions, "20270618-301-1", "007", "王")
    found = learn.gather(sessions, NOW, material, [], [])
    assert not found.words["007"].sure and "王" not in found.words
    assert found.words[NUMBER].sure


def test_no_answer_is_unknown(learnt: dict[str, Any]) -> None:
    assert filters.exam_leftovers({"failed": True, "msg": "no"}, learnt, "pc01") == {"unknown": "no"}
    assert "unknown" in filters.exam_leftovers({"unreachable": True}, learnt, "pc01")
    assert "unknown" in filters.exam_leftovers({"output": [{}]}, learnt, "pc77")
    documents: dict[str, Any] = {"pc01": {"host": "pc01"}, "server": {"host": "server"}}
    failed: dict[str, Any] = {"pc01": {"clean_seen": {"failed": True, "msg": "no"}}, "server": {}}
    given = filters.exam_with_searches(documents, failed, learnt, ["pc01"], [])
    assert given["pc01"] == {"host": "pc01", "leftovers": {"unknown": "no"}, "scripts": {"unknown": "no"}}
    assert set(given["server"]) == {"host", "leftovers"}
    assert "unknown" in given["server"]["leftovers"]


def test_a_search_is_evidence_with_what_the_site_left_out(computer: Computer, learnt: dict[str, Any]) -> None:
    ran = computer.run(**learnt["search"], Since=learnt["since"]["pc01"])
    seen: dict[str, Any] = {"pc01": {"clean_seen": ran, "clean_leave_alone": ["D:\\Backup"]}}
    given = filters.exam_with_searches({"pc01": {}}, seen, learnt, ["pc01"], [])
    assert given["pc01"]["leftovers"]["value"]["left_alone"] == ["D:\\Backup"]
    assert set(given["pc01"]["leftovers"]) == {"value"}
    assert given["pc01"]["scripts"] == {"value": {}}


def test_hashes_are_told_of_the_files_asked_for(computer: Computer, learnt: dict[str, Any]) -> None:
    """Where nothing is searched, and without a word against them."""
    script, gone, shut = (rf"C:\Program Files\Exam\{name}.ps1" for name in ("Connect", "gone", "shut"))
    computer.put(script, RESULT)
    computer.put(shut, b"x").chmod(0)
    ran = computer.run(**learnt["search"], Since=learnt["since"]["pc01"], Digest=[script, gone, shut])
    told = filters.exam_digests(ran)["value"]
    assert told[script] == {"value": hashlib.sha256(RESULT).hexdigest()}
    assert told[gone] == {"value": None}
    assert "access denied" in told[shut]["unknown"]
    judged = filters.exam_leftovers(ran, learnt, "pc01")
    assert judged["value"]["found"] == [] and not judged["gaps"]
    assert filters.exam_digests({"failed": True, "msg": "no"}) == {"unknown": "no"}
    assert "unknown" in filters.exam_digests({"unreachable": True})


def test_the_burner_is_looked_at_in_the_same_process(computer: Computer, learnt: dict[str, Any]) -> None:
    given = {**learnt["search"], "Since": learnt["since"]["pc01"]}
    assert computer.run(**given)["output"][0]["disc"] is None
    told = computer.run(**given, Disc=BURNER)["output"][0]["disc"]["report"]
    assert (told["blank"], told["free"], told["reason"]) == (True, 4_700_372_992, "")
    told = computer.run(**given, Disc=BURNER, DiscDrive="Q")["output"][0]["disc"]["report"]
    assert told["reason"] == "no_such_drive"
    assert computer.run(**given, Disc="Get-Date").get("failed")


def test_more_than_can_be_listed_is_counted(computer: Computer, learnt: dict[str, Any]) -> None:
    for number in range(4):
        computer.put(rf"D:\{number}.docx", b"1")
    learnt["search"]["Most"] = 3
    judged = computer.search(learnt)
    assert (len(judged["value"]["found"]), judged["value"]["more"], judged["gaps"]) == (3, 1, True)


def test_prepare_cleans_what_lasts_and_before_anything_new_is_put_there() -> None:
    """After a protected host was opened, for what is moved has to stay moved; before raw material and mapping."""
    plays = yaml.safe_load((ROOT / "playbooks/prepare.yml").read_text(encoding="utf-8"))
    orders = {play["hosts"]: [role["role"] for role in play.get("roles", ())] for play in plays if "roles" in play}
    for hosts, before, after in (
        ("exam_server", ("restore_card", "folders", "quiet"), ("material",)),
        ("exam_clients", ("restore_card", "quiet"), ("drive_mapping", "isolation")),
    ):
        order = orders[hosts]
        assert all(order.index(role) < order.index("clean") for role in before)
        assert all(order.index(role) > order.index("clean") for role in after)


def test_the_installed_programs_are_listed_in_the_same_process(computer: Computer, learnt: dict[str, Any]) -> None:
    given = {**learnt["search"], "Since": learnt["since"]["pc01"]}
    assert computer.run(**given)["output"][0]["programs"] is None
    told = computer.run(**given, Program=PROGRAMS)["output"][0]["programs"]
    assert told["error"] == "" and any(one["name"] == "7-Zip 23.01 (x64)" for one in told["report"]["programs"])
