"""Which folder the log-on task of an account maps to which drive, as the task and its script say."""

from __future__ import annotations

import re

from ..endpoint.files import PathError, WindowsFiles
from ..endpoint.initial import WINLOGON
from ..endpoint.registry import Registry
from ..endpoint.scripts import digest
from ..endpoint.store import State
from .task_parameters import parameters

CONNECT_EXAM_FOLDER = "72e594b48afd6c84d41c4f839c4d97f6354fe53fccfe0eff8eef6c5ff4e40438"
# How often the script is refused before it stops trying.
REFUSALS_AT_MOST = 3
UNC = re.compile(r"^\\\\(?P<server>[^\\]+)\\(?P<share>[^\\]+)\\(?P<folder>.+)$")


class SignInError(Exception):
    """This client cannot sign anybody in, or its log-on task is not one that is known here."""


def automatic_account(state: State) -> tuple[str, str]:
    """Account and password of automatic sign-in."""
    registry = Registry(state["registry"])
    enabled = registry.get(WINLOGON, "AutoAdminLogon")
    account = registry.get(WINLOGON, "DefaultUserName")
    password = state["lsa_secrets"].get("DefaultPassword")
    if enabled is None or str(enabled.data) != "1" or account is None or not account.data or not password:
        raise SignInError("nobody signs in automatically on this client")
    return str(account.data), str(password)


def mapped_drive(state: State, files: WindowsFiles, sid: str) -> tuple[str, str]:
    """The UNC path that the log-on task of the account with ``sid`` maps, and the letter of the drive."""
    for task in state["tasks"].values():
        if not task["enabled"] or task["user"] != sid:
            continue
        if not any(trigger["type"] == "logon" for trigger in task["triggers"]):
            continue
        for action in task["actions"]:
            options = parameters(action["arguments"] or "")
            if "File" not in options:
                continue
            try:
                text = files.real(options["File"]).read_text(encoding="utf-8-sig")
            except (OSError, PathError) as error:
                raise SignInError(f"{options['File']} cannot be run: {error}") from error
            if digest(text) != CONNECT_EXAM_FOLDER:
                raise SignInError(
                    f"{options['File']} is not the script that this model was written for: compare "
                    "Connect-ExamFolder.ps1 of roles/drive_mapping with standin/host/sign_in.py, then change the hash"
                )
            return options["Path"], options["Letter"]
    raise SignInError("no log-on task maps the exam folder for this account")
