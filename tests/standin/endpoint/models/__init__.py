"""The modules that a stand-in host answers, one file a family."""

from __future__ import annotations

from ..task import Model
from . import (
    autologon,
    chocolatey,
    command,
    copy,
    files,
    firewall,
    groups,
    identity,
    messages,
    package,
    ping,
    powershell,
    profiles,
    registry,
    scheduled,
    services,
    shares,
    shortcut,
    users,
)

MODELS: dict[str, Model] = {
    "ansible.windows.win_auto_logon": autologon.win_auto_logon,
    "ansible.windows.win_command": command.win_command,
    "ansible.windows.win_copy": copy.win_copy,
    "ansible.windows.win_file": files.win_file,
    "ansible.windows.win_firewall": firewall.win_firewall,
    "ansible.windows.win_group_membership": groups.win_group_membership,
    "ansible.windows.win_hostname": identity.win_hostname,
    "ansible.windows.win_package": package.win_package,
    "ansible.windows.win_ping": ping.win_ping,
    "ansible.windows.win_powershell": powershell.win_powershell,
    "ansible.windows.win_reg_stat": registry.win_reg_stat,
    "ansible.windows.win_regedit": registry.win_regedit,
    "ansible.windows.win_service": services.win_service,
    "ansible.windows.win_service_info": services.win_service_info,
    "ansible.windows.win_share": shares.win_share,
    "ansible.windows.win_stat": files.win_stat,
    "ansible.windows.win_user": users.win_user,
    "ansible.windows.win_user_profile": profiles.win_user_profile,
    "chocolatey.chocolatey.win_chocolatey": chocolatey.win_chocolatey,
    "community.windows.win_firewall_rule": firewall.win_firewall_rule,
    "community.windows.win_msg": messages.win_msg,
    "community.windows.win_scheduled_task": scheduled.win_scheduled_task,
    "community.windows.win_shortcut": shortcut.win_shortcut,
    "microsoft.ad.membership": identity.membership,
}
