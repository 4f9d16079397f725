"""Put one program on a Windows host in one call of its connection."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ansible.errors import AnsibleError
from ansible.plugins.action import ActionBase

ARGUMENTS: dict[str, dict[str, Any]] = {
    "src": {"type": "path", "required": True},
    "dest": {"type": "str", "required": True},
}
# What every program of Windows begins with (PE format, MS-DOS stub).
_PROGRAM = b"MZ"


def refusal(source: Path) -> str:
    """Why this file is none to send; empty for one that is."""
    try:
        with source.open("rb") as content:
            begins = content.read(2)
    except OSError as error:
        return f"读不到 {source}（{error.strerror}）\n{source} cannot be read: {error.strerror}"
    if begins != _PROGRAM:
        return (
            f"{source} 不是 Windows 程序，可能没有下载完整，请重新下载\n"
            f"{source} is no program of Windows; it may not have come whole: fetch it again"
        )
    return ""


class ActionModule(ActionBase):
    """See library/exam_upload.py for its documentation."""

    TRANSFERS_FILES = False

    def run(self, tmp: Any = None, task_vars: Any = None) -> dict[str, Any]:
        """Send the file; the connection itself compares the hashes (SHA-1) when all of it has arrived."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        _, options = self.validate_argument_spec(argument_spec=ARGUMENTS)
        source = Path(options["src"])
        if why := refusal(source):
            return result | {"failed": True, "msg": why}
        if not self._task.check_mode:
            try:
                self._transfer_file(str(source), options["dest"])
            except AnsibleError as error:
                return result | {
                    "failed": True,
                    "msg": f"{source.name} 没有传到这台计算机\n{source.name} did not get to this computer: {error}",
                }
        return result | {"changed": True, "size": source.stat().st_size}
