"""MS-SAMR: the accounts of a host. One ``Sam`` is one open account domain over one SMB connection."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from impacket.dcerpc.v5 import samr

from .rpc import Rpc
from .samrcrypt import SUPPORTS_AES, wrap_aes, wrap_rc4
from .security import ALLOW, EVERYONE, Ace, Descriptor
from .smb import Server
from .smberrors import NotFound, SmbError

#: UserAccountControl bits (MS-SAMR 2.2.1.12).
DISABLED: Final = 0x0001
PASSWORD_NOT_REQUIRED: Final = 0x0004
NORMAL_ACCOUNT: Final = 0x0010
NEVER_EXPIRES: Final = 0x0200
AUTO_LOCKED: Final = 0x0400

#: The right of a SAM object's access list that lets somebody change the password (MS-SAMR 2.2.1.7).
CHANGE_PASSWORD: Final = 0x0040
_DACL: Final = 4
_EVERYTHING: Final = 0x0200_0000
_MORE_ENTRIES: Final = "STATUS_MORE_ENTRIES"


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


class UserHandle:
    """One account, opened; kept open ahead of the deadline so that disabling it is a single call."""

    def __init__(self, sam: Sam, rid: int, handle: Any) -> None:
        self._sam = sam
        self.rid = rid
        self._handle = handle

    def _set(self, kind: str, field: str, fill: dict[str, Any]) -> None:
        request = samr.SamrSetInformationUser2()
        request["UserHandle"] = self._handle
        level = getattr(samr.USER_INFORMATION_CLASS, kind)
        request["UserInformationClass"] = level
        request["Buffer"]["tag"] = level
        for key, value in fill.items():
            request["Buffer"][field][key] = value
        self._sam.rpc.request(request)

    def flags(self) -> int:
        """UserControlInformation (MS-SAMR 2.2.6.17)."""
        answer = self._query(samr.USER_INFORMATION_CLASS.UserControlInformation)
        return int(answer["Control"]["UserAccountControl"])

    def set_flags(self, flags: int) -> None:
        """Replace the control flags (MS-SAMR 3.1.5.6.4)."""
        self._set("UserControlInformation", "Control", {"UserAccountControl": flags})

    def set_comment(self, comment: str) -> None:
        """UserAdminCommentInformation (MS-SAMR 2.2.6.13): what administration tools show as description."""
        self._set("UserAdminCommentInformation", "AdminComment", {"AdminComment": comment})

    def set_password(self, password: str) -> None:
        """Set the password; it does not count as expired, so the account can log on at once.

        Under AES (UserInternal7Information, MS-SAMR 3.2.2.4) where the server offers it, else under RC4
        (UserInternal5InformationNew, MS-SAMR 3.2.2.1), both keyed by the SMB session, which is encrypted itself.
        """
        key = self._sam.rpc.server.application_key
        if self._sam.features & SUPPORTS_AES:
            self._sam.rpc.request(wrap_aes(self._handle, password, key))
            return
        fill = {"PasswordExpired": 0}
        request = samr.SamrSetInformationUser2()
        request["UserHandle"] = self._handle
        level = samr.USER_INFORMATION_CLASS.UserInternal5InformationNew
        request["UserInformationClass"] = level
        request["Buffer"]["tag"] = level
        request["Buffer"]["Internal5New"]["UserPassword"]["Buffer"] = wrap_rc4(password, key)
        request["Buffer"]["Internal5New"]["PasswordExpired"] = fill["PasswordExpired"]
        self._sam.rpc.request(request)

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
        connected = self.rpc.call(samr.hSamrConnect5)
        self.features = int(connected["OutRevisionInfo"]["V1"]["SupportedFeatures"])
        handle = connected["ServerHandle"]
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
            answer = self.rpc.request(request)
            for one in answer["Buffer"]["Buffer"] or ():
                found[str(one["Name"])] = int(one["RelativeId"])
            context = int(answer["EnumerationContext"])
            if int(answer["ErrorCode"]) == 0:
                return found

    def open(self, rid: int) -> UserHandle:
        """SamrOpenUser (MS-SAMR 3.1.5.1.9)."""
        return UserHandle(self, rid, self.rpc.call(samr.hSamrOpenUser, self._domain, userId=rid)["UserHandle"])

    def create(self, name: str) -> UserHandle:
        """SamrCreateUser2InDomain (MS-SAMR 3.1.5.4.4). The new account is disabled and has no password."""
        answer = self.rpc.call(
            samr.hSamrCreateUser2InDomain, self._domain, name, samr.USER_NORMAL_ACCOUNT, _EVERYTHING
        )
        return UserHandle(self, int(answer["RelativeId"]), answer["UserHandle"])


@contextmanager
def sam(server: Server) -> Iterator[Sam]:
    """The account domain for the length of a block."""
    opened = Sam(server)
    try:
        yield opened
    finally:
        opened.close()


def sids(server: Server, names: list[str]) -> dict[str, str]:
    """The SID of each named account (compared without case); NotFound names those that do not exist."""
    with sam(server) as opened:
        known = {name.casefold(): rid for name, rid in opened.names().items()}
        missing = [name for name in names if name.casefold() not in known]
        if missing:
            listed = ", ".join(missing)
            raise NotFound(
                f"{server.address}：服务器上没有这些用户名：{listed}",
                f"{server.address}: no such accounts on the server: {listed}",
                "STATUS_NO_SUCH_USER",
            )
        return {name: opened.sid_of(known[name.casefold()]) for name in names}


__all__ = ["Account", "Sam", "SmbError", "UserHandle", "sam", "sids"]
