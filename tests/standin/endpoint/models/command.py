"""ansible.windows.win_command, for the few commands that the project needs; every other one fails."""

from __future__ import annotations

import re
from collections.abc import Callable
from ipaddress import IPv4Address
from typing import Any

from ..host import Host
from ..task import ModuleFailure, Result, Task

_RESYNC = re.compile(
    r"^(?:c:\\windows\\system32\\)?w32tm(?:\.exe)?\s+/resync(?:\s+/(?:force|nowait|rediscover|soft))*$", re.I
)
_CONFIG = re.compile(
    r"^(?:c:\\windows\\system32\\)?w32tm(?:\.exe)?\s+/config(?:\s+/(?:manualpeerlist:\S+|syncfromflags:\w+|reliable:\w+|update))+$",
    re.IGNORECASE,
)
# /s: of the quotation marks around the commands only the first and the last go.
_QUOTA = re.compile(r'^cmd\.exe /d /s /c "(fsutil quota .+)"$', re.I)
_QUOTA_STEP = re.compile(
    r"^fsutil quota (?:enforce (?P<volume>[a-z]:)"
    r'|modify (?P<of>[a-z]:) (?P<warning>\d+) (?P<limit>\d+) "(?P<name>[^"]+)")$',
    re.I,
)
_NETSH = r"^(?:c:\\windows\\system32\\)?netsh(?:\.exe)?\s+interface\s+ipv4\s+"
_ADDRESS = re.compile(_NETSH + r"set\s+address\s+(.+)$", re.I)
_DNS = re.compile(_NETSH + r"(set|add)\s+dnsservers\s+(.+)$", re.I)


def win_command(host: Host, task: Task) -> Result:
    """The real module has no check mode: Ansible gets it skipped."""
    args = task.args
    given = [name for name in ("_raw_params", "cmd", "argv") if args.get(name)]
    if len(given) != 1:
        raise ModuleFailure("exactly one of the following is required: _raw_params, argv, cmd")
    if task.check_mode:
        return {"changed": False, "skipped": True, "msg": "remote module (win_command) does not support check mode"}
    for name, meets in (("creates", True), ("removes", False)):
        if args[name] and host.files.real(args[name]).exists() == meets:
            return {
                "changed": False,
                "skipped": True,
                "rc": 0,
                "msg": f"skipped, since {args[name]} {'exists' if meets else 'does not exist'}",
            }
    line = (
        " ".join(map(_quoted, args["argv"])) if args.get("argv") else (args.get("_raw_params") or args["cmd"]).strip()
    )
    for pattern, answer in _KNOWN:
        found = pattern.match(line)
        if found:
            started = host.clock()
            stdout = answer(host, found)
            ended = host.clock()
            return {
                "changed": True,
                "cmd": line,
                "rc": 0,
                "stdout": stdout,
                "stderr": "",
                "start": f"{started:%Y-%m-%d %H:%M:%S.%f}",
                "end": f"{ended:%Y-%m-%d %H:%M:%S.%f}",
                "delta": str(ended - started),
            }
    raise ModuleFailure(f"The stand-in does not know this command: {line}", cmd=line, rc=2)


def _quoted(argument: str) -> str:
    return f'"{argument}"' if " " in argument or not argument else argument


def _resync(host: Host, found: re.Match[str]) -> str:
    if not host.store.read()["services"]["w32time"]["running"]:
        raise ModuleFailure(
            "non-zero return code",
            rc=2147943456,
            cmd=found.group(0),
            changed=True,
            stdout="The following error occurred: The service has not been started. (0x80070426)",
        )
    return "Sending resync command to local computer\r\nThe command completed successfully.\r\n"


def _config(host: Host, found: re.Match[str]) -> str:
    return "The command completed successfully.\r\n"


def _words(line: str) -> dict[str, str]:
    """The ``key=value`` of a netsh command."""
    return dict(word.strip('"').split("=", 1) for word in re.findall(r'"[^"]*"|\S+', line) if "=" in word)


def _ipv4(text: str) -> str:
    try:
        return str(IPv4Address(text))
    except ValueError:
        raise ModuleFailure("non-zero return code", rc=1, stdout="Invalid address parameter.") from None


def _check_adapter(words: dict[str, str], network: dict[str, Any]) -> None:
    if words.get("name", "").casefold() not in {network["interface"].casefold(), str(network["interface_index"])}:
        raise ModuleFailure(
            "non-zero return code", rc=1, stdout="The filename, directory name, or volume label syntax is incorrect."
        )


def _address(host: Host, found: re.Match[str]) -> str:
    """A static address, if it is the one that the host has: anything else would cut the connection off.

    A gateway that is not named is gone: the lease brought it.
    """
    words = _words(found.group(1))
    adapter = host.backend.adapters()[0]
    address = _ipv4(words.get("address", ""))
    gateway = words.get("gateway", "none")
    with host.store.change() as state:
        network = state["network"]
        _check_adapter(words, network)
        if words.get("source", "static").casefold() != "static" or address != adapter.address:
            raise ModuleFailure(f"The stand-in keeps its address {adapter.address}; it cannot take {address}.", rc=1)
        network["gateway"] = None if gateway.casefold() == "none" else _ipv4(gateway)
        network["dhcp"] = False
    return "\r\n"


def _dns(host: Host, found: re.Match[str]) -> str:
    """Name servers that no lease takes away: ``set`` is the first, ``add`` one more at its place."""
    verb, words = found.group(1).casefold(), _words(found.group(2))
    address = _ipv4(words.get("address", ""))
    with host.store.change() as state:
        network = state["network"]
        _check_adapter(words, network)
        if verb == "set":
            if words.get("source", "static").casefold() != "static":
                raise ModuleFailure("The stand-in sets static name servers only.", rc=1)
            network["dns"] = [address]
        else:
            network["dns"] = [one for one in network["dns"] if one != address]
            network["dns"].insert(int(words.get("index", len(network["dns"]) + 1)) - 1, address)
    return "\r\n"


def _quota(host: Host, found: re.Match[str]) -> str:
    """Commands joined by &&: the first that fails ends them."""
    for step in found.group(1).split(" && "):
        order = _QUOTA_STEP.match(step)
        if order is None:
            raise ModuleFailure("non-zero return code", rc=1, stdout="usage: fsutil quota ...")
        volume = (order["volume"] or order["of"]).upper()
        user = host.backend.user(order["name"]) if order["name"] else None
        with host.store.change() as state:
            quota = state["quotas"].get(volume)
            if quota is None:
                raise ModuleFailure("non-zero return code", rc=1, stdout="Error 3: The system cannot find the path.")
            if order["volume"]:
                quota["enforced"] = True
            elif user is None or user.administrator:
                raise ModuleFailure("non-zero return code", rc=1, stdout="Error 1332: No mapping of account names.")
            else:
                limits = {"limit": int(order["limit"]), "warning": int(order["warning"])}
                quota["limits"][user.name.casefold()] = limits
    return ""


_KNOWN: tuple[tuple[re.Pattern[str], Callable[[Host, re.Match[str]], str]], ...] = (
    (_RESYNC, _resync),
    (_CONFIG, _config),
    (_ADDRESS, _address),
    (_DNS, _dns),
    (_QUOTA, _quota),
)
