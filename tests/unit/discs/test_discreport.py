"""What the burning script reports, and what a person is told."""

from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path
from typing import Any

import pytest

from exam_room.discs import discreport
from exam_room.errors import ExamError

SCRIPT = Path(__file__).parents[3] / "roles/burner/files/server/Write-ResultsDisc.ps1"
LABEL = "20251128AM_1"
GOOD = discreport.Report(
    ok=True,
    reason="",
    stage="mount",
    hresult="",
    detail="",
    drive="E:",
    device="HL-DT-ST DVDRAM GUD1N",
    owner="",
    medium=6,
    blank=True,
    free=4_700_372_992,
    size=734_003_200,
    written=True,
    closed=True,
    label=LABEL,
    seconds=300,
    sha256="ab" * 32,
)


def report(**changes: Any) -> discreport.Report:
    return dataclasses.replace(GOOD, **changes)


def failed(stage: str, hresult: str = "", reason: str = "", **changes: Any) -> discreport.Report:
    return report(
        **{"ok": False, "stage": stage, "hresult": hresult, "reason": reason, "written": False, "label": "", **changes}
    )


def test_a_report_is_read_as_the_script_writes_it() -> None:
    raw = json.dumps(dataclasses.asdict(GOOD)).encode("utf-8-sig")
    assert discreport.parse(raw) == GOOD
    assert GOOD.kind == "DVD+R"
    assert GOOD.where == "E: HL-DT-ST DVDRAM GUD1N"


def test_the_script_reports_exactly_what_is_read() -> None:
    block = re.search(r"\$found = \[ordered\] @\{\n(.*?)\n\}", SCRIPT.read_text(encoding="utf-8"), re.DOTALL)
    assert block
    keys = re.findall(r"^    (\w+) += ", block[1], re.MULTILINE)
    assert keys == [field.name for field in dataclasses.fields(discreport.Report)]


def test_every_reason_of_the_script_has_words() -> None:
    said = set(re.findall(r"\$found\.reason = '(\w+)'", SCRIPT.read_text(encoding="utf-8")))
    assert said
    assert said <= discreport.REASONS.keys()


@pytest.mark.parametrize(
    "raw", [b"", b"{", b"[]", b"{}", json.dumps({**dataclasses.asdict(GOOD), "ok": "yes"}).encode()]
)
def test_a_damaged_report_says_nothing(raw: bytes) -> None:
    with pytest.raises(ExamError, match="看不懂"):
        discreport.parse(raw)


def test_a_good_one() -> None:
    verdict = discreport.judge(GOOD, LABEL)
    assert (verdict.ok, verdict.mend, verdict.reason()) == (True, False, "")


@pytest.mark.parametrize(
    ("found", "code", "mend"),
    [
        (failed("drive", reason="no_recorder"), "no_recorder", True),
        (failed("drive", reason="several_recorders", detail="E: A, F: B"), "several_recorders", True),
        (failed("drive", reason="no_such_drive"), "no_such_drive", True),
        (failed("lock", "0x80070005"), "in_use", True),
        (failed("lock", "0xC0AA0210", owner="Nero"), "in_use", True),
        (failed("medium", "0xC0AA0207"), "busy", True),
        (failed("image", reason="image_missing"), "image_missing", True),
        (failed("image", reason="image_damaged"), "image_damaged", True),
        (failed("start", "0x80131500"), "failed", True),
        (failed("drive", "0x80040154"), "failed", True),
        (failed("medium", reason="a reason of next year"), "failed", True),
        (failed("medium", "0xC0AA0202", "no_medium"), "no_medium", False),
        (failed("medium", "0xC0AA0204"), "upside_down", False),
        (failed("medium", "0xC0AA0203"), "unsupported", False),
        (failed("medium", "0x80004005"), "unsupported", False),
        (failed("medium", reason="unsupported"), "unsupported", False),
        (failed("medium", reason="not_blank"), "not_blank", False),
        (failed("medium", reason="rewritable"), "rewritable", False),
        (failed("medium", reason="too_small", free=300_000), "too_small", False),
        (failed("write", "0xC0AA0210"), "in_use", True),
        (failed("write", "0x80004005"), "write_refused", False),
        (failed("write", "0xC0AA0300", written=True), "write_failed", False),
        # The drive that failed half-way says that it is in use, or that there is nothing in it: the disc is spoilt.
        (failed("write", "0xC0AA0210", written=True), "write_failed", False),
        (failed("mount", "0x80070015", written=True), "not_mounted", False),
        (report(closed=False), "not_closed", False),
        (report(label=""), "not_mounted", False),
        (report(label="20251128AM_2"), "other_label", False),
    ],
)
def test_what_is_told_and_whether_another_blank_helps(found: discreport.Report, code: str, mend: bool) -> None:
    verdict = discreport.judge(found, LABEL)
    assert (verdict.code, verdict.ok, verdict.mend) == (code, False, mend)
    told = verdict.reason()
    assert isinstance(told, dict)
    assert re.search(r"[\u4e00-\u9fff]", told["zh"])
    assert not re.search(r"[\u4e00-\u9fff]", told["en"])


