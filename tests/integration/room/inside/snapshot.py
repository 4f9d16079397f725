"""Runs inside a stand-in host: everything there that a playbook could have changed, printed as one JSON object.

Read from the host's own files and from Samba, not by the product: what was touched shows whoever touched it.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

from standin import samba

STATE = Path("/var/lib/standin")
DRIVES = Path("/srv")


def drives() -> dict[str, list[Any]]:
    """Everything on C: and D: with mode, size and time of change (of files), and the Windows descriptor."""
    found: dict[str, list[Any]] = {}
    for path in sorted(DRIVES.rglob("*")):
        about = path.lstat()
        # What a folder holds is listed; its time also moves when something came and went, as in C:\\Windows\\Temp.
        size, changed = (0, 0) if path.is_dir() else (about.st_size, about.st_mtime_ns)
        descriptor = b"".join(
            os.getxattr(path, name, follow_symlinks=False)
            for name in sorted(os.listxattr(path, follow_symlinks=False))
            if name.endswith("NTACL")
        )
        found[str(path)] = [about.st_mode, size, changed, hashlib.sha256(descriptor).hexdigest()]
    return found


def main() -> None:
    print(
        json.dumps(
            {
                "model": {name: json.loads((STATE / name).read_text()) for name in ("state.json", "names.json")},
                "boot": json.loads((STATE / "boot.json").read_text()),
                "accounts": [asdict(user) for user in samba.users()],
                "groups": [asdict(group) for group in samba.groups()],
                "shares": [asdict(share) for share in samba.shares()],
                "file_service": {**samba.options(), "running": samba.server_running()},
                "drives": drives(),
            }
        )
    )


if __name__ == "__main__":
    main()
