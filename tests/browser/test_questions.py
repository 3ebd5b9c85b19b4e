"""Two of the bureau's weekly questions, answered on screen: 11 on mailed red lines, 15 on the plan.

What the screen must say is worked out here, from raw outlines and the plan's own rows.
"""

import json
import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from playwright.sync_api import Browser, Locator, expect
from pyproj import Geod, Transformer

from dongtou_geo.settings import GEODATA
from dongtou_geo.store.address import file_url, sqlite_path
from tests.browser.conftest import Watched, serving, watching
from tests.browser.test_intake_page import confirm, drop
from tests.formats.gis_samples import shapefile_parts, written, zipped
from tests.raw_plan import raw_rows

pytestmark = pytest.mark.browser

NANTANG = "park_nantang"
CGCS2000 = Geod(ellps="GRS80")
# domain.md 2.4: how far web maps lie off here, in degrees.
GCJ02 = np.array([0.0043, -0.0031])
OVERLAP = re.compile(r"与台账地块“(.+?)”重叠 ([\d,.]+) ㎡")
# At sea, two kilometres south-east of 南塘: no park and no parcel is there.
FAR = shapely.box(121.1560, 27.8050, 121.1567, 27.8056)


def outlines(path: Path) -> dict[str, shapely.Geometry]:
    """Read every outline of a ledger's file."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        rows = connection.execute("SELECT parcel_no, geometry_wkb FROM parcels").fetchall()
    return {number: shapely.from_wkb(wkb) for number, wkb in rows if wkb is not None}


def ellipsoidal_m2(shape: shapely.Geometry) -> float:
    return abs(float(CGCS2000.geometry_area_perimeter(shape)[0]))


def centre(shape: shapely.Geometry) -> tuple[float, float]:
    point = shapely.centroid(shape)
    return float(shapely.get_x(point)), float(shapely.get_y(point))


def park(park_id: str) -> shapely.Geometry:
    features = json.loads((GEODATA / "parks.geojson").read_text("utf-8"))["features"]
    (found,) = (f["geometry"] for f in features if f["properties"]["id"] == park_id)
    return shapely.from_geojson(json.dumps(found))


@pytest.fixture(scope="module")
def file(sample_url: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the sample that may be written to."""
    source = sqlite_path(sample_url)
    assert source is not None
    path = tmp_path_factory.mktemp("asked") / "ledger.sqlite"
    shutil.copyfile(source, path)
    return path


