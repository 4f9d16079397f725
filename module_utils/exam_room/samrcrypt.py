"""How SAMR wraps a password for SamrSetInformationUser2 (MS-SAMR 2.2.6.21, 2.2.6.32, 3.2.2)."""

from __future__ import annotations

import hashlib
import hmac
import os
import struct
from typing import Any, Final

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7
from impacket.dcerpc.v5 import samr
from impacket.dcerpc.v5.dtypes import ULONG, USHORT
from impacket.dcerpc.v5.ndr import NDRCALL, NDRSTRUCT, NDRUNION, NDRPOINTER, NDRUniConformantArray
from Cryptodome.Cipher import ARC4

#: SAMPR_REVISION_INFO_V1.SupportedFeatures (MS-SAMR 2.2.7.15): the server takes passwords under AES.
SUPPORTS_AES: Final = 0x10

_BLOCK: Final = 512


def _buffer(password: str) -> bytes:
    """The password at the end of 512 random bytes, then its length (MS-SAMR 2.2.6.18)."""
    data = password.encode("utf-16-le")
    return os.urandom(_BLOCK - len(data)) + data + struct.pack("<I", len(data))


def wrap_rc4(password: str, key: bytes) -> bytes:
    """SAMPR_ENCRYPTED_USER_PASSWORD_NEW: RC4 under MD5(salt + session key), the salt behind (MS-SAMR 3.2.2.2)."""
    salt = os.urandom(16)
    # MD5 and RC4 are what the protocol prescribes; the SMB session around it is encrypted with AES.
    return bytes(ARC4.new(hashlib.md5(salt + key).digest()).encrypt(_buffer(password))) + salt
