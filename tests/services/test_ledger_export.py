from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from dongtou_geo.domain.event import EventKind
from dongtou_geo.services.ledger_export import ACCOUNT, outgoing, renamed
from dongtou_geo.services.record import Clerk, Draft, record
from dongtou_geo.services.reshape import Child, split
from dongtou_geo.services.sample import make_sample
from dongtou_geo.store.address import file_url
from dongtou_geo.store.ledger import Ledger
from dongtou_geo.store.opening import open_ledger
from tests.services.intake.arrivals import GROUND, NOW, TODAY, box, brought_in, layer, new_ledger

CLERK = Clerk("张三", NOW)
PARKS = ["park_nantang", "park_yangwen"]


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    made = new_ledger(tmp_path)
    columns: dict[str, list[Any]] = {
        "parcel_no": ["A", "B", "C", "D"],
        "park_id": ["南塘", "南塘", "杨文", None],
        "supplied_on": [date(2018, 1, 1)] * 4,
        "started_on": [date(2018, 6, 1), date(2018, 6, 1), None, None],
        "produced_on": [date(2020, 1, 1), date(2020, 1, 1), None, None],
        "contract_area_mu": [None, None, None, 12.0],
    }
    brought_in(made, layer(columns, [box(0), box(1), box(2), None]))
    yield made


def told(ledger: Ledger, kind: str, number: str, on: date, **given: Any) -> None:
    record(ledger, Draft(number, EventKind(kind), on, **given), CLERK, park_ids=PARKS)


def row(ledger: Ledger, number: str, as_of: date = TODAY) -> dict[str, Any]:
    cells = outgoing(ledger, as_of).cells.set_index("parcel_no", drop=False)
    return {str(name): value for name, value in cells.loc[number].items()}


def test_a_row_says_what_was_true_on_the_day(ledger: Ledger) -> None:
    before, after = row(ledger, "A", date(2019, 1, 1)), row(ledger, "A")
    assert (before["produced_on"], before[ACCOUNT]) == (None, "在建")
    assert (after["produced_on"], after[ACCOUNT]) == (date(2020, 1, 1), "投产")
    assert after["area_in_production_m2"] is None, "all of it"
    assert "A" not in set(outgoing(ledger, date(2017, 1, 1)).cells["parcel_no"])


def test_part_stopped_halted_and_taken_back(ledger: Ledger) -> None:
    told(ledger, "produce", "A", date(2021, 1, 1), area_m2=3000.0)
    told(ledger, "stop", "B", date(2022, 1, 1))
    told(ledger, "start", "C", date(2019, 1, 1))
    told(ledger, "halt", "C", date(2020, 1, 1))
    assert row(ledger, "A")["area_in_production_m2"] == pytest.approx(3000.0)
    assert row(ledger, "B")["stopped_on"] == date(2022, 1, 1)
    assert row(ledger, "C")["halted_on"] == date(2020, 1, 1)
    told(ledger, "withdraw", "C", date(2023, 1, 1))
    taken = row(ledger, "C")
    assert (taken["supplied_on"], taken["started_on"], taken["halted_on"]) == (None, None, None)
    assert taken[ACCOUNT] == "征而未供"


def test_an_ended_parcel_is_gone_and_its_children_are_there(ledger: Ledger) -> None:
    parts = [Child("D-1", 4000.0), Child("D-2", 4000.0)]
    split(ledger, "D", date(2024, 1, 1), parts, CLERK)
    assert set(outgoing(ledger, TODAY).cells["parcel_no"]) == {"A", "B", "C", "D-1", "D-2"}
    assert set(outgoing(ledger, date(2023, 1, 1)).cells["parcel_no"]) == {"A", "B", "C", "D"}


def test_chinese_headings_and_words(ledger: Ledger) -> None:
    cells = renamed(outgoing(ledger, TODAY), GROUND.park_names)
    assert list(cells["园区"]) == ["南塘工业区", "南塘工业区", "杨文工业区", "园区外"]
    assert set(cells["土地来源"]) == {"陆地"}
    assert f"账户（截至 {TODAY}）" in cells
    assert "图形面积（平方米）" in cells


def test_notes_name_date_version_and_the_sample(ledger: Ledger, tmp_path: Path) -> None:
    own = outgoing(ledger, TODAY)
    assert own.layer == "地块台账"
    assert not any("示例" in note for note in own.notes)
    assert any(str(own.stamp.ledger_version) in note for note in own.notes)
    make_sample(tmp_path / "sample.sqlite")
    sample = outgoing(open_ledger(file_url(tmp_path / "sample.sqlite")), TODAY)
    assert sample.layer == "示例地块台账"
    assert "示例" in sample.notes[0]


def test_an_empty_ledger_is_an_empty_table(tmp_path: Path) -> None:
    folder = tmp_path / "empty"
    folder.mkdir()
    going = outgoing(new_ledger(folder), TODAY)
    assert isinstance(going.cells, pd.DataFrame)
    assert (len(going.cells), len(going.outlines)) == (0, 0)