@pytest.fixture(scope="module")
def base(file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    log = tmp_path_factory.mktemp("log") / "serve.log"
    yield from serving({"DONGTOU_GEO_LEDGER": file_url(file)}, log)


@pytest.fixture
def clerk(browser: Browser, base: str) -> Iterator[Watched]:
    for watched in watching(browser, base):
        yield watched
        assert watched.outside == []
        assert watched.complaints == []


def red_lines(folder: Path, name: str, lines: dict[str, shapely.Geometry], park_name: str) -> Path:
    """A zipped Shapefile in metres, as a surveyor mails it."""
    frame = gpd.GeoDataFrame(
        {"地块编号": list(lines), "园区": [park_name] * len(lines)},
        geometry=list(lines.values()), crs=4490,
    ).to_crs(4549)  # fmt: skip
    layer = written(folder / f"{name}.shp", frame, encoding="UTF-8")
    return zipped(folder / f"{name}.zip", *shapefile_parts(layer))


def findings(clerk: Watched) -> Locator:
    return clerk.page.locator(".dtg-list tbody tr")


def asked(clerk: Watched, path: Path) -> Locator:
    """Drop a file that cannot be understood without the clerk."""
    clerk.open("/intake")
    clerk.page.locator("input[type=file]").set_input_files(path)
    question = clerk.page.locator(".dtg-refused.ask")
    expect(question).to_be_visible(timeout=60_000)
    return question


def answer(clerk: Watched, option: str) -> Locator:
    """Choose an option and wait until the file is understood."""
    clerk.page.get_by_role("combobox", name="请选择").click()
    clerk.page.get_by_role("option").filter(has_text=option).click()
    clerk.page.get_by_role("button", name="按此检查").click()
    understood = clerk.page.locator(".dtg-card", has_text="读懂了什么")
    expect(understood).to_be_visible(timeout=60_000)
    return understood


def test_question_11_red_lines_over_other_parcels_and_out_of_the_park(
    clerk: Watched, file: Path, tmp_path: Path
) -> None:
    held, own_park = outlines(file), park(NANTANG)
    # Half over a parcel, and over whatever lies beside it.
    known = held["示例-南塘-A-005"]
    west, south, east, north = shapely.bounds(known)
    step = 0.3 * (east - west)
    over = shapely.box(west + step, south, east + step, (south + north) / 2)
    assert shapely.contains(own_park, over.centroid)
    assert not shapely.intersects(own_park, FAR)
    shared = {number: ellipsoidal_m2(over & shape) for number, shape in held.items()}
    wanted = {number: m2 for number, m2 in shared.items() if m2 > 1}
    assert wanted
    assert all(m2 > 50 or m2 < 0.5 for m2 in shared.values()), "a doubtful sliver proves nothing"

    path = red_lines(tmp_path, "寄来的红线", {"红线-1": over, "红线-2": FAR}, "南塘")
    understood = drop(clerk, path)
    expect(understood).to_contain_text("EPSG:4549")
    told = findings(clerk).filter(has_text="重叠")
    expect(told).to_have_count(len(wanted))
    said = {}
    for row in told.all():
        assert row.locator("td").nth(1).inner_text() == "红线-1"
        ((number, m2),) = OVERLAP.findall(row.inner_text())
        said[number] = float(m2.replace(",", ""))
    assert said == {number: pytest.approx(m2, abs=0.06) for number, m2 in wanted.items()}
    whole = clerk.page.locator(".dtg-counts div", has_text="其中重叠").locator("b").inner_text()
    mu = sum(wanted.values()) * 3 / 2000
    assert float(whole.replace(",", "")) == pytest.approx(mu, abs=0.051)
    # 南塘 has an indicative outline: to lie outside of it is told, and decides nothing.
    left = findings(clerk).filter(has_text="示意范围")
    expect(left).to_have_count(1)
    expect(left).to_contain_text("南塘工业区有 1 宗的中心不在示意范围内")
    expect(left).to_contain_text("归属以填写的园区为准")
    expect(clerk.page.locator(".dtg-counts")).to_contain_text("2行可入库")


def test_question_11_red_lines_half_a_kilometre_off(
    clerk: Watched, file: Path, tmp_path: Path
) -> None:
    held = outlines(file)
    numbers = ["示例-南塘-A-002", "示例-南塘-A-005", "示例-南塘-A-007"]
    moved = {number: shapely.transform(held[number], lambda xy: xy + GCJ02) for number in numbers}
    off = [CGCS2000.inv(*centre(held[n]), *centre(moved[n])) for n in numbers]
    metres = float(np.median([distance for _, _, distance in off]))
    assert all(110 < bearing < 160 for bearing, _, _ in off), "south-east"

    question = asked(clerk, red_lines(tmp_path, "网络地图上描的", moved, "南塘"))
    words = question.inner_text()
    (said,) = re.findall(r"(\d+) 宗与台账同号的地块整体偏离约 (\d+) m", words)
    assert int(said[0]) == len(numbers)
    assert float(said[1]) == pytest.approx(metres, abs=1.0)
    assert metres == pytest.approx(540, abs=20)
    assert "GCJ-02" in words
    expect(clerk.page.get_by_role("button", name="确认入库")).to_have_count(0)

    answer(clerk, "由 GCJ-02 反算")
    expect(findings(clerk).filter(has_text="坐标由 GCJ-02 反算")).to_have_count(1)
    expect(findings(clerk).filter(has_text="精度不到测绘要求")).to_have_count(1)
    assert outlines(file).keys() == held.keys(), "nothing is written before somebody says yes"


def boundary_text(path: Path, number: str, shape: shapely.Geometry, epsg: int, zone: int) -> Path:
    """界址点 in one zone under a header that says another: X is the northing."""
    east, north = Transformer.from_crs(4490, epsg, always_xy=True).transform(
        *shapely.get_coordinates(shape).T
    )
    lines = [
        "[属性描述]", "坐标系=2000国家大地坐标系", "几度分带=3", "投影类型=高斯克吕格", f"带号={zone}",
        "[地块坐标]", f"{len(east)},,{number},红线,面,,工业用地,0601,@",
    ]  # fmt: skip
    lines += [
        f"J{at},1,{y:.4f},{x:.4f}" for at, (x, y) in enumerate(zip(east, north, strict=True), 1)
    ]
    path.write_bytes("\r\n".join(lines).encode("gb18030"))
    return path


def test_question_11_red_lines_in_another_zone(clerk: Watched, file: Path, tmp_path: Path) -> None:
    path = boundary_text(tmp_path / "邻带界址点.txt", "红线-3", FAR, 4529, zone=40)
    question = asked(clerk, path)
    expect(question).to_contain_text("带号 40")
    expect(question).to_contain_text("与坐标不符")
    understood = answer(clerk, "第 41 带")
    expect(understood).to_contain_text("EPSG:4529")
    # It lies in the sea, far from every parcel: nothing else is wrong with it.
    expect(findings(clerk).filter(has_text="重叠")).to_have_count(0)
    confirm(clerk)
    written_down = outlines(file)["红线-3"]
    # 1e-7 degrees are a centimetre.
    assert shapely.hausdorff_distance(written_down, FAR) < 1e-7


def test_question_15_takes_two_clicks_and_says_the_plans_words_and_where_they_differ(
    watched: Watched,
) -> None:
    targets = [row for row in raw_rows("targets") if row["subject_id"] == NANTANG]
    assert len({row["phrase"] for row in targets}) > 1, "the plan contradicts itself here"
    notes = [
        row for row in raw_rows("data_notes") if f"park:{NANTANG}" in row["bound_to"].split(";")
    ]
    page = watched.open("/").page
    page.locator(f'.platform[data-select="{NANTANG}"]').click()
    phrases = page.locator(".panel .phrase")
    expect(phrases).to_have_count(len(targets))
    said = [re.sub(r"\s+", "", text) for text in phrases.all_inner_texts()]
    for row in targets:
        (line,) = [text for text in said if f"“{row['phrase']}”{row['chapter']}" in text]
        # One of them is scored; the other stands beside it and says that it has no number.
        assert (f"按{float(row['rate']):.0%}评定" if row["scored"] == "yes" else "无数字") in line
    page.locator(".panel details.notes summary").click()
    told = page.locator(".panel details.notes p")
    expect(told).to_have_count(len(notes))
    for paragraph, row in zip(told.all(), notes, strict=True):
        expect(paragraph).to_be_visible()
        words = paragraph.inner_text()
        for column in ("id", "title", "figures", "note", "source_ref"):
            assert row[column] in words, (row["id"], column)
    assert (watched.outside, watched.complaints) == ([], [])
