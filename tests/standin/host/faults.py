"""Cables and RPC helpers of a host, for faults that are switched from outside (../faults.py).

A cut link drops packets both ways: nothing is reset, and either end notices by its own timers. The tables belong to the
cable, not to the host: a restart leaves them as they are.
"""

from __future__ import annotations

import contextlib
import ipaddress
import os
import signal
import subprocess
from pathlib import Path

from . import system

EVERYTHING = "everything"
POWER = "power"


def cut(link: str) -> None:
    """Drop all packets to and from an address, or with EVERYTHING or POWER all that leave or reach the host."""
    to, of = ("", "") if link in (EVERYTHING, POWER) else (f"ip daddr {_checked(link)} ", f"ip saddr {_checked(link)} ")
    mend(link)
    system.run(
        "nft",
        "-f",
        "-",
        stdin=f"table inet {_table(link)} {{\n"
        f" chain in {{ type filter hook prerouting priority -350; iif != lo {of}drop; }}\n"
        f" chain out {{ type filter hook postrouting priority 350; oif != lo {to}drop; }}\n}}\n",
    )


def mend(link: str) -> None:
    """Let packets pass again; fine if they do."""
    system.run("nft", "-f", "-", stdin=f"table inet {_table(link)}\ndelete table inet {_table(link)}\n")


def forget_connections() -> None:
    """Take the kernel's TCP connections away, so that it retransmits nothing for processes that are gone."""
    subprocess.run(("ss", "--kill", "--tcp", "state", "connected"), stdout=subprocess.DEVNULL, check=False)


def end_rpc_helpers() -> None:
    """End Samba's RPC helpers: they are processes of their own and outlive smbd."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                if str((entry / "exe").readlink()).startswith("/usr/libexec/samba/"):
                    os.kill(int(entry.name), signal.SIGKILL)


def _checked(address: str) -> str:
    return str(ipaddress.IPv4Address(address))


def _table(link: str) -> str:
    return "standin_link_" + (link if link in (EVERYTHING, POWER) else _checked(link).replace(".", "_"))
