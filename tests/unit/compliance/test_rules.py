"""Every rule of tests/compliance: what just passes, what just fails, and what cannot be read."""

from __future__ import annotations

import ast
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from unit.compliance.case import FAILED, PASSED, UNKNOWN, Case
from unit.compliance.cases import CASES as OLDER
from unit.compliance.cases_equipment import CASES as OF_EQUIPMENT
from unit.compliance.cases_hosts import CASES as OF_HOSTS
from unit.compliance.good_room import GONE, UNREAD, write
from unit.compliance.judging import ROOT, RULES, judge, judge_each

CASES = [*OLDER, *OF_HOSTS, *OF_EQUIPMENT]
HOSTS = {"server", "pc01", "pc02", "pc03"}
CLAUSES = {*(f"V{number}" for number in range(1, 9)), "R1", "R2", "R3"}


def _rules() -> dict[str, tuple[str, str]]:
    """What each rule calls itself in a verdict, and where it stands as pytest names it, by the name of its function."""
    found = {}
    for path in sorted(RULES.glob("test_*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                found[node.name] = ((ast.get_docstring(node) or "").splitlines()[0], f"{path}::{node.name}")
    return found


PLACES = _rules()
SENTENCES = {name: sentence for name, (sentence, _) in PLACES.items()}


def _verdict(folder: Path) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((folder / "verdict.json").read_text(encoding="utf-8"))
    return read


def _finding(verdict: dict[str, Any], rule: str, host: str) -> dict[str, Any]:
    (found,) = [one for one in verdict["findings"] if one["rule"] == SENTENCES[rule] and one["host"] == host]
    assert isinstance(found, dict)
    return found


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The folder of each case, judged by its rule."""
    folders = {
        case.id: write(tmp_path_factory.mktemp(f"case{number}"), case.changes) for number, case in enumerate(CASES)
    }
    judge_each([(PLACES[case.rule][1], folders[case.id]) for case in CASES])
    return folders


@pytest.mark.parametrize("rule", SENTENCES)
def test_every_rule_has_all_three_outcomes_here(rule: str) -> None:
    assert {case.outcome for case in CASES if case.rule == rule} >= {PASSED, FAILED, UNKNOWN}


def test_every_sentence_names_one_rule() -> None:
    assert len(set(SENTENCES.values())) == len(SENTENCES)
    assert len({case.id for case in CASES}) == len(CASES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_rule(case: Case, judged: dict[str, Path]) -> None:
    verdict = _verdict(judged[case.id])
    found = _finding(verdict, case.rule, case.host)
    assert found["outcome"] == case.outcome, found
    if found["severity"] == "recommended":
        # It decides nothing, and nothing else was judged.
        assert verdict["verdict"] == "undecided"
    elif case.outcome == FAILED:
        assert verdict["verdict"] == "refused"
    elif case.outcome == UNKNOWN:
        assert verdict["verdict"] != "passed"
    assert found["actual"], "the inspector reads what was found"
    assert found["expected"]


@pytest.fixture
def evidence(tmp_path: Path) -> Path:
    return tmp_path / "evidence"


def test_the_good_room_may_open(evidence: Path) -> None:
    (status,) = judge([write(evidence, {})])
    verdict = _verdict(evidence)
    assert (status, verdict["verdict"], verdict["text"]) == (0, "passed", "允许开考")
    assert set(verdict["counts"]) == {"passed", "not_applicable"}
    # S1 asks for no invigilators.
    assert [one["clause"] for one in verdict["findings"] if one["outcome"] == "not_applicable"] == ["R3"]
    assert {one["host"] for one in verdict["findings"]} == HOSTS | {"room"}
    assert {one["clause"] for one in verdict["findings"]} == CLAUSES


def test_a_host_without_evidence_is_unknown_and_not_skipped(evidence: Path) -> None:
    (status,) = judge([write(evidence, {"inside/pc02": GONE})])
    verdict = _verdict(evidence)
    assert (status, verdict["verdict"]) == (1, "undecided")
    unknown = [one for one in verdict["findings"] if one["outcome"] == "unknown"]
    assert {one["host"] for one in unknown} == {"pc02"}
    assert all("pc02" in one["actual"] for one in unknown)
    # The same rules as for any other client: nothing is left out.
    rules = {host: [one["rule"] for one in verdict["findings"] if one["host"] == host] for host in ("pc01", "pc02")}
    assert rules["pc02"] == rules["pc01"]


def test_evidence_that_is_cut_off_is_unknown(evidence: Path) -> None:
    write(evidence, {})
    (evidence / "inside/pc03.json").write_text('{"identity": ', encoding="utf-8")
    judge([evidence])
    verdict = _verdict(evidence)
    assert verdict["verdict"] == "undecided"
    assert {one["host"] for one in verdict["findings"] if one["outcome"] == "unknown"} == {"pc03"}


def test_a_proven_failure_decides_although_something_is_unknown(evidence: Path) -> None:
    judge([write(evidence, {"inside/pc02": GONE, "inside/pc01/firewall/value/Public/enabled": False})])
    verdict = _verdict(evidence)
    assert (verdict["verdict"], verdict["text"]) == ("refused", "不允许开考")
    assert verdict["counts"]["unknown"] > 1
    assert [one["rule"] for one in verdict["findings"] if one["outcome"] == "failed"] == [
        SENTENCES["test_firewall_is_on"]
    ]


@pytest.mark.parametrize("changes", [{"plan/seats": []}, {"plan/seats": GONE}, {"plan/server": UNREAD}])
def test_without_a_room_nothing_is_judged(evidence: Path, changes: dict[str, Any]) -> None:
    """Rather than a verdict on the few rules that need no client."""
    judge([write(evidence, changes)])
    verdict = _verdict(evidence)
    assert (verdict["verdict"], set(verdict["counts"])) == ("undecided", {"unknown"})
    assert all("plan.json" in one["actual"] for one in verdict["findings"])


def test_a_recommended_rule_is_told_but_does_not_decide(evidence: Path, tmp_path: Path) -> None:
    rules = Path(shutil.copytree(RULES, tmp_path / "tests/rules", ignore=shutil.ignore_patterns("__pycache__")))
    (tmp_path / "module_utils").symlink_to(ROOT / "module_utils")
    (rules / "test_advice.py").write_text(
        "import pytest\n"
        "pytestmark = [pytest.mark.clause('V99'), pytest.mark.severity('recommended')]\n"
        "def test_failed(finding):\n    'advice that is not followed'\n    assert False\n"
        "def test_unknown(evidence):\n    'advice that cannot be judged'\n    evidence.inside('pc01', 'nothing')\n"
        "def test_skipped():\n    'advice that skips itself'\n    pytest.skip('later')\n",
        encoding="utf-8",
    )
    judge([write(evidence, {})], rules)
    verdict = _verdict(evidence)
    advice = {one["rule"]: one["outcome"] for one in verdict["findings"] if one["clause"] == "V99"}
    assert {one["severity"] for one in verdict["findings"] if one["clause"] == "V99"} == {"recommended"}
    assert advice == {
        "advice that is not followed": "failed",
        "advice that cannot be judged": "unknown",
        "advice that skips itself": "unknown",
    }
    assert verdict["verdict"] == "passed"
