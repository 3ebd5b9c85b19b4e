"""Whatever a file holds, it ends in an examined import or a refusal in words, never a traceback."""

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dongtou_geo.domain.ledger_field import LEDGER_FIELDS
from dongtou_geo.domain.problem import Severity
from dongtou_geo.errors import DongtouGeoError
from dongtou_geo.formats.arrived import Arrived
from dongtou_geo.services.intake.apply import apply
from dongtou_geo.services.intake.choices import Choices
from dongtou_geo.services.intake.examine import Examined, examine_arrived
from dongtou_geo.services.intake.report import document, sentences
from dongtou_geo.services.record import Clerk
from dongtou_geo.services.undo import undo
from dongtou_geo.services.upkeep import verify
from dongtou_geo.store.ledger import Ledger
from tests.services.intake.arrivals import (
    GROUND,
    NOW,
    SOURCE,
    box,
    brought_in,
    layer,
    new_ledger,
    sheet,
)

# Thousands of files take minutes on a busy machine; each alone is quick.
pytestmark = pytest.mark.timeout(1800)
# Together more than 20,000 files; each is examined, and every few are written and undone.
TABLES, OUTLINES, WRITTEN = 12_000, 8_000, 60
QUIET = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture]

HEADINGS = [
    *(field.heading for field in LEDGER_FIELDS.values()),
    *LEDGER_FIELDS,
    "状态", "面积", "序号", "", "<script>", "地块编号(2)", "用地面积 公顷", "约定动工",
]  # fmt: skip
NASTY = [
    "=HYPERLINK(1)",
    "'; DROP TABLE events; --",
    "<script>alert(1)</script>",
    "\u202e甲",
    "a\nb",
    "𠮷䶮",
    "\ud800",
    "x" * 600,
]
CELLS = st.one_of(
    st.none(),
    st.sampled_from(
        [
            "A-1",
            "A-2",
            "南塘",
            "杨文",
            "陆地",
            "出让",
            "0601",
            "2019.6",
            "2019年6月1日",
            "未开工",
            "12.5亩",
            "1,234",
        ]
    ),
    st.sampled_from(
        [2019.1, 2019, 20190601, 43617, 3.3e18, -1.0, float("nan"), float("inf"), True, 10**30]
    ),
    st.dates(date(1900, 1, 1), date(2100, 1, 1)),
    st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1)),
    st.floats(),
    st.integers(),
    st.sampled_from(NASTY),
    st.text(max_size=12),
)
NUMBERS = st.one_of(st.sampled_from(["A-1", "A-2", "A-3", "B-1"]), CELLS)
COORDINATES = st.one_of(
    st.floats(121.0, 121.2), st.floats(27.7, 28.0), st.floats(3.0e6, 3.1e6), st.floats(4.06e7, 4.07e7),
    st.sampled_from([0.0, float("nan"), float("inf"), 1e300, -1e-300]),
)  # fmt: skip


@st.composite
def tables(draw: st.DrawFn) -> Arrived:
    columns = draw(st.lists(st.sampled_from(HEADINGS), min_size=1, max_size=7, unique=True))
    rows = draw(st.integers(0, 4))
    kinds = {name: NUMBERS if name in ("地块编号", "parcel_no") else CELLS for name in columns}
    cells = {
        name: draw(st.lists(kind, min_size=rows, max_size=rows)) for name, kind in kinds.items()
    }
    return sheet(cells)


