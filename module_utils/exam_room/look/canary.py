"""Proof of what a restart undoes (V8): a file of random content is written, and after a restart it is there or not.

What a product says of itself, or that it runs, is belief beside it.

A proof is one JSON file a host, ``restore_cards/HOST.json`` in the session's directory::

    {"schema_version": 1, "host": …, "server": bool, "chosen_at": …, "cards": [what was seen to run, as
     restorecards.Found.as_dict], "managed": bool, "boot_before": … or null, "files": [{"path": …, "sha256": …}],
     "looked_at": … or null, "boot_time": … or null, "undone": [paths], "stayed": [paths], "broken": reason or null}

Times are UTC by the controller's clock, boot times by the computer's. ``looked_at`` is null until the computer has
restarted and was looked at: a run that was killed has proved nothing. On a server ``undone`` stands until another look
has found everything still there: what forbids the exam is not forgotten because the next run broke off.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from ..errors import ExamError
from ..files import told, write_atomic
from ..journal.journal import stamp, utc_now
from . import restorecards

FOLDER: Final = "restore_cards"
#: On each drive that is tried, in its root: there is no folder to make and to leave behind.
FILE_NAME: Final = "ExamRoom-canary.txt"

Clock = Callable[[], datetime]
Document = dict[str, Any]


@dataclass(frozen=True)
class Said:
    """What a proof comes to, for people. ``wrong``: not as the regulation, or the product, wants it."""

    wrong: bool
    zh: str
    en: str

    def __str__(self) -> str:
        return f"{self.zh}\n{self.en}"


def choose(
    host: str,
    server: bool,
    drives: Sequence[str],
    cards: Sequence[Mapping[str, Any]],
    boot_before: str | None,
    managed: bool = False,
    earlier: Mapping[str, Any] | None = None,
    clock: Clock = utc_now,
) -> tuple[Document, list[dict[str, str]]]:
    """A proof that has only begun, and the files to write: path and content, never the same twice.

    ``drives`` as Windows writes them (C:). ``cards`` and ``boot_before`` as the look from the inside has them;
    ``managed``: prepare has switched the write filter on; ``earlier``: the proof of this host so far.
    """
    letters = list(dict.fromkeys(drive.upper() for drive in drives))
    files = [{"path": f"{letter}\\{FILE_NAME}", "content": secrets.token_hex(32)} for letter in letters]
    document = {
        "schema_version": 1,
        "host": host,
        "server": server,
        "chosen_at": stamp(clock()),
        "cards": [dict(card) for card in cards],
        "managed": managed,
        "boot_before": boot_before,
        "files": [{"path": one["path"], "sha256": sha256(one["content"].encode()).hexdigest()} for one in files],
        "looked_at": None,
        "boot_time": None,
        "undone": list(earlier["undone"]) if server and earlier else [],
        "stayed": [],
        "broken": None,
    }
    return document, files


def looked(document: Document, found: Mapping[str, str], boot_time: str, clock: Clock = utc_now) -> Document:
    """The proof with what was found after the restart: the SHA-256 of each file, empty for one that is gone.

    A file of another content was brought back by the restart: what had been written is undone as well.

    :raises ExamError: when a file was not looked at, or the computer has not restarted since the file was written.
    """
    wanted = {file["path"]: file["sha256"] for file in document["files"]}
    if missing := sorted(set(wanted) - set(found)):
        raise ExamError(
            f"{document['host']}：重启后没有查看 {'、'.join(missing)}",
            f"{document['host']}: {', '.join(missing)} was not looked at after the restart",
        )
    if boot_time == document["boot_before"]:
        raise ExamError(
            f"{document['host']} 没有重新启动（启动时间仍为 {boot_time}），什么也没有证明",
            f"{document['host']} has not restarted, it still says {boot_time}: nothing is proved",
        )
    stayed = [path for path, digest in wanted.items() if found[path] == digest]
    return document | {
        "looked_at": stamp(clock()),
        "boot_time": boot_time,
        "stayed": stayed,
        "undone": [path for path in wanted if path not in stayed],
    }


def say(document: Mapping[str, Any]) -> Said:
    """What came of it, naming the host and the product."""
    name, cards = document["host"], document["cards"]
    known = "、".join(str(card["name"]) for card in cards)
    if document["server"] and document["undone"]:
        return _forbids(document, known)
    if document["broken"] is not None:
        return Said(
            True, f"{name} 的还原卡没有验证成：{document['broken']}", f"{name}: nothing is proved: {document['broken']}"
        )
    if document["looked_at"] is None:
        return Said(True, f"{name} 的还原卡没有验证完", f"{name}: the proof did not come to its end")
    if document["server"]:
        stayed = "、".join(document["stayed"])
        return Said(
            False, f"服务器 {name}：{stayed} 重启后仍在", f"server {name}: {stayed} is still there after the restart"
        )
    return _client(document, known)


def _forbids(document: Mapping[str, Any], known: str) -> Said:
    name, undone = document["host"], "、".join(document["undone"])
    broken = f"（{document['broken']}）" if document["broken"] is not None else ""
    return Said(
        True,
        f"服务器 {name}：写入的 {undone} 重启后消失，有还原卡在起作用（{known or '没有识别出产品'}）。"
        f"考试结果会丢失，不允许开考。请关闭服务器的还原保护，再验证一次。{broken}",
        f"server {name}: what was written to {undone} is gone after the restart, a restore card is at work "
        f"({known or 'no known product'}). Results would be lost, the exam may not open. Switch it off and prove it "
        f"again.{broken}",
    )


def _client(document: Mapping[str, Any], known: str) -> Said:
    name, stayed = document["host"], "、".join(document["stayed"])
    if document["undone"]:
        return Said(
            False,
            f"{name}：写入的文件重启后消失，还原保护有效（{known or '没有识别出产品'}）",
            f"{name}: what was written is gone after the restart, it is protected ({known or 'no known product'})",
        )
    should = [str(card["name"]) for card in document["cards"] if card["protects"] or _is_managed(document, card)]
    if on := "、".join(should):
        return Said(
            True,
            f"{name} 的 {on} 应在保护，但写入的 {stayed} 重启后仍在：还原保护没有起作用。请到机位检查。",
            f"{name}: {on} should protect it, yet {stayed} is still there after the restart. Look at the computer.",
        )
    return Said(
        False,
        f"{name}：{stayed} 重启后仍在，没有还原保护" + (f"（{known}）" if known else ""),
        f"{name}: {stayed} is still there after the restart, nothing protects it" + (f" ({known})" if known else ""),
    )


def _is_managed(document: Mapping[str, Any], card: Mapping[str, Any]) -> bool:
    return bool(document["managed"]) and card["tells"] == restorecards.UWF


def fresh(document: Mapping[str, Any] | None, prepared_at: str | None) -> bool:
    """Whether it proves how the host is now: looked at to the end, and not older than the last prepare."""
    if document is None or document["looked_at"] is None or document["broken"] is not None:
        return False
    return prepared_at is None or str(document["chosen_at"]) > prepared_at


def save(directory: Path, document: Mapping[str, Any]) -> Path:
    """Write the proof of a host into the session's directory; an earlier one of it is no more."""
    path = directory / FOLDER / f"{document['host']}.json"
    with told(path):
        path.parent.mkdir(exist_ok=True)
        write_atomic(path, (json.dumps(document, ensure_ascii=False, indent=2) + "\n").encode())
    return path


def earlier(directory: Path, host: str) -> Document | None:
    """The proof of a host so far; None where there is none, or none that can be read."""
    with suppress(ExamError):
        return load(directory, host)
    return None


def load(directory: Path, host: str) -> Document:
    """The proof of a host; ExamError when there is none or it cannot be read."""
    path = directory / FOLDER / f"{host}.json"
    try:
        read: Document = json.loads(path.read_bytes())
    except (OSError, ValueError) as exc:
        raise ExamError(f"{path} 缺失或损坏：{exc}", f"{path} is missing or damaged: {exc}") from exc
    return read
