"""Where a parcel came from and what became of it, by splits, merges and what took them back."""

from datetime import date
from pathlib import Path

import pytest

from dongtou_geo.domain.event import EventKind
from dongtou_geo.services.dossier import ParcelDossier, load_atlas, open_dossier
from dongtou_geo.services.kinship import Kin, gone_parcel, kin_of
from dongtou_geo.services.parcel_table import parcel_story
from dongtou_geo.services.progress import ledger_view
from dongtou_geo.services.reshape import Child, merge, split
from dongtou_geo.services.undo import undo_reshape
from dongtou_geo.store.address import file_url
from dongtou_geo.store.ledger import Ledger
from dongtou_geo.store.opening import create
from tests.services.books import CLERK, box, drawn_m2, parcel, register

DAY, LATER = date(2022, 5, 6), date(2023, 5, 6)
FIELD = box(0, 0, 2, 1)
HALVES = {"A-1": box(0, 0, 1, 1), "A-2": box(1, 0, 2, 1)}


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    made = create(file_url(tmp_path / "ledger.sqlite"))
    made.append(
        [parcel("A", FIELD), parcel("B")], [register("A", drawn_m2(FIELD)), register("B", 5e3)]
    )
    return made


def kin(ledger: Ledger, number: str) -> Kin:
    story = parcel_story(ledger, number)
    assert story is not None
    return kin_of(ledger, story)


def halve(ledger: Ledger, on: date = DAY) -> int:
    parts = [Child(number, drawn_m2(outline), outline) for number, outline in HALVES.items()]
    return split(ledger, "A", on, parts, CLERK).partings[0].event_id


def test_a_parcel_that_was_never_reshaped_has_no_kin(ledger: Ledger) -> None:
    assert kin(ledger, "A") == Kin()


def test_parent_and_children_of_a_split_know_each_other(ledger: Ledger) -> None:
    halve(ledger)
    parent = kin(ledger, "A")
    assert parent.parting is not None
    assert (parent.parting.kind, parent.children) == (EventKind.SPLIT, ("A-1", "A-2"))
    assert kin(ledger, "A-1") == Kin(parents=("A",), born_by=EventKind.SPLIT)


def test_parents_and_child_of_a_merge_know_each_other(ledger: Ledger) -> None:
    halve(ledger)
    merge(ledger, ["A-1", "A-2"], LATER, Child("A-3", drawn_m2(FIELD), FIELD), CLERK)
    assert kin(ledger, "A-3") == Kin(parents=("A-1", "A-2"), born_by=EventKind.MERGE)
    middle = kin(ledger, "A-1")
    assert (middle.parents, middle.born_by, middle.children) == (
        ("A",), EventKind.SPLIT, ("A-3",),
    )  # fmt: skip


def test_a_split_that_was_taken_back_leaves_no_kin(ledger: Ledger) -> None:
    undo_reshape(ledger, "A", halve(ledger), "分错了", CLERK)
    assert kin(ledger, "A") == Kin()


def test_an_old_number_is_told_what_ended_it_and_from_when(ledger: Ledger) -> None:
    halve(ledger)
    ended = gone_parcel(ledger, "A", LATER)
    assert ended is not None
    assert (ended.kind, ended.effective_on) == (EventKind.SPLIT, DAY)
    assert gone_parcel(ledger, "A", date(2021, 1, 1)) is None
    assert [gone_parcel(ledger, number, LATER) for number in ("A-1", "B", "nobody", "")] == [
        None
    ] * 4
    assert gone_parcel(ledger, "A-1", date(2021, 1, 1)) is None


def test_the_map_says_of_divided_land_that_it_was_divided_not_that_it_is_gone(
    ledger: Ledger,
) -> None:
    halve(ledger)
    merge(ledger, ["A-1", "A-2"], LATER, Child("A-9", drawn_m2(FIELD), FIELD), CLERK)
    view, atlas = ledger_view(ledger), load_atlas()
    words = {}
    for number in ("A", "A-1", "A-9"):
        found = open_dossier(atlas, view, f"parcel:{number}", LATER)
        assert isinstance(found, ParcelDossier)
        words[number] = (found.ended_on, found.ended_word if found.ended_on else None)
    assert words == {"A": (DAY, "已分割"), "A-1": (LATER, "已合并"), "A-9": (None, None)}
