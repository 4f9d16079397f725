"""The cutoff (V6): at the deadline, by the server's clock, every seat is off the server, and stays off.

Order: the share is removed (the server then closes every open that is still attached to it); at the same time, over a
second connection, the accounts are disabled and their sessions ended, so that a server slow with the one is not waited
for with the other. Then sessions are ended and files closed again and again until the server reports none; then the
server is looked at again for a while. Rights are checked when a file is opened, so
neither of these alone is enough. Only accounts of seats are touched: never an administrator's session, never our own.

Pure: the wire, the clock and sleep are given (connections.py has the real ones).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from ..errors import ExamError
from ..server.accounts import LOGGED_ON
from ..server.clock import iso
from ..wire.smberrors import ConnectionLost, Unreachable
from ..wire.srvsvc import OpenFile, SessionInfo
from .order import Order, Time, Wire
from .record import Action, Record, SeatState

#: Between two looks at the connection while waiting; a server drops an idle one after about 15 minutes.
KEEP_ALIVE_S: Final = 45.0
#: Before the deadline: last measurement of the clock, then the last look at sessions and files.
LAST_CLOCK_S: Final = 8.0
LAST_LOOK_S: Final = 3.0
ROUND_PAUSE_S: Final = 0.05
LOOK_AGAIN_PAUSE_S: Final = 1.0
RECONNECT_PAUSE_S: Final = 0.5
CLOCK_JUMP_S: Final = 1.0
#: The last measurement is repeated while the server's time is known less exactly than this.
GOOD_CLOCK_S: Final = 0.004
LAST_MEASUREMENTS: Final = 3


def _plain(user: str) -> str:
    """A user name without its domain, comparable."""
    return user.rpartition("\\")[2].casefold()


class Cutoff:
    """One cutoff from connecting to the last look."""

    def __init__(self, wire: Wire, order: Order, time: Time) -> None:
        self._wire = wire
        self._order = order
        self._time = time
        self._names = {name.casefold() for name in order.accounts}
        self._own = _plain(order.own_user)
        if self._own in self._names:
            raise ExamError("管理员不能是考生用户名", "the administrator cannot be a seat's account")
        self._root = order.root
        self._states = {str(seat["account"]).casefold(): SeatState(dict(seat)) for seat in order.seats}
        self._record = self._start()

    # -- before the deadline

    def _start(self) -> Record:
        clock = self._wire.clock()
        now = self._measured_at = self._time.monotonic()
        deadline = self._order.deadline
        return Record(
            server=self._order.server,
            share=self._order.share,
            mode="now" if deadline is None else "deadline",
            triggered_by=self._order.triggered_by,
            deadline=clock.server_time(now) if deadline is None else deadline,
            clock=clock,
            clock_evidence=clock.as_dict(now),
            seats=list(self._states.values()),
            connected_at=now,
        )

    def rehearse(self) -> Record:
        """Check mode: connect, measure, look at sessions and files; touch nothing, wait for nothing."""
        self._ready()
        self._look()
        self._record.mode = "check"
        return self._record

    def run(self) -> Record:
        """Wait for the deadline, cut, prove, look again."""
        self._ready()
        self._wait()
        self._cut()
        self._look_again()
        return self._record

    def _ready(self) -> None:
        missing = self._wire.ready_accounts(self._order.accounts)
        if missing:
            names = ", ".join(missing)
            self._record.problems.append(f"服务器上没有这些用户名 / no such accounts on the server: {names}")
        self._root = self._wire.share_path() or self._order.root

    def _remaining(self) -> float:
        return self._record.clock.surely_past(self._record.deadline) - self._time.monotonic()

    def _wait(self) -> None:
        measured_late = self._record.mode == "now"
        while (remaining := self._remaining()) > LAST_LOOK_S:
            if remaining > LAST_CLOCK_S:
                self._time.sleep(min(KEEP_ALIVE_S, remaining - LAST_CLOCK_S))
                self._alive(self._measure)
            elif not measured_late:
                measured_late = True
                # Flags may have changed since: accounts were enabled when the room was opened.
                self._alive(self._ready_again)
            else:
                self._time.sleep(remaining - LAST_LOOK_S)
        if self._remaining() > 0 or self._record.mode == "now":
            self._alive(self._look)
        if (remaining := self._remaining()) > 0:
            self._time.sleep(remaining)

    def _ready_again(self) -> None:
        for _ in range(LAST_MEASUREMENTS):
            self._measure()
            if self._record.clock.uncertainty_s <= GOOD_CLOCK_S:
                break
        self._wire.ready_accounts(self._order.accounts)

    def _measure(self) -> None:
        """Measure again; a jump against our own monotonic clock means that somebody set the server's clock."""
        measured = self._wire.clock()
        now = self._time.monotonic()
        clock = measured.refined_by(self._record.clock, now - self._measured_at)
        jump = clock.middle - self._record.clock.middle
        if abs(jump) > CLOCK_JUMP_S:
            self._record.retries.append(f"服务器时钟跳变 / server's clock jumped by {jump:+.3f} s")
        self._measured_at = now
        self._record.clock = clock
        self._record.clock_evidence = clock.as_dict(now)

    def _alive(self, work: Callable[[], None]) -> None:
        """Do something that may fail while waiting: a lost connection is made anew, once a turn."""
        try:
            work()
        except (ConnectionLost, Unreachable) as error:
            self._record.retries.append(error.en)
            try:
                self._wire.reconnect(0)
                self._wire.reconnect(1)
                self._ready()
            except (ConnectionLost, Unreachable) as again:
                self._record.retries.append(again.en)
                self._time.sleep(min(RECONNECT_PAUSE_S, max(self._remaining(), 0.0)))

    # -- looking

    def _seat_sessions(self, line: int = 0) -> list[SessionInfo]:
        return [one for one in self._wire.sessions(line) if _plain(one.user) in self._names]

    def _seat_files(self, line: int = 0) -> list[OpenFile]:
        """Opens of seats anywhere, and opens under the results root by anybody but ourselves."""
        root = self._root.rstrip("\\").casefold()
        found = []
        for one in self._wire.open_files(line):
            path = one.path.casefold()
            below = path == root or path.startswith(root + "\\")
            if _plain(one.user) in self._names or (below and _plain(one.user) != self._own):
                found.append(one)
        return found

    def _look(self) -> None:
        self._note(self._seat_sessions(), self._seat_files())

    def _note(self, sessions: Sequence[SessionInfo], files: Sequence[OpenFile]) -> None:
        for session in sessions:
            self._states[_plain(session.user)].addresses.add(session.client.lstrip("\\"))
        for file in files:
            state = self._states.get(_plain(file.user))
            if state is not None:
                state.open_files.add(file.path)

    # -- the cut

    def _cut(self) -> None:
        with ThreadPoolExecutor(1, thread_name_prefix="accounts") as pool:
            shutting_out = pool.submit(self._shut_out)
            share = self._act("remove_share", lambda: int(self._wire.delete_share()))
            accounts, ended = shutting_out.result()
        self._record.actions += [share, accounts]
        self._clear(first=True, ended=ended)
        self._prove()
        if self._order.find_last_write:
            self._record.actions.append(self._act("last_write", self._find_last_write))

    def _shut_out(self) -> tuple[Action, Action]:
        """Over the second connection: disable the accounts, and end what sessions they have."""
        accounts = self._act("disable_accounts", lambda: len(self._wire.disable_accounts()), (1,))
        ended = Action("end_sessions", self._time.monotonic(), 0.0)
        try:
            sessions = self._seat_sessions(line=1)
            self._note(sessions, ())
            ended.count = self._end(sessions, line=1)
        except ExamError as error:
            # What fails here is done by the first connection in any case.
            self._record.retries.append(f"end_sessions: {error.en}")
        ended.end = self._time.monotonic()
        return accounts, ended

    def _act(self, name: str, work: Callable[[], int], lines: Sequence[int] = (0,), final: bool = True) -> Action:
        """Do it, again and again while the server cannot be reached, until ``give_up_s`` after the deadline.

        ``lines`` are the connections that ``work`` uses: those are made anew. A refusal ends it: with ``final`` it
        becomes a problem of the record, else the caller tries on.
        """
        action = Action(name, self._time.monotonic(), 0.0, tries=0)
        while True:
            action.tries += 1
            try:
                action.count = work()
                action.error = None
                break
            except (ConnectionLost, Unreachable) as error:
                action.error = error.en
                self._record.retries.append(f"{name}: {error.en}")
                if -self._remaining() > self._order.give_up_s:
                    break
                self._reconnect(lines)
            except ExamError as error:
                # Refused for good: the other actions go on, they may still succeed.
                action.error = error.en
                break
        action.end = self._time.monotonic()
        if action.error and final:
            self._record.problems.append(f"{name}: {action.error}")
        return action

    def _reconnect(self, lines: Sequence[int]) -> None:
        try:
            for line in lines:
                self._wire.reconnect(line)
            if 1 in lines:
                self._wire.ready_accounts(self._order.accounts)
        except (ConnectionLost, Unreachable) as error:
            self._record.retries.append(error.en)
            self._time.sleep(RECONNECT_PAUSE_S)

    def _end(self, sessions: Sequence[SessionInfo], line: int = 0) -> int:
        count = 0
        for client, user in sorted({(one.client, one.user) for one in sessions}):
            count += self._wire.end_session(client, user, line)
        return count

    def _clear(self, first: bool, ended: Action | None = None) -> None:
        """End the seats' sessions and close their files until the server reports none."""
        ending = ended or Action("end_sessions", self._time.monotonic(), 0.0, tries=0)
        closing = Action("close_files", self._time.monotonic(), self._time.monotonic(), tries=0)

        def once() -> int:
            sessions, files = self._seat_sessions(), self._seat_files()
            if first:
                self._note(sessions, files)
            ending.tries += bool(sessions)
            ending.count += self._end(sessions)
            ending.end = self._time.monotonic()
            closing.tries += bool(files)
            for file in files:
                closing.count += self._wire.close_file(file.id)
            closing.end = self._time.monotonic()
            return len(sessions) + len(files)

        refused: str | None = None
        while True:
            turn = self._act("clear", once, final=False)
            refused = turn.error
            if not refused and turn.count == 0:
                self._record.sessions_gone = self._record.sessions_gone or self._time.monotonic()
                break
            if -self._remaining() > self._order.give_up_s:
                self._record.sessions_gone = None
                self._record.problems.append(f"仍有会话或打开的文件 / sessions or open files are left: {refused or ''}")
                break
            self._time.sleep(ROUND_PAUSE_S)
        closing.error = refused
        if first:
            self._record.actions += [ending, closing]

    def _prove(self) -> None:
        """One log-on as a candidate must be refused. Without a password this is said to be unknown."""
        account = next((name for name in self._order.accounts if name in self._order.passwords), None)
        if account is None:
            self._record.logon = {"unknown": "未提供密码 / no password given"}
            return
        status = ""

        def attempt() -> int:
            nonlocal status
            status = self._wire.try_logon(account, self._order.passwords[account])
            return 0

        action = self._act("prove_logon", attempt)
        self._record.actions.append(action)
        if action.error:
            self._record.logon = {"unknown": action.error}
            return
        self._record.logon = {
            "account": account,
            "status": status,
            "refused": status != LOGGED_ON,
            "start_ms": self._record.ms(action.start),
            "end_ms": self._record.ms(action.end),
        }
        if status == LOGGED_ON:
            self._record.problems.append(f"{account} 仍能登录 / {account} can still log on")

    def _find_last_write(self) -> int:
        found = self._wire.last_write(self._order.accounts)
        if found is None:
            self._record.last_write = {"unknown": "没有结果文件 / no result files"}
            return 0
        path, changed = found
        self._record.last_write = {
            "path": path,
            "changed": iso(changed),
            "ms_from_deadline": round((changed - self._record.deadline) * 1000, 1),
        }
        return 0

    # -- afterwards

    def _look_again(self) -> None:
        """Somebody may restore the share or come back in: look every second and cut again."""
        start = self._time.monotonic()
        while (spent := self._time.monotonic() - start) < self._order.look_again_s:
            self._time.sleep(min(LOOK_AGAIN_PAUSE_S, self._order.look_again_s - spent))
            found: list[str] = []

            def again(found: list[str] = found) -> int:
                if self._wire.share_path() is not None and self._wire.delete_share():
                    found.append("共享又出现，已再次删除 / the share was back, removed again")
                self._wire.ready_accounts(self._order.accounts)
                back = self._wire.disable_accounts()
                found.extend(f"{name} 又被启用，已再次停用 / {name} was enabled, disabled again" for name in back)
                sessions, files = self._seat_sessions(), self._seat_files()
                found.extend(f"{one.user} @ {one.client} 又有会话 / had a session again" for one in sessions)
                found.extend(f"{one.user} 又打开 / had open again: {one.path}" for one in files)
                return 0

            self._act("look_again", again, (0, 1))
            self._record.found_again += found
            if found:
                self._clear(first=False)
        self._record.looked_again_s = self._time.monotonic() - start


def run(wire: Wire, order: Order, time: Time, check: bool = False) -> Record:
    """Cut off, or with ``check`` only connect, measure and look."""
    cutoff = Cutoff(wire, order, time)
    return cutoff.rehearse() if check else cutoff.run()
