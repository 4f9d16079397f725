"""A session of the example room (S1, up to 30 candidates) as it stands after sealing and burning, without a server."""

from __future__ import annotations

import contextlib
import csv
import hashlib
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from exam_room.collect.collect import BAG, Collector, Found
from exam_room.collect.discnames import Parts
from exam_room.collect.results import FILE, Table, filetime, load, owners
from exam_room.journal.journal import Journal, Writer, stamp
from exam_room.room import plan as planning
from exam_room.room.rawmaterial import local_manifest
from exam_room.seal import bag as bags

from .session import Content, make_key

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "inventories/example"
MATERIAL = EXAMPLE / "material"
TEMPLATES = ROOT / "roles/papers/templates"
ID = "20270619-301-1"
STARTED = datetime(2027, 6, 19, 1, 2, tzinfo=UTC)
DEADLINE = STARTED + timedelta(minutes=120)
CUT = DEADLINE + timedelta(milliseconds=412)
DONE = {"result": "done", "hosts": {"server": "done"}}

ABSENT, BLANK, EMPTY, MANY, ENDED, MOVED, ODD = 3, 4, 5, 6, 7, 8, 9
"""Seat numbers of the candidates with whom something is special."""
LONG_NAME = "跨境物流管理" + "非常非常长的文件名" * 20 + ".xlsx"
ODD_FILES: Mapping[str, bytes] = {
    "第一单元 跨境平台账号申请/账号信息登记表（最终版）😀🎉.xlsx": b"x" * 20480,
    f"第七单元 跨境物流管理/{LONG_NAME}": b"long",
    "NoSpaceAtAll_" + "abcdefghij" * 18 + ".txt": b"long too",
    "/".join(f"第{level}层文件夹" for level in range(1, 13)) + "/深.txt": b"deep",
    "空文件.txt": b"",
    "<b>粗体</b> & {{ 7*7 }}.txt".replace("<", "＜").replace(">", "＞"): b"{{ 7*7 }}",
    "=1+1.csv": b"1",
    "身份证440106199001010013.png": b"id",
    "报告\u202etxt.exe": b"rtl",
    "𠮷野家.docx": b"rare",
}


def usual_files(number: int) -> dict[str, bytes]:
    """What a diligent candidate leaves behind: a piece of work a unit, a draft, and one copied piece of material."""
    done = {
        f"第{unit}单元/作答_{name}.{kind}": f"{number} {name}".encode() * (1000 * index + 7)
        for index, (unit, name, kind) in enumerate(
            [
                ("一", "账号信息登记表", "xlsx"),
                ("二", "上架模板", "csv"),
                ("三", "商品标题与描述", "docx"),
                ("四", "主图_白底", "png"),
                ("五", "二次优化清单", "xlsx"),
                ("六", "订单审核结果", "xlsx"),
                ("七", "物流报价单", "xlsx"),
                ("八", "客户邮件回复", "docx"),
            ]
        )
    }
    return {**done, "草稿/~$笔记.tmp": b"draft", "素材副本/促销日历.txt": _material("促销日历.txt")}


def _material(name: str) -> bytes:
    return next(MATERIAL.rglob(name)).read_bytes()


def files_of(number: int) -> dict[str, bytes]:
    """The files of the candidate of a seat."""
    special: dict[int, dict[str, bytes]] = {
        ABSENT: {},
        BLANK: {"促销日历.txt": _material("促销日历.txt")},
        EMPTY: {},
        MANY: {
            f"草稿{part}/第{index:04}稿.txt": f"{part} {index}".encode() for part in range(3) for index in range(80)
        },
        ODD: dict(ODD_FILES),
    }
    return special.get(number, usual_files(number))


class Folders:
    """A collect.Source of the files of every seat that has a candidate."""

    def __init__(self, seats: Iterable[int]) -> None:
        self._accounts = {f"KS{number:02}" for number in seats}

    def walk(self, folder: str) -> Iterator[Found]:
        files = files_of(int(folder.removeprefix("KS"))) if folder in self._accounts else {}
        for index, (path, content) in enumerate(sorted(files.items())):
            saved = filetime(stamp(STARTED + timedelta(seconds=60 + index % 7000)))
            yield Found(tuple(path.split("/")), FILE, len(content), saved, saved)

    @contextlib.contextmanager
    def open_read(self, folder: str, parts: Parts, size: int) -> Iterator[Content]:
        yield Content([files_of(int(folder.removeprefix("KS")))["/".join(parts)]])


