"""The modelled burner does what IMAPI2 documents and no more, and the model of the script does what the script does."""

from __future__ import annotations

import hashlib
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from exam_room.discs import discreport
from standin.endpoint.initial import bare
from standin.endpoint.store import Store
from standin.host import burner, task_scripts, write_results_disc
from standin.host.burner import Burner, BurnerError

SCRIPT = Path(__file__).parents[3] / "roles/burner/files/server/Write-ResultsDisc.ps1"
LABEL = "20251128AM_1"
FILES = {
    "校验说明.txt": b"how to",
    "data/KS01_440120270001/答案 一.docx": b"answer" * 1000,
    "data/KS01_440120270001/空.txt": b"",
}
DVD = 4_700_372_992


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("image")
    for name, content in FILES.items():
        (folder / "tree" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "tree" / name).write_bytes(content)
    iso = folder / "disc.iso"
    command = ["xorriso", "-as", "mkisofs", "-quiet", "-iso-level", "3", "-J", "-R", "-V", LABEL, "-o", str(iso)]
    subprocess.run([*command, str(folder / "tree")], check=True, timeout=60)
    return iso


class Server:
    """A host with a burner; drives lie in ``root``, and D: holds what is burned."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / "d").mkdir()
        self.burner = Burner(Store(root / "state.json", bare(server=True)), root, self.sleep)
        self.burner.eject()
        self.slept = 0

    def sleep(self, seconds: float) -> None:
        self.slept += 1
        if self.slept > 3:
            self.burner.fault("burner-hangs", on=False)

    def real(self, path: str) -> Path:
        drive, _, rest = path.partition(":\\")
        return self.root.joinpath(drive.lower(), *rest.split("\\"))

    def run(self, image: Path | None = None, **parameters: str) -> discreport.Report:
        given = {"Report": "D:\\report.json", **parameters}
        if image:
            self.real("D:\\disc.iso").write_bytes(image.read_bytes())
            sha256 = hashlib.sha256(image.read_bytes()).hexdigest()
            given = {"Image": "D:\\disc.iso", "Sha256": sha256, **given}
        write_results_disc.perform(self.real, given, self.burner)
        assert not self.real("D:\\beat.txt").exists()
        return discreport.parse(self.real("D:\\report.json").read_bytes())

    def disc(self) -> dict[str, bytes]:
        top = self.root / "e"
        return {path.relative_to(top).as_posix(): path.read_bytes() for path in top.rglob("*") if path.is_file()}


@pytest.fixture
def server(tmp_path: Path) -> Server:
    return Server(tmp_path)


def code(report: discreport.Report) -> str:
    return discreport.judge(report, LABEL).code


def test_model_and_script_report_the_same_keys_and_know_the_same_parameters() -> None:
    text = SCRIPT.read_text(encoding="utf-8")
    block = re.search(r"\[CmdletBinding\(\)\]\nparam\((.*?)\n\)", text, re.DOTALL)
    assert block
    assert set(re.findall(r"\$(\w+)", block[1])) - {"true"} == write_results_disc.PARAMETERS
    listed = re.search(r"\$writeOnce = ([\d, ]+)", text)
    assert listed
    assert tuple(map(int, listed[1].split(","))) == write_results_disc.WRITE_ONCE


def test_a_blank_disc_is_written_with_the_names_that_windows_sees(server: Server, image: Path) -> None:
    server.burner.insert(DVD)
    found = server.run(image)
    assert discreport.judge(found, LABEL).ok
    assert (found.written, found.closed, found.label, found.kind, found.drive) == (True, True, LABEL, "DVD+R", "E:")
    assert server.disc() == FILES
    assert server.burner.drive["volume"] == LABEL


def test_a_disc_is_written_once(server: Server, image: Path) -> None:
    server.burner.insert(DVD)
    server.run(image)
    again = server.run(image)
    assert (code(again), again.written) == ("not_blank", False)
    with pytest.raises(BurnerError):
        server.burner.write(image)
    assert server.disc() == FILES


def test_a_look_changes_nothing(server: Server, image: Path) -> None:
    server.burner.insert(DVD)
    found = server.run(Check="true")
    assert discreport.judge(found).ok
    assert (found.free, found.blank, found.written) == (DVD, True, False)
    assert server.burner.medium == {"kind": "DVD+R", "bytes": DVD, "state": "blank", "label": ""}


def test_a_look_without_a_report_leaves_no_trace(server: Server) -> None:
    server.burner.insert(DVD)
    before = sorted(server.root.rglob("*"))
    found = write_results_disc.perform(server.real, {"Check": "true"}, server.burner)
    assert (found["ok"], found["free"]) == (True, DVD)
    assert sorted(server.root.rglob("*")) == before


def test_a_disc_that_is_only_read_suits_no_burner(server: Server) -> None:
    server.burner.insert(DVD, kind="DVD-ROM")
    found = server.run(Check="true")
    assert (code(found), found.kind, found.blank) == ("unsupported", "DVD-ROM", False)


def watch(server: Server, *plans: Callable[[], None], **parameters: str) -> tuple[discreport.Report, int]:
    """A look that waits; each plan happens while it sleeps once. What it reports, and how often it has slept."""
    left = list(plans)

    def sleep(seconds: float) -> None:
        server.slept += 1
        if left:
            left.pop(0)()

    server.burner.sleep = sleep
    server.slept = 0
    server.real("D:\\report.json.wait").touch()
    found = server.run(None, **{"Check": "true", "WaitSeconds": "60", "Bytes": "1000000", **parameters})
    return found, server.slept


def nothing() -> None:
    """Nobody does anything."""


def test_a_look_that_waits_ends_with_the_first_medium_that_will_do(server: Server) -> None:
    found, slept = watch(server, nothing, lambda: server.burner.insert(DVD))
    assert (discreport.judge(found).ok, slept) == (True, 2)


def test_a_look_that_waits_tells_at_once_what_is_wrong_but_not_what_is_known(server: Server) -> None:
    found, slept = watch(server, nothing, lambda: server.burner.insert(500_000))
    assert (code(found), found.wrong, slept) == ("too_small", "too_small", 2)
    found, slept = watch(server, nothing, lambda: server.burner.insert(DVD), Seen=found.wrong)
    assert (found.ok, slept) == (True, 2)


def test_a_look_that_waits_gives_up(server: Server) -> None:
    found, slept = watch(server)
    assert (code(found), slept) == ("no_medium", 20)
    found, slept = watch(server, nothing, lambda: server.real("D:\\report.json.wait").unlink())
    assert (code(found), slept) == ("no_medium", 2), "somebody else wants the burner"


def test_each_medium_that_will_not_do(server: Server, image: Path) -> None:
    assert code(server.run(image)) == "no_medium"
    server.burner.insert(DVD, state=burner.WRITTEN, label="OLD")
    assert code(server.run(image)) == "not_blank"
    assert server.disc() == {"old.txt": b"of another day"}
    server.burner.insert(DVD, kind="DVD+RW")
    assert code(server.run(image)) == "rewritable"
    server.burner.insert(image.stat().st_size - 2048)
    found = server.run(image)
    assert (code(found), found.written) == ("too_small", False)
    server.burner.insert(image.stat().st_size)
    assert server.run(image).ok


def test_what_is_wrong_with_the_drive(server: Server, image: Path) -> None:
    server.burner.insert(DVD)
    server.burner.fault("burner-locked", on=True)
    assert code(server.run(image)) == "in_use"
    server.burner.fault("burner-locked", on=False)
    server.burner.fault("no-burner", on=True)
    assert code(server.run(image)) == "no_recorder"
    server.burner.fault("no-burner", on=False)
    assert code(server.run(image, Letter="F")) == "no_such_drive"
    assert server.run(image, Letter="E").ok


def test_a_write_that_fails_spoils_the_disc(server: Server, image: Path) -> None:
    server.burner.insert(DVD)
    server.burner.fault("write-fails", on=True)
    found = server.run(image)
    assert (code(found), found.written) == ("write_failed", True)
    server.burner.fault("write-fails", on=False)
    assert code(server.run(image)) == "not_blank"


def test_one_bit_reads_back_wrong_and_right_again(server: Server, image: Path) -> None:
    server.burner.insert(DVD)
    server.burner.fault("bad-read", on=True)
    server.run(image)
    assert [name for name, content in server.disc().items() if content != FILES[name]] == [
        "data/KS01_440120270001/答案 一.docx"
    ]
    server.burner.fault("bad-read", on=False)
    assert server.disc() == FILES


def test_a_burner_that_hangs_holds_a_disc_that_is_blank_no_more(server: Server, image: Path) -> None:
    server.burner.insert(DVD)
    server.burner.fault("burner-hangs", on=True)
    assert server.run(image).ok
    assert server.slept > 3


def test_an_image_that_is_not_the_one_meant_is_not_written(server: Server, image: Path) -> None:
    server.burner.insert(DVD)
    assert code(server.run(image, Sha256="0" * 64)) == "image_damaged"
    assert code(server.run(image, Image="D:\\other.iso")) == "image_missing"
    medium = server.burner.medium
    assert medium is not None
    assert medium["state"] == burner.BLANK


def test_powershell_does_not_begin_with_a_parameter_that_the_script_does_not_know(server: Server) -> None:
    computer = task_scripts.Computer(server.real, lambda: 0.0, lambda _: None)
    assert write_results_disc.run(computer, {"Report": "D:\\r.json", "Speed": "4"}) != 0
    assert write_results_disc.run(computer, {"NoProfile": ""}) != 0
    assert not server.real("D:\\r.json").exists()


@pytest.mark.parametrize(("words", "state"), [(["blank", "4700372992"], "blank"), (["used-disc"], "written")])
def test_it_is_changed_from_outside(
    server: Server, words: list[str], state: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(burner, "Burner", lambda: server.burner)
    burner.main(words)
    medium: dict[str, Any] | None = server.burner.medium
    assert medium is not None
    assert medium["state"] == state
    burner.main(["burner-locked", "on"])
    assert server.burner.has("burner-locked")
    burner.main(["no-disc"])
    assert server.burner.medium is None
