"""Whether the disc in the server's burner is what it has to be."""

from __future__ import annotations

import hashlib
from contextlib import contextmanager
from typing import Any

import pytest

from exam_room.discs import serverdisc
from exam_room.errors import ExamError
from exam_room.wire.smberrors import connection_lost, from_status
from unit.wire_fakes import FakeShare


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
