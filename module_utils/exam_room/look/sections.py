"""What one host says of itself, a section at a time; shapes in :mod:`facts`. Each function asks one connection."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from ..wire import wsman
from ..wire.wsman import CIMV2, Reference, Wmi, single
from .antivirus import antivirus
from .policies import policies, user_policies
from .profiles import profiles
from .protection import restore_protection
from .quotas import quotas
from .restarts import restart_pending
from .software import software
from .tasksettings import task_settings

ADMINISTRATORS = "S-1-5-32-544"
SERVICES = ("LanmanServer", "W32Time", "WinRM")
WINLOGON = r"SOFTWARE\Microsoft\Windows NT\CurrentVersion\Winlogon"

Clock = Callable[[], datetime]
# STYPE_SPECIAL (MS-SRVS 2.2.2.4) and Win32_CDROMDrive.Capabilities "Supports Writing".
_SPECIAL, _WRITES = 0x80000000, 4
_CACHING = {0: "none", 1: "manual", 2: "documents", 3: "programs", 4: "branchcache"}


def now() -> datetime:
    """The controller's clock."""
    return datetime.now(UTC)


def stamp(moment: datetime) -> str:
    """UTC in ISO 8601 with milliseconds and Z."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def identity(wmi: Wmi, clock: Clock = now) -> dict[str, Any]:
    """Name, workgroup, operating system, and the machine's clock against the controller's."""
    computer = single(
        wmi.query(
            CIMV2,
            "Win32_ComputerSystem",
            {"Name": "str", "DNSHostName": "str", "Workgroup": "str", "PartOfDomain": "bool", "UserName": "str"},
        )
    )
    before = clock()
    system = single(
        wmi.query(
            CIMV2,
            "Win32_OperatingSystem",
            {
                "Caption": "str",
                "Version": "str",
                "BuildNumber": "str",
                "ProductType": "int",
                "OSLanguage": "int",
                "LocalDateTime": "datetime",
                "InstallDate": "datetime",
                "LastBootUpTime": "datetime",
            },
        )
    )
    after = clock()
    middle = before + (after - before) / 2
    return {
        "name": computer["Name"],
        "dns_name": computer["DNSHostName"],
        "workgroup": computer["Workgroup"],
        "part_of_domain": computer["PartOfDomain"],
        "user": computer["UserName"],
        "os": system["Caption"],
        "version": system["Version"],
        "build": system["BuildNumber"],
        "product_type": system["ProductType"],
        "language": system["OSLanguage"],
        "clock": _time(system["LocalDateTime"]),
        "clock_offset_seconds": _seconds(system["LocalDateTime"], middle),
        "round_trip_seconds": round((after - before).total_seconds(), 3),
        "boot_time": _time(system["LastBootUpTime"]),
        "installed": _time(system["InstallDate"]),
    }


def adapters(wmi: Wmi) -> list[dict[str, Any]]:
    """The adapters that have IP."""
    rows = wmi.query(
        CIMV2,
        "Win32_NetworkAdapterConfiguration",
        {
            "InterfaceIndex": "int",
            "Description": "str",
            "IPAddress": "str[]",
            "IPSubnet": "str[]",
            "DefaultIPGateway": "str[]",
            "DNSServerSearchOrder": "str[]",
            "DHCPEnabled": "bool",
            "MACAddress": "str",
        },
        "IPEnabled = TRUE",
    )
    found = []
    for row in rows:
        # IPSubnet has masks of IPv4 addresses and prefix lengths of IPv6 ones, in the order of IPAddress.
        pairs = list(zip(row["IPAddress"] or [], row["IPSubnet"] or [], strict=False))
        found.append(
            {
                "index": row["InterfaceIndex"],
                "name": row["Description"],
                "addresses": [address for address, _ in pairs if ":" not in address],
                "masks": [mask for address, mask in pairs if ":" not in address],
                "gateways": row["DefaultIPGateway"] or [],
                "dns": row["DNSServerSearchOrder"] or [],
                "dhcp": row["DHCPEnabled"],
                "mac": row["MACAddress"],
            }
        )
    return found


def accounts(wmi: Wmi) -> dict[str, Any]:
    """Local accounts, and who is in BUILTIN\\Administrators, whatever that group is called in this Windows."""
    users = wmi.query(
        CIMV2,
        "Win32_UserAccount",
        {
            "Name": "str",
            "Domain": "str",
            "SID": "str",
            "Disabled": "bool",
            "Lockout": "bool",
            "LocalAccount": "bool",
            "FullName": "str",
        },
        "LocalAccount = TRUE",
    )
    group = single(
        wmi.query(CIMV2, "Win32_Group", {"Name": "str", "Domain": "str"}, f"SID = {wsman.quoted(ADMINISTRATORS)}")
    )
    links = wmi.query(CIMV2, "Win32_GroupUser", {"GroupComponent": "reference", "PartComponent": "reference"})
    sids = {(row["Domain"].casefold(), row["Name"].casefold()): row["SID"] for row in users}
    administrators = []
    for link in links:
        if _names(link["GroupComponent"]) == (group["Domain"].casefold(), group["Name"].casefold()):
            keys = _keys(link["PartComponent"])
            administrators.append(
                {
                    "name": keys["name"],
                    "domain": keys["domain"],
                    "sid": sids.get(_names(link["PartComponent"])),
                    "user": link["PartComponent"].class_name.casefold() == "win32_useraccount",
                }
            )
    return {
        "users": [
            {
                "name": row["Name"],
                "sid": row["SID"],
                "disabled": row["Disabled"],
                "locked": row["Lockout"],
                "local": row["LocalAccount"],
                "full_name": row["FullName"],
            }
            for row in users
        ],
        "administrators": administrators,
    }


def shares(wmi: Wmi) -> list[dict[str, Any]]:
    """Every share, the administrative ones included."""
    rows = wmi.query(CIMV2, "Win32_Share", {"Name": "str", "Path": "str", "Type": "int"})
    return [
        {
            "name": row["Name"],
            "path": row["Path"],
            "type": row["Type"] & ~_SPECIAL,
            "special": bool(row["Type"] & _SPECIAL),
        }
        for row in rows
    ]


def smb_shares(wmi: Wmi) -> list[dict[str, Any]]:
    """The switches of each share that only the SMB server knows."""
    rows = wmi.query(
        wsman.SMB,
        "MSFT_SmbShare",
        {
            "Name": "str",
            "Path": "str",
            "EncryptData": "bool",
            "FolderEnumerationMode": "int",
            "CachingMode": "int",
            "Special": "bool",
        },
    )
    return [
        {
            "name": row["Name"],
            "path": row["Path"],
            "encrypt": row["EncryptData"],
            "access_based": row["FolderEnumerationMode"] == 0,
            "caching": _CACHING.get(row["CachingMode"], "unknown"),
            "special": row["Special"],
        }
        for row in rows
    ]


def services(wmi: Wmi) -> dict[str, Any]:
    """State (Running, Stopped …) and start mode (Auto, Manual, Disabled) of the services that matter."""
    where = " OR ".join(f"Name = {wsman.quoted(name)}" for name in SERVICES)
    rows = wmi.query(CIMV2, "Win32_Service", {"Name": "str", "State": "str", "StartMode": "str"}, where)
    found = {row["Name"].casefold(): {"state": row["State"], "start_mode": row["StartMode"]} for row in rows}
    return {name: found.get(name.casefold()) for name in SERVICES}


def firewall(wmi: Wmi) -> dict[str, Any]:
    """Whether each profile is on; 2 (not configured) is null."""
    rows = wmi.query(wsman.STANDARD, "MSFT_NetFirewallProfile", {"Name": "str", "Enabled": "int"})
    return {row["Name"]: {"enabled": {0: False, 1: True}.get(row["Enabled"])} for row in rows}


def smb_server(wmi: Wmi) -> dict[str, Any]:
    """The SMB server's switches as they are in force."""
    row = single(
        wmi.query(
            wsman.SMB,
            "MSFT_SmbServerConfiguration",
            {
                "RequireSecuritySignature": "bool",
                "EncryptData": "bool",
                "RejectUnencryptedAccess": "bool",
                "EnableSMB1Protocol": "bool",
                "EnableSMB2Protocol": "bool",
            },
        )
    )
    return {
        "signing_required": row["RequireSecuritySignature"],
        "encrypt": row["EncryptData"],
        "reject_unencrypted": row["RejectUnencryptedAccess"],
        "smb1": row["EnableSMB1Protocol"],
        "smb2": row["EnableSMB2Protocol"],
    }


