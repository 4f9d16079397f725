"""What counts as a save, and when it was."""

from __future__ import annotations

import hashlib

import pytest

from exam_room.room.rawmaterial import Item
from exam_room.watch.saves import ANSWER, MATERIAL, SEEN, Folder, Material, is_temporary, update
from exam_room.watch.scan import Scanner, list_folder
from exam_room.wire.smberrors import AccessDenied, SharingViolation, connection_lost

from .samples import ROOT, SEATS, START, FakeServer, entry


def answer(path: str, found: object) -> str:
    return ANSWER


@pytest.mark.parametrize(
    "name", ["~$报告.docx", "~WRL0001.tmp", "a.TMP", "1A2B3C4D", ".~lock.表.xlsx#", "Thumbs.db", "x.crdownload"]
)
def test_what_programs_keep_beside_the_work_is_no_answer(name: str) -> None:
    assert is_temporary(name)


@pytest.mark.parametrize("name", ["报告.docx", "图1.png", "1A2B3C4D.png", "tmp.docx", "答案"])
def test_work_is_no_temporary_file(name: str) -> None:
    assert not is_temporary(name)


def test_what_is_older_than_the_start_is_no_save() -> None:
    folder = Folder()
    update(folder, {"old.docx": entry("old.docx", 5, START - 60)}, START + 10, START, answer)
    assert folder.last_save is None
    assert folder.count(ANSWER) == 1


def test_the_first_look_dates_a_save_by_its_change_time() -> None:
    folder = Folder()
    update(folder, {"a.docx": entry("a.docx", 5, START + 30)}, START + 100, START, answer)
    assert folder.last_save is not None
    assert folder.last_save.at == START + 30


def test_before_the_start_nothing_is_a_save() -> None:
    folder = Folder()
    update(folder, {"a.docx": entry("a.docx", 5, START - 30)}, START - 10, None, answer)
    assert folder.last_save is None


def test_a_change_with_an_impossible_time_is_dated_by_our_eyes() -> None:
    folder = Folder()
    update(folder, {}, START + 50, START, answer)
    update(folder, {"a": entry("a", 5, START - 9999)}, START + 60, START, answer)
    assert folder.last_save is not None
    assert (folder.last_save.at, folder.last_save.evidence) == (START + 60, SEEN)
    update(folder, {"a": entry("a", 6, START + 99999)}, START + 70, START, answer)
    assert folder.last_save.at == START + 70


def test_looking_again_at_the_same_is_no_save() -> None:
    folder = Folder()
    same = {"a": entry("a", 5, START + 10)}
    assert update(folder, same, START + 20, START, answer)
    assert not update(folder, same, START + 900, START, answer)
    assert folder.last_save is not None
    assert folder.last_save.at == START + 10


def test_a_removed_file_is_activity_but_no_save() -> None:
    folder = Folder()
    update(folder, {"a": entry("a", 5, START + 10), "b": entry("b", 1, START + 9)}, START + 20, START, answer)
    assert update(folder, {"a": entry("a", 5, START + 10)}, START + 30, START, answer)
    assert folder.last_activity == START + 30
    assert folder.last_save is not None
    assert folder.last_save.at == START + 10


def scanner(server: FakeServer, folders: dict[str, Folder], *material: bytes) -> Scanner:
    items = [Item(f"单元\\原图{at}.png", len(one), hashlib.sha256(one).hexdigest()) for at, one in enumerate(material)]
    return Scanner(server, ROOT, Material(items), folders)


def test_unchanged_raw_material_is_no_save_and_is_hashed_once() -> None:
    server, folder = FakeServer(), Folder()
    looks = scanner(server, {"KS01": folder}, b"raw-0")
    server.save("KS01\\原图0.png", b"raw-0", START + 5)
    server.save("KS01\\作品\\a.docx", b"x", START + 3)
    for _ in range(3):
        looks.look("KS01", (), START, START + 10)
    assert (folder.count(MATERIAL), folder.count(ANSWER)) == (1, 1)
    assert folder.last_save is not None
    assert folder.last_save.path == "作品\\a.docx"
    assert len(server.hashed) == 1
    # Edited to the same length it is an answer.
    server.save("KS01\\原图0.png", b"edit0", START + 20)
    looks.look("KS01", (), START, START + 21)
    assert folder.count(MATERIAL) == 0
    assert folder.last_save.path == "原图0.png"


