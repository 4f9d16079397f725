"""The room: one server, its seats in order, their addresses and accounts (V1, V2). Pure: nothing is asked of a host."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from . import text, winnames
from .fields import Fields
from .problems import ProblemList
from .yamlfile import Document

MAX_SEATS = 99
SOURCE = "inventory"
"""What problems call the place of the room's data, unless the caller knows better."""

_KEYS = ("name", "workgroup", "network", "client_range", "server", "seats", "account_prefix", "digits")
_SEAT_KEYS = ("number", "host", "address", "spare")


@dataclass(frozen=True)
class Server:
    """The exam server: its inventory name, which is its computer name too, and its IPv4 address."""

    host: str
    address: str


@dataclass(frozen=True)
class Seat:
    """One client PC; ``number`` counts from 1 in seat order, a spare gets no candidate from the roster."""

    number: int
    host: str
    address: str
    account: str
    spare: bool

    def to_dict(self, candidate: Mapping[str, str] | None = None) -> dict[str, Any]:
        """The seat as it stands in plans, evidence and modules."""
        return {
            "number": self.number,
            "host": self.host,
            "address": self.address,
            "account": self.account,
            "spare": self.spare,
            "candidate": dict(candidate) if candidate else None,
        }


@dataclass(frozen=True)
class Room:
    """A room that satisfies every rule of this module; ``name`` is empty where the inventory names none."""

    name: str
    workgroup: str
    network: str
    client_range: tuple[str, str]
    server: Server
    seats: tuple[Seat, ...]

    @property
    def places(self) -> tuple[Seat, ...]:
        """The seats that candidates are given: all but the spares, in order."""
        return tuple(seat for seat in self.seats if not seat.spare)

    def to_dict(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "workgroup": self.workgroup,
            "network": self.network,
            "client_range": "-".join(self.client_range),
            "server": {"host": self.server.host, "address": self.server.address},
            "seats": [seat.to_dict() for seat in self.seats],
        }


def load_room(data: Any, source: str = SOURCE) -> Room:
    """Check the inventory's data of a room.

    ``data`` has workgroup, network (CIDR), client_range ("first-last"), server {host, address} and seats [{number,
    host, address, spare}]; name, account_prefix (KS) and digits (2) may be left out. Raises InputRefused with
    everything that is wrong.
    """
    problems = ProblemList(source)
    fields = Fields(Document(source, data, {}), problems, _as_text(data), _KEYS)
    fields.require("workgroup", "network", "client_range", "server", "seats")
    name = fields.string("name")
    workgroup = fields.string("workgroup")
    prefix = fields.string("account_prefix") or "KS"
    digits = (fields.number("digits", 1, 4) if "digits" in fields else 2) or 2
    server_fields = fields.mapping("server", ("host", "address"))
    if "server" in fields:
        server_fields.require("host", "address")
    server = Server(server_fields.string("host"), server_fields.string("address"))
    seats = _read_seats(fields, problems, prefix, digits)
    if workgroup and (rule := winnames.workgroup_name(workgroup)):
        fields.problem(("workgroup",), rule)
    _check_order(fields, seats)
    _check_hosts(fields, workgroup, server, seats)
    _check_accounts(fields, server, seats, digits)
    client_range = _check_addresses(fields, server, seats)
    problems.refuse()
    return Room(name, workgroup, fields.string("network"), client_range, server, tuple(seats))


def _as_text(data: Any) -> Any:
    """The inventory's scalars as text, for Fields; booleans (spare) stay."""
    if isinstance(data, Mapping):
        return {str(name): _as_text(value) for name, value in data.items()}
    if isinstance(data, list | tuple):
        return [_as_text(item) for item in data]
    return data if data is None or isinstance(data, bool) else str(data)


def _read_seats(fields: Fields, problems: ProblemList, prefix: str, digits: int) -> list[Seat]:
    raw = fields.raw("seats")
    if raw is None:
        return []
    if not isinstance(raw, list) or not raw:
        fields.problem(("seats",), ("须为机位列表，不能为空", "must be a list of seats, not an empty one"))
        return []
    if len(raw) > MAX_SEATS:
        fields.problem(
            ("seats",),
            (f"客户端最多 {MAX_SEATS} 台，现有 {len(raw)} 台", f"at most {MAX_SEATS} clients, not {len(raw)}"),
        )
    seats = []
    for index, item in enumerate(raw):
        seat = Fields(Document(problems.file, None, {}), problems, item, _SEAT_KEYS, ("seats", index))
        seat.require("number", "host", "address")
        number = seat.number("number", 1, 9999)
        spare = item.get("spare") if isinstance(item, dict) else None
        if spare not in (None, True, False):
            seat.problem(("spare",), ("须为 true 或 false", "must be true or false"))
        if number is not None:
            account = f"{prefix}{number:0{digits}d}"
            seats.append(Seat(number, seat.string("host"), seat.string("address"), account, spare is True))
    return seats


def _check_order(fields: Fields, seats: list[Seat]) -> None:
    """V2: seats count from 1 in their order; spares come after them."""
    expected = 1
    seen: set[int] = set()
    for seat in seats:
        if seat.number in seen:
            fields.problem(("seats", seat.host), (f"机位 {seat.number} 重复", f"seat {seat.number} is there twice"))
        elif not seat.spare and seat.number != expected:
            fields.problem(
                ("seats", seat.host),
                (
                    f"机位须从 1 起按次序连续编号：此处应为 {expected}，现为 {seat.number}",
                    f"seats count from 1 in order without gaps: this is {expected}, not {seat.number}",
                ),
            )
        if not seat.spare and seat.number not in seen:
            expected = seat.number + 1
        seen.add(seat.number)
    last = max((seat.number for seat in seats if not seat.spare), default=0)
    if seats and not last:
        fields.problem(("seats",), ("没有考生机位，全是备用机", "there is no seat but spares"))
    for seat in seats:
        if seat.spare and seat.number < last:
            fields.problem(("seats", seat.host), ("备用机须编在考生机位之后", "spares are numbered after the seats"))


