"""The seal, made and checked by ssh-keygen itself."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from exam_room.errors import ExamError
from exam_room.seal import signature

CONTENT = "清单\n".encode()


@pytest.fixture
def key(tmp_path: Path) -> Path:
    path = tmp_path / "keys" / "seal"
    assert signature.make_key(path, "4401")
    return path


def allowed(key: Path, signer: str = "4401") -> str:
    return signature.allowed_signers(signer, signature.public_key(key))


def test_what_was_signed_verifies(key: Path) -> None:
    seal = signature.sign(key, CONTENT)
    assert signature.verify(allowed(key), "4401", CONTENT, seal)


def test_the_same_content_gives_the_same_seal(key: Path) -> None:
    assert signature.sign(key, CONTENT) == signature.sign(key, CONTENT)


def test_one_changed_byte_does_not_verify(key: Path) -> None:
    assert not signature.verify(allowed(key), "4401", CONTENT + b"!", signature.sign(key, CONTENT))


def test_the_seal_of_another_key_or_signer_does_not_verify(key: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    signature.make_key(other, "4401")
    assert not signature.verify(allowed(key), "4401", CONTENT, signature.sign(other, CONTENT))
    assert not signature.verify(allowed(key, "4402"), "4401", CONTENT, signature.sign(key, CONTENT))


def test_a_signature_made_for_another_purpose_does_not_verify(key: Path) -> None:
    foreign = subprocess.run(
        ["ssh-keygen", "-q", "-Y", "sign", "-f", str(key), "-n", "git"], input=CONTENT, capture_output=True, check=True
    ).stdout
    assert not signature.verify(allowed(key), "4401", CONTENT, foreign)


def test_rubbish_does_not_verify(key: Path) -> None:
    assert not signature.verify(allowed(key), "4401", CONTENT, b"")
    assert not signature.verify("", "4401", CONTENT, signature.sign(key, CONTENT))


def test_a_key_that_is_there_is_kept(key: Path) -> None:
    before = key.read_bytes()
    assert not signature.make_key(key, "4401")
    assert key.read_bytes() == before
    assert key.stat().st_mode & 0o077 == 0


def test_a_missing_key_is_said(tmp_path: Path) -> None:
    with pytest.raises(ExamError, match="没有封存签名密钥"):
        signature.sign(tmp_path / "none", CONTENT)


@pytest.mark.parametrize(
    ("options", "said"), [(["-t", "ed25519", "-N", "secret"], "cannot be used"), (["-t", "ecdsa", "-N", ""], "Ed25519")]
)
def test_a_key_with_a_passphrase_or_of_another_kind_is_refused(tmp_path: Path, options: list[str], said: str) -> None:
    key = tmp_path / "odd"
    subprocess.run(["ssh-keygen", "-q", "-f", str(key), *options], check=True)
    with pytest.raises(ExamError, match=said):
        signature.sign(key, CONTENT)


@pytest.mark.parametrize("signer", ["", "a b", "a\nb", '"', "*", "a,b", "-x"])
def test_a_name_that_would_break_the_list_of_signers_is_refused(key: Path, signer: str) -> None:
    with pytest.raises(ExamError):
        allowed(key, signer)


def test_the_fingerprint_is_the_one_that_ssh_keygen_shows(key: Path) -> None:
    shown = subprocess.run(["ssh-keygen", "-l", "-f", str(key)], capture_output=True, check=True, text=True).stdout
    assert signature.fingerprint(signature.public_key(key)) in shown.split()
