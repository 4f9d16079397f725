"""A candidate at work, in a process of its own: writes all the time through one handle, then tries to come back.

Prints ``ready`` once the first write is through, or why there was none. Told to stop, it writes once more and prints
one JSON line: ``last_ok`` (the last acknowledged write, seconds since 1970), ``broken`` (what ended it), ``broken_at``
(when) and ``back`` (successes after that).
"""

from __future__ import annotations

import json
import select
import sys
import time
from typing import Any

from smbprotocol.exceptions import SMBException
from smbprotocol.open import CreateDisposition, ImpersonationLevel, Open, ShareAccess

from exam_room.wire import smb
from exam_room.wire.smberrors import SmbError

BLOCK = b"x" * 8192
# A Windows client waits 60 s for an answer; a busy machine that answers late must not look like an end.
PATIENCE_S = 60
#: Far more than a person writes, and it leaves the machine to others.
PAUSE_S = 0.005


def _told_to_stop() -> bool:
    return bool(select.select([sys.stdin], [], [], 0)[0])


def _write(login: smb.Login, share: str, account: str, result: dict[str, Any]) -> None:
    with smb.connect(login, PATIENCE_S) as server:
        handle = Open(server.share(share).tree, f"{account}\\工作.bin")
        everything = ShareAccess.FILE_SHARE_READ | ShareAccess.FILE_SHARE_WRITE
        handle.create(ImpersonationLevel.Impersonation, 0x12019F, 0, everything, CreateDisposition.FILE_OPEN_IF, 0)
        offset = 0
        while not _told_to_stop():
            handle.write(BLOCK, offset)
            if not result["last_ok"]:
                print("ready", flush=True)
            result["last_ok"] = time.time()
            offset = (offset + len(BLOCK)) % (64 * len(BLOCK))
            time.sleep(PAUSE_S)
        handle.write(BLOCK, offset)
        result["last_ok"] = time.time()


def main() -> None:
    """Arguments: address, account, password, share."""
    address, account, password, share = sys.argv[1:]
    result: dict[str, Any] = {"account": account, "last_ok": 0.0, "broken": None, "broken_at": 0.0, "back": 0}
    login = smb.Login(address, account, password)
    try:
        _write(login, share, account, result)
    except (SMBException, SmbError, OSError, ValueError) as error:
        if not result["last_ok"]:
            print(f"could not begin: {error}", flush=True)
            return
        result["broken_at"] = time.time()
        result["broken"] = f"{type(error).__name__}: {error}"
    while not _told_to_stop():
        try:
            with smb.connect(login, 5) as server:
                server.share(share).listdir(account)
                result["back"] += 1
        except SmbError:
            time.sleep(0.05)
    print(json.dumps(result), flush=True)


if __name__ == "__main__":
    main()
