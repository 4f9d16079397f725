"""V5: a clean system, complete, with nothing of the exam on it but its raw material."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import Any

from sabotage.case import Case
from sabotage.door import Door
from sabotage.earlier import NUMBER, RESULT

CURRENT = r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion"
SESSIONS = r"HKLM\SYSTEM\CurrentControlSet\Control\Session Manager"
POLICIES = r"HKLM\SOFTWARE\Policies\Microsoft"
UPDATE = rf"{POLICIES}\Windows\WindowsUpdate"
SLEEP = rf"{POLICIES}\Power\PowerSettings\29f6c1db-86da-48c5-9fdb-f2b67b1f44da"
UNINSTALL = r"HKLM\SOFTWARE\WOW6432Node\Microsoft\Windows\CurrentVersion\Uninstall"
OFFICE = rf"{UNINSTALL}\Kingsoft Office"
# What the rehearsal examines (inventories/rehearsal/material).
UNIT = r"D:\Exam\material\第一单元 文字处理"
PAGE = rf"{UNIT}\商品说明（原始）.txt"
BIN = r"C:\$Recycle.Bin\S-1-5-21-1-2-3-1001"


def program(door: Door, host: str, name: str) -> AbstractContextManager[None]:
    """A program more, as Windows lists it."""
    return door.do(host, "registry", key=rf"{UNINSTALL}\Another", name="DisplayName", data=name)


def office(door: Door, host: str, version: str) -> AbstractContextManager[None]:
    """Another version of the program that the exam requires."""
    return door.do(host, "registry", key=OFFICE, name="DisplayVersion", data=version)


def policy(door: Door, host: str, key: str, name: str, data: int) -> AbstractContextManager[None]:
    """Another value of a policy."""
    return door.do(host, "registry", key=key, name=name, kind="dword", data=data)


def policy_of_seat(door: Door, host: str, key: str, name: str, **value: Any) -> AbstractContextManager[None]:
    """Another value of a policy of who is signed in."""
    sid = next(sid for sid, profile in door.value(host, "profiles").items() if profile["loaded"])
    return door.do(host, "registry", key=rf"HKU\{sid}\Software\Policies\Microsoft\Windows\{key}", name=name, **value)


@contextmanager
def altered(door: Door, host: str, path: str) -> Iterator[None]:
    """One bit of a file's first byte is another; it is as long as before."""
    content = base64.b64decode(door.content(host, path))
    with door.file(host, path, bytes([content[0] ^ 1]) + content[1:]):
        yield


@contextmanager
def thrown_away(door: Door, host: str) -> Iterator[None]:
    """Yesterday's result in the recycle bin, with what the bin notes of it."""
    was = "C:\\Users\\KS01\\Desktop\\答案.docx\0"
    note = (2).to_bytes(8, "little") + bytes(16) + len(was).to_bytes(4, "little") + was.encode("utf-16-le")
    with ExitStack() as stack:
        stack.enter_context(door.file(host, rf"{BIN}\$RK3J2A9.docx", RESULT))
        stack.enter_context(door.file(host, rf"{BIN}\$IK3J2A9.docx", note))
        yield


