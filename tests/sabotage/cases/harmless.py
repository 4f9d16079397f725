"""Differences that no clause forbids."""

from __future__ import annotations

from sabotage.case import harmless
from sabotage.cases.clean import SESSIONS, office, program
from sabotage.cases.clients import defender, maps
from sabotage.cases.cutoff import disc

RENAMES = "PendingFileRenameOperations"
HUORONG = {"name": "火绒安全软件", "state": 0x61000}
READER = {"drive": "F:", "name": "DVD-ROM", "capabilities": [3, 7], "media_loaded": False, "volume": None}

CASES = [
    harmless(
        "pc01",
        "工作组大小写不同 the workgroup in other letters",
        lambda door: door.do("pc01", "named", workgroup="kaochang"),
    ),
    harmless(
        "pc02",
        "停用的其他用户名 a stranger, switched off",
        lambda door: door.stranger("pc02", "teacher", disabled=True),
    ),
    harmless(
        "server",
        "服务器上停用的其他用户名 one on the server",
        lambda door: door.stranger("server", "teacher", disabled=True),
    ),
    harmless(
        "pc03",
        "多一名管理员 an administrator more",
        lambda door: door.stranger("pc03", "机房管理员", groups=["S-1-5-32-544"]),
    ),
    harmless(
        "pc01",
        "另一个合格的防病毒软件 another antivirus that is fine",
        lambda door: defender(door, "pc01", enabled=False, real_time=False, products=[HUORONG]),
    ),
    harmless("pc02", "病毒库 29 天 signatures 29 days old", lambda door: defender(door, "pc02", signature_age=29)),
    harmless(
        "pc03",
        "另一网段的地址 an address of another network",
        lambda door: door.model("pc03", "network", "more", value=[["172.31.7.7", "255.255.0.0"]]),
    ),
    harmless("pc02", "时钟差 10 秒 a clock 10 s off", lambda door: door.clock("pc02", 10)),
    harmless("server", "服务器的时钟差 10 秒 the server's", lambda door: door.clock("server", -10)),
    harmless(
        "pc01",
        "登录名大小写不同 the account in other letters",
        lambda door: door.logon_value("pc01", "DefaultUserName", "ks01"),
    ),
    harmless(
        "pc03",
        "映射路径大小写不同 the mapping in other letters",
        lambda door: maps(door, "pc03", "\\exam\\", "\\EXAM\\"),
    ),
    harmless(
        "server",
        "刚好够大的另一种空白光盘 another kind of blank, just large enough",
        lambda door: disc(door, kind="CD-R", size=300_001_280),
    ),
    harmless("pc01", "更新的办公软件 a newer office program", lambda door: office(door, "pc01", "12.10.0.1")),
    harmless("pc03", "名称相近的软件 a program called almost the same", lambda door: program(door, "pc03", "QQ浏览器")),
    harmless(
        "pc02",
        "程序自带的模板 a program's own template",
        lambda door: door.file("pc02", r"C:\Program Files\WPS\templates\空白.docx", b"a template"),
    ),
    harmless(
        "pc02",
        "有文件待改名 files to be renamed at the next start",
        lambda door: door.do(
            "pc02", "registry", key=SESSIONS, name=RENAMES, kind="multistring", data=[r"\??\C:\Temp\old.dll", ""]
        ),
    ),
    harmless(
        "server",
        "没有放光盘的另一个光驱 another drive",
        lambda door: door.model("server", "optical", value=[*door.value("server", "optical"), READER]),
    ),
]
