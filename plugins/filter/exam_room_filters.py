"""Filters that turn the inventory into the room as the modules want it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import ipaddress
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from ansible.errors import AnsibleFilterError

DOCUMENTATION = """
name: exam_room_filters
short_description: Turn the inventory into the data that the modules take
description:
  - C(exam_seats) lists the seats of the room from the inventory.
  - C(exam_password) gives the password of an account.
  - C(exam_same_passwords) gives the accounts that share a password.
  - C(exam_outcomes) says for each host whether a step got done on it.
"""

_SHORTEST_SEED = 16
_SMALL_BYTES = 1_000_000


def exam_seats(hosts: Sequence[str], hostvars: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The seats of ``hosts`` in seat order: number, host, address, spare (V1, V2)."""
    missing = [host for host in hosts if "exam_seat" not in hostvars[host]]
    if missing:
        raise AnsibleFilterError(
            f"清单中下列主机缺少 exam_seat（机位号）: {', '.join(missing)}\n"
            f"these hosts of the inventory have no exam_seat (the seat number): {', '.join(missing)}"
        )
    seats = [
        {
            "number": int(hostvars[host]["exam_seat"]),
            "host": str(host),
            "address": str(hostvars[host]["ansible_host"]),
            "spare": bool(hostvars[host].get("exam_spare", False)),
        }
        for host in hosts
    ]
    return sorted(seats, key=lambda seat: seat["number"])


def exam_addresses(hosts: Sequence[str], hostvars: Mapping[str, Mapping[str, Any]]) -> list[dict[str, str]]:
    """Name and address of each of ``hosts``."""
    return [{"name": str(host), "address": str(hostvars[host]["ansible_host"])} for host in hosts]


def exam_accounts(hosts: Sequence[str], hostvars: Mapping[str, Mapping[str, Any]]) -> list[dict[str, str]]:
    """Name and password of the account of each of ``hosts`` (V2)."""
    return [
        {"name": str(hostvars[host]["exam_account"]), "password": str(hostvars[host]["exam_account_password"])}
        for host in hosts
    ]


def exam_password(account: str, seed: str) -> str:
    """The password of ``account``, 20 characters as Windows' complexity rule wants them, made from the room's secret.

    The seed is the one secret to keep; it lies in the vault. A new seed means new passwords everywhere, at the next
    prepare. Source: HMAC-SHA-256 of the account's name (RFC 2104).
    """
    if len(seed) < _SHORTEST_SEED:
        raise AnsibleFilterError(
            f"exam_password_seed 至少需要 {_SHORTEST_SEED} 个字符\n"
            f"exam_password_seed needs at least {_SHORTEST_SEED} characters"
        )
    digest = hmac.new(seed.encode(), account.upper().encode(), hashlib.sha256).digest()
    # No characters that people mix up on a printed slip, and one of each kind that the complexity rule counts.
    letters = base64.b32encode(digest).decode().translate(str.maketrans("OILB", "WXYZ"))
    return f"{letters[:8]}-{letters[8:17].lower()}{digest[-1] % 8 + 2}!"


def exam_same_passwords(accounts: Sequence[Mapping[str, str]]) -> list[list[str]]:
    """The names of the accounts that have a password in common, a list for each such password (V2); none in order."""
    names: dict[str, list[str]] = {}
    for account in accounts:
        names.setdefault(account["password"], []).append(account["name"])
    return [same for same in names.values() if len(same) > 1]


def exam_outcomes(hosts: Sequence[str], done: Sequence[str], unreachable: Sequence[str]) -> dict[str, str]:
    """For each of ``hosts``: done, unreachable or failed; a host that nobody spoke of has failed."""
    return {str(host): "done" if host in done else "unreachable" if host in unreachable else "failed" for host in hosts}


