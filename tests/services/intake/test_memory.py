from pathlib import Path

import pytest

from dongtou_geo.services.intake.memory import MOST_KEPT, ColumnMemory

COLUMNS = ["序号", "地块", "面积"]


def test_the_same_columns_bring_the_choice_back_in_any_order(tmp_path: Path) -> None:
    memory = ColumnMemory(tmp_path / "data" / "columns.json")
    assert memory.recall(COLUMNS) == {}
    memory.keep(COLUMNS, {"parcel_no": "地块", "note": ""})
    again = ColumnMemory(tmp_path / "data" / "columns.json")
    assert again.recall(COLUMNS[::-1]) == {"parcel_no": "地块", "note": ""}
    assert again.recall([*COLUMNS, "备注"]) == {}
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["columns.json"]


@pytest.mark.parametrize("content", ["", "[1]", "{broken", '{"x": 3}'])
def test_a_memory_that_cannot_be_read_is_none(tmp_path: Path, content: str) -> None:
    path = tmp_path / "columns.json"
    path.write_text(content, encoding="utf-8")
    memory = ColumnMemory(path)
    assert memory.recall(COLUMNS) == {}
    memory.keep(COLUMNS, {"parcel_no": "地块"})
    assert memory.recall(COLUMNS) == {"parcel_no": "地块"}


def test_the_oldest_choices_are_forgotten(tmp_path: Path) -> None:
    memory = ColumnMemory(tmp_path / "columns.json")
    for at in range(MOST_KEPT + 1):
        memory.keep([f"c{at}"], {"parcel_no": f"c{at}"})
    assert memory.recall(["c0"]) == {}
    assert memory.recall(["c1"]) == {"parcel_no": "c1"}
