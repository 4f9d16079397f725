"""What waits for the next start of a host."""

from __future__ import annotations

from exam_room.look import facts
from exam_room.wire.wsman import Login
from standin.endpoint.commands import Commands
from standin.endpoint.host import Host
from standin.endpoint.payload import ModuleCall
from standin.endpoint.registry import Registry
from standin.endpoint.startup import started

CURRENT = r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion"
SESSIONS = r"HKLM\SYSTEM\CurrentControlSet\Control\Session Manager"


def test_what_waits_for_the_next_start(host: Host, login: Login) -> None:
    nothing = dict.fromkeys(("servicing", "updates", "file_renames"), False)
    names = {"name": "WIN-STANDIN", "next_name": "WIN-STANDIN"}
    assert facts.gather(login, "server")["restart_pending"] == {"value": nothing | names}
    with host.store.change() as state:
        registry = Registry(state["registry"])
        registry.create_key(rf"{CURRENT}\Component Based Servicing\RebootPending")
        registry.create_key(rf"{CURRENT}\WindowsUpdate\Auto Update\RebootRequired")
        # A file that is deleted: the second of the pair is empty.
        registry.set(SESSIONS, "PendingFileRenameOperations", "multistring", [r"\??\C:\Temp\old.dll", ""])
    renamed = ModuleCall("ansible.windows.win_hostname", {"name": "SERVER"}, False, False)
    assert Commands(host).module(renamed)["reboot_required"]
    waiting = dict.fromkeys(nothing, True) | names | {"next_name": "SERVER"}
    assert facts.gather(login, "server")["restart_pending"] == {"value": waiting}
    host.backend.reboot()
    started(host)
    assert facts.gather(login, "server")["restart_pending"] == {
        "value": nothing | dict.fromkeys(("name", "next_name"), "SERVER")
    }
