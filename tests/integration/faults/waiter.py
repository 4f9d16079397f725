"""A process that waits for the deadline and cuts, as exam_cutoff does; prints its result as JSON.

The argument is JSON: ``address``, ``username``, ``password``, ``seats``, ``passwords``, ``directory``, ``when``,
``look_again_s``.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from exam_room.cutoff.conduct import Place, cut_now, wait_and_cut
from exam_room.cutoff.order import Order
from exam_room.errors import ExamError
from exam_room.wire import smb


def main() -> int:
    told = json.loads(sys.argv[1])
    order = Order(
        server=told["address"],
        share="exam",
        root=r"D:\Exam\share",
        own_user=told["username"],
        seats=told["seats"],
        triggered_by="faults",
        look_again_s=told["look_again_s"],
        give_up_s=25.0,
        passwords=told["passwords"],
    )
    place = Place(Path(told["directory"]), "S-1", "301", "faults", "server", "D$", r"Exam\share")
    act = cut_now if told["when"] == "now" else wait_and_cut
    try:
        result = act(smb.Login(told["address"], told["username"], told["password"]), order, place, 5.0)
    except ExamError as error:
        print(json.dumps({"error": str(error)}))
        return 1
    print(json.dumps(result))
    return 0


if __name__ == "__main__":
    sys.exit(main())
