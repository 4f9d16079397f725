"""V6: the cut can be made. V7: the discs can be burned. V8: no restore card on the server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

from sabotage.case import Case, allowed
from sabotage.door import Door

SWITCH = "\\exam\\cut off at the deadline"
SCRIPT = r"C:\Program Files\ExamRoom\Stop-ExamSession.ps1"
DVD = 4_700_372_992
# A CD-R of 8 cm: too small for three seats.
SMALL = 194_641_920


@contextmanager
def switch(door: Door, *path: str | int, value: object) -> Iterator[None]:
    """Something of the dead-man's switch."""
    with door.model("server", "tasks", SWITCH, *path, value=value):
        yield


def disc(door: Door, kind: str = "DVD+R", size: int = DVD, state: str = "blank") -> AbstractContextManager[None]:
    """Another disc lies in the server's burner."""
    medium = {"kind": kind, "bytes": size, "state": state, "label": ""}
    return door.model("server", "optical", 0, "medium", value=medium)


@contextmanager
def runs_elsewhere(door: Door) -> Iterator[None]:
    """The switch runs a script of the same name that lies somewhere else."""
    arguments = door.value("server", "tasks", SWITCH, "actions", 0, "arguments")
    with switch(door, "actions", 0, "arguments", value=arguments.replace(r"C:\Program Files", r"C:\Users\Public")):
        yield


@contextmanager
def write_filter_on(door: Door) -> Iterator[None]:
    """The feature is there, and protects the drive of the results."""
    state = {"enabled": True, "volumes": ["D"], "exclusions": []}
    both = state | {f"{name}_next": value for name, value in state.items()}
    driver = {"name": "uwfvol", "start_mode": "Boot", "running": True}
    with door.model("server", "drivers", "uwfvol", value=driver), door.model("server", "uwf", value=both):
        yield


CASES = [
    Case("V6", "server", "开关已停用 the switch is off", lambda door: switch(door, "enabled", value=False)),
    Case("V6", "server", "没有开关 no switch", lambda door: door.without("server", "tasks", SWITCH)),
    Case("V6", "server", "开关的脚本是空的 its script is empty", lambda door: door.file("server", SCRIPT, b"")),
    Case(
        "V6", "server", "开关的脚本被改 its script is changed", lambda door: door.file("server", SCRIPT, b"exit 0\r\n")
    ),
    Case("V6", "server", "开关运行别处的脚本 it runs another script", runs_elsewhere),
    Case(
        "V6",
        "server",
        "开关每小时才看一次 it looks each hour only",
        lambda door: switch(door, "triggers", 0, "repetition", value={"interval": "PT1H"}),
    ),
    Case(
        "V6",
        "server",
        "开机后不看 not after a boot",
        lambda door: door.without("server", "tasks", SWITCH, "triggers", 1),
    ),
    Case(
        "V6",
        "server",
        "用电池时不看 not on batteries",
        lambda door: switch(door, "disallow_start_if_on_batteries", value=True),
    ),
    Case(
        "V6",
        "server",
        "共享可脱机使用 the share may be used offline",
        lambda door: door.do("server", "share_setting", name="exam", key="csc policy", value="documents"),
    ),
    Case(
        "V6",
        "server",
        "共享可缓存写入 writes may be cached",
        lambda door: door.do("server", "share_setting", name="exam", key="standin:flags", value="34816"),
    ),
    Case("V6", "server", "服务器的时钟快 5 分钟 the clock is 5 minutes ahead", lambda door: door.clock("server", 300)),
    Case("V6", "pc02", "客户端的时钟慢 5 分钟 the client's clock is behind", lambda door: door.clock("pc02", -300)),
    Case("V7", "server", "没有光驱 no drive", lambda door: door.fault("server", "no-burner")),
    Case(
        "V7",
        "server",
        "光驱不能刻录 a drive that only reads",
        lambda door: door.model("server", "optical", 0, "capabilities", value=[3, 7]),
    ),
    Case(
        "V7",
        "server",
        "刻录机里没有光盘 no disc in the burner",
        lambda door: door.model("server", "optical", 0, "medium", value=None),
    ),
    Case("V7", "server", "光盘太小 a disc too small", lambda door: disc(door, kind="CD-R", size=SMALL)),
    Case("V7", "server", "光盘已写过 a disc that is not blank", lambda door: disc(door, state="written")),
    Case("V7", "server", "可重写的光盘 a rewritable disc", lambda door: disc(door, kind="DVD+RW")),
    Case(
        "V7", "server", "只读的光盘 a disc that is only read", lambda door: disc(door, kind="DVD-ROM", state="written")
    ),
    Case(
        "V7",
        "server",
        "服务器的盘已满 the volume is full",
        lambda door: door.fault("server", "full"),
        # No seat can save anything then, and what the trial saves arrives empty.
        allowed(*(f"{clause} pc0{number}" for clause in ("V3", "V4", "V7") for number in (1, 2, 3))),
    ),
    Case(
        "V8",
        "server",
        "服务器有影子系统 a shadow system at work on the server",
        lambda door: door.model(
            "server", "drivers", "diskpt", value={"name": "diskpt", "start_mode": "Boot", "running": True}
        ),
    ),
    Case(
        "V8",
        "server",
        "服务器的写筛选器已打开 the server's write filter is on",
        write_filter_on,
    ),
]
