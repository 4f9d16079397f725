"""A small client of a stand-in host, written for these tests alone: nothing of the product's own wire code is in it."""

from __future__ import annotations

import struct
from typing import Any

from impacket.dcerpc.v5 import samr, srvs, transport, wkst
from impacket.dcerpc.v5.dtypes import NULL
from impacket.ldap import ldaptypes
from impacket.nt_errors import ERROR_MESSAGES
from impacket.smb3structs import (
    FILE_DIRECTORY_FILE,
    FILE_OPEN,
    FILE_SHARE_DELETE,
    FILE_SHARE_READ,
    FILE_SHARE_WRITE,
    SMB2_0_INFO_SECURITY,
    SMB2_DIALECT_311,
)
from impacket.smbconnection import SessionError, SMBConnection

FULL, MODIFY = 0x1F01FF, 0x1301BF
SYSTEM, ADMINISTRATORS = "S-1-5-18", "S-1-5-32-544"
SHARE_ALL = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE
SECURITY_DACL_PROTECTED = 0x80000004


def connect(address: str, user: str, password: str, dialect: int = SMB2_DIALECT_311) -> SMBConnection:
    """A session of that user; impacket's SessionError if he is refused."""
    connection = SMBConnection(address, address, preferredDialect=dialect, timeout=10)
    connection.login(user, password)
    return connection


def status(error: BaseException) -> str:
    """The NT status of a SessionError by name."""
    code = error.getErrorCode() if isinstance(error, SessionError) else error.get_error_code()  # type: ignore[attr-defined]
    return str(ERROR_MESSAGES[code][0])


