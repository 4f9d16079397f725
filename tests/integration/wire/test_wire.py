"""The wire against a real SMB server: what is set really holds, what must be refused is refused."""

from __future__ import annotations

import hashlib
import secrets
import time
from contextlib import ExitStack
from pathlib import Path

import pytest

from exam_room.look import look
from exam_room.server import accounts, clock, folders, material, shares
from exam_room.wire import security, smb, srvsvc
from exam_room.wire.smberrors import AccessDenied, LogonRefused, NotFound, SmbError

from .conftest import Room

pytestmark = pytest.mark.integration


def test_the_session_is_encrypted_and_carries_rpc(exam: Room) -> None:
    with smb.connect(exam.login) as server:
        assert server.dialect == "3.1.1"
        with srvsvc.server_service(server) as service:
            assert "exam" in [one.name for one in service.shares()]


def test_a_wrong_password_is_refused_once_and_never_shown(exam: Room) -> None:
    with pytest.raises(LogonRefused) as caught, smb.connect(exam.candidate("KS01", "wrong-Secret1!")):
        pass
    assert caught.value.status == "STATUS_LOGON_FAILURE"
    assert "wrong-Secret1!" not in str(caught.value)


def test_files_go_there_and_back_byte_for_byte(exam: Room) -> None:
    content = secrets.token_bytes(3_000_001)
    with smb.connect(exam.login) as server:
        share = server.share("D$")
        path = "Exam\\share\\KS01\\深 处\\a b\\结果 1.bin"
        share.makedirs(path.rpartition("\\")[0])
        assert share.write(path, iter([content[:700_000], content[700_000:]])) == len(content)
        share.write("Exam\\share\\KS01\\空", b"")
        with share.open_read(path) as handle:
            assert handle.entry.size == len(content)
            assert hashlib.sha256(b"".join(handle.chunks())).digest() == hashlib.sha256(content).digest()
            assert handle.read(len(content), 10) == b""
        found = {entry.path: entry for entry in share.walk("Exam\\share\\KS01")}
        assert found[path].size == len(content)
        assert found["Exam\\share\\KS01\\空"].size == 0
        assert abs(found[path].changed_100ns / 1e7 - 11_644_473_600 - time.time()) < 60
        assert not [name for name in found if name.endswith(".part")]
        assert share.remove_tree("Exam\\share\\KS01\\深 处") == 3
        assert share.stat(path) is None


def test_a_failed_write_leaves_the_old_file_and_no_rest(exam: Room) -> None:
    def broken() -> object:
        yield b"new"
        raise RuntimeError("source failed")

    with smb.connect(exam.login) as server:
        share = server.share("D$")
        share.write("Exam\\share\\KS01\\a.txt", b"old")
        with pytest.raises(RuntimeError):
            share.write("Exam\\share\\KS01\\a.txt", broken())  # type: ignore[arg-type]
        assert [entry.name for entry in share.listdir("Exam\\share\\KS01")] == ["a.txt"]
        with share.open_read("Exam\\share\\KS01\\a.txt") as handle:
            assert handle.read(0, 10) == b"old"


def test_every_account_opens_its_own_folder_and_no_other(exam: Room) -> None:
    for account in exam.names:
        with smb.connect(exam.candidate(account)) as server:
            share = server.share("exam")
            share.write(f"{account}\\mine.txt", b"1")
            for other in set(exam.names) - {account}:
                with pytest.raises(AccessDenied):
                    share.listdir(other)
                with pytest.raises(AccessDenied):
                    share.write(f"{other}\\theirs.txt", b"1")
            with pytest.raises(AccessDenied):
                share.write("root.txt", b"1")
            with pytest.raises(SmbError):
                server.share("D$")


def test_a_candidate_cannot_loosen_his_folder(exam: Room) -> None:
    with smb.connect(exam.candidate("KS01")) as server, pytest.raises(AccessDenied):
        server.share("exam").set_security("KS01", security.share_permissions([security.EVERYONE]).to_bytes())


def test_folders_are_unchanged_the_second_time_and_healed_the_third(exam: Room) -> None:
    assert not folders.ensure(exam.login, "D$", r"Exam\share", exam.names, "present").changed
    with smb.connect(exam.login) as server:
        everyone = security.Ace(security.ALLOW, 3, security.FULL, security.EVERYONE)
        loose = security.Descriptor(None, None, (everyone,), protected=True)
        server.share("D$").set_security(r"Exam\share\KS02", loose.to_bytes())
    with smb.connect(exam.candidate("KS01")) as server:
        server.share("exam").listdir("KS02")
    assert folders.ensure(exam.login, "D$", r"Exam\share", exam.names, "present").access_changed == [r"Exam\share\KS02"]
    with smb.connect(exam.candidate("KS01")) as server, pytest.raises(AccessDenied):
        server.share("exam").listdir("KS02")


