"""The stand-in's SMB and RPC side behaves as a Windows host's does, seen with clients that are not ours."""

from __future__ import annotations

import datetime
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import smbclient
import smbprotocol.exceptions
from impacket import smb3
from impacket.dcerpc.v5 import srvs, wkst
from impacket.nmb import NetBIOSError
from impacket.smb3structs import SMB2_DIALECT_30
from impacket.smbconnection import SessionError

from integration.standin import wire
from standin import room as rooms
from standin.errors import StandInError

pytestmark = pytest.mark.integration
PASSWORDS = {"KS01": "Ks01-Pass!x", "KS02": "Ks02-Pass!x"}


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    name = f"samba{os.getpid()}"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EXAM_STANDIN_STATE", str(tmp_path_factory.mktemp("standin")))
        try:
            yield rooms.create(name, seats=2, need_endpoint=False)
        finally:
            rooms.destroy(name)


@pytest.fixture(scope="module")
def prepared(room: dict[str, Any], server: str) -> Iterator[None]:
    """Two candidates with a folder each, exact DACLs, and the share ``exam``."""
    admin = wire.Administrator(server, room["admin"]["username"], room["admin"]["password"])
    admin.smb.createDirectory("D$", "Exam")
    admin.smb.createDirectory("D$", "Exam\\share")
    sids = {name: admin.create_user(name, password) for name, password in PASSWORDS.items()}
    base = [(wire.SYSTEM, wire.FULL), (wire.ADMINISTRATORS, wire.FULL)]
    admin.set_exact_dacl("D$", "Exam\\share", [*base, *((sid, 0x1200A9) for sid in sids.values())])
    for name, sid in sids.items():
        admin.smb.createDirectory("D$", f"Exam\\share\\{name}")
        admin.set_exact_dacl("D$", f"Exam\\share\\{name}", [*base, (sid, wire.MODIFY)])
    admin.add_share("exam", "D:\\Exam\\share", wire.descriptor([("S-1-1-0", wire.MODIFY)], inherit=False))
    admin.smb.close()
    yield


def as_candidate(server: str, name: str) -> dict[str, Any]:
    """Options of smbclient's functions for a session of that candidate that no other test shares."""
    cache: dict[str, Any] = {}
    smbclient.register_session(server, username=name, password=PASSWORDS[name], connection_cache=cache, encrypt=True)
    return {"connection_cache": cache, "username": name, "password": PASSWORDS[name]}


def eventually(check: Callable[[], bool], seconds: float = 15) -> bool:
    deadline = time.monotonic() + seconds
    while not check():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


def test_a_bare_host_shows_what_windows_shows(admin: wire.Administrator) -> None:
    shares = admin.shares()
    assert shares["C$"] == ("C:\\", 0x80000000)
    assert shares["D$"] == ("D:\\", 0x80000000)
    assert shares["ADMIN$"] == ("C:\\Windows", 0x80000000)
    assert admin.users().items() >= {"Administrator": 500, "Guest": 501, "DefaultAccount": 503}.items()
    info = wkst.hNetrWkstaGetInfo(admin.wkssvc, 100)["WkstaInfo"]["WkstaInfo100"]
    assert info["wki100_computername"].startswith("WIN-")
    assert info["wki100_langroup"].rstrip("\0") == "WORKGROUP"


def test_the_connection_is_smb_311_signed_and_encrypted(admin: wire.Administrator) -> None:
    assert admin.smb.getDialect() == 0x311
    assert admin.smb.isSigningRequired()
    assert admin.smb.getSMBServer()._Session["SessionFlags"] & 4, "SMB2_SESSION_FLAG_ENCRYPT_DATA"


def test_older_dialects_guests_and_anonymous_users_are_refused(server: str) -> None:
    with pytest.raises(smb3.SessionError) as old:
        wire.connect(server, "Administrator", "Standin-Adm1n!", dialect=SMB2_DIALECT_30)
    assert wire.status(old.value) == "STATUS_NOT_SUPPORTED"
    with pytest.raises(SessionError) as guest:
        wire.connect(server, "nobody-here", "")
    assert wire.status(guest.value) == "STATUS_LOGON_FAILURE"


def test_the_server_tells_its_time_in_utc(admin: wire.Administrator) -> None:
    told = int(srvs.hNetrRemoteTOD(admin.srvsvc)["BufferPtr"]["tod_elapsedt"])
    assert abs(told - time.time()) < 3


def test_client_has_no_data_drive(room: dict[str, Any]) -> None:
    client = wire.Administrator(room["hosts"][1]["address"], "Administrator", room["admin"]["password"])
    assert set(client.shares()) == {"IPC$", "C$", "ADMIN$"}
    client.smb.close()


