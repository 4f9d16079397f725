"""DCE/RPC calls through a named pipe of an encrypted SMB 3 session (MS-RPCE 2.1.1.2, MS-SMB2).

impacket knows the calls, smbprotocol the wire: impacket's own SMB client offers AES-128-CCM only and would mean a
second log-on. Each call is one FSCTL_PIPE_TRANSCEIVE, so one round trip. impacket is untyped; its ``Any`` lives here
and in samr.py, srvsvc.py and wkssvc.py only.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from impacket import system_errors
from impacket.dcerpc.v5.rpcrt import DCERPC_v5, DCERPCException
from smbprotocol.ioctl import CtlCode, IOCTLFlags, SMB2IOCTLRequest, SMB2IOCTLResponse
from smbprotocol.open import CreateDisposition, ImpersonationLevel, Open, ShareAccess

from ..errors import ExamError
from .smb import Server, translated
from .smberrors import SmbError, connection_lost, from_status, status_name

PIPE_ACCESS: Final = 0x0012_019F
LONGEST_FRAGMENT: Final = 65536
ERROR_ACCESS_DENIED: Final = 5


class RpcError(ExamError):
    """A call that the server refused with a Win32 error; ``code`` is its number (MS-ERREF 2.2)."""

    def __init__(self, zh: str, en: str, code: int) -> None:
        super().__init__(zh, en)
        self.code = code


class _Pipe:
    """What impacket calls a transport: an open pipe that takes a request and gives the answer."""

    def __init__(self, server: Server, name: str) -> None:
        self._server = server
        self._name = name
        self._handle: Any = None
        self._waiting = b""

    def connect(self) -> int:
        """Open the pipe on IPC$."""
        self._handle = Open(self._server.share("IPC$").tree, self._name)
        self._handle.create(
            ImpersonationLevel.Impersonation,
            PIPE_ACCESS,
            0,
            ShareAccess.FILE_SHARE_READ | ShareAccess.FILE_SHARE_WRITE,
            CreateDisposition.FILE_OPEN,
            0,
        )
        return 1

    def disconnect(self) -> None:
        """Close the pipe."""
        self._handle.close()

    def send(self, data: bytes, forceWriteAndx: int = 0, forceRecv: int = 0) -> None:  # noqa: N803
        """Keep the last fragment back, so that it travels together with the wish to read the answer."""
        if self._waiting:
            self._handle.write(self._waiting)
        self._waiting = data

    def recv(self, forceRecv: int = 0, count: int = 0) -> bytes:  # noqa: N803
        """The next fragment of the answer."""
        if not self._waiting:
            return bytes(self._handle.read(0, LONGEST_FRAGMENT))
        message = SMB2IOCTLRequest()
        message["ctl_code"] = CtlCode.FSCTL_PIPE_TRANSCEIVE
        message["file_id"] = self._handle.file_id
        message["max_output_response"] = LONGEST_FRAGMENT
        message["flags"] = IOCTLFlags.SMB2_0_IOCTL_IS_FSCTL
        message["buffer"] = self._waiting
        self._waiting = b""
        share = self._server.share("IPC$")
        response = share.receive(share.send(message))
        answer = SMB2IOCTLResponse()
        answer.unpack(response["data"].get_value())
        return bytes(answer["buffer"].get_value())


class Rpc:
    """A bound interface on one server. Close it, or let the SMB connection end."""

    def __init__(self, server: Server, pipe: str, interface: Any) -> None:
        self.server = server
        self._what = f"\\\\{server.address}\\PIPE\\{pipe}"
        self._dce = DCERPC_v5(_Pipe(server, pipe))
        with translated(self._what):
            self._dce.connect()
            self._dce.bind(interface)

    def call(self, function: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
        """Run one of impacket's helpers. Raises SmbError (NTSTATUS, connection) or RpcError (Win32)."""
        try:
            with translated(self._what):
                return function(self._dce, *arguments, **options)
        except DCERPCException as error:
            raise self._error(error, function.__name__) from None

    def request(self, message: Any, checked: bool = True) -> Any:
        """Send a request that was filled in by hand; errors as ``call``, unless ``checked`` is off."""

        def send(dce: Any) -> Any:
            return dce.request(message, checkError=checked)

        send.__name__ = type(message).__name__
        return self.call(send)

    def close(self) -> None:
        """Close the pipe; harmless when the connection is gone."""
        try:
            with translated(self._what):
                self._dce.disconnect()
        except SmbError:
            return

    def _error(self, error: Any, name: str) -> ExamError:
        code = error.get_error_code()
        what = f"{self._what} {name.removeprefix('h')}"
        if code is None:
            return connection_lost(what, str(error), "RPC_FAULT")
        if code >= 0xC000_0000:
            return from_status(status_name(code), what)
        short = system_errors.ERROR_MESSAGES.get(code, (f"error {code}",))[0]
        return RpcError(f"{what}：服务器拒绝（{short}，{code}）", f"{what}: refused ({short}, {code})", code)
