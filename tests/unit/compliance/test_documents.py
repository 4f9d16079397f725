"""Evidence that is missing, damaged, newer or of another host; waivers in it; judged again, it says the same."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from evidence import SCHEMAS

from exam_room.inspection import waivers
from exam_room.look import facts
from exam_room.trial import document as trial
from unit.compliance.good_room import GONE, write
from unit.compliance.judging import ROOT, RULES, judge

WAIVER = {"clause": "V8", "host": "pc01", "reason": "还原卡送修", "who": "林国华", "expires": "2026-12-01T00:00:00Z"}
NO_CARD = {"inside/pc01/restore_protection/value/uwf": None}
SHORT_OF_ASSESSORS: dict[str, Any] = {"plan/session/staff/assessors": []}


def verdict_of(folder: Path, changes: dict[str, Any] | None = None) -> dict[str, Any]:
    """Judge the good room with these changes."""
    judge([write(folder, changes or {})])
    return read(folder)


def read(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "verdict.json").read_text(encoding="utf-8"))
    return found


def clause(verdict: dict[str, Any], name: str) -> dict[str, Any]:
    (found,) = [one for one in verdict["clauses"] if one["id"] == name]
    assert isinstance(found, dict)
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "evidence"


def test_the_rules_know_the_schema_that_the_look_writes() -> None:
    assert SCHEMAS["inside"] == facts.SCHEMA_VERSION
    assert SCHEMAS["waivers"] == waivers.SCHEMA_VERSION
    assert SCHEMAS["trial"] == trial.SCHEMA_VERSION


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"inside/pc02/schema_version": SCHEMAS["inside"] + 1}, "inside/pc02.json 的格式版本"),
        ({"inside/pc02/schema_version": GONE}, "inside/pc02.json 没有写明格式版本"),
        ({"inside/pc02/schema_version": True}, "inside/pc02.json 没有写明格式版本"),
        ({"inside/pc02/host": "pc03"}, "inside/pc02.json 是另一台主机 pc03 的证据"),
    ],
)
def test_a_document_that_is_not_understood_proves_nothing(folder: Path, changes: dict[str, Any], said: str) -> None:
    verdict = verdict_of(folder, changes)
    unknown = [one for one in verdict["findings"] if one["outcome"] == "unknown"]
    assert verdict["verdict"] == "undecided"
    assert {one["host"] for one in unknown} == {"pc02"}
    assert all(said in one["actual"] for one in unknown)
    # Every rule that asks it, not the first one only.
    assert len(unknown) > 5


@pytest.mark.parametrize(
    ("document", "newer"),
    [("plan", {"schema_version": SCHEMAS["plan"] + 1}), ("outside", {"schema": "exam-room/look-outside/2"})],
)
def test_a_newer_document_of_the_whole_room_leaves_the_verdict_open(
    folder: Path, document: str, newer: dict[str, Any]
) -> None:
    verdict = verdict_of(folder, {f"{document}/{name}": value for name, value in newer.items()})
    assert verdict["verdict"] == "undecided"
    assert any(f"{document}.json 的格式版本" in one["actual"] for one in verdict["findings"])


def test_a_field_that_is_missing_is_named_with_its_document(folder: Path) -> None:
    verdict = verdict_of(folder, {"inside/pc01/firewall/value/Public": GONE})
    (unknown,) = [one for one in verdict["findings"] if one["outcome"] == "unknown"]
    assert verdict["verdict"] == "undecided"
    assert (unknown["host"], unknown["clause"]) == ("pc01", "V4")
    assert "inside/pc01.json firewall 中缺少 'Public'" in unknown["actual"]


def test_a_finding_says_where_and_when_it_was_asked(folder: Path) -> None:
    verdict = verdict_of(folder, {"inside/pc01/asked_at": "2026-11-23T23:06:50.000Z"})
    (found,) = [
        one for one in verdict["findings"] if one["test"].endswith("::test_firewall_is_on") and one["host"] == "pc01"
    ]
    assert found["asked"] == [{"document": "inside/pc01.json", "section": "firewall", "at": "2026-11-23T23:06:50.000Z"}]


def test_where_candidates_sign_in_by_slip_a_seat_that_nobody_uses_was_not_tried_and_may_open(folder: Path) -> None:
    nobody: dict[str, Any] = {"plan/sign_in": "slips"}
    for host in ("pc01", "pc02", "pc03"):
        nobody |= {
            f"inside/{host}/auto_logon/value/{name}": value for name, value in (("enabled", False), ("user", None))
        }
        seat = f"trial/seats/value/hosts/{host}/value"
        nobody |= {f"{seat}/started": False, f"{seat}/user": None, f"{seat}/files": []}
    verdict = verdict_of(folder, nobody)
    tried = [one for one in verdict["findings"] if "试写" in one["rule"] or "试收" in one["rule"]]
    assert verdict["verdict"] == "passed"
    assert len(tried) == 6
    assert {one["outcome"] for one in tried} == {"not_applicable"}
    assert all("没有试" in one["actual"] for one in tried)


def test_a_trial_that_was_left_out_leaves_the_verdict_open_and_says_so(folder: Path) -> None:
    left_out = trial.left_out()
    verdict = verdict_of(folder, {f"trial/{name}": left_out[name] for name in ("seats", "cutoff", "left")})
    assert verdict["verdict"] == "undecided"
    unknown = [one for one in verdict["findings"] if one["outcome"] == "unknown"]
    assert {one["clause"] for one in unknown} == {"V4", "V6", "V7"}
    assert all("inspection_trial: false" in one["actual"] for one in unknown)


def test_every_clause_stands_in_the_verdict_with_its_own_words(folder: Path) -> None:
    verdict = verdict_of(folder)
    assert [one["id"] for one in verdict["clauses"]] == [
        *(f"V{number}" for number in range(1, 10)),
        *(f"R{number}" for number in range(1, 9)),
    ]
    for name in ("R4", "R5", "R7", "R8"):
        never = clause(verdict, name)
        assert (never["outcome"], never["decides"]) == ("not_applicable", False)
        assert never["reason"]["zh"]
    assert clause(verdict, "V9")["outcome"] == "passed"
    assert all(one["words"] and one["title"]["zh"] for one in verdict["clauses"])


def test_v9_is_the_verdict_itself(folder: Path) -> None:
    verdict = verdict_of(folder, {"inside/pc01/firewall/value/Public/enabled": False})
    assert clause(verdict, "V9")["outcome"] == clause(verdict, "V4")["outcome"] == "failed"
    assert clause(verdict, "V1")["outcome"] == "passed"


def test_judged_again_elsewhere_the_evidence_gives_the_same_verdict_but_for_the_time(folder: Path) -> None:
    write(folder, NO_CARD | SHORT_OF_ASSESSORS | {"inside/pc02": GONE})
    (folder / "waivers.json").write_text(json.dumps({"schema_version": 1, "waivers": [WAIVER]}), encoding="utf-8")
    elsewhere = folder.parent / "years later/证据"
    shutil.copytree(folder, elsewhere)
    written = [folder.parent / "first.json", folder.parent / "second.json"]
    for evidence, path, place in ((folder, written[0], ROOT), (elsewhere, written[1], folder.parent)):
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", f"--evidence={evidence}", f"--verdict={path}", str(RULES)],
            cwd=place,
            env={name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
            | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 1, done.stdout
        assert "不允许开考" in done.stdout
    first, second = (path.read_bytes().splitlines() for path in written)
    differ = [line for line, other in zip(first, second, strict=True) if line != other]
    assert len(differ) <= 1
    assert all(line.strip().startswith(b'"judged_at"') for line in differ)


RULES_OF_ITS_OWN = """
import pytest
from evidence import NotApplicable
pytestmark = [pytest.mark.clause("R3")]
def test_nothing_to_judge(finding):
    "an exam without theory"
    raise NotApplicable("没有理论考试 no theory")
