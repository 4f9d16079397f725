"""The WS-Management service of one host: each envelope to the part that answers it."""

from __future__ import annotations

import sys
import traceback

from . import soap
from .commands import Commands
from .host import Host
from .shells import RESOURCE, Shells
from .soap import ENUMERATION, SHELL, TRANSFER, Fault, Request
from .wql.service import WmiService

_SHELL_PREFIX = "http://schemas.microsoft.com/wbem/wsman/1/windows/shell/"
_WMI_PREFIX = "http://schemas.microsoft.com/wbem/wsman/1/wmi/"


class Service:
    """Answers envelopes; safe to call from many threads."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._shells = Shells(Commands(host).run)
        self._wmi = WmiService(host)

    def handle(self, raw: bytes) -> tuple[int, bytes]:
        """The HTTP status and the envelope to answer ``raw`` with."""
        message_id = ""
        try:
            request = soap.parse(raw)
            message_id = request.message_id
            return 200, self._dispatch(request)
        except Fault as refusal:
            return 500, soap.fault(refusal, message_id, self._host.backend.computer_name())
        except Exception:
            traceback.print_exc(file=sys.stderr)
            bug = Fault("w:InternalError", 2150858752, "The stand-in failed; its log says where.", sender=False)
            return 500, soap.fault(bug, message_id, "standin")

    def _dispatch(self, request: Request) -> bytes:
        resource = request.resource.casefold()
        if resource.startswith(_WMI_PREFIX):
            if request.action == f"{ENUMERATION}/Enumerate":
                return self._wmi.enumerate(request)
            if request.action == f"{ENUMERATION}/Pull":
                return self._wmi.pull(request)
            return self._wmi.invoke(request)
        if resource.startswith(_SHELL_PREFIX):
            if resource != RESOURCE:
                raise Fault("w:InvalidParameter", 2150859072, f"The stand-in has no shell {request.resource}.")
            answer = {
                f"{TRANSFER}/Create": self._shells.create,
                f"{TRANSFER}/Delete": self._shells.delete,
                f"{SHELL}/Command": self._shells.command,
                f"{SHELL}/Send": self._shells.send,
                f"{SHELL}/Receive": self._shells.receive,
                f"{SHELL}/Signal": self._shells.signal,
            }.get(request.action)
            if answer is not None:
                return answer(request)
            raise Fault("a:ActionNotSupported", 2150858754, f"The action {request.action} is not supported.")
        raise Fault("a:DestinationUnreachable", 2150858811, f"The resource URI {request.resource} has no provider.")
