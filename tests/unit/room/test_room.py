from __future__ import annotations

from typing import Any

import pytest

from exam_room.errors import InputRefused
from exam_room.room.room import load_room
from unit.room.samples import only, room, room_data


def seat(number: Any = 1, host: str = "pc01", address: str = "192.168.10.101", spare: bool = False) -> dict[str, Any]:
    return {"number": number, "host": host, "address": address, "spare": spare}


def test_gives_every_seat_its_account_in_order() -> None:
    found = room(seats=2, spares=1)
    assert [each.to_dict() for each in found.seats] == [
        {
            "number": number,
            "host": f"pc0{number}",
            "address": f"192.168.10.10{number}",
            "account": f"KS0{number}",
            "spare": number == 3,
            "candidate": None,
        }
        for number in (1, 2, 3)
    ]
    assert [each.number for each in found.places] == [1, 2]
    assert found.to_dict()["client_range"] == "192.168.10.101-192.168.10.199"


def test_prefix_and_digits_are_the_sites_choice() -> None:
    found = load_room(room_data(seats=1, spares=0, account_prefix="考生", digits=3))
    assert found.seats[0].account == "考生001"


def test_takes_99_clients() -> None:
    assert len(load_room(room_data(seats=97, spares=2)).seats) == 99


@pytest.mark.parametrize(
    ("changes", "field", "english"),
    [
        ({"workgroup": "A" * 16}, "workgroup", "at most 15 bytes"),
        ({"workgroup": "一二三四五六七八"}, "workgroup", "at most 15 bytes"),
        ({"workgroup": "A/B"}, "workgroup", "must not hold"),
        ({"workgroup": "A.B"}, "workgroup", "must not hold"),
        ({"workgroup": "A,B"}, "workgroup", "must not hold"),
        ({"workgroup": "  "}, "workgroup", "not empty"),
        ({"workgroup": "PC01"}, "seats.pc01", "workgroup's name"),
        ({"workgroup": "Server"}, "server.host", "workgroup's name"),
        ({"workgroup": None}, "workgroup", "missing"),
        ({"network": "192.168.10.5/24"}, "network", "no network"),
        ({"network": "192.168.10.0"}, "network", "no network"),
        ({"network": "2001:db8::/64"}, "network", "no network"),
        ({"client_range": "192.168.10.199-192.168.10.101"}, "client_range", "no range"),
        ({"client_range": "192.168.10.101"}, "client_range", "no range"),
        ({"client_range": "192.168.10.101-192.168.11.4"}, "client_range", "leaves the network"),
        ({"server": {"host": "server", "address": "192.168.10.150"}}, "server.address", "inside the client range"),
        ({"server": {"host": "server", "address": "192.168.9.10"}}, "server.address", "outside the network"),
        ({"server": {"host": "server", "address": "192.168.10.0"}}, "server.address", "broadcast"),
        ({"server": {"host": "server", "address": "192.168.10.255"}}, "server.address", "broadcast"),
        ({"server": {"host": "server", "address": "192.168.010.10"}}, "server.address", "no IPv4"),
        ({"server": {"host": "server"}}, "server.address", "missing"),
        ({"server": {"host": "s" * 16, "address": "192.168.10.10"}}, "server.host", "1 to 15"),
        ({"server": {"host": "PC02", "address": "192.168.10.10"}}, "seats.pc02", "twice"),
        ({"seats": [seat(address="192.168.10.100")]}, "seats.pc01.address", "outside 192"),
        ({"seats": [seat(address="192.168.11.101")]}, "seats.pc01.address", "outside the network"),
        ({"seats": [seat(), seat(2, "pc02")]}, "seats.pc02.address", "has the address"),
        ({"seats": [seat(), seat(1, "pc02", "192.168.10.102")]}, "seats.pc02", "twice"),
        ({"seats": [seat(), seat(2, "PC01", "192.168.10.102")]}, "seats.PC01", "twice"),
        ({"seats": [seat(), seat(3, "pc03", "192.168.10.103")]}, "seats.pc03", "without gaps"),
        ({"seats": [seat(2)]}, "seats.pc01", "without gaps"),
        ({"seats": [seat(host="pc_01")]}, "seats.pc_01", "letters, digits"),
        ({"seats": [seat(host="12345")]}, "seats.12345", "digits alone"),
        ({"seats": [seat(host="pc-")]}, "seats.pc-", "hyphens"),
        ({"seats": [seat(number="x")]}, "seats.0.number", "whole number"),
        ({"seats": [seat(number=0)]}, "seats.0.number", "whole number"),
        ({"seats": [seat(spare=True)]}, "seats", "no seat but spares"),
        ({"seats": [{**seat(), "spare": "yes"}]}, "seats.0.spare", "true or false"),
        ({"seats": [{**seat(), "adress": "x"}]}, "seats.0.adress", "did you mean address?"),
        ({"seats": []}, "seats", "not an empty"),
        ({"account_prefix": "K/S"}, "account_prefix.K/S01", "must not hold"),
        ({"account_prefix": "K@S"}, "account_prefix.K@S01", "must not hold"),
        ({"account_prefix": "K" * 19}, f"account_prefix.{'K' * 19}01", "1 to 20"),
        ({"account_prefix": "pc"}, "account_prefix.pc01", "computer's name"),
        ({"account_prefix": "COM", "digits": 1}, "account_prefix.COM1", "device name"),
        ({"workgrup": "X"}, "workgrup", "did you mean workgroup?"),
    ],
)
def test_refuses_what_windows_or_the_rules_refuse(changes: dict[str, Any], field: str, english: str) -> None:
    data = room_data(seats=2, spares=0)
    if "seats" not in changes and "prefix" in str(changes):
        data["seats"] = data["seats"][:1]
    with pytest.raises(InputRefused) as refused:
        load_room({key: value for key, value in (data | changes).items() if value is not None})
    problems = [problem for problem in refused.value.problems if problem.field == field]
    assert [english in problem.en for problem in problems] == [True], str(refused.value)


