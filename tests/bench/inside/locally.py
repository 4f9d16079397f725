"""The floor: what the cutoff does, done on the server itself by one script: share, accounts, sessions.

Reads one JSON line ``{"share", "accounts", "deadline"}``, waits, acts, and prints when no session was left:
``{"sessions_gone": seconds since 1970}``.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress

#: The same script that Samba runs when a share is deleted over the network.
DELETE_SHARE = "/opt/standin/standin/host/commands/delete-share"
SMB_CONF = "/etc/samba/smb.conf"
LIMIT_S = 30.0


def processes(accounts: set[str]) -> list[int]:
    """The processes that serve sessions of these accounts (Samba has one for each connection)."""
    told = subprocess.run(("smbstatus", "--processes", "--fast", "--json"), capture_output=True, check=True).stdout
    sessions = json.loads(told)["sessions"].values()
    return [int(one["server_id"]["pid"]) for one in sessions if one["username"].casefold() in accounts]


def main() -> int:
    given = json.loads(sys.stdin.readline())
    accounts = {name.casefold() for name in given["accounts"]}
    print("ready", flush=True)
    time.sleep(max(0.0, given["deadline"] - time.time()))
    subprocess.run((DELETE_SHARE, SMB_CONF, given["share"]), check=True, stdout=subprocess.DEVNULL)
    for name in given["accounts"]:
        subprocess.run(("smbpasswd", "-d", name), check=True, stdout=subprocess.DEVNULL)
    while (left := processes(accounts)) and time.time() < given["deadline"] + LIMIT_S:
        for process in left:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGTERM)
    print(json.dumps({"sessions_gone": None if left else time.time()}), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