def exam_sections(hosts: Mapping[str, Mapping[str, Any]], names: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Of the documents of exam_facts only the named sections: what a module is given, Ansible writes into its log."""
    return {host: {name: seen[name] for name in names if name in seen} for host, seen in hosts.items()}


def exam_quotas(accounts: Sequence[str], seen: Mapping[str, Any], volume: str, megabytes: int | str) -> list[str]:
    """The commands that give each account its limit on a volume, and make Windows keep to it; none where all is so.

    ``seen`` is the section ``quotas`` of exam_facts. Where it could not be read all are set: that changes nothing that
    was right. 0 megabytes: nobody gets a limit.
    """
    limit = int(megabytes) * 1024 * 1024
    if limit == 0:
        return []
    found = next((one for one in seen.get("value") or () if one["volume"].upper() == volume.upper()), None)
    right = {one["account"].upper() for one in found["limits"] if one["limit"] == limit} if found else set()
    # Windows notes in its event log who comes near the limit.
    warning = limit // 10 * 9
    commands = [
        f'fsutil quota modify {volume} {warning} {limit} "{account}"'
        for account in accounts
        if account.upper() not in right
    ]
    enforced = found is not None and found["enforced"]
    return commands if enforced else [f"fsutil quota enforce {volume}", *commands]


def exam_json_files(folder: str) -> dict[str, Any]:
    """What the JSON files of a folder of the controller hold, by name; empty where there is no such folder.

    One that is damaged is evidence of nothing, and says so.
    """
    return {path.stem: _json(path) for path in sorted(Path(folder).glob("*.json"))}


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        return {"unknown": f"{path}: {error}"}


def exam_netmask(network: str) -> str:
    """The mask of a network in CIDR notation, dotted: 192.168.10.0/24 gives 255.255.255.0."""
    return str(ipaddress.ip_network(network).netmask)


def exam_after(moment: str, seconds: float) -> str:
    """The moment ``seconds`` after ``moment``; both UTC, ISO 8601 with milliseconds and Z."""
    later = datetime.fromisoformat(moment).astimezone(UTC) + timedelta(seconds=seconds)
    return later.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def exam_deadline(start: str, seconds: float) -> str:
    """The deadline of an exam that starts at ``start``: ``seconds`` later, rounded up to a whole second.

    A deadline is a whole second, as accounts expire and people read clocks; the fraction is the candidates'.
    """
    end = datetime.fromisoformat(start).astimezone(UTC) + timedelta(seconds=seconds)
    if end.microsecond:
        end = end.replace(microsecond=0) + timedelta(seconds=1)
    return end.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def exam_minutes(minutes: float) -> str:
    """A span for people: 15 gives 15 分钟, 0.5 gives 30 秒."""
    return f"{minutes:g} 分钟" if minutes >= 1 else f"{round(minutes * 60)} 秒"


def exam_local_time(moment: str, timezone: str) -> str:
    """A UTC moment as people in the room read it off a clock: 2026-11-28 09:00:00."""
    return datetime.fromisoformat(moment).astimezone(ZoneInfo(timezone)).strftime("%Y-%m-%d %H:%M:%S")


def exam_fingerprint(paths: Sequence[str]) -> str:
    """SHA-256 over the files and folders ``paths``: names and contents, of what is larger than 1 MB the size and time.

    Whatever is decided by these files is the same while it is the same. Hidden files and compiled ones do not count.
    """
    digest = hashlib.sha256()
    for given in paths:
        top = Path(given)
        files = [top] if top.is_file() else sorted(path for path in top.rglob("*") if path.is_file())
        for path in files:
            name = path.relative_to(top.parent)
            if any(part.startswith(".") or part == "__pycache__" for part in name.parts):
                continue
            about = path.stat()
            small = about.st_size <= _SMALL_BYTES
            content = path.read_bytes() if small else f"{about.st_size} {about.st_mtime_ns}".encode()
            digest.update(f"{name}\0{len(content)}\0".encode("utf-8", "surrogateescape") + content)
    return digest.hexdigest()


class FilterModule:
    """The filters of this file, for Ansible."""

    def filters(self) -> dict[str, Any]:
        """Names as used in playbooks."""
        return {
            "exam_sections": exam_sections,
            "exam_quotas": exam_quotas,
            "exam_seats": exam_seats,
            "exam_addresses": exam_addresses,
            "exam_accounts": exam_accounts,
            "exam_password": exam_password,
            "exam_same_passwords": exam_same_passwords,
            "exam_outcomes": exam_outcomes,
            "exam_json_files": exam_json_files,
            "exam_netmask": exam_netmask,
            "exam_after": exam_after,
            "exam_deadline": exam_deadline,
            "exam_minutes": exam_minutes,
            "exam_local_time": exam_local_time,
            "exam_fingerprint": exam_fingerprint,
        }
