"""The seal: SSH signatures made and checked by ``ssh-keygen -Y`` (OpenSSH PROTOCOL.sshsig), Ed25519 only.

Ed25519 signatures are deterministic: the same bytes and the same key always give the same seal.
"""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

from ..errors import ExamError
from ..tools import complaint, run

NAMESPACE = "exam-results@exam-room"
"""Keeps a signature made for results from being passed off as one made for anything else, and the other way round."""
INSPECTION = "exam-inspection@exam-room"
"""The same for the report of an inspection."""

_SIGNER_PATTERN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}")
# A key with a passphrase has to fail, not wait for somebody to type.
_NO_QUESTIONS = {"SSH_ASKPASS": "/bin/false", "SSH_ASKPASS_REQUIRE": "force"}


def check_signer(signer: str) -> None:
    """Refuse a name of a signer that could not stand in an allowed_signers file."""
    if not _SIGNER_PATTERN.fullmatch(signer):
        raise ExamError(
            f"签名人 {signer!r} 只能用字母、数字和 . _ @ -",
            f"The signer {signer!r} may only hold letters, digits and . _ @ -",
        )


def make_key(key: Path, signer: str) -> bool:
    """Make a signing key without passphrase where there is none; whether one was made. For rehearsals."""
    check_signer(signer)
    if key.exists():
        return False
    key.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    done = run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", signer, "-f", str(key.absolute())])
    if done.returncode != 0:
        raise ExamError(f"生成签名密钥失败：{complaint(done)}", f"Making the signing key failed: {complaint(done)}")
    return True


def public_key(key: Path) -> str:
    """The public half, ``ssh-ed25519 AAAA…``; raises ExamError for no key, a passphrase or another kind of key."""
    if not key.is_file():
        raise ExamError(
            f"没有封存签名密钥 {key}。请按说明为考试站生成 Ed25519 密钥。",
            f"There is no signing key {key}. Make the site's Ed25519 key as the documentation says.",
        )
    done = run(["ssh-keygen", "-y", "-f", str(key.absolute())], environment=_NO_QUESTIONS)
    if done.returncode != 0:
        raise ExamError(
            f"封存签名密钥 {key} 不能用：{complaint(done)}", f"The signing key {key} cannot be used: {complaint(done)}"
        )
    kind, _, rest = done.stdout.decode("ascii", "replace").strip().partition(" ")
    if kind != "ssh-ed25519":
        raise ExamError(
            f"封存签名密钥 {key} 是 {kind}，须为 Ed25519。", f"The signing key {key} is {kind}; it has to be Ed25519."
        )
    return f"{kind} {rest.split(' ')[0]}"


def allowed_signers(signer: str, public: str, namespace: str = NAMESPACE) -> str:
    """The line of an allowed_signers file that lets this key sign for this purpose under this name, nothing else."""
    check_signer(signer)
    return f'{signer} namespaces="{namespace}" {public}\n'


def fingerprint(public: str) -> str:
    """``SHA256:…`` of a public key, what a site publishes and a verifier compares."""
    done = run(["ssh-keygen", "-l", "-f", "-"], stdin=public.encode())
    if done.returncode != 0:
        raise ExamError(f"公钥无法识别：{complaint(done)}", f"The public key is not readable: {complaint(done)}")
    return done.stdout.decode().split(" ")[1]


def sign(key: Path, content: bytes, namespace: str = NAMESPACE) -> bytes:
    """The armoured signature over the content. Raises ExamError when the key cannot be used."""
    public_key(key)
    done = run(
        ["ssh-keygen", "-q", "-Y", "sign", "-f", str(key.absolute()), "-n", namespace],
        stdin=content,
        environment=_NO_QUESTIONS,
    )
    if done.returncode != 0 or not done.stdout.startswith(b"-----BEGIN SSH SIGNATURE-----"):
        raise ExamError(f"封存签名失败：{complaint(done)}", f"Signing failed: {complaint(done)}")
    return done.stdout


def verify(allowed: str, signer: str, content: bytes, signature: bytes) -> bool:
    """Whether the signature was made over this content, for results, by a key that ``allowed`` gives the signer."""
    check_signer(signer)
    with tempfile.TemporaryDirectory() as scratch:
        signers, seal = Path(scratch) / "allowed_signers", Path(scratch) / "seal"
        signers.write_text(allowed, encoding="utf-8")
        seal.write_bytes(signature)
        return _verifies(signers, signer, seal, content)


def _verifies(signers: Path, signer: str, seal: Path, content: bytes) -> bool:
    command = ["ssh-keygen", "-Y", "verify", "-f", str(signers), "-I", signer, "-n", NAMESPACE, "-s", str(seal)]
    return run(command, stdin=content).returncode == 0


def maker(content: bytes, signature: bytes) -> str | None:
    """``SHA256:…`` of the key that made the signature over this content, for results; None when none did."""
    with tempfile.TemporaryDirectory() as scratch:
        seal = Path(scratch) / "seal"
        seal.write_bytes(signature)
        done = run(["ssh-keygen", "-Y", "check-novalidate", "-n", NAMESPACE, "-s", str(seal)], stdin=content)
    found = re.search(rb"key (SHA256:\S+)", done.stdout)
    return found[1].decode("ascii") if done.returncode == 0 and found else None


def who(allowed: str, content: bytes, signature: bytes) -> str | None:
    """The signer whose key, by the allowed_signers file's content ``allowed``, made the signature over this content.

    None when nobody's did, the signature is over something else, or the file does not let that key seal results.
    """
    with tempfile.TemporaryDirectory() as scratch:
        signers, seal = Path(scratch) / "allowed_signers", Path(scratch) / "seal"
        signers.write_text(allowed, encoding="utf-8")
        seal.write_bytes(signature)
        listed = run(["ssh-keygen", "-Y", "find-principals", "-f", str(signers), "-s", str(seal)])
        for signer in listed.stdout.decode("utf-8", "replace").splitlines():
            if _verifies(signers, signer, seal, content):
                return signer
    return None
