"""ledger import, export, template: what goes out comes back in; what is refused says so."""

import json
import sqlite3
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import shapely

from dongtou_geo.cli import main
from dongtou_geo.frames.area import area_m2
from dongtou_geo.services.replay import ReplayedLedger, replayed
from dongtou_geo.store.address import file_url
from dongtou_geo.store.ledger import Ledger
from dongtou_geo.store.opening import create
from tests.services.intake.arrivals import box, brought_in, layer

Capture = pytest.CaptureFixture[str]
KEYS = {
    "import_id", "file", "sha256", "layer", "crs", "crs_reason", "encoding", "rows", "accepted",
    "rejected", "problems", "changes", "applied",
}  # fmt: skip
HOSTILE = "<script>甲</script>=HYPERLINK(1)'; DROP𠮷"
YARD = box(2).difference(shapely.box(121.1022, 27.8203, 121.1024, 27.8206))
ISLANDS = shapely.MultiPolygon(
    [shapely.box(121.104, 27.82, 121.1044, 27.821), shapely.box(121.1045, 27.82, 121.1049, 27.821)]
)


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    """Four parcels: plain, with a yard, of two parts, and one without outline."""
    made = create(file_url(tmp_path / "first.sqlite"))
    columns: dict[str, list[Any]] = {
        "parcel_no": ["南塘-1", "南塘-2", "南塘-3", "南塘-4"],
        "park_id": ["南塘", "南塘", "杨文", None],
        "occupant": [HOSTILE, "=1+1", None, "丁"],
        "ledger_area_mu": [None, None, None, 12.5],
        "supplied_on": [date(2018, 1, 1)] * 3 + [None],
        "supplied_on_doc": ["洞政地〔2018〕1号", None, None, None],
        "started_on": [date(2019, 1, 1), date(2019, 1, 1), None, None],
        "produced_on": [date(2020, 1, 1), None, None, None],
        "area_in_production_m2": [4000.0, None, None, None],
        "halted_on": [None, date(2019, 6, 1), None, None],
        "contract_no": ["3303052018A00001", None, None, None],
    }
    brought_in(made, layer(columns, [box(0), YARD, ISLANDS, None]), registered_on=date(2018, 1, 1))
    return made


def said(capsys: Capture, *words: str) -> tuple[int, str, str]:
    code = main(["ledger", *words])
    out, err = capsys.readouterr()
    return code, out, err


def document(capsys: Capture, *words: str, code: int = 0) -> dict[str, Any]:
    got, out, err = said(capsys, *words, "--json")
    assert got == code, err
    found: dict[str, Any] = json.loads(out)
    return found


def imported(capsys: Capture, ledger: Ledger, *words: str, code: int = 0) -> dict[str, Any]:
    found = document(capsys, "import", *words, "--ledger", ledger.url, "--by", "张三", code=code)
    assert found.keys() >= KEYS
    return found


def areas(view: ReplayedLedger) -> dict[str, float]:
    return {number: states[-1].area_m2 for number, states in view.timeline.items()}