def test_of_the_server(finding):
    "a rule that names its host"
    finding.host = "server"
"""


def test_a_rule_may_say_that_it_does_not_apply_and_which_host_it_judges(folder: Path, tmp_path: Path) -> None:
    rules = Path(shutil.copytree(RULES, tmp_path / "tests/rules", ignore=shutil.ignore_patterns("__pycache__")))
    (tmp_path / "module_utils").symlink_to(ROOT / "module_utils")
    (rules / "test_own.py").write_text(RULES_OF_ITS_OWN, encoding="utf-8")
    (status,) = judge([write(folder, {})], rules)
    verdict = read(folder)
    found = {one["rule"]: one for one in verdict["findings"]}
    assert (status, verdict["verdict"]) == (0, "passed")
    assert (found["an exam without theory"]["outcome"], found["an exam without theory"]["actual"]) == (
        "not_applicable",
        "没有理论考试 no theory",
    )
    assert found["a rule that names its host"]["host"] == "server"


def test_a_rule_that_was_left_out_leaves_the_verdict_open(folder: Path, tmp_path: Path) -> None:
    write(folder, {})
    command = [sys.executable, "-m", "pytest", "-q", f"--evidence={folder}", f"--verdict={folder}/verdict.json"]
    for options in (
        ["-k", "not firewall"],
        ["--deselect", "test_v4_clients_isolated_and_mapped.py::test_firewall_is_on"],
    ):
        subprocess.run([*command, *options, str(RULES)], capture_output=True, timeout=60, check=False)
        verdict = read(folder)
        assert verdict["verdict"] == "undecided"
        assert any("left out" in one["actual"] for one in verdict["findings"])


def test_rules_of_a_deciding_clause_that_are_gone_leave_the_verdict_open(folder: Path, tmp_path: Path) -> None:
    rules = Path(shutil.copytree(RULES, tmp_path / "tests/rules", ignore=shutil.ignore_patterns("__pycache__")))
    (tmp_path / "module_utils").symlink_to(ROOT / "module_utils")
    (rules / "test_v7_burner.py").unlink()
    judge([write(folder, {})], rules)
    verdict = read(folder)
    assert verdict["verdict"] == "undecided"
    assert clause(verdict, "V7")["outcome"] == "unknown"


def waived(folder: Path, changes: dict[str, Any], **other: str) -> dict[str, Any]:
    write(folder, changes)
    document = {"schema_version": 1, "waivers": [WAIVER | other]}
    (folder / "waivers.json").write_text(json.dumps(document), encoding="utf-8")
    judge([folder])
    return read(folder)


def test_a_waiver_lets_pass_what_it_names_and_nothing_else(folder: Path) -> None:
    verdict = waived(folder, SHORT_OF_ASSESSORS, clause="R2", host="room")
    assert (verdict["verdict"], verdict["counts"]["waived"]) == ("passed", 1)
    (found,) = [one for one in verdict["findings"] if one["outcome"] == "waived"]
    assert (found["clause"], found["waiver"]) == ("R2", 0)
    assert "0 名" in found["actual"], "what was found stays to be read"
    assert [one["state"] for one in verdict["waivers"]] == ["used"]
    assert verdict["valid_until"] == "2026-11-24T23:07:00.000Z"


def test_a_verdict_holds_no_longer_than_the_waiver_that_it_rests_on(folder: Path) -> None:
    verdict = waived(folder, SHORT_OF_ASSESSORS, clause="R2", host="room", expires="2026-11-24T01:00:00Z")
    assert (verdict["verdict"], verdict["valid_until"]) == ("passed", "2026-11-24T01:00:00.000Z")


def test_an_expired_waiver_counts_for_nothing_and_says_so(folder: Path) -> None:
    verdict = waived(folder, SHORT_OF_ASSESSORS, clause="R2", host="room", expires="2026-11-23T23:07:00Z")
    assert (verdict["verdict"], [one["state"] for one in verdict["waivers"]]) == ("refused", ["expired"])


def test_a_waiver_for_another_host_is_of_no_use(folder: Path) -> None:
    verdict = waived(folder, NO_CARD, host="pc02")
    assert [one["state"] for one in verdict["waivers"]] == ["unused"]
    assert "waived" not in verdict["counts"]


def test_waivers_that_cannot_be_read_leave_the_verdict_open(folder: Path) -> None:
    write(folder, {})
    (folder / "waivers.json").write_text('{"schema_version": 2, "waivers": []}', encoding="utf-8")
    judge([folder])
    assert read(folder)["verdict"] == "undecided"
