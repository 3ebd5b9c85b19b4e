from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely

from dongtou_geo.domain.event import EventKind, standing
from dongtou_geo.domain.parcel import AreaBasis
from dongtou_geo.domain.problem import Severity
from dongtou_geo.errors import UsageError
from dongtou_geo.formats.arrived import ChoiceNeededError
from dongtou_geo.frames.area import area_m2
from dongtou_geo.frames.gcj02 import to_gcj02
from dongtou_geo.services.intake.apply import apply
from dongtou_geo.services.intake.choices import Choices, Ground
from dongtou_geo.services.intake.examine import Examined, examine_arrived
from dongtou_geo.services.record import Clerk, ConflictError, Draft, record
from dongtou_geo.services.replay import replayed
from dongtou_geo.services.undo import undo
from dongtou_geo.services.upkeep import verify
from dongtou_geo.store.ledger import Ledger
from tests.services.intake.arrivals import (
    GROUND,
    NOW,
    SOURCE,
    TODAY,
    box,
    brought_in,
    examined,
    layer,
    new_ledger,
    sheet,
)

FIRST: dict[str, list[Any]] = {
    "parcel_no": ["A-1", "A-2", "A-3"],
    "park_id": ["南塘", "南塘", "杨文"],
    "occupant": ["甲", "乙", None],
    "supplied_on": [date(2018, 1, 1), date(2019, 1, 1), None],
    "produced_on": [date(2020, 5, 1), None, None],
    "supplied_on_doc": ["洞政地〔2018〕1号", None, None],
    "source_doc": ["汇总表", "汇总表", "汇总表"],
}


with np.errstate(invalid="ignore"):
    ENDLESS = shapely.Polygon([(121.1, 27.8), (121.11, np.inf), (121.11, 27.8)])


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return new_ledger(tmp_path)


@pytest.fixture
def filled(ledger: Ledger) -> Ledger:
    brought_in(ledger, layer(FIRST, [box(0), box(1), box(2)]))
    return ledger


def changed(columns: dict[str, list[Any]], row: int, **cells: object) -> dict[str, list[Any]]:
    after = {name: list(values) for name, values in columns.items()}
    for name, value in cells.items():
        after[name][row] = value
    return after


def codes(found: Examined, *, least: Severity = Severity.WARNING) -> list[tuple[int | None, str]]:
    heavy = [Severity.ERROR, Severity.WARNING, Severity.INFO]
    wanted = heavy[: heavy.index(least) + 1]
    return [
        (p.row, p.code)
        for p in found.problems
        if p.severity in wanted and p.code != "stage_missing"
    ]


def events_of(ledger: Ledger, number: str) -> list[tuple[EventKind, date, str | None]]:
    own = [event for event in ledger.events() if event.parcel_no == number]
    return [(e.kind, e.effective_on, e.source_doc) for e in standing(own)]


def figures(ledger: Ledger) -> dict[str, Any]:
    """Return everything that any page can show of a ledger, on every day that something happens."""
    view = replayed(ledger)
    days = sorted({state.on for states in view.timeline.values() for state in states} | {TODAY})
    parks = ("park_nantang", "park_yangwen", None)
    return {
        "held": {(p, d): view.balances.on(p, d).by_status_m2 for p in parks for d in days},
        "register": {no: parcel for no, parcel in view.parcels.items() if view.events.get(no)},
    }


def test_new_parcels_get_their_outline_their_dates_and_their_papers(filled: Ledger) -> None:
    assert events_of(filled, "A-1") == [
        (EventKind.REGISTER, date(2018, 1, 1), "汇总表"),
        (EventKind.SUPPLY, date(2018, 1, 1), "洞政地〔2018〕1号"),
        (EventKind.PRODUCE, date(2020, 5, 1), "汇总表"),
    ]
    assert events_of(filled, "A-3") == [(EventKind.REGISTER, TODAY, "汇总表")]
    view = replayed(filled)
    held = view.balances.on("park_nantang", TODAY)
    drawn = area_m2([box(0), box(1)])
    assert sum(held.by_status_m2.values()) == pytest.approx(drawn.sum())
    state = view.state_on("A-1", TODAY)
    assert state is not None
    assert state.producing_m2 == pytest.approx(drawn[0])
    assert view.parcels["A-1"].area_basis is AreaBasis.DRAWN
    assert view.parcels["A-1"].occupant == "甲"
    assert verify(filled) == []


