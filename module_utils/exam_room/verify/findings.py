"""What verifying found, said in one sentence a disc, Chinese first, and whether the discs of a set are all there."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ..collect.answers import NAMES
from ..files import megabytes
from ..seal.bag import Fault
from . import turnout
from .turnout import NoFile
from .verify import Report, trusted_signers, verify

_SHOWN = 5


@dataclass(frozen=True)
class Findings:
    """Of everything that was verified: ``sentences`` and, for each fault and remark, a line; (Chinese, English)."""

    reports: Sequence[Report]
    no_file: Sequence[Sequence[NoFile]]
    set_faults: Sequence[Fault]
    sentences: Sequence[tuple[str, str]]
    remarks: Sequence[tuple[str, str]]

    @property
    def good(self) -> bool:
        return not self.set_faults and not any(report.faults for report in self.reports)

    def text(self) -> str:
        """All of it for people."""
        lines = [line for sentence in self.sentences for line in sentence]
        for report in self.reports:
            lines += [f"  {report.where}: {fault}" for fault in report.faults]
        lines += [f"  {fault}" for fault in self.set_faults]
        lines += [f"  {zh} / {en}" for zh, en in self.remarks]
        return "\n".join(lines)

    def result(self) -> dict[str, Any]:
        """exam_verify's return values."""
        return {
            "good": self.good,
            "summary": self.text(),
            "discs": [_disc(one, no_file) for one, no_file in zip(self.reports, self.no_file, strict=True)],
            "faults": [asdict(fault) for fault in self.set_faults],
        }


def _disc(report: Report, no_file: Sequence[NoFile]) -> dict[str, Any]:
    return {
        "source": report.where,
        "session_id": report.session_id,
        "volume": report.volume,
        "disc": report.disc,
        "of": len(report.index["discs"]) if report.index else 0,
        "signer": report.signer,
        "fingerprint": report.fingerprint,
        "trusted": report.trusted,
        "files": len(report.table.files) if report.table else 0,
        "bytes": report.table.size if report.table else 0,
        "no_file": [asdict(one) for one in no_file],
        "faults": [asdict(fault) for fault in report.faults],
    }


def examine(sources: Sequence[Path], key: Path | None, roster: Path | None, exams_dir: Path) -> Findings:
    """Verify every source, then what they say together. Raises ExamError for what cannot be verified at all."""
    allowed = None if key is None else trusted_signers(key, sources)
    reports = [verify(source, allowed) for source in sources]
    set_faults = _set_faults(reports)
    if roster is not None:
        set_faults += turnout.compare_with_roster(roster, exams_dir, reports)
    no_file = [turnout.without_files(report) for report in reports]
    sentences = [_sentence(report, missing) for report, missing in zip(reports, no_file, strict=True)]
    if set_faults or len(reports) > 1:
        sentences.append(_together(reports, set_faults))
    remarks = [remark for report in reports for remark in _remarks(report)]
    return Findings(reports, no_file, set_faults, sentences, remarks)


def _set_faults(reports: Sequence[Report]) -> list[Fault]:
    """Where several discs are given, each set has to be whole and of one sealing."""
    if len(reports) < 2:
        return []
    faults = []
    for session in sorted({report.session_id for report in reports}):
        mine = [report for report in reports if report.session_id == session and report.index is not None]
        if len({json.dumps(report.index, sort_keys=True) for report in mine}) > 1:
            faults.append(
                Fault(
                    session,
                    "这些光盘的索引不同，不是一次封存的同一套",
                    "the indexes of these discs differ: they are not one set",
                )
            )
        elif mine and mine[0].index is not None:
            here = {report.volume for report in mine}
            faults += [
                Fault(disc["volume"], f"缺第 {disc['number']} 张光盘", f"disc {disc['number']} is not here")
                for disc in mine[0].index["discs"]
                if disc["volume"] not in here
            ]
    return faults


def _name(report: Report) -> tuple[str, str]:
    if report.index is not None:
        of = len(report.index["discs"])
        zh, en = (
            f"光盘 {report.volume}（第 {report.disc} 张，共 {of} 张）",
            f"disc {report.disc} of {of}, {report.volume},",
        )
        return zh, en
    return f"场次 {report.session_id or '？'} 的结果包", f"the bag of session {report.session_id or '?'}"


