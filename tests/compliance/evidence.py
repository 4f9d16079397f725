"""Reading evidence: what a rule asks for, and the two ways in which it says that it cannot or need not judge.

A rule asserts what has to hold. It raises UnknownError when what it needs could not be read, and NotApplicable when
what it judges does not concern this room or this exam.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

SCHEMAS: Mapping[str, int] = {"plan": 1, "outside": 1, "restore_cards": 1, "trial": 1, "inside": 1, "waivers": 1}
"""The newest schema of each document that these rules understand (docs/inspection.md)."""


class UnknownError(Exception):
    """What a rule needs could not be read; the message says why."""


class NotApplicable(Exception):
    """What a rule judges does not concern this room or this exam; the message says why."""


@dataclass
class Finding:
    """What the inspector reads of one rule on one host.

    ``mend`` is a playbook with its options, such as ``prepare.yml --limit pc07,localhost --tags network``, or a
    sentence.
    ``host`` is for a rule that judges one host without a fixture that names it, such as the server.
    """

    expected: str = ""
    actual: str = ""
    mend: str = ""
    host: str = ""


@dataclass(frozen=True)
class Evidence:
    """What inspect collected in ``folder``: plan, outside, trial, restore_cards, waivers and inside/HOST as .json."""

    folder: Path
    asked: list[dict[str, Any]] = field(default_factory=list, compare=False)
    """What was read since the list was emptied: document, section and when the host was asked (null: not said)."""
    _read: dict[str, Any] = field(default_factory=dict, compare=False)

    def _document(self, name: str) -> Any:
        """One document; UnknownError where it is missing, damaged, of a newer schema or of another host."""
        if name not in self._read:
            try:
                document = json.loads((self.folder / name).read_text(encoding="utf-8"))
            except FileNotFoundError as error:
                raise UnknownError(f"没有证据文件 {name}（no evidence document {name}）") from error
            except (OSError, ValueError) as error:
                raise UnknownError(
                    f"读不懂证据文件 {name}（evidence document {name} cannot be read）: {error}"
                ) from error
            _check(name, document)
            self._read[name] = document
        return self._read[name]

    @cached_property
    def plan(self) -> dict[str, Any]:
        """The room and its seats, as the session and the inventory say."""
        return self._document("plan.json")  # type: ignore[no-any-return]

    def check_room(self) -> None:
        """UnknownError where plan.json does not tell the room: nothing can be judged then."""
        try:
            known = bool(self.hosts and self.clients)
        except (LookupError, TypeError) as error:
            raise UnknownError(f"plan.json 中缺少 {error}（plan.json lacks {error}）") from error
        if not known:
            # Otherwise the rules on clients would be skipped in silence.
            raise UnknownError("plan.json 中没有机位（plan.json has no seats）")

    @property
    def seats(self) -> list[dict[str, Any]]:
        return self.plan["seats"]  # type: ignore[no-any-return]

    @property
    def clients(self) -> list[str]:
        return [seat["host"] for seat in self.seats]

    @property
    def server(self) -> str:
        return str(self.plan["server"]["host"])

    @property
    def hosts(self) -> list[str]:
        return [self.server, *self.clients]

    def seat(self, client: str) -> dict[str, Any]:
        return next(seat for seat in self.seats if seat["host"] == client)

    def address(self, host: str) -> str:
        return str(self.plan["server"]["address"] if host == self.server else self.seat(host)["address"])

    def inside(self, host: str, section: str) -> Any:
        """What ``host`` says of itself; UnknownError where it could not be asked or did not answer."""
        return self._within(f"inside/{host}.json", (section,))

    def outside(self, *path: str) -> Any:
        """What the controller saw over SMB and RPC; UnknownError where it could not look."""
        return self._within("outside.json", path)

    def trial(self, *path: str) -> Any:
        """What the trial showed; UnknownError where it was left out or did not come to this."""
        return self._within("trial.json", path)

    def restart_proofs(self) -> dict[str, Any]:
        """What a restart proved on the hosts on which that was tried in this session, by host (restore_cards.json)."""
        return self._document("restore_cards.json")["hosts"]  # type: ignore[no-any-return]

    def _within(self, name: str, path: Sequence[str]) -> Any:
        asked: dict[str, Any] = {"document": name, "section": "/".join(path), "at": None}
        self.asked.append(asked)
        value = _opened(self._document(name), asked)
        for key in path:
            if not isinstance(value, dict) or key not in value:
                raise UnknownError(f"{name} 中没有 {key}（{name} has no {key}）")
            value = _opened(value[key], asked)
        return value

    @property
    def waivers(self) -> Any:
        """The document waivers.json; None where there is none."""
        return self._document("waivers.json") if (self.folder / "waivers.json").exists() else None


def known(value: Any) -> Any:
    """Unwrap {"value": …}; a document that says {"unknown": reason} is no evidence."""
    if isinstance(value, dict):
        if "unknown" in value:
            raise UnknownError(str(value["unknown"]))
        if "value" in value:
            return value["value"]
    return value


def _opened(value: Any, asked: dict[str, Any]) -> Any:
    """known() of ``value``, after noting when it was asked for."""
    if isinstance(value, dict) and isinstance(value.get("asked_at"), str):
        asked["at"] = value["asked_at"]
    return known(value)


def _check(name: str, document: Any) -> None:
    """UnknownError for a document of another kind, a newer schema or another host than its name says."""
    kind = name.partition("/")[0].removesuffix(".json")
    version = _version(document)
    if version is None:
        raise UnknownError(f"{name} 没有写明格式版本（{name} does not tell its schema）")
    if version > SCHEMAS[kind]:
        raise UnknownError(
            f"{name} 的格式版本 {version} 比本程序认识的 {SCHEMAS[kind]} 新"
            f"（{name} is of schema {version}, newer than {SCHEMAS[kind]}）"
        )
    host = name.removeprefix("inside/").removesuffix(".json")
    if kind == "inside" and document.get("host") != host:
        raise UnknownError(f"{name} 是另一台主机 {document.get('host')} 的证据（{name} is of another host）")


def _version(document: Any) -> int | None:
    """The number of a document's schema: ``schema_version``, or the end of ``schema`` (exam-room/NAME/1)."""
    if not isinstance(document, dict):
        return None
    version = document.get("schema_version")
    if isinstance(version, int) and not isinstance(version, bool):
        return version
    _, _, number = str(document.get("schema", "")).rpartition("/")
    return int(number) if number.isascii() and number.isdigit() else None