def test_the_same_file_again_changes_nothing(filled: Ledger) -> None:
    before = filled.stamp().ledger_version
    found = examined(filled, layer(FIRST, [box(0), box(1), box(2)]))
    assert found.counts() == {
        "new": 0, "geometry": 0, "attributes": 0, "unchanged": 3, "missing": 0,
    }  # fmt: skip
    assert apply(filled, found, "张三", NOW) is None
    assert filled.stamp().ledger_version == before


def test_a_later_file_corrects_moves_and_redraws(filled: Ledger) -> None:
    later = changed(FIRST, 0, occupant="甲新", produced_on=date(2020, 6, 1))
    later = changed(later, 1, park_id="杨文", produced_on=date(2021, 1, 1))
    wider = box(2, wide=0.0012)
    found = examined(filled, layer(later, [box(0), box(1), wider]))
    assert found.counts() == {
        "new": 0, "geometry": 1, "attributes": 2, "unchanged": 0, "missing": 0,
    }  # fmt: skip
    apply(filled, found, "李四", NOW)
    corrected = [e for e in filled.events() if e.supersedes is not None]
    assert [(e.kind, e.effective_on) for e in corrected] == [(EventKind.PRODUCE, date(2020, 6, 1))]
    assert corrected[0].reason is not None
    assert "甲.gpkg" in corrected[0].reason
    assert (EventKind.MOVE_PARK, TODAY, "汇总表") in events_of(filled, "A-2")
    assert (EventKind.PRODUCE, date(2021, 1, 1), "汇总表") in events_of(filled, "A-2")
    view = replayed(filled)
    state = view.state_on("A-3", TODAY)
    assert state is not None
    assert state.area_m2 == pytest.approx(area_m2([wider])[0])
    assert view.parcels["A-1"].occupant == "甲新"
    assert verify(filled) == []


def test_an_empty_cell_erases_nothing_and_a_missing_parcel_stays(filled: Ledger) -> None:
    sparse: dict[str, list[Any]] = {
        "parcel_no": ["A-1"],
        "occupant": [None],
        "produced_on": [None],
        "park_id": ["南塘"],
    }
    found = examined(filled, layer(sparse, [None]))
    assert found.counts() == {
        "new": 0, "geometry": 0, "attributes": 0, "unchanged": 1, "missing": 1,
    }  # fmt: skip
    assert found.missing == ("A-2",)


def test_a_date_before_registration_moves_registration_back(filled: Ledger) -> None:
    found = examined(filled, layer(changed(FIRST, 2, supplied_on=date(2015, 3, 1)), [None] * 3))
    apply(filled, found, "李四", NOW)
    assert events_of(filled, "A-3")[:2] == [
        (EventKind.REGISTER, date(2015, 3, 1), "汇总表"),
        (EventKind.SUPPLY, date(2015, 3, 1), "汇总表"),
    ]
    assert verify(filled) == []


def test_undo_brings_every_figure_back_for_every_date(filled: Ledger) -> None:
    before = figures(filled)
    later = changed(FIRST, 0, occupant="甲新", produced_on=date(2020, 6, 1), park_id="杨文")
    later = {name: [*values, values[2]] for name, values in later.items()}
    later["parcel_no"][3] = "B-9"
    found = examined(filled, layer(later, [box(0), box(1), box(2, wide=0.0005), box(7)]))
    import_id = apply(filled, found, "李四", NOW)
    assert import_id is not None
    assert figures(filled) != before
    undo(filled, import_id, Clerk("王五", NOW))
    assert figures(filled) == before
    assert verify(filled) == []
    # The number of an undone parcel is free again.
    brought_in(filled, layer({"parcel_no": ["B-9"], "park_id": ["南塘"]}, [box(7)]))
    assert events_of(filled, "B-9") == [(EventKind.REGISTER, TODAY, None)]
    assert verify(filled) == []


def test_a_workbook_without_outlines_is_unmapped_and_mapped_later(ledger: Ledger) -> None:
    brought_in(ledger, sheet({"地块编号": ["A-1"], "园区": ["南塘"], "合同面积（亩）": [15]}))
    view = replayed(ledger)
    assert view.balances.on("park_nantang", TODAY).unmapped_m2 == pytest.approx(10_000.0)
    found = examined(ledger, layer({"parcel_no": ["A-1"]}, [box(0)]))
    assert [change.kinds >= {"geometry"} for change in found.changes] == [True]
    apply(ledger, found, "李四", NOW)
    view = replayed(ledger)
    assert view.balances.on("park_nantang", TODAY).unmapped_m2 == 0.0
    assert verify(ledger) == []


