"""ledger …: what each verb writes, prints and refuses."""

import getpass
import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from dongtou_geo import settings
from dongtou_geo.cli import main
from dongtou_geo.cli.words import today_here
from dongtou_geo.domain.units import mu_to_m2
from dongtou_geo.store.address import file_url
from dongtou_geo.store.ledger import Ledger
from dongtou_geo.store.opening import create, open_ledger
from dongtou_geo.store.writing import ImportStamp
from tests.services.books import NOW, line, parcel, register

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    """南塘-A-01 by hand, 甲-07 by an import."""
    made = create(file_url(tmp_path / "ledger.sqlite"))
    made.append(
        [parcel("南塘-A-01")],
        [
            register("南塘-A-01", mu_to_m2(30)),
            line("南塘-A-01", "supply", date(2018, 1, 1), source_doc="洞政地〔2018〕1号"),
        ],
    )
    with made.writing() as writer:
        writer.register_import(ImportStamp("imp-1", "甲.xlsx", "0" * 64, NOW, "张三"))
        own = replace(register("甲-07", mu_to_m2(6)), import_id="imp-1", recorded_at=NOW)
        writer.add([parcel("甲-07")], [own])
    return made


def said(capsys: Capture, *words: str) -> tuple[int, str, str]:
    code = main(["ledger", *words])
    out, err = capsys.readouterr()
    return code, out, err


def document(capsys: Capture, *words: str) -> Any:
    """Read the one document that a command with --json prints, and nothing else."""
    code, out, err = said(capsys, *words, "--json")
    assert (code, err, out.count("\n")) == (0, "", 1)
    return json.loads(out)


def refused(capsys: Capture, *words: str) -> tuple[int, str]:
    """Run a command that says no: nothing on stdout, one line on stderr."""
    code, out, err = said(capsys, *words)
    assert (out, err.count("\n")) == ("", 1)
    return code, err


def test_new_makes_folders_and_never_overwrites(capsys: Capture, tmp_path: Path) -> None:
    url = file_url(tmp_path / "甲" / "台账.sqlite")
    made = document(capsys, "new", "--ledger", url)
    assert made == {"ledger": str(tmp_path / "甲" / "台账.sqlite")}
    assert refused(capsys, "new", "--ledger", url)[0] == 1
    assert refused(capsys, "new", "--ledger", "sample")[0] == 2
    assert refused(capsys, "new", "--ledger", "nonsense")[0] == 1


def test_record_writes_who_when_and_from_which_paper(capsys: Capture, ledger: Ledger) -> None:
    wrote = document(
        capsys, "record", "南塘-A-01", "start", "2019-05-06", "--ledger", ledger.url,
        "--doc", "施〔2019〕7号", "--by", "李四",
    )  # fmt: skip
    event = ledger.events()[-1]
    assert wrote == {
        "event_id": event.event_id,
        "parcel_no": "南塘-A-01",
        "kind": "start",
        "effective_on": "2019-05-06",
        "month_only": False,
        "recorded_at": event.recorded_at.isoformat(),
        "recorded_by": "李四",
        "source_doc": "施〔2019〕7号",
        "area_m2": None,
        "park_id": None,
        "supersedes": None,
        "reason": None,
    }
    code, out, err = said(
        capsys, "record", "南塘-A-01", "produce", "2020-01-01", "--area-m2", "3500.25",
        "--ledger", ledger.url,
    )  # fmt: skip
    assert (code, err) == (0, "")
    assert f"第 {event.event_id + 1} 号：南塘-A-01" in out
    assert ledger.events()[-1].area_m2 == 3500.25


