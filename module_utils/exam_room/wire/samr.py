"""MS-SAMR: the accounts of a host. One ``Sam`` is one open account domain over one SMB connection."""

from __future__ import annotations

import hashlib
import math
import os
import struct
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from Cryptodome.Cipher import ARC4
from impacket.dcerpc.v5 import samr

from . import filetime
from .rpc import Rpc
from .security import ALLOW, EVERYONE, Ace, Descriptor
from .smb import Server
from .smberrors import NotFound, SmbError, from_status, status_name

#: UserAccountControl bits (MS-SAMR 2.2.1.12).
DISABLED: Final = 0x0001
PASSWORD_NOT_REQUIRED: Final = 0x0004
NORMAL_ACCOUNT: Final = 0x0010
NEVER_EXPIRES: Final = 0x0200
AUTO_LOCKED: Final = 0x0400

#: The right of a SAM object's access list that lets somebody change the password (MS-SAMR 2.2.1.7).
CHANGE_PASSWORD: Final = 0x0040
_DACL: Final = 4
#: An AccountExpires that means never, both ways (as for accountExpires in Active Directory). Zero is written: the
#: other one overflows in Samba into a moment of 1975, and the account is shut out.
_EXPIRES_NEVER: Final = 0
_EXPIRES_MAX: Final = 0x7FFF_FFFF_FFFF_FFFF
_EVERYTHING: Final = 0x0200_0000
#: STATUS_MORE_ENTRIES: a warning, not an error.
_MORE_ENTRIES: Final = 0x105


NO_SUCH_USER: Final = "STATUS_NO_SUCH_USER"


@dataclass(frozen=True)
class Account:
    """One local account: SID, control flags, comment, and whether its user may change the password himself."""

    name: str
    rid: int
    sid: str
    flags: int
    comment: str
    may_change_password: bool

    @property
    def enabled(self) -> bool:
        """Not disabled; it may still be locked."""
        return not self.flags & DISABLED

    @property
    def locked(self) -> bool:
        """Locked after too many wrong passwords."""
        return bool(self.flags & AUTO_LOCKED)

    @property
    def password_never_expires(self) -> bool:
        """The password does not age."""
        return bool(self.flags & NEVER_EXPIRES)


def wrap_password(password: str, key: bytes) -> bytes:
    """SAMPR_ENCRYPTED_USER_PASSWORD_NEW (MS-SAMR 2.2.6.22): 512 bytes with the password at their end, its length,
    all under RC4 with MD5(salt + key), then the salt. MD5 and RC4 are what the protocol prescribes.
    """
    data = password.encode("utf-16-le")
    block = os.urandom(512 - len(data)) + data + struct.pack("<I", len(data))
    salt = os.urandom(16)
    return bytes(ARC4.new(hashlib.md5(salt + key).digest()).encrypt(block)) + salt


def expiry_of_seconds(moment: float | None) -> int:
    """The FILETIME of an expiry; None is never.

    Rounded up to a whole second: Samba keeps whole seconds, and nobody may be refused before the moment.
    """
    return _EXPIRES_NEVER if moment is None else filetime.of_seconds(math.ceil(moment))


def seconds_of_expiry(value: int) -> float | None:
    """Seconds since 1970 of an expiry; None for either way to say never."""
    if value in (_EXPIRES_NEVER, _EXPIRES_MAX):
        return None
    return filetime.to_seconds(value)


