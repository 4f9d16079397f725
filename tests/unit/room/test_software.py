"""What an exam requires and forbids, and how that shows among installed programs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from exam_room.errors import InputRefused
from exam_room.room import software
from exam_room.room.exams import load_exam
from exam_room.room.software import Required, intruders, matches, software_of, standing, version_of
from exam_room.room.unwanted import KINDS, UNWANTED
from unit.room.samples import only
from unit.room.test_exams import site

WPS = {"name": "WPS Office", "match": ["WPS Office*"]}


def program(name: str, version: str | None = "1.0", publisher: str | None = None) -> dict[str, Any]:
    return {"name": name, "version": version, "publisher": publisher, "view": "64", "key": name}


@pytest.mark.parametrize(
    ("pattern", "name", "taken"),
    [
        ("WPS Office*", "WPS Office (12.1.0.18276)", True),
        ("wps  office*", "ＷＰＳ Office 2019", True),
        ("QQ", "QQ", True),
        ("QQ", "QQ浏览器", False),
        ("QQ", "腾讯QQ", False),
        ("*虚拟光驱*", "魔方虚拟光驱 4.0", True),
        ("A.C*", "ABC", False),
        ("7-Zip *", "7-Zip 23.01 (x64)", True),
        ("Notepad++*", "Notepad++ (64-bit x64)", True),
    ],
)
def test_a_pattern_takes_the_whole_name(pattern: str, name: str, taken: bool) -> None:
    assert matches((pattern,), name) == taken


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("10.2", (10, 2)),
        ("1.0.0", (1,)),
        ("0.0", (0,)),
        ("v2.45.1", (2, 45, 1)),
        ("7, 2, 0, 1", (7, 2, 0, 1)),
        ("１２.1", (12, 1)),
        (" 2021 ", (2021,)),
        ("", None),
        (None, None),
        ("1.2-beta", None),
        ("23.01 (x64)", None),
        ("1..2", None),
        ("最新版", None),
    ],
)
def test_versions_are_numbers_or_not_known(text: str | None, version: tuple[int, ...] | None) -> None:
    assert version_of(text) == version


@pytest.mark.parametrize(
    ("versions", "met"),
    [
        ([], False),
        (["12.1.0.18276"], True),
        (["12.1"], True),
        (["12.0.9999"], False),
        (["9.9"], False),
        (["9.9", "12.1"], True),
        (["unreadable"], None),
        ([None], None),
        (["9.9", "unreadable"], None),
        (["unreadable", "13"], True),
    ],
)
def test_how_a_requirement_stands(versions: list[str | None], met: bool | None) -> None:
    wanted = Required("WPS Office", ("WPS Office*",), "12.1", "clients", "WPS Office")
    found = standing(wanted, [program("WPS Office", version) for version in versions] + [program("WPS PDF", "99")])
    assert found.met is met
    assert "WPS Office" in found.words() and "12.1" in found.words()


def test_without_a_minimum_any_version_will_do() -> None:
    wanted = Required("WPS Office", ("WPS Office*",), "", "clients", "WPS Office")
    assert standing(wanted, [program("WPS Office 专业版", None)]).met is True


def test_who_has_to_have_it() -> None:
    section = {"required": [WPS, WPS | {"name": "a", "hosts": "server"}, WPS | {"name": "b", "hosts": "all"}]}
    wanted = software_of(section).required
    assert [one.name for one in wanted if one.concerns(server=False)] == ["WPS Office", "b"]
    assert [one.name for one in wanted if one.concerns(server=True)] == ["a", "b"]


@pytest.mark.parametrize(
    ("name", "publisher", "code"),
    [
        ("TeamViewer 15", None, "teamviewer"),
        ("Some host", "TeamViewer Germany GmbH", "teamviewer"),
        ("贝锐向日葵", None, "sunlogin"),
        ("微信", "腾讯科技(深圳)有限公司", "wechat"),
        ("腾讯QQ", "腾讯科技(深圳)有限公司", "qq"),
        ("钉钉", None, "dingtalk"),
        ("百度网盘", None, "baidu-netdisk"),
        ("DAEMON Tools Lite", None, "daemon-tools"),
        ("微信开发者工具", None, None),
        ("QQ浏览器", None, None),
        ("Microsoft OneDrive", "Microsoft Corporation", None),
        ("千牛工作台", None, None),
    ],
)
def test_what_no_room_has(name: str, publisher: str | None, code: str | None) -> None:
    found = [words for _, words in intruders(software_of(None), [program(name, publisher=publisher)])]
    assert found == ([] if code is None else [next(one.words for one in UNWANTED if one.code == code)])


def test_what_is_allowed_or_required_is_no_intruder() -> None:
    programs = [program("微信"), program("腾讯QQ"), program("答题助手")]
    section = {
        "required": [{"name": "微信", "match": ["微信"]}],
        "allowed": ["qq"],
        "forbidden": [{"name": "答题助手", "match": ["*答题*"]}],
    }
    assert [one["name"] for one, _ in intruders(software_of(section), programs)] == ["答题助手"]


def test_the_list_of_unwanted_programs_is_sound() -> None:
    codes = [one.code for one in UNWANTED]
    assert len(set(codes)) == len(codes)
    assert {one.kind for one in UNWANTED} == set(KINDS)
    patterns = [pattern for one in UNWANTED for pattern in one.match]
    assert all(len(pattern.replace("*", "")) >= 2 for pattern in patterns)


def test_an_exam_carries_its_software_into_the_plan(tmp_path: Path) -> None:
    section = {"required": [WPS | {"minimum": 12, "hosts": "all"}], "allowed": ["wechat"]}
    exam = load_exam(site(tmp_path, software=section), "own")
    assert exam.to_dict()["software"] == {
        "required": [WPS | {"minimum": "12", "hosts": "all", "package": "WPS Office"}],
        "forbidden": [],
        "allowed": ["wechat"],
    }
    assert software_of(exam.to_dict()["software"]) == exam.software
    assert list(software.words(exam.software)) == [
        (
            "必需软件（服务器和客户端）：WPS Office 12 或更高",
            "required software (server and clients): WPS Office 12 or newer",
        )
    ]


def needs(*required: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"required": list(required), **more}


@pytest.mark.parametrize(
    ("section", "field", "chinese", "english"),
    [
        ({"required": []}, "required", "不能为空", "not be empty"),
        (needs({"name": "x"}), "required.0", "缺少 match", "match missing"),
        (needs({"name": "x", "match": []}), "required.0.match", "不能为空", "not be empty"),
        (needs({"name": "x", "match": [""]}), "required.0.match.0", "不能为空", "not be empty"),
        (needs({"name": "x", "match": ["**a"]}), "required.0.match.0", "两个字符", "two characters"),
        (needs(WPS | {"minimum": "1.2-beta"}), "required.0.minimum", "例如 12.1", "such as 12.1"),
        (needs(WPS | {"hosts": "pc01"}), "required.0.hosts", "clients、server、all 之一", "one of clients"),
        (
            needs(WPS | {"minimum": "1"}, WPS | {"minimum": "2", "match": ["WPS"]}),
            "required.1.name",
            "与第 1 项是同一程序，且最低版本矛盾：1 与 2",
            "another minimum: 1 and 2",
        ),
        (
            needs(WPS, {"name": "金山办公", "match": ["wps office*"]}),
            "required.1.match",
            "与第 1 项是同一程序",
            "the same program as entry 1",
        ),
        (
            needs(WPS, forbidden=[{"name": "金山", "match": ["WPS*"]}]),
            "forbidden.0",
            "WPS Office 既必需又禁止",
            "both required and forbidden",
        ),
        (
            {"allowed": ["wechat"], "forbidden": [{"name": "x", "match": ["微信*"]}]},
            "forbidden.0",
            "微信 既允许又禁止",
            "both allowed and forbidden",
        ),
        ({"allowed": ["we-chat"]}, "allowed.0", "是否应为 wechat", "did you mean wechat"),
    ],
)
def test_refuses(tmp_path: Path, section: dict[str, Any], field: str, chinese: str, english: str) -> None:
    with pytest.raises(InputRefused) as refused:
        load_exam(site(tmp_path, software=section), "own")
    problem = only(refused.value)
    assert (problem.file, problem.field) == ("own.yml", f"software.{field}")
    assert chinese in problem.zh
    assert english in problem.en
    assert problem.row


def test_a_narrower_forbidden_program_is_no_contradiction(tmp_path: Path) -> None:
    section = needs({"name": "QQ浏览器及其他", "match": ["QQ*"]}, forbidden=[{"name": "QQ旋风", "match": ["QQ旋风*"]}])
    assert load_exam(site(tmp_path, software=section), "own").software.forbidden[0].name == "QQ旋风"