def optical_drives(wmi: Wmi) -> list[dict[str, Any]]:
    """Drives for discs; whether a blank one lies inside is not seen here."""
    rows = wmi.query(
        CIMV2,
        "Win32_CDROMDrive",
        {"Drive": "str", "Name": "str", "Capabilities": "int[]", "MediaLoaded": "bool", "VolumeName": "str"},
    )
    return [
        {
            "drive": row["Drive"],
            "name": row["Name"],
            "capabilities": row["Capabilities"] or [],
            "can_write": _WRITES in (row["Capabilities"] or []),
            "media_loaded": row["MediaLoaded"],
            "volume": row["VolumeName"],
        }
        for row in rows
    ]


def disks(wmi: Wmi) -> list[dict[str, Any]]:
    """Fixed disks."""
    rows = wmi.query(
        CIMV2,
        "Win32_LogicalDisk",
        {"DeviceID": "str", "FileSystem": "str", "Size": "int", "FreeSpace": "int"},
        "DriveType = 3",
    )
    return [
        {"drive": row["DeviceID"], "file_system": row["FileSystem"], "size": row["Size"], "free": row["FreeSpace"]}
        for row in rows
    ]


def tasks(wmi: Wmi) -> list[dict[str, Any]]:
    r"""Scheduled tasks below ``\Exam\``; state 1 is disabled, no state is not known."""
    rows = wmi.query(
        wsman.TASKS,
        "MSFT_ScheduledTask",
        {"TaskPath": "str", "TaskName": "str", "State": "int"},
        f"TaskPath = {wsman.quoted(chr(92) + 'Exam' + chr(92))}",
    )
    return [
        {
            "path": row["TaskPath"],
            "name": row["TaskName"],
            "enabled": None if row["State"] is None else row["State"] != 1,
        }
        for row in rows
    ]


