"""What the panel is told: each feature's own record, and its figures on the day asked for."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from dongtou_geo.domain.event import Event, EventKind
from dongtou_geo.domain.parcel import AreaBasis, Origin, Parcel
from dongtou_geo.domain.status import Account
from dongtou_geo.domain.units import mu_to_m2
from dongtou_geo.services.dossier import (
    Atlas,
    DistrictDossier,
    ParcelDossier,
    ParkDossier,
    ProjectDossier,
    ReclamationDossier,
    ZoneDossier,
    curve,
    load_atlas,
    open_dossier,
)
from dongtou_geo.services.progress import LedgerView, ledger_view, progress
from dongtou_geo.store.address import file_url
from dongtou_geo.store.opening import create

START, PRODUCED, TODAY = date(2016, 3, 1), date(2019, 5, 20), date(2026, 6, 30)
LINE = Event(
    1, "A-1", EventKind.REGISTER, START, datetime(2026, 1, 1, tzinfo=UTC), "张三",
    area_m2=mu_to_m2(136), park_id="park_nantang",
)  # fmt: skip
LINES = [
    LINE,
    replace(LINE, event_id=2, kind=EventKind.PRODUCE, effective_on=PRODUCED, area_m2=mu_to_m2(68)),
    replace(LINE, event_id=3, parcel_no="B-1", park_id=None, area_m2=mu_to_m2(10)),
    replace(LINE, event_id=4, parcel_no="park_nantang", park_id="park_yangwen"),
]


@pytest.fixture(scope="module")
def atlas() -> Atlas:
    return load_atlas()


@pytest.fixture
def view(tmp_path: Path) -> LedgerView:
    ledger = create(file_url(tmp_path / "ledger.sqlite"))
    numbers = ("A-1", "B-1", "park_nantang")
    ledger.append([Parcel(no, Origin.LAND, AreaBasis.LEDGER) for no in numbers], LINES)
    return ledger_view(ledger)


def park_of(atlas: Atlas, view: LedgerView, as_of: date = TODAY) -> ParkDossier:
    found = open_dossier(atlas, view, "park_nantang", as_of)
    assert isinstance(found, ParkDossier)
    return found


def test_every_feature_of_the_plan_has_a_dossier_of_its_kind(
    atlas: Atlas, view: LedgerView
) -> None:
    kinds = (
        ([park.id for park in atlas.book.parks], ParkDossier, 5),
        ([zone.id for zone in atlas.book.zones], ZoneDossier, 3),
        ([area.id for area in atlas.reclamation], ReclamationDossier, 8),
        ([f"project_{project.no}" for project in atlas.projects], ProjectDossier, 43),
        ([f"parcel:{no}" for no in ("A-1", "B-1", "park_nantang")], ParcelDossier, 3),
    )
    for ids, kind, count in kinds:
        assert len(ids) == count
        assert {type(open_dossier(atlas, view, name, TODAY)) for name in ids} == {kind}


@pytest.mark.parametrize(
    "feature_id",
    ["park_atlantis", "project_0", "project_44", "project_1 ", "parcel:", "parcel:C-1", "district", "<b>"],
)  # fmt: skip
def test_an_unknown_id_has_no_dossier(atlas: Atlas, view: LedgerView, feature_id: str) -> None:
    assert open_dossier(atlas, view, feature_id, TODAY) is None


def test_a_parcel_is_named_with_its_prefix_as_the_map_names_it(
    atlas: Atlas, view: LedgerView
) -> None:
    assert open_dossier(atlas, view, "A-1", TODAY) is None


def test_a_parcel_numbered_like_a_park_is_not_taken_for_it(atlas: Atlas, view: LedgerView) -> None:
    found = open_dossier(atlas, view, "parcel:park_nantang", TODAY)
    assert isinstance(found, ParcelDossier)
    assert found.park_name == "杨文工业区"


def test_no_id_is_the_district_with_all_rows_and_what_no_map_can_place(
    atlas: Atlas, view: LedgerView
) -> None:
    found = open_dossier(atlas, view, None, TODAY)
    assert isinstance(found, DistrictDossier)
    assert found.rows == progress(atlas.book, view, as_of=TODAY)
    assert found.rows[-1].id is None
    assert found.unplaced
    assert all(not project.on_map for project in found.unplaced)
    assert found.notes == list(atlas.notes)


def test_a_park_shows_the_row_that_the_command_prints(atlas: Atlas, view: LedgerView) -> None:
    rows = {row.id: row for row in progress(atlas.book, view, as_of=TODAY)}
    found = park_of(atlas, view)
    assert found.row == rows["park_nantang"]
    assert found.row.rate == pytest.approx(0.05)


def test_nantangs_two_phrases_stand_side_by_side_the_scored_one_first(
    atlas: Atlas, view: LedgerView
) -> None:
    phrases = park_of(atlas, view).phrases
    assert [phrase.scored for phrase in phrases] == [True, False]
    assert phrases[0].rate == 0.9
    assert phrases[0].chapter.startswith("第五章")
    assert phrases[1].chapter.startswith("第三章")


def test_a_park_lists_its_living_parcels_and_its_projects_alone(
    atlas: Atlas, view: LedgerView
) -> None:
    found = park_of(atlas, view)
    listed = {
        account: [lot.parcel_no for lot in own.largest] for account, own in found.lots.items()
    }
    # Half of it produces: it stands in two accounts, and in each with its own part.
    assert listed == {Account.IN_PRODUCTION: ["A-1"], Account.PART_USED: ["A-1"]}
    assert {own.parcels for own in found.lots.values()} == {1}
    for own in found.lots.values():
        assert own.counted_m2 == pytest.approx(mu_to_m2(68))
    assert found.projects
    assert {project.park_id for project in found.projects} == {"park_nantang"}
    assert park_of(atlas, view, START - timedelta(days=1)).lots == {}


def test_a_zone_has_its_own_parks_projects_and_sum(atlas: Atlas, view: LedgerView) -> None:
    found = open_dossier(atlas, view, "zone_main", TODAY)
    assert isinstance(found, ZoneDossier)
    assert [row.id for row in found.parks] == ["park_nantang", "park_yangwen"]
    assert found.row.recorded_mu == pytest.approx(sum(row.recorded_mu for row in found.parks))
    assert {project.zone_id for project in found.projects} == {"zone_main"}


def test_the_big_reclamation_area_names_its_four_parts(atlas: Atlas, view: LedgerView) -> None:
    found = open_dossier(atlas, view, "recl_daxiaomen", TODAY)
    assert isinstance(found, ReclamationDossier)
    assert {part.id for part in found.parts} == {
        "recl_xiaomen_west", "recl_lng", "recl_port_logistics", "recl_damen_lingang",
    }  # fmt: skip
    part = open_dossier(atlas, view, "recl_lng", TODAY)
    assert isinstance(part, ReclamationDossier)
    assert (part.parent_name, part.parts) == (found.area.name, [])


def test_every_note_bound_to_a_feature_is_found_on_that_feature(
    atlas: Atlas, view: LedgerView
) -> None:
    kinds = {"park": "", "zone": "", "recl": "", "project": "project_"}
    checked = 0
    for bound in atlas.notes:
        for kind, _, name in (key.partition(":") for key in bound.bound_to):
            if kind not in kinds:
                continue
            found = open_dossier(atlas, view, f"{kinds[kind]}{name}", TODAY)
            assert found is not None
            assert not isinstance(found, ParcelDossier)
            assert bound in found.notes, (bound.id, name)
            checked += 1
    assert checked > 5


def test_project_15_keeps_its_odd_figure_and_its_note(atlas: Atlas, view: LedgerView) -> None:
    found = open_dossier(atlas, view, "project_15", TODAY)
    assert isinstance(found, ProjectDossier)
    assert found.project.floor_area_m2 == 15.6 or found.project.land_area_m2 == 15.6
    assert found.notes


def test_a_parcel_shows_its_state_on_the_day_and_every_standing_event(
    atlas: Atlas, view: LedgerView
) -> None:
    before = open_dossier(atlas, view, "parcel:A-1", PRODUCED - timedelta(days=1))
    after = open_dossier(atlas, view, "parcel:A-1", PRODUCED)
    assert isinstance(before, ParcelDossier)
    assert isinstance(after, ParcelDossier)
    assert before.state is not None
    assert after.state is not None
    assert (before.state.status, after.state.status) == (Account.PLANNED, Account.PART_USED)
    assert [event.kind for event in before.events] == [EventKind.REGISTER, EventKind.PRODUCE]
    assert after.park_name == "南塘工业区"


def test_a_parcel_before_its_first_day_has_no_state_and_is_still_found(
    atlas: Atlas, view: LedgerView
) -> None:
    found = open_dossier(atlas, view, "parcel:A-1", START - timedelta(days=1))
    assert isinstance(found, ParcelDossier)
    assert (found.state, found.park_name) == (None, None)


def test_the_curve_has_every_months_end_and_closes_on_the_day_asked_for(
    atlas: Atlas, view: LedgerView
) -> None:
    until = date(2019, 7, 10)
    found = park_of(atlas, view, until).curve
    days = [day for day, _ in found]
    assert days[0] == date(2013, 1, 31)
    assert days[-3:] == [date(2019, 5, 31), date(2019, 6, 30), until]
    assert days == sorted(set(days))
    assert all((day + timedelta(days=1)).day == 1 for day in days[:-1])
    rates = dict(found)
    assert rates[date(2016, 2, 29)] is None
    assert rates[date(2016, 3, 31)] == 0.0
    assert rates[date(2019, 4, 30)] == 0.0
    assert rates[date(2019, 5, 31)] == pytest.approx(0.05)
    assert rates[until] == park_of(atlas, view, until).row.rate


@pytest.mark.parametrize("until", [date(2018, 12, 31), date(2012, 5, 1), date(2013, 1, 31)])
def test_the_curves_last_day_stands_once(atlas: Atlas, view: LedgerView, until: date) -> None:
    days = [day for day, _ in curve(view, atlas.book.parks[1], until)]
    assert days[-1] == until
    assert len(days) == len(set(days))


def test_a_park_without_records_has_no_curve(atlas: Atlas, view: LedgerView) -> None:
    found = open_dossier(atlas, view, "park_rail", TODAY)
    assert isinstance(found, ParkDossier)
    assert (found.curve, found.row.rate) == ([], None)


def test_without_a_ledger_every_dossier_still_opens(atlas: Atlas) -> None:
    nothing = ledger_view(None)
    for park in atlas.book.parks:
        found = open_dossier(atlas, nothing, park.id, TODAY)
        assert isinstance(found, ParkDossier)
        assert (found.curve, found.lots, found.row.rate) == ([], {}, None)


def test_names_of_all_places_are_known_by_id(atlas: Atlas) -> None:
    names = atlas.place_names
    assert len(names) == 3 + 5 + 8
    assert names["park_nantang"] == "南塘工业区"
    assert all(names.values())
