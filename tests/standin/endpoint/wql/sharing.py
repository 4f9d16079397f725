"""Win32_Share, MSFT_SmbShare and MSFT_SmbServerConfiguration, from Samba's shares and switches."""

from __future__ import annotations

from typing import Any

from ..backend import Share
from ..host import Host

Rows = list[dict[str, Any]]
# STYPE_* (MS-SRVS 2.2.2.4)
_DISK, _IPC, _SPECIAL = 0, 3, 0x80000000
_CACHING = {"None": 0, "Manual": 1, "Documents": 2, "Programs": 3, "Branchcache": 4, "BranchCache": 4}


def shares(host: Host) -> Rows:
    """Nothing while LanmanServer is stopped: nobody keeps a list then."""
    return [
        {
            "AllowMaximum": True,
            "Caption": share.description,
            "Description": share.description,
            "InstallDate": None,
            "MaximumAllowed": None,
            "Name": share.name,
            "Path": share.path,
            "Status": "OK",
            "Type": _type(share) | (_SPECIAL if share.special else 0),
        }
        for share in _listed(host)
    ]


def smb_shares(host: Host) -> Rows:
    return [
        {
            "CachingMode": _CACHING.get(share.caching, 5),
            "Description": share.description,
            "EncryptData": share.encrypt,
            "FolderEnumerationMode": 0 if share.access_based else 1,
            "Name": share.name,
            "Path": share.path,
            "Scoped": False,
            "ScopeName": "*",
            "ShareState": 1,
            "ShareType": _type(share),
            "Special": share.special,
            "Temporary": False,
        }
        for share in _listed(host)
    ]


def smb_server_configuration(host: Host) -> Rows:
    switches = host.backend.file_service_options()
    return [
        {
            "EnableSMB1Protocol": switches["SMB1"],
            "EnableSMB2Protocol": True,
            "EncryptData": switches["EncryptData"],
            "RejectUnencryptedAccess": switches["RejectUnencryptedAccess"],
            "RequireSecuritySignature": switches["RequireSecuritySignature"],
            "AutoShareServer": True,
            "AutoShareWorkstation": True,
        }
    ]


def _listed(host: Host) -> list[Share]:
    return list(host.backend.shares()) if host.backend.file_service_running() else []


def _type(share: Share) -> int:
    return _IPC if share.name.casefold() == "ipc$" else _DISK
