"""The burner in a server: a drive with a medium that can be written once, changed from outside (../faults.py).

What is in the drive stands in the model state beside the drive's name, so that WQL shows it too. A disc that was
written is a folder behind the drive's letter, with the files of the image's Joliet tree as pycdlib reads them, which is
not what wrote them; real Samba serves it when somebody shares the drive. A blank disc has no such folder: Windows has
no file system to show.
"""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..endpoint.initial import bare
from ..endpoint.store import Store
from . import drives, system

SECTOR = 2048
# HRESULTs that IDiscFormat2Data::Write and IDiscRecorder2::AcquireExclusiveAccess document.
NO_MEDIA = 0xC0AA0202
LOCKED = 0xC0AA0210
UNEXPECTED_RESPONSE = 0xC0AA0301
STREAM_NOT_SUPPORTED = 0xC0AA0403
MEDIA_NOT_SUPPORTED = 0xC0AA0406
# IMAPI_MEDIA_PHYSICAL_TYPE.
KINDS = {"CD-R": 2, "DVD-ROM": 4, "DVD+R": 6, "DVD+RW": 7, "BD-R": 18}
# What no drive writes: IDiscFormat2Data supports no such medium.
READ_ONLY = (4,)
FAULTS = ("no-burner", "burner-locked", "burner-hangs", "write-fails", "bad-read")
BLANK, SPOILT, WRITTEN = "blank", "spoilt", "written"
WRITER = 4
_LOOK_AGAIN_S = 0.2
_CHUNK = 1024 * 1024


class BurnerError(Exception):
    """What IMAPI2 answers; ``hresult`` is its number."""

    def __init__(self, hresult: int, words: str) -> None:
        super().__init__(words)
        self.hresult = hresult


def _own_store() -> Store:
    return Store(system.STATE / "state.json", bare(server=system.settings()["role"] == "server"))


