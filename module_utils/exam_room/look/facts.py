"""What a Windows host says of itself: one evidence document a host, read from inside over WMI and the registry.

A document is ``{"schema_version": 1, "host": …, "address": …, "asked_at": …, "took_seconds": …}`` and the sections
below, each either ``{"value": …}`` or ``{"unknown": reason}``; unknown never means "in order". Times are UTC in ISO
8601 with Z, sizes bytes.

* identity: name, workgroup, part_of_domain, user (who is signed in at the screen, null for nobody), os, version, build,
  product_type (1 client, 2 domain controller, 3 server), language (LCID), clock (the machine's),
  clock_offset_seconds (machine minus controller), round_trip_seconds, boot_time, installed (when Windows
  was)
* adapters: list of index (the interface's, as netsh takes it), name, addresses, masks (IPv4), gateways, dns, dhcp, mac
* accounts: users (name, sid, disabled, locked, local, full_name), administrators (name, domain, sid or null,
  user: false for a group or a kind of log-on)
* shares: list of name, path, type (Win32_Share.Type without the special bit), special
* smb_shares: list of name, path, encrypt, access_based, caching, special
* services: LanmanServer, W32Time, WinRM: state and start_mode, or null where there is none
* firewall: Domain, Private, Public: enabled (null: not configured)
* smb_server: signing_required, encrypt, reject_unencrypted, smb1, smb2
* optical_drives: list of drive, name, capabilities, can_write, media_loaded, volume
* disks: list of drive, file_system, size, free
* tasks: list of path, name, enabled (null: not known), below ``\\Exam\\``
* task_settings: list of name, enabled (null: not known), user (a name or SID), logon_type (5: a service account),
  run_level (1: highest), not_on_batteries, stop_on_batteries, start_when_available, only_if_idle, only_if_network,
  multiple_instances (2: a second one is not started), time_limit (ISO 8601, PT0S: none), triggers (kind boot, time,
  logon or the class, enabled, start, end, interval, duration; null: none), actions (execute, arguments), below
  ``\\Exam\\``
* auto_logon: enabled, user, domain, plain_password (a password lies readable in the registry)
* antivirus: defender (null where it is not installed; enabled, real_time, program: the path of MpCmdRun.exe,
  signature_version, signature_age_days and scan_age_days, null for never, scan: the one that ended last, null for none:
  kind quick or full, start, end; threats: names of those active; found: what was detected since that scan began: name,
  at, files, dealt_with), products (null on a server, which has no Security Center; list of name, enabled, up_to_date,
  defender)
* policies: list of key, name, purpose, zh, en, wanted, found (null: not set), found_is_wanted
* user_policies: null on a server; of each person who is signed in: sid, policies (a list as above)
* restart_pending: servicing, updates, file_renames (whether such wait for the next start), name, next_name (the
  computer's after it)
* software (of an inspection, which does not ask for it here, added by roles/clean): list of name, version, publisher
  (null: not given), view (64 or 32: for all users, user: for one who is signed in), key
* quotas: null on a client; list of volume, enforced, limits (account in capitals, limit in bytes)
* profiles: list of sid, path, loaded (somebody is signed in with it), of people
* leftovers (added by roles/clean, for it takes PowerShell): asked_at (the machine's clock), since (younger files of the
  exam's kinds count), searched (drives), files (how many), links (not followed), found (path, size, written, sha256,
  why: content, word or kind, zh, en), more (not listed), unreadable (path, code of Windows, zh, en), not_known
  (sessions that could not be read), left_alone (paths that the site excludes)
* burner (the server's, added by roles/clean, whose search is the one PowerShell that is started): drive, device, medium
  (CD-R, DVD+R and the like, empty for none), blank, free (bytes), wrong (why it cannot be burned on, a key of
  discs/discreport.py, empty for nothing; zh, en)
* scripts (of clients, added by roles/clean): by path value, the SHA-256 of what runs at sign-in, null for no such file,
  or unknown
* restore_protection: drivers, services (names of those that run), uwf (null where Windows has no Unified Write Filter;
  enabled, enabled_next, volumes and volumes_next: the drives protected now and after the next start), deep_freeze
  (Frozen or Thawed as Deep Freeze says itself, null where it says nothing), cards (what that comes to: name, tells,
  protects or null, text), prepared (what prepare noted when it switched the filter on, null for nothing)
"""

from __future__ import annotations

import multiprocessing
import os
import threading
import time
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

