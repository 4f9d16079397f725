"""Reading evidence, and the verdict that follows from the outcomes of the rules (V9)."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

VERDICTS = {"passed": "允许开考", "refused": "不允许开考", "undecided": "无法判定"}


class UnknownError(Exception):
    """What a rule needs could not be read; the message says why."""


@dataclass
class Finding:
    """What the inspector reads of one rule on one host."""

    expected: str = ""
    actual: str = ""
    mend: str = ""


@dataclass(frozen=True)
class Evidence:
    """The documents that inspect collected: plan, outside, restore_cards (.json) and inside/HOST.json in ``folder``."""

    folder: Path
    _read: dict[str, Any] = field(default_factory=dict, compare=False)

    def _document(self, name: str) -> Any:
        if name not in self._read:
            try:
                self._read[name] = json.loads((self.folder / name).read_text(encoding="utf-8"))
            except FileNotFoundError as error:
                raise UnknownError(f"没有证据文件 {name}（no evidence document {name}）") from error
            except (OSError, ValueError) as error:
                raise UnknownError(
                    f"读不懂证据文件 {name}（evidence document {name} cannot be read）: {error}"
                ) from error
        return self._read[name]

    @cached_property
    def plan(self) -> dict[str, Any]:
        """The room and its seats, as the session and the inventory say."""
        return self._document("plan.json")  # type: ignore[no-any-return]

    @property
    def seats(self) -> list[dict[str, Any]]:
        return self.plan["seats"]  # type: ignore[no-any-return]

    @property
    def clients(self) -> list[str]:
        return [seat["host"] for seat in self.seats]

    @property
    def hosts(self) -> list[str]:
        return [self.plan["server"]["host"], *self.clients]

    def seat(self, client: str) -> dict[str, Any]:
        return next(seat for seat in self.seats if seat["host"] == client)

    def address(self, host: str) -> str:
        return str(
            self.plan["server"]["address"] if host == self.plan["server"]["host"] else self.seat(host)["address"]
        )

    def inside(self, host: str, section: str) -> Any:
        """What ``host`` says of itself; UnknownError where it could not be asked or did not answer."""
        return self._within(f"inside/{host}.json", (section,))

    def outside(self, *path: str) -> Any:
        """What the controller saw over SMB and RPC; UnknownError where it could not look."""
        return self._within("outside.json", path)

    def restart_proofs(self) -> dict[str, Any]:
        """What a restart proved on the hosts on which that was tried in this session, by host (restore_cards.json)."""
        return self._document("restore_cards.json")  # type: ignore[no-any-return]

    def _within(self, name: str, path: Sequence[str]) -> Any:
        value = known(self._document(name))
        for key in path:
            if not isinstance(value, dict) or key not in value:
                raise UnknownError(f"证据中没有 {key}（the evidence has no {key}）")
            value = known(value[key])
        return value


def known(value: Any) -> Any:
    """Unwrap {"value": …}; a document that says {"unknown": reason} is no evidence."""
    if isinstance(value, dict):
        if "unknown" in value:
            raise UnknownError(str(value["unknown"]))
        if "value" in value:
            return value["value"]
    return value


def judge(results: list[dict[str, Any]]) -> str:
    """passed, refused or undecided: a proven failure decides, whatever else is unknown."""
    deciding = [result["outcome"] for result in results if result["severity"] == "deciding"]
    if "failed" in deciding:
        return "refused"
    if "unknown" in deciding or not deciding:
        return "undecided"
    return "passed"


def write_verdict(path: Path, results: list[dict[str, Any]]) -> None:
    """Write the verdict with every single finding."""
    verdict = judge(results)
    document = {
        "schema_version": 1,
        "verdict": verdict,
        "text": VERDICTS[verdict],
        "counts": dict(Counter(result["outcome"] for result in results)),
        "findings": results,
    }
    path.write_text(json.dumps(document, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
