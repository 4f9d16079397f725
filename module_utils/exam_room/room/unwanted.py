"""Programs that no exam room has unless its exam allows them (V5, 系统干净): known by how Windows lists them.

The regulation names none; this list is the project's reading of it. To add one: a code, its name in both languages,
its kind, and its names as Windows lists them (patterns as in exam files: ``*`` is anything; letter case, spaces and
width do not count). A publisher's pattern is given only where all that the publisher makes is of the kind.

Left out on purpose: OneDrive, which Windows puts into every new profile and which syncs nothing before somebody signs
in to a Microsoft account; Remote Desktop and Windows' own mounting of images, which are no programs that one could
remove; 千牛 and 阿里旺旺, with which the units about customers are examined; the software of computer classrooms
(极域, 红蜘蛛), which is the room's own. An exam that wants one of them away says so under ``forbidden``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

#: Kinds in both languages.
KINDS: Final = {
    "remote": ("远程控制", "remote control"),
    "messenger": ("即时通讯", "messenger"),
    "sync": ("网盘同步", "file sync"),
    "virtual_drive": ("虚拟光驱", "virtual drive"),
}


@dataclass(frozen=True)
class Unwanted:
    """One program; ``match`` are patterns of its name, ``publisher`` one of who made it, empty for none."""

    code: str
    zh: str
    en: str
    kind: str
    match: tuple[str, ...]
    publisher: str = ""

    @property
    def words(self) -> str:
        """Name and kind, for people."""
        zh, en = KINDS[self.kind]
        name = self.zh if self.zh == self.en else f"{self.zh} {self.en}"
        return f"{name}（{zh} {en}）"


UNWANTED: Final = (
    Unwanted("teamviewer", "TeamViewer", "TeamViewer", "remote", ("TeamViewer*",), "TeamViewer*"),
    Unwanted("anydesk", "AnyDesk", "AnyDesk", "remote", ("AnyDesk*",), "AnyDesk*"),
    Unwanted(
        "sunlogin",
        "向日葵远程控制",
        "Sunlogin",
        "remote",
        ("向日葵*", "贝锐向日葵*", "Sunlogin*", "AweSun*"),
    ),
    Unwanted("todesk", "ToDesk", "ToDesk", "remote", ("ToDesk*",)),
    Unwanted("rustdesk", "RustDesk", "RustDesk", "remote", ("RustDesk*",)),
    Unwanted(
        "vnc",
        "VNC",
        "VNC",
        "remote",
        ("VNC*", "RealVNC*", "TightVNC*", "UltraVNC*", "TigerVNC*"),
    ),
    Unwanted("uu-remote", "UU远程", "UU Remote", "remote", ("UU远程*", "网易UU远程*", "GameViewer*")),
    Unwanted("raylink", "RayLink", "RayLink", "remote", ("RayLink*",)),
    Unwanted("radmin", "Radmin", "Radmin", "remote", ("Radmin Server*", "Radmin Viewer*", "Radmin VPN*")),
    Unwanted("splashtop", "Splashtop", "Splashtop", "remote", ("Splashtop*",), "Splashtop*"),
    Unwanted(
        "chrome-remote-desktop",
        "Chrome 远程桌面",
        "Chrome Remote Desktop",
        "remote",
        ("Chrome Remote Desktop*", "Chrome 远程桌面*"),
    ),
    Unwanted("wechat", "微信", "WeChat", "messenger", ("微信", "WeChat", "Weixin")),
    Unwanted("wecom", "企业微信", "WeCom", "messenger", ("企业微信*", "WeCom*", "WXWork*")),
    Unwanted(
        "qq",
        "QQ",
        "QQ",
        "messenger",
        ("QQ", "腾讯QQ", "Tencent QQ", "QQNT", "QQ轻聊版", "腾讯QQ轻聊版", "TIM", "腾讯TIM"),
    ),
    Unwanted("dingtalk", "钉钉", "DingTalk", "messenger", ("钉钉*", "DingTalk*")),
    Unwanted("feishu", "飞书", "Feishu, Lark", "messenger", ("飞书*", "Feishu*", "Lark")),
    Unwanted("telegram", "Telegram", "Telegram", "messenger", ("Telegram Desktop*",)),
    Unwanted("skype", "Skype", "Skype", "messenger", ("Skype*",)),
    Unwanted("whatsapp", "WhatsApp", "WhatsApp", "messenger", ("WhatsApp*",)),
    Unwanted("discord", "Discord", "Discord", "messenger", ("Discord",)),
    Unwanted(
        "teams",
        "Microsoft Teams",
        "Microsoft Teams",
        "messenger",
        ("Microsoft Teams*", "Teams Machine-Wide Installer"),
    ),
    Unwanted("zoom", "Zoom", "Zoom", "messenger", ("Zoom", "Zoom(*", "Zoom Workplace*", "Zoom Meetings*")),
    Unwanted("tencent-meeting", "腾讯会议", "Tencent Meeting", "messenger", ("腾讯会议*", "VooV Meeting*")),
    Unwanted("baidu-netdisk", "百度网盘", "Baidu Netdisk", "sync", ("百度网盘*", "百度云管家*", "BaiduNetdisk*")),
    Unwanted("nutstore", "坚果云", "Nutstore", "sync", ("坚果云*", "Nutstore*")),
    Unwanted("aliyundrive", "阿里云盘", "Aliyun Drive", "sync", ("阿里云盘*", "aDrive*")),
    Unwanted("quark-drive", "夸克网盘", "Quark Drive", "sync", ("夸克网盘*",)),
    Unwanted("ecloud", "天翼云盘", "eCloud", "sync", ("天翼云盘*",)),
    Unwanted("weiyun", "腾讯微云", "Tencent Weiyun", "sync", ("微云*", "腾讯微云*")),
    Unwanted("dropbox", "Dropbox", "Dropbox", "sync", ("Dropbox*",), "Dropbox, Inc*"),
    Unwanted("google-drive", "Google 云端硬盘", "Google Drive", "sync", ("Google Drive*", "Google 云端硬盘*")),
    Unwanted("icloud", "iCloud", "iCloud", "sync", ("iCloud*",)),
    Unwanted("nextcloud", "Nextcloud", "Nextcloud", "sync", ("Nextcloud*",)),
    Unwanted("syncthing", "Syncthing", "Syncthing", "sync", ("Syncthing*", "SyncTrayzor*")),
    Unwanted("daemon-tools", "DAEMON Tools", "DAEMON Tools", "virtual_drive", ("DAEMON Tools*",), "Disc Soft*"),
    Unwanted("wincdemu", "WinCDEmu", "WinCDEmu", "virtual_drive", ("WinCDEmu*",)),
    Unwanted(
        "virtual-clonedrive", "Virtual CloneDrive", "Virtual CloneDrive", "virtual_drive", ("VirtualCloneDrive*",)
    ),
    Unwanted("alcohol", "Alcohol 120%", "Alcohol 120%", "virtual_drive", ("Alcohol 120%*", "Alcohol 52%*")),
    Unwanted("poweriso", "PowerISO", "PowerISO", "virtual_drive", ("PowerISO*",)),
    Unwanted("ultraiso", "软碟通", "UltraISO", "virtual_drive", ("UltraISO*", "软碟通*")),
    Unwanted("imdisk", "ImDisk", "ImDisk", "virtual_drive", ("ImDisk*",)),
    Unwanted("other-virtual-drive", "其他虚拟光驱", "another virtual drive", "virtual_drive", ("*虚拟光驱*",)),
)
