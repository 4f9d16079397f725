"""ansible.windows.win_firewall and community.windows.win_firewall_rule; the rules are applied to the packet filter."""

from __future__ import annotations

from typing import Any

from ..backend import FirewallRule
from ..host import Host
from ..task import ModuleFailure, Result, Task

_PROFILES = ("Domain", "Private", "Public")
_PROFILE_BITS = {"domain": 1, "private": 2, "public": 4}
_ALL_PROFILES = 0x7FFFFFFF
_DEFAULTS: dict[str, Any] = {
    "Description": None,
    "Direction": 1,
    "Action": 1,
    "ApplicationName": None,
    "Grouping": None,
    "ServiceName": None,
    "Enabled": True,
    "Profiles": _ALL_PROFILES,
    "LocalAddresses": "*",
    "RemoteAddresses": "*",
    "LocalPorts": "*",
    "RemotePorts": "*",
    "Protocol": 256,
    "InterfaceTypes": "All",
    "EdgeTraversalOptions": 0,
    "SecureFlags": 0,
    "IcmpTypesAndCodes": None,
}
_OPTIONS = {
    "Description": "description",
    "Direction": "direction",
    "Action": "action",
    "ApplicationName": "program",
    "Grouping": "group",
    "ServiceName": "service",
    "Enabled": "enabled",
    "Profiles": "profiles",
    "LocalAddresses": "localip",
    "RemoteAddresses": "remoteip",
    "LocalPorts": "localport",
    "RemotePorts": "remoteport",
    "Protocol": "protocol",
}
# A packet filter sees no programs; narrowing a rule down to one and blocking everything instead would be a lie.
_UNMODELLED = ("icmp_type_code", "program", "service", "localip")
_PROTOCOLS = {"tcp": 6, "udp": 17, "icmpv4": 1, "icmpv6": 58}
_NUMBERS = {6: "tcp", 17: "udp", 1: "icmpv4", 58: "icmpv6", 256: "any"}


def win_firewall(host: Host, task: Task) -> Result:
    args = task.args
    if args["inbound_action"] or args["outbound_action"]:
        # Windows' own allow rules, WinRM's among them, have no model: a default of block would shut everybody out.
        raise ModuleFailure("The stand-in does not model the options inbound_action and outbound_action.")
    chosen, enable = args["profiles"], args["state"] == "enabled"
    result: Result = {"changed": False, "profiles": chosen, "state": args["state"], "restart_required": False}
    with host.store.change(keep=not task.check_mode) as state:
        for name in _PROFILES:
            profile = state["firewall"]["profiles"][name]
            shown = {
                "enabled": profile["enabled"],
                "considered": name in chosen,
                "currentstate": int(profile["enabled"]),
            }
            result[name] = shown
            if name not in chosen:
                continue
            if profile["enabled"] != enable:
                profile["enabled"] = enable
                shown["enabled"] = enable
                result["changed"] = True
        if not task.check_mode and result["changed"]:
            apply(host, state)
    return result


def win_firewall_rule(host: Host, task: Task) -> Result:
    args = task.args
    name, group = args["name"], args["group"]
    if not name and not group:
        raise ModuleFailure("Either name or group must be specified")
    unmodelled = [option for option in _UNMODELLED if args[option] not in (None, "any", ["any"])]
    if unmodelled:
        raise ModuleFailure(f"The stand-in does not model these options of win_firewall_rule: {', '.join(unmodelled)}")
    given = _given(args)
    with host.store.change(keep=not task.check_mode) as state:
        rules: dict[str, dict[str, Any]] = state["firewall"]["rules"]
        found = [key for key, rule in rules.items() if (key == name.casefold() if name else rule["Grouping"] == group)]
        if args["state"] == "absent":
            names = [rules.pop(key)["Name"] for key in found]
            message = f"Firewall rule(s) '{_listed(names)}' removed." if names else _none(name, group)
            result: Result = {"changed": bool(names), "msg": message}
        elif not found and name:
            rules[name.casefold()] = {**_DEFAULTS, **given, "Name": name}
            result = {"changed": True, "msg": f"Firewall rule '{name}' created."}
        else:
            changed = [key for key in found if any(not _same(key2, rules[key][key2], v) for key2, v in given.items())]
            for key in changed:
                rules[key].update(given)
            unchanged = [rules[key]["Name"] for key in found if key not in changed]
            changed_names = [rules[key]["Name"] for key in changed]
            result = {
                "changed": bool(changed),
                "msg": f"Firewall rule(s) changed '{_listed(changed_names)}' - unchanged '{_listed(unchanged)}'",
            }
        if result["changed"] and not task.check_mode:
            apply(host, state)
    return result


def apply(host: Host, state: dict[str, Any]) -> None:
    """Give the packet filter the rules that are in force.

    The stand-in's one network is unidentified, hence Public, as windows-facts.md says of static addresses.
    """
    public_on = state["firewall"]["profiles"]["Public"]["enabled"]
    rules = state["firewall"]["rules"].values() if public_on else ()
    host.backend.apply_firewall(
        FirewallRule(
            name=rule["Name"],
            direction="in" if rule["Direction"] == 1 else "out",
            action="allow" if rule["Action"] == 1 else "block",
            protocol=_NUMBERS.get(rule["Protocol"], str(rule["Protocol"])),
            local_ports=_bare(rule["LocalPorts"]),
            remote_ports=_bare(rule["RemotePorts"]),
            remote_addresses=_bare(rule["RemoteAddresses"]),
        )
        for rule in rules
        if rule["Enabled"] and rule["Profiles"] & _PROFILE_BITS["public"]
    )


def _given(args: dict[str, Any]) -> dict[str, Any]:
    """The properties that the task names, as the COM object holds them."""
    given: dict[str, Any] = {}
    for key, option in _OPTIONS.items():
        value = args[option]
        if value is None:
            continue
        if value == "any":
            value = _DEFAULTS[key]
        elif key == "Direction":
            value = 1 if value == "in" else 2
        elif key == "Action":
            value = 1 if value == "allow" else 0
        elif key == "Protocol":
            value = _protocol(str(value))
        elif key == "Profiles":
            value = _profiles(value)
        given[key] = value
    if "Protocol" not in given and (args["localport"] or args["remoteport"]) not in (None, "any"):
        raise ModuleFailure(
            'Exception setting "LocalPorts": The parameter is incorrect. A port needs protocol tcp or udp.'
        )
    return given


def _protocol(text: str) -> int:
    if text.isdigit():
        return int(text)
    try:
        return _PROTOCOLS[text.casefold()]
    except KeyError:
        raise ModuleFailure(f"Unknown protocol '{text}'.") from None


def _profiles(names: list[str]) -> int:
    bits = 0
    for name in names:
        if name.casefold() not in _PROFILE_BITS:
            raise ModuleFailure(f"Unknown profile '{name}'.")
        bits |= _PROFILE_BITS[name.casefold()]
    return _ALL_PROFILES if bits == 7 else bits


def _same(key: str, old: Any, new: Any) -> bool:
    if key.endswith("Addresses"):
        return sorted(str(old).split(",")) == sorted(str(new).split(","))
    return bool(old == new)


def _bare(value: str | None) -> str:
    return "" if value in (None, "*") else str(value)


def _listed(names: list[str]) -> str:
    return "', '".join(names)


def _none(name: str | None, group: str | None) -> str:
    return f"Firewall rule '{name}' does not exist." if name else f"No firewall rules in group '{group}' exist."
