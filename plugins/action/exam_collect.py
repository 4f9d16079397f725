"""Run the module of the same name and show meanwhile how far it has come."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import ansible.module_utils
from ansible.plugins.action import ActionBase

# Ansible puts its configured module_utils before modules only, not before plugins.
ansible.module_utils.__path__.append(str(Path(__file__).resolve().parents[2] / "module_utils"))

from ansible.module_utils.exam_room.collect.progress import Shown


class ActionModule(ActionBase):
    """See library/exam_collect.py for its documentation."""

    TRANSFERS_FILES = False

    def run(self, tmp: Any = None, task_vars: Any = None) -> dict[str, Any]:
        """The module's result."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        with Shown(Path(str(self._task.args.get("directory", ""))), self._display.display):
            result |= self._execute_module(task_vars=task_vars)
        return result
