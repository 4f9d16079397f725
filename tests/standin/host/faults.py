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
import time
from pathlib import Path

from . import system

EVERYTHING = "everything"
POWER = "power"
GONE_WITHIN_S = 2.0


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
    """End Samba's RPC helpers and return when they are gone: they are processes of their own and outlive smbd.

    Looked for again and again: one that was being started is not there at the first look.
    """
    give_up = time.monotonic() + GONE_WITHIN_S
    while (helpers := _rpc_helpers()) and time.monotonic() < give_up:
        for process in helpers:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        time.sleep(0.02)


def _rpc_helpers() -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            # A process that has ended meanwhile has no program any more.
            with contextlib.suppress(OSError):
                if str((entry / "exe").readlink()).startswith("/usr/libexec/samba/"):
                    found.append(int(entry.name))
    return found


def _checked(address: str) -> str:
    return str(ipaddress.IPv4Address(address))


def _table(link: str) -> str:
    return "standin_link_" + (link if link in (EVERYTHING, POWER) else _checked(link).replace(".", "_"))
