"""What can go wrong on the SMB wire, told in both languages, with the NTSTATUS name kept for programs.

Names and numbers are those of MS-ERREF 2.3.1. Passwords never enter a message.
"""

from __future__ import annotations

from typing import Final

from impacket.nt_errors import ERROR_MESSAGES

from ..errors import ExamError

UNREACHABLE: Final = "UNREACHABLE"
TIMEOUT: Final = "TIMEOUT"
CONNECTION_CLOSED: Final = "CONNECTION_CLOSED"


class SmbError(ExamError):
    """A refusal or failure of the server; ``status`` is the NTSTATUS name or one of the names above."""

    def __init__(self, zh: str, en: str, status: str) -> None:
        super().__init__(zh, en)
        self.status = status


class Unreachable(SmbError):
    """No connection could be made: nobody answers, or the port is closed."""


class ConnectionLost(SmbError):
    """A connection that worked is gone, or the server stopped answering."""


class LogonRefused(SmbError):
    """The server knows the user or password not, or the account may not log on. Never retried: accounts lock."""


class AccessDenied(SmbError):
    """Logged on, but without the right to do this."""


class SharingViolation(SmbError):
    """Somebody holds the file open in a way that forbids this."""


class DiskFull(SmbError):
    """The volume has no room left."""


class NotFound(SmbError):
    """No file, folder or share of that name."""


_LOGON_ZH: Final = {
    "STATUS_LOGON_FAILURE": "用户名或密码不正确",
    "STATUS_WRONG_PASSWORD": "用户名或密码不正确",
    "STATUS_NO_SUCH_USER": "用户名或密码不正确",
    "STATUS_ACCOUNT_DISABLED": "用户名已停用",
    "STATUS_ACCOUNT_LOCKED_OUT": "用户名已被锁定",
    "STATUS_ACCOUNT_EXPIRED": "用户名已过期",
    "STATUS_ACCOUNT_RESTRICTION": "用户名受限，不允许登录",
    "STATUS_PASSWORD_EXPIRED": "密码已过期",
    "STATUS_PASSWORD_MUST_CHANGE": "密码必须更改后才能登录",
    "STATUS_INVALID_LOGON_HOURS": "当前时段不允许登录",
    "STATUS_INVALID_WORKSTATION": "不允许从这台计算机登录",
    "STATUS_LOGON_TYPE_NOT_GRANTED": "不允许从网络登录",
    "STATUS_TRUSTED_RELATIONSHIP_FAILURE": "信任关系失败",
}

_KINDS: Final[dict[str, tuple[type[SmbError], str]]] = {
    "STATUS_ACCESS_DENIED": (AccessDenied, "没有权限"),
    "STATUS_PRIVILEGE_NOT_HELD": (AccessDenied, "缺少所需特权"),
    "STATUS_CANNOT_DELETE": (AccessDenied, "无法删除"),
    "STATUS_PASSWORD_RESTRICTION": (SmbError, "密码不符合服务器的密码策略"),
    "STATUS_SHARING_VIOLATION": (SharingViolation, "文件正被占用"),
    "STATUS_FILE_LOCK_CONFLICT": (SharingViolation, "文件的一部分被锁定"),
    "STATUS_DISK_FULL": (DiskFull, "磁盘已满"),
    "STATUS_QUOTA_EXCEEDED": (DiskFull, "超出磁盘配额"),
    "STATUS_OBJECT_NAME_NOT_FOUND": (NotFound, "找不到文件或文件夹"),
    "STATUS_OBJECT_PATH_NOT_FOUND": (NotFound, "找不到路径"),
    "STATUS_NO_SUCH_FILE": (NotFound, "找不到文件"),
    "STATUS_BAD_NETWORK_NAME": (NotFound, "找不到共享"),
    "STATUS_DELETE_PENDING": (NotFound, "正在删除"),
    "STATUS_NETWORK_NAME_DELETED": (ConnectionLost, "共享已被删除，连接已断开"),
    "STATUS_USER_SESSION_DELETED": (ConnectionLost, "会话已被服务器结束"),
    "STATUS_FILE_CLOSED": (ConnectionLost, "文件已被服务器关闭"),
    "STATUS_CONNECTION_RESET": (ConnectionLost, "连接被重置"),
    "STATUS_CONNECTION_DISCONNECTED": (ConnectionLost, "连接已断开"),
}


def status_name(code: int) -> str:
    """The NTSTATUS name of ``code``, or its number in hexadecimal when Microsoft's list does not have it."""
    entry = ERROR_MESSAGES.get(code & 0xFFFFFFFF)
    return str(entry[0]) if entry else f"0x{code & 0xFFFFFFFF:08X}"


def from_status(name: str, what: str) -> SmbError:
    """The error for NTSTATUS ``name`` met while touching ``what`` (an address, a share, a path: shown as it is)."""
    if name in _LOGON_ZH:
        return LogonRefused(
            f"{what}：登录被拒绝：{_LOGON_ZH[name]}（{name}）。已停止，不再重试，以免账户被锁定。",
            f"{what}: log-on refused ({name}). Stopped at once and not retried: accounts lock.",
            name,
        )
    kind, zh = _KINDS.get(name, (SmbError, "服务器返回错误"))
    return kind(f"{what}：{zh}（{name}）", f"{what}: the server answered {name}", name)


def unreachable(what: str, reason: str) -> Unreachable:
    """No TCP connection to ``what``."""
    return Unreachable(f"{what}：无法连接（{reason}）", f"{what}: cannot be reached ({reason})", UNREACHABLE)


def connection_lost(what: str, reason: str, status: str = CONNECTION_CLOSED) -> ConnectionLost:
    """The connection to ``what`` ended, or an answer did not come in time (``status`` TIMEOUT)."""
    return ConnectionLost(f"{what}：连接中断（{reason}）", f"{what}: connection lost ({reason})", status)
