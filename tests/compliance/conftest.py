"""The inspector's rules as pytest tests: they read evidence, never a host, and give one verdict (V9).

    pytest tests/compliance --evidence=sessions/ID/inspection/evidence --verdict=verdict.json

Every test is one clause on one host. Its outcome is passed, failed or unknown: unknown is what could not be read, never
a pass, and never hides a proven failure. The verdict is 不允许开考 (refused) when a deciding clause fails, 无法判定
(undecided) when none fails but something is unknown, and 允许开考 (passed) otherwise.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from evidence import Evidence, Finding, UnknownError, write_verdict

_FINDING = pytest.StashKey[Finding]()
_RESULTS = pytest.StashKey[list[dict[str, Any]]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("exam room")
    group.addoption("--evidence", type=Path, help="the folder of evidence: plan.json, outside.json, inside/HOST.json")
    group.addoption("--verdict", type=Path, help="where to write the verdict as JSON")


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_RESULTS] = []


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One test a host: ``client``, ``server`` and ``host`` come from the plan: one without evidence is judged too."""
    folder = metafunc.config.getoption("--evidence")
    if folder is None:
        raise pytest.UsageError("--evidence DIR is needed: the folder that inspect wrote")
    try:
        evidence = Evidence(folder)
        clients, hosts, server = evidence.clients, evidence.hosts, evidence.server
    except (UnknownError, LookupError, TypeError) as error:
        raise pytest.UsageError(f"plan.json: 读不到考场（the room cannot be read）: {error}") from error
    if not clients:
        # Without this the rules on clients would be skipped in silence.
        raise pytest.UsageError("plan.json: 没有机位（no seats）")
    for argument, named in (("client", clients), ("host", hosts), ("server", [server])):
        if argument in metafunc.fixturenames:
            metafunc.parametrize(argument, named)


@pytest.fixture(scope="session")
def evidence(request: pytest.FixtureRequest) -> Evidence:
    """Everything that was collected."""
    return Evidence(request.config.getoption("--evidence"))


@pytest.fixture
def finding(request: pytest.FixtureRequest) -> Finding:
    """What the test tells the inspector: what was expected, what was found, how to mend it."""
    told = Finding()
    request.node.stash[_FINDING] = told
    return told


def _reason(error: BaseException) -> str:
    """Also an evidence document of another shape than expected: that is no proof of anything."""
    if isinstance(error, UnknownError):
        return str(error)
    return f"证据的内容出乎意料（evidence that was not expected）: {error!r}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    reason = ""
    if call.when == "call" or (call.when == "setup" and call.excinfo):
        if call.excinfo is None:
            outcome = "passed"
        elif call.excinfo.errisinstance(AssertionError):
            outcome = "failed"
        else:
            outcome = "unknown"
            reason = _reason(call.excinfo.value)
            report.longrepr = f"无法判定 unknown: {reason}"
        finding = item.stash.get(_FINDING, Finding())
        clause = item.get_closest_marker("clause")
        severity = item.get_closest_marker("severity")
        parameters = getattr(item, "callspec", None)
        item.config.stash[_RESULTS].append(
            {
                "clause": clause.args[0] if clause else "?",
                "severity": severity.args[0] if severity else "deciding",
                "rule": (item.function.__doc__ or item.name).strip().splitlines()[0],  # type: ignore[attr-defined]
                "host": next(iter(parameters.params.values())) if parameters and parameters.params else "room",
                "outcome": outcome,
                "expected": finding.expected,
                "actual": reason if outcome == "unknown" else finding.actual,
                "mend": finding.mend,
            }
        )
    return report


def pytest_sessionfinish(session: pytest.Session) -> None:
    path = session.config.getoption("--verdict")
    if path is not None:
        write_verdict(path, session.config.stash[_RESULTS])


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    results = config.stash[_RESULTS]
    counts = Counter(result["outcome"] for result in results)
    terminalreporter.write_line(json.dumps(counts, ensure_ascii=False))
