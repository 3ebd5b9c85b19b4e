"""Tables of 产业布局 and 围垦区: what is read, what is refused, and where every row comes from."""

import re
import shutil
from pathlib import Path

import pytest

from dongtou_geo import settings
from dongtou_geo.catalog.industries import load_layout
from dongtou_geo.domain.layout import FactKind, Strength, policies_for
from dongtou_geo.errors import DatasetError
from dongtou_geo.services.check.tables import CHAPTER

PLAN_REF = re.compile(r"第[一二三四五六]章|附表|表4")


def test_families_come_in_the_plans_order_and_branches_know_theirs() -> None:
    layout = load_layout()
    assert [f.name for f in layout.families][:4] == ["绿色石化", "传统特色", "装备制造", "新兴产业"]
    assert all(own.family_id in {f.id for f in layout.families} for own in layout.industries)
    assert layout.by_id["traditional_stone"].words == ("石材", "花岗岩")


def test_every_word_of_the_plan_has_its_chapter() -> None:
    layout = load_layout()
    tables = (layout.industries, layout.placings, layout.projects)
    for ref in {own.source_ref for table in tables for own in table}:
        assert PLAN_REF.search(ref), ref
        for part in re.split("[；，]", ref):
            chapter = re.match(r"第[一二三四五六]章[一二三四五]?(（[一二三四]）\d?)?", part)
            assert chapter is None or CHAPTER.fullmatch(chapter[0]), part


def test_a_fact_without_a_plan_chapter_names_its_report_and_most_their_date() -> None:
    for fact in load_layout().facts:
        if not PLAN_REF.search(fact.source_ref):
            assert "." in fact.source_ref
            assert fact.on or fact.kind.is_area, fact
        assert fact.kind.is_area == (fact.area_m2 is not None)
        assert fact.kind is FactKind.PARK or not fact.words.startswith("park_")


def test_words_for_the_screen_are_short_and_the_plans() -> None:
    assert [s.label for s in Strength] == ["重点", "规划建设", "择机"]
    assert [p.id for p in policies_for(load_layout().policies, "project:43")] == ["PN-01"]
    assert policies_for(load_layout().policies, "project:1") == []


@pytest.mark.parametrize(
    ("table", "old", "new", "expected"),
    [
        ("industries_places", ",main,", ",much,", "main、planned、when_ready 之一"),
        ("policy_notes", "2018-07", "July 2018", "形如 2018、2018-07 或 2018-07-14 的日期"),
        ("reclamation_facts", "25.7,平方公里", "25.7,km2", "亩、公顷、平方公里 之一，或空"),
    ],
)
def test_a_cell_that_cannot_be_used_is_refused_in_words(
    tmp_path: Path, table: str, old: str, new: str, expected: str
) -> None:
    root = tmp_path / "geodata"
    shutil.copytree(settings.GEODATA, root)
    path = root / "plan" / f"{table}.csv"
    path.write_text(path.read_text("utf-8").replace(old, new, 1), "utf-8")
    with pytest.raises(DatasetError, match=expected):
        load_layout(root=root)
