"""Command line: prepare stand-in rooms, tamper with them case by case, and see what inspections say."""

from __future__ import annotations

import argparse
import sys

from sabotage import run


def main() -> int:
    parser = argparse.ArgumentParser(prog="sabotage", description=__doc__)
    parser.add_argument("--only", default="", help="cases whose clause, host or words contain this; several apart by |")
    parser.add_argument("--rooms", type=int, default=1, help="how many rooms side by side, each with three seats")
    given = parser.parse_args()
    return run.run(given.only, given.rooms)


if __name__ == "__main__":
    sys.exit(main())