@pytest.mark.parametrize(
    ("outline", "code"),
    [
        (shapely.Point(121.1, 27.8), "not_polygon"),
        (shapely.box(121.1, 30.0, 121.101, 30.001), "outside_district"),
        (shapely.Polygon([(121.1, 27.8), (121.11, 27.81), (121.11, 27.8), (121.1, 27.81)]), "self_crossing"),
        (ENDLESS, "coordinate_not_finite"),
        (shapely.Polygon([(121.1, 27.8), (121.11, 27.8), (121.1, 27.8)]), "ring_too_short"),
    ],
)  # fmt: skip
def test_an_outline_that_cannot_be_land_rejects_its_row(
    ledger: Ledger, outline: shapely.Geometry, code: str
) -> None:
    found = examined(
        ledger, layer({"parcel_no": ["A-1", "A-2"], "park_id": ["南塘"] * 2}, [outline, box(3)])
    )
    assert (1, code) in codes(found)
    assert found.rejected.tolist() == [True, False]
    assert 0 in found.placed.refused


def test_a_mended_outline_is_told_with_both_areas_and_both_outlines(ledger: Ledger) -> None:
    spike = shapely.Polygon(
        [
            (121.1, 27.82),
            (121.101, 27.82),
            (121.101, 27.821),
            (121.1005, 27.822),
            (121.101, 27.821),
            (121.1, 27.821),
        ]
    )
    found = examined(ledger, layer({"parcel_no": ["A-1"], "park_id": ["南塘"]}, [spike]))
    assert (1, "outline_repaired") in codes(found)
    assert shapely.equals_exact(found.placed.before[0], spike)
    assert shapely.is_valid(found.placed.outlines[0])
    assert not found.rejected.any()


def test_overlaps_are_conflicts_within_the_file_and_with_the_ledger(filled: Ledger) -> None:
    columns = {"parcel_no": ["C-1", "C-2", "C-3"], "park_id": ["南塘"] * 3}
    half = shapely.affinity.translate(box(1), 0.0005, 0)
    found = examined(
        filled, layer(columns, [half, shapely.affinity.translate(half, 0.0003, 0), box(0)])
    )
    told = codes(found)
    assert (1, "overlap") in told
    assert (3, "parcel_no_changed") in told
    assert not found.rejected.any()
    assert found.placed.overlap_m2 > 5000


def test_a_file_in_gcj02_is_suspected_and_only_turned_back_when_asked(filled: Ledger) -> None:
    shifted = [shapely.transform(box(at), to_gcj02) for at in range(3)]
    with pytest.raises(ChoiceNeededError, match="GCJ-02") as asked:
        examined(filled, layer(FIRST, shifted))
    assert asked.value.options == ("EPSG:4490+gcj02", "EPSG:4490")
    back = examined(filled, layer(FIRST, shifted), crs="EPSG:4490+gcj02")
    assert (None, "converted_gcj02") in codes(back)
    assert back.counts()["unchanged"] == 3
    as_it_is = examined(filled, layer(FIRST, shifted), crs="EPSG:4490")
    assert as_it_is.counts()["geometry"] == 3


def test_an_ended_parcel_takes_no_more_rows(filled: Ledger) -> None:
    record(filled, Draft("A-3", EventKind.END, TODAY), Clerk("张三", NOW), park_ids=[])
    found = examined(filled, layer(FIRST, [box(0), box(1), box(2)]))
    assert (3, "parcel_ended") in codes(found)
    assert found.rejected.tolist() == [False, False, True]


def test_a_ledger_that_moved_on_refuses_what_was_examined_before(filled: Ledger) -> None:
    found = examined(filled, layer(changed(FIRST, 0, occupant="甲新"), [box(0), box(1), box(2)]))
    record(filled, Draft("A-2", EventKind.START, date(2020, 1, 1)), Clerk("旁人", NOW), park_ids=[])
    before = filled.events()
    with pytest.raises(ConflictError, match="重新检查"):
        apply(filled, found, "张三", NOW)
    assert filled.events() == before


def test_rows_that_are_rejected_keep_the_others_from_nothing_but_themselves(ledger: Ledger) -> None:
    columns: dict[str, list[Any]] = {
        "parcel_no": ["A-1", "A-1", "A-2", None],
        "park_id": ["南塘"] * 4,
    }
    found = examined(ledger, layer(columns, [box(at) for at in range(4)]))
    assert found.rejected.tolist() == [True, True, False, True]
    assert found.accepted == 1
    apply(ledger, found, "张三", NOW)
    assert [parcel.parcel_no for parcel in ledger.parcels()] == ["A-2"]