class UserHandle:
    """One account, opened; kept open ahead of the deadline so that disabling it is a single call."""

    def __init__(self, sam: Sam, rid: int, handle: Any) -> None:
        self._sam = sam
        self.rid = rid
        self._handle = handle

    def _set(self, kind: str, field: str, fill: dict[str, Any], wrapped_password: bytes | None = None) -> None:
        request = samr.SamrSetInformationUser2()
        request["UserHandle"] = self._handle
        level = getattr(samr.USER_INFORMATION_CLASS, kind)
        request["UserInformationClass"] = level
        request["Buffer"]["tag"] = level
        for key, value in fill.items():
            if isinstance(value, dict):
                for part, number in value.items():
                    request["Buffer"][field][key][part] = number
            else:
                request["Buffer"][field][key] = value
        if wrapped_password is not None:
            request["Buffer"][field]["UserPassword"]["Buffer"] = wrapped_password
        self._sam.rpc.request(request)

    def flags(self) -> int:
        """UserControlInformation (MS-SAMR 2.2.6.17)."""
        answer = self._query(samr.USER_INFORMATION_CLASS.UserControlInformation)
        return int(answer["Control"]["UserAccountControl"])

    def set_flags(self, flags: int) -> None:
        """Replace the control flags (MS-SAMR 3.1.5.6.4)."""
        self._set("UserControlInformation", "Control", {"UserAccountControl": flags})

    def expires(self) -> float | None:
        """When the account expires, in seconds since 1970; None: never (UserExpiresInformation, MS-SAMR 2.2.6.18)."""
        answer = self._query(samr.USER_INFORMATION_CLASS.UserExpiresInformation)["Expires"]["AccountExpires"]
        value = (int(answer["HighPart"]) & 0xFFFF_FFFF) << 32 | int(answer["LowPart"]) & 0xFFFF_FFFF
        return seconds_of_expiry(value)

    def set_expires(self, moment: float | None) -> None:
        """Let the account expire then (seconds since 1970, see ``expiry_of_seconds``), or never (None).

        From then on a log-on is refused (STATUS_ACCOUNT_EXPIRED); what is logged on stays.
        """
        value = expiry_of_seconds(moment)
        parts = {"LowPart": value & 0xFFFF_FFFF, "HighPart": value >> 32}
        self._set("UserExpiresInformation", "Expires", {"AccountExpires": parts})

    def set_comment(self, comment: str) -> None:
        """UserAdminCommentInformation (MS-SAMR 2.2.6.13): what administration tools show as description."""
        self._set("UserAdminCommentInformation", "AdminComment", {"AdminComment": comment})

    def set_password(self, password: str) -> None:
        """Set the password; it does not count as expired, so the account can log on at once.

        UserInternal5InformationNew (MS-SAMR 2.2.6.26, 3.2.2.1): the password is wrapped by RC4 under the key of the
        SMB session, which itself is encrypted with AES. A server that enforces FIPS refuses RC4.
        """
        self._set(
            "UserInternal5InformationNew",
            "Internal5New",
            {"PasswordExpired": 0},
            wrapped_password=wrap_password(password, self._sam.rpc.server.application_key),
        )

    def may_change_password(self) -> bool:
        """Whether Everyone or the user himself holds USER_CHANGE_PASSWORD in the object's access list."""
        return any(ace.mask & CHANGE_PASSWORD for ace in self._changers(self._descriptor().dacl or ()))

    def forbid_password_change(self) -> None:
        """Take USER_CHANGE_PASSWORD from Everyone and the user (SamrSetSecurityObject, MS-SAMR 3.1.5.12.1)."""
        before = self._descriptor()
        entries = before.dacl or ()
        theirs = set(self._changers(entries))
        after = tuple(
            Ace(ace.kind, ace.flags, ace.mask & ~CHANGE_PASSWORD, ace.sid) if ace in theirs else ace for ace in entries
        )
        data = Descriptor(None, None, after, before.protected).to_bytes()
        request = samr.SamrSetSecurityObject()
        request["ObjectHandle"] = self._handle
        request["SecurityInformation"] = _DACL
        request["SecurityDescriptor"]["Length"] = len(data)
        request["SecurityDescriptor"]["SecurityDescriptor"] = [bytes([byte]) for byte in data]
        self._sam.rpc.request(request)

    def read(self, name: str) -> Account:
        """Flags, comment and password right in one look."""
        info = self._query(samr.USER_INFORMATION_CLASS.UserAllInformation)["All"]
        return Account(
            name=name,
            rid=self.rid,
            sid=self._sam.sid_of(self.rid),
            flags=int(info["UserAccountControl"]),
            comment=_text(info["AdminComment"]),
            may_change_password=self.may_change_password(),
        )

    def delete(self) -> None:
        """SamrDeleteUser (MS-SAMR 3.1.5.7.3); the handle is gone with it."""
        self._sam.rpc.call(samr.hSamrDeleteUser, self._handle)

    def close(self) -> None:
        """SamrCloseHandle (MS-SAMR 3.1.5.13.1)."""
        self._sam.rpc.call(samr.hSamrCloseHandle, self._handle)

    def _query(self, level: Any) -> Any:
        return self._sam.rpc.call(samr.hSamrQueryInformationUser2, self._handle, level)["Buffer"]

    def _descriptor(self) -> Descriptor:
        answer = self._sam.rpc.call(samr.hSamrQuerySecurityObject, self._handle, _DACL)
        return Descriptor.from_bytes(b"".join(answer["SecurityDescriptor"]["SecurityDescriptor"]))

    def _changers(self, entries: tuple[Ace, ...]) -> list[Ace]:
        who = {EVERYONE, self._sam.sid_of(self.rid)}
        return [ace for ace in entries if ace.kind == ALLOW and ace.sid in who and ace.mask & CHANGE_PASSWORD]


