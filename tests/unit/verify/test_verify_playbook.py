"""playbooks/verify.yml on a machine that knows nothing of the session: no inventory, no session directory."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from exam_room.seal import signature
from sealing.session import make_key
from sealing.sets import image_of, make_bag, make_set

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("playbook")
    key = make_key(root / "keys")
    (root / "site.pub").write_text(signature.public_key(key), encoding="utf-8")
    make_set(root / "set", key)
    image_of(make_bag(root / "session", key), root / "disc.iso")
    return root


def verify(made: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run from the folder of the discs, as somebody who names them by relative paths."""
    words = [word for option in options for word in ("-e", option)]
    return subprocess.run(
        [str(Path(sys.executable).parent / "ansible-playbook"), str(ROOT / "playbooks/verify.yml"), *words],
        cwd=made,
        env={**os.environ, "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"), "LC_ALL": "C.UTF-8", "PWD": str(made)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_an_image_is_verified_from_anywhere(made: Path) -> None:
    done = verify(made, "verify_disc=disc.iso", "verify_key=site.pub")
    assert done.returncode == 0, done.stdout
    assert "合格：" in done.stdout and "As sealed:" in done.stdout
    assert "changed=0" in done.stdout


def test_a_set_is_verified_at_once_and_a_missing_disc_fails(made: Path) -> None:
    whole = verify(made, "verify_disc=set/disc1/bag,set/disc2/bag", "verify_key=site.pub")
    assert whole.returncode == 0 and "整套光盘齐全" in whole.stdout, whole.stdout
    (made / "set/disc2/bag/cutoff.json").write_text("{}")
    broken = verify(made, "verify_disc=set/disc1/bag,set/disc2/bag", "verify_key=site.pub")
    assert broken.returncode != 0
    assert "cutoff.json" in broken.stdout and "不合格" in broken.stdout


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ([], "verify_disc=/dev/sr0"),
        (["verify_disc=nothing.iso"], "打不开"),
        (["verify_disc=disc.iso", "verify_key=disc.iso"], "公钥"),
    ],
)
def test_what_cannot_be_verified_is_refused(made: Path, options: list[str], said: str) -> None:
    done = verify(made, *options)
    assert done.returncode != 0
    assert said in done.stdout
