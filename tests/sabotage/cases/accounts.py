"""V2: an account of its own for each computer, in the order of the seats."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from sabotage.case import Case, allowed
from sabotage.door import Door

ADMINISTRATORS, USERS = "S-1-5-32-544", "S-1-5-32-545"


@contextmanager
def one_password(door: Door) -> Iterator[None]:
    """All seats have one password, on the server and on their clients."""
    with ExitStack() as stack:
        for number in (1, 2, 3):
            for host in ("server", f"pc{number:02}"):
                stack.enter_context(door.account(host, f"KS{number:02}", password="Exam-2026!"))
        yield


ALL = allowed("V2 pc02", "V2 pc03", "V4 pc01", "V4 pc02", "V4 pc03")

CASES = [
    Case("V2", "pc01", "用户名已停用 the account is off", lambda door: door.account("pc01", "KS01", disabled=True)),
    Case(
        "V2",
        "pc02",
        "没有用户名 the account is gone",
        lambda door: door.do("pc02", "remove", name="KS02"),
        allowed("V4 pc02"),
    ),
    Case(
        "V2",
        "pc02",
        "考生是客户端的管理员 the candidate is administrator",
        lambda door: door.account("pc02", "KS02", groups=[ADMINISTRATORS, USERS]),
    ),
    Case(
        "V2",
        "pc03",
        "有邻座的用户名 the neighbour's account",
        lambda door: door.stranger("pc03", "KS01", groups=[USERS]),
    ),
    Case(
        "V2",
        "pc03",
        "有邻座的用户名，已停用 the neighbour's account, switched off",
        lambda door: door.stranger("pc03", "ks02", disabled=True),
    ),
    Case("V2", "pc01", "来宾账户已启用 the guest is on", lambda door: door.account("pc01", "Guest", disabled=False)),
    Case(
        "V2",
        "pc02",
        "多一个启用的用户名 an account more",
        lambda door: door.stranger("pc02", "teacher", groups=[USERS]),
    ),
    Case(
        "V2",
        "pc02",
        "服务器上的密码被改 another password on the server",
        lambda door: door.account("server", "KS02", password="Another-2026!"),
        # It cannot map its folder then.
        allowed("V4 pc02"),
    ),
    Case("V2", "pc01", "全场同一个密码 one password for all", one_password, ALL),
    Case(
        "V2",
        "pc03",
        "服务器上的用户名被锁定 locked out on the server",
        lambda door: door.account("server", "KS03", locked=True),
        allowed("V3 pc03", "V4 pc03"),
    ),
    Case(
        "V2",
        "pc03",
        "密码会过期 the password expires",
        lambda door: door.account("server", "KS03", never_expires=False),
    ),
    Case(
        "V2",
        "server",
        "用户名不按机位次序 accounts not in seat order",
        lambda door: door.do("server", "swap_sids", one="KS01", other="KS02"),
        allowed("V3 pc01", "V3 pc02", "V3 server", "V4 pc01", "V4 pc02"),
    ),
]
