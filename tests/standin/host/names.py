"""Computer name and workgroup: what is in force, and what the next start will bring, as on Windows."""

from __future__ import annotations

from dataclasses import dataclass

from . import system

FILE = "names.json"


@dataclass(frozen=True)
class Names:
    """Names now in force and pending ones (None: nothing pending)."""

    computer: str
    workgroup: str
    pending_computer: str | None = None
    pending_workgroup: str | None = None


def names() -> Names:
    """The names of this host."""
    return Names(**system.load(FILE, {"computer": "WIN-STANDIN", "workgroup": "WORKGROUP"}))


def set_names(*, computer: str | None = None, workgroup: str | None = None) -> Names:
    """Ask for new names; they take effect at the next start. A name already in force withdraws what was pending."""
    with system.lock(FILE):
        now = names()
        wanted_computer = now.pending_computer if computer is None else computer
        wanted_workgroup = now.pending_workgroup if workgroup is None else workgroup
        result = Names(
            now.computer,
            now.workgroup,
            None if wanted_computer in (None, now.computer) else wanted_computer,
            None if wanted_workgroup in (None, now.workgroup) else wanted_workgroup,
        )
        system.save(FILE, vars(result))
    return result


def apply_pending() -> Names:
    """Put pending names in force (called while the host starts, with smbd down) and return them."""
    with system.lock(FILE):
        now = names()
        result = Names(now.pending_computer or now.computer, now.pending_workgroup or now.workgroup)
        if result != now:
            put_in_force(result)
            system.save(FILE, vars(result))
    return result


def put_in_force(wanted: Names) -> None:
    """Write the names into Samba. The machine's SID is kept under the name in Samba, so it is set again."""
    sid = machine_sid()
    system.run("net", "conf", "setparm", "global", "netbios name", wanted.computer[:15])
    system.run("net", "conf", "setparm", "global", "workgroup", wanted.workgroup)
    system.run("net", "setlocalsid", sid)


def machine_sid() -> str:
    """The SID under which this machine's accounts live (S-1-5-21-a-b-c)."""
    sid: str = system.settings()["machine_sid"]
    return sid
