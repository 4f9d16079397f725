"""Filters between the search for left-overs, which runs on the hosts, and what the controller makes of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import ansible.module_utils

# Ansible puts its configured module_utils before modules only, not before plugins.
ansible.module_utils.__path__.append(str(Path(__file__).resolve().parents[2] / "module_utils"))

from ansible.module_utils.exam_room.clean import judge
from ansible.module_utils.exam_room.clean.known import Known
from ansible.module_utils.exam_room.clean.searches import answer

DOCUMENTATION = """
name: exam_clean_filters
short_description: Judge what a search for left-overs returned
description:
  - C(exam_installed) lists the hosts that said when Windows was installed on them.
  - C(exam_leftovers) judges what a search returned.
  - C(exam_digests) makes evidence of the hashes of files that it told besides.
  - C(exam_line) shows a file to people.
  - C(exam_places_of_session) says what is special about the search on the server.
  - C(exam_material_in_place) lists where the raw material lies there.
  - C(exam_profile) finds the profile of an account.
  - C(exam_with_searches) puts what the searches of an inspection returned into the evidence of hosts.
"""


def exam_installed(documents: Mapping[str, Mapping[str, Any]]) -> list[dict[str, str]]:
    """Name and moment of installation of each host of ``documents``, by name, that said it."""
    found = []
    for name, document in documents.items():
        installed = document.get("identity", {}).get("value", {}).get("installed")
        if installed:
            found.append({"name": str(name), "installed": str(installed)})
    return found


def exam_leftovers(
    result: Mapping[str, Any], learnt: Mapping[str, Any], host: str, in_place: Sequence[str] = ()
) -> dict[str, Any]:
    """What the search of ``host`` comes to: ``value`` for the evidence, or ``unknown`` and why.

    ``in_place`` are the paths where files of this session have to lie. With a value: ``move``, the paths that go into
    quarantine; ``by_kind``, how many count for their kind alone; ``gaps``, whether part of the host was not searched.
    """
    since = learnt["since"].get(host)
    if since is None:
        return {"unknown": f"读不到 {host} 的安装时间\nwhen Windows was installed on {host} could not be read"}
    found, why = answer(result)
    if found is None:
        return {"unknown": why}
    value = judge.judge(found, Known.from_dict(learnt["known"]), since, in_place)
    return {
        "value": value,
        "move": judge.to_move(value),
        "by_kind": judge.by_kind_alone(value),
        "gaps": judge.gaps(value),
    }


def exam_digests(result: Mapping[str, Any]) -> dict[str, Any]:
    """The hashes of files that a search told besides, as evidence.

    ``value``: by path {"value": SHA-256, None for no such file} or {"unknown": why}; ``unknown`` where nothing came.
    """
    found, why = answer(result)
    if found is None:
        return {"unknown": why}
    return {"value": {one["path"]: judge.digest(one) for one in found["digests"]}}


def exam_places_of_session(accounts: Iterable[str], volume: str) -> dict[str, list[str]]:
    """Parameters of the search on the server: its exam folder as a whole, but for the folders of ``accounts``."""
    seats = [f"{volume}\\Exam\\share\\{account}" for account in accounts]
    return {"Whole": [f"{volume}\\Exam"], "Leave": seats}


def exam_material_in_place(material: Sequence[Mapping[str, Any]], volume: str, opened: str) -> list[str]:
    """Where each file of the raw material lies on the server, closed and open."""
    tops = (f"{volume}\\Exam\\material", f"{volume}\\Exam\\share\\{opened}")
    return [f"{top}\\{one['path']}" for top in tops for one in material]


def exam_profile(document: Mapping[str, Any], account: str) -> dict[str, Any]:
    """The profile of ``account`` in a host's evidence: sid, path, loaded; empty where none is known of."""
    users = document["accounts"].get("value", {}).get("users", [])
    sids = {user["sid"] for user in users if str(user["name"]).casefold() == account.casefold()}
    return next((one for one in document["profiles"].get("value", []) if one["sid"] in sids), {})


def exam_line(one: Mapping[str, Any]) -> str:
    """A file that was found, or could not be read or moved, as a line for people."""
    return f"{one['path']}（{one['zh']} {one['en']}）"


def exam_with_searches(
    documents: Mapping[str, Mapping[str, Any]],
    hostvars: Mapping[str, Mapping[str, Any]],
    learnt: Mapping[str, Any],
    clients: Sequence[str],
    in_place: Sequence[str],
) -> dict[str, dict[str, Any]]:
    """The evidence ``documents`` by host with what each host has in ``clean_seen``: ``leftovers``, clients ``scripts``.

    ``in_place`` are the paths where files of this session have to lie on the server. All hosts in one go: a task for
    each would take longer than the search.
    """
    found: dict[str, dict[str, Any]] = {}
    for host, document in documents.items():
        seen = hostvars[host].get("clean_seen", {"msg": "没有查看这台计算机\nthis computer was not looked at"})
        judged = exam_leftovers(seen, learnt, host, () if host in clients else in_place)
        if "value" in judged:
            value = {**judged["value"], "left_alone": hostvars[host].get("clean_leave_alone", [])}
            judged = {"value": value}
        found[host] = {**document, "leftovers": judged}
        if host in clients:
            found[host]["scripts"] = exam_digests(seen)
    return found


class FilterModule:
    """The filters of this file, for Ansible."""

    def filters(self) -> dict[str, Any]:
        """Names as used in playbooks."""
        return {
            "exam_digests": exam_digests,
            "exam_installed": exam_installed,
            "exam_leftovers": exam_leftovers,
            "exam_line": exam_line,
            "exam_material_in_place": exam_material_in_place,
            "exam_places_of_session": exam_places_of_session,
            "exam_profile": exam_profile,
            "exam_with_searches": exam_with_searches,
        }
