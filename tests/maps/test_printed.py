"""The printed map: true to scale, in the colours of the layer files, nothing over another."""

import re
import zlib
from dataclasses import replace
from datetime import date
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from defusedxml.ElementTree import parse
from matplotlib.patches import PathPatch
from PIL import Image
from pyproj import Geod

from dongtou_geo.catalog.layers import load_layers, status_fills
from dongtou_geo.domain.status import STATUSES
from dongtou_geo.errors import UsageError
from dongtou_geo.maps.printed import PrintChoice, composed, print_map
from dongtou_geo.maps.printed_font import PrintFontError, Typeface, find_typeface
from dongtou_geo.maps.printed_ground import in_metres, point_in_metres
from dongtou_geo.maps.printed_page import PAPERS, Box, Page
from dongtou_geo.services.map_sheet import MapSheet, map_sheet
from dongtou_geo.services.sample import make_sample
from dongtou_geo.settings import STANDING_LINE
from dongtou_geo.store.day_parcels import DayParcels

TODAY = date(2026, 11, 24)
HOSTILE = "$x^{2$</script>\U00030ede"


@pytest.fixture(scope="module")
def sheet(tmp_path_factory: pytest.TempPathFactory) -> MapSheet:
    ledger = make_sample(tmp_path_factory.mktemp("sample") / "sample.sqlite")
    return map_sheet(ledger, as_of=None, today=TODAY)


@pytest.fixture(scope="module")
def bare() -> MapSheet:
    return map_sheet(None, as_of=date(2018, 12, 31), today=TODAY)


@pytest.fixture(scope="module")
def typeface() -> Typeface:
    return find_typeface()


def written(page: Page) -> str:
    return "\n".join(text for text, _ in page.written)


def many(outlines: list[shapely.Polygon], numbers: list[str]) -> DayParcels:
    count = len(outlines)
    shapes = np.empty(count, dtype=object)
    shapes[:] = [bytes(wkb) for wkb in shapely.to_wkb(outlines)]
    no = np.zeros(count, dtype=bool)
    return DayParcels(
        numbers,
        ["park_nantang"] * count,
        ["2018-01-01"] * count,
        (np.arange(count) % len(STATUSES)).astype(np.uint8),
        no,
        no,
        no,
        np.full(count, 5000.0),
        shapes,
    )


CHOICES = [
    PrintChoice(),
    PrintChoice(portrait=True),
    PrintChoice(paper="A3"),
    PrintChoice(paper="A3", portrait=True, selected="zone_north"),
    PrintChoice(selected="park_nantang"),
    PrintChoice(selected="park_rail", portrait=True),
    PrintChoice(selected="recl_ojk_phase1"),
    PrintChoice(selected="project_17"),
    PrintChoice(selected="parcel:示例-南塘-A-006"),
    PrintChoice(layers=("coast", "parcels", "parks")),
]


@pytest.mark.parametrize("choice", CHOICES, ids=str)
def test_no_words_lie_over_others_or_off_the_paper(
    sheet: MapSheet, typeface: Typeface, choice: PrintChoice
) -> None:
    page, _ = composed(sheet, choice, typeface)
    paper = Box(0, 0, page.width, page.height)
    for text, box in page.written:
        assert paper.holds(box), (text, box)
    over = [
        (a, b)
        for (a, box), (b, other) in combinations(page.written, 2)
        # A hair's breadth is within what letters are measured to.
        if box.meets(other, -0.12)
    ]
    assert over == []


def test_the_papers_text_says_what_a_sheet_must_say(sheet: MapSheet, typeface: Typeface) -> None:
    text = written(composed(sheet, PrintChoice(), typeface)[0])
    for words in (
        "洞头产业空间一张图", "截至 2026-06-30", "数据截止 2026-06-30", sheet.version, STANDING_LINE,
        "示例", "GSHHG", "OpenStreetMap contributors", "图例", "资料来源", "北", "1 : 160 000",
        "示意", "未上图项目", "6 项", "EPSG:4549", "投产率（规划口径）= 投产面积 ÷ 规划面积",
    ):  # fmt: skip
        assert words in text, words
    assert "审图号" not in text


def test_a_map_approval_number_is_printed_where_it_was_granted(
    bare: MapSheet, typeface: Typeface
) -> None:
    text = written(composed(bare, PrintChoice(approval_no="浙S（2026）1号"), typeface)[0])
    assert "审图号：浙S（2026）1号" in text


def test_the_tables_figures_are_the_rows(sheet: MapSheet, typeface: Typeface) -> None:
    texts = [text for text, _ in composed(sheet, PrintChoice(), typeface)[0].written]
    for row in sheet.rows[:-1]:
        assert row.name in texts
        if row.rate is None:
            continue
        assert f"{row.rate:.1%}" in texts
        assert f"{row.recorded_mu:,.1f}" in texts
        assert f"{row.in_production_mu:,.1f}" in texts
    for account in STATUSES:
        total = sum(row.by_status_mu[account] for row in sheet.rows)
        assert f"{total:,.1f}" in texts


