"""A file of more than 4 GiB on a disc: in several extents (ISO 9660 level 3), whole in both trees."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from exam_room.collect import results
from exam_room.collect.results import FILE
from exam_room.discs.discs import make_images
from exam_room.discs.discset import seal_discs
from exam_room.seal.bag import hash_file
from sealing.session import SIGNER, collected, make_key, sealed

SIZE = 4_400_000_000
# At the ends, and where one extent may end and the next begin.
MARKS: Mapping[int, bytes] = {0: b"begin", 4 * 1024**3 - 4096: b"seam" * 2048, SIZE - 3: b"end"}


def grow(bag: Path) -> None:
    """Let the file of the first candidate be as large as collected from the server, sparse."""
    table = results.load(bag)
    first = table.files[0]
    with (bag / first.disc).open("r+b") as handle:
        for at, mark in MARKS.items():
            handle.seek(at)
            handle.write(mark)
    hashes = hash_file(bag / first.disc, "sha256", "sha512")
    grown = replace(first, size=SIZE).hashed(hashes["sha256"], hashes["sha512"])
    results.save(bag, replace(table, entries=tuple(grown if one == first else one for one in table.entries)))


@pytest.mark.slow
def test_it_is_whole_in_both_trees(tmp_path: Path) -> None:
    session = collected(tmp_path / "session", {"视频.bin": b""})
    grow(session / "bag")
    key = make_key(tmp_path / "keys")
    sealed(session, key)
    seal_discs(session, "bd", key, SIGNER, {})
    (made,) = make_images(session)
    (path,) = [entry.disc for entry in results.load(session / "bag").files if entry.size == SIZE and entry.kind == FILE]
    for other_tree in ("rockridge", "joliet"):
        command = ["bsdtar", "--options", f"!{other_tree}", "-x", "-O", "-f", str(made.image.path), path]
        with subprocess.Popen(command, stdout=subprocess.PIPE, env={**os.environ, "LC_ALL": "C.UTF-8"}) as reader:
            assert reader.stdout is not None
            original = (session / "bag" / path).open("rb")
            with original:
                while chunk := reader.stdout.read(1024 * 1024):
                    assert chunk == original.read(len(chunk))
                assert original.tell() == SIZE