class Administrator:
    """What an administrator does to one host over SMB and RPC."""

    def __init__(self, address: str, user: str, password: str) -> None:
        self.address = address
        self.smb = connect(address, user, password)
        self.srvsvc = self._pipe("srvsvc", srvs.MSRPC_UUID_SRVS)
        self.wkssvc = self._pipe("wkssvc", wkst.MSRPC_UUID_WKST)
        self.samr = self._pipe("samr", samr.MSRPC_UUID_SAMR)
        server = samr.hSamrConnect(self.samr)["ServerHandle"]
        names = samr.hSamrEnumerateDomainsInSamServer(self.samr, server)["Buffer"]["Buffer"]
        self.domain_sid = samr.hSamrLookupDomainInSamServer(self.samr, server, names[0]["Name"])["DomainId"]
        self.domain = samr.hSamrOpenDomain(self.samr, server, domainId=self.domain_sid)["DomainHandle"]

    def _pipe(self, name: str, interface: Any) -> Any:
        over = transport.SMBTransport(self.address, filename=f"\\{name}", smb_connection=self.smb)
        pipe = over.get_dce_rpc()
        pipe.connect()
        pipe.bind(interface)
        return pipe

    def shares(self) -> dict[str, tuple[str, int]]:
        """Name -> (path, type), level 502."""
        entries = srvs.hNetrShareEnum(self.srvsvc, 502)["InfoStruct"]["ShareInfo"]["Level502"]["Buffer"]
        return {
            one["shi502_netname"].rstrip("\0"): (one["shi502_path"].rstrip("\0"), one["shi502_type"]) for one in entries
        }

    def add_share(self, name: str, path: str, descriptor: bytes = b"") -> None:
        """NetrShareAdd, level 502."""
        info = srvs.SHARE_INFO_502()
        info["shi502_netname"], info["shi502_path"], info["shi502_remark"] = f"{name}\0", f"{path}\0", "考试\0"
        info["shi502_type"] = info["shi502_permissions"] = info["shi502_current_uses"] = 0
        info["shi502_max_uses"], info["shi502_passwd"] = 0xFFFFFFFF, NULL
        info["shi502_reserved"] = len(descriptor)
        info["shi502_security_descriptor"] = list(descriptor) if descriptor else NULL
        request = srvs.NetrShareAdd()
        request["ServerName"], request["Level"] = "\0", 502
        request["InfoStruct"]["tag"], request["InfoStruct"]["ShareInfo502"] = 502, info
        self.srvsvc.request(request)

    def share_flags(self, name: str) -> int:
        """The flags of SHARE_INFO_1005."""
        info = srvs.hNetrShareGetInfo(self.srvsvc, f"{name}\0", 1005)["InfoStruct"]
        return int(info["ShareInfo1005"]["shi1005_flags"])

    def set_share_flags(self, name: str, flags: int) -> None:
        """NetrShareSetInfo, level 1005."""
        request = srvs.NetrShareSetInfo()
        request["ServerName"], request["NetName"], request["Level"] = "\0", f"{name}\0", 1005
        request["ShareInfo"]["tag"] = 1005
        request["ShareInfo"]["ShareInfo1005"]["shi1005_flags"] = flags
        self.srvsvc.request(request)

    def sessions(self) -> list[str]:
        """Users with a session, by name as the server writes it, level 1."""
        entries = srvs.hNetrSessionEnum(self.srvsvc, "\0", "\0", 1)["InfoStruct"]["SessionInfo"]["Level1"]["Buffer"]
        return [one["sesi1_username"].rstrip("\0") for one in entries]

    def files(self) -> dict[str, tuple[int, str]]:
        """Path -> (id, user) of every open, level 3."""
        entries = srvs.hNetrFileEnum(self.srvsvc, NULL, NULL, 3)["InfoStruct"]["FileInfo"]["Level3"]["Buffer"]
        return {one["fi3_path_name"].rstrip("\0"): (one["fi3_id"], one["fi3_username"].rstrip("\0")) for one in entries}

    def users(self) -> dict[str, int]:
        """Name -> RID."""
        entries = samr.hSamrEnumerateUsersInDomain(self.samr, self.domain)["Buffer"]["Buffer"]
        return {one["Name"]: one["RelativeId"] for one in entries}

    def create_user(self, name: str, password: str) -> str:
        """An enabled account whose password never expires; its SID."""
        made = samr.hSamrCreateUser2InDomain(self.samr, self.domain, name)
        samr.hSamrSetPasswordInternal4New(self.samr, made["UserHandle"], password)
        self._set_control(made["UserHandle"], samr.USER_NORMAL_ACCOUNT | samr.USER_DONT_EXPIRE_PASSWORD)
        samr.hSamrCloseHandle(self.samr, made["UserHandle"])
        return f"{self.domain_sid.formatCanonical()}-{made['RelativeId']}"

    def set_enabled(self, name: str, wanted: bool) -> None:
        """Enable or disable by the account's control flags."""
        flags = samr.USER_NORMAL_ACCOUNT | samr.USER_DONT_EXPIRE_PASSWORD
        handle = self._user(name)
        self._set_control(handle, flags if wanted else flags | samr.USER_ACCOUNT_DISABLED)
        samr.hSamrCloseHandle(self.samr, handle)

    def set_expiry(self, name: str, file_time: int) -> None:
        """UserExpiresInformation: the moment (100 ns since 1601) after which the account cannot log on; 0 is never."""
        handle = self._user(name)
        buffer = samr.SAMPR_USER_INFO_BUFFER()
        buffer["tag"] = samr.USER_INFORMATION_CLASS.UserExpiresInformation
        buffer["Expires"]["AccountExpires"]["LowPart"] = file_time & 0xFFFFFFFF
        buffer["Expires"]["AccountExpires"]["HighPart"] = file_time >> 32
        samr.hSamrSetInformationUser2(self.samr, handle, buffer)
        samr.hSamrCloseHandle(self.samr, handle)

    def delete_user(self, name: str) -> None:
        """Remove the account."""
        samr.hSamrDeleteUser(self.samr, self._user(name))

    def _user(self, name: str) -> Any:
        return samr.hSamrOpenUser(self.samr, self.domain, userId=self.users()[name])["UserHandle"]

    def _set_control(self, handle: Any, flags: int) -> None:
        buffer = samr.SAMPR_USER_INFO_BUFFER()
        buffer["tag"] = samr.USER_INFORMATION_CLASS.UserControlInformation
        buffer["Control"]["UserAccountControl"] = flags
        samr.hSamrSetInformationUser2(self.samr, handle, buffer)

    def set_exact_dacl(self, share: str, path: str, entries: list[tuple[str, int]]) -> None:
        """Make a folder's DACL exactly these allow entries, inherited by what is in it, and protected."""
        tree = self.smb.connectTree(share)
        folder = self.smb.getSMBServer().create(tree, path, 0x00060089, SHARE_ALL, FILE_DIRECTORY_FILE, FILE_OPEN, 0)
        try:
            self.smb.getSMBServer().setInfo(
                tree,
                folder,
                inputBlob=descriptor(entries, inherit=True),
                infoType=SMB2_0_INFO_SECURITY,
                fileInfoClass=0,
                additionalInformation=SECURITY_DACL_PROTECTED,
            )
        finally:
            self.smb.closeFile(tree, folder)

    def dacl(self, share: str, path: str) -> tuple[bool, list[tuple[str, int, int]]]:
        """A folder's DACL as (protected, [(SID, mask, ACE flags), …])."""
        tree = self.smb.connectTree(share)
        folder = self.smb.getSMBServer().create(tree, path, 0x00020080, SHARE_ALL, 0, FILE_OPEN, 0)
        try:
            raw = self.smb.getSMBServer().queryInfo(
                tree, folder, infoType=SMB2_0_INFO_SECURITY, fileInfoClass=0, additionalInformation=4
            )
        finally:
            self.smb.closeFile(tree, folder)
        parsed = ldaptypes.SR_SECURITY_DESCRIPTOR(data=raw)
        entries = [
            (ace["Ace"]["Sid"].formatCanonical(), int(ace["Ace"]["Mask"]["Mask"]), int(ace["AceFlags"]))
            for ace in parsed["Dacl"].aces
        ]
        return bool(struct.unpack_from("<H", raw, 2)[0] & 0x1000), entries


def descriptor(entries: list[tuple[str, int]], *, inherit: bool) -> bytes:
    """A self-relative security descriptor with a protected DACL of allow entries and nothing else."""
    aces = []
    for sid, mask in entries:
        ace = ldaptypes.ACE()
        ace["AceType"], ace["AceFlags"] = ldaptypes.ACCESS_ALLOWED_ACE.ACE_TYPE, 3 if inherit else 0
        ace["Ace"] = ldaptypes.ACCESS_ALLOWED_ACE()
        ace["Ace"]["Mask"] = ldaptypes.ACCESS_MASK()
        ace["Ace"]["Mask"]["Mask"] = mask
        ace["Ace"]["Sid"] = ldaptypes.LDAP_SID()
        ace["Ace"]["Sid"].fromCanonical(sid)
        aces.append(ace)
    acl = ldaptypes.ACL()
    acl["AclRevision"], acl["Sbz1"], acl["Sbz2"] = 2, 0, 0
    acl.aces = aces
    whole = ldaptypes.SR_SECURITY_DESCRIPTOR()
    whole["Revision"], whole["Sbz1"], whole["Control"] = b"\x01", b"\x00", 0x9004
    whole["OwnerSid"] = whole["GroupSid"] = whole["Sacl"] = b""
    whole["Dacl"] = acl
    return bytes(whole.getData())
