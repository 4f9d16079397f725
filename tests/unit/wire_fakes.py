"""Fakes of the wire: a share in memory and an account domain in memory."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from exam_room.wire import samr, security
from exam_room.wire.smbentry import ATTRIBUTE_DIRECTORY, Entry
from exam_room.wire.smberrors import NotFound, connection_lost, from_status

INHERITED = security.Descriptor(
    "S-1-5-21-1-2-3-500", None, (security.Ace(0, 0x13, security.FULL, security.EVERYONE),), False
)


class FakeHandle:
    """An open file in memory."""

    def __init__(self, entry: Entry, data: bytes) -> None:
        self.entry = entry
        self._data = data

    def read(self, offset: int, length: int) -> bytes:
        return self._data[offset : offset + length]

    def chunks(self) -> Iterator[bytes]:
        yield self._data


class FakeShare:
    """smbfiles.Share in memory: ``files`` holds content by path, None for folders."""

    def __init__(self) -> None:
        self.files: dict[str, bytes | None] = {}
        self.security: dict[str, security.Descriptor] = {}
        self.writes = 0

    def stat(self, path: str) -> Entry | None:
        if path not in self.files:
            return None
        content = self.files[path]
        attributes = ATTRIBUTE_DIRECTORY if content is None else 0x80
        return Entry(path, len(content or b""), 0, 0, 0, attributes)

    def listdir(self, path: str) -> list[Entry]:
        if path not in self.files:
            raise from_status("STATUS_OBJECT_NAME_NOT_FOUND", path)
        found = [self.stat(name) for name in sorted(self.files) if name.rpartition("\\")[0] == path]
        return [entry for entry in found if entry]

    def walk(self, path: str) -> Iterator[Entry]:
        for entry in self.listdir(path):
            yield entry
            if entry.is_dir:
                yield from self.walk(entry.path)

    def makedirs(self, path: str) -> list[str]:
        made = []
        parts = path.split("\\")
        for depth in range(1, len(parts) + 1):
            folder = "\\".join(parts[:depth])
            if folder not in self.files:
                self.files[folder] = None
                self.security[folder] = INHERITED
                made.append(folder)
                self.writes += 1
        return made

    def remove_tree(self, path: str) -> int:
        doomed = [name for name in self.files if name == path or name.startswith(path + "\\")]
        for name in doomed:
            del self.files[name]
        self.writes += len(doomed)
        return len(doomed)

    def get_security(self, path: str) -> bytes:
        return self.security[path].to_bytes()

    def set_security(self, path: str, descriptor: bytes, owner: bool = False) -> None:
        self.security[path] = dataclasses.replace(security.Descriptor.from_bytes(descriptor))
        self.writes += 1

    @contextmanager
    def open_read(self, path: str) -> Iterator[Any]:
        entry = self.stat(path)
        if entry is None:
            raise from_status("STATUS_OBJECT_NAME_NOT_FOUND", path)
        yield FakeHandle(entry, self.files[path] or b"")

    def write(self, path: str, chunks: bytes | Iterable[bytes]) -> int:
        data = chunks if isinstance(chunks, bytes) else b"".join(chunks)
        self.files[path] = data
        self.writes += 1
        return len(data)

    def remove(self, path: str) -> None:
        if path not in self.files:
            raise from_status("STATUS_OBJECT_NAME_NOT_FOUND", path)
        del self.files[path]
        self.writes += 1

    def rename(self, old: str, new: str, replace: bool = False) -> None:
        moved = {name: data for name, data in self.files.items() if name == old or name.startswith(old + "\\")}
        if not moved:
            raise NotFound("", "", "STATUS_OBJECT_NAME_NOT_FOUND")
        for name, data in moved.items():
            del self.files[name]
            self.files[new + name[len(old) :]] = data
        self.security[new] = self.security[old]
        self.writes += 1


class FakeUser:
    """An account in memory; every change is counted in its domain."""

    def __init__(self, domain: FakeDomain, name: str) -> None:
        self._domain = domain
        self._name = name

    @property
    def _account(self) -> dict[str, Any]:
        return self._domain.accounts[self._name]

    def read(self, name: str) -> samr.Account:
        held = self._account
        return samr.Account(
            name, held["rid"], f"S-1-5-21-1-2-3-{held['rid']}", held["flags"], held["comment"], held["may_change"]
        )

    def _put(self, key: str, value: Any) -> None:
        self._account[key] = value
        self._domain.writes += 1

    def set_password(self, password: str) -> None:
        if self._name in self._domain.refuse_password:
            raise from_status("STATUS_PASSWORD_RESTRICTION", self._name)
        if self._domain.forced_status.get(self._name) == "STATUS_ACCOUNT_LOCKED_OUT":
            del self._domain.forced_status[self._name]
        self._put("password", password)

    def set_comment(self, comment: str) -> None:
        self._put("comment", comment)

    def flags(self) -> int:
        held: int = self._account["flags"]
        return held

    def set_flags(self, flags: int) -> None:
        self._put("flags", flags)

    def expires(self) -> float | None:
        held: float | None = self._account["expires"]
        return held

    def set_expires(self, moment: float | None) -> None:
        self._put("expires", moment)

    def forbid_password_change(self) -> None:
        self._put("may_change", False)

    def delete(self) -> None:
        del self._domain.accounts[self._name]
        self._domain.writes += 1

    def close(self) -> None:
        return


class FakeDomain:
    """A host with accounts in memory (accounts.Host and accounts.Directory in one).

    ``lose`` is how many of the next connections are lost; ``gone`` are accounts that are listed and no longer there.
    """

    def __init__(self) -> None:
        self.accounts: dict[str, dict[str, Any]] = {"Administrator": self._blank(500)}
        self.writes = 0
        self.logons: list[str] = []
        self.refuse_password: set[str] = set()
        self.forced_status: dict[str, str] = {}
        self.lose = 0
        self.gone: set[str] = set()

    @staticmethod
    def _blank(rid: int) -> dict[str, Any]:
        return {
            "rid": rid,
            "flags": samr.NORMAL_ACCOUNT | samr.DISABLED,
            "comment": "",
            "may_change": True,
            "password": None,
            "expires": None,
        }

    @contextmanager
    def directory(self) -> Iterator[FakeDomain]:
        if self.lose:
            self.lose -= 1
            raise connection_lost("server", "lost")
        yield self

    def names(self) -> dict[str, int]:
        return {name: account["rid"] for name, account in self.accounts.items()}

    def open(self, rid: int) -> FakeUser:
        if rid in {self.accounts[name]["rid"] for name in self.gone}:
            raise NotFound("没有", "gone", samr.NO_SUCH_USER)
        return FakeUser(self, next(name for name, one in self.accounts.items() if one["rid"] == rid))

    def create(self, name: str) -> FakeUser:
        self.accounts[name] = self._blank(1000 + len(self.accounts))
        self.writes += 1
        return FakeUser(self, name)

    def try_logon(self, name: str, password: str) -> str:
        self.logons.append(name)
        account = self.accounts[name]
        if name in self.forced_status:
            return self.forced_status[name]
        if account["password"] != password:
            return "STATUS_LOGON_FAILURE"
        return "STATUS_ACCOUNT_DISABLED" if account["flags"] & samr.DISABLED else "STATUS_SUCCESS"
