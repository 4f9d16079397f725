"""What the burning script reports, what a person is told, and whether the disc is what it has to be."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import re
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from exam_room.discs import serverdisc
from exam_room.errors import ExamError
from exam_room.wire.smberrors import connection_lost, from_status
from unit.wire_fakes import FakeShare

SCRIPT = Path(__file__).parents[3] / "roles/burner/files/server/Write-ResultsDisc.ps1"
LABEL = "20251128AM_1"
GOOD = serverdisc.Report(
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


def report(**changes: Any) -> serverdisc.Report:
    return dataclasses.replace(GOOD, **changes)


def failed(stage: str, hresult: str = "", reason: str = "", **changes: Any) -> serverdisc.Report:
    return report(
        **{"ok": False, "stage": stage, "hresult": hresult, "reason": reason, "written": False, "label": "", **changes}
    )


def test_a_report_is_read_as_the_script_writes_it() -> None:
    raw = json.dumps(dataclasses.asdict(GOOD)).encode("utf-8-sig")
    assert serverdisc.parse(raw) == GOOD
    assert GOOD.kind == "DVD+R"
    assert GOOD.where == "E: HL-DT-ST DVDRAM GUD1N"


def test_the_script_reports_exactly_what_is_read() -> None:
    block = re.search(r"\$found = \[ordered\] @\{\n(.*?)\n\}", SCRIPT.read_text(encoding="utf-8"), re.DOTALL)
    assert block
    keys = re.findall(r"^    (\w+) += ", block[1], re.MULTILINE)
    assert keys == [field.name for field in dataclasses.fields(serverdisc.Report)]


def test_every_reason_of_the_script_has_words() -> None:
    said = set(re.findall(r"\$found\.reason = '(\w+)'", SCRIPT.read_text(encoding="utf-8")))
    assert said
    assert said <= serverdisc.REASONS.keys()


@pytest.mark.parametrize(
    "raw", [b"", b"{", b"[]", b"{}", json.dumps({**dataclasses.asdict(GOOD), "ok": "yes"}).encode()]
)
def test_a_damaged_report_says_nothing(raw: bytes) -> None:
    with pytest.raises(ExamError, match="看不懂"):
        serverdisc.parse(raw)


def test_a_good_one() -> None:
    verdict = serverdisc.judge(GOOD, LABEL)
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
def test_what_is_told_and_whether_another_blank_helps(found: serverdisc.Report, code: str, mend: bool) -> None:
    verdict = serverdisc.judge(found, LABEL)
    assert (verdict.code, verdict.ok, verdict.mend) == (code, False, mend)
    told = verdict.reason()
    assert isinstance(told, dict)
    assert re.search(r"[\u4e00-\u9fff]", told["zh"])
    assert not re.search(r"[\u4e00-\u9fff]", told["en"])


def test_facts_stand_behind_the_words() -> None:
    assert "Nero" in serverdisc.judge(failed("lock", "0xC0AA0210", owner="Nero"), LABEL).zh
    assert "0.3 MB < 734.0 MB" in serverdisc.judge(failed("medium", reason="too_small", free=300_000), LABEL).en
    assert "E: A, F: B" in serverdisc.judge(failed("drive", reason="several_recorders", detail="E: A, F: B")).zh
    assert "0xC0AA0300" in serverdisc.judge(failed("write", "0xC0AA0300", written=True), LABEL).zh


def test_after_a_mere_look_nothing_has_to_be_closed() -> None:
    assert serverdisc.judge(report(closed=False, label="", written=False)).ok


# -- reading back


class Disc(FakeShare):
    """A disc in memory; ``broken`` gives the status of what cannot be read."""

    def __init__(self, files: dict[str, bytes]) -> None:
        super().__init__()
        self.broken: dict[str, Exception] = {}
        self.files[""] = None
        for name, content in files.items():
            parts = name.split("/")
            for depth in range(1, len(parts)):
                self.files["\\".join(parts[:depth])] = None
            self.files["\\".join(parts)] = content

    def listdir(self, path: str) -> Any:
        if path in self.broken:
            raise self.broken[path]
        return [entry for entry in super().listdir(path) if entry.path]

    @contextmanager
    def open_read(self, path: str) -> Any:
        if path in self.broken:
            raise self.broken[path]
        with super().open_read(path) as handle:
            yield handle


FILES = {"校验说明.txt": b"how to", "data/KS01/答案 一.docx": b"answer", "data/KS01/空.txt": b""}
EXPECTED = {name: hashlib.sha256(content).hexdigest() for name, content in FILES.items()}


def test_exactly_what_was_burned() -> None:
    found = serverdisc.compare(Disc(FILES), EXPECTED)
    assert (found.ok, found.files, found.reason()) == (True, 3, "")


@pytest.mark.parametrize(
    ("files", "sort", "name"),
    [
        ({**FILES, "data/KS01/答案 一.docx": b"answez"}, "changed", "data/KS01/答案 一.docx"),
        ({**FILES, "data/KS01/空.txt": b"x"}, "changed", "data/KS01/空.txt"),
        ({name: FILES[name] for name in FILES if "空" not in name}, "missing", "data/KS01/空.txt"),
        ({**FILES, "data/KS01/more.txt": b""}, "extra", "data/KS01/more.txt"),
    ],
)
def test_each_difference_is_named(files: dict[str, bytes], sort: str, name: str) -> None:
    found = serverdisc.compare(Disc(files), EXPECTED)
    assert not found.ok
    assert getattr(found, sort) == (name,)
    told = found.reason()
    assert isinstance(told, dict)
    assert name in told["zh"]
    assert name in told["en"]


def test_a_name_in_another_case_is_another_name() -> None:
    found = serverdisc.compare(Disc({"A.txt": b"a"}), {"a.txt": hashlib.sha256(b"a").hexdigest()})
    assert (found.missing, found.extra, found.files) == (("a.txt",), ("A.txt",), 0)


def test_a_file_that_cannot_be_read_makes_the_disc_bad_and_the_rest_is_read() -> None:
    disc = Disc(FILES)
    disc.broken["校验说明.txt"] = from_status("STATUS_CRC_ERROR", "x")
    found = serverdisc.compare(disc, EXPECTED)
    assert (found.ok, found.files, found.changed, found.missing) == (False, 2, (), ())
    assert found.unreadable == ("校验说明.txt (STATUS_CRC_ERROR)",)


def test_a_folder_that_cannot_be_listed_makes_the_disc_bad() -> None:
    disc = Disc(FILES)
    disc.broken["data"] = from_status("STATUS_DEVICE_DATA_ERROR", "x")
    assert serverdisc.compare(disc, EXPECTED).unreadable == ("/ (STATUS_DEVICE_DATA_ERROR)",)


@pytest.mark.parametrize("where", ["data", "校验说明.txt"])
def test_a_lost_connection_says_nothing_about_the_disc(where: str) -> None:
    disc = Disc(FILES)
    disc.broken[where] = connection_lost("x", "gone")
    with pytest.raises(ExamError, match="连接中断"):
        serverdisc.compare(disc, EXPECTED)


@pytest.mark.parametrize("expected", [{}, [], None, {"a": 1}, {"a": "short"}])
def test_a_list_that_is_none_is_refused(expected: object) -> None:
    with pytest.raises(ExamError, match="burner_expected"):
        serverdisc.check_expected(expected)


def test_hashes_in_capitals_are_the_same_hashes() -> None:
    assert serverdisc.check_expected({name: digest.upper() for name, digest in EXPECTED.items()}) == EXPECTED
