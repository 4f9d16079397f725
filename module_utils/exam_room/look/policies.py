"""Settings of Windows that keep an exam undisturbed: what is wanted, and what a host has.

Every value is a policy in Microsoft's reference; all lie below HKEY_LOCAL_MACHINE.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from ..wire.wsman import Wmi
from .product import is_client

_UPDATE: Final = r"SOFTWARE\Policies\Microsoft\Windows\WindowsUpdate\AU"
_POWER: Final = r"SOFTWARE\Policies\Microsoft\Power\PowerSettings"
_SLEEP: Final = rf"{_POWER}\29f6c1db-86da-48c5-9fdb-f2b67b1f44da"
_DISPLAY: Final = rf"{_POWER}\3c0bc021-c8a8-4e07-a973-6b14cbcb2b7e"
_SYSTEM: Final = r"SOFTWARE\Microsoft\Windows\CurrentVersion\Policies\System"
_PUSH: Final = r"SOFTWARE\Policies\Microsoft\Windows\CurrentVersion\PushNotifications"
_REMOVABLE: Final = r"SOFTWARE\Policies\Microsoft\Windows\RemovableStorageDevices"


@dataclass(frozen=True)
class Policy:
    """One DWORD. ``purpose`` groups what an exam site may want or not; ``clients_only`` leaves the server alone."""

    key: str
    name: str
    wanted: int
    purpose: str
    zh: str
    en: str
    clients_only: bool = False


POLICIES: Final = (
    Policy(_UPDATE, "AUOptions", 2, "updates", "更新只通知，不自动下载安装", "updates are announced, not installed"),
    Policy(
        _UPDATE, "NoAutoRebootWithLoggedOnUsers", 1, "updates", "有人登录时不为更新重启", "no restart for an update"
    ),
    Policy(_SLEEP, "ACSettingIndex", 0, "sleep", "接电源时不睡眠", "no sleep on mains"),
    Policy(_SLEEP, "DCSettingIndex", 0, "sleep", "用电池时不睡眠", "no sleep on battery"),
    Policy(_DISPLAY, "ACSettingIndex", 0, "sleep", "不关闭显示器", "the display stays on", clients_only=True),
    Policy(_SYSTEM, "InactivityTimeoutSecs", 0, "sleep", "闲置不锁屏", "no lock after idleness", clients_only=True),
    Policy(
        _PUSH, "NoCloudApplicationNotification", 1, "notifications", "不推送通知", "no push messages", clients_only=True
    ),
    Policy(
        _REMOVABLE, "Deny_All", 1, "removable_storage", "禁用移动存储", "removable storage is closed", clients_only=True
    ),
)


def policies(wmi: Wmi) -> list[dict[str, Any]]:
    """What concerns this host: key, name, purpose, zh, en, wanted, found (null where not set), found_is_wanted."""
    client = is_client(wmi)
    concerned = [one for one in POLICIES if client or not one.clients_only]
    found: dict[str, dict[str, Any]] = {}
    for key in dict.fromkeys(one.key for one in concerned):
        found[key] = wmi.registry(key, [one.name for one in concerned if one.key == key])[0]
    return [
        {
            "key": one.key,
            "name": one.name,
            "purpose": one.purpose,
            "zh": one.zh,
            "en": one.en,
            "wanted": one.wanted,
            "found": found[one.key][one.name],
            "found_is_wanted": found[one.key][one.name] == one.wanted,
        }
        for one in concerned
    ]
