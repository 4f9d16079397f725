"""MS-WKST: what a host is called and which workgroup it is in."""

from __future__ import annotations

from dataclasses import dataclass

from impacket.dcerpc.v5 import wkst

from .rpc import Rpc
from .smb import Server


@dataclass(frozen=True)
class Workstation:
    """WKSTA_INFO_100 (MS-WKST 2.2.5.1): NetBIOS computer name, workgroup or domain, Windows version numbers."""

    computer: str
    workgroup: str
    major: int
    minor: int


def workstation(server: Server) -> Workstation:
    """NetrWkstaGetInfo level 100 (MS-WKST 3.2.4.1)."""
    rpc = Rpc(server, "wkssvc", wkst.MSRPC_UUID_WKST)
    try:
        info = rpc.call(wkst.hNetrWkstaGetInfo, 100)["WkstaInfo"]["WkstaInfo100"]
        return Workstation(
            computer=str(info["wki100_computername"]).rstrip("\0"),
            workgroup=str(info["wki100_langroup"]).rstrip("\0"),
            major=int(info["wki100_ver_major"]),
            minor=int(info["wki100_ver_minor"]),
        )
    finally:
        rpc.close()
