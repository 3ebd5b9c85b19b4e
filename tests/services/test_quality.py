"""规划矛盾: notes are found by kind, thing, place and word; a thing says what the plan prints of it."""

import pytest

from dongtou_geo.services.dossier import Atlas, load_atlas
from dongtou_geo.services.quality import (
    BOUND,
    NoteFilter,
    bound_things,
    counts,
    found_notes,
    map_id,
    parse_note_filter,
    things_with_notes,
    verbatim,
)


@pytest.fixture(scope="module")
def atlas() -> Atlas:
    return load_atlas()


def ids(atlas: Atlas, **wanted: str) -> list[str]:
    return [note.id for note in found_notes(atlas, NoteFilter(**wanted))]


def test_all_37_notes_are_there_and_their_kinds_divide_them(atlas: Atlas) -> None:
    assert ids(atlas) == [f"DQ-{number:02}" for number in range(1, 38)]
    by_kind, by_bound = counts(found_notes(atlas, NoteFilter()))
    assert sum(by_kind.values()) == 37
    for kind, count in by_kind.items():
        assert len(ids(atlas, kind=kind.value)) == count > 0
    for bound, count in by_bound.items():
        assert len(ids(atlas, bound=bound)) == count
    assert set(by_bound) == set(BOUND)


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({"about": "park:park_nantang"}, ["DQ-24", "DQ-37"]),
        ({"about": "project:15"}, ["DQ-25", "DQ-33"]),
        ({"text": "15.6 平方米"}, ["DQ-25"]),
        ({"text": "dq-07"}, ["DQ-07"]),
        ({"kind": "outside"}, ["DQ-36"]),
        ({"bound": "recl"}, ["DQ-34", "DQ-37"]),
        ({"kind": "wording", "bound": "park"}, ["DQ-24"]),
        ({"text": "没有这个词"}, []),
    ],
)
def test_a_filter_finds_what_it_names(
    atlas: Atlas, wanted: dict[str, str], expected: list[str]
) -> None:
    assert ids(atlas, **wanted) == expected


def test_a_place_brings_the_notes_on_whatever_lies_in_it(atlas: Atlas) -> None:
    rail = ids(atlas, place="park_rail")
    # 32 and 33 through project 16.
    assert rail == ["DQ-24", "DQ-32", "DQ-33", "DQ-34", "DQ-37"]
    north = ids(atlas, place="zone_north")
    assert "DQ-19" in north  # project 20
    assert "DQ-37" in north  # a reclamation area, and the part of one
    assert "DQ-01" not in north


def test_a_filter_survives_the_address_of_its_proof(atlas: Atlas) -> None:
    wanted = NoteFilter("scope", "park", "zone_main", "project:15", "a&b=c%")
    assert parse_note_filter(wanted.detail) == wanted
    assert parse_note_filter("") == NoteFilter()


def test_every_bound_thing_has_a_name_and_leads_to_its_page(atlas: Atlas) -> None:
    for note in atlas.notes:
        for bound in bound_things(atlas, note):
            kind, _, value = bound.key.partition(":")
            assert bound.name
            assert "_" not in bound.name  # a name, not an id
            if kind in ("park", "zone", "recl"):
                assert (bound.page, bound.query) == ("", {"sel": value})
            elif kind == "project":
                assert (bound.page, bound.query) == ("projects", {"project": value})
    names = {b.key: b.name for note in atlas.notes for b in bound_things(atlas, note)}
    assert names["indicator:T3.4"] == "表3第4行"
    assert names["indicator:T2.2014"] == "表2 2014年"
    assert names["indicator:T2.change"] == "表2增减"


def test_both_targets_of_nantang_are_quoted_with_their_chapters(atlas: Atlas) -> None:
    said = verbatim(atlas, "park:park_nantang")
    assert said is not None
    quoted = [(s.words, s.source_ref) for s in said.sayings if s.what.startswith("投产目标")]
    assert quoted == [("90%以上", "第五章一（二）1"), ("基本实现全部", "第三章一（二）")]
    assert [note.id for note in said.notes] == ["DQ-24", "DQ-37"]
    # Our own summary is never shown as the plan's words.
    assert not any(s.quoted for s in said.sayings if s.what in ("发展方向", "主要产业"))


def test_what_the_plan_does_not_say_is_said_so(atlas: Atlas) -> None:
    rail = verbatim(atlas, "park:park_rail")
    assert rail is not None
    own = [s for s in rail.sayings if s.what == "投产目标"]
    assert [(s.words, s.quoted) for s in own] == [("未单列", False)]
    project = verbatim(atlas, "project:26")
    assert project is not None
    printed = {s.what: (s.words, s.quoted) for s in project.sayings}
    assert printed["总投资"] == ("待定", True)
    assert printed["用地"] == ("未写", False)
    zone, area = verbatim(atlas, "zone:zone_main"), verbatim(atlas, "recl:recl_lng")
    assert zone is not None
    assert area is not None
    for said in (zone, area):
        assert any(not s.quoted and "规划未给" in s.words for s in said.sayings)


@pytest.mark.parametrize("about", ["", "park:", "park:park_x", "project:44", "group:energy", "x"])
def test_an_unknown_thing_says_nothing(atlas: Atlas, about: str) -> None:
    assert verbatim(atlas, about) is None


def test_every_thing_can_be_opened(atlas: Atlas) -> None:
    things = things_with_notes(atlas)
    assert len(things) == 3 + 5 + 8 + 43
    assert all(verbatim(atlas, bound.key) is not None for bound, _count in things)
    assert map_id("project:7") == "project_7"
    assert map_id("park:park_rail") == "park_rail"
