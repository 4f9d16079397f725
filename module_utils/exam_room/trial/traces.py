"""What a trial makes on the server, and taking all of it away: also what a trial that was killed has left."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, Protocol

from ..errors import ExamError
from ..wire import smb, srvsvc
from ..wire.smbentry import Entry, join
from ..wire.smberrors import NotFound
from ..wire.srvsvc import ShareName

SHARE: Final = "exam-trial"
#: Beside the candidates' folders, never in them; relative to the volume.
FOLDER: Final = r"Exam\trial"
#: What the seat's script writes: the computer's name, and the SHA-256 of the content.
SEAT_FILE: Final = re.compile(r"~exam-trial-(?P<computer>.+)-(?P<sha256>[0-9a-f]{64})\.tmp", re.IGNORECASE)


class Files(Protocol):
    """What is needed of a share: smbfiles.Share, or a fake."""

    def stat(self, path: str) -> Entry | None: ...
    def listdir(self, path: str) -> list[Entry]: ...
    def remove_tree(self, path: str) -> int: ...


class Service(Protocol):
    """What is needed of srvsvc.ServerService."""

    def shares(self) -> Sequence[ShareName]: ...
    def delete_share(self, name: str) -> bool: ...


class Room(Protocol):
    """Where a trial takes place: trial.cut.Request or look.look.Request, which say what is what."""

    @property
    def login(self) -> smb.Login: ...
    @property
    def share(self) -> str: ...
    @property
    def volume(self) -> str: ...
    @property
    def root(self) -> str: ...
    @property
    def accounts(self) -> list[str]: ...
    @property
    def timeout(self) -> float: ...


def clean(room: Room) -> list[str]:
    """Remove what a trial has left; what it was."""
    check_names(room.share, room.root)
    with smb.connect(room.login, room.timeout) as server, srvsvc.server_service(server) as service:
        return remove(service, server.share(room.volume), room.root, room.accounts)


def find(room: Room) -> list[str]:
    """What a trial has left."""
    with smb.connect(room.login, room.timeout) as server, srvsvc.server_service(server) as service:
        return left(service, server.share(room.volume), room.root, room.accounts)


def check_names(share: str, root: str) -> None:
    """ExamError where the room's own share or folder bears the trial's name: the trial would remove it."""
    if share.casefold() == SHARE or root.strip("\\").casefold() == FOLDER.casefold():
        raise ExamError(
            f"考试共享不能叫 {SHARE}，考试文件夹不能是 {FOLDER}：考前试断连要用这两个名称",
            f"the exam share must not be {SHARE}, nor the candidates' folder {FOLDER}: the trial uses these names",
        )


def is_shared(service: Service, name: str) -> bool:
    """Whether the server lists the share: asked for by name, Samba may still know one that is gone."""
    return name.casefold() in {one.name.casefold() for one in service.shares()}


def seat_files(files: Files, root: str, accounts: Sequence[str]) -> dict[str, list[Entry]]:
    """What seats' scripts have written, by the account in whose folder it lies; no folder holds nothing."""
    found: dict[str, list[Entry]] = {}
    for account in accounts:
        try:
            entries = files.listdir(join(root, account))
        except NotFound:
            continue
        found[account] = [one for one in entries if not one.is_dir and SEAT_FILE.fullmatch(one.name)]
    return found


def left(service: Service, files: Files, root: str, accounts: Sequence[str]) -> list[str]:
    """What there is of a trial: the share, the folder, the seats' files; paths are relative to the volume."""
    found = [SHARE] if is_shared(service, SHARE) else []
    found += [FOLDER] if files.stat(FOLDER) is not None else []
    return found + [entry.path for entries in seat_files(files, root, accounts).values() for entry in entries]


def remove(service: Service, files: Files, root: str, accounts: Sequence[str]) -> list[str]:
    """Take it all away; what was there. Once the share is gone nobody has its files open."""
    found = left(service, files, root, accounts)
    for one in found:
        if one == SHARE:
            service.delete_share(SHARE)
        else:
            files.remove_tree(one)
    return found