def room_data() -> dict[str, Any]:
    """The room of inventories/example."""
    seats = [
        {"number": n, "host": f"pc{n:02}", "address": f"192.168.10.{100 + n}", "spare": False} for n in range(1, 31)
    ]
    return {
        "workgroup": "KAOCHANG",
        "network": "192.168.10.0/24",
        "client_range": "192.168.10.101-192.168.10.199",
        "server": {"host": "server", "address": "192.168.10.10"},
        "seats": seats,
    }


def written_plan(sessions: Path, seats: Iterable[int]) -> planning.Plan:
    """The plan of the example's session with only the candidates of ``seats``, written into its directory."""
    sessions.mkdir(parents=True, exist_ok=True)
    wanted = {str(number) for number in seats}
    title, head, *rows = list(csv.reader(io.StringIO((EXAMPLE / "roster.csv").read_text(encoding="utf-8-sig"))))
    del title
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([*head, "身份证号"])
    writer.writerows([*row, "440106199001010013"] for row in rows if len(row) > 2 and row[2] in wanted)
    (sessions / "roster.csv").write_text(out.getvalue(), encoding="utf-8")
    (sessions / "session.yml").write_bytes((EXAMPLE / "session.yml").read_bytes())
    plan = planning.build_plan(sessions / "session.yml", ROOT / "exams", room_data(), sessions, None)
    planning.write(plan)
    return plan


def sealed_session(root: Path, seats: Iterable[int] = range(1, 31)) -> Path:
    """The directory of a session that was held, cut, collected and sealed."""
    plan = written_plan(root / "sessions", seats)
    session = plan.directory
    _journal(session)
    cutoff = json.dumps(cutoff_record(), ensure_ascii=False)
    (session / "cutoff.json").write_text(cutoff, encoding="utf-8")

    @contextlib.contextmanager
    def connect() -> Iterator[Folders]:
        yield Folders(seats)

    clock = CUT + timedelta(minutes=2)
    Collector(session, connect, 2, lambda: clock).collect(owners(plan.seating.to_list()))
    about = bags.Sitting(
        site=plan.session.site_name,
        room=plan.session.room,
        session_id=plan.session.id,
        exam=plan.session.exam.name_zh,
        deadline=stamp(DEADLINE),
        cutoff_at=stamp(CUT),
    )
    bags.seal(session, session / BAG, about, make_key(root / "keys"), "SL4401", lambda: clock)
    return session


def _journal(session: Path) -> None:
    now = [STARTED - timedelta(hours=2)]
    with Journal(session, lambda: now[0]).writing() as writer:
        _write(writer, "session", "created", {"session_id": ID, "room": "301考场"})
        files = [{"path": path, "sha256": item.sha256} for path, item in local_manifest(MATERIAL).items()]
        _write(writer, "material", "note", {"files": files})
        for at, step, data in _day():
            now[0] = at
            _write(writer, step, "end", DONE | data)
        now[0] = CUT + timedelta(minutes=1)
        _write(writer, "burn", "begin", {})


def _write(writer: Writer, step: str, event: str, data: Mapping[str, Any]) -> None:
    writer.append("jfgly@kongzhiji", step, event, data)


def _day() -> list[tuple[datetime, str, dict[str, Any]]]:
    def after(minutes: float) -> datetime:
        return STARTED + timedelta(minutes=minutes)

    start, deadline = stamp(STARTED), stamp(DEADLINE - timedelta(minutes=10))
    return [
        (after(-100), "prepare", {}),
        (after(-60), "inspect", {"verdict": "undecided"}),
        (
            after(-30),
            "open",
            {
                "connected": ["KS01"],
                "missing": ["KS03"],
                "override": "读卡器未装，人工核对",
                "refused": ["考前检查没有通过", "not passed"],
            },
        ),
        (STARTED, "start", {"started_at": start, "deadline": deadline, "clock_offset_ms": 1.2}),
        (after(31), "absent", {"seat": ABSENT, "present": False}),
        (after(40), "move_seat", {"seat": MOVED, "host": "spare01", "address": "192.168.10.131", "reason": "死机"}),
        (
            after(55),
            "extend",
            {"minutes": 10, "reason": "停电十分钟", "deadline": stamp(DEADLINE), "deviation": True},
        ),
        (
            after(70),
            "restore_copy",
            {
                "seat": MOVED,
                "reason": "误删文件",
                "folder": "恢复的文件 10-12",
                "files": [{"path": "a"}, {"path": "b"}],
            },
        ),
        (after(80), "end_seat", {"seat": ENDED, "reason": "提前交卷"}),
        (CUT, "cutoff", {"mode": "deadline", "cut_at": stamp(CUT), "problems": []}),
    ]


