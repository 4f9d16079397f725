"""Command line of the rehearsal: ``run`` a whole exam, or make a ``room`` with its session."""

from __future__ import annotations

import argparse
import sys

from . import run


def main() -> int:
    parser = argparse.ArgumentParser(prog="rehearsal", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    whole = commands.add_parser("run", help="a whole exam in a stand-in room")
    whole.add_argument("--seats", type=int, default=3)
    whole.add_argument("--minutes", type=float, default=1)
    whole.add_argument(
        "--sessions", type=int, default=1, help="one after the other in the same room, each with one unit"
    )
    room = commands.add_parser("room", help="a stand-in room and a session file for it, nothing more")
    room.add_argument("name")
    room.add_argument("--seats", type=int, default=3)
    arguments = parser.parse_args()
    if arguments.command == "run":
        if not 1 <= arguments.seats <= 60:
            parser.error("SEATS: 1 to 60")
        if not 0 < arguments.minutes <= 240:
            parser.error("MINUTES: more than 0, at most 240")
        if arguments.sessions not in (1, 2):
            parser.error("SESSIONS: 1 or 2, for the exam has two units")
        return run.run(arguments.seats, arguments.minutes, arguments.sessions)
    run.make_room(arguments.name, arguments.seats, minutes=1)
    return 0


if __name__ == "__main__":
    sys.exit(main())
