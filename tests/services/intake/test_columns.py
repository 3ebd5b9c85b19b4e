from datetime import date, datetime
from typing import Any

import numpy as np
import pandas as pd
import pytest

from dongtou_geo.domain.intake_problem import IntakeProblem
from dongtou_geo.domain.problem import Severity
from dongtou_geo.formats.arrived import Arrived
from dongtou_geo.services.intake.columns import Values, read_values
from dongtou_geo.services.intake.findings import Findings
from dongtou_geo.services.intake.mapping import map_columns

PARKS = {"park_nantang": "南塘工业区", "park_yangwen": "杨文工业区"}


def read(columns: dict[str, Any], *, typed: bool = False) -> tuple[Values, list[IntakeProblem]]:
    cells = pd.DataFrame(columns) if typed else pd.DataFrame(columns, dtype=object)
    letters = {} if typed else {column: chr(65 + at) for at, column in enumerate(columns)}
    arrived = Arrived("台账", cells, np.arange(2, 2 + len(cells)), column_letters=letters)
    findings = Findings(arrived)
    values = read_values(arrived, map_columns(arrived), findings, PARKS)
    return values, findings.told(list(values.numbers))


def codes(problems: list[IntakeProblem]) -> list[tuple[int | None, str | None, str]]:
    return [(problem.row, problem.cell, problem.code) for problem in problems]


def test_cells_become_values_by_field() -> None:
    values, problems = read(
        {
            "地块编号": [" A-1 ", "Ａ－2"],
            "所属园区": ["南塘", "园区外"],
            "用地面积（公顷）": ["1.5", 2],
            "供地时间": ["2019年6月1日", datetime(2020, 1, 2)],
            "供地方式": ["挂牌", "划拨"],
            "来源": ["填海", None],
            "总投资（亿元）": ["1,200.5", "待定"],
            "土地使用权人": ["<b>甲</b>", "𠮷"],
        }
    )
    assert problems == []
    assert list(values.numbers) == ["A-1", "A-2"]
    assert list(values.texts["park_id"]) == ["park_nantang", None]
    assert values.amounts["ledger_area_mu"] == pytest.approx([22.5, 30.0])
    assert values.days["supplied_on"].tolist() == [date(2019, 6, 1), date(2020, 1, 2)]
    assert list(values.texts["supply_mode"]) == ["出让", "划拨"]
    assert list(values.texts["origin"]) == ["filled_sea", None]
    assert values.amounts["total_investment_wan"] == pytest.approx(
        [12_005_000.0, np.nan], nan_ok=True
    )
    assert list(values.texts["occupant"]) == ["<b>甲</b>", "𠮷"]


def test_a_bad_cell_is_named_as_its_sender_finds_it_and_rejects_its_row() -> None:
    _, problems = read(
        {
            "地块编号": ["A-1", "A-2", "A-3"],
            "投产日期": ["2019", 2019.1, "2019-05-01"],
            "合同面积（亩）": [1, 2, "三亩"],
            "园区": ["南塘", "杨文", "北京"],
        }
    )
    assert codes(problems) == [
        (2, "台账!B2", "day_ambiguous"),
        (3, "台账!B3", "day_ambiguous"),
        (4, "台账!C4", "figure_unreadable"),
        (4, "台账!D4", "unknown_park"),
    ]
    assert all(p.severity is Severity.ERROR for p in problems)
    assert [p.parcel_no for p in problems] == ["A-1", "A-2", "A-3", "A-3"]
    assert "投产日期“2019”只有年份" in problems[0].message
    assert "南塘工业区、杨文工业区、园区外" in problems[-1].message


def test_what_is_only_doubtful_warns_and_is_kept() -> None:
    values, problems = read(
        {
            "地块编号": ["A-1", "A-2"],
            "开工时间": ["2019.6", "未开工"],
            "供应方式": ["作价出资", "出让"],
            "备注": ["甲\u202e乙", "x"],
        }
    )
    assert {(p.code, p.severity.value) for p in problems} == {
        ("month_only", "warning"), ("not_yet_word", "info"),
        ("unknown_supply_mode", "warning"), ("characters_removed", "warning"),
    }  # fmt: skip
    assert values.month_only["started_on"].tolist() == [True, False]
    assert list(values.texts["supply_mode"]) == ["作价出资", "出让"]
    assert values.texts["note"][0] == "甲乙"


def test_an_assumed_unit_and_a_typed_status_are_said_once() -> None:
    _, problems = read({"地块编号": ["A-1"], "面积": [3], "状态": ["投产"]})
    assert codes(problems) == [(None, None, "typed_status_ignored"), (None, None, "unit_assumed")]


def test_typed_columns_of_a_layer_are_read_as_they_are() -> None:
    values, problems = read(
        {
            "parcel_no": ["A-1", "A-2", "A-3"],
            "produced_on": pd.to_datetime(["2019-05-01", "NaT", "1900-01-01"]),
            "contract_area_mu": [1.5, -2.0, np.inf],
            "total_investment_wan": [1, 2, 3],
        },
        typed=True,
    )  # fmt: skip
    assert values.days["produced_on"].tolist() == [date(2019, 5, 1), None, None]
    assert values.amounts["contract_area_mu"] == pytest.approx([1.5, np.nan, np.nan], nan_ok=True)
    assert codes(problems) == [
        (3, "contract_area_mu", "figure_negative"),
        (4, "contract_area_mu", "figure_unreadable"),
        (4, "produced_on", "day_unreadable"),
    ]


def test_a_park_is_known_by_a_part_of_its_name_that_no_other_has() -> None:
    values, problems = read(
        {"地块编号": ["1", "2", "3"], "园区": ["杨文", "工业区", "洞头南塘工业区"]}
    )
    assert list(values.texts["park_id"]) == ["park_yangwen", "工业区", "park_nantang"]
    assert codes(problems) == [(3, "台账!B3", "unknown_park")]


def test_in_a_csv_a_bare_january_may_be_october() -> None:
    cells = pd.DataFrame(
        {"地块编号": ["1", "2", "3"], "投产日期": ["2019.1", "2019.01", "2019.10"]}, dtype=object
    )
    letters = {"地块编号": "A", "投产日期": "B"}
    arrived = Arrived("甲", cells, np.arange(2, 5), column_letters=letters, encoding="UTF-8")
    findings = Findings(arrived)
    read_values(arrived, map_columns(arrived), findings, PARKS)
    told = [(p.cell, p.code) for p in findings.told(["1", "2", "3"])]
    assert told == [("甲!B2", "day_ambiguous"), ("甲!B3", "month_only"), ("甲!B4", "month_only")]


def test_a_column_that_was_passed_over_is_named() -> None:
    _, problems = read({"地块编号": ["A-1"], "宗地编号": ["B-1"]})
    assert codes(problems) == [(None, None, "column_rival")]
    assert "宗地编号" in problems[0].message