def cutoff_record() -> dict[str, Any]:
    """A record as cutoff.record.Record.as_dict() gives it."""
    names = ["remove_share", "disable_accounts", "end_sessions", "close_files", "prove_logon", "last_write"]
    return {
        "server": "192.168.10.10",
        "share": "exam",
        "mode": "deadline",
        "triggered_by": "jfgly@kongzhiji",
        "deadline": stamp(DEADLINE),
        "clock": {"offset_ms": 0.3, "uncertainty_ms": 3.8},
        "complete": True,
        "sessions_gone_ms": 412.0,
        "actions": [{"name": name, "end_ms": 90.0 * (n + 1), "count": 1} for n, name in enumerate(names)],
        "seats": [{"number": n, "account": f"KS{n:02}", "connected": n != ABSENT} for n in range(1, 31)],
        "logon": {"account": "KS01", "status": "STATUS_ACCOUNT_DISABLED"},
        "last_write": {"path": "D:\\Exam\\share\\KS02\\第二单元\\作答_上架模板.csv", "ms_from_deadline": -210.0},
        "problems": [],
    }


@dataclass(frozen=True)
class Burning:
    """How the discs of a session were burned, for docs/discs.md's record."""

    copies: int = 2
    per_disc: int = 20
    bad: bool = True


def burn(session: Path, how: Burning = Burning()) -> None:
    """Leave the record and the indices of discs that were burned and read back equal."""
    table = load(session / BAG)
    seated = [owner for owner in table.owners if owner.exam_number]
    groups = [seated[at : at + how.per_disc] for at in range(0, len(seated), how.per_disc)]
    discs = [_disc(table, number, [owner.account for owner in group]) for number, group in enumerate(groups, start=1)]
    for disc in discs:
        folder = session / "discs/sealed" / str(disc["volume"])
        folder.mkdir(parents=True)
        (folder / "index.json").write_text(json.dumps({"version": 1, "discs": discs}), encoding="utf-8")
    now = CUT + timedelta(minutes=10)
    with Journal(session / "discs", lambda: now).writing() as writer:
        _write(writer, "burn", "sealed", {"discs": [{k: v for k, v in d.items() if k != "candidates"} for d in discs]})
        for disc in discs:
            digest = hashlib.sha256(str(disc["volume"]).encode()).hexdigest()
            image = {"disc": disc["number"], "volume": disc["volume"], "sha256": digest, "size": 1, "files": 1}
            _write(writer, "burn", "image", image)
        for copy in range(1, how.copies + 1):
            for disc in discs:
                pair = {"copy": copy, "disc": disc["number"], "target": "server"}
                _write(writer, "burn", "begun", pair)
                if how.bad and (copy, disc["number"]) == (1, 1):
                    said = {"device": "E:", "zh": "回读的内容与映像不同", "en": "differs"}
                    _write(writer, "burn", "bad", pair | said)
                    _write(writer, "burn", "begun", pair)
                digest = hashlib.sha256(str(disc["volume"]).encode()).hexdigest()
                good = {"device": "E:", "image_sha256": digest, "files": disc["files"], "closed": True}
                _write(writer, "burn", "verified", pair | good)


def _disc(table: Table, number: int, accounts: list[str]) -> dict[str, Any]:
    own = [one for one in table.summary() if one["account"] in accounts]
    numbers = sorted(one["exam_number"] for one in own)
    return {
        "number": number,
        "volume": f"20270619_301_{number}",
        "files": sum(one["files"] for one in own),
        "bytes": sum(one["bytes"] for one in own),
        "exam_numbers": {"first": numbers[0], "last": numbers[-1]},
        "manifest_sha256": "0" * 64,
        "candidates": [
            {"account": one["account"], "exam_number": one["exam_number"], "part": 1, "parts": 1} for one in own
        ],
    }