def _sentence(report: Report, no_file: Sequence[NoFile]) -> tuple[str, str]:
    name_zh, name_en = _name(report)
    trust_zh, trust_en = _trust(report)
    if report.faults:
        shown = report.faults[:_SHOWN]
        more = len(report.faults) - len(shown)
        zh = "、".join(f"{fault.path}（{fault.zh}）" for fault in shown) + (f" 等，另有 {more} 处" if more else "")
        en = ", ".join(f"{fault.path} ({fault.en})" for fault in shown) + (f" and {more} more" if more else "")
        count = len(report.faults)
        faults = "1 fault" if count == 1 else f"{count} faults"
        return (
            f"不合格：{report.where}，{name_zh}与封存时不符，共 {count} 处：{zh}；{trust_zh}。",
            f"NOT as sealed: {report.where}, {name_en} is not as it was sealed, {faults}: {en}; {trust_en}.",
        )
    table = report.table
    files, size = (len(table.files), megabytes(table.size)) if table else (0, "0 MB")
    people = sum(1 for owner in table.owners if owner.exam_number) if table else 0
    out_zh, out_en = _turnout(no_file) if people else ("只有空机位的文件夹", "folders of seats without candidates only")
    others_zh, others_en = _others(report)
    return (
        f"合格：{report.where}，{name_zh}与封存时完全一致，{people} 名考生，{files} 个文件，{size}；"
        f"{trust_zh}；{out_zh}{others_zh}。",
        f"As sealed: {report.where}, {name_en} is just as it was sealed, candidates {people}, files {files}, {size}; "
        f"{trust_en}; {out_en}{others_en}.",
    )


def _trust(report: Report) -> tuple[str, str]:
    if not report.fingerprint or not report.signer:
        return "签名无效", "there is no valid signature"
    if report.trusted:
        return (
            f"签名已用给定的公钥核对（{report.signer}，{report.fingerprint}）",
            f"the signature is by the key that was given ({report.signer}, {report.fingerprint})",
        )
    return (
        f"没有给公钥，签名只用盘上自带的公钥核对过，请人工比对其指纹 {report.fingerprint} 与考试站公布的是否相同",
        "no key was given: the signature was checked against the key on the disc itself only; compare its fingerprint "
        f"{report.fingerprint} by hand with the one that the site published",
    )


def _turnout(no_file: Sequence[NoFile]) -> tuple[str, str]:
    if not no_file:
        return "每名考生都有文件", "every candidate has files"
    zh, en = [], []
    for why, (name_zh, name_en) in NAMES.items():
        numbers = [one.exam_number for one in no_file if one.why == why]
        if numbers:
            zh.append(f"{name_zh} {len(numbers)} 名（{'、'.join(numbers)}）")
            en.append(f"{len(numbers)} {name_en} ({', '.join(numbers)})")
    return "没有自己的文件：" + "，".join(zh), "without a file of their own: " + ", ".join(en)


def _others(report: Report) -> tuple[str, str]:
    others = [disc["volume"] for disc in (report.index or {"discs": []})["discs"] if disc["volume"] != report.volume]
    if not others:
        return "", ""
    return f"；同属一套的还有 {'、'.join(others)}", f"; to its set also belong {', '.join(others)}"


def _together(reports: Sequence[Report], faults: Sequence[Fault]) -> tuple[str, str]:
    if faults:
        shown = faults[:_SHOWN]
        more = len(faults) - len(shown)
        return (
            "不合格：合起来看，"
            + "；".join(f"{one.path} {one.zh}" for one in shown)
            + (f"，另有 {more} 处。" if more else "。"),
            "NOT complete: "
            + "; ".join(f"{one.path}: {one.en}" for one in shown)
            + (f", {more} more." if more else "."),
        )
    if all(report.index is None for report in reports):
        return f"共校验 {len(reports)} 个结果包。", f"{len(reports)} bags were verified."
    return f"共校验 {len(reports)} 张，整套光盘齐全。", f"{len(reports)} were verified, the set is complete."


def _remarks(report: Report) -> list[tuple[str, str]]:
    found = []
    if report.cutoff.get("complete") is False:
        found.append((f"{report.where}：收卷记录写明收卷未完成", "the record says that the cutoff was not complete"))
    for number in turnout.absent_with_files(report):
        found.append((f"{number} 在日志中记为缺考，却有文件", f"{number} is absent by the journal, and has files"))
    if report.table is not None and report.table.late():
        late = ", ".join(report.table.late())
        found.append((f"截止后出现、未收的文件：{late}", f"came after the cutoff and not collected: {late}"))
    return found