def test_a_correction_and_a_void_name_what_they_replace(capsys: Capture, ledger: Ledger) -> None:
    to = ("--ledger", ledger.url)
    supply = ledger.events()[1].event_id
    fixed = document(
        capsys, "record", "南塘-A-01", "supply", "2018-03-01", *to, "--corrects", str(supply),
        "--reason", "日期抄错",
    )  # fmt: skip
    assert (fixed["supersedes"], fixed["reason"]) == (supply, "日期抄错")
    words = ("record", "南塘-A-01", "void", "2018-03-01", *to)
    assert refused(capsys, *words)[0] == 2
    assert refused(capsys, *words, "--corrects", str(fixed["event_id"]))[0] == 1
    gone = document(capsys, *words, "--corrects", str(fixed["event_id"]), "--reason", "未供地")
    assert (gone["kind"], gone["supersedes"]) == ("void", fixed["event_id"])


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["乙-99", "start", "2019-05-06"], 1, "乙-99"),
        (["南塘-A-01", "start", "2010-05-06"], 1, "早于"),
        (["南塘-A-01", "move_park", "2019-05-06", "--park", "park_nowhere"], 1, "park_nowhere"),
        (["南塘-A-01", "produce", "2019-05-06", "--area-m2", "9999999"], 1, "南塘-A-01"),
        (["南塘-A-01", "supply", "2019-05-06", "--corrects", "2"], 1, "理由"),
        (["南塘-A-01", "split", "2019-05-06"], 1, "至少 2 宗"),
        (["南塘-A-01", "start", "2019.5.6"], 2, "“2019.5.6”"),
        (["南塘-A-01", "start", (today_here() + timedelta(days=2)).isoformat()], 2, "晚于今天"),
        (["南塘-A-01", "teleport", "2019-05-06"], 2, "teleport"),
        (["南塘-A-01", "produce", "2019-05-06", "--area-m2", "nan"], 2, "“nan”"),
        (["南塘-A-01", "produce", "2019-05-06", "--area-m2=-5"], 2, "“-5”"),
        (["南塘-A-01", "start", "2019-05-06", "--corrects", "x"], 2, "应为整数"),
        (["南塘-A-01", "start"], 2, "effective_on"),
    ],
)
def test_a_record_that_does_not_fit_writes_nothing(
    capsys: Capture, ledger: Ledger, words: list[str], code: int, told: str
) -> None:
    before = ledger.events()
    found, err = refused(capsys, "record", *words, "--ledger", ledger.url, "--json")
    assert (found, told in err) == (code, True), err
    assert ledger.events() == before


