"""Adapters, addresses and the firewall."""

from __future__ import annotations

import hashlib
from ipaddress import IPv4Network
from typing import Any

from ..host import Host

Rows = list[dict[str, Any]]
_DESCRIPTION = "Intel(R) Ethernet Connection I219-LM"
# NL_PREFIX_ORIGIN: manual, DHCP; AF_INET.
_MANUAL, _DHCP, _IPV4 = 1, 3, 2
_ACTIONS = {"notconfigured": 0, "allow": 2, "block": 4}


def adapter_configurations(host: Host) -> Rows:
    network = host.store.read()["network"]
    leased = network["dhcp"]
    return [
        {
            "Caption": f"[{network['index']:08d}] {_DESCRIPTION}",
            "DefaultIPGateway": _or_null(adapter.gateway if leased else network["gateway"]),
            "Description": _DESCRIPTION,
            "DHCPEnabled": leased,
            "DHCPServer": adapter.gateway or None if leased else None,
            "DNSDomain": None,
            "DNSHostName": host.backend.computer_name(),
            "DNSServerSearchOrder": network["dns"] or _or_null(adapter.gateway if leased else None),
            "Index": network["index"],
            "InterfaceIndex": network["interface_index"],
            "IPAddress": [adapter.address, *(address for address, _ in network["more"])],
            "IPEnabled": True,
            "IPSubnet": [adapter.mask, *(mask for _, mask in network["more"])],
            "MACAddress": adapter.mac,
            "ServiceName": "e1dexpress",
            "SettingID": _identifier(adapter.mac),
        }
        for adapter in host.backend.adapters()
    ]


def _or_null(address: str | None) -> list[str] | None:
    return [address] if address else None


def ip_addresses(host: Host) -> Rows:
    network = host.store.read()["network"]
    origin = _DHCP if network["dhcp"] else _MANUAL
    return [
        {
            "AddressFamily": _IPV4,
            "AddressState": 4,
            "InterfaceAlias": network["interface"],
            "InterfaceIndex": network["interface_index"],
            "IPAddress": adapter.address,
            "IPv4Address": adapter.address,
            "PrefixLength": IPv4Network(f"0.0.0.0/{adapter.mask}").prefixlen,
            "PrefixOrigin": origin,
            "SkipAsSource": False,
            "Store": 1,
            "SuffixOrigin": origin,
            "Type": 1,
        }
        for adapter in host.backend.adapters()
    ]


def firewall_profiles(host: Host) -> Rows:
    return [
        {
            "DefaultInboundAction": _ACTIONS[profile["inbound"]],
            "DefaultOutboundAction": _ACTIONS[profile["outbound"]],
            "Enabled": int(profile["enabled"]),
            "InstanceID": f"MSFT|FW|FirewallProfile|{name}",
            "Name": name,
        }
        for name, profile in host.store.read()["firewall"]["profiles"].items()
    ]


def firewall_rules(host: Host) -> Rows:
    """Only the rules that somebody made: those that come with Windows have no model."""
    return [
        {
            "Action": 2 if rule["Action"] == 1 else 4,
            "Description": rule["Description"],
            "Direction": rule["Direction"],
            "DisplayGroup": rule["Grouping"],
            "DisplayName": rule["Name"],
            "ElementName": rule["Name"],
            "Enabled": 1 if rule["Enabled"] else 2,
            "InstanceID": _identifier(rule["Name"]),
            "PolicyStoreSource": "PersistentStore",
            "Profiles": 0 if rule["Profiles"] == 0x7FFFFFFF else rule["Profiles"],
            "RuleGroup": rule["Grouping"],
        }
        for rule in host.store.read()["firewall"]["rules"].values()
    ]


def _identifier(text: str) -> str:
    digest = hashlib.sha256(text.encode()).hexdigest().upper()
    return f"{{{digest[:8]}-{digest[8:12]}-{digest[12:16]}-{digest[16:20]}-{digest[20:32]}}}"
