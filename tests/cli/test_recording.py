"""ledger record split and merge: words in, children out; taken back whole."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import shapely

from dongtou_geo.cli import main
from dongtou_geo.domain.parcel import AreaBasis
from dongtou_geo.frames.area import area_m2
from dongtou_geo.store.address import file_url
from dongtou_geo.store.ledger import Ledger
from dongtou_geo.store.opening import create
from tests.services.books import line, parcel, register

Capture = pytest.CaptureFixture[str]
BOX = shapely.box(121.10, 27.82, 121.102, 27.821)
AREA_M2 = float(area_m2([BOX])[0])


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    """甲 with an outline and in production, 乙 and 丙 未落图 and supplied."""
    made = create(file_url(tmp_path / "ledger.sqlite"))
    drawn = parcel("甲", area_basis=AreaBasis.DRAWN, geometry_wkb=shapely.to_wkb(BOX))
    made.append(
        [drawn, parcel("乙"), parcel("丙")],
        [
            register("甲", AREA_M2),
            line("甲", "produce", date(2019, 5, 1)),
            *(register(number, 6000.0) for number in "乙丙"),
            *(line(number, "supply", date(2018, 1, 1)) for number in "乙丙"),
        ],
    )
    return made


def said(capsys: Capture, ledger: Ledger, *words: str) -> tuple[int, str, str]:
    code = main(["ledger", "record", *words, "--ledger", ledger.url, "--by", "张三"])
    out, err = capsys.readouterr()
    return code, out, err


def document(capsys: Capture, ledger: Ledger, *words: str) -> Any:
    code, out, err = said(capsys, ledger, *words, "--json")
    assert (code, err) == (0, "")
    return json.loads(out)


def test_a_split_by_a_line_gives_each_part_its_outline(capsys: Capture, ledger: Ledger) -> None:
    done = document(
        capsys, ledger, "甲", "split", "2021-03-01", "--into", "甲-1", "--into", "甲-2",
        "--line", "121.101,27.81 121.101,27.83", "--doc", "洞资规〔2021〕3号",
    )  # fmt: skip
    assert [event["parcel_no"] for event in done["children"]] == ["甲-1", "甲-2"]
    areas = [event["area_m2"] for event in done["children"]]
    assert areas == pytest.approx([AREA_M2 / 2, AREA_M2 / 2], rel=1e-6)
    assert done["partings"][0]["source_doc"] == "洞资规〔2021〕3号"
    outlines = {p.parcel_no: p.geometry_wkb for p in ledger.parcels()}
    west, east = (shapely.from_wkb(outlines[number] or b"") for number in ("甲-1", "甲-2"))
    assert west.bounds[2] == pytest.approx(121.101) == east.bounds[0]


def test_a_split_by_areas_and_a_merge_back(capsys: Capture, ledger: Ledger) -> None:
    words = ("--into", "乙-1=2000", "--into", "乙-2=4000")
    done = document(capsys, ledger, "乙", "split", "2021-03-01", *words)
    assert [event["area_m2"] for event in done["children"]] == [2000.0, 4000.0]
    merged = document(
        capsys, ledger, "乙-1", "merge", "2022-01-01", "--with", "乙-2", "--into", "乙-合"
    )
    assert [event["parcel_no"] for event in merged["partings"]] == ["乙-1", "乙-2"]
    assert [event["area_m2"] for event in merged["children"]] == [6000.0]


def test_voiding_a_split_takes_all_of_it_back(capsys: Capture, ledger: Ledger) -> None:
    done = document(
        capsys, ledger, "乙", "split", "2021-03-01", "--into", "乙-1=2000", "--into", "乙-2=4000"
    )
    parting = done["partings"][0]["event_id"]
    undone = document(
        capsys, ledger, "乙", "void", "2021-03-01", "--corrects", str(parting), "--reason", "误记"
    )
    assert undone["parcels"] == ["乙", "乙-1", "乙-2"]
    assert document(capsys, ledger, "乙", "start", "2022-01-01")["kind"] == "start"


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (("乙", "split", "2021-03-01", "--into", "乙-1", "--into", "乙-2=4000"), 1, "乙-1 没有写"),
        (("乙", "split", "2021-03-01", "--into", "乙-1=2000"), 1, "至少 2 宗"),
        (("乙", "split", "2021-03-01", "--into", "乙-1=200", "--into", "乙-2=300"), 1, "合计 500.00"),
        (("乙", "split", "2021-03-01", "--into", "乙-1=1", "--into", "=3"), 2, "没有编号"),
        (("甲", "split", "2021-03-01", "--into", "甲-1", "--line", "121.1,27.8"), 2, "分割线"),
        (
            ("甲", "split", "2021-03-01", "--into", "甲-1", "--line", "121.101,27.81 121.101,27.83"),
            1, "分成 2 块",
        ),
        (("乙", "split", "2021-03-01", "--into", "乙-1", "--line", "1,1 2,2"), 1, "没有地块 乙 的图形"),
        (("乙", "merge", "2021-03-01", "--into", "乙-合"), 2, "--with"),
        (("乙", "merge", "2021-03-01", "--with", "无此地块", "--into", "乙-合"), 1, "无此地块"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_and_nothing_written(
    capsys: Capture, ledger: Ledger, words: tuple[str, ...], code: int, message: str
) -> None:
    before = ledger.events()
    got, out, err = said(capsys, ledger, *words)
    assert (got, out) == (code, "")
    assert message in err
    assert ledger.events() == before
