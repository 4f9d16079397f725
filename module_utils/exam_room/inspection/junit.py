"""The verdict as JUnit XML, for programs that show the results of tests: clause and host are the names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree

from ..papers.words import seen
from .outcomes import FAILED, NOT_APPLICABLE, UNKNOWN, WAIVED, WORDS

_ELEMENTS = {FAILED: "failure", UNKNOWN: "error", WAIVED: "skipped", NOT_APPLICABLE: "skipped"}


def document(verdict: Mapping[str, Any]) -> bytes:
    """One test suite a clause, one test case a finding: what does not hold is a failure, what is unknown an error."""
    suites = ElementTree.Element("testsuites", _totals(verdict["findings"]))
    suites.set("name", f"考前检查 {verdict['session']['id'] or ''}".strip())
    for clause in verdict["clauses"]:
        own = [finding for finding in verdict["findings"] if finding["clause"] == clause["id"]]
        title = clause["title"]
        suite = ElementTree.SubElement(suites, "testsuite", _totals(own))
        suite.set("name", seen(f"{clause['id']} {title['zh']} {title['en']}"))
        suite.set("timestamp", str(verdict["inspected_at"])[:19])
        for finding in own:
            _case(suite, finding)
    ElementTree.indent(suites)
    written: bytes = ElementTree.tostring(suites, encoding="utf-8", xml_declaration=True)
    return written + b"\n"


def _totals(findings: list[dict[str, Any]]) -> dict[str, str]:
    counts = Counter(_ELEMENTS.get(finding["outcome"], "") for finding in findings)
    totals = {"tests": len(findings), "failures": counts["failure"], "errors": counts["error"]}
    return {name: str(count) for name, count in (totals | {"skipped": counts["skipped"]}).items()}


def _case(suite: ElementTree.Element, finding: Mapping[str, Any]) -> None:
    case = ElementTree.SubElement(suite, "testcase")
    case.set("classname", str(finding["clause"]))
    case.set("name", seen(f"{finding['host']}: {finding['rule']}"))
    if element := _ELEMENTS.get(finding["outcome"]):
        said = ElementTree.SubElement(case, element)
        said.set("type", str(finding["severity"]))
        said.set("message", seen(f"{WORDS[finding['outcome']].zh} {finding['actual']}"))
        if element != "skipped":
            said.text = seen(f"应为 expected: {finding['expected']}  处理 mend: {finding['mend']}")
