"""V3: one folder for each account on the server, which nobody else may enter."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from exam_room.wire.security import DENY
from sabotage.case import Case, allowed
from sabotage.door import ROOT, Door

EVERYONE, SIGNED_IN, USERS, GUESTS = "S-1-1-0", "S-1-5-11", "S-1-5-32-545", "S-1-5-32-546"
ADMINISTRATORS = "S-1-5-32-544"
FULL, CHANGE, READ, LIST = 0x1F01FF, 0x1301BF, 0x1200A9, 0x100001
INHERITED, BELOW = 0x13, 0x0B
SEATS = allowed("V3 pc01", "V3 pc02", "V3 pc03", "V3 server")


def folder(account: str) -> str:
    """The account's folder, below D:."""
    return f"{ROOT}\\{account}"


@contextmanager
def owned(door: Door, account: str, owner: str) -> Iterator[None]:
    """A folder belongs to somebody, who may change its access list."""
    with door.descriptor(folder(account), lambda old: replace(old, owner=door.sid(owner))):
        yield


@contextmanager
def open_material(door: Door) -> Iterator[None]:
    """The raw material lies where the start puts it."""
    with door.do("server", "rename", one=r"D:\Exam\material", other=r"D:\Exam\share\素材"):
        yield


CASES = [
    Case("V3", "pc01", "Everyone 完全控制 Everyone may all", lambda door: door.entry(folder("KS01"), EVERYONE, FULL)),
    Case("V3", "pc02", "Everyone 只读 Everyone may read", lambda door: door.entry(folder("KS02"), EVERYONE, READ)),
    Case(
        "V3",
        "pc03",
        "只许列出文件名 Everyone may list",
        lambda door: door.entry(folder("KS03"), EVERYONE, LIST, flags=0),
    ),
    Case(
        "V3",
        "pc03",
        "继承来的只读 an inherited entry",
        lambda door: door.entry(folder("KS03"), USERS, READ, flags=INHERITED),
    ),
    Case(
        "V3",
        "pc02",
        "只传给下级 only for what is below",
        lambda door: door.entry(folder("KS02"), EVERYONE, READ, flags=BELOW),
    ),
    Case("V3", "pc01", "包含所有人的组 a group of everybody", lambda door: door.entry(folder("KS01"), SIGNED_IN, READ)),
    Case("V3", "pc02", "来宾组 the guests", lambda door: door.entry(folder("KS02"), GUESTS, CHANGE)),
    Case(
        "V3",
        "pc01",
        "邻座可进入 the neighbour may enter",
        lambda door: door.seat_entry(folder("KS01"), "KS02", CHANGE),
        allowed("V3 pc02"),
    ),
    Case(
        "V3",
        "pc02",
        "拒绝本人 its own account is denied",
        lambda door: door.seat_entry(folder("KS02"), "KS02", CHANGE, kind=DENY),
        # Where an account does not get in, its seat cannot save: so it is in the cases below too.
        allowed("V4 pc02"),
    ),
    Case("V3", "pc03", "本人完全控制 its account may all", lambda door: door.seat_entry(folder("KS03"), "KS03", FULL)),
    Case("V3", "pc01", "文件夹归考生所有 the candidate owns it", lambda door: owned(door, "KS01", "KS01")),
    Case(
        "V3",
        "pc01",
        "两个文件夹对调 two folders changed places",
        lambda door: door.do("server", "rename", one=r"D:\Exam\share\KS01", other=r"D:\Exam\share\KS02"),
        allowed("V3 pc02", "V3 pc03", "V4 pc01", "V4 pc02"),
    ),
    Case(
        "V3",
        "pc03",
        "文件夹没有了 the folder is gone",
        lambda door: door.do("server", "rename", one=r"D:\Exam\share\KS03", other=r"D:\Exam\KS03"),
        allowed("V4 pc03"),
    ),
    Case(
        "V3",
        "server",
        "上级文件夹可写 the folder above may be written",
        lambda door: door.entry(ROOT, SIGNED_IN, CHANGE, flags=0),
        SEATS,
    ),
    Case(
        "V3",
        "server",
        "上级文件夹往下传权限 the folder above hands rights down",
        lambda door: door.entry(ROOT, USERS, READ, flags=BELOW),
    ),
    Case(
        "V3",
        "server",
        "共享给 Everyone 读 the share is for Everyone",
        lambda door: door.do("server", "share_rights", name="exam", sddl="{}(A;;0x1200a9;;;WD)"),
    ),
    Case(
        "V3",
        "server",
        "共享给来宾 the share is for guests",
        lambda door: door.do("server", "share_rights", name="exam", sddl="{}(A;;0x1301bf;;;BG)"),
    ),
    Case(
        "V3",
        "server",
        "另一个共享 another share",
        lambda door: door.do("server", "share", name="答案", path=r"D:\答案", rights={"S-1-5-32-544": "full"}),
    ),
    Case(
        "V3",
        "server",
        "隐藏的共享 a hidden share",
        lambda door: door.do("server", "share", name="answers$", path=r"D:\Exam", rights={"S-1-1-0": "read"}),
    ),
    Case(
        "V3", "server", "来宾账户已启用 the guest is on", lambda door: door.account("server", "Guest", disabled=False)
    ),
    Case(
        "V3",
        "pc01",
        "考生是服务器的管理员 the candidate is administrator",
        lambda door: door.account("server", "KS01", groups=[ADMINISTRATORS, USERS]),
    ),
    Case(
        "V3",
        "pc02",
        "没有用户名 no account",
        lambda door: door.no_account("KS02"),
        SEATS | {("V4", "pc02")},
    ),
    Case("V3", "server", "SMB 1", lambda door: door.do("server", "file_service", SMB1=True)),
    Case(
        "V3",
        "server",
        "不拒绝明文 clear text is let in",
        lambda door: door.do("server", "file_service", RejectUnencryptedAccess=False),
    ),
    Case(
        "V3",
        "server",
        "不要求签名 signing is not required",
        lambda door: door.do("server", "file_service", RequireSecuritySignature=False),
    ),
    Case("V3", "server", "原始素材已开放 the raw material is open", open_material, SEATS),
    Case(
        "V3",
        "server",
        "原始素材人人可读 everybody may read the raw material",
        lambda door: door.entry(r"Exam\material", EVERYONE, READ),
    ),
]
