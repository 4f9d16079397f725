"""The burner of the server and the disc in it (V7): what the script there reported, and what that means.

The script (roles/burner/files/server/Write-ResultsDisc.ps1) says what it found in one JSON object; what a person is
told, and whether another blank would help, is decided here. Codes are those of imapi2error.h and of the remarks on
IDiscFormat2Data::Write, IDiscRecorder2::AcquireExclusiveAccess and IDiscFormat2::IsCurrentMediaSupported.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from typing import Any, Final

from ..errors import ExamError
from ..files import megabytes

#: IMAPI_MEDIA_PHYSICAL_TYPE.
MEDIA: Final = (
    *("", "CD-ROM", "CD-R", "CD-RW", "DVD-ROM", "DVD-RAM", "DVD+R", "DVD+RW", "DVD+R DL", "DVD-R", "DVD-RW"),
    *("DVD-R DL", "disk", "DVD+RW DL", "HD DVD-ROM", "HD DVD-R", "HD DVD-RAM", "BD-ROM", "BD-R", "BD-RE"),
)

_BLANK_ZH: Final = "请放入一张空白的一次性刻录盘。"
_BLANK_EN: Final = "Insert a blank write-once disc."
BAD_ZH: Final = "这张光盘请作废，换一张空白光盘重刻。"
BAD_EN: Final = "Mark this disc as bad and burn another blank one."


@dataclass(frozen=True)
class Reason:
    """What a person is told; ``mend``: no other blank would help, somebody has to see to the server first."""

    zh: str
    en: str
    mend: bool = False


REASONS: Final[dict[str, Reason]] = {
    "no_recorder": Reason(
        "服务器上没有能刻录的光驱。请检查刻录机是否接好、是否通电",
        "The server has no drive that can write. See whether the burner is connected and has power",
        mend=True,
    ),
    "no_such_drive": Reason(
        "服务器上没有盘符为指定值（burner_drive）的刻录机",
        "The server has no burner with the letter that burner_drive names",
        mend=True,
    ),
    "several_recorders": Reason(
        "服务器上有几台刻录机，请用 burner_drive 指定盘符",
        "The server has several burners: name the letter of one in burner_drive",
        mend=True,
    ),
    "in_use": Reason(
        "刻录机正被另一个程序占用。请关闭服务器上的刻录软件和资源管理器窗口，再重做本步骤",
        "The burner is in use by another program. Close burning programs and Explorer windows on the server, then run "
        "this step again",
        mend=True,
    ),
    "busy": Reason(
        "刻录机一直没有就绪。请打开再关上托盘，等指示灯熄灭后重做本步骤",
        "The burner does not become ready. Open and close its tray, wait for its light to go out, and run this step "
        "again",
        mend=True,
    ),
    "image_missing": Reason("服务器上找不到要刻的映像", "The image to burn is not on the server", mend=True),
    "image_damaged": Reason(
        "服务器上的映像与主控机的不一致，没有刻录。请检查服务器磁盘，再重做本步骤",
        "The image on the server is not the controller's; nothing was burned. Check the server's disk and run this "
        "step again",
        mend=True,
    ),
    "failed": Reason(
        "服务器上的刻录程序出错，没有刻录", "The burning script on the server failed; nothing was burned", mend=True
    ),
    "no_medium": Reason(f"刻录机里没有光盘。{_BLANK_ZH}", f"There is no disc in the burner. {_BLANK_EN}"),
    "upside_down": Reason("光盘放反了。请翻面后再放入。", "The disc lies upside down. Turn it over."),
    "unsupported": Reason(
        f"这张光盘不能刻录（不是空白盘，或与刻录机不匹配）。{_BLANK_ZH}",
        f"This disc cannot be written (it is not blank, or does not suit the burner). {_BLANK_EN}",
    ),
    "not_blank": Reason(
        f"光盘不是空白盘，没有刻录。{_BLANK_ZH}", f"The disc is not blank and was left alone. {_BLANK_EN}"
    ),
    "rewritable": Reason(
        f"光盘可以重写，不能用作存档，没有刻录。{_BLANK_ZH}",
        f"The disc can be rewritten, so it proves nothing, and was left alone. {_BLANK_EN}",
    ),
    "too_small": Reason(f"光盘太小，没有刻录。{_BLANK_ZH}", f"The disc is too small and was left alone. {_BLANK_EN}"),
    "write_refused": Reason(
        f"刻录机不肯写这张光盘，光盘仍是空白的。{_BLANK_ZH}",
        f"The burner would not write this disc, which is still blank. {_BLANK_EN}",
    ),
    "write_failed": Reason(f"刻录中途失败。{BAD_ZH}", f"Writing failed half-way. {BAD_EN}"),
    "killed": Reason(
        f"刻录被中断（服务器重启、断电，或超过时限）。{BAD_ZH}",
        f"Burning was interrupted (the server restarted, lost power, or took too long). {BAD_EN}",
    ),
    "not_closed": Reason(f"光盘刻完后没有封盘。{BAD_ZH}", f"The disc was written but not closed. {BAD_EN}"),
    "not_mounted": Reason(
        f"光盘刻完后服务器读不出来。{BAD_ZH}", f"The disc was written, but the server cannot read it. {BAD_EN}"
    ),
    "other_label": Reason(
        f"刻录机里的光盘卷标与所刻的不符。{BAD_ZH}",
        f"The volume name of the disc in the burner is not that of what was burned. {BAD_EN}",
    ),
}

_CODES: Final = {
    "0x80070005": "in_use",
    "0xC0AA0210": "in_use",
    "0xC0AA0202": "no_medium",
    "0xC0AA0203": "unsupported",
    "0xC0AA020E": "unsupported",
    "0xC0AA020F": "unsupported",
    "0xC0AA0209": "unsupported",
    "0xC0AA0406": "unsupported",
    "0xC0AA0204": "upside_down",
    "0xC0AA0205": "busy",
    "0xC0AA0206": "busy",
    "0xC0AA0207": "busy",
    "0xC0AA0407": "no_recorder",
}
# By stage, where the code says nothing: the drive is not to blame before the medium is looked at.
_STAGES: Final = {"medium": "unsupported", "write": "write_refused", "mount": "not_mounted"}


@dataclass(frozen=True)
class Report:
    """What the script found: see its head. ``free`` and ``size`` in bytes, ``medium`` an index of MEDIA."""

    ok: bool
    reason: str
    stage: str
    hresult: str
    detail: str
    drive: str
    device: str
    owner: str
    medium: int
    blank: bool
    free: int
    size: int
    written: bool
    closed: bool
    label: str
    seconds: int
    sha256: str

    @property
    def kind(self) -> str:
        """The kind of the medium in people's words; empty when it is unknown or there is none."""
        return MEDIA[self.medium] if 0 <= self.medium < len(MEDIA) else ""

    @property
    def wrong(self) -> str:
        """What is wrong in the script's own words, its -Seen; empty when nothing is."""
        return self.reason or self.hresult

    @property
    def where(self) -> str:
        """The drive with its letter and name."""
        return f"{self.drive} {self.device}".strip()


