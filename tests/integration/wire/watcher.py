"""exam_watch without Ansible, in a process of its own: options as JSON on stdin, prints how it ended."""

from __future__ import annotations

import json
import sys

from exam_room.watch.service import service_of
from exam_room.watch.settings import settings_of


def main() -> None:
    """Watch to the end."""
    params = json.loads(sys.stdin.read())
    ended = service_of(params, settings_of(params)).run()
    print(json.dumps({"reason": ended.reason, "looks": ended.looks}))


if __name__ == "__main__":
    main()
