"""V1: one workgroup, one range."""

from __future__ import annotations

from sabotage.case import Case

MASK = "255.255.255.0"

CASES = [
    Case("V1", "pc02", "另一个工作组 another workgroup", lambda door: door.do("pc02", "named", workgroup="KAOCHANG2")),
    Case(
        "V1",
        "server",
        "服务器在另一个工作组 the server too",
        lambda door: door.do("server", "named", workgroup="WORKGROUP"),
    ),
    Case("V1", "pc03", "另一个计算机名 another name", lambda door: door.do("pc03", "named", computer="PC33")),
    Case(
        "V1",
        "pc01",
        "还占用服务器的地址 the server's address besides",
        lambda door: door.model("pc01", "network", "more", value=[[door.address("server"), MASK]]),
    ),
    Case(
        "V1",
        "pc02",
        "还占用邻座的地址 the neighbour's address besides",
        lambda door: door.model("pc02", "network", "more", value=[[door.address("pc03"), MASK]]),
    ),
]
