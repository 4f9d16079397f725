"""The site's software packages (``packages.yml`` beside the installers), and what each host needs of them.

A package is an installer in the folder, or one that a computer's Chocolatey gets from a source of the site.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import Any, Final
from urllib.parse import urlsplit

from ..errors import InputRefused, Problem
from . import winnames, yamlfile
from .fields import Fields
from .problems import ProblemList, Rule, refusal
from .software import Required, software_of, standing, version_of
from .text import key

FILE: Final = "packages.yml"
PROVIDERS: Final = {".msi": "msi", ".exe": "registry"}
_OF_FILES: Final = ("file", "sha256", "arguments", "wait_for_children", "url")
_KNOWN: Final = (*_OF_FILES, "version", "chocolatey", "source")
#: Ids of NuGet packages.
_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_LONG: Final = 2000
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
#: What an installer needs on the system drive, in sizes of its file: the copy, what it unpacks, what it installs.
_SPACE: Final = 3


@dataclass(frozen=True)
class Installer:
    """A file. ``version`` is what it installs, ``url`` where fetch gets it; both may be empty."""

    name: str
    path: Path
    sha256: str
    version: str
    arguments: str
    wait_for_children: bool
    url: str

    def to_dict(self) -> dict[str, Any]:
        """As modules return it."""
        return {
            "name": self.name,
            "kind": "file",
            "path": str(self.path),
            "file": self.path.name,
            "sha256": self.sha256,
            "provider": PROVIDERS[self.path.suffix.casefold()],
            "arguments": self.arguments,
            "wait_for_children": self.wait_for_children,
            "url": self.url,
        }


@dataclass(frozen=True)
class ChocolateyPackage:
    """What Chocolatey gets by ``id`` from ``source``, in exactly that ``version``."""

    name: str
    id: str
    version: str
    source: str

    def to_dict(self) -> dict[str, Any]:
        """As modules return it; there is nothing to fetch."""
        return {
            "name": self.name,
            "kind": "chocolatey",
            "id": self.id,
            "version": self.version,
            "source": self.source,
            "url": "",
        }


Package = Installer | ChocolateyPackage


@dataclass
class Choice:
    """What each host gets installed, and what cannot be done for it, in both languages; hosts without have no entry."""

    install: dict[str, list[Package]] = field(default_factory=dict)
    trouble: dict[str, list[str]] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """As modules return it."""
        return {
            "install": {host: [one.to_dict() for one in packages] for host, packages in self.install.items()},
            "trouble": self.trouble,
        }


def load_packages(folder: Path) -> dict[str, Package]:
    """The packages of a folder by the key of their names; none where it has no packages.yml.

    Raises InputRefused: not readable, an unknown key, a name given twice, a file that is no installer or lies
    elsewhere, no SHA-256, an .exe without arguments; of Chocolatey's no source or version, or what only a file has.
    """
    if not (folder / FILE).exists():
        return {}
    document = yamlfile.load(folder / FILE, text_only=True)
    problems = ProblemList(document.file)
    top = Fields(document, problems, document.data, ("packages",))
    top.require("packages")
    entries = top.raw("packages")
    found: dict[str, Package] = {}
    if "packages" in top and not isinstance(entries, dict):
        top.mapping("packages", ())
        entries = None
    for name in entries or {}:
        if key(name) in found:
            top.problem(("packages", name), ("名称重复", "a name that is there already"))
        fields = Fields(document, problems, (entries or {})[name], _KNOWN, ("packages", name))
        found[key(name)] = _chocolatey(name, fields) if "chocolatey" in fields else _installer(folder, name, fields)
    problems.refuse()
    return found


def _chocolatey(name: str, fields: Fields) -> ChocolateyPackage:
    fields.require("version", "source")
    package = ChocolateyPackage(
        name, fields.string("chocolatey"), fields.string("version"), fields.string("source", _LONG)
    )
    _report(_wrong_of_chocolatey(package, fields), fields)
    return package


def _installer(folder: Path, name: str, fields: Fields) -> Installer:
    fields.require("file", "sha256")
    package = Installer(
        name=name,
        path=folder / (fields.string("file") or "x.msi"),
        sha256=fields.string("sha256").casefold(),
        version=fields.string("version"),
        arguments=fields.string("arguments", _LONG),
        wait_for_children=fields.string("wait_for_children") == "true",
        url=fields.string("url", _LONG),
    )
    _report(_wrong_of_installer(package, fields), fields)
    return package


def _report(wrong: Iterable[tuple[str, Rule]], fields: Fields) -> None:
    for place, rule in wrong:
        fields.problem((place,), rule)


def _wrong_of_chocolatey(package: ChocolateyPackage, fields: Fields) -> Iterator[tuple[str, Rule]]:
    for place in _OF_FILES:
        if place in fields:
            yield place, ("不能与 chocolatey 同时使用", "does not go together with chocolatey")
    if not _ID.fullmatch(package.id):
        yield "chocolatey", ("须为软件包的标识，例如 7zip", "must be the id of a package, such as 7zip")
    if "version" in fields:
        yield from _wrong_version(package.version)
    if "source" in fields:
        yield from _wrong_address("source", package.source)


def _wrong_of_installer(package: Installer, fields: Fields) -> Iterator[tuple[str, Rule]]:
    if "file" in fields:
        ending = package.path.suffix.casefold()
        if rule := winnames.file_name(fields.string("file"), 100):
            yield "file", rule
        elif ending not in PROVIDERS:
            yield "file", ("须为 .msi 或 .exe 文件", "must be an .msi or .exe file")
        elif ending == ".exe" and not package.arguments:
            yield "arguments", ("缺少；.exe 须有静默安装参数", "is missing: an .exe needs its arguments for silence")
    if "sha256" in fields and not _SHA256.fullmatch(package.sha256):
        yield "sha256", ("须为 64 位十六进制的 SHA-256", "must be a SHA-256 of 64 hexadecimal digits")
    if "wait_for_children" in fields and fields.string("wait_for_children") not in ("true", "false"):
        yield "wait_for_children", ("须为 true 或 false", "must be true or false")
    if "source" in fields:
        yield "source", ("只用于 chocolatey", "goes together with chocolatey only")
    if package.version:
        yield from _wrong_version(package.version)
    if package.url:
        yield from _wrong_address("url", package.url)


def _wrong_version(version: str) -> Iterator[tuple[str, Rule]]:
    if version_of(version) is None:
        yield "version", ("须为版本号，例如 12.1.0", "must be a version, such as 12.1.0")


def _wrong_address(place: str, address: str) -> Iterator[tuple[str, Rule]]:
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        yield place, ("须为 http:// 或 https:// 网址", "must be an address with http:// or https://")


def choose(required: Sequence[Required], folder: Path, hosts: Mapping[str, Mapping[str, Any]], server: str) -> Choice:
    """What each of the hosts needs that its evidence (:mod:`exam_room.look.facts`) lacks.

    Raises InputRefused: as :func:`load_packages`, or a package older than what the exam requires; and for a package
    that some host needs, a file that is missing or has another SHA-256.
    """
    packages = load_packages(folder)
    _check_versions(required, packages)
    chosen = Choice()
    for host, seen in hosts.items():
        concerned = [one for one in required if one.concerns(host == server)]
        if concerned:
            _choose_for(host, seen, concerned, packages, folder, chosen)
    verify_all({package.name: package for wanted in chosen.install.values() for package in wanted}.values())
    for host, wanted in chosen.install.items():
        _check_space(host, hosts[host], wanted, chosen)
    chosen.install = {host: wanted for host, wanted in chosen.install.items() if host not in chosen.trouble}
    return chosen


def chosen_of(section: Mapping[str, Any], folder: Path, hosts: Mapping[str, Mapping[str, Any]], server: str) -> Choice:
    """As :func:`choose`, for the section ``software`` of a plan."""
    return choose(software_of(section).required, folder, hosts, server)


def verify_all(packages: Iterable[Package]) -> None:
    """As :func:`verify` for each installer, with everything that is wrong together."""
    problems: list[Problem] = []
    for package in packages:
        if isinstance(package, ChocolateyPackage):
            continue
        try:
            verify(package)
        except InputRefused as refused:
            problems.extend(refused.problems)
    if problems:
        raise InputRefused(problems)


def verify(package: Installer) -> None:
    """Raises InputRefused, by name: there is no such file, it cannot be read, or it is another one."""
    try:
        with package.path.open("rb") as content:
            found = hashlib.file_digest(content, "sha256").hexdigest()
    except OSError as error:
        raise refusal(
            FILE,
            f"读不了 {package.path}：{error.strerror}；请放入该文件，或运行 playbooks/fetch.yml",
            f"cannot read {package.path}: {error.strerror}; put the file there, or run playbooks/fetch.yml",
            field=f"packages.{package.name}.file",
        ) from error
    if found != package.sha256:
        raise refusal(
            FILE,
            f"{package.path.name} 的 SHA-256 不符，文件损坏或不是这个版本：应为 {package.sha256}，实为 {found}",
            f"{package.path.name} has another SHA-256, it is damaged or another version: "
            f"wanted {package.sha256}, found {found}",
            field=f"packages.{package.name}.sha256",
        )


def _check_versions(required: Sequence[Required], packages: Mapping[str, Package]) -> None:
    problems = ProblemList(FILE)
    for one in required:
        package = packages.get(key(one.package))
        if package is None:
            continue
        installs, wanted = version_of(package.version), version_of(one.minimum)
        if installs is not None and wanted is not None and installs < wanted:
            problems.add(
                (
                    f"安装的是 {package.version}，考试要求 {one.minimum} 或更高",
                    f"installs {package.version}, the exam requires {one.minimum} or newer",
                ),
                field=f"packages.{package.name}.version",
            )
    problems.refuse()


def _choose_for(
    host: str,
    seen: Mapping[str, Any],
    required: Sequence[Required],
    packages: Mapping[str, Package],
    folder: Path,
    chosen: Choice,
) -> None:
    programs = seen.get("software", {}).get("value")
    if not programs:
        why = seen.get("software", {}).get("unknown", "")
        chosen.trouble[host] = [f"读不到已安装的程序 the installed programs could not be read ({why})"]
        return
    for one in required:
        found = standing(one, programs)
        package = packages.get(key(one.package))
        if found.met:
            continue
        if found.met is None:
            told = f"{found.words()}：版本读不懂，请人工核对 the version cannot be read, look yourself"
            chosen.trouble.setdefault(host, []).append(told)
        elif package is None:
            told = f"{found.words()}：{PurePath(folder.name) / FILE} 中没有 {one.package} has no such package"
            chosen.trouble.setdefault(host, []).append(told)
        elif package not in chosen.install.setdefault(host, []):
            chosen.install[host].append(package)


def _check_space(host: str, seen: Mapping[str, Any], wanted: Sequence[Package], chosen: Choice) -> None:
    disks = seen.get("disks", {}).get("value") or []
    free = next((disk["free"] for disk in disks if disk["drive"] == "C:"), None)
    files = [package for package in wanted if isinstance(package, Installer)]
    needed = _SPACE * sum(package.path.stat().st_size for package in files)
    # Where it was not read, copying and installing will tell.
    if free is not None and free < needed:
        names = "、".join(package.name for package in files)
        chosen.trouble.setdefault(host, []).append(
            f"C: 空间不足，装不下 {names}：需要约 {needed >> 20} MB，剩余 {free >> 20} MB "
            f"not enough space on C: about {needed >> 20} MB needed, {free >> 20} MB free"
        )
