"""What lies on every disc for those who check it: readable in Windows, and what it says works."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from exam_room.discs.discset import SealedDisc
from exam_room.seal import signature
from sealing.discs import session_with_discs
from sealing.session import SIGNER

FILES = Path(__file__).resolve().parents[3] / "roles/results/files"
README = FILES / "校验说明.txt"


@pytest.fixture(scope="module")
def disc(tmp_path_factory: pytest.TempPathFactory) -> SealedDisc:
    enclosed = {path.name: path.read_bytes() for path in FILES.iterdir()}
    _, (only,) = session_with_discs(tmp_path_factory.mktemp("enclosed"), enclosed=enclosed)
    return only


@pytest.mark.parametrize("path", sorted(FILES.iterdir()), ids=lambda path: path.name)
def test_windows_reads_it_as_utf_8_with_its_line_ends(path: Path) -> None:
    content = path.read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    assert content.count(b"\r\n") == content.count(b"\n") > 10
    assert not re.search("[\ufeff]", content.decode("utf-8-sig"))


def commands(starts: str) -> list[str]:
    lines = (line.strip() for line in README.read_text(encoding="utf-8-sig").splitlines())
    return [line for line in lines if line.startswith(starts)]


def run(command: str, disc: SealedDisc) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, shell=True, cwd=disc.folder, capture_output=True, text=True, check=False, timeout=60)


def test_the_hashes_are_checked_on_linux_as_it_says(disc: SealedDisc) -> None:
    said = commands("sha256sum")
    assert [line.rsplit(" ", 1)[1] for line in said] == ["manifest-sha256.txt", "tagmanifest-sha256.txt"]
    for command in said:
        done = run(command, disc)
        assert (done.returncode, done.stdout) == (0, ""), done.stderr


def test_the_signature_is_checked_as_it_says(disc: SealedDisc, tmp_path: Path) -> None:
    (said,) = commands("ssh-keygen")
    command = said.replace("SIGNERS", "allowed_signers").replace("SITE", SIGNER)
    assert run(command, disc).returncode == 0
    signature.make_key(tmp_path / "other", SIGNER)
    (tmp_path / "signers").write_text(signature.allowed_signers(SIGNER, signature.public_key(tmp_path / "other")))
    assert run(said.replace("SIGNERS", str(tmp_path / "signers")).replace("SITE", SIGNER), disc).returncode != 0


def test_every_file_it_names_is_on_the_disc(disc: SealedDisc) -> None:
    named = set(re.findall(r"[\w-]+\.(?:txt|csv|json|ps1|sig)\b", README.read_text(encoding="utf-8-sig")))
    assert len(named) > 5
    for name in named - {"sha256.txt.sig"}:
        assert list(disc.folder.glob(f"{name}*")), name
