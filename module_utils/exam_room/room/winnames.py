"""Names that Windows takes: of files, computers, workgroups and users. Each check answers with the rule broken."""

from __future__ import annotations

import re

from .problems import Rule

_FILE_FORBIDDEN = '<>:"/\\|?*'
_DEVICE_PATTERN = re.compile(r"(CON|PRN|AUX|NUL|CONIN\$|CONOUT\$|COM[0-9¹²³]|LPT[0-9¹²³])", re.IGNORECASE)
_COMPUTER_PATTERN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?")
# NetBIOS names (MS-NBTE, NetValidateName) and what the dialog of Windows refuses on top.
_WORKGROUP_FORBIDDEN = '\\/:*?"<>|,.+=;[]'
_ACCOUNT_FORBIDDEN = '"/\\[]:;|=,+*?<>@%'  # MS-SAMR 3.1.1.6; % because logon scripts would expand it
_BUILT_IN_ACCOUNTS = frozenset(
    {"administrator", "guest", "defaultaccount", "wdagutilityaccount", "system", "everyone", "network", "local"}
)


def _forbidden(name: str, characters: str) -> str:
    return "".join(dict.fromkeys(c for c in name if c in characters or ord(c) < 32 or ord(c) == 127))


def file_name(name: str, max_length: int) -> Rule | None:
    """Whether a file or folder can bear the name; ``max_length`` in UTF-16 units."""
    bad = _forbidden(name, _FILE_FORBIDDEN)
    if not name:
        return "不能为空", "must not be empty"
    if bad:
        return f"含有 Windows 文件名不允许的字符 {bad!r}", f"no Windows file name may hold {bad!r}"
    if name.endswith((".", " ")) or name.startswith(" "):
        return "Windows 文件名不能以点或空格结尾", "a Windows file name must not end in a dot or a space"
    # A device name is one with any extension and with blanks before it: "CON", "con.txt", "NUL .x".
    if _DEVICE_PATTERN.fullmatch(name.split(".", 1)[0].rstrip(" ")):
        return f"{name} 是 Windows 设备名，不能作文件名", f"{name} is a Windows device name, no file can be called so"
    if len(name.encode("utf-16-le")) // 2 > max_length:
        return f"过长：最多 {max_length} 个字符", f"too long: at most {max_length} characters"
    return None


def computer_name(name: str) -> Rule | None:
    """Whether Windows takes the computer name (NetBIOS and DNS: 15 letters, digits and inner hyphens)."""
    if not 1 <= len(name) <= 15:
        return "计算机名须为 1–15 个字符", "a computer name has 1 to 15 characters"
    if not _COMPUTER_PATTERN.fullmatch(name) or name.isdigit():
        return (
            "计算机名只能用字母、数字和中间的连字符，且不能全是数字",
            "a computer name consists of letters, digits and inner hyphens, and not of digits alone",
        )
    return None


def workgroup_name(name: str) -> Rule | None:
    """Whether Windows takes the workgroup name (V1); NetBIOS counts 15 bytes, a Chinese character takes two."""
    bad = _forbidden(name, _WORKGROUP_FORBIDDEN)
    if bad:
        return f"工作组名含有不允许的字符 {bad!r}", f"a workgroup name must not hold {bad!r}"
    if not name or not name.strip(" ") or name != name.strip(" "):
        return "工作组名不能为空，首尾不能有空格", "a workgroup name must not be empty nor begin or end with a space"
    if len(name.encode("gb18030")) > 15:
        return "工作组名最多 15 个字节（一个汉字算两个）", "has at most 15 bytes (two a Chinese character)"
    return None


def account_name(name: str) -> Rule | None:
    """Whether Windows takes the user name, and whether a folder can be named after it (V2, V3)."""
    bad = _forbidden(name, _ACCOUNT_FORBIDDEN)
    if bad:
        return f"用户名含有不允许的字符 {bad!r}", f"a user name must not hold {bad!r}"
    if not 1 <= len(name) <= 20:
        return "用户名须为 1–20 个字符", "a user name has 1 to 20 characters"
    if name.casefold() in _BUILT_IN_ACCOUNTS:
        return f"{name} 是 Windows 自带的用户名", f"{name} is a user name of Windows itself"
    return file_name(name, 20)