def auto_logon(wmi: Wmi) -> dict[str, Any]:
    """Who is signed in automatically. The password is never read, only that none lies there in clear."""
    values, names = wmi.registry(WINLOGON, ("AutoAdminLogon", "DefaultUserName", "DefaultDomainName"))
    return {
        # A string as Windows' own tools write it, a DWORD as win_auto_logon does.
        "enabled": str(values["AutoAdminLogon"]) == "1",
        "user": values["DefaultUserName"] or None,
        "domain": values["DefaultDomainName"] or None,
        "plain_password": any(name.casefold() == "defaultpassword" for name in names),
    }


SECTIONS: dict[str, Callable[[Wmi], Any]] = {
    "adapters": adapters,
    "accounts": accounts,
    "shares": shares,
    "smb_shares": smb_shares,
    "services": services,
    "firewall": firewall,
    "smb_server": smb_server,
    "optical_drives": optical_drives,
    "disks": disks,
    "tasks": tasks,
    "task_settings": task_settings,
    "auto_logon": auto_logon,
    "restore_protection": restore_protection,
    "antivirus": antivirus,
    "policies": policies,
    "user_policies": user_policies,
    "restart_pending": restart_pending,
    "software": software,
    "quotas": quotas,
    "profiles": profiles,
}


def _keys(reference: Reference) -> dict[str, str]:
    return {name.casefold(): value for name, value in reference.keys.items()}


def _names(reference: Reference) -> tuple[str, str]:
    keys = _keys(reference)
    return keys.get("domain", "").casefold(), keys.get("name", "").casefold()


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else stamp(moment)


def _seconds(machine: datetime | None, controller: datetime) -> float | None:
    return None if machine is None else round((machine - controller).total_seconds(), 3)
