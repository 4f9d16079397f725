"""Windows Firewall rules really enforced, by nftables.

As on Windows: a block rule wins over an allow rule; a new rule also catches connections that are already open; replies
to connections this host opened are not inbound traffic. Unlike Windows: what no rule names is allowed unless the
caller says ``default_inbound="block"`` (the built-in allow rules of Windows are not modelled here); loopback is free.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from . import system

FILE = "firewall.json"
TABLE = "inet standin"
LOCAL_SUBNET = "LocalSubnet"


def apply(rules: Iterable[Mapping[str, Any]], default_inbound: str = "allow") -> None:
    """Enforce exactly these rules from now on, and after each restart.

    A rule: ``name`` str, ``enabled`` bool, ``direction`` "in"|"out", ``action`` "allow"|"block", ``protocol``
    "any"|"tcp"|"udp"|"icmpv4", ``localports`` and ``remoteports`` lists of "445" or "5000-5010" (empty: any),
    ``remoteips`` list of addresses, networks, ranges "a-b" or "LocalSubnet" (empty or "any": any). ValueError for
    anything else.
    """
    wanted = [dict(rule) for rule in rules]
    program = script(wanted, default_inbound, system.settings()["subnet"])
    system.run("nft", "-f", "-", stdin=program)
    system.save(FILE, {"rules": wanted, "default_inbound": default_inbound})


def apply_again() -> None:
    """Enforce what was asked for last (after a restart the kernel has forgotten it)."""
    model = system.load(FILE, {"rules": [], "default_inbound": "allow"})
    if model["rules"] or model["default_inbound"] != "allow":
        apply(model["rules"], model["default_inbound"])


def forget() -> None:
    """The host goes down: nothing is enforced until it has started again."""
    system.run("nft", "-f", "-", stdin=f"table {TABLE}\ndelete table {TABLE}\n")


def script(rules: Sequence[Mapping[str, Any]], default_inbound: str, subnet: str) -> str:
    """The nftables program that replaces our table by these rules."""
    if default_inbound not in ("allow", "block"):
        raise ValueError(f"default_inbound: {default_inbound}")
    enabled = [rule for rule in rules if rule["enabled"]]
    for rule in enabled:
        if rule["action"] not in ("allow", "block") or rule["direction"] not in ("in", "out"):
            raise ValueError(f"action or direction of {rule['name']}: {rule['action']}, {rule['direction']}")
    lines = [f"table {TABLE}", f"delete table {TABLE}", f"table {TABLE} {{"]
    for direction, hook in (("in", "input"), ("out", "output")):
        lines += [f" chain {hook} {{", f"  type filter hook {hook} priority 0; policy accept;"]
        lines.append(f"  {'iif' if direction == 'in' else 'oif'} lo accept")
        for action in ("block", "allow"):
            for rule in enabled:
                if rule["direction"] == direction and rule["action"] == action:
                    lines.append("  " + _statement(rule, subnet))
        if direction == "in" and default_inbound == "block":
            lines.append("  ct direction original drop")
        lines.append(" }")
    return "\n".join([*lines, "}"]) + "\n"


def _statement(rule: Mapping[str, Any], subnet: str) -> str:
    inbound = rule["direction"] == "in"
    # Only packets of connections opened from that side count; both new and old connections are caught.
    words = ["ct direction original"]
    remote = [_address(text, subnet) for text in rule.get("remoteips") or [] if text.lower() not in ("any", "*")]
    if remote:
        words.append(f"ip {'saddr' if inbound else 'daddr'} {{ {', '.join(remote)} }}")
    protocol = rule.get("protocol", "any")
    ports = []
    for key, end in (("localports", "dport" if inbound else "sport"), ("remoteports", "sport" if inbound else "dport")):
        wanted = [_ports(text) for text in rule.get(key) or [] if text.lower() not in ("any", "*")]
        if wanted:
            ports.append(f"{protocol} {end} {{ {', '.join(wanted)} }}")
    if protocol in ("tcp", "udp"):
        words += [f"meta l4proto {protocol}", *ports]
    elif protocol == "icmpv4":
        words.append("meta l4proto icmp")
    elif protocol != "any":
        raise ValueError(f"protocol: {protocol}")
    if ports and protocol not in ("tcp", "udp"):
        raise ValueError("ports need tcp or udp")
    words.append("accept" if rule["action"] == "allow" else "drop")
    return " ".join(words)


def _ports(text: str) -> str:
    first, dash, last = text.partition("-")
    numbers = [int(part) for part in ([first, last] if dash else [first])]
    if any(not 0 < number < 65536 for number in numbers):
        raise ValueError(f"port: {text}")
    return "-".join(str(number) for number in numbers)


def _address(text: str, subnet: str) -> str:
    if text.lower() == LOCAL_SUBNET.lower():
        return subnet
    first, dash, last = text.partition("-")
    if dash:
        return f"{ipaddress.IPv4Address(first.strip())}-{ipaddress.IPv4Address(last.strip())}"
    return str(ipaddress.IPv4Network(text.strip(), strict=False))