@dataclass
class Burner:
    """The first optical drive of a host; ``root`` holds the folders of its drives."""

    store: Store = field(default_factory=_own_store)
    root: Path = drives.ROOT
    sleep: Callable[[float], None] = time.sleep

    # -- what there is

    @property
    def drive(self) -> dict[str, Any]:
        """The drive as WQL knows it, with ``medium`` and ``faults``."""
        found: dict[str, Any] = {"medium": None, "faults": [], **self.store.read()["optical"][0]}
        return found

    @property
    def medium(self) -> dict[str, Any] | None:
        """kind, bytes, state (blank, spoilt or written) and label of what is in the drive."""
        found: dict[str, Any] | None = self.drive["medium"]
        return found

    @property
    def folder(self) -> Path:
        """Where the files of a written disc are."""
        return self.root / str(self.drive["drive"])[0].lower()

    def has(self, fault: str) -> bool:
        """Whether that fault is on."""
        return fault in self.drive["faults"]

    @property
    def there(self) -> bool:
        """Whether Windows finds a drive that writes."""
        return WRITER in self.drive["capabilities"] and not self.has("no-burner")

    # -- from outside

    def insert(self, size: int, kind: str = "DVD+R", state: str = BLANK, label: str = "") -> None:
        """Another disc is in the drive; what was in it before is gone."""
        if kind not in KINDS:
            raise ValueError(f"no such kind of disc: {kind}")
        self.eject()
        with self._changed() as drive:
            drive["medium"] = {"kind": kind, "bytes": size // SECTOR * SECTOR, "state": state, "label": label}
            _show(drive)
        if state == WRITTEN:
            self.folder.mkdir(parents=True)
            (self.folder / "old.txt").write_bytes(b"of another day")
            self._open_to_samba()

    def eject(self) -> None:
        """The drive is empty."""
        with self._changed() as drive:
            drive["medium"] = None
            _show(drive)
        shutil.rmtree(self.folder, ignore_errors=True)

    def fault(self, name: str, on: bool) -> None:
        """Switch one of FAULTS."""
        if name not in FAULTS:
            raise ValueError(f"no such fault: {name}")
        if name == "bad-read" and on != self.has(name):
            self._flip()
        with self._changed() as drive:
            drive["faults"] = sorted({*drive["faults"], name} if on else {*drive["faults"]} - {name})

    # -- what IMAPI2 does

    def lock(self) -> None:
        """Exclusive access."""
        if self.has("burner-locked"):
            raise BurnerError(LOCKED, "The device is exclusively locked.")

    def present(self) -> dict[str, Any]:
        """The medium; E_IMAPI_RECORDER_MEDIA_NO_MEDIA without one."""
        medium = self.medium
        if medium is None:
            raise BurnerError(NO_MEDIA, "There is no media in the device.")
        return medium

    def write(self, image: Path) -> None:
        """Write the image and close the disc. From the first sector on the disc is not blank any more."""
        self.lock()
        medium = self.present()
        if image.stat().st_size % SECTOR:
            raise BurnerError(STREAM_NOT_SUPPORTED, "The size of the stream is no multiple of the sector size.")
        if medium["state"] != BLANK or image.stat().st_size > medium["bytes"]:
            raise BurnerError(MEDIA_NOT_SUPPORTED, "The current media is not supported.")
        with self._changed() as drive:
            drive["medium"]["state"] = SPOILT
        while self.has("burner-hangs"):
            self.sleep(_LOOK_AGAIN_S)
        if self.has("write-fails"):
            raise BurnerError(UNEXPECTED_RESPONSE, "The drive returned error information that is not recoverable.")
        partial = self.folder.with_name(f".{self.folder.name}.part")
        shutil.rmtree(partial, ignore_errors=True)
        label = extract_joliet(image, partial)
        shutil.rmtree(self.folder, ignore_errors=True)
        partial.rename(self.folder)
        self._open_to_samba()
        if self.has("bad-read"):
            self._flip()
        with self._changed() as drive:
            drive["medium"] |= {"state": WRITTEN, "label": label}
            _show(drive)

    # --

    @contextmanager
    def _changed(self) -> Iterator[dict[str, Any]]:
        with self.store.change() as state:
            drive = state["optical"][0]
            drive.setdefault("medium", None)
            drive.setdefault("faults", [])
            yield drive

    def _open_to_samba(self) -> None:
        # No access lists on a disc: whoever is let in by the share may read everything.
        for path in (self.folder, *self.folder.rglob("*")):
            path.chmod(0o777 if path.is_dir() else 0o666)

    def _flip(self) -> None:
        """Change one bit in the middle of the largest file, or change it back."""
        files = sorted(path for path in self.folder.rglob("*") if path.is_file() and path.stat().st_size)
        if files:
            largest = max(files, key=lambda path: path.stat().st_size)
            with largest.open("r+b") as content:
                content.seek(largest.stat().st_size // 2)
                byte = content.read(1)[0]
                content.seek(-1, 1)
                content.write(bytes([byte ^ 1]))


def _show(drive: dict[str, Any]) -> None:
    """What WMI says of the medium: Windows shows a volume only where there is a file system."""
    medium = drive["medium"]
    written = medium is not None and medium["state"] == WRITTEN
    drive |= {"media_loaded": written, "volume": medium["label"] if medium and written else None}


def extract_joliet(image: Path, folder: Path) -> str:
    """Write the files of the image's Joliet tree into a new folder; the volume name."""
    # Only where a disc is burned: no other process of a host needs it.
    import pycdlib

    iso = pycdlib.PyCdlib()
    iso.open(str(image))
    try:
        if iso.joliet_vd is None:
            raise BurnerError(MEDIA_NOT_SUPPORTED, "The image has no Joliet tree: Windows would show other names.")
        folder.mkdir(parents=True)
        for here, _, names in iso.walk(joliet_path="/"):
            into = folder.joinpath(*[part for part in here.split("/") if part])
            into.mkdir(exist_ok=True)
            for name in names:
                with (into / name).open("wb") as out:
                    iso.get_file_from_iso_fp(out, joliet_path=f"{here.rstrip('/')}/{name}", blocksize=_CHUNK)
        raw: bytes = iso.joliet_vd.volume_identifier
        return raw.decode("utf-16-be").rstrip("\0 ")
    finally:
        iso.close()


def main(words: list[str]) -> None:
    """``blank BYTES``, ``used-disc``, ``no-disc``, or one of FAULTS with on or off."""
    burner = Burner()
    match words:
        case ["blank", size]:
            burner.insert(int(size))
        case ["used-disc"]:
            burner.insert(4_700_372_992, state=WRITTEN, label="OLD")
        case ["no-disc"]:
            burner.eject()
        case [name, "on" | "off" as wanted]:
            burner.fault(name, wanted == "on")
        case _:
            raise SystemExit(f"not understood: {words}")


if __name__ == "__main__":
    main(sys.argv[1:])
