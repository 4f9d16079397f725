"""What goes wrong in a room can be switched on and off, and looks as it would with Windows."""

from __future__ import annotations

import datetime
import json
import os
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import smbclient
from impacket.dcerpc.v5 import srvs
from impacket.smbconnection import SessionError
from smbprotocol.exceptions import SMBResponseException

from integration.standin import wire
from standin import faults
from standin import room as rooms
from standin.host import task_scripts, tasks

pytestmark = pytest.mark.integration
PASSWORD = "Ks01-Pass!x"
EPOCH = datetime.datetime(1601, 1, 1, tzinfo=datetime.UTC)
MODULE = (
    "import json, sys; from standin.endpoint.__main__ import container; from standin.endpoint.commands import Commands;"
    "from standin.endpoint.payload import ModuleCall; name, arguments = json.loads(sys.argv[1]);"
    "print(json.dumps(Commands(container()).module(ModuleCall(name, arguments, False, False))))"
)


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    name = f"faults{os.getpid()}"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EXAM_STANDIN_STATE", str(tmp_path_factory.mktemp("standin")))
        try:
            yield rooms.create(name, seats=1)
        finally:
            rooms.destroy(name)


@pytest.fixture(scope="module")
def name(room: dict[str, Any]) -> str:
    return str(room["room"])


@pytest.fixture(scope="module")
def candidate(room: dict[str, Any], server: str) -> str:
    """An account, and the share ``exam`` where everybody may write."""
    admin = wire.Administrator(server, room["admin"]["username"], room["admin"]["password"])
    admin.smb.createDirectory("D$", "Exam")
    admin.create_user("KS01", PASSWORD)
    admin.add_share("exam", "D:\\Exam", wire.descriptor([("S-1-1-0", wire.MODIFY)], inherit=False))
    admin.smb.close()
    return "KS01"


@pytest.fixture
def right_clock(name: str) -> Iterator[None]:
    yield
    faults.set_clock(name, "server", 0)


def eventually(check: Callable[[], bool], seconds: float = 30) -> bool:
    deadline = time.monotonic() + seconds
    while not check():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


def options(room: dict[str, Any], server: str) -> dict[str, Any]:
    cache: dict[str, Any] = {}
    account = {"username": room["admin"]["username"], "password": room["admin"]["password"]}
    smbclient.register_session(server, connection_cache=cache, **account)
    return {"connection_cache": cache, **account}


def module(room_name: str, host: str, module_name: str, /, **arguments: Any) -> dict[str, Any]:
    """Run a model as the endpoint would, past the network."""
    words = ["python3", "-c", MODULE, json.dumps([module_name, arguments])]
    answer: dict[str, Any] = json.loads(rooms.execute(room_name, host, words))
    assert not answer.get("failed"), answer
    return answer


def told_time(admin: wire.Administrator) -> float:
    """Seconds that the server says it is ahead; it tells whole ones."""
    return int(srvs.hNetrRemoteTOD(admin.srvsvc)["BufferPtr"]["tod_elapsedt"]) + 0.5 - time.time()


def file_time(moment: float) -> int:
    return round((moment + 11_644_473_600) * 10_000_000)