def test_the_handle_tells_more_of_an_open_file_than_the_listing() -> None:
    server, folder = FakeServer(), Folder()
    server.save("KS01\\a.psd", b"1234567", START + 9)
    stale = entry(f"{ROOT}\\KS01\\a.psd", 0, START + 1)

    class Stale(FakeServer):
        def listdir(self, path: str) -> list[object]:  # type: ignore[override]
            return [stale]

    behind = Stale()
    behind.files = server.files
    scanner(behind, {"KS01": folder}).look("KS01", {"a.psd"}, START, START + 10)
    assert folder.bytes == 7
    assert folder.last_save is not None
    assert folder.last_save.at == START + 9


def test_a_folder_that_vanished_is_said_and_its_files_are_not_forgotten() -> None:
    server, folder = FakeServer(), Folder()
    server.save("KS01\\a", b"1", START + 1)
    looks = scanner(server, {"KS01": folder})
    looks.look("KS01", (), START, START + 2)
    server.folders.discard(f"{ROOT}\\KS01")
    looks.look("KS01", (), START, START + 3)
    assert folder.missing
    assert folder.count(ANSWER) == 1


def test_what_cannot_be_listed_is_named_and_counts_as_there() -> None:
    class Closed(FakeServer):
        closed = False

        def listdir(self, path: str):  # type: ignore[no-untyped-def]
            if self.closed and path.endswith("深处"):
                raise AccessDenied(path, path, "STATUS_ACCESS_DENIED")
            return super().listdir(path)

    server, folder = Closed(), Folder()
    server.save("KS01\\深处\\a", b"1", START + 1)
    looks = scanner(server, {"KS01": folder})
    looks.look("KS01", (), START, START + 2)
    server.closed = True
    looks.look("KS01", (), START, START + 3)
    assert folder.unreadable == ("深处",)
    assert folder.count(ANSWER) == 1


def test_raw_material_that_is_locked_counts_as_the_candidates() -> None:
    server, folder = FakeServer(), Folder()
    server.save("KS01\\原图0.png", b"raw-0", START + 5)
    server.locked.add(f"{ROOT}\\KS01\\原图0.png")
    scanner(server, {"KS01": folder}, b"raw-0").look("KS01", (), START, START + 10)
    assert folder.count(ANSWER) == 1


def test_a_lost_connection_is_no_unreadable_folder() -> None:
    class Gone(FakeServer):
        def listdir(self, path: str):  # type: ignore[no-untyped-def]
            raise connection_lost(path, "gone")

    with pytest.raises(Exception, match="connection lost"):
        list_folder(Gone(), ROOT)


def test_links_are_not_followed() -> None:
    class Linked(FakeServer):
        def listdir(self, path: str):  # type: ignore[no-untyped-def]
            return [entry(f"{path}\\loop", 0, START, 0x410)]

    assert list_folder(Linked(), ROOT).files == {}


def test_those_at_work_come_first_and_nobody_is_left_out() -> None:
    server = FakeServer()
    folders = {str(seat["account"]): Folder(looked_at=START) for seat in SEATS}
    looks = scanner(server, folders)
    looked: list[str] = []
    for _ in range(60):
        server.sleep(3)
        server.listed.clear()
        looks.scan({"KS01"}, {}, START, lambda: server.server_now, server.monotonic, 0.0)
        looked += [path.rpartition("\\")[2] for path in server.listed]
    assert looked.count("KS01") > 40
    assert {"KS02", "KS03", "KS04"} <= set(looked)


def test_sharing_violation_on_a_handle_leaves_the_listing() -> None:
    class Locked(FakeServer):
        def stat(self, path: str):  # type: ignore[no-untyped-def]
            raise SharingViolation(path, path, "STATUS_SHARING_VIOLATION")

    server, folder = Locked(), Folder()
    server.save("KS01\\a", b"12", START + 1)
    scanner(server, {"KS01": folder}).look("KS01", {"a"}, START, START + 2)
    assert folder.bytes == 2
