"""A real terminal in the hands of a test."""

from __future__ import annotations

import os
import pty
import select
import signal
import time
from collections.abc import Mapping, Sequence

PATIENCE_S = 60.0


class Terminal:
    """A terminal with a program in it."""

    def __init__(
        self, command: Sequence[str], environment: Mapping[str, str] | None = None, kind: str = "dumb"
    ) -> None:
        self.pid, self._fd = pty.fork()
        if self.pid == 0:
            # As from a shell in a terminal; whoever runs the tests in the background has Ctrl-C ignored.
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            os.execve(command[0], list(command), {**(environment or os.environ), "LC_ALL": "C.UTF-8", "TERM": kind})
        self._seen = ""
        self._status: int | None = None

    def type(self, keys: str) -> None:
        os.write(self._fd, keys.encode())

    def until(self, text: str, patience_s: float = PATIENCE_S) -> str:
        """What appeared up to and including this text."""
        give_up = time.monotonic() + patience_s
        while text not in self._seen:
            assert time.monotonic() < give_up, f"{text!r} never came:\n{self._seen}"
            if select.select([self._fd], [], [], 0.2)[0]:
                try:
                    self._seen += os.read(self._fd, 65536).decode("utf-8", "replace")
                except OSError:
                    raise AssertionError(f"it ended before {text!r}:\n{self._seen}") from None
        before, _, self._seen = self._seen.partition(text)
        return before + text

    def interrupt(self, text: str) -> str:
        """Ctrl-C until this text appears: one that comes while readline sets the terminal up waits for the next key."""
        for _ in range(4):
            self.type("\x03")
            try:
                return self.until(text, PATIENCE_S / 4)
            except AssertionError:
                continue
        return self.until(text, PATIENCE_S / 4)

    def asked(self, text: str) -> str:
        """As until, and the prompt after it: what is typed before it may be lost."""
        return self.until(text) + self.until("> ")

    def close(self) -> int:
        """Close the window, as a person does; the exit status, negative for a signal."""
        os.close(self._fd)
        return self.ended()

    def ended(self) -> int:
        """Wait for the program's end; its exit status, negative for a signal."""
        if self._status is None:
            self._status = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        return self._status

    def end(self) -> None:
        """End the program if it still runs."""
        if self._status is None:
            os.kill(self.pid, signal.SIGKILL)
            self.ended()