def parse(raw: bytes) -> Report:
    """The report that the script wrote. Raises ExamError when it is damaged: then nothing is known."""
    try:
        return report_of(json.loads(raw.decode("utf-8-sig")))
    except ValueError as exc:
        raise _damaged(str(exc)) from exc


def report_of(read: Any) -> Report:
    """The report that the script returned. Raises ExamError when it is none."""
    try:
        values = {field.name: read[field.name] for field in fields(Report)}
    except (LookupError, TypeError) as exc:
        raise _damaged(str(exc)) from exc
    for field in fields(Report):
        if type(values[field.name]).__name__ != field.type:
            raise _damaged(field.name)
    return Report(**values)


def _damaged(what: str) -> ExamError:
    return ExamError(
        f"服务器上的刻录报告看不懂（{what}）。请重做本步骤。",
        f"The report of the burning script cannot be understood ({what}). Run this step again.",
    )


@dataclass(frozen=True)
class Verdict:
    """What a report comes to. ``code`` is a key of REASONS, empty when all is well."""

    code: str
    zh: str = ""
    en: str = ""

    @property
    def ok(self) -> bool:
        """Nothing is wrong."""
        return not self.code

    @property
    def mend(self) -> bool:
        """Somebody has to see to the server before any other disc is put in."""
        return bool(self.code) and REASONS[self.code].mend

    def reason(self) -> dict[str, str] | str:
        """As roles/burner hands it on: both languages, or empty."""
        return {"zh": self.zh, "en": self.en} if self.code else ""


def judge(report: Report, volume: str | None = None) -> Verdict:
    """Whether the report is good; ``volume`` is the name that the disc has to show, None after a mere look."""
    code = _code(report)
    if not code and volume is not None:
        if not report.closed:
            code = "not_closed"
        elif report.label != volume:
            code = "other_label" if report.label else "not_mounted"
    if not code:
        return Verdict("")
    facts = [report.where, report.kind, f"{report.owner}" if code == "in_use" else ""]
    if code == "too_small":
        facts.append(f"{megabytes(report.free)} < {megabytes(report.size)}")
    if code == "other_label":
        facts.append(f"{report.label} ≠ {volume}")
    facts += [report.hresult, report.detail if report.hresult or REASONS[code].mend else ""]
    return told(code, *facts)


def told(code: str, *facts: str) -> Verdict:
    """The verdict with that reason; what is known besides stands behind it in brackets."""
    reason, known = REASONS[code], ", ".join(fact for fact in facts if fact)
    return Verdict(code, *(f"{text} [{known}]" if known else text for text in (reason.zh, reason.en)))


def _code(report: Report) -> str:
    if report.ok:
        return ""
    if report.reason:
        # A reason of a newer script is still a refusal.
        return report.reason if report.reason in REASONS else "failed"
    if report.written and report.stage == "write":
        return "write_failed"
    return _CODES.get(report.hresult) or _STAGES.get(report.stage, "failed")


# What a mere look proves; anything else, such as a burner in use, leaves open what lies in it.
_PROVEN: Final = (
    *("no_recorder", "no_such_drive", "no_medium", "upside_down"),
    *("unsupported", "not_blank", "rewritable"),
)


def evidence(read: Any) -> dict[str, Any]:
    """What a look at the server's burner comes to, as evidence: ``read`` is what the script returned.

    ``value``: drive, device, medium (in people's words, empty for none), blank, free (bytes), wrong (a key of REASONS,
    empty when nothing is), zh and en. ``unknown`` and why, where it proves nothing.
    """
    try:
        report = report_of(read)
    except ExamError as exc:
        return {"unknown": str(exc)}
    found = judge(report)
    proven = report.reason or _CODES.get(report.hresult, "")
    if not found.ok and proven not in _PROVEN:
        return {"unknown": f"{found.zh}\n{found.en}"}
    return {
        "value": {
            "drive": report.drive,
            "device": report.device,
            "medium": report.kind,
            "blank": report.blank,
            "free": report.free,
            "wrong": found.code,
            "zh": found.zh,
            "en": found.en,
        }
    }
