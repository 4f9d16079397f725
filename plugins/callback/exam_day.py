"""Keep every step of the exam day inside its time limit, and close it with one line a host."""

from __future__ import annotations

import os
import resource
import signal
import sys
from types import FrameType
from typing import Any

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: exam_day
type: aggregate
short_description: Time limits of the steps, and a closing account of every host
description:
  - Ends a play that exceeds its C(exam_time_limit) (seconds, a variable of the play; 1800 where a play has none).
    Ansible can hang on WinRM, and an invigilator must not wait for ever.
  - At the end of a run it prints one line for each host of the inventory, Chinese first. A host of which nothing was
    heard, or that the step does not concern, is named too.
  - Raises the limit of open files as far as allowed, because Ansible drops hosts silently when it is too low.
"""

DEFAULT_LIMIT = 1800
EXIT_OUT_OF_TIME = 124


class CallbackModule(CallbackBase):
    """One instance a run, in the main process only."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "exam_day"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self) -> None:
        super().__init__()
        self._inventory: set[str] = set()
        self._expected: set[str] = set()
        self._looked_at: set[str] = set()
        self._not_reached: dict[str, str] = {}
        self._play = ""
        self._main_process = os.getpid()
        # A worker inherits the handler, and Ansible refuses the time limit of a task where there is one.
        os.register_at_fork(after_in_child=lambda: signal.signal(signal.SIGALRM, signal.SIG_DFL))

    def v2_playbook_on_start(self, playbook: Any) -> None:
        """Room for the connections of a full room (ansible/ansible#82471)."""
        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))

    def v2_playbook_on_play_start(self, play: Any) -> None:
        """Arm the limit of this play and note which hosts it owes an account of."""
        self._play = play.get_name().strip()
        manager = play.get_variable_manager()
        hosts = manager._inventory.get_hosts(play.hosts)
        self._expected.update(host.get_name() for host in hosts)
        self._inventory.update(
            host.get_name() for host in manager._inventory.get_hosts("all", ignore_restrictions=True)
        )
        signal.signal(signal.SIGALRM, self._out_of_time)
        signal.alarm(int(play.get_vars().get("exam_time_limit", DEFAULT_LIMIT)))

    def _out_of_time(self, signum: int, frame: FrameType | None) -> None:
        if os.getpid() != self._main_process:
            return
        self._display.error(f"步骤超时，已停止: {self._play}\nout of time, stopped: {self._play}", wrap_text=False)
        # SystemExit passes Ansible's own handlers and still lets it end its workers.
        sys.exit(EXIT_OUT_OF_TIME)

    def v2_runner_on_ok(self, result: Any) -> None:
        """Note which hosts the look from the inside did not reach, and why: the plays leave those out."""
        if result.task.action == "exam_facts":
            self._not_reached.update(result.result.get("not_reached", {}))
            self._looked_at.update(result.result.get("hosts", {}))

    def v2_playbook_on_stats(self, stats: Any) -> None:
        """Account for every host: 完成 done, 失败 failed, 无法连接 unreachable, 没有结果 nothing heard."""
        signal.alarm(0)
        rooms = sorted((self._expected | self._inventory) - {"localhost"})
        if not rooms:
            return
        self._display.banner("各主机结果 / every host")
        for host in rooms:
            counts = stats.summarize(host)
            if host in self._not_reached:
                reason = " | ".join(self._not_reached[host].splitlines())
                text, colour = f"无法连接 unreachable: {reason}", "red"
            elif host not in self._expected:
                looked_at = host in self._looked_at
                text = "已查看 looked at" if looked_at else "本步骤不涉及 not part of this step"
                colour = "green" if looked_at else "bright gray"
            elif counts["unreachable"]:
                text, colour = "无法连接 unreachable", "red"
            elif counts["failures"]:
                text, colour = "失败 failed", "red"
            elif host not in stats.processed:
                text, colour = "没有结果 nothing heard", "yellow"
            else:
                text, colour = "完成 done", "green"
            self._display.display(f"{host:<16} {text}", color=colour)