def test_facts_stand_behind_the_words() -> None:
    assert "Nero" in discreport.judge(failed("lock", "0xC0AA0210", owner="Nero"), LABEL).zh
    assert "0.3 MB < 734.0 MB" in discreport.judge(failed("medium", reason="too_small", free=300_000), LABEL).en
    assert "E: A, F: B" in discreport.judge(failed("drive", reason="several_recorders", detail="E: A, F: B")).zh
    assert "0xC0AA0300" in discreport.judge(failed("write", "0xC0AA0300", written=True), LABEL).zh


def test_after_a_mere_look_nothing_has_to_be_closed() -> None:
    assert discreport.judge(report(closed=False, label="", written=False)).ok


# -- as evidence


def looked(found: discreport.Report) -> dict[str, Any]:
    return discreport.evidence(dataclasses.asdict(found))


def test_a_blank_disc_is_evidence_with_its_room() -> None:
    assert looked(report(written=False, closed=False, label=""))["value"] == {
        "drive": "E:",
        "device": "HL-DT-ST DVDRAM GUD1N",
        "medium": "DVD+R",
        "blank": True,
        "free": 4_700_372_992,
        "wrong": "",
        "zh": "",
        "en": "",
    }


@pytest.mark.parametrize(
    ("found", "wrong"),
    [
        (failed("drive", reason="no_recorder"), "no_recorder"),
        (failed("drive", reason="no_such_drive"), "no_such_drive"),
        (failed("medium", "0xC0AA0202", "no_medium"), "no_medium"),
        (failed("medium", "0xC0AA0204"), "upside_down"),
        (failed("medium", "0xC0AA0203"), "unsupported"),
        (failed("medium", reason="unsupported", medium=4), "unsupported"),
        (failed("medium", reason="not_blank"), "not_blank"),
        (failed("medium", reason="rewritable", medium=7), "rewritable"),
    ],
)
def test_what_a_look_proves_is_evidence(found: discreport.Report, wrong: str) -> None:
    value = looked(found)["value"]
    assert value["wrong"] == wrong
    assert value["zh"] and value["en"]


@pytest.mark.parametrize(
    "found",
    [
        failed("drive", reason="several_recorders", detail="E: A, F: B"),
        failed("lock", "0xC0AA0210", owner="Nero"),
        failed("medium", "0x80070005"),
        failed("medium", "0xC0AA0207"),
        failed("start", "0x80131500"),
        # For a burn "it does not suit" will do; what lies in the drive was not read all the same.
        failed("medium", "0x80004005"),
        failed("medium", reason="a reason of next year"),
    ],
)
def test_what_it_leaves_open_is_unknown(found: discreport.Report) -> None:
    assert set(looked(found)) == {"unknown"}


@pytest.mark.parametrize("read", [None, [], "", {}, {**dataclasses.asdict(GOOD), "free": "much"}])
def test_an_answer_that_is_no_report_is_unknown(read: object) -> None:
    assert set(discreport.evidence(read)) == {"unknown"}