@pytest.mark.parametrize("zh", [(), ("--zh",)])
@pytest.mark.parametrize(
    ("suffix", "off_m2", "whole"),
    [
        (".gpkg", 0.01, True), (".geojson", 0.01, True), (".xlsx", 0.01, True), (".csv", 0.01, True),
        (".shp.zip", 0.01, False), (".kml", 0.01, True), (".kmz", 0.01, True), (".dxf", 0.01, False),
        (".txt", 0.5, False),
    ],
)  # fmt: skip
def test_what_goes_out_comes_back_in(
    capsys: Capture, ledger: Ledger, tmp_path: Path, zh: tuple[str, ...], suffix: str, off_m2: float, whole: bool
) -> None:  # fmt: skip
    out = tmp_path / f"台账{suffix}"
    sent = document(
        capsys, "export", str(out), "--ledger", ledger.url, "--as-of", "2026-06-30", *zh
    )
    assert sent["left_out"] == ([] if whole else ["南塘-4"])
    other = create(file_url(tmp_path / "other.sqlite"))
    table = suffix in {".xlsx", ".csv"}
    # A drawing has no parts of a parcel: the second island is an outline without number.
    words = ["--crs", "EPSG:4549", "--partial"] if suffix == ".dxf" else []
    words += ["--layer", "地块台账"] if suffix == ".shp.zip" else []
    if table:
        # Their outlines stay behind: the drawn area counts until they come.
        words += ["--map", f"area_m2={'图形面积（平方米）' if zh else 'area_m2'}"]
    got = imported(capsys, other, str(out), *words, code=1 if suffix == ".dxf" else 0)
    assert got["rejected"] == (suffix == ".dxf"), got["problems"]
    assert got["applied"]
    before, after = replayed(ledger), replayed(other)
    expected = {no: m2 for no, m2 in areas(before).items() if whole or no != "南塘-4"}
    if suffix == ".dxf":
        island = shapely.get_geometry(ISLANDS, 0)
        assert area_m2([island])[0] == pytest.approx(expected["南塘-3"] / 2, rel=1e-6)
        expected["南塘-3"] /= 2
    assert areas(after) == pytest.approx(expected, abs=off_m2)
    if suffix not in {".dxf", ".txt"}:
        for number in expected:
            assert after.parcels[number].occupant == before.parcels[number].occupant
            assert [(s.status, s.producing_m2, s.halted) for s in after.timeline[number]] == [
                (s.status, s.producing_m2, s.halted) for s in before.timeline[number]
            ]  # fmt: skip
        assert after.parcels["南塘-1"].contract_no == "3303052018A00001"
    if suffix != ".dxf":
        again = imported(capsys, ledger, str(out), *words)
        assert again["changes"]["unchanged"] == len(expected), again["changes"]
        assert not again["applied"]


def test_export_refuses_what_is_there_and_what_has_no_format(
    capsys: Capture, ledger: Ledger, tmp_path: Path
) -> None:
    out = tmp_path / "台账.csv"
    out.write_text("mine", encoding="utf-8")
    code, _, err = said(capsys, "export", str(out), "--ledger", ledger.url)
    assert (code, out.read_text(encoding="utf-8")) == (1, "mine")
    assert "台账.csv" in err
    assert document(capsys, "export", str(out), "--ledger", ledger.url, "--force")["rows"] == 4
    code, _, err = said(capsys, "export", str(tmp_path / "台账.dwg"), "--ledger", ledger.url)
    assert code == 2
    assert ".gpkg" in err


def test_export_as_of_a_day_holds_what_was_there(
    capsys: Capture, ledger: Ledger, tmp_path: Path
) -> None:
    out = tmp_path / "台账.xlsx"
    document(capsys, "export", str(out), "--ledger", ledger.url, "--as-of", "2018-06-30", "--zh")
    book = openpyxl.load_workbook(out)
    sheet = book["地块台账"]
    heads = [cell.value for cell in sheet[1]]
    row = dict(zip(heads, [cell.value for cell in sheet[2]], strict=True))
    assert row["账户（截至 2018-06-30）"] == "供而未用"
    assert row["投产日期"] is None
    assert row["用地单位"] == HOSTILE
    assert sheet.cell(3, heads.index("用地单位") + 1).data_type == "s"
    notes = "\n".join(str(cell.value) for cells in book["说明"].iter_rows() for cell in cells)
    assert "2018-06-30" in notes
    assert "非涉密" in notes


def test_one_bad_row_applies_nothing_unless_partial(
    capsys: Capture, ledger: Ledger, tmp_path: Path
) -> None:
    path = tmp_path / "台账.csv"
    path.write_text(
        "地块编号,园区,用地面积（亩）,投产日期\nN-1,南塘,10,2020-01-01\nN-2,南塘,10,2020\n",
        encoding="utf-8",
    )
    version = ledger.stamp().ledger_version
    refused = imported(capsys, ledger, str(path), code=1)
    assert (refused["accepted"], refused["rejected"], refused["applied"]) == (1, 1, False)
    assert refused["import_id"] is None
    problem = next(p for p in refused["problems"] if p["severity"] == "error")
    assert problem["cell"] == "台账!D3"
    assert (problem["row"], problem["parcel_no"], problem["code"]) == (3, "N-2", "day_ambiguous")
    assert ledger.stamp().ledger_version == version
    dry = imported(capsys, ledger, str(path), "--partial", "--dry-run", code=1)
    assert not dry["applied"]
    done = imported(capsys, ledger, str(path), "--partial", code=1)
    assert done["applied"]
    assert done["changes"]["new"] == 1
    undone = document(capsys, "undo", done["import_id"], "--ledger", ledger.url, "--by", "张三")
    assert undone["parcels"] == ["N-1"]


