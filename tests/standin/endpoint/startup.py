"""What Windows does at a start, as far as the model shows it."""

from __future__ import annotations

from .host import Host
from .initial import LANMAN_PARAMETERS, WINLOGON
from .models.profiles import load_profile
from .registry import Registry, dword_parameters
from .store import State

_VERSION = r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion"
# What Windows has done once it has started.
_DONE_KEYS = (
    rf"{_VERSION}\Component Based Servicing\RebootPending",
    rf"{_VERSION}\WindowsUpdate\Auto Update\RebootRequired",
)
_SESSION_MANAGER = r"HKLM\SYSTEM\CurrentControlSet\Control\Session Manager"


def started(host: Host) -> None:
    """Bring the model up to the start of the host: automatic services run, others do not.

    Called whenever the endpoint starts; does nothing if the host has not been restarted since.
    """
    host.files.prepare()
    boot = host.backend.boot_time()
    with host.store.change() as state:
        if state.get("booted") == boot:
            return
        restarted = "booted" in state
        state["booted"] = boot
        if state["antivirus"]["as_of"] is None:
            # The ages that a bare host has count from its first start on.
            state["antivirus"]["as_of"] = dict.fromkeys(("signature", "quick", "full"), host.clock().isoformat())
        if restarted:
            # The file service reads its settings when it starts, as it also does in models/services.py.
            host.backend.set_file_service_options(dword_parameters(state, LANMAN_PARAMETERS))
        registry = Registry(state["registry"])
        for key in _DONE_KEYS:
            registry.delete_key(key)
        registry.delete(_SESSION_MANAGER, "PendingFileRenameOperations")
        state["signed_in"] = _automatic_account(host, state)
        for profile in state["profiles"].values():
            profile["loaded"] = False
        if state["signed_in"] is not None:
            load_profile(host, state, state["signed_in"])
        for service in state["services"].values():
            if restarted and service["name"] != "LanmanServer":
                service["running"] = service["start_mode"] in {"auto", "delayed"}


def _automatic_account(host: Host, state: State) -> str | None:
    """Who is signed in by the start: the account of automatic sign-in, if it may."""
    registry = Registry(state["registry"])
    wanted, name = (registry.get(WINLOGON, value) for value in ("AutoAdminLogon", "DefaultUserName"))
    if wanted is None or str(wanted.data) != "1" or name is None:
        return None
    user = host.backend.user(str(name.data))
    return None if user is None or user.disabled else user.name
