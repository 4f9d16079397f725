"""Keeps one inspection: its evidence, the verdict of the rules on it, the report, and a signature over all of it.

Each has a folder of its own, ``inspection/TIME`` in the session directory, which is new and empty: a host that no
longer answers is never judged by what an earlier inspection saw, and no inspection is written over.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from ..errors import ExamError
from ..files import sync_directory, told, write_atomic
from ..journal.journal import Clock, stamp, utc_now
from ..journal.steps import operator
from ..papers import pages, pdf
from ..seal import signature
from ..tools import run
from ..trial.document import left_out
from . import clauses, compare, junit, waivers
from .report import Report, Seal
from .verdict import SCHEMA_VERSION

FOLDER = "inspection"
EVIDENCE, VERDICT, CHANGES = "evidence", "verdict.json", "changes.json"
HTML, PDF, JUNIT = "report.html", "report.pdf", "junit.xml"
MANIFEST, SIGNATURE, SIGNERS = "manifest-sha256.txt", "manifest-sha256.txt.sig", "allowed_signers"
PLAN_SCHEMA = 1
_TEMPLATE = "report.html.j2"
_TIME = re.compile(r"\d{8}T\d{6}Z(-\d+)?")
_PATIENCE_S = 300.0
# pytest: every rule holds, or some rule does not. Anything else means that nothing was judged.
_JUDGED = (0, 1)
_LAST_LINES = 8


@dataclass(frozen=True)
class Order:
    """One inspection. ``directory`` is the session's.

    ``plan``: the room and its seats; ``outside`` and ``inside`` (by host): what was seen; ``not_reached``: why other
    hosts could not be asked; ``restart_proofs``: what a restart showed of restore cards, by host; ``trial``: what the
    trial showed, empty where it was left out. ``rules``: the folder of the rules. ``key``: the site's, None for no
    signature.
    """

    directory: Path
    plan: Mapping[str, Any]
    outside: Mapping[str, Any]
    inside: Mapping[str, Mapping[str, Any]]
    not_reached: Mapping[str, str]
    waivers: Path
    rules: Path
    templates: Sequence[Path]
    key: Path | None
    signer: str
    pdf: bool = True
    inspector_title: str = "督考员"
    restart_proofs: Mapping[str, Any] = field(default_factory=dict)
    trial: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class Kept:
    """What there is now; ``report`` is the file to print; ``changes`` against the inspection before, None for none.

    ``folder`` and ``report`` are None where nothing was kept.
    """

    folder: Path | None
    verdict: Mapping[str, Any]
    verdict_sha256: str
    report: Path | None
    changes: Mapping[str, Any] | None = None
    warnings: list[ExamError] = field(default_factory=list)


def _read_waivers(plan: Mapping[str, Any], path: Path, rules: Path) -> list[waivers.Waiver]:
    """The waivers for this room; raises InputRefused where the file cannot be read."""
    hosts = [str(plan["server"]["host"]), *(str(seat["host"]) for seat in plan["seats"])]
    return waivers.load(path, clauses.load(rules), hosts)


def keep(order: Order, clock: Clock = utc_now) -> Kept:
    """Judge the evidence and keep everything. Raises ExamError where nothing can be judged.

    A PDF or a signature that cannot be made is a warning: the verdict stands all the same.
    """
    waived = _read_waivers(order.plan, order.waivers, order.rules)
    now = clock()
    with told(order.directory):
        folder = _new_folder(order.directory / FOLDER, now)
        for name, document in _documents(order, waived, now):
            path = folder / EVIDENCE / f"{name}.json"
            path.parent.mkdir(exist_ok=True)
            write_atomic(path, _json(document), durable=False)
    # Loading the library takes as long as half the judging, which is done by another process.
    with pdf.loading() if order.pdf else nullcontext():
        verdict = _judge(order, folder)
    content = (folder / VERDICT).read_bytes()
    kept = Kept(folder, verdict, sha256(content).hexdigest(), folder / HTML, _changes(folder, verdict))
    seal = _seal(order, kept)
    plan = json.loads((folder / EVIDENCE / "plan.json").read_bytes())
    report = Report(verdict, plan, kept.changes, seal, kept.verdict_sha256, order.inspector_title)
    with told(folder):
        if kept.changes is not None:
            write_atomic(folder / CHANGES, _json(kept.changes), durable=False)
        write_atomic(folder / JUNIT, junit.document(verdict), durable=False)
        kept.report = _print(order, folder, report, kept.warnings)
        _sign(order, folder, seal)
    return kept


def _new_folder(parent: Path, now: datetime) -> Path:
    """A folder for the inspection of this moment, that nothing has been in."""
    parent.mkdir(parents=True, exist_ok=True, mode=0o755)
    name = f"{now:%Y%m%dT%H%M%SZ}"
    for candidate in (name, *(f"{name}-{number}" for number in range(2, 100))):
        with suppress(FileExistsError):
            (parent / candidate).mkdir(mode=0o755)
            (parent / candidate / EVIDENCE).mkdir(mode=0o755)
            return parent / candidate
    raise ExamError(f"{parent} 中已有 {name}。", f"There is {name} in {parent} already.")


def _documents(
    order: Order, waived: Sequence[waivers.Waiver], now: datetime
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    yield "plan", {**order.plan, "schema_version": PLAN_SCHEMA, "inspected_at": stamp(now), "inspected_by": operator()}
    yield "outside", order.outside
    yield "trial", order.trial or left_out()
    yield "restore_cards", {"schema_version": 1, "hosts": order.restart_proofs}
    yield "waivers", waivers.to_document(waived)
    for host, document in order.inside.items():
        yield f"inside/{host}", document
    for host, reason in order.not_reached.items():
        yield f"inside/{host}", {"schema_version": 1, "host": host, "unknown": reason}


def _json(document: Mapping[str, Any]) -> bytes:
    return (json.dumps(document, ensure_ascii=False, indent=2) + "\n").encode("utf-8", "backslashreplace")


def _judge(order: Order, folder: Path) -> Mapping[str, Any]:
    """Hold the rules against the evidence, in a process of their own."""
    done = run(
        [
            sys.executable,
            *("-m", "pytest", "-q", "--no-header"),
            f"--evidence={folder / EVIDENCE}",
            f"--verdict={folder / VERDICT}",
            str(order.rules),
        ],
        # Whatever else is installed or set here, the same rules give the same verdict.
        environment={"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_ADDOPTS": ""},
        timeout=_PATIENCE_S,
    )
    if done.returncode not in _JUDGED or not (folder / VERDICT).exists():
        said = (done.stdout + done.stderr).decode("utf-8", "replace").strip().splitlines()[-_LAST_LINES:]
        text = "\n".join(said)
        raise ExamError(f"规则没有判定（{order.rules}）：\n{text}", f"The rules have judged nothing:\n{text}")
    verdict: Mapping[str, Any] = json.loads((folder / VERDICT).read_bytes())
    return verdict


def latest(directory: Path) -> Path | None:
    """The folder of the last inspection of the session in ``directory`` that came to a verdict; None for none."""
    return max(_judged(directory / FOLDER), key=_age, default=None)


def earlier(folder: Path) -> Path | None:
    """The inspection of this session before the one in ``folder``; None where there was none."""
    return max((one for one in _judged(folder.parent) if _age(one) < _age(folder)), key=_age, default=None)


def _judged(parent: Path) -> list[Path]:
    found = parent.iterdir() if parent.is_dir() else ()
    return [one for one in found if _TIME.fullmatch(one.name) and (one / VERDICT).exists()]


def _age(folder: Path) -> tuple[str, int]:
    time, _, number = folder.name.partition("-")
    return time, int(number or 1)


def read_verdict(folder: Path) -> Mapping[str, Any]:
    """The verdict of a kept inspection. Raises ExamError for one that is missing, damaged or of another schema."""
    path = folder / VERDICT if folder.is_dir() else folder
    try:
        verdict = json.loads(path.read_bytes())
        version = verdict["schema_version"]
    except (OSError, ValueError, LookupError, TypeError) as exc:
        raise ExamError(f"读不了结论 {path}：{exc}", f"Cannot read the verdict {path}: {exc}") from exc
    if version != SCHEMA_VERSION:
        raise ExamError(
            f"{path} 的格式版本是 {version}，本程序认识 {SCHEMA_VERSION}。",
            f"{path} is of schema {version}; this program knows {SCHEMA_VERSION}.",
        )
    found: Mapping[str, Any] = verdict
    return found


def _changes(folder: Path, verdict: Mapping[str, Any]) -> Mapping[str, Any] | None:
    before = earlier(folder)
    if before is None:
        return None
    try:
        return compare.compare(read_verdict(before), verdict)
    except (ExamError, LookupError, TypeError):
        # An old one that cannot be read says nothing of this one.
        return None


def _seal(order: Order, kept: Kept) -> Seal:
    """Who is going to sign, and with which key."""
    try:
        if order.key is None:
            raise ExamError("没有配置签名密钥 exam_signing_key。", "No signing key is set (exam_signing_key).")
        signature.check_signer(order.signer)
        return Seal(order.signer, signature.fingerprint(signature.public_key(order.key)))
    except ExamError as exc:
        kept.warnings.append(ExamError(f"报告没有签名：{exc.zh}", f"The report is not signed: {exc.en}"))
        return Seal(problem=exc.zh)


def _print(order: Order, folder: Path, report: Report, warnings: list[ExamError]) -> Path:
    """Make the report, and say which file to print."""
    session = {"plan": {"id": report.session.get("id", "")}}
    html = pages.render(order.templates, _TEMPLATE, {"report": report, "session": session})
    write_atomic(folder / HTML, html, durable=False)
    if order.pdf:
        try:
            write_atomic(folder / PDF, pdf.make([html]), durable=False)
            return folder / PDF
        except ExamError as exc:
            warnings.append(exc)
    return folder / HTML


def _sign(order: Order, folder: Path, seal: Seal) -> None:
    """List the hash of every file, sign the list, and make all of it durable."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    lines = [f"{sha256(path.read_bytes()).hexdigest()}  {path.relative_to(folder)}\n" for path in files]
    manifest = "".join(lines).encode("utf-8")
    for path in files:
        _sync(path)
    sync_directory(folder / EVIDENCE)
    write_atomic(folder / MANIFEST, manifest)
    if order.key is not None and not seal.problem:
        public = signature.public_key(order.key)
        signers = signature.allowed_signers(seal.signer, public, signature.INSPECTION)
        write_atomic(folder / SIGNERS, signers.encode())
        write_atomic(folder / SIGNATURE, signature.sign(order.key, manifest, signature.INSPECTION))


def _sync(path: Path) -> None:
    fd = os.open(path, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