@pytest.mark.usefixtures("right_clock")
class TestClock:
    @pytest.mark.parametrize("ahead", [90, -90])
    def test_it_is_stepped_under_running_connections(self, name: str, admin: wire.Administrator, ahead: float) -> None:
        assert abs(told_time(admin)) < 5
        faults.set_clock(name, "server", ahead)
        assert abs(told_time(admin) - ahead) < 5

    def test_changes_of_files_carry_the_hosts_time_and_keep_it(
        self, room: dict[str, Any], name: str, server: str
    ) -> None:
        session = options(room, server)
        file = rf"\\{server}\D$\stamped.txt"
        faults.set_clock(name, "server", 3600)
        with smbclient.open_file(file, "wb", **session) as stream:
            stream.write(b"x")
        assert abs(smbclient.stat(file, **session).st_chgtime - time.time() - 3600) < 30
        before = smbclient.stat(file, **session).st_chgtime_ns
        faults.set_clock(name, "server", -3600)
        assert smbclient.stat(file, **session).st_chgtime_ns == before
        wanted = round(time.time() - 1800) * 1_000_000_000 + 123_456_700
        smbclient.utime(file, ns=(wanted, wanted), **session)
        assert smbclient.stat(file, **session).st_mtime_ns == wanted

    def test_wql_and_a_restart_follow_it_and_the_client_does_not(
        self, room: dict[str, Any], name: str, server: str
    ) -> None:
        faults.set_clock(name, "server", -90)
        boot = rooms.state_folder() / name / "hosts" / "server" / "var" / "boot.json"
        before = boot.read_text()
        faults.reboot(name, "server")
        assert boot.read_text() != before
        booted = datetime.datetime.fromisoformat(json.loads(boot.read_text())["boot_time"]).timestamp()
        assert abs(booted - time.time() + 90) < 60
        assert eventually(lambda: rooms.answers(server, rooms.WINRM_PORT, room["gateway"]))
        for host, ahead in (("server", -90), ("pc01", 0)):
            told = rooms.execute(name, host, ["python3", "-c", "import time; print(time.time())"])
            assert abs(float(told) - time.time() - ahead) < 5


class TestLogOn:
    def test_a_refusal_is_late_and_nobody_else_waits(self, room: dict[str, Any], server: str, candidate: str) -> None:
        def refused() -> tuple[float, float]:
            begun = time.monotonic()
            with pytest.raises(SessionError):
                wire.connect(server, candidate, "wrong")
            return time.monotonic() - begun, time.monotonic()

        with ThreadPoolExecutor() as pool:
            waiting = pool.submit(refused)
            time.sleep(0.2)
            wire.connect(server, candidate, PASSWORD).close()
            admitted = time.monotonic()
            took, ended = waiting.result()
        assert took >= 2
        assert admitted < ended

    @pytest.mark.usefixtures("right_clock")
    def test_an_account_expires_by_the_hosts_clock_and_not_before(
        self, name: str, server: str, candidate: str, admin: wire.Administrator
    ) -> None:
        expiry = round(time.time()) + 100_000
        admin.set_expiry(candidate, file_time(expiry))
        try:
            faults.set_clock(name, "server", expiry - time.time() - 10)
            wire.connect(server, candidate, PASSWORD).close()
            faults.set_clock(name, "server", expiry - time.time() + 1)
            with pytest.raises(SessionError) as refused:
                wire.connect(server, candidate, PASSWORD)
            assert wire.status(refused.value) == "STATUS_ACCOUNT_EXPIRED"
        finally:
            admin.set_expiry(candidate, 0)


class TestTasks:
    def register(self, name: str, *triggers: dict[str, Any]) -> None:
        module(
            name,
            "server",
            "community.windows.win_scheduled_task",
            name="Try",
            path="\\Exam",
            username="SYSTEM",
            logon_type="service_account",
            actions=[{"path": "powershell.exe", "arguments": '-NoProfile -File "C:\\Program Files\\Try\\Try.ps1"'}],
            triggers=list(triggers),
        )

    def record(self, name: str) -> dict[str, Any]:
        return faults.task_records(name, "server").get("\\exam\\try", {"runs": 0})

    def test_a_task_fires_while_the_endpoint_is_dead_and_an_unknown_script_shows(
        self, name: str, server: str, room: dict[str, Any]
    ) -> None:
        module(name, "server", "ansible.windows.win_file", path="C:\\Program Files\\Try", state="directory")
        rooms.execute(name, "server", ["sh", "-c", "echo exit > '/srv/c/Program Files/Try/Try.ps1'"])
        faults.winrm(name, "server")
        assert not rooms.answers(server, rooms.WINRM_PORT, room["gateway"])
        try:
            self.register(name, {"type": "registration"})
            assert eventually(lambda: self.record(name).get("last_result") == task_scripts.NO_MODEL)
        finally:
            faults.winrm(name, "server", False)
        assert rooms.answers(server, rooms.WINRM_PORT, room["gateway"])

    @pytest.mark.usefixtures("right_clock")
    def test_the_hosts_clock_decides(self, name: str) -> None:
        self.register(name, {"type": "time", "start_boundary": "2027-01-01T08:00:00"})
        assert eventually(lambda: "time" in str(self.record(name).get("task")))
        runs = self.record(name)["runs"]
        faults.set_clock(
            name, "server", datetime.datetime(2026, 12, 31, 23, 59, 57, tzinfo=datetime.UTC).timestamp() - time.time()
        )
        time.sleep(1)
        assert self.record(name)["runs"] == runs
        assert eventually(lambda: self.record(name)["runs"] == runs + 1)

    def test_a_boot_trigger_fires_at_the_start(self, name: str) -> None:
        self.register(name, {"type": "boot"})
        assert eventually(lambda: "boot" in str(self.record(name).get("task")))
        runs = self.record(name)["runs"]
        faults.reboot(name, "server")
        assert eventually(lambda: self.record(name)["runs"] == runs + 1)
        assert eventually(lambda: self.record(name)["last_result"] != tasks.RUNNING)