def test_hosts_have_machine_sids_of_their_own(room: dict[str, Any], admin: wire.Administrator) -> None:
    client = wire.Administrator(room["hosts"][1]["address"], "Administrator", room["admin"]["password"])
    assert client.domain_sid.formatCanonical() != admin.domain_sid.formatCanonical()
    client.smb.close()


@pytest.mark.usefixtures("prepared")
class TestCandidates:
    def test_descriptor_is_exact_and_protected(self, admin: wire.Administrator) -> None:
        protected, entries = admin.dacl("D$", "Exam\\share\\KS01")
        sid = f"{admin.domain_sid.formatCanonical()}-{admin.users()['KS01']}"
        assert protected
        assert sorted(entries) == sorted(
            [(wire.SYSTEM, wire.FULL, 3), (wire.ADMINISTRATORS, wire.FULL, 3), (sid, wire.MODIFY, 3)]
        )

    def test_own_folder_is_open_and_the_neighbours_is_not(self, server: str) -> None:
        options = as_candidate(server, "KS01")
        own = rf"\\{server}\exam\KS01\练习 一.txt"
        with smbclient.open_file(own, "wb", **options) as file:
            file.write(b"mine")
        with smbclient.open_file(rf"\\{server}\EXAM\ks01\练习 一.TXT", "rb", **options) as file:
            assert file.read() == b"mine"
        attempts: tuple[Callable[[], object], ...] = (
            lambda: smbclient.listdir(rf"\\{server}\exam\KS02", **options),
            lambda: smbclient.open_file(rf"\\{server}\exam\KS02\x.txt", "wb", **options),
            lambda: smbclient.open_file(rf"\\{server}\exam\x.txt", "wb", **options),
            lambda: smbclient.listdir(rf"\\{server}\D$", **options),
            lambda: smbclient.listdir(rf"\\{server}\C$", **options),
        )
        for attempt in attempts:
            with pytest.raises(OSError, match=r"STATUS_ACCESS_DENIED|0xc0000022"):
                attempt()

    def test_what_a_candidate_writes_inherits_the_folders_entries(self, server: str, admin: wire.Administrator) -> None:
        options = as_candidate(server, "KS01")
        with smbclient.open_file(rf"\\{server}\exam\KS01\inherits.txt", "wb", **options) as file:
            file.write(b"x")
        _, entries = admin.dacl("D$", "Exam\\share\\KS01\\inherits.txt")
        sid = f"{admin.domain_sid.formatCanonical()}-{admin.users()['KS01']}"
        assert {(who, mask) for who, mask, _ in entries} == {
            (wire.SYSTEM, wire.FULL),
            (wire.ADMINISTRATORS, wire.FULL),
            (sid, wire.MODIFY),
        }

    def test_access_based_enumeration_hides_the_neighbour(self, server: str, admin: wire.Administrator) -> None:
        admin.set_share_flags("exam", 0x0)
        assert set(smbclient.listdir(rf"\\{server}\exam", **as_candidate(server, "KS01"))) >= {"KS01", "KS02"}
        admin.set_share_flags("exam", 0x1830)
        assert admin.share_flags("exam") == 0x1830
        assert smbclient.listdir(rf"\\{server}\exam", **as_candidate(server, "KS01")) == ["KS01"]

    def test_attributes_and_times_are_kept(self, server: str) -> None:
        options = as_candidate(server, "KS01")
        path = rf"\\{server}\exam\KS01\只读.txt"
        with smbclient.open_file(path, "wb", **options) as file:
            file.write(b"x")
        wanted = 1_700_000_000_123_456_700
        smbclient.utime(path, ns=(wanted, wanted), **options)
        smbclient.copyfile(path, rf"\\{server}\exam\KS01\copy.txt", **options)
        assert smbclient.stat(path, **options).st_mtime_ns == wanted

    def test_open_files_are_listed_and_can_be_closed(self, server: str, admin: wire.Administrator) -> None:
        options = as_candidate(server, "KS01")
        file = smbclient.open_file(rf"\\{server}\exam\KS01\打开.txt", "wb", buffering=0, **options)
        number, user = admin.files()["D:\\Exam\\share\\KS01\\打开.txt"]
        assert user == "KS01"
        srvs.hNetrFileClose(admin.srvsvc, number)
        with pytest.raises(smbprotocol.exceptions.SMBResponseException, match="STATUS_FILE_CLOSED"):
            file.write(b"late")

    def test_ending_a_session_ends_one_users_only(self, server: str, admin: wire.Administrator) -> None:
        first, second = (
            smbclient.open_file(rf"\\{server}\exam\{name}\s.txt", "wb", buffering=0, **as_candidate(server, name))
            for name in PASSWORDS
        )
        assert {"KS01", "KS02"} <= set(admin.sessions())
        srvs.hNetrSessionDel(admin.srvsvc, "\0", "KS01\0")
        with pytest.raises((OSError, smbprotocol.exceptions.SMBException)):
            first.write(b"late")
        assert second.write(b"still here") == len(b"still here")
        assert eventually(lambda: "KS01" not in admin.sessions())
        assert "KS02" in admin.sessions()
        assert "Administrator" in admin.sessions()

    def test_a_disabled_account_cannot_log_on(self, server: str, admin: wire.Administrator) -> None:
        admin.set_enabled("KS01", False)
        try:
            with pytest.raises(SessionError) as refused:
                wire.connect(server, "KS01", PASSWORDS["KS01"])
            assert wire.status(refused.value) == "STATUS_ACCOUNT_DISABLED"
        finally:
            admin.set_enabled("KS01", True)
        wire.connect(server, "KS01", PASSWORDS["KS01"]).close()

    def test_an_expired_account_cannot_log_on(self, server: str, admin: wire.Administrator) -> None:
        epoch = datetime.datetime(1601, 1, 1, tzinfo=datetime.UTC)
        hour_ago = datetime.datetime.now(datetime.UTC) - datetime.timedelta(hours=1)
        admin.set_expiry("KS01", int((hour_ago - epoch).total_seconds()) * 10_000_000)
        try:
            with pytest.raises(SessionError) as refused:
                wire.connect(server, "KS01", PASSWORDS["KS01"])
            assert wire.status(refused.value) == "STATUS_ACCOUNT_EXPIRED"
        finally:
            admin.set_expiry("KS01", 0)
        wire.connect(server, "KS01", PASSWORDS["KS01"]).close()

    def test_ten_failures_lock_the_account(self, server: str, admin: wire.Administrator) -> None:
        admin.create_user("LOCKME", "Right-Pass!1")
        for _ in range(10):
            with pytest.raises(SessionError):
                wire.connect(server, "LOCKME", "wrong")
        with pytest.raises(SessionError) as refused:
            wire.connect(server, "LOCKME", "Right-Pass!1")
        assert wire.status(refused.value) == "STATUS_ACCOUNT_LOCKED_OUT"
        admin.delete_user("LOCKME")
        assert "LOCKME" not in admin.users()

    def test_removing_the_share_kills_open_handles(self, server: str, admin: wire.Administrator) -> None:
        options = as_candidate(server, "KS02")
        file = smbclient.open_file(rf"\\{server}\exam\KS02\cut.txt", "wb", buffering=0, **options)
        file.write(b"in time")
        srvs.hNetrShareDel(admin.srvsvc, "exam\0")
        try:
            # The process that serves this candidate closes the share when it next reads its messages.
            with pytest.raises(
                smbprotocol.exceptions.SMBResponseException, match=r"STATUS_NETWORK_NAME_DELETED|STATUS_FILE_CLOSED"
            ):
                for _ in range(1000):
                    file.write(b"too late")
                    time.sleep(0.01)
            assert "exam" not in admin.shares()
            candidate = wire.connect(server, "KS01", PASSWORDS["KS01"])
            with pytest.raises(SessionError) as gone:
                candidate.connectTree("exam")
            assert wire.status(gone.value) == "STATUS_BAD_NETWORK_NAME"
        finally:
            admin.add_share("exam", "D:\\Exam\\share", wire.descriptor([("S-1-1-0", wire.MODIFY)], inherit=False))


