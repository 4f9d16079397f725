"""The product's cut in a process of its own, as the module exam_cutoff runs it: an order on standard input as JSON,
``ready`` when it is about to connect, the record on standard output as JSON.
"""

from __future__ import annotations

import json
import sys

from exam_room.cutoff import connections
from exam_room.cutoff.order import Order
from exam_room.wire import smb


def main() -> int:
    given = json.loads(sys.stdin.readline())
    login = smb.Login(**given["login"])
    order = Order(own_user=login.username, server=login.address, **given["order"])
    print("ready", flush=True)
    result = connections.cut(login, order, given["volume"], given["folder"], False, given["timeout"])
    print(json.dumps(result["record"]), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
