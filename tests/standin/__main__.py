"""The command line of the stand-in room: ``PYTHONPATH=tests python -m standin create ROOM --seats 3``."""

from __future__ import annotations

import argparse
import json
import os
import sys

from . import faults, image, podman, room
from .errors import StandInError


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="standin", description="Rooms of containers that look like Windows hosts.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("image", help="build the base image if its recipe has none yet")
    create = commands.add_parser("create", help="make a room; one of that name is replaced")
    create.add_argument("room")
    create.add_argument("--seats", type=int, required=True)
    create.add_argument("--spares", type=int, default=0)
    create.add_argument("--without-endpoint", action="store_true", help="do not wait for WinRM (5986)")
    create.add_argument("--wait", type=float, default=120, help="seconds until all hosts must answer")
    listing = commands.add_parser("list", help="all rooms")
    listing.add_argument("--json", action="store_true")
    for name, text in (("status", "what answers in a room"), ("calls", "WinRM calls each host received")):
        one = commands.add_parser(name, help=text)
        one.add_argument("room")
        one.add_argument("--json", action="store_true")
        if name == "calls":
            one.add_argument("--reset", action="store_true", help="start counting anew after printing")
    enter = commands.add_parser("enter", help="a shell on a host")
    enter.add_argument("room")
    enter.add_argument("host")
    execute = commands.add_parser("exec", help="one command on a host: exec ROOM HOST -- COMMAND")
    execute.add_argument("room")
    execute.add_argument("host")
    execute.add_argument("argv", nargs=argparse.REMAINDER)
    clock = commands.add_parser("clock", help="set a host's clock, in seconds before (+90) or behind (-90) this one's")
    clock.add_argument("room")
    clock.add_argument("host")
    clock.add_argument("ahead", type=float, nargs="?", help="without it, the clock is only shown")
    fault = commands.add_parser("fault", help="switch a fault of a host on or off")
    fault.add_argument("room")
    fault.add_argument("host")
    fault.add_argument("name", choices=faults.NAMES)
    fault.add_argument(
        "words", nargs="*", metavar="ADDRESS|BYTES|on|off", help=f"one word more: {', '.join(faults.WITH_WORD)}"
    )
    fired = commands.add_parser("tasks", help="what the scheduled tasks of a host did, in JSON")
    fired.add_argument("room")
    fired.add_argument("host")
    which = commands.add_parser("destroy", help="remove a room").add_mutually_exclusive_group(required=True)
    which.add_argument("room", nargs="?")
    which.add_argument("--all", action="store_true", help="every room")
    return parser


def _exec(options: argparse.Namespace, command: list[str], *flags: str) -> None:
    podman.available()
    container = room.find_host(room.load(options.room), options.host)["container"]
    os.execvp("podman", ["podman", "--runtime", podman.RUNTIME, "exec", *flags, container, *command])


def _print_table(rows: list[dict[str, object]], as_json: bool) -> None:
    if as_json:
        print(json.dumps(rows, ensure_ascii=False))
        return
    for row in rows:
        print("  ".join(f"{key}={value}" if key != "name" else f"{value}" for key, value in row.items()))


def _fault(options: argparse.Namespace) -> None:
    words = list(options.words)
    on = (words.pop() if words and words[-1] in ("on", "off") else "on") == "on"
    if len(words) != (options.name in faults.WITH_WORD):
        zh, en = ("地址 ", "ADDRESS ") if options.name in faults.LINKS else ("字节数 ", "BYTES ")
        needed = options.name in faults.WITH_WORD
        raise StandInError(
            f"用法：fault 考场 主机 {options.name} {zh if needed else ''}[on|off]",
            f"Usage: fault ROOM HOST {options.name} {en if needed else ''}[on|off]",
        )
    faults.switch(options.room, options.host, options.name, on, *words)


def run(options: argparse.Namespace) -> None:
    """Do what the command line asks."""
    match options.command:
        case "image":
            podman.available()
            print(image.ensure(room.state_folder()))
        case "create":
            made = room.create(
                options.room,
                options.seats,
                options.spares,
                need_endpoint=not options.without_endpoint,
                wait=options.wait,
                say=lambda text: print(text, file=sys.stderr, flush=True),
            )
            print(f"{made['room']}: {len(made['hosts'])} 台主机就绪 / hosts ready, {made['subnet']}")
        case "list":
            rows: list[dict[str, object]] = [
                {"name": one["room"], "subnet": one["subnet"], "hosts": len(one["hosts"]), "running": one["running"]}
                for one in room.rooms()
            ]
            _print_table(rows, options.json)
        case "status":
            _print_table(list(room.status(options.room)), options.json)
        case "calls":
            counted = room.calls(options.room, reset=options.reset)
            if options.json:
                print(json.dumps(counted))
            else:
                _print_table([{"name": name, "calls": number} for name, number in counted.items()], False)
        case "enter":
            _exec(options, ["bash"], "--interactive", "--tty")
        case "exec":
            _exec(options, options.argv[1:] if options.argv[:1] == ["--"] else options.argv)
        case "clock":
            if options.ahead is not None:
                faults.set_clock(options.room, options.host, options.ahead)
            print(f"{faults.clock(options.room, options.host):+g}")
        case "fault":
            _fault(options)
        case "tasks":
            print(json.dumps(faults.task_records(options.room, options.host), ensure_ascii=False, indent=1))
        case "destroy":
            if options.all:
                room.destroy_all()
            else:
                room.destroy(options.room)


def main() -> int:
    """Exit status 0, or 1 with one bilingual line on standard error."""
    try:
        run(_parser().parse_args())
    except StandInError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
