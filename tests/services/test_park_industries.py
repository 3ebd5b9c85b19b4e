"""A park's industries: what the plan says of the park, and what it says of the places around it."""

import csv

import pytest

from dongtou_geo.services.dossier import load_atlas
from dongtou_geo.services.industry import Elsewhere, matrix
from dongtou_geo.services.industry_fit import FitLevel
from dongtou_geo.services.park_industries import Stated, park_industries
from dongtou_geo.settings import GEODATA

ATLAS = load_atlas()
PARKS = {park.id: park for park in ATLAS.book.parks}


def stated(park_id: str) -> dict[FitLevel, Stated]:
    return {own.level: own for own in park_industries(ATLAS, PARKS[park_id])}


def printed(place_id: str) -> list[dict[str, str]]:
    """The table's own lines of one place, read without our code."""
    with (GEODATA / "plan" / "industries_places.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return [row for row in rows if row["place_id"] == place_id and not row["place_text"]]


@pytest.mark.parametrize("park_id", sorted(PARKS))
def test_every_statement_stands_at_the_level_that_the_table_gives_it(park_id: str) -> None:
    found = stated(park_id)
    assert next(iter(found)) is FitLevel.PARK
    for level, place_id in ((FitLevel.PARK, park_id), (FitLevel.ZONE, PARKS[park_id].zone_id)):
        told = [(e.industry.id, e.placing.source_ref) for e in found[level].placed]
        assert told == [(row["industry_id"], row["source_ref"]) for row in printed(place_id)]
        assert found[level].place_name == ATLAS.place_names[place_id]


def test_what_the_zone_is_given_is_not_given_to_its_park() -> None:
    # 第三章二（二）: 传统特色 to 工业功能区; 第三章一（三）: 临港装备、新能源、节能环保 to 西片.
    found = stated("park_ojk_industry")
    assert found[FitLevel.PARK].words == ("传统特色（整个门类）",)
    assert found[FitLevel.PARK].source_ref == "第三章二（二）"
    assert found[FitLevel.ZONE].words == ("临港装备", "清洁能源", "节能环保")
    assert found[FitLevel.ZONE].where == "所在片区（西片联动）"
    assert "轨道交通装备" in found[FitLevel.AREA].words
    assert found[FitLevel.AREA].where == "所在围垦区（瓯江口新区一期）"


def test_when_ready_is_said_and_a_chapter_is_named_once() -> None:
    found = stated("park_startup")
    assert "精细化工（择机）" in found[FitLevel.PARK].words
    assert found[FitLevel.PARK].source_ref == "第五章一（一）"
    # 大门花岗岩深加工产业园 lies in the zone, and in none of the five parks.
    assert "建材" not in found[FitLevel.ZONE].words


def test_an_empty_cell_says_where_the_plan_does_name_the_family() -> None:
    table = matrix(ATLAS, ATLAS.layout)
    assert table.elsewhere("zone_west", "traditional") is Elsewhere.PARK
    assert table.elsewhere("park_ojk_industry", "traditional") is None
    assert table.elsewhere("park_ojk_industry", "emerging") is Elsewhere.ZONE
    assert table.elsewhere("park_startup", "traditional") is None
    assert table.elsewhere("park_rail", "traditional") is None
    for head in table.rows:
        for column, _name in table.columns:
            other = table.elsewhere(head.id, column)
            assert other is None or not table.cell(head.id, column).placed
            assert other is not Elsewhere.ZONE or head.zone_id
