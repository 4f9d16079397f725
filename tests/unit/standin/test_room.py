"""How a room is planned and what is refused before a container is touched."""

from __future__ import annotations

import datetime
import ipaddress
import json
from pathlib import Path

import pytest
from cryptography import x509

from standin import certificates, image, podman
from standin import room as rooms
from standin.errors import StandInError, StandInUnavailable

NOW = datetime.datetime(2026, 11, 23, 8, tzinfo=datetime.UTC)


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("EXAM_STANDIN_STATE", str(tmp_path))
    return tmp_path


def test_hosts_stand_in_seat_order_with_spares_behind() -> None:
    hosts = rooms.plan_hosts("demo", 3, seats=2, spares=1)
    own = rooms.mark("demo")
    assert [(host.name, host.role, host.seat, host.spare, host.address, host.container) for host in hosts] == [
        ("server", "server", None, False, "10.89.3.10", f"{own}-server"),
        ("pc01", "client", 1, False, "10.89.3.101", f"{own}-pc01"),
        ("pc02", "client", 2, False, "10.89.3.102", f"{own}-pc02"),
        ("spare01", "client", 3, True, "10.89.3.103", f"{own}-spare01"),
    ]


def test_rooms_of_the_same_name_in_two_checkouts_are_two_rooms(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = rooms.plan_hosts("demo", 3, seats=1, spares=0)
    monkeypatch.setenv("EXAM_STANDIN_STATE", str(state / "other"))
    there = rooms.plan_hosts("demo", 3, seats=1, spares=0)
    assert {host.container for host in here}.isdisjoint(host.container for host in there)


def test_the_largest_room_fits_its_network() -> None:
    hosts = rooms.plan_hosts("demo", 0, seats=rooms.MOST_SEATS, spares=0)
    assert ipaddress.ip_address(hosts[-1].address) in ipaddress.ip_network("10.89.0.0/24")
    assert len({host.address for host in hosts}) == len(hosts)


@pytest.mark.parametrize("name", ["", "Room", "a b", "../x", "1st", "-x"])
def test_names_that_are_not_rooms_are_refused(name: str) -> None:
    with pytest.raises(StandInError, match="room"):
        rooms.load(name)


@pytest.mark.parametrize(("seats", "spares"), [(-1, 0), (100, 1), (0, -1)])
def test_impossible_numbers_of_seats_are_refused(seats: int, spares: int) -> None:
    with pytest.raises(StandInError, match="Seats"):
        rooms.create("demo", seats, spares)


def test_an_unknown_room_and_host_are_named(state: Path) -> None:
    with pytest.raises(StandInError, match="demo"):
        rooms.load("demo")
    with pytest.raises(StandInError, match="pc99"):
        rooms.find_host({"room": "demo", "hosts": []}, "pc99")


def test_calls_are_counted_by_host_and_can_start_anew(state: Path) -> None:
    var = state / "demo" / "hosts" / "pc01" / "var"
    var.mkdir(parents=True)
    (var / "calls.jsonl").write_text('{"kind": "exec"}\n{"kind": "wql"}\n{"kind": "exec"}\n', encoding="utf-8")
    hosts = [{"name": "server"}, {"name": "pc01"}]
    (state / "demo" / "room.json").write_text(json.dumps({"room": "demo", "hosts": hosts}), encoding="utf-8")
    assert rooms.calls("demo", reset=True) == {"server": 0, "pc01": 2}
    assert rooms.calls("demo") == {"server": 0, "pc01": 0}


def test_only_one_process_makes_a_room() -> None:
    with rooms._locked("demo"), pytest.raises(StandInError, match="Another process"), rooms._locked("demo"):
        pass


def test_without_root_there_is_one_line_in_both_languages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    with pytest.raises(StandInUnavailable) as told:
        podman.available()
    assert "root 权限" in str(told.value)
    assert "needs root" in str(told.value)
    assert "\n" not in str(told.value)


def test_what_is_missing_is_named_with_the_command_that_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 0)
    monkeypatch.setattr("shutil.which", lambda name, path=None: None if name == "podman" else f"/usr/bin/{name}")
    with pytest.raises(StandInUnavailable, match="apt-get install podman"):
        podman.available()


def test_certificates_name_address_and_host_and_are_signed_by_the_room() -> None:
    authority = certificates.make_authority("demo", NOW)
    pem, key = certificates.make_host(authority, "pc01", "10.89.0.101", NOW)
    certificate = x509.load_pem_x509_certificate(pem)
    certificate.verify_directly_issued_by(authority.certificate)
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["pc01"]
    assert names.get_values_for_type(x509.IPAddress) == [ipaddress.ip_address("10.89.0.101")]
    assert certificate.not_valid_before_utc < NOW < certificate.not_valid_after_utc
    assert b"PRIVATE KEY" in key


def test_a_changed_recipe_is_another_image(monkeypatch: pytest.MonkeyPatch) -> None:
    before = image.tag()
    assert image.tag() == before
    monkeypatch.setattr(image, "PACKAGES", (*image.PACKAGES, "hello"))
    assert image.tag() != before


def test_all_rooms_are_destroyed_also_those_never_finished(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (state / "whole").mkdir()
    for name in ("whole.lock", "half.lock", "signing_key"):
        (state / name).touch()
    destroyed: list[str] = []
    monkeypatch.setattr(rooms, "destroy", destroyed.append)
    rooms.destroy_all()
    assert destroyed == ["half", "whole"]
