"""数据入库 as a clerk uses it: drop, read what was understood, confirm once, take it back."""

import zipfile
from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pytest
import shapely
from playwright.sync_api import Browser, Locator, expect
from pyproj import Transformer

from dongtou_geo.services.replay import replayed
from dongtou_geo.store.address import file_url
from dongtou_geo.store.ledger import Ledger
from dongtou_geo.store.opening import create, open_ledger
from tests.browser.conftest import Watched, serving, watching

pytestmark = pytest.mark.browser

WEST, SOUTH = 121.127, 27.822
TO_ZONE_40 = Transformer.from_crs(4490, 4528, always_xy=True)


@pytest.fixture(scope="module")
def own_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    return create(file_url(tmp_path_factory.mktemp("own") / "own.sqlite")).url


@pytest.fixture(scope="module")
def base(own_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    log = tmp_path_factory.mktemp("log") / "serve.log"
    yield from serving({"DONGTOU_GEO_LEDGER": own_url}, log)


@pytest.fixture
def clerk(browser: Browser, base: str) -> Iterator[Watched]:
    for watched in watching(browser, base):
        yield watched
        assert watched.outside == []
        assert watched.complaints == []


def box(at: int) -> shapely.Polygon:
    return shapely.box(WEST + at * 0.001, SOUTH, WEST + at * 0.001 + 0.0009, SOUTH + 0.001)


def gbk_shapefile(folder: Path) -> Path:
    """A Shapefile as an old desktop GIS writes it: GBK, no .cpg, Chinese names, in metres."""
    frame = gpd.GeoDataFrame(
        {"地块编号": ["南塘-G-1", "南塘-G-2"], "用地单位": ["洞头𠮷厂", "<b>乙</b>"], "供地时间": ["2019年6月", "20200101"]},
        geometry=[box(0), box(1)], crs=4490,
    ).to_crs(4549)  # fmt: skip
    (folder / "shp").mkdir()
    frame.to_file(folder / "shp" / "南塘.shp", encoding="GB18030")
    (folder / "shp" / "南塘.cpg").unlink()
    path = folder / "南塘地块.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for part in sorted((folder / "shp").iterdir()):
            archive.write(part, part.name)
    return path


def two_ring_txt(folder: Path) -> Path:
    """界址点 in zone 40 with a courtyard: X is the northing."""
    lines = [
        "[属性描述]",
        "坐标系=2000国家大地坐标系",
        "几度分带=3",
        "投影类型=高斯克吕格",
        "带号=40",
        "[地块坐标]",
    ]
    whole = box(3).difference(
        shapely.box(WEST + 0.0032, SOUTH + 0.0003, WEST + 0.0036, SOUTH + 0.0006)
    )
    rings = [
        np.column_stack(TO_ZONE_40.transform(*np.array(r.coords).T))
        for r in shapely.get_rings(whole)
    ]
    lines.append(f"{sum(map(len, rings))},,南塘-T-1,小院,面,,工业用地,0601,@")
    for number, ring in enumerate(rings, start=1):
        lines += [f"J{at},{number},{y:.3f},{x:.3f}" for at, (x, y) in enumerate(ring, start=1)]
    path = folder / "南塘界址点.txt"
    path.write_bytes("\r\n".join(lines).encode("gb18030"))
    return path


def zipped_file_gdb(folder: Path) -> Path:
    frame = gpd.GeoDataFrame(
        {"地块编号": ["南塘-F-1"], "园区": ["南塘"]}, geometry=[box(5)], crs=4490
    )
    frame.to_file(folder / "dk.gdb", layer="DK", driver="OpenFileGDB")
    path = folder / "dk.gdb.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for part in sorted((folder / "dk.gdb").iterdir()):
            archive.write(part, f"dk.gdb/{part.name}")
    return path


def messy_workbook(folder: Path) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "台账"
    rows: list[list[object]] = [
        ["南塘工业区地块台账"], ["单位：亩"],
        ["序号", "地块编号", "园区", "用地面积", None, "供地时间", "投产时间"],
        [None, None, None, "亩", "公顷", None, None],
        [1, "南塘-W-1", "南塘", "1,020.5", None, "2018.6", "2020-05-06"],
        [2, "南塘-W-2", "南塘", 30, 2, 2019, None],
        ["合计", None, None, 1050.5, None, None, None],
    ]  # fmt: skip
    for row in rows:
        sheet.append(row)
    for merged in ("A1:G1", "A3:A4", "B3:B4", "C3:C4", "D3:E3", "F3:F4", "G3:G4"):
        sheet.merge_cells(merged)
    path = folder / "收到的台账.xlsx"
    book.save(path)
    return path


def drop(clerk: Watched, path: Path) -> Locator:
    """Drop a file and wait until it is understood."""
    clerk.open("/intake")
    clerk.page.locator("input[type=file]").set_input_files(path)
    understood = clerk.page.locator(".dtg-card", has_text="读懂了什么")
    expect(understood).to_be_visible(timeout=60_000)
    return understood


def confirm(clerk: Watched, *, partial: bool = False) -> str:
    """Confirm as 张三 and return the import's id."""
    clerk.page.get_by_label("经办人（必填）").fill("张三")
    if partial:
        clerk.page.get_by_text("行被拒绝：只写可入库的行").click()
    clerk.page.get_by_role("button", name="确认入库").click()
    receipt = clerk.page.locator(".dtg-card.done")
    expect(receipt).to_contain_text("已入库")
    return receipt.locator("dd").first.inner_text().strip()


def take_back(clerk: Watched, import_id: str) -> None:
    clerk.page.get_by_role("row").filter(has_text=import_id).get_by_role("button").click()
    form = clerk.page.locator("[data-testid=stForm]").filter(has_text=f"撤销 {import_id}")
    form.get_by_label("经办人（必填）").fill("李四")
    form.get_by_role("button", name="撤销这次入库").click()
    expect(clerk.page.get_by_text(f"已撤销 {import_id}")).to_be_visible()


def in_production_and_recorded(ledger: Ledger) -> dict[str, float]:
    return {number: states[-1].area_m2 for number, states in replayed(ledger).timeline.items()}


@pytest.mark.parametrize(
    ("make", "words", "numbers"),
    [
        (gbk_shapefile, ["EPSG:4549", "GB18030", "南塘 · 2 行"], ["南塘-G-1", "南塘-G-2"]),
        (two_ring_txt, ["EPSG:4528", "40"], ["南塘-T-1"]),
        (zipped_file_gdb, ["EPSG:4490", "DK"], ["南塘-F-1"]),
    ],
)
def test_what_arrives_goes_in_and_comes_back_out(
    clerk: Watched, own_url: str, tmp_path: Path, make: object, words: list[str], numbers: list[str]
) -> None:
    ledger = open_ledger(own_url)
    before = in_production_and_recorded(ledger)
    assert callable(make)
    understood = drop(clerk, make(tmp_path))
    for word in words:
        expect(understood).to_contain_text(word)
    expect(clerk.page.locator(".dtg-counts")).to_contain_text(f"{len(numbers)}行可入库")
    import_id = confirm(clerk)
    after = in_production_and_recorded(ledger)
    assert sorted(after.keys() - before.keys()) == numbers
    take_back(clerk, import_id)
    assert in_production_and_recorded(ledger) == before


def test_a_messy_workbook_comes_back_marked_and_goes_in_in_part(
    clerk: Watched, own_url: str, tmp_path: Path
) -> None:
    understood = drop(clerk, messy_workbook(tmp_path))
    expect(understood).to_contain_text("工作表 台账 · 2 行")
    listing = clerk.page.locator(".dtg-list").first
    expect(listing).to_contain_text("台账!F6")
    expect(listing).to_contain_text("“2019”只有年份")
    with clerk.page.expect_download() as download:
        clerk.page.get_by_role("button", name="标注后的原表").click()
    marked = tmp_path / "marked.xlsx"
    download.value.save_as(marked)
    comment = openpyxl.load_workbook(marked)["台账"]["F6"].comment
    assert comment is not None
    assert "2019" in comment.text
    clerk.page.get_by_label("经办人（必填）").fill("张三")
    clerk.page.get_by_role("button", name="确认入库").click()
    expect(clerk.page.locator("[data-testid=stAlert]")).to_contain_text("有被拒绝的行")
    import_id = confirm(clerk, partial=True)
    recorded = in_production_and_recorded(open_ledger(own_url))
    assert recorded["南塘-W-1"] == pytest.approx(1020.5 * 2000 / 3)
    assert "南塘-W-2" not in recorded
    take_back(clerk, import_id)


def test_a_file_that_is_not_what_it_says_changes_nothing(
    clerk: Watched, own_url: str, tmp_path: Path
) -> None:
    version = open_ledger(own_url).stamp().ledger_version
    path = tmp_path / "程序.zip"
    path.write_bytes(b"MZ\x90\x00" + b"\x00" * 500)
    clerk.open("/intake")
    clerk.page.locator("input[type=file]").set_input_files(path)
    refused = clerk.page.locator(".dtg-refused")
    expect(refused).to_contain_text("程序.zip", timeout=60_000)
    expect(refused).to_contain_text("台账没有改变")
    assert open_ledger(own_url).stamp().ledger_version == version
