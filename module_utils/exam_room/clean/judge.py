"""Which of the files that Find-ExamLeftover.ps1 listed is left over from an earlier session, and why. Pure.

A file is left over when

* its content is that of a result, of raw material or of an image of a disc of another session, whatever its name;
* its name, or that of a folder above it, holds a candidate's exam number; or his name or a short number, and the file
  is of a kind that the exam produces;
* it is of such a kind and younger than the host's baseline (:mod:`records`);
* it lies in the server's exam folder and is not of this session.

The kind says nothing where programs keep files of their own (:mod:`places`), nor of the canary that a proof of restore
cards left where the computer did not come back. But for its content nothing speaks against the raw material of this
session where it has to lie.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ..look.canary import FILE_NAME as CANARY
from .known import Known

CONTENT, WORD, KIND, PLACE = "content", "word", "kind", "place"
#: Windows' codes of what it refused (MS-ERREF 2.2).
_REFUSALS: Final = {
    5: ("拒绝访问", "access denied"),
    19: ("磁盘写保护", "the drive is write-protected"),
    21: ("驱动器未就绪", "the drive is not ready"),
    32: ("被其他程序占用", "another program has it open"),
    33: ("被其他程序占用", "another program has it open"),
    39: ("磁盘已满", "the drive is full"),
    112: ("磁盘已满", "the drive is full"),
    1117: ("磁盘读写错误", "the drive fails"),
    1392: ("文件或目录损坏", "the file or folder is damaged"),
}
#: ERROR_FILE_NOT_FOUND and ERROR_PATH_NOT_FOUND.
GONE: Final = (2, 3)
_BIN: Final = "$Recycle.Bin"


@dataclass(frozen=True)
class Leftover:
    """One file: whole path, bytes, when it was written (UTC), SHA-256 where it was read, why it counts."""

    path: str
    size: int
    written: str
    sha256: str
    why: str
    zh: str
    en: str


def refusal(code: int) -> tuple[str, str]:
    """A code of Windows in words, Chinese and English."""
    return _REFUSALS.get(code, (f"Windows 错误 {code}", f"Windows error {code}"))


def judge(seen: Mapping[str, Any], known: Known, since: str, in_place: Iterable[str] = ()) -> dict[str, Any]:
    """The section ``leftovers`` of a host's evidence (shape in :mod:`..look.facts`), from what the script returned.

    ``in_place``: the whole paths where files of this session have to lie.
    """
    fine = {path.casefold() for path in in_place}
    judged = (_judged(file, known, since, file["path"].casefold() in fine) for file in seen["found"])
    found = [one for one in judged if one is not None]
    found.sort(key=lambda one: one.path.casefold())
    return {
        "asked_at": seen["now"],
        "since": since,
        "searched": list(seen["searched"]),
        "files": seen["files"],
        "links": seen["links"],
        "found": [vars(one) for one in found],
        "more": seen["more"],
        "unreadable": [_unread(one) for one in seen["unreadable"]],
        "not_known": known.unread,
    }


def digest(seen: Mapping[str, Any]) -> dict[str, Any]:
    """Evidence of one file's content: ``value``, its SHA-256 or None for no such file, or ``unknown`` and why."""
    if seen["sha256"]:
        return {"value": seen["sha256"]}
    if seen["code"] in GONE:
        return {"value": None}
    zh, en = refusal(seen["code"])
    return {"unknown": f"{seen['path']}：{zh}\n{seen['path']}: {en}"}


def gaps(leftovers: Mapping[str, Any]) -> bool:
    """Whether part of the host was not searched."""
    return bool(leftovers["unreadable"] or leftovers["more"] or not leftovers["searched"])


def by_kind_alone(leftovers: Mapping[str, Any]) -> int:
    """How many files count for their kind and age alone: many mean that the room served something else."""
    return sum(one["why"] == KIND for one in leftovers["found"])


def to_move(leftovers: Mapping[str, Any]) -> list[str]:
    """The paths that go into quarantine; with a file of a recycle bin what the bin notes of it goes too."""
    paths = [str(one["path"]) for one in leftovers["found"]]
    return [*paths, *sorted(set(_notes(paths)) - set(paths))]


def outcome(moved: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """``moved``: from and to of each file that is in quarantine now; ``not_moved``: path, and why not."""
    return {
        "moved": [{"path": one["path"], "to": one["to"]} for one in moved if one["code"] == 0],
        "not_moved": [_unread(one) for one in moved if one["code"] not in (0, *GONE)],
    }


def _judged(file: Mapping[str, Any], known: Known, since: str, in_place: bool) -> Leftover | None:
    kind = _ending(file["path"])
    word = known.words.get(file["word"].casefold())
    if (content := known.contents.get(file["sha256"])) is not None and content.size == file["size"]:
        why, zh, en = CONTENT, f"内容与{content.zh} 相同", f"same content as {content.en}"
    elif in_place:
        return None
    elif word is not None and (word.sure or file["kind"]):
        why, zh, en = WORD, f"名称含{word.zh}", f"its name holds {word.en}"
    elif file["kind"] and file["young"] and not _is_canary(file["path"]):
        why = KIND
        zh, en = f"考试会产生的 {kind} 文件，晚于 {since}", f"a {kind} file as the exam produces, after {since}"
    elif file["whole"]:
        why, zh, en = PLACE, "在考试文件夹中，不属于本场", "lies in the exam folder and is not of this session"
    else:
        return None
    if file["original"]:
        zh, en = f"{zh}（回收站，原为 {file['original']}）", f"{en} (recycle bin, was {file['original']})"
    return Leftover(file["path"], file["size"], file["written"], file["sha256"], why, zh, en)


def _is_canary(path: str) -> bool:
    """Whether it is what the proof of restore cards wrote, on a computer that did not come back."""
    return path[1:].casefold() == rf":\{CANARY}".casefold()


def _ending(path: str) -> str:
    name = path.rpartition("\\")[2]
    return f".{name.rpartition('.')[2]}".casefold() if "." in name else ""


def _unread(one: Mapping[str, Any]) -> dict[str, Any]:
    zh, en = refusal(one["code"])
    return {"path": one["path"], "code": one["code"], "zh": zh, "en": en}


def _notes(paths: Iterable[str]) -> Iterable[str]:
    for path in paths:
        parts = path.split("\\")
        if len(parts) == 4 and parts[1].casefold() == _BIN.casefold() and parts[3].startswith(("$R", "$r")):
            yield "\\".join([*parts[:3], f"$I{parts[3][2:]}"])