@st.composite
def polygons(draw: st.DrawFn) -> shapely.Geometry | None:
    kind = draw(st.sampled_from(["none", "box", "ring", "point", "line", "multi", "empty"]))
    if kind == "none":
        return None
    if kind == "box":
        return box(draw(st.integers(0, 4)), wide=draw(st.sampled_from([0.001, 0.0012, 1e-7])))
    if kind == "point":
        return shapely.Point(draw(st.floats(120, 123)), draw(st.floats(26, 29)))
    if kind == "empty":
        return shapely.Polygon()
    if kind == "line":
        return shapely.LineString([(121.1, 27.8), (121.2, 27.9)])
    points = draw(st.lists(st.tuples(COORDINATES, COORDINATES), min_size=3, max_size=6))
    # A reader hands out what a file holds, which shapely's own constructors refuse; only the point
    # that closes a ring is a number there too.
    points = [(draw(st.floats(121.0, 121.2)), draw(st.floats(27.7, 28.0))), *points]
    plain = shapely.Polygon([(float(at), float(at * at)) for at in range(len(points))])
    ring = shapely.set_coordinates(plain, [*points, points[0]])
    return ring if kind == "ring" else shapely.MultiPolygon([ring, box(0)])


@st.composite
def layers(draw: st.DrawFn) -> Arrived:
    outlines = draw(st.lists(polygons(), min_size=1, max_size=4))
    numbers = draw(st.lists(NUMBERS, min_size=len(outlines), max_size=len(outlines)))
    arrived = layer({"parcel_no": numbers, "park_id": ["南塘"] * len(outlines)}, outlines)
    declared = draw(
        st.sampled_from([None, "EPSG:4490", "EPSG:4326", "EPSG:4549", "EPSG:2401", "nonsense"])
    )
    return Arrived(
        arrived.layer, arrived.cells, arrived.row_numbers, arrived.outlines, {}, declared
    )


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ledger]:
    """A ledger with parcels that any file may speak of."""
    ledger = new_ledger(tmp_path_factory.mktemp("any"))
    columns: dict[str, list[Any]] = {
        "parcel_no": ["A-1", "A-2"],
        "park_id": ["南塘"] * 2,
        "supplied_on": [date(2018, 1, 1)] * 2,
    }
    brought_in(ledger, layer(columns, [box(0), box(1)]))
    yield ledger


def examined(ledger: Ledger, arrived: Arrived) -> Examined | None:
    """Examine a file; a refusal must have words."""
    try:
        found = examine_arrived(arrived, SOURCE, ledger, Choices(), GROUND, NOW)
    except DongtouGeoError as refused:
        assert str(refused).strip()
        return None
    told = document(found, None, applied=False)
    assert told["accepted"] == len(arrived.cells) - int(found.rejected.sum())
    assert sentences(found)
    refused_rows = {p.row for p in found.problems if p.severity is Severity.ERROR}
    rejected = set(arrived.row_numbers[found.rejected].tolist())
    assert rejected <= refused_rows, "a rejected row says why"
    assert all(problem.message for problem in found.problems)
    return found


def written_and_undone(ledger: Ledger, found: Examined) -> None:
    before = {(e.event_id, e.parcel_no) for e in ledger.events()}
    import_id = apply(ledger, found, "张三", NOW)
    if import_id is not None:
        undo(ledger, import_id, Clerk("张三", NOW))
        assert before < {(e.event_id, e.parcel_no) for e in ledger.events()}


@settings(max_examples=TABLES, deadline=None, suppress_health_check=QUIET)
@given(tables())
def test_any_table_is_examined_or_refused(held: Ledger, arrived: Arrived) -> None:
    examined(held, arrived)


@settings(max_examples=OUTLINES, deadline=None, suppress_health_check=QUIET)
@given(layers())
def test_any_outlines_are_examined_or_refused(held: Ledger, arrived: Arrived) -> None:
    examined(held, arrived)


@settings(max_examples=WRITTEN, deadline=None, suppress_health_check=QUIET)
@given(st.one_of(tables(), layers()))
def test_what_is_accepted_can_be_written_and_undone(held: Ledger, arrived: Arrived) -> None:
    found = examined(held, arrived)
    if found is not None and found.accepted:
        written_and_undone(held, found)


def test_afterwards_the_ledger_is_sound(held: Ledger, tmp_path: Path) -> None:
    assert verify(held) == []
    view: Any = [e for e in held.events() if e.parcel_no == "A-1"]
    assert view[0].kind.value == "register"
