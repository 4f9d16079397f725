"""The same questions in the way that testinfra offers for Windows: ``host.ansible``, a module for each, one by one.

Only what a module of Ansible answers without changing anything. For workgroup, drives, antivirus, restore cards and
much else of an inspection's evidence there is none, so that an inspection asks more than this.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import testinfra

from exam_room.look.policies import POLICIES
from exam_room.look.sections import SERVICES, WINLOGON

SEATS: Final = 3


@dataclass(frozen=True)
class Asked:
    """How many questions each seat was asked, and the seconds of all seats together."""

    questions: int
    seconds: float

    def line(self) -> str:
        each = self.seconds / (SEATS * self.questions)
        total = f"host.ansible {SEATS} seats: total {self.seconds:.1f} s"
        return f"{total}, {self.questions} questions a host, {each:.2f} s each"


def questions() -> Iterator[tuple[str, str]]:
    """Module and arguments of what is asked of a client."""
    for service in SERVICES:
        yield "ansible.windows.win_service_info", f"name={service}"
    for policy in POLICIES:
        yield "ansible.windows.win_reg_stat", rf"path='HKLM:\{policy.key}' name={policy.name}"
    for value in ("AutoAdminLogon", "DefaultUserName", "DefaultDomainName"):
        yield "ansible.windows.win_reg_stat", rf"path='HKLM:\{WINLOGON}' name={value}"
    yield "ansible.windows.win_stat", r"path='C:\Program Files\Exam\Connect-ExamFolder.ps1'"


def ask(names: Sequence[str], environment: Mapping[str, str]) -> Asked:
    """Ask the seats ``names``; ``environment`` says which room it is."""
    os.environ.update(environment)
    asked = list(questions())
    begun = time.monotonic()
    for name in names:
        host = testinfra.get_host(f"ansible://{name}?ansible_inventory=inventories/rehearsal")
        for module, arguments in asked:
            host.ansible(module, arguments, check=False)
    return Asked(len(asked), time.monotonic() - begun)