CASES = [
    Case(
        "V5", "pc01", "办公软件旧一版 the office program a version short", lambda door: office(door, "pc01", "12.0.9")
    ),
    Case(
        "V5",
        "pc02",
        "没有办公软件 no office program",
        lambda door: door.do("pc02", "registry", key=OFFICE, name="DisplayName", gone=True),
    ),
    Case("V5", "pc03", "有远程控制软件 remote control", lambda door: program(door, "pc03", "向日葵远程控制")),
    Case("V5", "server", "服务器有远程控制软件 on the server", lambda door: program(door, "server", "AnyDesk")),
    Case(
        "V5",
        "pc01",
        "昨天的结果改名为 .tmp，在个人配置里 yesterday's result, renamed to .tmp in a profile",
        lambda door: door.file("pc01", r"C:\Users\KS01\AppData\Local\Temp\~wrl0001.tmp", RESULT),
    ),
    Case(
        "V5",
        "pc02",
        "昨天的结果在回收站 yesterday's result in the recycle bin",
        lambda door: thrown_away(door, "pc02"),
    ),
    Case(
        "V5",
        "server",
        "昨天的结果在服务器上 yesterday's result on the server",
        lambda door: door.file("server", r"D:\备份\old.bin", RESULT),
    ),
    Case(
        "V5",
        "pc03",
        "以考号命名的文件 a file called after an exam number",
        lambda door: door.file("pc03", rf"C:\资料\{NUMBER}.dat", b"notes"),
    ),
    Case(
        "V5",
        "pc01",
        "清理后出现的文档 a document that came after the cleaning",
        lambda door: door.file("pc01", r"C:\Users\Public\Documents\范文.docx", b"a model answer"),
    ),
    Case(
        "V5",
        "server",
        "考试文件夹里有别的文件 another file in the exam folder",
        lambda door: door.file("server", r"D:\Exam\说明.bin", b"something"),
    ),
    Case(
        "V5",
        "pc02",
        "机位的文件夹里有文件 a file in the seat's folder",
        lambda door: door.file("server", r"D:\Exam\share\KS02\作品.dat", b"a work"),
    ),
    Case(
        "V5",
        "server",
        "原始素材改了一位 raw material altered by one bit",
        lambda door: altered(door, "server", PAGE),
    ),
    Case("V5", "server", "缺一个原始素材 raw material is missing", lambda door: door.no_file("server", PAGE)),
    Case(
        "V5",
        "server",
        "有另一单元的原始素材 raw material of another unit",
        lambda door: door.file("server", r"D:\Exam\material\第二单元 表格处理\要求.txt", b"the tasks of unit 2"),
    ),
    Case(
        "V5",
        "server",
        "自动安装更新 updates install themselves",
        lambda door: policy(door, "server", rf"{UPDATE}\AU", "AUOptions", 4),
    ),
    Case(
        "V5",
        "pc01",
        "考试时段可为更新重启 restarts during the day",
        lambda door: policy(door, "pc01", UPDATE, "SetActiveHours", 0),
    ),
    Case(
        "V5",
        "pc02",
        "半小时后睡眠 sleeps after half an hour",
        lambda door: policy(door, "pc02", SLEEP, "ACSettingIndex", 1800),
    ),
    Case(
        "V5",
        "pc01",
        "机位账户有屏幕保护 the seat's account has a screen saver",
        lambda door: policy_of_seat(door, "pc01", r"Control Panel\Desktop", "ScreenSaveActive", data="1"),
    ),
    Case(
        "V5",
        "pc02",
        "程序可弹通知 programs may show messages",
        lambda door: policy_of_seat(
            door, "pc02", r"CurrentVersion\PushNotifications", "NoToastApplicationNotification", gone=True
        ),
    ),
    Case(
        "V5",
        "pc03",
        "可用移动存储 removable storage is open",
        lambda door: policy(door, "pc03", rf"{POLICIES}\Windows\RemovableStorageDevices", "Deny_All", 0),
    ),
    Case(
        "V5",
        "pc01",
        "未设移动存储策略 no policy on removable storage",
        lambda door: door.do(
            "pc01", "registry", key=rf"{POLICIES}\Windows\RemovableStorageDevices", name="Deny_All", gone=True
        ),
    ),
    Case(
        "V5",
        "pc01",
        "组件更新等待重启 components wait for a restart",
        lambda door: door.do("pc01", "registry_key", key=rf"{CURRENT}\Component Based Servicing\RebootPending"),
    ),
    Case(
        "V5",
        "server",
        "服务器的更新等待重启 the server's updates do",
        lambda door: door.do("server", "registry_key", key=rf"{CURRENT}\WindowsUpdate\Auto Update\RebootRequired"),
    ),
    Case(
        "V5",
        "pc02",
        "重启后改名 another name after a restart",
        lambda door: door.do("pc02", "next_name", computer="PC22"),
    ),
]