def test_a_park_has_its_own_figures(sheet: MapSheet, typeface: Typeface) -> None:
    text = written(composed(sheet, PrintChoice(selected="park_nantang"), typeface)[0])
    row = sheet.row("park_nantang")
    assert row is not None
    for words in (
        "洞头产业空间一张图 · 南塘工业区", f"{row.rate:.1%}", f"{row.gap_mu:,.1f} 亩", "逾期未达到",
        f"{row.unmapped_mu:,.1f} 亩", "90%以上", "图上地块号省略了开头的“示例-南塘-”", "A-006",
    ):  # fmt: skip
        assert words in text, words


def test_without_a_ledger_all_is_unreported_and_nothing_is_zero(
    bare: MapSheet, typeface: Typeface
) -> None:
    page, _ = composed(bare, PrintChoice(), typeface)
    texts = [text for text, _ in page.written]
    assert texts.count("未填报") == 3 * 5 + 4
    assert not re.search(r"(?<![\d.,])0(\.0)?%|(?<![\d.,])0\.0(?!\d)", "\n".join(texts))
    assert "截至 2018-12-31" in texts
    assert not any("示例" in text for text in texts)


def test_the_scale_is_true(sheet: MapSheet, typeface: Typeface) -> None:
    _, view = composed(sheet, PrintChoice(), typeface)
    ends = ((121.0, 27.9), (121.1, 27.95))
    _, _, metres = Geod(ellps="GRS80").inv(*ends[0], *ends[1])
    (x0, y0), (x1, y1) = (view.on_page(*point_in_metres(*end)) for end in ends)
    assert np.hypot(x1 - x0, y1 - y0) * view.denominator / 1000 == pytest.approx(metres, rel=5e-4)


@pytest.mark.parametrize("paper", PAPERS)
@pytest.mark.parametrize("portrait", [False, True])
def test_a_picture_has_the_papers_size(
    bare: MapSheet, tmp_path: Path, paper: str, portrait: bool
) -> None:
    target = tmp_path / "map.png"
    print_map(bare, target, PrintChoice(paper=paper, portrait=portrait, dpi=72))  # type: ignore[arg-type]
    long, short = {"A4": (842, 595), "A3": (1191, 842)}[paper]
    wanted = (short, long) if portrait else (long, short)
    with Image.open(target) as picture:
        assert np.abs(np.subtract(picture.size, wanted)).max() <= 1


def test_parcels_have_the_colours_of_their_statuses(
    sheet: MapSheet, typeface: Typeface, tmp_path: Path
) -> None:
    choice = PrintChoice(selected="park_nantang", dpi=200, layers=("coast", "parcels"))
    _, view = composed(sheet, choice, typeface)
    target = tmp_path / "map.png"
    print_map(sheet, target, choice)
    fills = status_fills(load_layers())
    seen = set()
    with Image.open(target) as picture:
        pixels = np.asarray(picture.convert("RGB")).astype(int)
    for row in np.flatnonzero(sheet.parcels.drawn):
        status = STATUSES[sheet.parcels.status[row]]
        outline = in_metres(np.array([shapely.from_wkb(sheet.parcels.outlines[row])]))[0]
        if fills[status].hatch or not view.frame.holds(view.box_on_page(outline.bounds)):
            continue
        # A corner of it, where no number stands.
        spot = outline.buffer(-8).exterior.coords[0]
        x, y = (round(mm / 25.4 * choice.dpi) for mm in view.on_page(*spot))
        wanted = [int(fills[status].fill[i : i + 2], 16) for i in (1, 3, 5)]
        assert np.abs(pixels[y, x] - wanted).max() <= 3, sheet.parcels.numbers[row]
        seen.add(status)
    assert len(seen) >= 4


def streams(pdf: bytes) -> list[bytes]:
    found = []
    for raw in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL):
        try:
            found.append(zlib.decompress(raw))
        except zlib.error:
            continue
    return found


