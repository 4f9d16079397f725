"""The discs of a session that does not fit on one, and the folder of files that the virtual machine gets."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from unittest import mock

from exam_room.discs.discs import DiscImage, make_images
from exam_room.discs.image import CAPACITY
from sealing.discs import session_with_discs
from sealing.session import FILES

from .machine import HERE

# The files of the installed packages that the burner's code loads, relative to where packages are installed.
LOADED = """
import json, sys, sysconfig
from pathlib import Path
import exam_room.discs.burner
packages = Path(sysconfig.get_path("purelib"))
files = [Path(module.__file__) for module in sys.modules.values() if getattr(module, "__file__", None)]
print(json.dumps([str(file.relative_to(packages)) for file in files if file.is_relative_to(packages)]))
"""
PRODUCT = HERE.parents[1] / "module_utils" / "exam_room"
# A burn has to last long enough to be killed in the middle of it.
LARGE = {"单元2/屏幕录像.mp4": random.Random(4).randbytes(12 << 20)}
# Discs of this size hold one of the two candidates.
SMALL = 16 << 20


def load(work: Path) -> Path:
    """Everything that lies under ``/burner`` in the machine: the product's code, the cases and the images."""
    folder = work / "load"
    inside = folder / "burner"
    shutil.copytree(HERE / "inside", inside / "inside", ignore=shutil.ignore_patterns("__pycache__"))
    (inside / "inside" / "init").rename(inside / "init")
    shutil.copytree(PRODUCT, inside / "exam_room", ignore=shutil.ignore_patterns("__pycache__"))
    _add_packages(inside)
    images = []
    for made in session_on_two_discs(work):
        image = made.image
        shutil.copyfile(image.path, inside / image.path.name)
        expected = json.loads(made.expected.read_text(encoding="utf-8"))
        images.append({"file": image.path.name, "volume": image.volume, "sha256": image.sha256, "expected": expected})
    (inside / "images.json").write_text(json.dumps(images), encoding="utf-8")
    return folder


def session_on_two_discs(work: Path) -> list[DiscImage]:
    """Results that are larger than a small DVD, spread over discs as for any session."""
    with mock.patch.dict(CAPACITY, dvd=SMALL):
        session, discs = session_with_discs(work, "dvd", {**FILES, **LARGE})
        assert len(discs) == 2
        return make_images(session)


def _add_packages(inside: Path) -> None:
    """The machine has Debian's Python alone: give it what the product's code loads besides."""
    done = subprocess.run(
        [sys.executable, "-c", LOADED],
        env={**os.environ, "PYTHONPATH": str(PRODUCT.parent)},
        capture_output=True,
        check=True,
        timeout=300,
    )
    for name in json.loads(done.stdout):
        target = inside / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(Path(sysconfig.get_path("purelib")) / name, target)
