"""Runs inside a client: signs in as Windows would and saves one file; prints where, as JSON.

Standard input is JSON: ``name`` and ``content`` (base64).
"""

from __future__ import annotations

import base64
import json
import sys
import time

import smbclient

from standin.host.sign_in import sign_in

LIMIT_S = 10


def main() -> None:
    order = json.load(sys.stdin)
    seat = sign_in(time.time() + LIMIT_S)
    path = f"{seat.folder}\\{order['name']}"
    with smbclient.open_file(path, mode="wb", connection_cache=seat.connections) as stream:
        stream.write(base64.b64decode(order["content"]))
    print(json.dumps({"path": path}))


if __name__ == "__main__":
    main()
