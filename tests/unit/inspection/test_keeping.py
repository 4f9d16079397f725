"""An inspection is kept in a folder of its own, judged, reported and signed."""

from __future__ import annotations

import json
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pypdf
import pytest

from exam_room.errors import ExamError, InputRefused
from exam_room.inspection.keeping import Kept, keep
from exam_room.papers import pdf
from exam_room.seal import signature
from unit.inspection.rooms import OTHER_GROUP, RULES, SHARED, order

AT = datetime(2027, 6, 19, 0, 30, tzinfo=UTC)
LATER = datetime(2027, 6, 19, 0, 45, tzinfo=UTC)


def inspected(tmp_path: Path, moment: datetime = AT, **options: Any) -> Kept:
    (tmp_path / "session").mkdir(exist_ok=True)
    return keep(order(tmp_path, **options), lambda: moment)


def files(kept: Kept) -> set[str]:
    assert kept.folder is not None
    return {str(path.relative_to(kept.folder)) for path in kept.folder.rglob("*") if path.is_file()}


def test_everything_lies_in_a_folder_named_by_the_time(tmp_path: Path) -> None:
    kept = inspected(tmp_path)
    assert kept.folder == tmp_path / "session/inspection/20270619T003000Z"
    inside = {f"evidence/inside/{host}.json" for host in ("server", "pc01", "pc02", "pc03")}
    documents = {f"evidence/{name}.json" for name in ("plan", "outside", "trial", "restore_cards", "waivers")}
    assert files(kept) == inside | documents | {"verdict.json", "report.html", "junit.xml", "manifest-sha256.txt"}
    assert (kept.verdict["verdict"], kept.verdict["inspected_at"]) == ("passed", "2027-06-19T00:30:00.000Z")
    assert kept.verdict["valid_until"] == "2027-06-20T00:30:00.000Z"


def test_a_host_that_no_longer_answers_is_not_judged_by_what_was_seen_before(tmp_path: Path) -> None:
    first = inspected(tmp_path)
    why = "无法连接 192.168.10.102:5986\n192.168.10.102:5986 cannot be reached"
    second = inspected(tmp_path, LATER, not_reached={"pc02": why})
    assert (first.verdict["verdict"], second.verdict["verdict"]) == ("passed", "undecided")
    unknown = [one for one in second.verdict["findings"] if one["outcome"] == "unknown"]
    assert {one["host"] for one in unknown} == {"pc02"}
    assert {one["actual"] for one in unknown} == {why.replace("\n", " ")}
    assert first.folder is not None and (first.folder / "verdict.json").exists(), "the earlier one stays"


def test_two_at_the_same_moment_do_not_share_a_folder(tmp_path: Path) -> None:
    first, second = inspected(tmp_path), inspected(tmp_path, changes=SHARED)
    assert first.folder is not None and second.folder is not None
    assert second.folder.name == f"{first.folder.name}-2"
    assert second.changes is not None, "the second comes after the first"


def test_a_host_that_nobody_spoke_of_is_unknown(tmp_path: Path) -> None:
    made = order(tmp_path)
    made.directory.mkdir()
    del made.inside["pc03"]  # type: ignore[attr-defined]
    kept = keep(made, lambda: AT)
    assert kept.verdict["verdict"] == "undecided"
    assert {one["host"] for one in kept.verdict["findings"] if one["outcome"] == "unknown"} == {"pc03"}


def test_what_changed_since_the_inspection_before_is_told(tmp_path: Path) -> None:
    inspected(tmp_path, changes=SHARED)
    kept = inspected(tmp_path, LATER, changes=OTHER_GROUP)
    assert kept.changes is not None and kept.folder is not None
    assert [(one["clause"], one["host"]) for one in kept.changes["better"]] == [("V4", "pc01")]
    assert {(one["clause"], one["host"]) for one in kept.changes["worse"]} == {
        ("V1", host) for host in ("pc01", "pc02", "pc03")
    }
    assert (kept.changes["new"], kept.changes["gone"]) == ([], [])
    assert json.loads((kept.folder / "changes.json").read_bytes()) == kept.changes


def test_an_inspection_before_that_cannot_be_read_does_not_matter(tmp_path: Path) -> None:
    first = inspected(tmp_path)
    assert first.folder is not None
    (first.folder / "verdict.json").write_text('{"schema_version": 1}', encoding="utf-8")
    assert inspected(tmp_path, LATER).changes is None