@pytest.fixture(scope="module")
def pdf(sheet: MapSheet, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    target = tmp_path_factory.mktemp("pdf") / "map.pdf"
    print_map(sheet, target, PrintChoice(paper="A3"))
    return target.read_bytes()


def test_a_pdf_holds_its_letters_as_truetype_text(pdf: bytes) -> None:
    assert pdf.startswith(b"%PDF")
    assert b"/CIDFontType2" in pdf
    assert b"/Type3" not in pdf
    contents = streams(pdf)
    faces = [face for face in contents if face[:4] in (b"\x00\x01\x00\x00", b"OTTO", b"true")]
    assert faces
    assert all(face[:4] == b"\x00\x01\x00\x00" for face in faces)
    letters = b"".join(content for content in contents if b"beginbf" in content)
    for sign in "洞头产业空间一张图":
        assert f"{ord(sign):04x}".encode() in letters.lower()


def test_a_pdf_shows_hatches(pdf: bytes) -> None:
    drawing = max(streams(pdf), key=lambda content: content.count(b"/Pattern cs"))
    # How opaque strokes are, those of a hatch as well, by the name that the drawing sets it with.
    opaque = dict(re.findall(rb"/(A\d+)\s*<<\s*/Type\s*/ExtGState\s*/CA\s*([\d.]+)", pdf))
    now, kept, seen = b"1", [], []
    for found in re.finditer(rb"(?<!\S)(?:/(A\d+) gs|(q)|(Q)|/Pattern\s+cs)(?!\S)", drawing):
        if found[1]:
            now = opaque[found[1]]
        elif found[2]:
            kept.append(now)
        elif found[3]:
            now = kept.pop()
        else:
            seen.append(float(now))
    # Four in the legend; on the map three statuses and the reclamation areas.
    assert len(seen) >= 8
    assert set(seen) == {1.0}


def test_an_svg_is_a_drawing_that_asks_for_nothing(bare: MapSheet, tmp_path: Path) -> None:
    target = tmp_path / "map.svg"
    print_map(bare, target)
    root = parse(target).getroot()
    assert root is not None
    assert root.tag.endswith("svg")
    assert (root.get("width"), root.get("height")) == ("841.889764pt", "595.275591pt")
    links = [
        value
        for node in root.iter()
        for name, value in node.attrib.items()
        if name.endswith(("href", "src"))
    ]
    assert links
    assert all(link.startswith(("#", "data:")) for link in links)
    assert not list(root.iter("{http://www.w3.org/2000/svg}text"))


def test_the_same_map_is_the_same_file(
    sheet: MapSheet, bare: MapSheet, pdf: bytes, tmp_path: Path
) -> None:
    print_map(sheet, tmp_path / "map.pdf", PrintChoice(paper="A3"))
    assert (tmp_path / "map.pdf").read_bytes() == pdf
    for name in ("a.svg", "b.svg"):
        print_map(bare, tmp_path / name, PrintChoice(layers=("coast", "zones")))
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()


def test_hostile_numbers_are_printed_as_they_stand(
    sheet: MapSheet, typeface: Typeface, tmp_path: Path
) -> None:
    field = shapely.box(121.126, 27.820, 121.131, 27.824)
    hostile = replace(sheet, parcels=many([field], [HOSTILE]))
    choice = PrintChoice(selected=f"parcel:{HOSTILE}", dpi=72)
    text = written(composed(hostile, choice, typeface)[0])
    assert HOSTILE in text
    # A letter that the face lacks is a box; a warning would fail here.
    print_map(hostile, tmp_path / "map.png", choice)
    assert typeface.legible(HOSTILE) in (HOSTILE[:-1] + "□", HOSTILE)


def test_a_title_of_any_length_stays_off_the_day(sheet: MapSheet, typeface: Typeface) -> None:
    number = "长" * 64
    field = shapely.box(121.126, 27.820, 121.131, 27.824)
    long = replace(sheet, parcels=many([field], [number]))
    page, _ = composed(long, PrintChoice(selected=f"parcel:{number}", portrait=True), typeface)
    title = next(box for text, box in page.written if text.startswith("洞头产业空间一张图 ·"))
    day = next(box for text, box in page.written if text.startswith("截至"))
    assert title.right < day.x


def test_any_number_of_parcels_is_a_few_paths(sheet: MapSheet, typeface: Typeface) -> None:
    side = 140
    x, y = (
        121.0 + np.arange(side * side) % side * 1e-3,
        27.85 + np.arange(side * side) // side * 1e-3,
    )
    boxes = list(shapely.box(x, y, x + 8e-4, y + 8e-4))
    land = replace(sheet, parcels=many(boxes, [str(n) for n in range(len(boxes))]))
    page, _ = composed(land, PrintChoice(layers=("parcels",)), typeface)
    patches: Any = page.figure.findobj(PathPatch)
    corners = sum(np.shape(patch.get_path().vertices)[0] for patch in patches)
    assert len(patches) < 60
    assert corners >= 5 * len(boxes)


@pytest.mark.parametrize(
    ("selected", "words"), [("project_22", "未上图"), ("parcel:undrawn", "未落图")]
)
def test_what_has_no_place_on_a_map_cannot_be_zoomed_to(
    sheet: MapSheet, typeface: Typeface, selected: str, words: str
) -> None:
    row = int(np.flatnonzero(~sheet.parcels.drawn)[0])
    named = selected.replace("undrawn", sheet.parcels.numbers[row])
    with pytest.raises(UsageError, match=words):
        composed(sheet, PrintChoice(selected=named), typeface)


def test_without_a_chinese_face_the_map_is_refused_and_says_what_to_install() -> None:
    with pytest.raises(PrintFontError, match="fonts-noto-cjk") as refused:
        find_typeface(("No Such Face",))
    assert "No Such Face" in str(refused.value)


def test_another_suffix_is_refused(bare: MapSheet, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"\.gif"):
        print_map(bare, tmp_path / "map.gif")
    assert list(tmp_path.iterdir()) == []