def _text(value: Any) -> str:
    return "" if value in (None, b"") else str(value).rstrip("\0")


class Sam:
    """The account domain of a host (its computer name), opened with all rights the administrator has."""

    def __init__(self, server: Server) -> None:
        self.rpc = Rpc(server, "samr", samr.MSRPC_UUID_SAMR)
        handle = self.rpc.call(samr.hSamrConnect5)["ServerHandle"]
        listed = self.rpc.call(samr.hSamrEnumerateDomainsInSamServer, handle)["Buffer"]["Buffer"]
        self.domain = next(str(one["Name"]) for one in listed if str(one["Name"]).casefold() != "builtin")
        domain_id = self.rpc.call(samr.hSamrLookupDomainInSamServer, handle, self.domain)["DomainId"]
        self.domain_sid = str(domain_id.formatCanonical())
        self._domain = self.rpc.call(samr.hSamrOpenDomain, handle, domainId=domain_id)["DomainHandle"]

    def close(self) -> None:
        """Close the pipe, and all handles with it."""
        self.rpc.close()

    def sid_of(self, rid: int) -> str:
        """The SID of an account of this domain."""
        return f"{self.domain_sid}-{rid}"

    def names(self) -> dict[str, int]:
        """All accounts, name to RID (SamrEnumerateUsersInDomain, MS-SAMR 3.1.5.2.5)."""
        found: dict[str, int] = {}
        context = 0
        while True:
            request = samr.SamrEnumerateUsersInDomain()
            request["DomainHandle"] = self._domain
            request["UserAccountControl"] = 0
            request["EnumerationContext"] = context
            request["PreferedMaximumLength"] = 0xFFFF
            answer = self.rpc.request(request, checked=False)
            status = int(answer["ErrorCode"])
            if status not in (0, _MORE_ENTRIES):
                raise from_status(status_name(status), self.rpc.server.address)
            for one in answer["Buffer"]["Buffer"] or ():
                found[str(one["Name"])] = int(one["RelativeId"])
            context = int(answer["EnumerationContext"])
            if status == 0:
                return found

    def open(self, rid: int) -> UserHandle:
        """SamrOpenUser (MS-SAMR 3.1.5.1.9). NotFound for an account that is gone, though it may still be listed."""
        try:
            handle = self.rpc.call(samr.hSamrOpenUser, self._domain, userId=rid)["UserHandle"]
        except SmbError as error:
            if error.status != NO_SUCH_USER:
                raise
            # Anywhere else this status means a log-on that was refused.
            raise NotFound(
                f"服务器上没有编号为 {rid} 的用户", f"the server has no account with the RID {rid}", NO_SUCH_USER
            ) from None
        return UserHandle(self, rid, handle)

    def create(self, name: str) -> UserHandle:
        """SamrCreateUser2InDomain (MS-SAMR 3.1.5.4.4). The new account is disabled and has no password."""
        answer = self.rpc.call(samr.hSamrCreateUser2InDomain, self._domain, name, samr.USER_NORMAL_ACCOUNT, _EVERYTHING)
        return UserHandle(self, int(answer["RelativeId"]), answer["UserHandle"])


@contextmanager
def sam(server: Server) -> Iterator[Sam]:
    """The account domain for the length of a block."""
    opened = Sam(server)
    try:
        yield opened
    finally:
        opened.close()


def rids(names: Mapping[str, int]) -> dict[str, int]:
    """What :meth:`Sam.names` gives, by names in small letters: Windows does not care for their case."""
    return {name.casefold(): rid for name, rid in names.items()}


def sids(server: Server, names: list[str]) -> dict[str, str]:
    """The SID of each named account (compared without case); NotFound names those that do not exist."""
    with sam(server) as opened:
        known = rids(opened.names())
        missing = [name for name in names if name.casefold() not in known]
        if missing:
            listed = ", ".join(missing)
            raise NotFound(
                f"{server.address}：服务器上没有这些用户名：{listed}",
                f"{server.address}: no such accounts on the server: {listed}",
                NO_SUCH_USER,
            )
        return {name: opened.sid_of(known[name.casefold()]) for name in names}


__all__ = ["Account", "Sam", "UserHandle", "sam", "sids"]
