"""The model state of a bare Windows host, before anybody configured it."""

from __future__ import annotations

from typing import Any

from . import programs
from .registry import Registry
from .store import State

LANMAN_PARAMETERS = r"HKLM\SYSTEM\CurrentControlSet\Services\LanmanServer\Parameters"
WINLOGON = r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Winlogon"

_VALUES: tuple[tuple[str, str, str, Any], ...] = (
    # Windows 11 24H2 and Windows Server 2025 require signing and come without SMB 1.
    (LANMAN_PARAMETERS, "RequireSecuritySignature", "dword", 1),
    (LANMAN_PARAMETERS, "EnableSecuritySignature", "dword", 0),
    (LANMAN_PARAMETERS, "ServiceDll", "expandstring", r"%SystemRoot%\system32\srvsvc.dll"),
    (WINLOGON, "AutoAdminLogon", "string", "0"),
    (WINLOGON, "DefaultUserName", "string", ""),
    (WINLOGON, "DefaultDomainName", "string", ""),
    (WINLOGON, "Shell", "string", "explorer.exe"),
    (r"HKLM\SYSTEM\CurrentControlSet\Services\W32Time\Parameters", "NtpServer", "string", "time.windows.com,0x9"),
    (r"HKLM\SYSTEM\CurrentControlSet\Services\W32Time\Parameters", "Type", "string", "NTP"),
    (r"HKLM\SYSTEM\CurrentControlSet\Services\W32Time\Config", "AnnounceFlags", "dword", 10),
    (r"HKLM\SYSTEM\CurrentControlSet\Services\W32Time\TimeProviders\NtpServer", "Enabled", "dword", 0),
    (r"HKLM\SYSTEM\CurrentControlSet\Services\W32Time\TimeProviders\NtpClient", "Enabled", "dword", 1),
    (r"HKLM\SYSTEM\CurrentControlSet\Services\W32Time\TimeProviders\NtpClient", "SpecialPollInterval", "dword", 32768),
    (r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Policies\System", "EnableLUA", "dword", 1),
    (
        r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Run",
        "SecurityHealth",
        "expandstring",
        r"%windir%\system32\SecurityHealthSystray.exe",
    ),
    (r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion", "CurrentBuild", "string", "26100"),
)

# name, display name, start mode, runs, what it depends on, account
_SERVICES: tuple[tuple[str, str, str, bool, tuple[str, ...], str], ...] = (
    ("Dhcp", "DHCP Client", "auto", True, (), r"NT AUTHORITY\LocalService"),
    ("Dnscache", "DNS Client", "auto", True, (), r"NT AUTHORITY\NetworkService"),
    ("EventLog", "Windows Event Log", "auto", True, (), r"NT AUTHORITY\LocalService"),
    ("LanmanServer", "Server", "auto", True, ("SamSS", "Srv2"), "LocalSystem"),
    ("LanmanWorkstation", "Workstation", "auto", True, ("Bowser", "MRxSmb20", "NSI"), r"NT AUTHORITY\NetworkService"),
    ("MpsSvc", "Windows Defender Firewall", "auto", True, ("mpsdrv", "bfe"), r"NT AUTHORITY\LocalService"),
    ("RpcSs", "Remote Procedure Call (RPC)", "auto", True, (), r"NT AUTHORITY\NetworkService"),
    ("SamSS", "Security Accounts Manager", "auto", True, ("RPCSS",), "LocalSystem"),
    ("Schedule", "Task Scheduler", "auto", True, ("RPCSS", "SystemEventsBroker"), "LocalSystem"),
    ("Spooler", "Print Spooler", "auto", True, ("RPCSS", "http"), "LocalSystem"),
    # On a workgroup computer the time service only runs when a trigger starts it.
    ("W32Time", "Windows Time", "manual", False, (), r"NT AUTHORITY\LocalService"),
    ("WinDefend", "Microsoft Defender Antivirus Service", "auto", True, ("RpcSs",), "LocalSystem"),
    (
        "WinRM",
        "Windows Remote Management (WS-Management)",
        "auto",
        True,
        ("RPCSS", "HTTP"),
        r"NT AUTHORITY\NetworkService",
    ),
)

# Where an update of the platform puts Defender; another folder with each.
DEFENDER = r"C:\ProgramData\Microsoft\Windows Defender\Platform\4.18.24090.11-0"

_DRIVERS = (("disk", "Boot"), ("Ntfs", "System"), ("Tcpip", "Boot"), ("srv2", "Manual"), ("cdrom", "System"))

_PROFILE = {"enabled": True, "inbound": "notconfigured", "outbound": "notconfigured"}


def bare(*, server: bool) -> State:
    """The state of a bare host; a server has a DVD writer, a client an empty one without."""
    state: State = {
        "registry": {},
        "lsa_secrets": {},
        "services": {
            name.casefold(): {
                "name": name,
                "display_name": display_name,
                "description": "",
                "start_mode": start_mode,
                "running": running,
                "dependencies": list(dependencies),
                "username": username,
                "path": (
                    rf'"{DEFENDER}\MsMpEng.exe"'
                    if name == "WinDefend"
                    else rf"C:\Windows\System32\svchost.exe -k {name}"
                ),
            }
            for name, display_name, start_mode, running, dependencies, username in _SERVICES
        },
        "firewall": {"profiles": {name: dict(_PROFILE) for name in ("Domain", "Private", "Public")}, "rules": {}},
        "drivers": {name: {"name": name, "start_mode": start_mode, "running": True} for name, start_mode in _DRIVERS},
        # The Unified Write Filter: an optional feature, and not of every edition.
        "uwf": None,
        "antivirus": {
            "enabled": True,
            "real_time": True,
            "signature_version": "1.441.120.0",
            "signature_age": 3,
            "quick_scan_age": 1,
            "full_scan_age": 4_294_967_295,
            "threats": [],
            # What its processes do: endpoint/defender.py.
            "program": DEFENDER,
            "as_of": None,
            "begun": {},
            "detections": [],
            "process": None,
            "seconds": 1.0,
            "scan_fails": False,
            "cannot_clean": False,
            # 0x61100: on and up to date, as Defender registers itself; a server has no Security Center.
            "products": [] if server else [{"name": "Windows Defender", "state": 0x61100}],
        },
        # What each source offers, and what was installed from one: models/chocolatey.py.
        "chocolatey": {"sources": {}, "installed": {}},
        # Who sits signed in at the screen.
        "signed_in": None,
        # Disk quotas by volume; a client's are never asked for.
        "quotas": {"D:": {"enforced": False, "limits": {}}} if server else {},
        # By SID: path, and whether somebody is signed in with it.
        "profiles": {},
        "tasks": {},
        # What became of the tasks that were started by name.
        "task_runs": {},
        "shortcuts": {},
        "messages": [],
        # Gateway and name servers once they are static; a lease brings its own.
        "network": {
            "dhcp": True,
            "interface": "Ethernet",
            "index": 1,
            "interface_index": 4,
            "gateway": None,
            "dns": [],
            # Addresses that somebody added, with their masks.
            "more": [],
        },
        "optical": [
            {
                "drive": "E:",
                "name": "HL-DT-ST DVDRAM GUD1N" if server else "HL-DT-ST DVD-ROM DU90N",
                "capabilities": [3, 4, 7] if server else [3, 7],
                "media_loaded": False,
                "volume": None,
                # Somebody has put a blank disc into the server's.
                "medium": {"kind": "DVD+R", "bytes": 4_700_372_992, "state": "blank", "label": ""} if server else None,
            }
        ],
    }
    registry = Registry(state["registry"])
    for key, name, kind, data in _VALUES:
        registry.set(key, name, kind, data)
    programs.put_initial(registry, server=server)
    return state