class TestLinks:
    def test_an_unplugged_server_is_silent_and_keeps_its_connections(
        self, room: dict[str, Any], name: str, server: str, admin: wire.Administrator
    ) -> None:
        assert eventually(lambda: rooms.answers(server, rooms.SMB_PORT, room["gateway"]))
        held = socket.create_connection((server, rooms.SMB_PORT), 5)
        faults.network(name, "server")
        assert not rooms.answers(server, rooms.SMB_PORT, room["gateway"])
        held.settimeout(1)
        with pytest.raises(TimeoutError):
            held.recv(1)
        faults.network(name, "server", False)
        assert rooms.answers(server, rooms.SMB_PORT, room["gateway"])
        assert admin.shares()
        held.close()

    def test_the_controller_alone_can_be_cut_off(self, room: dict[str, Any], name: str, server: str) -> None:
        reach = f"import socket; socket.create_connection(('{server}', 445), 3)"
        faults.controller(name, "server")
        try:
            assert not rooms.answers(server, rooms.SMB_PORT, room["gateway"])
            rooms.execute(name, "pc01", ["python3", "-c", reach])
        finally:
            faults.controller(name, "server", False)
        assert rooms.answers(server, rooms.SMB_PORT, room["gateway"])

    def test_a_lost_client_keeps_its_files_open(
        self, name: str, server: str, candidate: str, admin: wire.Administrator
    ) -> None:
        hold = (
            "import os, smbclient, time; open('/tmp/held.pid', 'w').write(str(os.getpid())); c = {};"
            f" smbclient.register_session('{server}', '{candidate}', '{PASSWORD}',"
            f" connection_cache=c); f = smbclient.open_file(r'\\\\{server}\\exam\\held.txt', 'wb', buffering=0,"
            " share_access='', connection_cache=c); f.write(b'saved'); time.sleep(60)"
        )
        with ThreadPoolExecutor() as pool:
            holder = pool.submit(rooms.execute, name, "pc01", ["python3", "-c", hold])
            assert eventually(lambda: "D:\\Exam\\held.txt" in admin.files())
            faults.switch(name, "server", "lost-client", True, "pc01")
            rooms.execute(name, "pc01", ["sh", "-c", "kill -KILL $(cat /tmp/held.pid)"])
            assert holder.exception() is not None, "it was killed"
            assert "D:\\Exam\\held.txt" in admin.files()
            number, user = admin.files()["D:\\Exam\\held.txt"]
            assert user == candidate
            srvs.hNetrFileClose(admin.srvsvc, number)
            assert eventually(lambda: "D:\\Exam\\held.txt" not in admin.files())
            faults.switch(name, "server", "lost-client", False, "pc01")


