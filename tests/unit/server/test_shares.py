"""The exam share: its oplock flag is believed only when read back."""

from __future__ import annotations

import pytest

from exam_room.server.shares import absent, present
from exam_room.wire import security, srvsvc

SIDS = ["S-1-5-21-1-2-3-1001"]
PATH = r"D:\Exam\share"


class FakeService:
    """One share; ``forgets`` is Samba's way with the flag."""

    def __init__(self, forgets: bool = False) -> None:
        self.held: srvsvc.ShareInfo | None = None
        self.flags = 0x800
        self.forgets = forgets
        self.writes = 0

    def share(self, name: str) -> srvsvc.ShareInfo | None:
        return self.held

    def add_share(self, name: str, path: str, remark: str, descriptor: security.Descriptor) -> None:
        self.held = srvsvc.ShareInfo(name, 0, remark, path, -1, 0, descriptor)
        self.writes += 1

    def delete_share(self, name: str) -> bool:
        self.held = None
        self.writes += 1
        return True

    def share_flags(self, name: str) -> int:
        return self.flags

    def set_share_flags(self, name: str, flags: int) -> None:
        self.writes += 1
        self.flags = self.flags if self.forgets else flags


def make(service: FakeService, check: bool = False) -> dict[str, object]:
    return present(service, "exam", PATH, "", security.share_permissions(SIDS), True, check).result()


def test_a_new_share_gets_permissions_and_the_flag_beside_the_others() -> None:
    service = FakeService()
    result = make(service)
    assert result["created"] and result["flags_changed"] and result["oplocks_forced"]
    assert service.flags == 0x1800
    assert service.held and service.held.descriptor == security.share_permissions(SIDS)
    assert make(service)["changed"] is False


def test_a_server_that_forgets_the_flag_is_unchanged_and_says_so() -> None:
    service = FakeService(forgets=True)
    make(service)
    again = make(service)
    assert again["changed"] is False
    assert again["oplocks_forced"] is False


@pytest.mark.parametrize("there", [True, False])
def test_check_mode_writes_nothing(there: bool) -> None:
    service = FakeService()
    if there:
        service.add_share("exam", PATH, "", security.share_permissions(SIDS))
        service.writes = 0
    assert make(service, check=True)["changed"] is True
    assert service.writes == 0


def test_removing_is_harmless_twice() -> None:
    service = FakeService()
    make(service)
    assert absent(service, "exam", check=True).removed
    assert service.held
    assert absent(service, "exam", check=False).removed
    assert not absent(service, "exam", check=False).removed