def _check_hosts(fields: Fields, workgroup: str, server: Server, seats: list[Seat]) -> None:
    used: set[str] = set()
    places: list[tuple[tuple[str, ...], str]] = [(("server", "host"), server.host)]
    places += [(("seats", seat.host or str(seat.number)), seat.host) for seat in seats]
    for place, host in places:
        if not host:
            continue
        if rule := winnames.computer_name(host):
            fields.problem(place, rule)
        if host.casefold() in used:
            fields.problem(place, (f"主机 {host} 重复", f"the host {host} is there twice"))
        if host.casefold() == workgroup.casefold():
            fields.problem(
                place,
                ("计算机名与工作组名相同，Windows 不允许", "a computer cannot bear the workgroup's name"),
            )
        used.add(host.casefold())


def _check_accounts(fields: Fields, server: Server, seats: list[Seat], digits: int) -> None:
    hosts = {server.host.casefold(), *(seat.host.casefold() for seat in seats)}
    for seat in seats:
        if rule := winnames.account_name(seat.account):
            fields.problem(("account_prefix", seat.account), rule)
            break  # the prefix is at fault: saying so once is enough
        if seat.account.casefold() in hosts:
            fields.problem(
                ("account_prefix", seat.account),
                ("用户名与计算机名相同，Windows 不允许", "a user cannot bear a computer's name"),
            )
    if any(len(str(seat.number)) > digits for seat in seats):
        fields.problem(
            ("digits",), (f"机位号超过 {digits} 位，用户名长短不一", f"seat numbers have more than {digits} digits")
        )


def _check_addresses(fields: Fields, server: Server, seats: list[Seat]) -> tuple[str, str]:
    """V1: one network; every client within the range, the server outside it, no address twice."""
    network = _network(fields)
    first, last = _range(fields, network)
    used: dict[ipaddress.IPv4Address, str] = {}
    places: list[tuple[tuple[str, ...], str, str]] = [(("server", "address"), server.host, server.address)]
    places += [(("seats", seat.host or str(seat.number), "address"), seat.host, seat.address) for seat in seats]
    for place, host, written in places:
        address = _address(fields, place, written)
        if address is None:
            continue
        if address in used:
            fields.problem(
                place, (f"地址 {address} 已给 {used[address]}", f"{used[address]} has the address {address} already")
            )
        used.setdefault(address, host)
        if network and address not in network:
            fields.problem(
                place, (f"地址 {address} 不在网段 {network} 内", f"{address} is outside the network {network}")
            )
            continue
        if network and address in (network.network_address, network.broadcast_address):
            fields.problem(
                place, (f"{address} 是网络地址或广播地址", f"{address} is the network's own or its broadcast address")
            )
        if first and last:
            inside = first <= address <= last
            if place[0] == "server" and inside:
                fields.problem(
                    place,
                    (
                        f"服务器地址 {address} 落在客户端地址段 {first}-{last} 内",
                        "the server is inside the client range",
                    ),
                )
            elif place[0] == "seats" and not inside:
                fields.problem(
                    place,
                    (f"地址 {address} 不在客户端地址段 {first}-{last} 内", f"{address} is outside {first}-{last}"),
                )
    return (str(first), str(last))


def _address(fields: Fields, place: tuple[str, ...], written: str) -> ipaddress.IPv4Address | None:
    if not written:
        return None
    try:
        return ipaddress.IPv4Address(written)
    except ValueError:
        fields.problem(place, (f"{written} 不是 IPv4 地址", f"{written} is no IPv4 address"))
        return None


def _network(fields: Fields) -> ipaddress.IPv4Network | None:
    written = fields.string("network")
    if not written:
        return None
    try:
        network = ipaddress.IPv4Network(written)
    except ValueError:
        network = None
    if network is None or "/" not in written or not 8 <= network.prefixlen <= 30:
        fields.problem(
            ("network",),
            (f"{written} 不是网段，写法如 192.168.10.0/24", f"{written} is no network, write it as 192.168.10.0/24"),
        )
        return None
    return network


def _range(
    fields: Fields, network: ipaddress.IPv4Network | None
) -> tuple[ipaddress.IPv4Address | None, ipaddress.IPv4Address | None]:
    written = text.clean_code(fields.string("client_range"))
    if not written:
        return None, None
    parts = [part.strip() for part in written.split("-")]
    first: ipaddress.IPv4Address | None = None
    last: ipaddress.IPv4Address | None = None
    try:
        first, last = (ipaddress.IPv4Address(part) for part in parts)
    except ValueError:
        first = last = None
    if first is None or last is None or first > last:
        fields.problem(
            ("client_range",),
            (f"{written} 不是地址段，写法如 192.168.10.101-192.168.10.140", f"{written} is no range, write first-last"),
        )
        return None, None
    if network and (first not in network or last not in network):
        fields.problem(("client_range",), (f"地址段超出网段 {network}", f"the range leaves the network {network}"))
    return first, last
