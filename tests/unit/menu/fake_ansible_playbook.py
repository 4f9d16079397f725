"""Stands in for ansible-playbook: records how it was called and journals what the real playbook would.

Everything it knows lies in the folder that FAKE_ANSIBLE names: plan.json, calls.jsonl, the files fail-STEP (the step
fails), slow-STEP (it runs until it is interrupted) and deadline (the cutoff that waits goes on).
"""

from __future__ import annotations

import json
import os
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from exam_room.journal.steps import Request, perform

FOLDER = Path(os.environ["FAKE_ANSIBLE"])
PATIENCE_S = 60.0


class Loader(yaml.SafeLoader):
    """YAML in which !unsafe marks a text, as Ansible reads it."""


Loader.add_constructor("!unsafe", lambda loader, node: loader.construct_scalar(node))  # type: ignore[arg-type]


def stamp(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def after(arguments: list[str], option: str) -> str | None:
    return arguments[arguments.index(option) + 1] if option in arguments else None


def data(step: str, given: dict[str, Any], plan: dict[str, Any]) -> dict[str, Any]:
    now = datetime.now(UTC).replace(microsecond=0)
    if step == "extend":
        return {**given, "deadline": stamp(now + timedelta(hours=2, minutes=given["minutes"]))}
    if step == "move_seat":
        place = next(seat for seat in plan["seats"] if seat["host"] == given["to"])
        return {"seat": given["seat"], "host": place["host"], "address": place["address"]}
    told: dict[str, dict[str, Any]] = {
        "inspect": {"verdict": "passed", "valid_until": "2999-01-01T00:00:00.000Z"},
        "start": {"started_at": stamp(now), "deadline": stamp(now + timedelta(hours=2)), "clock_offset_ms": 0},
        "cutoff": {"cut_at": stamp(now)},
        "cancel": {"cut_at": stamp(now)},
        "burn": {"read_back": True},
    }
    return told.get(step, given)


def wait_for(name: str) -> None:
    give_up = time.monotonic() + PATIENCE_S
    while not (FOLDER / name).exists() and time.monotonic() < give_up:
        time.sleep(0.05)


def main() -> int:
    arguments = sys.argv[1:]
    secret = after(arguments, "--vault-password-file")
    password = Path(secret).read_text(encoding="utf-8") if secret else None
    with (FOLDER / "calls.jsonl").open("a", encoding="utf-8") as calls:
        calls.write(json.dumps({"arguments": arguments, "password": password}, ensure_ascii=False) + "\n")
    step = next(Path(word).stem for word in arguments if word.startswith("playbooks/"))
    given = yaml.load(after(arguments, "-e") or "{}", Loader)
    plan = json.loads((FOLDER / "plan.json").read_text(encoding="utf-8"))
    if step == "plan":
        if password is not None and password != "right\n":
            print("[ERROR]: Decryption failed (no vault secrets were found that could decrypt).", file=sys.stderr)
            return 4
        print(json.dumps({"plays": [{"tasks": [{"hosts": {"localhost": plan}}]}]}), "\n*** 各主机结果 ***\npc01 {}")
        return 0
    whose: dict[str, Any] = {"session_id": plan["session"]["id"], "room": plan["session"]["room"], "who": "fake"}
    directory = Path(plan["directory"])
    perform(Request(directory, "begin", step=step, **whose))
    print(f"TASK [{step} 正在进行]", flush=True)
    if (FOLDER / f"slow-{step}").exists():
        time.sleep(PATIENCE_S)
    if step == "cutoff" and not given.get("cutoff_now"):
        wait_for("deadline")
    hosts = {"server": "done"}
    if (FOLDER / f"fail-{step}").exists():
        print("[ERROR]: Task failed: Module failed: 服务器没有回答\nthe server did not answer\nOrigin: somewhere\n")
        print('fatal: [pc02]: FAILED! => {"msg": "…"}')
        hosts = {"server": "failed"}
    perform(Request(directory, "end", step=step, data=data(step, given, plan), hosts=hosts, **whose))
    return 2 if "failed" in hosts.values() else 0


if __name__ == "__main__":
    sys.exit(main())
