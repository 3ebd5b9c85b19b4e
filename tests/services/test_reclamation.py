"""围垦区: figures counted once, parks by the plan's words, filled sea by the books, silence kept."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from dongtou_geo.catalog.industries import load_layout
from dongtou_geo.catalog.plan import load_reclamation
from dongtou_geo.domain.layout import FactKind
from dongtou_geo.domain.parcel import Origin
from dongtou_geo.domain.units import mu_to_m2
from dongtou_geo.errors import DatasetError
from dongtou_geo.services.dossier import load_atlas
from dongtou_geo.services.progress import LedgerView, ledger_view
from dongtou_geo.services.reclamation import AreaStory, counted_once, ground, park_shares
from dongtou_geo.store.address import file_url
from dongtou_geo.store.opening import create
from tests.services.books import line, parcel

ATLAS, LAYOUT = load_atlas(), load_layout()
DAY = date(2020, 6, 30)
NOTHING = ledger_view(None)


def story(area_id: str, view: LedgerView = NOTHING, day: date = DAY) -> AreaStory:
    found = ground(ATLAS, LAYOUT, view, day).story(area_id)
    assert found is not None
    return found


@pytest.fixture
def view(tmp_path: Path) -> LedgerView:
    """启动区: filled sea 60 approved, 40 accepted, 20 supplied, and 10 of old land; 5 outside."""
    ledger = create(file_url(tmp_path / "ledger.sqlite"))
    lots = {
        "s1": (60, 1, "park_startup", Origin.FILLED_SEA),
        "s2": (40, 2, "park_startup", Origin.FILLED_SEA),
        "s3": (20, 3, "park_startup", Origin.FILLED_SEA),
        "old": (10, 3, "park_startup", Origin.LAND),
        "far": (5, 0, None, Origin.FILLED_SEA),
        "south": (7, 3, "park_nantang", Origin.FILLED_SEA),
    }
    events = [
        line(n, "register", date(2011, 1, 1), area_m2=mu_to_m2(mu), park_id=park)
        for n, (mu, _steps, park, _origin) in lots.items()
    ]
    days = (("approve", 2012), ("acquire", 2013), ("supply", 2014))
    for number, (_mu, steps, _park, _origin) in lots.items():
        events += [line(number, kind, date(year, 1, 1)) for kind, year in days[:steps]]
    ledger.append(
        [parcel(n, origin=origin) for n, (_mu, _steps, _park, origin) in lots.items()],
        [replace(event, event_id=i) for i, event in enumerate(events, start=1)],
    )
    return ledger_view(ledger)


def test_a_parent_counts_once_and_silent_areas_not_at_all() -> None:
    land = ground(ATLAS, LAYOUT, NOTHING, DAY)
    # 19.8 and 24 km2 are all that the plan prints; 16200亩 lies within the 19.8.
    assert land.planned_mu == (19.8 + 24) * 1500
    assert [area.id for area in land.counted] == ["recl_daxiaomen", "recl_ojk_phase1"]
    assert [area.id for area in land.unmeasured] == ["recl_ojk_phase2", "recl_qiantan2"]
    assert len(land.stories) == 8


def test_a_part_counts_where_its_parent_prints_no_figure() -> None:
    areas = [
        replace(a, planned_mu=None) if a.id == "recl_daxiaomen" else a for a in load_reclamation()
    ]
    assert [a.id for a in counted_once(areas)] == ["recl_damen_lingang", "recl_ojk_phase1"]


def test_the_parent_tells_of_its_parts() -> None:
    parent = story("recl_daxiaomen")
    assert len(parent.parts) == 4 and parent.parent is None
    part = story("recl_lng")
    assert part.parent is not None and part.parent.id == "recl_daxiaomen"
    assert part.parts == ()


def test_parks_stand_where_the_plan_says_and_the_outline_only_hints() -> None:
    phase1 = story("recl_ojk_phase1")
    assert [(on.park.id, on.stated_in) for on in phase1.parks] == [
        ("park_ojk_industry", "第五章一（二）3"),
        ("park_rail", "第五章一（二）4"),
    ]
    assert all(on.share > 0.95 for on in phase1.parks)
    (startup,) = story("recl_xiaomen_west").parks
    # 启动区 lies on 小门岛西侧 as well as on what was filled there.
    assert startup.stated_in == "第五章一（一）" and 0.1 < startup.share < 0.6
    assert story("recl_qiantan2").parks == ()
    shares = park_shares()
    assert shares["recl_daxiaomen", "park_startup"] >= shares["recl_xiaomen_west", "park_startup"]
    assert not any(park in ("park_nantang", "park_yangwen") for _area, park in shares)


def test_books_tell_of_the_filled_sea_of_its_parks_alone(view: LedgerView) -> None:
    for area_id in ("recl_xiaomen_west", "recl_daxiaomen"):
        own = story(area_id, view)
        assert own.sea_mu == pytest.approx({"approved": 120, "accepted": 60, "supplied": 20})
    before = story("recl_xiaomen_west", view, date(2012, 6, 30)).sea_mu
    assert before == pytest.approx({"approved": 120, "accepted": 0, "supplied": 0})
    assert ground(ATLAS, LAYOUT, view, DAY).outside_sea_mu == pytest.approx(5)


def test_where_nothing_is_recorded_nothing_is_told(view: LedgerView) -> None:
    assert story("recl_ojk_phase1", view).sea_mu is None
    assert story("recl_xiaomen_west").sea_mu is None
    assert ground(ATLAS, LAYOUT, NOTHING, DAY).outside_sea_mu == 0


def test_what_no_paper_tells_stays_unknown() -> None:
    told = {
        (own.area.id, kind)
        for own in ground(ATLAS, LAYOUT, NOTHING, DAY).stories
        for kind, fact in own.figures.items()
        if fact is not None
    }
    assert told == {("recl_ojk_phase2", FactKind.FILLED_AREA)}
    filled = story("recl_ojk_phase2").figures[FactKind.FILLED_AREA]
    assert filled is not None
    assert filled.on == "2016-09"
    assert filled.area_m2 == pytest.approx(25.7e6)
    assert filled.note and "推定" in filled.note


def test_a_reported_area_is_not_the_plans_figure() -> None:
    own = story("recl_lng")
    assert own.area.planned_mu is None
    assert own.reported is not None and own.reported.area_m2 == pytest.approx(203_000)


def test_the_policy_of_2018_bites_where_the_plan_wanted_more_sea() -> None:
    bitten = {own.area.id for own in ground(ATLAS, LAYOUT, NOTHING, DAY).stories if own.policies}
    assert bitten == {
        "recl_daxiaomen", "recl_damen_lingang", "recl_port_logistics", "recl_qiantan2"
    }  # fmt: skip
    (policy,) = LAYOUT.policies
    assert (policy.issued_on, policy.document) == ("2018-07", "国发〔2018〕24号")
    assert "project:43" in policy.bound_to and "未填报" in policy.effect
    project = story("recl_damen_lingang").project
    assert project is not None and project.no == 43


def test_an_outline_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    for name in ("parks", "reclamation"):
        (tmp_path / f"{name}.geojson").write_text(
            '{"type":"FeatureCollection","features":[{"type":"Feature","id":"x",'
            '"properties":{"id":"x"},"geometry":{"type":"Polygon"}}]}'
        )
    with pytest.raises(DatasetError, match="图形读不出"):
        park_shares(geodata=tmp_path)
