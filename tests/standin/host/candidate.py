"""A candidate at work: one process a seat, inside the client's container.

Signs in as Windows would (``sign_in``), waits until the exam folder is mapped and the raw material can be read, then
saves files all the time until the server no longer takes them. What it prints at its end, one JSON object, is what the
candidate believes to have saved: a file counts once the server has acknowledged its close.

Usage: python3 -m standin.host.candidate --material FOLDER --limit SECONDS [--heavy]
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

import smbclient
from smbprotocol.exceptions import SMBException
from smbprotocol.file_info import FileAttributes

from .sign_in import Seat, sign_in

_CHUNK = 1 << 20
_PAUSE_BETWEEN_SAVES_S = 0.3
_TRIES_AFTER_THE_CUT = 5
_HEAVY_CHUNKS = 50


@dataclass
class Work:
    """What this candidate saved, as the server acknowledged it; times in seconds since the epoch."""

    account: str
    folder: str
    signed_in_at: float = 0.0
    started_at: float = 0.0
    files: dict[str, dict[str, Any]] = field(default_factory=dict)
    in_flight: str | None = None
    last_saved_at: float = 0.0
    refused_at: float = 0.0
    refused_with: str = ""
    saved_after_the_cut: int = 0


@dataclass(frozen=True)
class Save:
    """One file: its path below the exam folder, and one block of it, repeated."""

    path: str
    block: bytes
    times: int = 1
    read_only: bool = False


def awkward_files(heavy: bool) -> Iterator[Save]:
    """Names and sizes that break careless tools."""
    yield Save("答题卡.txt", "跨境电商运营\r\n".encode())
    yield Save("空文件.docx", b"")
    yield Save("name with  spaces & (brackets) #1.csv", b"sku,price\r\nA1,9.90\r\n", 40)
    yield Save("只读.txt", "不可修改".encode(), read_only=True)
    yield Save("~$答题卡.docx", bytes(162))
    deep = "\\".join(f"第{level}层文件夹" for level in range(1, 13))
    yield Save(f"第三单元\\商品图片\\{deep}\\最深处的文件.png", b"\x89PNG", 7)
    yield Save("很长的文件名" * 12 + ".txt", b"x", 3)
    if heavy:
        yield Save("五十兆.psd", hashlib.sha256(b"heavy").digest() * (_CHUNK // 32), _HEAVY_CHUNKS)


def drafts(account: str) -> Iterator[Save]:
    """One more version of the answer, for ever."""
    number = 0
    while True:
        number += 1
        yield Save(f"草稿\\第{number:04}稿.txt", f"{account} 第{number}稿\r\n".encode(), 50)


def save(seat: Seat, work: Work, item: Save) -> None:
    """Write one file and note it once the server has acknowledged the close."""
    parent = item.path.rpartition("\\")[0]
    if parent:
        smbclient.makedirs(f"{seat.folder}\\{parent}", exist_ok=True, connection_cache=seat.connections)
    digest = hashlib.sha256()
    work.in_flight = item.path
    with smbclient.open_file(
        f"{seat.folder}\\{item.path}",
        mode="wb",
        buffering=0,
        share_access="r",
        file_attributes=FileAttributes.FILE_ATTRIBUTE_READONLY if item.read_only else None,
        connection_cache=seat.connections,
    ) as stream:
        for _ in range(item.times):
            if item.block:
                stream.write(item.block)
            digest.update(item.block)
    work.last_saved_at = time.time()
    work.files[item.path.replace("\\", "/")] = {
        "size": len(item.block) * item.times,
        "sha256": digest.hexdigest(),
        "saved_at": work.last_saved_at,
    }
    work.in_flight = None


def wait_for_material(seat: Seat, folder: str, until: float) -> None:
    """Return once the raw material can be read: the exam has started."""
    while time.time() < until:
        try:
            if smbclient.listdir(f"{seat.share}\\{folder}", connection_cache=seat.connections):
                return
        except (SMBException, OSError):
            # Closed so far, as it must be.
            pass
        time.sleep(0.3)
    raise TimeoutError("the raw material was never readable")


def work_until_cut(seat: Seat, work: Work, heavy: bool, until: float) -> None:
    """Save until the server refuses, then keep trying for a moment: nothing may get in any more."""
    try:
        for item in awkward_files(heavy):
            save(seat, work, item)
        for item in drafts(seat.account):
            if time.time() > until:
                raise TimeoutError("nobody cut the connection")
            save(seat, work, item)
            time.sleep(_PAUSE_BETWEEN_SAVES_S)
    except (SMBException, OSError) as error:
        if isinstance(error, TimeoutError):
            raise
        work.refused_at = time.time()
        work.refused_with = f"{type(error).__name__}: {error}".replace("\n", " ")[:200]
    for attempt in range(_TRIES_AFTER_THE_CUT):
        time.sleep(0.5)
        try:
            fresh = seat.connect_again()
            save(fresh, Work(work.account, work.folder), Save(f"收卷以后 {attempt}.txt", b"too late"))
            work.saved_after_the_cut += 1
        except (SMBException, OSError):
            # Refused, as it must be.
            continue


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--material", required=True, help="the folder of the open raw material in the share")
    parser.add_argument("--limit", type=float, required=True, help="give up after so many seconds")
    parser.add_argument("--heavy", action="store_true", help="save a file of 50 MB too")
    arguments = parser.parse_args()
    until = time.time() + arguments.limit
    seat = sign_in(until)
    work = Work(seat.account, seat.folder, signed_in_at=time.time())
    print(json.dumps({"signed_in": seat.account}), flush=True)
    wait_for_material(seat, arguments.material, until)
    work.started_at = time.time()
    work_until_cut(seat, work, arguments.heavy, until)
    print(json.dumps(asdict(work), ensure_ascii=False), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
