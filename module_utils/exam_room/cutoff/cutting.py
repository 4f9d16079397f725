"""The cut itself, from the deadline on: share, accounts, sessions, files; the proof; the looking again.

Pure, as cutoff.py, which waits for the deadline.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from typing import Final

from ..errors import ExamError
from ..server.accounts import LOGGED_ON
from ..server.clock import iso
from ..wire.smberrors import ConnectionLost, Unreachable
from ..wire.srvsvc import OpenFile, SessionInfo, plain
from .order import RECONNECT_PAUSE_S, Order, Time, Wire
from .record import Action, Record, SeatState

#: The share ends all writing at once, accounts and sessions do not: the server does it first, with nothing beside it.
#: A server that is slower than this, or does not answer, is not waited for with the accounts.
SHARE_ALONE_S: Final = 0.25
ROUND_PAUSE_S: Final = 0.05
LOOK_AGAIN_PAUSE_S: Final = 1.0


class Cutting:
    """What is known of the server, and everything that is done to it. Cutoff adds the waiting."""

    def __init__(self, wire: Wire, order: Order, time: Time) -> None:
        self._wire = wire
        self._order = order
        self._time = time
        self._names = {name.casefold() for name in order.accounts}
        self._own = plain(order.own_user)
        if self._own in self._names:
            raise ExamError("管理员不能是考生用户名", "the administrator cannot be a seat's account")
        self._root = order.root
        self._states = {str(seat["account"]).casefold(): SeatState(dict(seat)) for seat in order.seats}
        self._record = self._start()

    def _start(self) -> Record:
        clock = self._wire.clock()
        now = self._time.monotonic()
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

    # -- looking

    def _seat_sessions(self, line: int = 0) -> list[SessionInfo]:
        return [one for one in self._wire.sessions(line) if plain(one.user) in self._names]

    def _seat_files(self, line: int = 0) -> list[OpenFile]:
        """Opens of seats anywhere, and opens under the results root by anybody but ourselves."""
        root = self._root.rstrip("\\").casefold()
        found = []
        for one in self._wire.open_files(line):
            path = one.path.casefold()
            below = path == root or path.startswith(root + "\\")
            if plain(one.user) in self._names or (below and plain(one.user) != self._own):
                found.append(one)
        return found

    def _look(self) -> None:
        self._note(self._seat_sessions(), self._seat_files())

    def _note(self, sessions: Sequence[SessionInfo], files: Sequence[OpenFile]) -> None:
        for session in sessions:
            self._states[plain(session.user)].addresses.add(session.client.lstrip("\\"))
        for file in files:
            state = self._states.get(plain(file.user))
            if state is not None:
                state.open_files.add(file.path)

    # -- the cut

    def _cut(self) -> None:
        with ThreadPoolExecutor(1, thread_name_prefix="share") as pool:
            removing = pool.submit(self._act, "remove_share", lambda: int(self._wire.delete_share()))
            wait([removing], SHARE_ALONE_S)
            accounts, ended = self._shut_out()
            share = removing.result()
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
                if -self._record.remaining(self._time.monotonic()) > self._order.give_up_s:
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
            if -self._record.remaining(self._time.monotonic()) > self._order.give_up_s:
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
