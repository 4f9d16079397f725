"""Command line of the benches: ``prepare``, ``inspect``, ``cutoff`` and ``results``."""

from __future__ import annotations

import argparse
import sys

from . import cutoff, inspection, prepare, results


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("prepare", help="prepare 30 seats twice, and 3 seats; count the calls")
    commands.add_parser("inspect", help="inspect 30 seats; count the queries")
    cut = commands.add_parser("cutoff", help="cut off candidates who write all the time")
    cut.add_argument("--seats", default="3,30,60", help="sizes of the room, such as 3,30,60")
    cut.add_argument("--runs", type=int, default=5, help="cuts of each size and way")
    collected = commands.add_parser("results", help="collect, hash and make an image, beside known tools")
    collected.add_argument("--rounds", type=int, default=3, help="how often each is measured")
    collected.add_argument("--scale", type=float, default=1.0, help="part of the files and sizes, for a quick look")
    arguments = parser.parse_args()
    if arguments.command == "prepare":
        return prepare.prepare()
    if arguments.command == "inspect":
        return inspection.inspect()
    if arguments.command == "results":
        if arguments.rounds < 1 or not 0.01 <= arguments.scale <= 1:
            parser.error("rounds: at least 1; scale: 0.01 to 1")
        return results.results(arguments.rounds, arguments.scale)
    sizes = [int(size) for size in arguments.seats.split(",")]
    if not all(1 <= size <= 60 for size in sizes) or arguments.runs < 1:
        parser.error("seats: 1 to 60; runs: at least 1")
    return cutoff.cutoff(sizes, arguments.runs)


if __name__ == "__main__":
    sys.exit(main())
