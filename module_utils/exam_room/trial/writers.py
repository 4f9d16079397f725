"""Writers of the trial: each logs on as a seat's account, holds a file open, and writes on until it is cut off.

From the controller, with the seats' accounts and passwords, for a seat cannot be made to work all the time. They write
little: what they show is whether the server still takes it.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Final

from ..errors import ExamError
from ..wire import smb
from ..wire.smbentry import join
from ..wire.smberrors import SmbError

PAUSE_S: Final = 0.2
READY_S: Final = 20.0
#: After the cut: a connection that says nothing more is at an end by its timeout.
END_S: Final = 30.0
FILE: Final = "写入中.tmp"


@dataclass
class Written:
    """What one writer saw, in monotonic seconds.

    ``last`` is when the last write was begun that the server acknowledged: on a busy controller the answer may be
    noticed late, so that its moment says nothing about the cut. ``refused`` is what ended it (NTSTATUS), None while it
    goes on; ``failed`` why it never began.
    """

    blocks: int = 0
    last: float | None = None
    refused: str | None = None
    refused_at: float | None = None
    failed: str | None = None
    begun: threading.Event = field(default_factory=threading.Event, repr=False)


class Writers:
    """All of them, for the length of a block; ``written`` by account."""

    def __init__(self, address: str, port: int, passwords: Mapping[str, str], share: str, timeout: float) -> None:
        self.written = {account: Written() for account in passwords}
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(
                target=self._work,
                args=(smb.Login(address, account, password, port), share, timeout),
                name=f"trial {account}",
                daemon=True,
            )
            for account, password in passwords.items()
        ]

    def __enter__(self) -> Writers:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self.join()

    def ready(self) -> None:
        """Wait until each has written something, or cannot."""
        deadline = time.monotonic() + READY_S
        for one in self.written.values():
            one.begun.wait(max(0.0, deadline - time.monotonic()))

    def join(self) -> None:
        """Wait until each was cut off or has stopped."""
        deadline = time.monotonic() + END_S
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))

    def _work(self, login: smb.Login, share: str, timeout: float) -> None:
        state = self.written[login.username]
        try:
            with smb.connect(login, timeout) as server:
                server.share(share).write(join(login.username, FILE), self._blocks(state))
        except ExamError as error:
            status = error.status if isinstance(error, SmbError) else error.en
            if state.last is None:
                state.failed = error.en
            else:
                state.refused, state.refused_at = status, time.monotonic()
        finally:
            state.begun.set()

    def _blocks(self, state: Written) -> Iterator[bytes]:
        while not self._stop.is_set():
            begun = time.monotonic()
            yield secrets.token_bytes(512)
            # Asked for the next block, the one before has been acknowledged.
            state.last = begun
            state.blocks += 1
            state.begun.set()
            self._stop.wait(PAUSE_S)


def as_dict(written: Written, ms: Callable[[float], float]) -> dict[str, Any]:
    """What it saw as evidence; ``ms`` gives milliseconds from the deadline for monotonic seconds."""
    if written.failed is not None:
        return {"unknown": written.failed}
    return {
        "value": {
            "blocks": written.blocks,
            "last_ms": None if written.last is None else ms(written.last),
            "refused": written.refused,
            "refused_ms": None if written.refused_at is None else ms(written.refused_at),
        }
    }
