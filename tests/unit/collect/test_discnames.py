"""Names on the disc: what stays, what is changed, and that it is always the same."""

from __future__ import annotations

import random
import unicodedata

import pytest

from exam_room.collect.discnames import MAX_NAME, MAX_PATH, disc_names, disc_paths, fold


@pytest.mark.parametrize(
    "name",
    [
        "报告.docx",
        "a b  c.txt",
        "é.txt",
        " leading",
        "x" * 64,
        "中" * 64,
        ".hidden",
        "~$临时.docx",
        "a'b\"c".replace('"', "”"),
    ],
)
def test_a_name_that_everything_holds_stays(name: str) -> None:
    assert disc_names([name]) == {name: name}


@pytest.mark.parametrize(
    "name",
    [
        "x" * 65,
        "中" * 255 + ".txt",
        "笑😀.txt",
        "trailing.",
        "trailing ",
        "trailing\u3000",
        ".",
        "..",
        "",
        "...",
        "CON",
        "con.txt",
        "NUL .x",
        "a;1.txt",
        "100%.txt",
        "a/b",
        "a\\b",
        "../../etc/passwd",
        "line\nbreak",
        "para\u2029graph",
        "bell\a",
        "next\x85line",
        "lone\ud800",
        "null\0",
        'q"u?o*t<e>|:',
        "😀" * 100,
    ],
)
def test_any_other_is_changed_into_one_that_is(name: str) -> None:
    changed = disc_names([name])[name]
    assert changed != name
    assert len(changed.encode("utf-16-le")) // 2 <= MAX_NAME
    assert all(c.isprintable() and c not in '<>:"/\\|?*;%' and c < "\U00010000" for c in changed)
    assert not changed.endswith((".", " ")) and changed.split(".")[0].upper() not in ("CON", "NUL")
    assert disc_names([changed]) == {changed: changed}, "what is made needs no further change"


def test_the_extension_survives() -> None:
    assert disc_names(["长" * 100 + ".xlsx"])["长" * 100 + ".xlsx"].endswith(".xlsx")


COLLIDING = [
    ["Report.txt", "report.txt", "REPORT.TXT"],
    ["é.txt", unicodedata.normalize("NFD", "é.txt")],
    ["a;b", "a；b"],
    ["a.", "a ", "a"],
    ["straße", "strasse", "STRASSE"],
    ["x" * 65, "x" * 66, "x" * 64],
]


@pytest.mark.parametrize("names", COLLIDING)
def test_names_that_some_system_takes_for_one_are_told_apart(names: list[str]) -> None:
    found = disc_names(names)
    assert len({fold(name) for name in found.values()}) == len(names)
    assert sum(true == name for true, name in found.items()) >= 1 or all(len(name) > 64 for name in names)


@pytest.mark.parametrize("names", COLLIDING)
def test_the_order_of_the_listing_does_not_matter(names: list[str]) -> None:
    shuffled = random.Random(4).sample(names, len(names))
    assert disc_names(names) == disc_names(shuffled)


def test_a_name_that_pretends_to_be_a_changed_one_does_not_take_its_place() -> None:
    changed = disc_names(["a;b"])["a;b"]
    found = disc_names(["a;b", changed])
    assert found[changed] == changed
    assert found["a;b"] != changed


def test_paths_follow_the_names_of_their_folders() -> None:
    found = disc_paths("data/KS01_1", [("CON", "a.txt"), ("CON",), ("b",)])
    assert found[("CON", "a.txt")] == found[("CON",)] + "/a.txt"
    assert found[("b",)] == "data/KS01_1/b"


def test_a_path_too_long_for_windows_is_kept_near_the_top() -> None:
    deep = tuple("层" * 40 for _ in range(12))
    paths = [deep[:n] for n in range(1, 13)] + [(*deep, "答案.txt"), (*deep, "答案2.txt")]
    found = disc_paths("data/KS01_440100000000000000", paths)
    assert all(len(path) <= MAX_PATH for path in found.values())
    assert len(set(found.values())) == len(found)
    assert found[(*deep, "答案.txt")].startswith("data/KS01_440100000000000000/_long/")
    assert found[(*deep, "答案.txt")].endswith(".txt")


def test_a_candidates_own_folder_of_that_name_is_not_mixed_up_with_it() -> None:
    assert disc_paths("top", [("_LONG", "x")])[("_LONG",)] != "top/_LONG"


def test_no_path_leads_out() -> None:
    for parts in [("..", "..", "etc"), ("/etc", "passwd"), ("a\\..\\..\\b",), (".",), ("..\0",)]:
        path = disc_paths("top", [parts])[parts]
        assert path.startswith("top/") and not {".", "..", ""} & set(path.split("/"))