class TestHost:
    def test_refused_rpc_leaves_smb_alone(self, name: str, login: Callable[[], wire.Administrator]) -> None:
        old = login()
        faults.rpc(name, "server")
        try:
            with pytest.raises(Exception, match=r"STATUS_PIPE"):
                old.shares()
            with pytest.raises(SessionError) as refused:
                login()
            assert wire.status(refused.value) == "STATUS_ACCESS_DENIED"
            assert old.smb.listPath("D$", "*")
        finally:
            faults.rpc(name, "server", False)
        assert login().shares()

    def test_a_full_volume_refuses_what_grows_and_shows_no_space(
        self, room: dict[str, Any], name: str, server: str
    ) -> None:
        session = options(room, server)
        old = rf"\\{server}\D$\old.txt"
        with smbclient.open_file(old, "wb", **session) as stream:
            stream.write(b"before")
        faults.full(name, "server")
        try:
            with (
                pytest.raises(SMBResponseException, match="STATUS_DISK_FULL"),
                smbclient.open_file(rf"\\{server}\D$\new.txt", "wb", buffering=0, **session) as stream,
            ):
                stream.write(b"x")
            with smbclient.open_file(old, "r+b", buffering=0, **session) as stream:
                stream.write(b"BEFORE")
            with smbclient.open_file(rf"\\{server}\C$\Windows\Temp\new.txt", "wb", **session) as stream:
                stream.write(b"x")
            assert smbclient.stat_volume(rf"\\{server}\D$", **session).caller_available_size == 0
        finally:
            faults.full(name, "server", False)
        assert smbclient.stat_volume(rf"\\{server}\D$", **session).caller_available_size > 0
        with smbclient.open_file(rf"\\{server}\D$\new.txt", "wb", **session) as stream:
            stream.write(b"x")

    def test_a_power_cut_tells_nobody(self, room: dict[str, Any], name: str, server: str) -> None:
        held = socket.create_connection((server, rooms.SMB_PORT), 5)
        held.settimeout(2)
        faults.power(name, "server", False)
        with pytest.raises(TimeoutError):
            held.recv(1)
        assert not rooms.answers(server, rooms.SMB_PORT, room["gateway"])
        faults.power(name, "server", True)
        assert eventually(lambda: rooms.answers(server, rooms.WINRM_PORT, room["gateway"]))
        held.settimeout(5)
        with pytest.raises(ConnectionResetError):
            for _ in range(10):
                held.send(b"\0\0\0\x01x")
                time.sleep(0.2)
        held.close()

    def test_users_may_only_read_in_program_files(
        self, room: dict[str, Any], name: str, server: str, login: Callable[[], wire.Administrator]
    ) -> None:
        assert eventually(lambda: rooms.answers(server, rooms.SMB_PORT, room["gateway"]))
        module(name, "server", "ansible.windows.win_file", path="C:\\Program Files\\ExamRoom", state="directory")
        session = options(room, server)
        with smbclient.open_file(rf"\\{server}\C$\Program Files\ExamRoom\armed.json", "wb", **session) as stream:
            stream.write(b"{}")
        admin = login()
        wanted = {(wire.SYSTEM, wire.FULL), (wire.ADMINISTRATORS, wire.FULL), ("S-1-5-32-545", 0x1200A9)}
        for path in ("Program Files", "Program Files\\ExamRoom", "Program Files\\ExamRoom\\armed.json"):
            assert {(sid, mask) for sid, mask, _ in admin.dacl("C$", path)[1]} == wanted, path
        admin.create_user("USER", PASSWORD)
        rooms.execute(name, "server", ["gpasswd", "--add", "USER", "win545"])
        admin.add_share("programs", "C:\\Program Files", wire.descriptor([("S-1-1-0", wire.FULL)], inherit=False))
        cache: dict[str, Any] = {}
        user = {"username": "USER", "password": PASSWORD, "connection_cache": cache}
        smbclient.register_session(server, **user)
        with smbclient.open_file(rf"\\{server}\programs\ExamRoom\armed.json", "rb", **user) as stream:
            assert stream.read() == b"{}"
        for path, mode in (("ExamRoom\\armed.json", "r+b"), ("ExamRoom\\new.txt", "wb"), ("new.txt", "wb")):
            with pytest.raises(OSError, match=r"STATUS_ACCESS_DENIED|0xc0000022"):
                smbclient.open_file(rf"\\{server}\programs\{path}", mode, **user)
        admin.smb.close()
