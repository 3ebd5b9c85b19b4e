"""What is said of a file: the document, the sentences, the differences, the drawing."""

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import shapely

from dongtou_geo.formats.arrived import ChoiceNeededError, FormatError
from dongtou_geo.services.intake.differences import Difference, differences
from dongtou_geo.services.intake.problem_map import HEIGHT, MOST_DRAWN, WIDTH, problem_map
from dongtou_geo.services.intake.report import document, refused_document, sentences
from dongtou_geo.store.ledger import Ledger
from tests.services.intake.arrivals import (
    GROUND,
    box,
    brought_in,
    examined,
    layer,
    new_ledger,
    sheet,
)

FIRST: dict[str, list[Any]] = {
    "parcel_no": ["A-1", "A-2"],
    "park_id": ["南塘", "南塘"],
    "occupant": ["甲", "<b>乙</b>"],
    "supplied_on": [date(2018, 1, 1)] * 2,
    "contract_area_mu": [10.5, None],
}


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    made = new_ledger(tmp_path)
    brought_in(made, layer(FIRST, [box(0), box(1)]))
    return made


def test_differences_name_field_before_and_after(ledger: Ledger) -> None:
    columns: dict[str, list[Any]] = {
        "parcel_no": ["A-1"], "park_id": ["杨文"], "occupant": ["丙"], "supplied_on": ["2018.5"],
        "produced_on": [date(2020, 1, 1)], "area_in_production_m2": [2000.0], "contract_area_mu": [11.0],
    }  # fmt: skip
    found = examined(ledger, layer(columns, [box(0, wide=0.0005)]))
    (change,) = found.changes
    told = differences(change, GROUND.park_names)
    assert Difference("调整园区", "", "杨文工业区") in told
    assert Difference("用地单位", "甲", "丙") in told
    assert Difference("合同面积", "10.5", "11") in told
    assert Difference("投产日期", "", "2020-01-01（3.00 亩）") in told
    redrawn = next(one for one in told if one.what == "图形与面积")
    assert re.fullmatch(r"[\d.]+ 亩", redrawn.before)
    assert float(redrawn.before[:-2]) == pytest.approx(2 * float(redrawn.after[:-2]), rel=0.01)
    supplied = next(one for one in told if one.what == "供应日期")
    assert (supplied.before[:3], supplied.after) == ("更正第", "2018-05")


def test_the_document_counts_what_the_contract_names(ledger: Ledger) -> None:
    found = examined(
        ledger, sheet({"地块编号": ["A-1", "N-1"], "园区": ["南塘"] * 2, "面积（亩）": [None, 3]})
    )
    told = document(found, "imp-9", applied=True)
    assert told["changes"] == {
        "new": 1,
        "geometry": 0,
        "attributes": 0,
        "unchanged": 1,
        "missing": 1,
    }
    assert (told["rows"], told["accepted"], told["rejected"]) == (2, 2, 0)
    assert (told["import_id"], told["applied"], told["crs"]) == ("imp-9", True, None)
    words = "\n".join(sentences(found))
    assert "新增 1 宗" in words
    assert "台账有而文件没有 1 宗（不会注销）" in words
    assert "没有图形" in words


def test_a_question_carries_its_flag_and_a_refusal_its_words() -> None:
    asked = refused_document(
        "甲.xlsx", None, ChoiceNeededError("哪一张？", "--layer", ("一", "二"))
    )
    assert asked["problems"] == [
        {
            "row": None, "cell": None, "parcel_no": None, "code": "needs_choice", "severity": "error",
            "message": "哪一张？", "flag": "--layer", "options": ["一", "二"],
        }
    ]  # fmt: skip
    refused = refused_document("甲.xlsx", "ab", FormatError("打不开"))
    assert isinstance(refused["problems"], list)
    assert refused["problems"][0]["code"] == "unreadable"
    assert refused["sha256"] == "ab"


def test_the_drawing_shows_every_outline_by_its_worst_finding(ledger: Ledger) -> None:
    bow = shapely.Polygon([(121.1, 27.82), (121.102, 27.8205), (121.102, 27.82), (121.1, 27.8205)])
    columns: dict[str, list[Any]] = {
        "parcel_no": ["B-1", "B-2", "B-3"], "park_id": ["南塘"] * 3, "contract_area_mu": [None, 99.0, None],
    }  # fmt: skip
    found = examined(ledger, layer(columns, [bow, box(5), box(8)]))
    drawing = problem_map(found)
    assert drawing is not None
    assert drawing.counts == {"error": 1, "warning": 1, "fine": 1}
    assert [shape.kind for shape in drawing.shapes] == ["fine", "warning", "error"]
    figures = [
        float(word) for shape in drawing.shapes for word in re.findall(r"[\d.]+", shape.path)
    ]
    assert min(figures) >= 0
    assert max(figures) <= max(WIDTH, HEIGHT)
    assert drawing.shapes[1].title.startswith("B-2 合同面积")
    assert problem_map(examined(ledger, sheet({"地块编号": ["A-1"]}))) is None


def test_a_crowd_is_drawn_in_part_and_says_so(ledger: Ledger) -> None:
    count = MOST_DRAWN + 5
    outlines = [
        shapely.box(
            121.0 + at % 60 * 1e-3,
            27.7 + at // 60 * 1e-3,
            121.0 + at % 60 * 1e-3 + 9e-4,
            27.7 + at // 60 * 1e-3 + 9e-4,
        )
        for at in range(count)
    ]
    found = examined(ledger, layer({"parcel_no": [f"C-{at}" for at in range(count)]}, outlines))
    drawing = problem_map(found)
    assert drawing is not None
    assert (len(drawing.shapes), drawing.left_out) == (MOST_DRAWN, 5)
