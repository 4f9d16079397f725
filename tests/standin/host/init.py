"""The first process of a stand-in host: starts Samba and the WS-Man endpoint, restarts them, fires tasks, and reboots.

Requests come over a Unix socket (control.py), one JSON line each. What Windows forgets at a restart is forgotten here:
every other process is killed, which drops all connections; /run and /tmp are emptied; firewall rules are applied again
from their model. When the power fails, nothing leaves the host any more: its partners are not told.
"""

from __future__ import annotations

import contextlib
import datetime
import importlib.util
import json
import os
import selectors
import shutil
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from . import control, faults, firewall, first_boot, names, overlay, system
from .tasks import Scheduler

SERVER_FILE = "server.json"
SMBD = ("smbd", "--foreground", "--no-process-group")
ENDPOINT = (sys.executable, "-m", "standin.endpoint")
RESTART_PAUSE = 1.0
OFF_TIME = 1.0


@dataclass
class Service:
    """One process that is kept running while wanted."""

    name: str
    command: tuple[str, ...]
    wanted: bool = True
    process: subprocess.Popen[bytes] | None = None
    not_before: float = 0.0

    def running(self) -> bool:
        """True while the process lives."""
        return self.process is not None and self.process.poll() is None

    def keep(self, now: float) -> None:
        """Start it if it should run and does not; after a crash not sooner than a second later."""
        if not self.wanted or self.running():
            return
        if self.process is not None:
            print(f"{self.name} ended with {self.process.returncode}", file=sys.stderr, flush=True)
            self.process, self.not_before = None, now + RESTART_PAUSE
        if now >= self.not_before:
            self.process = subprocess.Popen(self.command, start_new_session=True)

    def stop(self) -> None:
        """End it and all it started, at once."""
        self.wanted = False
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None


@dataclass
class Supervisor:
    """The host's services and what was asked for."""

    samba: Service = field(default_factory=lambda: Service("smbd", SMBD))
    endpoint: Service = field(default_factory=lambda: Service("endpoint", ENDPOINT))
    scheduler: Scheduler = field(default_factory=Scheduler)
    reboot_at: float | None = None
    powered: bool = True
    ending: bool = False

    def boot(self) -> None:
        """Everything from power on to running services."""
        for folder in (Path("/run/samba"), Path("/var/log/samba")):
            folder.mkdir(parents=True, exist_ok=True)
        first_boot.make_bare()
        overlay.start()
        names.apply_pending()
        firewall.apply_again()
        now = datetime.datetime.now(datetime.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        system.save(system.BOOT_FILE, {"boot_time": now, "monotonic": time.monotonic()})
        self.samba.wanted = bool(system.load(SERVER_FILE, {"autostart": True})["autostart"])
        self.endpoint.wanted = importlib.util.find_spec("standin.endpoint") is not None
        self.scheduler.boot()

    def reboot(self) -> None:
        """Shut down, stay away for a second, boot."""
        self.reboot_at = None
        self._go_down()
        time.sleep(OFF_TIME)
        self._come_up()

    def power(self, wanted: bool) -> None:
        """Cut the power at once, in silence, or bring it back and boot."""
        if wanted == self.powered:
            return
        self.powered = wanted
        self.reboot_at = None
        if wanted:
            faults.mend(faults.POWER)
            self._come_up()
        else:
            faults.cut(faults.POWER)
            self._go_down()
            faults.forget_connections()

    def _go_down(self) -> None:
        self.scheduler.stop()
        self.samba.stop()
        self.endpoint.stop()
        with contextlib.suppress(ProcessLookupError):
            os.kill(-1, signal.SIGKILL)
        firewall.forget()
        for folder in (Path("/run/samba"), Path("/tmp")):
            for entry in folder.iterdir() if folder.is_dir() else ():
                shutil.rmtree(entry) if entry.is_dir() and not entry.is_symlink() else entry.unlink()

    def _come_up(self) -> None:
        self.samba.not_before = self.endpoint.not_before = 0.0
        self.boot()

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        """Do what was asked and say how it stands."""
        match request.get("operation"):
            case "status":
                pass
            case "reboot":
                self.reboot_at = time.monotonic() + float(request["delay"])
            case "server-stop":
                self.samba.stop()
                faults.end_rpc_helpers()
            case "server-start":
                self.samba.wanted, self.samba.not_before = True, 0.0
                self.samba.keep(time.monotonic())
            case "server-autostart":
                system.save(SERVER_FILE, {"autostart": bool(request["wanted"])})
            case "endpoint-restart":
                self.endpoint.stop()
                self.endpoint.wanted = True
            case "endpoint-stop":
                self.endpoint.stop()
            case "power":
                self.power(bool(request["wanted"]))
            case "reset":
                self.power(False)
                time.sleep(OFF_TIME)
                self.power(True)
            case "cut":
                faults.cut(request["link"])
            case "mend":
                faults.mend(request["link"])
            case "end-rpc-helpers":
                faults.end_rpc_helpers()
            case other:
                return {"error": f"unknown operation {other}"}
        return {"server_running": self.samba.running(), "endpoint_running": self.endpoint.running()}

    def run(self) -> None:
        """Serve until told to end."""
        wake_read, wake_write = socket.socketpair()
        wake_write.setblocking(False)
        signal.set_wakeup_fd(wake_write.fileno())
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGTERM, self._end)
        signal.signal(signal.SIGINT, self._end)
        self.boot()
        Path(control.SOCKET).unlink(missing_ok=True)
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        listener.bind(control.SOCKET)
        listener.listen(16)
        with selectors.DefaultSelector() as selector:
            selector.register(listener, selectors.EVENT_READ)
            selector.register(wake_read, selectors.EVENT_READ)
            while not self.ending:
                now = time.monotonic()
                if self.reboot_at is not None and now >= self.reboot_at:
                    self.reboot()
                self.samba.keep(now)
                self.endpoint.keep(now)
                if self.powered:
                    self.scheduler.tick()
                for key, _ in selector.select(timeout=self._pause(now)):
                    if key.fileobj is listener:
                        self._serve(listener)
                    else:
                        wake_read.recv(4096)
                self._reap()

    def _pause(self, now: float) -> float:
        waits = [self.scheduler.pause()] if self.powered else [5.0]
        if self.reboot_at is not None:
            waits.append(max(0.0, self.reboot_at - now))
        waits += [
            max(0.05, service.not_before - now)
            for service in (self.samba, self.endpoint)
            if service.wanted and not service.running()
        ]
        return min(waits)

    def _serve(self, listener: socket.socket) -> None:
        channel, _ = listener.accept()
        with channel, contextlib.suppress(OSError, ValueError):
            channel.settimeout(5)
            with channel.makefile("rwb") as stream:
                answer = self.answer(json.loads(stream.readline()))
                stream.write(json.dumps(answer).encode() + b"\n")

    def _reap(self) -> None:
        """Collect orphans, but leave our own processes to Popen."""
        services = (self.samba.process, self.endpoint.process)
        own = [process for process in services if process is not None]
        own += [run.process for run in self.scheduler.running]
        while True:
            try:
                found = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            except ChildProcessError:
                return
            if found is None:
                return
            process = next((one for one in own if one.pid == found.si_pid), None)
            if process is not None:
                process.poll()
            else:
                os.waitpid(found.si_pid, 0)

    def _end(self, *_: object) -> None:
        self.ending = True


def main() -> None:
    """Run the supervisor as the container's first process."""
    Supervisor().run()


if __name__ == "__main__":
    main()
