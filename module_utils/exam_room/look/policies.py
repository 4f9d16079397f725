"""Settings of Windows that keep an exam undisturbed: what is wanted, and what a host has.

Every value is a policy in Microsoft's reference. Those of the machine lie below HKEY_LOCAL_MACHINE, those of a user
below HKEY_USERS and his SID, and there while he is signed in only. Sources: "Manage device restarts after updates"
(Windows deployment) for updates; Policy CSP Power, DeviceLock, Notifications, Update, WindowsDefenderSecurityCenter
and ADMX_RemovableStorage for the machine's others; ADMX_ControlPanelDisplay and ADMX_WPN for a user's.

Updates: "No auto-restart with logged on users" acts with scheduled installations only (AUOptions 4), and where it is
on, the active hours have no effect. So it is off here, and no restart falls into the active hours, of which Windows
allows 18: from 06:00 to midnight. They hold for an update that a person installed, too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from ..wire.wsman import HKLM, HKU, Wmi
from .product import is_client
from .profiles import signed_in

_UPDATE: Final = r"SOFTWARE\Policies\Microsoft\Windows\WindowsUpdate"
_AUTOMATIC: Final = rf"{_UPDATE}\AU"
_POWER: Final = r"SOFTWARE\Policies\Microsoft\Power\PowerSettings"
_SLEEP: Final = rf"{_POWER}\29f6c1db-86da-48c5-9fdb-f2b67b1f44da"
_HIBERNATE: Final = rf"{_POWER}\9d7815a6-7ee4-497e-8888-515a05f02364"
_DISPLAY: Final = rf"{_POWER}\3c0bc021-c8a8-4e07-a973-6b14cbcb2b7e"
_SYSTEM: Final = r"SOFTWARE\Microsoft\Windows\CurrentVersion\Policies\System"
_PUSH: Final = r"SOFTWARE\Policies\Microsoft\Windows\CurrentVersion\PushNotifications"
_DEFENDER: Final = r"SOFTWARE\Policies\Microsoft\Windows Defender Security Center\Notifications"
_REMOVABLE: Final = r"SOFTWARE\Policies\Microsoft\Windows\RemovableStorageDevices"
_SCREEN_SAVER: Final = r"Software\Policies\Microsoft\Windows\Control Panel\Desktop"
_TOASTS: Final = r"Software\Policies\Microsoft\Windows\CurrentVersion\PushNotifications"
_AC, _DC = "ACSettingIndex", "DCSettingIndex"


@dataclass(frozen=True)
class Policy:
    """One value: a number is a DWORD, a text a REG_SZ.

    ``purpose`` groups what an exam site may want or not; ``clients_only`` leaves the server alone.
    """

    key: str
    name: str
    wanted: int | str
    purpose: str
    zh: str
    en: str
    clients_only: bool = False

    def found(self, value: int | str | None) -> dict[str, Any]:
        """As evidence shows it, with what a host has; None where it is not set."""
        return {
            "key": self.key,
            "name": self.name,
            "purpose": self.purpose,
            "zh": self.zh,
            "en": self.en,
            "wanted": self.wanted,
            "found": value,
            "found_is_wanted": value == self.wanted,
        }


_HOURS: Final = ("06:00 到 24:00 不为更新自动重启", "no restart for an update from 06:00 to midnight")
POLICIES: Final = (
    Policy(_AUTOMATIC, "AUOptions", 2, "updates", "更新只通知，不自动下载安装", "updates are announced, not installed"),
    Policy(_AUTOMATIC, "NoAutoRebootWithLoggedOnUsers", 0, "updates", "使用时段有效", "the active hours have effect"),
    Policy(_AUTOMATIC, "AlwaysAutoRebootAtScheduledTime", 0, "updates", "使用时段有效", "the active hours have effect"),
    Policy(_UPDATE, "SetActiveHours", 1, "updates", *_HOURS),
    Policy(_UPDATE, "ActiveHoursStart", 6, "updates", *_HOURS),
    Policy(_UPDATE, "ActiveHoursEnd", 0, "updates", *_HOURS),
    Policy(_SLEEP, _AC, 0, "sleep", "接电源时不睡眠", "no sleep on mains"),
    Policy(_SLEEP, _DC, 0, "sleep", "用电池时不睡眠", "no sleep on battery"),
    Policy(_HIBERNATE, _AC, 0, "sleep", "接电源时不休眠", "no hibernation on mains"),
    Policy(_HIBERNATE, _DC, 0, "sleep", "用电池时不休眠", "no hibernation on battery"),
    Policy(_DISPLAY, _AC, 0, "sleep", "接电源时不关闭显示器", "the display stays on on mains", clients_only=True),
    Policy(_DISPLAY, _DC, 0, "sleep", "用电池时不关闭显示器", "the display stays on on battery", clients_only=True),
    Policy(_SYSTEM, "InactivityTimeoutSecs", 0, "sleep", "闲置不锁屏", "no lock after idleness", clients_only=True),
    Policy(
        _PUSH, "NoCloudApplicationNotification", 1, "notifications", "不推送通知", "no push messages", clients_only=True
    ),
    Policy(
        _UPDATE,
        "SetUpdateNotificationLevel",
        1,
        "notifications",
        "更新不提示（重启警告除外）",
        "updates tell of nothing but restarts",
        clients_only=True,
    ),
    Policy(
        _UPDATE,
        "UpdateNotificationLevel",
        1,
        "notifications",
        "更新不提示（重启警告除外）",
        "updates tell of nothing but restarts",
        clients_only=True,
    ),
    Policy(
        _DEFENDER,
        "DisableEnhancedNotifications",
        1,
        "notifications",
        "安全中心只提示紧急情况",
        "Windows Security tells of what is critical only",
        clients_only=True,
    ),
    Policy(
        _REMOVABLE, "Deny_All", 1, "removable_storage", "禁用移动存储", "removable storage is closed", clients_only=True
    ),
)
USER_POLICIES: Final = (
    Policy(_SCREEN_SAVER, "ScreenSaveActive", "0", "sleep", "没有屏幕保护", "no screen saver"),
    Policy(_TOASTS, "NoToastApplicationNotification", 1, "notifications", "程序不弹通知", "programs show no messages"),
)


def concerned(client: bool) -> list[Policy]:
    """The policies of a client, or of the server."""
    return [one for one in POLICIES if client or not one.clients_only]


def policies(wmi: Wmi) -> list[dict[str, Any]]:
    """What concerns this host: key, name, purpose, zh, en, wanted, found (null where not set), found_is_wanted."""
    return _read(wmi, concerned(is_client(wmi)))


def user_policies(wmi: Wmi) -> list[dict[str, Any]] | None:
    """Of each person who is signed in: sid, policies as above. None on a server, at which no candidate sits."""
    if not is_client(wmi):
        return None
    return [{"sid": sid, "policies": policies_of(wmi, sid)} for sid in signed_in(wmi)]


def policies_of(wmi: Wmi, sid: str) -> list[dict[str, Any]]:
    """Those of one who is signed in."""
    return _read(wmi, USER_POLICIES, sid)


def place_of(sid: str | None) -> tuple[int, str]:
    """The hive, and how keys begin there: those of the machine, or of a user who is signed in."""
    return (HKLM, "") if sid is None else (HKU, f"{sid}\\")


def _read(wmi: Wmi, wanted: Sequence[Policy], sid: str | None = None) -> list[dict[str, Any]]:
    hive, below = place_of(sid)
    found: dict[str, dict[str, Any]] = {}
    for key in dict.fromkeys(one.key for one in wanted):
        found[key] = wmi.registry(below + key, [one.name for one in wanted if one.key == key], hive)[0]
    return [one.found(found[one.key][one.name]) for one in wanted]
