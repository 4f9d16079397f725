"""What is estimated before sealing is never less than what the image takes, and not much more."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from exam_room.discs import image
from exam_room.discs.discs import make_images
from exam_room.discs.discset import seal_discs
from exam_room.errors import ExamError
from sealing.discs import ENCLOSED, session_with_discs
from sealing.session import FILES, SIGNER

LONG = "名" * 60
TREES: Mapping[str, Mapping[str, bytes]] = {
    "awkward names": FILES,
    "nothing at all": {},
    "many small files": {f"单元{n % 8}/第{n}个小文件.txt": b"x" for n in range(1500)},
    "many folders": {f"{n % 20}/{n % 7}/{n}/{LONG}.txt": b"" for n in range(300)},
    "long names": {f"{LONG}{n:03}{'长' * n}.docx": b"y" * 3000 for n in range(200)},
    "one large file": {"a.bin": b"z" * 5_000_000},
}


@pytest.mark.parametrize("tree", TREES)
def test_it_is_an_upper_bound(tree: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    session, (only,) = session_with_discs(tmp_path, files=TREES[tree])
    (made,) = make_images(session)
    size = made.image.size
    assert size <= image.at_most(only.folder) <= size * 1.5 + 2_000_000

    def discs(medium: str, capacity: int) -> int:
        monkeypatch.setitem(image.CAPACITY, medium, capacity)
        try:
            return len(seal_discs(session, medium, tmp_path / "keys/seal", SIGNER, ENCLOSED)[0])
        except ExamError:
            return 99

    assert discs("bd", size - image.SECTOR) > 1, "an image of this size would not fit"
    assert discs("dvd", int(size * 1.75) + 2_000_000) == 1, (
        "folders of one file each are the most that is estimated too large"
    )
    assert only.of == 1