def inside(room: dict[str, Any], host: str, program: str) -> str:
    """What a Python program prints on a host."""
    return rooms.execute(room["room"], host, ["python3", "-c", program]).strip()


def state(room: dict[str, Any], host: str, file: str) -> str:
    """A file of a host's state folder, which lies on this machine."""
    path: Path = rooms.state_folder() / room["room"] / "hosts" / host / "var" / file
    return path.read_text(encoding="utf-8")


class TestHost:
    def test_new_names_wait_for_the_restart_which_drops_connections(
        self, room: dict[str, Any], login: Callable[[], wire.Administrator], server: str
    ) -> None:
        old = login()
        boot = state(room, "server", "boot.json")
        inside(room, "server", "from standin import samba; samba.set_names(computer='EXAM-SRV', workgroup='KAOCHANG')")
        before = wkst.hNetrWkstaGetInfo(old.wkssvc, 100)["WkstaInfo"]["WkstaInfo100"]
        assert before["wki100_langroup"].rstrip("\0") == "WORKGROUP"
        sid = old.domain_sid.formatCanonical()
        inside(room, "server", "from standin.host import control; control.reboot(0.5)")
        assert eventually(lambda: not rooms.answers(server, 445, room["gateway"]), 5)
        with pytest.raises(NetBIOSError):
            old.shares()
        assert eventually(lambda: rooms.answers(server, 445, room["gateway"]))
        new = login()
        after = wkst.hNetrWkstaGetInfo(new.wkssvc, 100)["WkstaInfo"]["WkstaInfo100"]
        assert after["wki100_computername"].rstrip("\0") == "EXAM-SRV"
        assert after["wki100_langroup"].rstrip("\0") == "KAOCHANG"
        assert new.domain_sid.formatCanonical() == sid
        new.smb.close()
        assert state(room, "server", "boot.json") != boot

    def test_a_stopped_server_service_serves_nothing(self, room: dict[str, Any]) -> None:
        address, gateway = room["hosts"][1]["address"], room["gateway"]
        inside(room, "pc01", "from standin import samba; samba.stop_server(); samba.set_server_autostart(False)")
        assert not rooms.answers(address, 445, gateway)
        boot = state(room, "pc01", "boot.json")
        inside(room, "pc01", "from standin.host import control; control.reboot(0.5)")
        assert eventually(lambda: state(room, "pc01", "boot.json") != boot)
        assert inside(room, "pc01", "from standin import samba; print(samba.server_running())") == "False"
        inside(room, "pc01", "from standin import samba; samba.set_server_autostart(True); samba.start_server()")
        assert rooms.answers(address, 445, gateway)

    def test_a_firewall_rule_really_blocks(self, room: dict[str, Any]) -> None:
        address, gateway = room["hosts"][2]["address"], room["gateway"]
        rule = {
            "name": "block",
            "enabled": True,
            "direction": "in",
            "action": "block",
            "protocol": "tcp",
            "localports": ["445", "139"],
            "remoteips": ["LocalSubnet"],
        }
        apply = "from standin import samba; samba.firewall.apply({})"
        inside(room, "pc02", apply.format([rule]))
        assert not rooms.answers(address, 445, gateway)
        inside(room, "pc02", apply.format([{**rule, "remoteips": ["10.0.0.1"]}]))
        assert rooms.answers(address, 445, gateway)

    def test_shares_made_inside_and_outside_are_the_same(self, room: dict[str, Any], admin: wire.Administrator) -> None:
        inside(
            room,
            "server",
            (
                "from standin import samba; from pathlib import Path; Path('/srv/d/Pub').mkdir();"
                "rights = {'Administrators': 'full', 'S-1-5-11': 'change'};"
                "samba.add_share('pub', 'd:\\\\pub', '公共', rights, abe=True)"
            ),
        )
        assert admin.shares()["pub"] == ("D:\\Pub", 0)
        assert admin.share_flags("pub") == 0x800
        admin.set_share_flags("pub", 0x9830)
        told = inside(
            room,
            "server",
            (
                "from standin import samba; s = {one.name: one for one in samba.shares()}['pub'];"
                "print(s.path, s.abe, s.encrypt, s.caching, sorted(s.permissions.values()))"
            ),
        )
        assert told == "D:\\Pub True True none ['change', 'full']"
        inside(room, "server", "from standin import samba; samba.remove_share('PUB')")
        assert "pub" not in admin.shares()

    def test_ntlm_user_file_holds_usable_accounts_only(self, room: dict[str, Any]) -> None:
        told = inside(
            room,
            "pc02",
            (
                "from standin import samba; samba.create_user('Tech', 'Pa55!word');"
                "a = samba.ntlm_user_file().read_text();"
                "print('Tech:' in a, samba.check_password('tech', 'Pa55!word'), samba.check_password('Tech', 'no'));"
                "samba.set_disabled('Tech', True); b = samba.ntlm_user_file().read_text();"
                "print('Tech:' in b, 'Guest:' in b, samba.check_password('Tech', 'Pa55!word'))"
            ),
        )
        assert told.splitlines() == ["True True False", "False False False"]


def test_a_half_finished_room_is_replaced_and_nothing_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXAM_STANDIN_STATE", str(tmp_path))
    name = f"half{os.getpid()}"
    try:
        rooms.create(name, seats=0, need_endpoint=False)
        (tmp_path / name / "room.json").unlink()
        with pytest.raises(StandInError):
            rooms.load(name)
        made = rooms.create(name, seats=0, need_endpoint=False)
        assert [row["smb"] for row in rooms.status(name)] == [True]
        assert made["hosts"][0]["address"].endswith(".10")
    finally:
        rooms.destroy(name)
    assert not (tmp_path / name).exists()
    assert rooms.rooms() == []