def test_a_choice_is_asked_for_with_its_flag_and_options(
    capsys: Capture, ledger: Ledger, tmp_path: Path
) -> None:
    book = openpyxl.Workbook()
    for name in ("南塘", "杨文"):
        sheet = book.create_sheet(name)
        sheet.append(["地块编号", "用地面积（亩）"])
        sheet.append([f"{name}-1", 10])
    path = tmp_path / "两张表.xlsx"
    book.save(path)
    asked = imported(capsys, ledger, str(path), code=1)
    (problem,) = asked["problems"]
    assert (problem["code"], problem["flag"]) == ("needs_choice", "--layer")
    assert problem["options"] == ["南塘", "杨文"]
    chosen = imported(capsys, ledger, str(path), "--layer", "杨文", "--park", "park_yangwen")
    assert (chosen["layer"], chosen["changes"]["new"]) == ("杨文", 1)


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"", "空.xlsx", "空.xlsx"),
        (b"MZ\x90\x00" + b"\x00" * 99, "程序.zip", "程序.zip"),
        (b"PK\x03\x04broken", "坏.gpkg", "坏.gpkg"),
        (None, "没有.xlsx", "没有.xlsx"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_line_and_a_document(
    capsys: Capture, ledger: Ledger, tmp_path: Path, content: bytes | None, name: str, words: str
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    code, out, err = said(
        capsys, "import", str(path), "--ledger", ledger.url, "--by", "张三", "--json"
    )
    assert code == 1
    assert json.loads(out)["problems"][0]["code"] == "unreadable"
    assert err.count("\n") == 1
    assert words in err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--map", "投产时间"], "形如"),
        (["--map", "nothing=地块编号"], "nothing"),
        (["--park", "park_nowhere"], "park_nowhere"),
        (["--crs", "EPSG:abc"], "EPSG:abc"),
        (["--registered-on", "2019.6"], "2019.6"),
    ],
)
def test_wrong_words_are_wrong_usage(
    capsys: Capture, ledger: Ledger, tmp_path: Path, words: list[str], told: str
) -> None:
    path = tmp_path / "a.gpkg"
    document(capsys, "export", str(path), "--ledger", ledger.url)
    code, out, err = said(
        capsys, "import", str(path), "--ledger", ledger.url, "--by", "张三", *words
    )
    assert (code, out) == (2, "")
    assert told in err


def test_the_template_comes_back_filled(capsys: Capture, ledger: Ledger, tmp_path: Path) -> None:
    path = tmp_path / "模板.xlsx"
    assert document(capsys, "template", str(path))["file"] == str(path)
    book = openpyxl.load_workbook(path)
    sheet = book["地块台账"]
    heads = [cell.value for cell in sheet[1]]
    filled: dict[str, Any] = {
        "地块编号": "T-1",
        "园区": "南塘工业区",
        "台账面积（亩）": 15,
        "投产日期": date(2020, 1, 1),
    }
    for heading, value in filled.items():
        sheet.cell(2, heads.index(heading) + 1, value)
    book.save(path)
    done = imported(capsys, ledger, str(path))
    assert done["changes"]["new"] == 1
    assert replayed(ledger).timeline["T-1"][-1].producing_m2 == pytest.approx(10_000.0)


def test_a_device_is_no_file(capsys: Capture, ledger: Ledger) -> None:
    got = imported(capsys, ledger, "/dev/zero", code=1)
    assert got["problems"][0]["code"] == "unreadable"
    assert "不是普通文件" in got["problems"][0]["message"]


def test_a_ledger_that_refuses_still_prints_the_document(
    capsys: Capture, ledger: Ledger, tmp_path: Path
) -> None:
    path = tmp_path / "a.csv"
    path.write_text("地块编号,园区,用地面积（亩）\nN-1,南塘,10\n", encoding="utf-8")
    with sqlite3.connect(ledger.url.removeprefix("sqlite:///")) as other:
        other.execute(
            "CREATE TRIGGER no_more BEFORE INSERT ON imports BEGIN SELECT RAISE(ABORT, 'no'); END"
        )
    other.close()
    got = imported(capsys, ledger, str(path), code=1)
    assert not got["applied"]
    assert "写入失败" in got["problems"][0]["message"]
