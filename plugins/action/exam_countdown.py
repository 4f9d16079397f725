"""Show the time that is left until the deadline, and return for each notice to the clients and at the end."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import ansible.module_utils
from ansible.plugins.action import ActionBase

# Ansible puts its configured module_utils before modules only, not before plugins.
ansible.module_utils.__path__.append(str(Path(__file__).resolve().parents[2] / "module_utils"))

from ansible.module_utils.exam_room.cutoff.conduct import who_waits
from ansible.module_utils.exam_room.cutoff.countdown import Countdown
from ansible.module_utils.exam_room.errors import ExamError

ARGUMENTS: dict[str, dict[str, Any]] = {
    "directory": {"type": "path", "required": True},
    "timezone": {"type": "str", "required": True},
    "notices": {"type": "list", "elements": "float", "default": []},
    "since": {"type": "float"},
    "results_file": {"type": "path"},
}


def why_it_ended(results_file: str) -> str:
    """What the process that waited said at its end, where Ansible kept it; empty when it said nothing."""
    try:
        found = json.loads(Path(results_file).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return ""
    return str(found.get("msg", "")) if isinstance(found, dict) else ""


class ActionModule(ActionBase):
    """See library/exam_countdown.py for its documentation."""

    TRANSFERS_FILES = False

    def run(self, tmp: Any = None, task_vars: Any = None) -> dict[str, Any]:
        """Count down on the screen; in check mode nothing is waited for."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        _, options = self.validate_argument_spec(argument_spec=ARGUMENTS)
        if self._task.check_mode:
            return result | {"changed": False, "over": "", "notice": None, "remaining": 0.0}
        directory = Path(options["directory"])
        try:
            outcome = Countdown(
                directory,
                options["timezone"],
                lambda: who_waits(directory),
                time.time,
                time.sleep,
                self._display.display,
            ).run(options["notices"], options["since"])
        except ExamError as error:
            said = why_it_ended(options["results_file"]) if options["results_file"] else ""
            return result | {"failed": True, "msg": "\n".join(filter(None, (said, str(error))))}
        return result | {
            "changed": False,
            "over": outcome.over,
            "notice": outcome.notice,
            "remaining": outcome.remaining_s,
        }
