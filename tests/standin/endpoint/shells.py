"""Shells and the commands in them (MS-WSMV 3.1.4.5 to 3.1.4.14), without any idea of what a command means."""

from __future__ import annotations

import base64
import binascii
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from xml.etree import ElementTree
from xml.sax.saxutils import quoteattr

from . import soap
from .soap import SHELL, Fault, Request

RESOURCE = "http://schemas.microsoft.com/wbem/wsman/1/windows/shell/cmd"
_STATE = f"{SHELL}/CommandState"


@dataclass(frozen=True)
class Output:
    """What a finished process left."""

    stdout: bytes = b""
    stderr: bytes = b""
    code: int = 0


Runner = Callable[[str, bytes], Output]


@dataclass
class Command:
    """A process: its command line, what it was sent, and, once it ran, what it left."""

    line: str
    stdin: list[bytes] = field(default_factory=list)
    done: threading.Event = field(default_factory=threading.Event)
    output: Output = field(default_factory=Output)


class Shells:
    """Every shell of the host. A command runs as soon as its input is complete, in the thread that completed it."""

    def __init__(self, run: Runner) -> None:
        self._run = run
        self._lock = threading.Lock()
        self._shells: dict[str, dict[str, Command]] = {}

    def create(self, request: Request) -> bytes:
        identifier = str(uuid.uuid4()).upper()
        with self._lock:
            self._shells[identifier] = {}
        body = (
            f"<x:ResourceCreated><a:Address>/wsman</a:Address><a:ReferenceParameters>"
            f"<w:ResourceURI>{RESOURCE}</w:ResourceURI><w:SelectorSet>"
            f'<w:Selector Name="ShellId">{identifier}</w:Selector></w:SelectorSet></a:ReferenceParameters>'
            f"</x:ResourceCreated><rsp:Shell><rsp:ShellId>{identifier}</rsp:ShellId>"
            f"<rsp:ResourceUri>{RESOURCE}</rsp:ResourceUri><rsp:InputStreams>stdin</rsp:InputStreams>"
            f"<rsp:OutputStreams>stdout stderr</rsp:OutputStreams></rsp:Shell>"
        )
        return soap.reply(request, body)

    def delete(self, request: Request) -> bytes:
        with self._lock:
            if self._shells.pop(request.selectors.get("shellid", ""), None) is None:
                raise _no_shell()
        return soap.reply(request, "")

    def command(self, request: Request) -> bytes:
        body = _part(request, "CommandLine")
        words = [body.findtext(f"{{{SHELL}}}Command") or ""]
        words += [argument.text or "" for argument in body.findall(f"{{{SHELL}}}Arguments")]
        command = Command(" ".join(words))
        identifier = str(uuid.uuid4()).upper()
        with self._lock:
            self._shell(request)[identifier] = command
        # WINRS_CONSOLEMODE_STDIN false says that input follows through Send (MS-WSMV 2.2.4.33).
        if request.options.get("winrs_consolemode_stdin", "TRUE").upper() == "TRUE":
            self._finish(command)
        return soap.reply(
            request, f"<rsp:CommandResponse><rsp:CommandId>{identifier}</rsp:CommandId></rsp:CommandResponse>"
        )

    def send(self, request: Request) -> bytes:
        last = False
        command = None
        for stream in _part(request, "Send").findall(f"{{{SHELL}}}Stream"):
            command = self._command(request, stream.get("CommandId", ""))
            if command.done.is_set():
                # ERROR_NO_DATA: the pipe is being closed.
                raise Fault("w:InternalError", 232, "The pipe is being closed.", sender=False)
            try:
                command.stdin.append(base64.b64decode(stream.text or "", validate=True))
            except binascii.Error as exc:
                raise Fault("w:SchemaValidationError", 2150858817, f"The stream is not base64: {exc}") from None
            last = last or stream.get("End", "false").casefold() in {"true", "1"}
        if command is not None and last:
            self._finish(command)
        return soap.reply(request, "<rsp:SendResponse/>")

    def receive(self, request: Request) -> bytes:
        wanted = _part(request, "Receive").find(f"{{{SHELL}}}DesiredStream")
        identifier = wanted.get("CommandId", "") if wanted is not None else ""
        command = self._command(request, identifier)
        if not command.done.wait(max(0.5, request.timeout - 1)):
            # ERROR_WSMAN_OPERATION_TIMEDOUT, upon which clients ask again.
            raise Fault("w:TimedOut", 2150858793, "The WS-Management service cannot complete the operation in time.")
        name = quoteattr(identifier)
        streams = "".join(
            f'<rsp:Stream Name="{stream}" CommandId={name}>{base64.b64encode(content).decode()}</rsp:Stream>'
            f'<rsp:Stream Name="{stream}" CommandId={name} End="true"/>'
            for stream, content in (("stdout", command.output.stdout), ("stderr", command.output.stderr))
        )
        return soap.reply(
            request,
            f'<rsp:ReceiveResponse>{streams}<rsp:CommandState CommandId={name} State="{_STATE}/Done">'
            f"<rsp:ExitCode>{command.output.code}</rsp:ExitCode></rsp:CommandState></rsp:ReceiveResponse>",
        )

    def signal(self, request: Request) -> bytes:
        identifier = _part(request, "Signal").get("CommandId", "")
        with self._lock:
            self._shell(request).pop(identifier, None)
        return soap.reply(request, "<rsp:SignalResponse/>")

    def _finish(self, command: Command) -> None:
        stdin = b"".join(command.stdin)
        command.stdin = []
        try:
            command.output = self._run(command.line, stdin)
        finally:
            command.done.set()

    def _shell(self, request: Request) -> dict[str, Command]:
        shell = self._shells.get(request.selectors.get("shellid", ""))
        if shell is None:
            raise _no_shell()
        return shell

    def _command(self, request: Request, identifier: str) -> Command:
        with self._lock:
            command = self._shell(request).get(identifier)
        if command is None:
            raise Fault("w:InvalidSelectors", 2150858843, "The command does not exist on this host.")
        return command


def _no_shell() -> Fault:
    return Fault("w:InvalidSelectors", 2150858843, "The shell was not found on this host.")


def _part(request: Request, name: str) -> ElementTree.Element:
    found = request.body.find(f"{{{SHELL}}}{name}") if request.body is not None else None
    if found is None:
        raise Fault("w:SchemaValidationError", 2150858817, f"The request has no {name}.")
    return found