def test_accounts_are_unchanged_the_second_time(exam: Room) -> None:
    wanted = [accounts.Wanted(name, password) for name, password in exam.passwords.items()]
    host = accounts.WindowsHost(exam.login, 10)
    assert not accounts.ensure(host, wanted, "present", enabled=True).changed
    changed = [accounts.Wanted("KS01", "Another-1x!"), *wanted[1:]]
    assert accounts.ensure(host, changed, "present").password_set == ["KS01"]
    with smb.connect(exam.candidate("KS01", "Another-1x!")):
        pass
    assert accounts.ensure(host, wanted, "present").password_set == ["KS01"]


def test_a_disabled_account_stays_out_and_tells_its_password_is_right(exam: Room) -> None:
    host = accounts.WindowsHost(exam.login, 10)
    wanted = [accounts.Wanted(name) for name in exam.names]
    assert accounts.ensure(host, wanted, "disabled").disabled == exam.names
    assert host.try_logon("KS01", exam.passwords["KS01"]) == "STATUS_ACCOUNT_DISABLED"
    assert accounts.ensure(host, wanted, "enabled").enabled == exam.names


def test_material_is_out_of_reach_until_it_is_opened(exam: Room, tmp_path: Path) -> None:
    (tmp_path / "图片").mkdir()
    (tmp_path / "图片" / "主图.png").write_bytes(secrets.token_bytes(200_000))

    def act(state: str) -> material.Outcome:
        return material.ensure_on_server(
            exam.login, "D$", str(tmp_path), r"Exam\material", r"Exam\share\素材", exam.names, state, False, 10
        )

    try:
        assert act("closed").uploaded == ["图片\\主图.png"]
        assert not act("closed").changed
        with smb.connect(exam.candidate("KS01")) as server, pytest.raises(NotFound):
            server.share("exam").listdir("素材")
        assert act("open").renamed
        assert not act("open").changed
        with smb.connect(exam.candidate("KS01")) as server:
            share = server.share("exam")
            with share.open_read("素材\\图片\\主图.png") as handle:
                assert b"".join(handle.chunks()) == (tmp_path / "图片" / "主图.png").read_bytes()
            with pytest.raises(AccessDenied):
                share.write("素材\\图片\\mine.txt", b"1")
            with pytest.raises(AccessDenied):
                share.remove("素材\\图片\\主图.png")
    finally:
        act("absent")


def test_the_clock_agrees_with_the_machine_they_share(exam: Room) -> None:
    measured = clock.measure_server(exam.login)
    assert abs(measured["offset_ms"]) <= measured["uncertainty_ms"] + 5


def test_the_share_comes_and_goes(exam: Room) -> None:
    def act(state: str) -> shares.Outcome:
        return shares.ensure(exam.login, "exam", state, r"D:\Exam\share", exam.names, "", True, False, 10)

    assert act("absent").removed
    assert not act("absent").removed
    with smb.connect(exam.candidate("KS01")) as server, pytest.raises(NotFound):
        server.share("exam")
    assert act("present").created
    again = act("present").result()
    assert not again["changed"]


def test_the_look_sees_what_is_there(exam: Room) -> None:
    accounts.ensure(accounts.WindowsHost(exam.login, 10), [accounts.Wanted("KS03")], "disabled")
    script, absent = r"C:\Windows\Temp\根.txt", r"C:\Windows\Temp\none.txt"
    with smb.connect(exam.login) as server:
        server.share("C$").write(script.partition("\\")[2], b"what it says")
    seen = look.look(
        look.Request(exam.login, exam.seats, scripts=(script, absent), passwords=exam.passwords, thorough=True)
    )
    assert seen["scripts"][script]["value"] == hashlib.sha256(b"what it says").hexdigest()
    assert seen["scripts"][absent]["value"] is None
    assert seen["server"]["value"]["workgroup"]
    assert [one["name"] for one in seen["shares"]["value"] if not one["special"]] == ["exam"]
    assert all(seen["folders"]["seats"][name]["value"]["exact"] for name in exam.names)
    assert seen["folders"]["root"]["value"]["exact"]
    first = seen["tries"]["KS01"]["value"]
    assert first["state"] == "in"
    assert first["own"] == {"answer": "open"}
    assert {door["list"]["answer"] for door in first["neighbours"].values()} == {"refused"}
    assert {door["write"]["answer"] for door in first["neighbours"].values()} == {"refused"}
    assert seen["tries"]["KS03"]["value"] == {"state": "disabled", "status": "STATUS_ACCOUNT_DISABLED"}
    assert seen["clients"]["pc01"]["value"]["ports"]["445"] == "open"
    assert "unknown" in seen["clients"]["pc01"]["value"]["shares"]
    with smb.connect(exam.login) as server:
        assert server.share("D$").listdir(r"Exam\share\KS01") == []


def test_many_connections_of_one_process_do_not_mix(exam: Room) -> None:
    with ExitStack() as stack:
        opened = {name: stack.enter_context(smb.connect(exam.candidate(name))) for name in exam.names}
        for name, server in opened.items():
            server.share("exam").write(f"{name}\\own.txt", name.encode())
        for name, server in opened.items():
            with server.share("exam").open_read(f"{name}\\own.txt") as handle:
                assert handle.read(0, 10) == name.encode()