from ..errors import ExamError
from ..wire import wsman
from ..wire.wsman import HostError
from .sections import SECTIONS, Clock, identity, now, stamp

SCHEMA_VERSION = 1
#: Fewer hosts are not worth a process of their own.
SMALL_PART = 8


def gather(
    login: wsman.Login, name: str, timeout: float = 20.0, clock: Clock = now, without: Collection[str] = ()
) -> dict[str, Any]:
    """The document of one host; sections named in ``without`` are not asked for and not in it.

    :raises HostError: if the host cannot be asked at all. A section that fails is unknown, the others go on; once the
        host no longer answers, the rest is unknown without asking.
    """
    document: dict[str, Any] = {
        "schema_version": SCHEMA_VERSION,
        "host": name,
        "address": login.address,
        "asked_at": stamp(clock()),
    }
    begun = time.monotonic()
    with wsman.Wmi(login, timeout) as wmi:
        document["identity"] = _section(lambda: identity(wmi, clock))
        lost: str | None = None
        for title, read in SECTIONS.items():
            if title in without:
                continue
            if lost is not None:
                document[title] = {"unknown": lost}
                continue
            try:
                document[title] = _section(partial(read, wmi))
            except HostError as exc:
                lost = str(exc)
                document[title] = {"unknown": lost}
    document["took_seconds"] = round(time.monotonic() - begun, 3)
    return document


def gather_all(
    logins: Mapping[str, wsman.Login], timeout: float, overall: float, without: Collection[str] = ()
) -> tuple[dict[str, dict[str, Any]], dict[str, str]]:
    """The documents of many hosts, asked at the same time, and why the others have none.

    Who has not answered everything after ``overall`` seconds counts as unreachable; nobody waits for him.

    :raises ExamError: if the CA file cannot be read; no host is asked then.
    """
    for ca_path in {login.ca_path for login in logins.values()}:
        if not Path(ca_path).is_file():
            raise ExamError(f"找不到 CA 证书文件 {ca_path}", f"there is no CA file {ca_path}")
    parts = _parts(logins)
    if len(parts) == 1:
        return _gather_part(logins, timeout, overall, without)
    documents: dict[str, dict[str, Any]] = {}
    unreachable: dict[str, str] = {}
    # Asking a large room is a matter of the controller's own time, and a process uses one processor.
    with ProcessPoolExecutor(len(parts), multiprocessing.get_context("fork")) as pool:
        for done in [pool.submit(_gather_part, part, timeout, overall, without) for part in parts]:
            found, missing = done.result()
            documents |= found
            unreachable |= missing
    return documents, unreachable


def _parts(logins: Mapping[str, wsman.Login]) -> list[dict[str, wsman.Login]]:
    """The hosts in as many parts as there are processors, none of them small; at least one."""
    count = max(1, min(os.cpu_count() or 1, len(logins) // SMALL_PART))
    names = list(logins)
    return [{name: logins[name] for name in names[start::count]} for start in range(count)]


def _gather_part(
    logins: Mapping[str, wsman.Login], timeout: float, overall: float, without: Collection[str]
) -> tuple[dict[str, dict[str, Any]], dict[str, str]]:
    documents: dict[str, dict[str, Any]] = {}
    unreachable: dict[str, str] = {}
    lock = threading.Lock()

    def ask(name: str, login: wsman.Login) -> None:
        document: dict[str, Any] | None = None
        try:
            document = gather(login, name, timeout, without=without)
        except ExamError as exc:
            reason = str(exc)
        with lock:
            if document is None:
                unreachable[name] = reason
            else:
                documents[name] = document

    threads = [
        threading.Thread(target=ask, args=(name, login), name=name, daemon=True) for name, login in logins.items()
    ]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + overall
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
    with lock:
        late = set(logins) - set(documents) - set(unreachable)
        for name in late:
            unreachable[name] = f"{overall:g} 秒内未答完\nhas not answered everything within {overall:g} s"
        return dict(documents), dict(unreachable)


def _section(read: Callable[[], Any]) -> dict[str, Any]:
    try:
        return {"value": read()}
    except HostError:
        raise
    except ExamError as exc:
        return {"unknown": str(exc)}
    except (LookupError, TypeError, AttributeError, ValueError) as exc:
        # A null where Windows has never been seen to give one: this section is not understood, the others may be.
        return {"unknown": f"回答的内容出乎意料：{exc!r}\nan answer that was not expected: {exc!r}"}
