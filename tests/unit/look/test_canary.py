"""What a restart proves: the file is gone, there, or another one; and what is no proof."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from exam_room.errors import ExamError
from exam_room.look import canary

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
BEFORE, AFTER = "2026-11-23T07:00:00.000Z", "2026-11-23T08:01:00.000Z"
ON = {"name": "影子卫士 Shadow Defender", "tells": "", "protects": True, "text": "影子卫士 Shadow Defender: 保护中 on"}
OFF = {"name": "冰点还原 Faronics Deep Freeze", "tells": "deep_freeze", "protects": False, "text": ""}
FILTER_OFF = {"name": "统一写入筛选器 UWF Unified Write Filter", "tells": "uwf", "protects": False, "text": ""}
C, D = "C:\\ExamRoom-canary.txt", "D:\\ExamRoom-canary.txt"


def chosen(
    host: str = "pc01",
    server: bool = False,
    cards: tuple[Mapping[str, Any], ...] = (),
    managed: bool = False,
    earlier: dict[str, Any] | None = None,
) -> dict[str, Any]:
    drives = ["c:", "D:", "C:"] if server else ["C:"]
    document, _ = canary.choose(host, server, drives, cards, BEFORE, managed, earlier, lambda: NOW)
    return document


def proved(document: dict[str, Any], *gone: str, other: str = "") -> dict[str, Any]:
    found = {file["path"]: "" if file["path"] in gone else file["sha256"] for file in document["files"]}
    if other:
        found[other] = "00" * 32
    return canary.looked(document, found, AFTER, lambda: NOW)


def test_no_two_proofs_write_the_same() -> None:
    first, second = chosen(), chosen()
    assert [file["path"] for file in first["files"]] == [C]
    assert first["files"][0]["sha256"] != second["files"][0]["sha256"]
    assert [file["path"] for file in chosen(server=True)["files"]] == [C, D]


def test_on_a_client_what_is_gone_is_protected() -> None:
    said = canary.say(proved(chosen(cards=(ON,)), C))
    assert not said.wrong
    assert "还原保护有效" in said.zh and "影子卫士" in said.zh
    # A card that brings no driver shows only here.
    assert "没有识别出产品" in canary.say(proved(chosen(), C)).zh


def test_what_an_older_run_left_and_the_restart_brought_back_is_no_survivor() -> None:
    document = proved(chosen(cards=(ON,)), other=C)
    assert (document["undone"], document["stayed"]) == ([C], [])
    assert not canary.say(document).wrong


@pytest.mark.parametrize(("cards", "wrong"), [((), False), ((OFF,), False), ((ON,), True), ((OFF, ON), True)])
def test_what_stays_on_a_client_is_wrong_only_where_a_card_should_protect(
    cards: tuple[Mapping[str, Any], ...], wrong: bool
) -> None:
    said = canary.say(proved(chosen(cards=cards)))
    assert said.wrong is wrong
    for text in (said.zh, said.en):
        assert "pc01" in text
        assert (str(ON["name"]) in text) is (ON in cards)


@pytest.mark.parametrize("gone", [(C,), (D,), (C, D)])
def test_whatever_is_gone_on_the_server_forbids(gone: tuple[str, ...]) -> None:
    said = canary.say(proved(chosen("server", server=True), *gone))
    assert said.wrong
    assert "不允许开考" in said.zh and "、".join(gone) in said.zh


def test_a_write_filter_that_prepare_has_switched_on_should_protect() -> None:
    assert not canary.say(proved(chosen(cards=(FILTER_OFF,)))).wrong
    said = canary.say(proved(chosen(cards=(FILTER_OFF,), managed=True)))
    assert said.wrong and "统一写入筛选器" in said.zh
    # Another product that is in install mode beside it is not blamed.
    assert "冰点" not in canary.say(proved(chosen(cards=(OFF, FILTER_OFF), managed=True))).zh


def test_what_was_undone_on_the_server_is_not_forgotten_by_a_run_that_broke_off() -> None:
    gone = proved(chosen("server", server=True), D)
    again = chosen("server", server=True, earlier=gone)
    for document in (again, again | {"broken": "没有回来"}):
        assert canary.say(document).wrong
        assert "不允许开考" in canary.say(document).zh and D in canary.say(document).zh
    assert "没有回来" in canary.say(again | {"broken": "没有回来"}).zh
    assert not canary.say(proved(again)).wrong


def test_of_a_client_only_the_last_run_counts() -> None:
    gone = proved(chosen(), C)
    assert chosen(earlier=gone)["undone"] == []


def test_on_the_server_everything_stays() -> None:
    said = canary.say(proved(chosen("server", server=True, cards=(ON,))))
    assert not said.wrong
    assert "仍在" in said.zh


def test_without_another_boot_time_nothing_is_proved() -> None:
    document = chosen()
    with pytest.raises(ExamError, match="pc01 没有重新启动"):
        canary.looked(document, {C: ""}, BEFORE)


def test_a_file_that_was_not_looked_at_is_no_proof() -> None:
    with pytest.raises(ExamError, match="没有查看 D:"):
        canary.looked(chosen("server", server=True), {C: ""}, AFTER)


@pytest.mark.parametrize("document", [chosen(), chosen() | {"broken": "没有完成重新启动"}])
def test_a_proof_that_did_not_come_to_its_end_is_none(document: dict[str, Any]) -> None:
    assert canary.say(document).wrong
    assert "pc01" in canary.say(document).zh
    assert not canary.fresh(document, None)


def test_only_what_is_younger_than_the_last_prepare_counts() -> None:
    document = proved(chosen(), C)
    assert canary.fresh(document, None)
    assert canary.fresh(document, BEFORE)
    assert not canary.fresh(document, AFTER)
    assert not canary.fresh(None, None)


def test_a_new_proof_takes_the_place_of_the_old_one(tmp_path: Path) -> None:
    document = proved(chosen(), C)
    assert canary.save(tmp_path, document) == tmp_path / "restore_cards/pc01.json"
    assert canary.load(tmp_path, "pc01") == document
    assert canary.earlier(tmp_path, "pc01") == document
    canary.save(tmp_path, chosen())
    assert canary.load(tmp_path, "pc01")["looked_at"] is None


@pytest.mark.parametrize("content", [None, b'{"host": '])
def test_a_proof_that_cannot_be_read_is_named(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "restore_cards").mkdir()
        (tmp_path / "restore_cards/pc01.json").write_bytes(content)
    assert canary.earlier(tmp_path, "pc01") is None
    with pytest.raises(ExamError, match=r"restore_cards/pc01\.json 缺失或损坏"):
        canary.load(tmp_path, "pc01")
