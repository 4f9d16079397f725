"""The inspector's rules as pytest tests: they read evidence, never a host, and give one verdict (V9).

    pytest tests/compliance --evidence=sessions/ID/inspection/TIME/evidence --verdict=verdict.json

Every test is one clause on one host. Its outcome is passed, failed, unknown or not applicable; a waiver turns failed
and unknown into waived. Unknown is what could not be read: never a pass, and it never hides a proven failure. The
verdict is 不允许开考 (refused) when a deciding clause fails, 无法判定 (undecided) when none fails but something is
unknown, and 允许开考 (passed) otherwise. Rules that were left out leave the verdict undecided.
"""

from __future__ import annotations

import json
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import Any

import pytest
from evidence import Evidence, Finding, UnknownError
from judging import Judging, one_line

from exam_room.inspection import verdict, waivers
from exam_room.inspection.outcomes import DECIDING, NOT_APPLICABLE, UNKNOWN

# The classes of keys come from modules that stay: typing remembers what it was subscripted with, and with a class of
# this file each run of pytest in a process would leave its whole room behind.
_FINDING = pytest.StashKey[Finding]()
_JUDGING = pytest.StashKey[Judging]()
_NOTHING_KNOWN = "?"
"""The one host of a room whose plan cannot be read."""


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("exam room")
    group.addoption("--evidence", type=Path, help="the folder of evidence: plan.json, outside.json, inside/HOST.json")
    group.addoption("--verdict", type=Path, help="where to write the verdict as JSON")


def pytest_configure(config: pytest.Config) -> None:
    folder = config.getoption("--evidence")
    if folder is None:
        raise pytest.UsageError("--evidence DIR is needed: the folder that inspect wrote")
    if not folder.is_dir():
        raise pytest.UsageError(f"没有证据文件夹 {folder}（there is no folder of evidence {folder}）")
    config.stash[_JUDGING] = Judging(Evidence(folder))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One test a host: ``client``, ``server`` and ``host`` come from the plan: one without evidence is judged too."""
    evidence = metafunc.config.stash[_JUDGING].evidence
    try:
        evidence.check_room()
        clients, hosts, server = evidence.clients, evidence.hosts, evidence.server
    except UnknownError:
        # Each rule says by itself that the plan cannot be read, and so nothing is a pass.
        clients, hosts, server = [_NOTHING_KNOWN], [_NOTHING_KNOWN], _NOTHING_KNOWN
    for argument, named in (("client", clients), ("host", hosts), ("server", [server])):
        if argument in metafunc.fixturenames:
            metafunc.parametrize(argument, named)


def pytest_deselected(items: Sequence[pytest.Item]) -> None:
    for item in items:
        item.config.stash[_JUDGING].left_out = "有规则未选用 rules were left out by an option"


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Nothing is judged without the plan of the room; and what a rule asks for is noted from here on."""
    evidence = item.config.stash[_JUDGING].evidence
    evidence.asked.clear()
    evidence.check_room()


@pytest.fixture(scope="session")
def evidence(request: pytest.FixtureRequest) -> Evidence:
    """Everything that was collected."""
    return request.config.stash[_JUDGING].evidence


@pytest.fixture
def finding(request: pytest.FixtureRequest) -> Finding:
    """What the test tells the inspector: what was expected, what was found, how to mend it."""
    told = Finding()
    request.node.stash[_FINDING] = told
    return told


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if call.when == "call" or (call.when == "setup" and call.excinfo):
        judging = item.config.stash[_JUDGING]
        outcome, reason = judging.outcome(call.excinfo.value if call.excinfo else None)
        if outcome == UNKNOWN:
            report.longrepr = f"无法判定 unknown: {reason}"
        elif outcome == NOT_APPLICABLE:
            report.outcome = "skipped"
            report.longrepr = (str(item.path), (item.location[1] or 0) + 1, f"不适用 not applicable: {reason}")
        judging.findings.append(_told(item, outcome, reason, judging.evidence))
    return report


def _told(item: pytest.Item, outcome: str, reason: str, evidence: Evidence) -> dict[str, Any]:
    told = item.stash.get(_FINDING, Finding())
    clause, severity = item.get_closest_marker("clause"), item.get_closest_marker("severity")
    callspec = getattr(item, "callspec", None)
    parameters = dict(callspec.params) if callspec else {}
    named = [str(parameters.pop(name)) for name in ("client", "server", "host") if name in parameters]
    rule = (item.function.__doc__ or item.name).strip().splitlines()[0]  # type: ignore[attr-defined]
    of = "".join(f"[{value}]" for value in parameters.values())
    return {
        "clause": clause.args[0] if clause else "?",
        "severity": severity.args[0] if severity else DECIDING,
        "rule": rule,
        "test": f"{item.path.stem}::{getattr(item, 'originalname', item.name)}{of}",
        "host": told.host or (named[0] if named else waivers.ROOM),
        "outcome": outcome,
        "expected": one_line(told.expected),
        "actual": one_line(reason or told.actual),
        "mend": one_line(told.mend),
        "asked": list(evidence.asked),
    }


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    judging = session.config.stash[_JUDGING]
    if exitstatus not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        # Interrupted, or a rule that cannot be loaded: no verdict at all.
        return
    if session.shouldstop or session.shouldfail:
        judging.left_out = "没有判定完就停止了 it was stopped before the end"
    judging.end()
    path = session.config.getoption("--verdict")
    if path is not None:
        verdict.write(path, judging.verdict)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if found := config.stash[_JUDGING].verdict:
        terminalreporter.write_line(f"{found['text']} {json.dumps(found['counts'], ensure_ascii=False)}")
