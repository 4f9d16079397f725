"""Command line: prepare a stand-in room, tamper with it case by case, and see what inspections say."""

from __future__ import annotations

import argparse
import sys

from sabotage import run


def main() -> int:
    parser = argparse.ArgumentParser(prog="sabotage", description=__doc__)
    parser.add_argument("--only", default="", help="cases whose clause, host or words contain this")
    return run.run(parser.parse_args().only)


if __name__ == "__main__":
    sys.exit(main())
