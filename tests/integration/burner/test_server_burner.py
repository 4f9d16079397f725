"""The burner in the server, from the image on the controller to the disc that was read back over the network (V7)."""

from __future__ import annotations

import pytest

from exam_room.wire import smb, srvsvc
from standin import faults, podman
from standin import room as rooms

from .conftest import ROOM, TREE, VOLUME, Burning

pytestmark = pytest.mark.integration


def left_behind() -> list[str]:
    """What a burn must not leave on the server."""
    described = rooms.load(ROOM)
    login = smb.Login(
        rooms.find_host(described, "server")["address"], described["admin"]["username"], described["admin"]["password"]
    )
    with smb.connect(login) as server, srvsvc.server_service(server) as service:
        shares = [share.name for share in service.shares() if share.name.startswith("exam-disc")]
        folder = server.share("D$").stat(r"Exam\burn")
        files = [entry.path for entry in server.share("D$").walk(r"Exam\burn")] if folder else []
        return shares + files


def on_disc() -> dict[str, bytes]:
    """The files that Windows would show on the disc."""
    container = rooms.find_host(rooms.load(ROOM), "server")["container"]
    listed = podman.run("exec", container, "find", "/srv/e", "-type", "f", "-printf", "%P\\n").splitlines()
    return {
        name: podman.run("exec", container, "cat", f"/srv/e/{name}").encode("latin-1", "replace") for name in listed
    }


@pytest.mark.parametrize("way", ["task", pytest.param("direct", marks=pytest.mark.slow)])
def test_a_blank_disc_is_burned_closed_and_read_back(burning: Burning, way: str) -> None:
    burning.blank()
    look = burning.run("check", burner_way=way)
    assert look.status == 0, look.output
    assert (look.said["ok"], look.said["blank"], look.said["medium"]) == (True, True, "DVD+R")
    assert look.said["free"] == 4_700_372_992

    done = burning.run(burner_way=way)
    assert done.status == 0, done.output
    assert done.said["ok"] is True, done.said
    assert (done.said["files"], done.said["closed"], done.said["reason"]) == (len(TREE), True, "")
    assert done.said["device"].startswith("E: HL-DT-ST")
    assert burning.medium()["label"] == VOLUME
    assert sorted(on_disc()) == sorted(TREE)
    assert left_behind() == []

    again = burning.run(burner_way=way)
    assert again.status == 0, again.output
    assert (again.said["ok"], again.said["written"]) == (False, False)
    assert "不是空白盘" in again.said["reason"]["zh"]
    assert "not blank" in again.said["reason"]["en"]


def test_an_empty_drive_and_a_disc_that_is_too_small_ask_for_another(burning: Burning) -> None:
    empty = burning.run()
    assert empty.status == 0, empty.output
    assert (empty.said["ok"], empty.said["written"]) == (False, False)
    assert "没有光盘" in empty.said["reason"]["zh"]

    burning.blank(300_000)
    small = burning.run()
    assert small.status == 0, small.output
    assert (small.said["ok"], small.said["written"]) == (False, False)
    assert "太小" in small.said["reason"]["zh"]
    assert burning.medium()["state"] == "blank"


def beats() -> bool:
    """Whether the script is at work on the server."""
    container = rooms.find_host(rooms.load(ROOM), "server")["container"]
    return bool(podman.run("exec", container, "find", "/srv/d/Exam/burn", "-name", "beat.txt").strip())


def test_the_server_waits_for_a_blank_disc_and_a_look_left_behind_holds_nobody_up(burning: Burning) -> None:
    burning.fault("used-disc")
    used = burning.run("check", burner_wait_seconds=3600)
    assert used.status == 0, used.output
    assert (used.said["ok"], used.said["wrong"], used.said["mend"]) == (False, "not_blank", False)

    waiting = burning.start("check", burner_wait_seconds=3600, burner_wrong="not_blank")
    burning.until(beats, waiting)
    burning.kill(waiting)
    second = burning.run("check")
    assert (second.said["ok"], second.said["wrong"]) == (False, "not_blank"), second.output

    third = burning.start("check", burner_wait_seconds=3600, burner_wrong="not_blank", burner_bytes=1_000_000)
    burning.until(beats, third)
    burning.blank()
    found = burning.finish(third)
    assert found.status == 0, found.output
    assert found.said["ok"] is True
    done = burning.run()
    assert done.said["ok"] is True, done.output
    assert left_behind() == []


def test_a_bit_that_reads_back_wrong_is_found_and_the_file_named(burning: Burning) -> None:
    burning.blank()
    burning.fault("bad-read")
    bad = burning.run()
    assert bad.status == 0, bad.output
    assert (bad.said["ok"], bad.said["written"]) == (False, True)
    assert "data/KS01_440120270001/答案 一.docx" in bad.said["reason"]["zh"]

    burning.fault("bad-read", on=False)
    again = burning.run()
    assert again.said["ok"] is False, "a disc that was found bad stays bad, however it reads later"
    assert "不是空白盘" in again.said["reason"]["zh"]


@pytest.mark.slow
def test_a_write_that_fails_half_way_spoils_the_disc(burning: Burning) -> None:
    burning.blank()
    burning.fault("write-fails")
    bad = burning.run()
    assert bad.status == 0, bad.output
    assert (bad.said["ok"], bad.said["written"]) == (False, True)
    assert "0xC0AA0301" in bad.said["reason"]["en"]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "words"), [("no-burner", "没有能刻录的光驱"), ("burner-locked", "被另一个程序占用")])
def test_what_no_other_blank_would_mend_stops_the_step(burning: Burning, name: str, words: str) -> None:
    burning.blank()
    burning.fault(name)
    done = burning.run()
    assert done.status != 0
    assert words in done.output
    assert burning.medium()["state"] == "blank"


def test_the_controller_dies_while_the_server_burns_and_the_disc_counts_all_the_same(burning: Burning) -> None:
    burning.blank()
    burning.fault("burner-hangs")
    process = burning.start()
    burning.until(lambda: burning.medium()["state"] == "spoilt", process)
    burning.kill(process)
    second = burning.start()
    burning.fault("burner-hangs", on=False)
    done = burning.finish(second)
    assert done.status == 0, done.output
    assert (done.said["ok"], done.said["files"]) == (True, len(TREE))
    assert left_behind() == []


@pytest.mark.slow
def test_the_server_loses_power_while_it_burns_and_the_next_blank_is_asked_for(burning: Burning) -> None:
    burning.blank()
    burning.fault("burner-hangs")
    process = burning.start()
    burning.until(lambda: burning.medium()["state"] == "spoilt", process)
    faults.reboot(ROOM, "server")
    done = burning.finish(process)
    assert done.status == 0, done.output
    assert (done.said["ok"], done.said["written"]) == (False, True)
    assert "中断" in done.said["reason"]["zh"]
    burning.fault("burner-hangs", on=False)
    refused = burning.run()
    assert "不是空白盘" in refused.said["reason"]["zh"]
    burning.blank()
    assert burning.run().said["ok"] is True
    assert left_behind() == []
