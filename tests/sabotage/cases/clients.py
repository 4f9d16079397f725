"""V4: clients that share nothing, with their own user and their own folder. V5: no virus."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from sabotage.case import Case, allowed
from sabotage.door import Door

MAPPING = "\\exam\\map the exam folder"
SCRIPT = r"C:\Program Files\Exam\Connect-ExamFolder.ps1"
ACTION = ("tasks", MAPPING, "actions", 0)


@contextmanager
def sharing(door: Door, host: str, name: str) -> Iterator[None]:
    """The client serves files again, and shares a folder."""
    with ExitStack() as stack:
        stack.enter_context(door.do(host, "serving", running=True))
        stack.enter_context(door.do(host, "share", name=name, path=r"C:\Exam stuff", rights={"S-1-1-0": "full"}))
        yield


@contextmanager
def maps(door: Door, host: str, old: str, new: str) -> Iterator[None]:
    """The mapping's command line with something else in it."""
    arguments = door.value(host, *ACTION, "arguments")
    assert old in arguments, arguments
    with door.model(host, *ACTION, "arguments", value=arguments.replace(old, new)):
        yield


@contextmanager
def cloned(door: Door, host: str, of: str) -> Iterator[None]:
    """The client has the machine SID of another computer."""
    with door.do(host, "machine_sid", sid=door.machine_sid(of)):
        yield


@contextmanager
def defender(door: Door, host: str, **values: object) -> Iterator[None]:
    """Something of Defender."""
    with ExitStack() as stack:
        for name, value in values.items():
            stack.enter_context(door.model(host, "antivirus", name, value=value))
        yield


CASES = [
    Case("V4", "pc01", "共享一个文件夹 shares a folder", lambda door: sharing(door, "pc01", "共享")),
    Case("V4", "pc02", "隐藏的共享 a hidden share", lambda door: sharing(door, "pc02", "films$")),
    Case("V4", "pc03", "文件服务在运行 the file service runs", lambda door: door.do("pc03", "serving", running=True)),
    Case(
        "V4",
        "pc01",
        "文件服务未禁用 the file service may start",
        lambda door: door.model("pc01", "services", "lanmanserver", "start_mode", value="manual"),
    ),
    Case(
        "V4",
        "pc02",
        "公用网络的防火墙关闭 the firewall is off for public networks",
        lambda door: door.model("pc02", "firewall", "profiles", "Public", "enabled", value=False),
    ),
    Case(
        "V4",
        "pc03",
        "自动登录邻座的用户名 signs the neighbour in",
        lambda door: door.logon_value("pc03", "DefaultUserName", "KS02"),
    ),
    Case(
        "V4",
        "pc01",
        "自动登录已关闭 automatic sign-in is off",
        lambda door: door.logon_value("pc01", "AutoAdminLogon", "0"),
    ),
    Case(
        "V4",
        "pc02",
        "注册表中有明文密码 a password in the registry",
        lambda door: door.logon_value("pc02", "DefaultPassword", "123456"),
    ),
    Case(
        "V4",
        "pc03",
        "登录的是邻座的考生 the neighbour is signed in",
        lambda door: door.model("pc03", "signed_in", value="KS01"),
    ),
    Case(
        "V4",
        "pc01",
        "登录的是管理员 an administrator is signed in",
        lambda door: door.model("pc01", "signed_in", value="Administrator"),
    ),
    Case(
        "V4",
        "pc01",
        "映射任务已停用 the mapping is off",
        lambda door: door.model("pc01", "tasks", MAPPING, "enabled", value=False),
    ),
    Case("V4", "pc02", "没有映射任务 no mapping", lambda door: door.without("pc02", "tasks", MAPPING)),
    Case(
        "V4", "pc03", "映射到邻座的文件夹 maps the neighbour's folder", lambda door: maps(door, "pc03", "KS03", "KS01")
    ),
    Case(
        "V4",
        "pc01",
        "映射到另一台电脑 maps another computer",
        lambda door: maps(door, "pc01", door.address("server"), door.address("pc02")),
    ),
    Case("V4", "pc02", "映射为另一个盘 maps another letter", lambda door: maps(door, "pc02", "-Letter Z", "-Letter Y")),
    Case(
        "V4",
        "pc03",
        "映射用另一个脚本 maps with another script",
        lambda door: maps(door, "pc03", "Connect-ExamFolder", "Connect-Folder"),
    ),
    Case(
        "V4",
        "pc03",
        "映射的脚本被改 the mapping's script is changed",
        lambda door: door.file("pc03", SCRIPT, b"exit\r\n"),
    ),
    Case("V4", "pc02", "没有映射的脚本 the mapping's script is gone", lambda door: door.no_file("pc02", SCRIPT)),
    Case(
        "V4",
        "pc01",
        "映射任务运行别的程序 the mapping runs another program",
        lambda door: door.model("pc01", *ACTION, "path", value="cmd.exe"),
    ),
    Case(
        "V4",
        "pc02",
        "不在登录时映射 not mapped at sign-in",
        lambda door: door.model("pc02", "tasks", MAPPING, "triggers", value=[{"type": "boot"}]),
    ),
    # What nothing but the trial finds.
    Case(
        "V4",
        "pc01",
        "与服务器不通，与控制机通 cannot reach the server, though the controller reaches it",
        lambda door: door.unplugged("pc01", "server"),
    ),
    Case(
        "V4",
        "pc02",
        "映射脚本被改 the mapping script is changed",
        lambda door: door.file("pc02", r"C:\Program Files\Exam\Connect-ExamFolder.ps1", b"exit 0\r\n"),
    ),
    Case(
        "V4",
        "pc03",
        "客户端登录用的密码与服务器不同 signs in with another password than the server's",
        lambda door: door.model("pc03", "lsa_secrets", "DefaultPassword", value="Another-2026!"),
    ),
    Case("V4", "pc01", "与服务器同一个机器 SID the server's machine SID", lambda door: cloned(door, "pc01", "server")),
    Case(
        "V4",
        "pc02",
        "与邻座同一个机器 SID the neighbour's machine SID",
        lambda door: cloned(door, "pc02", "pc03"),
        allowed("V4 pc03"),
    ),
    Case(
        "V5", "pc01", "实时保护关闭 real-time protection is off", lambda door: defender(door, "pc01", real_time=False)
    ),
    Case(
        "V5", "server", "服务器的实时保护关闭 the server's too", lambda door: defender(door, "server", real_time=False)
    ),
    Case("V5", "pc02", "病毒库 40 天 signatures 40 days old", lambda door: defender(door, "pc02", signature_age=40)),
    Case("V5", "pc03", "病毒库 31 天 signatures 31 days old", lambda door: defender(door, "pc03", signature_age=31)),
    Case(
        "V5",
        "pc03",
        "没有防病毒软件 no antivirus",
        lambda door: defender(door, "pc03", enabled=False, real_time=False, products=[]),
    ),
    Case(
        "V5",
        "pc01",
        "有未处理的病毒 an active virus",
        lambda door: defender(door, "pc01", threats=["Trojan:Win32/Wacatac"]),
    ),
    Case(
        "V5", "server", "两周未扫描 not scanned for two weeks", lambda door: defender(door, "server", quick_scan_age=14)
    ),
]