def test_refuses_a_seat_at_the_broadcast_address() -> None:
    data = room_data(client_range="192.168.10.101-192.168.10.255")
    data["seats"][0]["address"] = "192.168.10.255"
    with pytest.raises(InputRefused, match="broadcast address"):
        load_room(data)


@pytest.mark.parametrize("key", ["workgroup", "network", "client_range", "server", "seats"])
def test_what_is_missing_is_said_once(key: str) -> None:
    data = room_data()
    del data[key]
    with pytest.raises(InputRefused) as refused:
        load_room(data)
    assert (only(refused.value).field, only(refused.value).en) == (key, "is missing")


def test_a_seat_without_host_is_said_once() -> None:
    with pytest.raises(InputRefused) as refused:
        load_room(room_data() | {"seats": [{"number": 1, "address": "192.168.10.101"}]})
    assert only(refused.value).field == "seats.0.host"


def test_refuses_100_clients() -> None:
    with pytest.raises(InputRefused, match="at most 99 clients"):
        load_room(room_data(seats=100, spares=0, network="192.168.8.0/21", digits=3))


def test_refuses_numbers_longer_than_the_digits() -> None:
    with pytest.raises(InputRefused) as refused:
        load_room(room_data(seats=10, spares=0, digits=1))
    assert only(refused.value).field == "digits"


def test_refuses_a_spare_before_the_seats() -> None:
    seats = [
        seat(),
        seat(2, "pc02", "192.168.10.102", spare=True),
        seat(3, "pc03", "192.168.10.103"),
    ]
    with pytest.raises(InputRefused, match="spares are numbered after the seats"):
        load_room(room_data() | {"seats": seats})


def test_collects_everything_that_is_wrong() -> None:
    with pytest.raises(InputRefused) as refused:
        load_room(room_data(workgroup="A:B", network="x", server={"host": "-", "address": "y"}))
    assert {problem.field for problem in refused.value.problems} == {
        "workgroup",
        "network",
        "server.host",
        "server.address",
    }
    assert all(problem.file == "inventory" for problem in refused.value.problems)


@pytest.mark.parametrize("data", [None, [], "room", 3])
def test_refuses_what_is_no_mapping(data: Any) -> None:
    with pytest.raises(InputRefused, match="mapping"):
        load_room(data)
