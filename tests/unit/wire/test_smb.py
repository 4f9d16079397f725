"""What of the SMB layer needs no server: entries, names of errors, secrets, and time limits."""

from __future__ import annotations

import socket
import struct
import threading
import time

import pytest

from exam_room.wire import smb, smbentry
from exam_room.wire.samr import wrap_password
from exam_room.wire.smberrors import (
    AccessDenied,
    ConnectionLost,
    DiskFull,
    LogonRefused,
    NotFound,
    SharingViolation,
    SmbError,
    Unreachable,
    from_status,
    status_name,
)


def test_the_password_is_not_shown() -> None:
    assert "geheim" not in repr(smb.Login("10.0.0.10", "Administrator", "geheim"))


@pytest.mark.parametrize(
    ("code", "name"), [(0xC000006D, "STATUS_LOGON_FAILURE"), (0xC0000043, "STATUS_SHARING_VIOLATION")]
)
def test_status_codes_have_names(code: int, name: str) -> None:
    assert status_name(code) == name
    assert status_name(code - (1 << 32)) == name


def test_an_unknown_status_keeps_its_number() -> None:
    assert status_name(0xC7654321) == "0xC7654321"


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("STATUS_LOGON_FAILURE", LogonRefused),
        ("STATUS_ACCOUNT_LOCKED_OUT", LogonRefused),
        ("STATUS_ACCESS_DENIED", AccessDenied),
        ("STATUS_SHARING_VIOLATION", SharingViolation),
        ("STATUS_DISK_FULL", DiskFull),
        ("STATUS_OBJECT_NAME_NOT_FOUND", NotFound),
        ("STATUS_NETWORK_NAME_DELETED", ConnectionLost),
        ("STATUS_SOMETHING_ELSE", SmbError),
    ],
)
def test_each_status_has_its_kind_and_says_it_in_both_languages(status: str, kind: type[SmbError]) -> None:
    error = from_status(status, "10.0.0.10")
    assert type(error) is kind
    assert error.status == status
    zh, en = str(error).split("\n")
    assert status in zh and status in en
    assert zh != en


def test_filetimes_are_utc_with_milliseconds() -> None:
    assert smb.utc_iso(116_444_736_000_000_000) == "1970-01-01T00:00:00.000Z"
    assert smb.utc_iso(116_444_736_000_000_000 + 15_009_999) == "1970-01-01T00:00:01.500Z"


def _record(name: str, attributes: int, last: bool) -> bytes:
    encoded = name.encode("utf-16-le", "surrogatepass")
    body = struct.pack("<IqqqqqqIII", 0, 1, 2, 3, 4, 5, 8, attributes, len(encoded), 0) + encoded
    padding = -(len(body) + 4) % 8
    return struct.pack("<I", 0 if last else len(body) + 4 + padding) + body + b"\0" * padding


def test_a_listing_is_read_whatever_the_names_and_attributes() -> None:
    names = [".", "..", "工作 1.docx", "\ud800lone", "folder"]
    raw = b"".join(_record(name, 0x410 if name == "folder" else 0x20_0020, name == "folder") for name in names)
    found = list(smbentry.listing(raw, r"Exam\share"))
    assert [entry.path for entry in found] == [rf"Exam\share\{name}" for name in names[2:]]
    assert [entry.size for entry in found] == [5, 5, 5]
    assert (found[0].created_100ns, found[0].modified_100ns, found[0].changed_100ns) == (1, 3, 4)
    assert found[2].is_dir and found[2].is_reparse
    assert not found[0].is_dir


def test_paths_are_joined_without_empty_parts() -> None:
    assert smbentry.join("", "Exam\\", "\\share", "", "KS01") == r"Exam\share\KS01"


def test_a_wrapped_password_has_the_documented_length_and_never_repeats() -> None:
    one, two = wrap_password("Pw-1!", b"k" * 16), wrap_password("Pw-1!", b"k" * 16)
    assert len(one) == len(two) == 532
    assert one != two


def test_a_closed_port_is_unreachable() -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
    login = smb.Login("127.0.0.1", "a", "geheim", port)
    with pytest.raises(Unreachable) as caught, smb.connect(login, 1):
        pass
    assert "geheim" not in str(caught.value)


def test_a_server_that_says_nothing_is_given_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        threading.Thread(target=lambda: silent.accept()[0].recv(1 << 16), daemon=True).start()
        start = time.monotonic()
        login = smb.Login("127.0.0.1", "a", "b", silent.getsockname()[1])
        with pytest.raises(SmbError), smb.connect(login, 1):
            pass
        assert time.monotonic() - start < 5
