"""示意: every outline and point is there once, and none of the sensitive ones where it really is."""

import pytest

from dongtou_geo.services.dossier import Atlas, load_atlas
from dongtou_geo.services.quality_outlines import (
    CONFIDENCES,
    FIDELITIES,
    KINDS,
    STANDINGS,
    OutlineFilter,
    OutlineRow,
    dataset_papers,
    found_outlines,
    outline_rows,
    parse_outline_filter,
)


@pytest.fixture(scope="module")
def atlas() -> Atlas:
    return load_atlas()


@pytest.fixture(scope="module")
def rows(atlas: Atlas) -> list[OutlineRow]:
    return outline_rows(atlas)


def test_each_stands_once_with_all_that_is_known_of_it(rows: list[OutlineRow]) -> None:
    assert len({row.key for row in rows}) == len(rows) == 3 + 5 + 8 + 43
    for row in rows:
        assert row.kind in KINDS
        assert row.fidelity in FIDELITIES
        assert row.confidence in CONFIDENCES
        assert row.standing in STANDINGS
        assert row.error
        assert row.source_ref
        assert bool(row.basis) == (row.kind == "project")
    nantang = next(row for row in rows if row.key == "park:park_nantang")
    assert (nantang.confidence, nantang.error) == ("low", "可能偏差数公里")


def test_what_is_sensitive_stands_at_the_label_or_nowhere(rows: list[OutlineRow]) -> None:
    sensitive = [row for row in rows if row.sensitive]
    assert {int(row.key.partition(":")[2]) for row in sensitive} == {19, 20, 21, 22, 38, 39, 40, 41}
    assert {row.standing for row in sensitive} == {"label", "off"}
    assert len({row.at for row in sensitive if row.at}) == 1


def test_what_is_not_on_the_map_says_why(rows: list[OutlineRow]) -> None:
    off = {int(row.key.partition(":")[2]): row.method for row in rows if row.standing == "off"}
    assert set(off) == {22, 24, 25, 26, 37, 39}
    assert all(off.values())
    guessed = [row for row in rows if row.basis == "规划未写地点" and row.standing != "off"]
    assert all(row.error.startswith("不是位置") for row in guessed)


def test_filters_divide_the_rows(atlas: Atlas, rows: list[OutlineRow]) -> None:
    for name, known in (("kind", KINDS), ("confidence", CONFIDENCES), ("standing", STANDINGS)):
        parts = [found_outlines(atlas, rows, OutlineFilter(**{name: word})) for word in known]
        assert sum(map(len, parts)) == len(rows)
    inside = found_outlines(atlas, rows, OutlineFilter(place="zone_west"))
    keys = {row.key for row in inside}
    assert {"zone:zone_west", "park:park_rail", "recl:recl_qiantan2", "project:17"} <= keys
    assert "park:park_nantang" not in keys
    wanted = OutlineFilter("park", "low", "map", "zone_main")
    assert [row.key for row in found_outlines(atlas, rows, wanted)] == ["park:park_nantang"]
    assert parse_outline_filter(wanted.detail) == wanted


def test_every_dataset_names_its_licence_and_credits() -> None:
    papers = dataset_papers()
    assert len(papers) == 5
    assert all(paper.licence and paper.credits for paper in papers)
    coast = next(paper for paper in papers if paper.title.startswith("海岸"))
    assert (coast.licence, coast.fidelity) == ("LGPL-3.0-or-later", "digitised")