def test_a_park_for_all_and_a_day_for_all(ledger: Ledger) -> None:
    arrived = layer({"parcel_no": ["A-1"]}, [box(0)])
    assert (None, "park_missing") in codes(examined(ledger, arrived))
    brought_in(ledger, arrived, park_id="park_yangwen", registered_on=date(2020, 2, 2))
    assert events_of(ledger, "A-1") == [(EventKind.REGISTER, date(2020, 2, 2), None)]
    state = replayed(ledger).state_on("A-1", TODAY)
    assert state is not None
    assert state.park_id == "park_yangwen"


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ({"park_id": "park_nowhere"}, "park_nowhere"),
        ({"registered_on": date(2027, 1, 1)}, "晚于今天"),
        ({"columns": {"parcel_no": "没有这列"}}, "没有这列"),
    ],
)
def test_choices_that_cannot_be_are_refused(
    ledger: Ledger, choices: dict[str, Any], message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        brought_in(ledger, layer({"parcel_no": ["A-1"]}, [box(0)]), **choices)


def test_without_a_number_column_somebody_must_say_which_it_is(ledger: Ledger) -> None:
    arrived = layer({"第一列": ["A-1"], "park_id": ["南塘"]}, [box(0)])
    with pytest.raises(ChoiceNeededError, match="地块编号") as asked:
        examined(ledger, arrived)
    assert "parcel_no=第一列" in asked.value.options
    assert examined(ledger, arrived, columns={"parcel_no": "第一列"}).accepted == 1


def test_a_surveyed_border_is_not_crossed_unseen(ledger: Ledger) -> None:
    surveyed = {"park_nantang": ("南塘工业区", shapely.box(121.0, 27.0, 121.1005, 28.0))}
    ground = Ground(GROUND.park_names, {}, surveyed)
    arrived = layer({"parcel_no": ["A-1", "A-2"], "park_id": ["南塘"] * 2}, [box(0), box(1)])
    found = examine_arrived(arrived, SOURCE, ledger, Choices(), ground, NOW)
    assert codes(found) == [(1, "crosses_surveyed")]


def test_position_against_an_indicative_outline_is_only_information(ledger: Ledger) -> None:
    indicative = {"park_nantang": ("南塘工业区", shapely.box(120.9, 27.0, 121.0, 28.0))}
    arrived = layer({"parcel_no": ["A-1"], "park_id": ["南塘"]}, [box(0)])
    found = examine_arrived(
        arrived, SOURCE, ledger, Choices(), Ground(GROUND.park_names, indicative), NOW
    )
    assert codes(found) == []
    assert codes(found, least=Severity.INFO) == [(None, "outside_indicative")]


def test_a_month_stays_a_month(ledger: Ledger) -> None:
    columns: dict[str, list[Any]] = {
        "地块编号": ["A-1", "A-2"], "园区": ["南塘"] * 2, "合同面积（亩）": [15, 15],
        "供应日期": ["2019-06-20", "2018.3"], "动工日期": ["2019.6", None], "停工日期": [None, "2018年5月"],
    }  # fmt: skip
    brought_in(ledger, sheet(columns))
    days = {(e.parcel_no, e.kind): e.day_text for e in ledger.events()}
    assert days["A-1", EventKind.SUPPLY] == "2019-06-20"
    assert days["A-1", EventKind.START] == "2019-06"
    assert days["A-2", EventKind.SUPPLY] == "2018-03"
    assert days["A-2", EventKind.HALT] == "2018-05"
    assert [e.effective_on for e in ledger.events() if e.day_text == "2019-06"] == [
        date(2019, 6, 20)
    ]
    later = {"地块编号": ["A-1"], "园区": ["南塘"], "动工日期": ["2019年7月"]}
    apply(ledger, examined(ledger, sheet(later)), "李四", NOW)
    assert ledger.events()[-1].day_text == "2019-07"
    assert verify(ledger) == []


def test_a_stop_of_what_never_produced_is_refused(filled: Ledger) -> None:
    stop: dict[str, list[Any]] = {"parcel_no": ["A-2"], "stopped_on": [date(2021, 1, 1)]}
    assert (1, "turn_without_stage") in codes(examined(filled, layer(stop)))
    both = {**stop, "produced_on": [date(2020, 1, 1)]}
    assert not examined(filled, layer(both)).rejected.any()


def test_an_empty_outline_is_none_and_a_table_without_rows_says_so(ledger: Ledger) -> None:
    columns: dict[str, list[Any]] = {
        "parcel_no": ["A-1"],
        "park_id": ["南塘"],
        "ledger_area_mu": [15.0],
    }
    empty = examined(ledger, layer(columns, [shapely.Polygon()]))
    assert codes(empty) == [(1, "outline_empty"), (1, "unmapped")]
    assert codes(examined(ledger, layer({"parcel_no": []}))) == [(None, "no_rows")]
