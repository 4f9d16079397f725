"""Who provides the instances of each class."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..host import Host
from . import accounts, antivirus, network, processes, protection, quotas, sharing, system, tasks

Row = Mapping[str, Any]
Provider = Callable[[Host], Sequence[Row]]

PROVIDERS: dict[str, Provider] = {
    "AntiVirusProduct": antivirus.products,
    "MSFT_MpComputerStatus": antivirus.computer_status,
    "MSFT_MpThreat": antivirus.threats,
    "MSFT_MpThreatDetection": antivirus.threat_detections,
    "MSFT_NetFirewallProfile": network.firewall_profiles,
    "MSFT_NetFirewallRule": network.firewall_rules,
    "MSFT_NetIPAddress": network.ip_addresses,
    "MSFT_ScheduledTask": tasks.scheduled_tasks,
    "MSFT_SmbServerConfiguration": sharing.smb_server_configuration,
    "MSFT_SmbShare": sharing.smb_shares,
    "UWF_Filter": protection.uwf_filter,
    "UWF_Volume": protection.uwf_volumes,
    "Win32_CDROMDrive": system.optical_drives,
    "Win32_ComputerSystem": system.computer_system,
    "Win32_DiskQuota": quotas.entries,
    "Win32_Group": accounts.groups,
    "Win32_GroupUser": accounts.group_users,
    "Win32_LogicalDisk": system.logical_disks,
    "Win32_NetworkAdapterConfiguration": network.adapter_configurations,
    "Win32_OperatingSystem": system.operating_system,
    "Win32_Process": processes.processes,
    "Win32_QuotaSetting": quotas.settings,
    "Win32_Service": system.services,
    "Win32_Share": sharing.shares,
    "Win32_SystemDriver": system.drivers,
    "Win32_UserAccount": accounts.users,
    "Win32_UserProfile": accounts.profiles,
}