def test_without_a_login_name_the_clerk_must_be_named(
    capsys: Capture, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nobody() -> str:
        raise KeyError

    monkeypatch.setattr(getpass, "getuser", nobody)
    words = ("record", "南塘-A-01", "start", "2019-05-06", "--ledger", ledger.url)
    code, err = refused(capsys, *words)
    assert (code, "--by" in err) == (2, True)
    assert document(capsys, *words, "--by", "李四")["recorded_by"] == "李四"


def test_status_sums_parcels_by_status(capsys: Capture, ledger: Ledger) -> None:
    rows = {row["status"]: row for row in document(capsys, "status", "--ledger", ledger.url)}
    assert rows["supplied"]["parcels"] == 1
    assert rows["supplied"]["area_mu"] == pytest.approx(30)
    assert rows["planned"]["area_mu"] == pytest.approx(6)
    then = document(capsys, "status", "--as-of", "2017-12-31", "--ledger", ledger.url)
    assert {row["status"]: row["parcels"] for row in then}.get("supplied", 0) == 0
    code, out, _ = said(capsys, "status", "--as-of", "2017-12-31", "--ledger", ledger.url)
    assert (code, out.splitlines()[0]) == (0, "截至 2017-12-31")


def test_history_tells_every_line_of_a_parcel(capsys: Capture, ledger: Ledger) -> None:
    lines = document(capsys, "history", "南塘-A-01", "--ledger", ledger.url)
    assert [row["kind"] for row in lines] == ["register", "supply"]
    assert lines[1]["source_doc"] == "洞政地〔2018〕1号"
    _, out, _ = said(capsys, "history", "南塘-A-01", "--ledger", ledger.url)
    assert out.count("\n") == 2
    assert "洞政地〔2018〕1号" in out
    code, err = refused(capsys, "history", "乙-99", "--ledger", ledger.url)
    assert (code, "乙-99" in err) == (1, True)


def test_undo_takes_an_import_back_once(capsys: Capture, ledger: Ledger) -> None:
    own = ledger.events()[-1].event_id
    undone = document(capsys, "undo", "imp-1", "--ledger", ledger.url, "--by", "李四")
    assert undone == {"import_id": "imp-1", "voided": [own], "parcels": ["甲-07"]}
    assert ledger.events()[-1].recorded_by == "李四"
    for import_id in ("imp-1", "imp-9"):
        code, err = refused(capsys, "undo", import_id, "--ledger", ledger.url)
        assert (code, import_id in err) == (1, True)


def test_verify_names_what_is_wrong(capsys: Capture, ledger: Ledger, tmp_path: Path) -> None:
    assert document(capsys, "verify", "--ledger", ledger.url) == []
    assert said(capsys, "verify", "--ledger", ledger.url)[:2] == (0, "核验通过，没有问题\n")
    with closing(sqlite3.connect(tmp_path / "ledger.sqlite")) as raw, raw:
        raw.execute("UPDATE balance_days SET grains = grains + 1")
    code, out, err = said(capsys, "verify", "--ledger", ledger.url, "--json")
    assert (code, err, out.count("\n")) == (1, "", 1)
    problems = json.loads(out)
    assert "day_book_differs" in {problem["code"] for problem in problems}
    keys = ["file", "feature", "field", "value", "expected", "code", "severity", "message"]
    assert [list(problem) for problem in problems] == [keys] * len(problems)
    code, out, _ = said(capsys, "verify", "--ledger", ledger.url)
    assert (code, out.splitlines()[-1]) == (1, f"共 {len(problems)} 条")


def test_a_backup_comes_back(capsys: Capture, ledger: Ledger, tmp_path: Path) -> None:
    out = tmp_path / "备份.sqlite"
    made = document(capsys, "backup", str(out), "--ledger", ledger.url)
    assert made == {"backup": str(out)}
    assert refused(capsys, "backup", str(out), "--ledger", ledger.url)[0] == 1

    elsewhere = file_url(tmp_path / "other.sqlite")
    words = ("restore", str(out), "--ledger", elsewhere)
    assert document(capsys, *words) == {"ledger": str(tmp_path / "other.sqlite"), "former": None}
    assert open_ledger(elsewhere).events() == ledger.events()
    code, err = refused(capsys, *words)
    assert (code, "--force" in err) == (1, True)
    former = document(capsys, *words, "--force")["former"]
    assert open_ledger(file_url(Path(former))).events() == ledger.events()

    code, err = refused(capsys, "restore", str(tmp_path / "no.sqlite"), "--ledger", elsewhere)
    assert (code, "no.sqlite" in err) == (1, True)
    assert refused(capsys, "restore", str(out), "--ledger", "sample")[0] == 2


def test_a_backup_without_a_name_lies_beside_the_ledger(capsys: Capture, ledger: Ledger) -> None:
    made = Path(document(capsys, "backup", "--ledger", ledger.url)["backup"])
    assert made.parent.name == "backups"
    assert open_ledger(file_url(made)).events() == ledger.events()


def test_a_copy_is_the_same_ledger_elsewhere(
    capsys: Capture, ledger: Ledger, tmp_path: Path
) -> None:
    target = file_url(tmp_path / "copy.sqlite")
    made = document(capsys, "copy", ledger.url, target)
    assert (made["ledger"], made["rows"]["events"]) == (str(tmp_path / "copy.sqlite"), 3)
    assert open_ledger(target).stamp() == ledger.stamp()
    assert refused(capsys, "copy", ledger.url, target)[0] == 1
    assert refused(capsys, "copy", ledger.url, "sample")[0] == 2
    assert refused(capsys, "copy", "", target)[0] == 2
    assert refused(capsys, "copy", file_url(tmp_path / "no.sqlite"), target)[0] == 1


@pytest.mark.parametrize(
    "words",
    [
        ["record", "A", "start", "2019-05-06"],
        ["status"],
        ["history", "A"],
        ["undo", "x"],
        ["verify"],
        ["backup"],
    ],
)
def test_a_ledger_that_is_missing_is_one_line(
    capsys: Capture, tmp_path: Path, words: list[str]
) -> None:
    url = file_url(tmp_path / "no.sqlite")
    code, err = refused(capsys, *words, "--ledger", url)
    assert (code, "不存在" in err) == (1, True)
    assert not (tmp_path / "no.sqlite").exists()


def test_a_relative_ledger_of_the_environment_lies_where_we_stand(
    ledger: Ledger, tmp_path: Path
) -> None:
    del ledger
    done = subprocess.run(
        [sys.executable, "-m", "dongtou_geo", "ledger", "history", "甲-07", "--json"],
        cwd=tmp_path,
        env={
            **os.environ,
            "PYTHONPATH": str(settings.ROOT),
            "DONGTOU_GEO_LEDGER": "sqlite:///ledger.sqlite",
        },
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)[0]["parcel_no"] == "甲-07"
