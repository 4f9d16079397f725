"""V8 服务器尽量不安装还原卡或处于安装状态；客户端建议加上还原卡保护。

What a restart did with a file of random content (playbooks/prove_restore_cards.yml), in this session and since the last
prepare, counts more than what runs; what a product says of itself now counts more than an earlier restart.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from evidence import Evidence, Finding, UnknownError, known

from exam_room.look import canary, restorecards
from exam_room.look.restorecards import Found

pytestmark = [pytest.mark.clause("V8")]


@dataclass(frozen=True)
class Seen:
    """The restore cards that run on a host, and what a restart proved."""

    cards: list[Found]
    unread: UnknownError | None
    proof: dict[str, Any] | None

    @property
    def undone(self) -> bool:
        """A restart has undone what was written."""
        return bool(self.proof and self.proof["undone"])

    @property
    def stayed(self) -> bool:
        """A restart has undone nothing."""
        return bool(self.proof and not self.proof["undone"])


def seen(evidence: Evidence, host: str, finding: Finding) -> Seen:
    """What is known of ``host``; named to the inspector."""
    proofs = evidence.restart_proofs()
    proof = known(proofs[host]) if host in proofs else None
    # What was undone on the server forbids until another restart has shown the opposite, whatever was set up since.
    stands = proof is not None and proof["server"] and proof["undone"]
    if not stands and not canary.fresh(proof, evidence.plan["prepared_at"]):
        proof = None
    cards: list[Found] = []
    unread: UnknownError | None = None
    try:
        cards = _cards(evidence, host)
    except UnknownError as error:
        unread = error
    words = [f"读不到 not read: {unread}" if unread else ", ".join(map(str, cards)) or "无 none"]
    if proof is not None:
        words.append(str(canary.say(proof)).replace("\n", " "))
    finding.actual = "；".join(words)
    return Seen(cards, unread, proof)


def _cards(evidence: Evidence, host: str) -> list[Found]:
    shown = evidence.inside(host, "restore_protection")
    # Windows runs hundreds of each: an empty list was not read.
    if not shown["drivers"] or not shown["services"]:
        raise UnknownError("没有读到驱动程序和服务 drivers and services were not read")
    return restorecards.found(shown)


@pytest.mark.severity("deciding")
def test_server_has_no_restore_card_at_work(evidence: Evidence, finding: Finding, server: str) -> None:
    """服务器没有生效的还原卡（比规范“尽量不安装”更严） no restore card is at work on the server"""
    finding.expected = "无，或处于安装状态 none, or in install mode"
    finding.mend = (
        "在服务器上关闭还原卡保护并重新启动；状态不明时执行 prove_restore_cards.yml 验证 "
        "switch the server's restore card off and restart it; where its state is not known, run prove_restore_cards.yml"
    )
    found = seen(evidence, server, finding)
    assert not found.undone
    if found.unread:
        raise found.unread
    # One that does not say so counts as at work while it runs, unless a restart has shown otherwise.
    believed = [one for one in found.cards if one.card.tells or not found.stayed]
    assert not any(one.protects or one.protects_next for one in believed)
    if not found.stayed and any(one.protects is None for one in found.cards):
        raise UnknownError(f"还原卡是否在保护，读不到（not known whether it protects）: {finding.actual}")


@pytest.mark.severity("recommended")
def test_client_is_protected_by_a_restore_card(evidence: Evidence, finding: Finding, client: str) -> None:
    """客户端由还原卡保护（建议） the client is protected by a restore card (advice)"""
    finding.expected = "还原卡保护中 a restore card at work"
    finding.mend = "布置好考场后打开还原卡保护 switch the restore card on once the room is prepared"
    here = seen(evidence, client, finding)
    assert not here.stayed
    if here.undone:
        # Switched off since the proof, says the product.
        assert not here.cards or any(one.protects is not False for one in here.cards)
        return
    if here.unread:
        raise here.unread
    states = {one.protects for one in here.cards}
    if True not in states and None in states:
        raise UnknownError(f"还原卡是否在保护，读不到（not known whether it protects）: {finding.actual}")
    assert True in states
