"""What Windows does at a start, as far as the model shows it."""

from __future__ import annotations

from .host import Host
from .initial import LANMAN_PARAMETERS
from .registry import dword_parameters


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
        if restarted:
            # The file service reads its settings when it starts, as it also does in models/services.py.
            host.backend.set_file_service_options(dword_parameters(state, LANMAN_PARAMETERS))
        for profile in state["profiles"].values():
            profile["loaded"] = False
        for service in state["services"].values():
            if restarted and service["name"] != "LanmanServer":
                service["running"] = service["start_mode"] in {"auto", "delayed"}