def test_an_unreadable_waiver_stops_before_anything_is_written(tmp_path: Path) -> None:
    (tmp_path / "waivers.yml").write_text("waivers:\n  - {clause: V3, host: pc01}\n", encoding="utf-8")
    with pytest.raises(InputRefused, match="V3 不能豁免"):
        inspected(tmp_path)
    assert list((tmp_path / "session").iterdir()) == []


def test_rules_that_cannot_be_loaded_give_no_verdict(tmp_path: Path) -> None:
    rules = Path(shutil.copytree(RULES, tmp_path / "tests/rules", ignore=shutil.ignore_patterns("__pycache__")))
    (tmp_path / "module_utils").symlink_to(RULES.parents[1] / "module_utils")
    (rules / "test_broken.py").write_text("import nothing_of_that_name\n", encoding="utf-8")
    with pytest.raises(ExamError, match="nothing_of_that_name"):
        inspected(tmp_path, rules=rules)


def test_everything_is_signed_and_checked_by_hand(tmp_path: Path) -> None:
    key = tmp_path / "key"
    signature.make_key(key, "SL4401")
    kept = inspected(tmp_path, key=key)
    assert kept.folder is not None and kept.warnings == []
    by_hand = (
        "sha256sum --quiet -c manifest-sha256.txt && ssh-keygen -Y verify -f allowed_signers -I SL4401"
        " -n exam-inspection@exam-room -s manifest-sha256.txt.sig < manifest-sha256.txt"
    )

    def check() -> int:
        return subprocess.run(by_hand, shell=True, cwd=kept.folder, capture_output=True, check=False).returncode

    assert check() == 0
    listed = (kept.folder / "manifest-sha256.txt").read_text(encoding="utf-8").splitlines()
    signs = {"manifest-sha256.txt", "manifest-sha256.txt.sig", "allowed_signers"}
    assert {line.split("  ")[1] for line in listed} == files(kept) - signs
    report = (kept.folder / "report.html").read_text(encoding="utf-8")
    assert signature.fingerprint(signature.public_key(key)) in report
    verdict = kept.folder / "verdict.json"
    verdict.write_bytes(verdict.read_bytes().replace(b'"host": "pc01"', b'"host": "pc02"', 1))
    assert check() != 0


def test_a_key_that_cannot_be_used_is_said_on_the_report_and_stops_nothing(tmp_path: Path) -> None:
    kept = inspected(tmp_path, key=tmp_path / "no key")
    assert kept.folder is not None and kept.verdict["verdict"] == "passed"
    assert "报告没有签名" in str(kept.warnings[0])
    assert "报告没有签名" in (kept.folder / "report.html").read_text(encoding="utf-8")
    assert "manifest-sha256.txt.sig" not in files(kept)


def test_junit_names_clause_and_host(tmp_path: Path) -> None:
    kept = inspected(tmp_path, changes=SHARED, not_reached={"pc03": "off"})
    assert kept.folder is not None
    root = ElementTree.parse(kept.folder / "junit.xml").getroot()
    assert root.get("failures") == str(kept.verdict["counts"]["failed"]) == "1"
    assert root.get("errors") == str(kept.verdict["counts"]["unknown"])
    (failed,) = [case for case in root.iter("testcase") if case.find("failure") is not None]
    assert (failed.get("classname"), str(failed.get("name")).partition(":")[0]) == ("V4", "pc01")


def test_the_report_is_printed_with_its_fonts_and_says_the_verdict_first(tmp_path: Path) -> None:
    kept = inspected(tmp_path, changes=SHARED, pdf=True)
    assert kept.report is not None and kept.report.name == "report.pdf"
    reader = pypdf.PdfReader(kept.report)
    first = reader.pages[0].extract_text()
    assert first.index("不允许开考") < first.index("座位图")
    assert [round(float(side) / 72 * 25.4) for side in reader.pages[0].mediabox[2:]] == [210, 297]
    assert pdf.without_glyph((kept.report.with_suffix(".html")).read_bytes()) == []


def test_without_a_chinese_font_there_is_html_and_a_word_about_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none(pages: object) -> bytes:
        raise ExamError("没有中文字体", "There is no Chinese font")

    monkeypatch.setattr(pdf, "make", none)
    kept = inspected(tmp_path, pdf=True)
    assert kept.report is not None and kept.report.name == "report.html"
    assert "没有中文字体" in str(kept.warnings[-1])
