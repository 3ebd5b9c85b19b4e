from collections.abc import Callable
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest

from dongtou_geo.domain.units import M2_PER_MU
from dongtou_geo.formats.arrived import Arrived
from dongtou_geo.services.intake import rules
from dongtou_geo.services.intake.columns import read_values
from dongtou_geo.services.intake.findings import Findings
from dongtou_geo.services.intake.mapping import map_columns
from dongtou_geo.services.intake.rules import Ruling

TODAY = date(2026, 6, 30)
NONE = np.nan


def ruling(columns: dict[str, list[Any]]) -> Ruling:
    cells = pd.DataFrame(columns, dtype=object)
    letters = {column: chr(65 + at) for at, column in enumerate(columns)}
    arrived = Arrived("S", cells, np.arange(1, 1 + len(cells)), column_letters=letters)
    mapping, findings = map_columns(arrived), Findings(arrived)
    return Ruling(read_values(arrived, mapping, findings, {}), mapping, findings)


def told(subject: Ruling, rule: Callable[[Ruling], object]) -> list[tuple[int | None, str, str]]:
    """Run a rule and return row, code and severity of what it says beside warnings of reading."""
    rule(subject)
    problems = subject.findings.told(list(subject.values.numbers))
    quiet = {"unit_assumed", "month_only"}
    return [(p.row, p.code, p.severity.value) for p in problems if p.code not in quiet]


def settled(subject: Ruling) -> None:
    rules.settle_days(subject, TODAY)


def test_a_number_is_there_and_only_once() -> None:
    subject = ruling({"地块编号": ["A", None, "B", " A ", "3" * 70]})
    assert told(subject, rules.rule_numbers) == [
        (1, "parcel_no_doubled", "error"),
        (2, "parcel_no_missing", "error"),
        (4, "parcel_no_doubled", "error"),
        (5, "parcel_no_too_long", "error"),
    ]


def test_old_and_foreign_county_codes_are_named() -> None:
    numbers = [f"{county}001002GB00003" for county in ("330305", "330322", "110101")]
    subject = ruling({"地块编号": [*numbers, "330305001002GB0003", "A-1"]})
    assert told(subject, rules.rule_numbers) == [
        (row, "parcel_code_doubtful", "warning") for row in (2, 3, 4)
    ]


@pytest.mark.parametrize(
    ("columns", "code"),
    [
        ({"供应日期": ["2019-05-01"], "动工日期": ["2019-04-30"]}, "stage_order"),
        ({"批准日期": ["2019-05-01"], "投产日期": ["2018-05-01"]}, "stage_order"),
        ({"动工日期": ["2019-05-01"], "停工日期": ["2019-04-01"]}, "stage_order"),
        ({"投产日期": ["2019-05-01"], "停产日期": ["2019-04-01"]}, "stage_order"),
        ({"投产日期": ["2026-07-01"]}, "day_in_future"),
        ({"停产日期": ["2026-07-01"]}, "day_in_future"),
    ],
)
def test_dates_that_cannot_be_reject_the_row(columns: dict[str, list[Any]], code: str) -> None:
    assert told(ruling({"地块编号": ["A"], **columns}), settled) == [(1, code, "error")]


def test_dates_in_order_and_agreed_dates_to_come_are_fine() -> None:
    subject = ruling(
        {
            "地块编号": ["A"],
            "供应日期": ["2019-05-01"],
            "动工日期": ["2019-05-01"],
            "约定投产日期": ["2028-01-01"],
        }
    )
    assert told(subject, settled) == []


def test_a_month_follows_the_stage_before_it_in_the_same_month() -> None:
    subject = ruling({"地块编号": ["A"], "供应日期": ["2019-06-20"], "动工日期": ["2019.6"]})
    assert told(subject, settled) == []
    assert subject.values.days["started_on"].tolist() == [date(2019, 6, 20)]
    earlier = ruling({"地块编号": ["A"], "供应日期": ["2019-06-20"], "动工日期": ["2019.5"]})
    assert told(earlier, settled) == [(1, "stage_order", "error")]


def test_agreed_dates_reversed_are_only_a_warning() -> None:
    subject = ruling(
        {"地块编号": ["A"], "约定动工日期": ["2020-01-01"], "约定竣工日期": ["2019-01-01"]}
    )
    assert told(subject, settled) == [(1, "agreed_order", "warning")]


def test_a_parcel_counts_with_its_outline_else_with_what_is_written() -> None:
    subject = ruling(
        {
            "地块编号": list("ABCDE"),
            "台账面积（亩）": [3, 3, None, None, 0],
            "合同面积（亩）": [None, 4, 6, None, None],
        }
    )
    drawn = np.array([1800.0, NONE, NONE, NONE, NONE])
    area = rules.counted_area(subject, drawn, np.zeros(5, dtype=bool))
    assert area == pytest.approx([1800.0, 2000.0, 4000.0, NONE, NONE], nan_ok=True)
    assert told(subject, lambda _: None) == [
        (2, "unmapped", "warning"), (3, "unmapped", "warning"),
        (4, "area_missing", "error"), (5, "area_out_of_range", "error"),
    ]  # fmt: skip


def test_a_parcel_that_the_ledger_holds_needs_no_area() -> None:
    subject = ruling({"地块编号": ["A"]})
    area = rules.counted_area(subject, np.array([NONE]), np.array([True]))
    assert np.isnan(area).tolist() == [True]
    assert told(subject, lambda _: None) == []


def test_a_paper_area_is_off_only_beyond_both_tolerances() -> None:
    drawn_mu = np.array([100.0, 100.0, 10.0, 10.0, NONE])
    subject = ruling(
        {"地块编号": list("ABCDE"), "合同面积（亩）": [101.1, 100.9, 10.15, 10.25, 5.0]}
    )
    drawn = drawn_mu * M2_PER_MU
    found = told(subject, lambda s: rules.rule_areas(s, drawn, drawn))
    assert found == [(1, "area_off", "warning"), (4, "area_off", "warning")]
    message = subject.findings.told(list("ABCDE"))[0].message
    assert "合同面积 101.10 亩与图形 100.00 亩相差 +1.1%" in message


def test_production_is_no_larger_than_the_parcel_and_has_a_day() -> None:
    subject = ruling(
        {
            "地块编号": list("AB"),
            "投产面积（平方米）": [1001.5, 500],
            "投产日期": ["2019-01-01", None],
            "动工面积": [10, 2000],
        }
    )
    area = np.array([1000.0, 1000.0])
    assert told(subject, lambda s: rules.rule_areas(s, area, area)) == [
        (1, "production_over_area", "error"),
        (2, "production_without_day", "warning"),
        (2, "started_over_area", "warning"),
    ]


def test_land_use_codes_of_four_systems_are_known() -> None:
    known = ["0601", "0508", "05H1", "1001", "100101", "1101", "M1", "W2", "工业用地", "06", "2301"]
    subject = ruling(
        {"地块编号": [*map(str, range(len(known))), "x", "y"], "地类": [*known, "9999", "061"]}
    )
    assert told(subject, rules.rule_codes) == [
        (row, "land_use_unknown", "warning") for row in (len(known) + 1, len(known) + 2)
    ]


def test_a_stage_that_was_left_out_is_a_warning_for_new_parcels() -> None:
    subject = ruling(
        {
            "地块编号": list("ABC"),
            "批准日期": ["2015-01-01"] * 3,
            "供应日期": ["2016-01-01"] * 3,
            "投产日期": ["2019-01-01"] * 3,
        }
    )
    new, origin = (
        np.array([True, True, False]),
        np.array(["land", "filled_sea", "land"], dtype=object),
    )
    found = told(subject, lambda s: rules.rule_missing_stages(s, new, origin))
    assert found == [(1, "stage_missing", "warning"), (2, "stage_missing", "warning")]
    messages = [p.message for p in subject.findings.told(list("ABC"))]
    assert "缺少征收、动工、竣工日期" in messages[0]
    assert "缺少动工、竣工日期" in messages[1]


def test_a_stop_needs_production_and_a_halt_a_start() -> None:
    subject = ruling(
        {
            "地块编号": list("ABCD"),
            "停产日期": ["2020-01-01"] * 2 + [None] * 2,
            "停工日期": [None, None, "2020-01-01", None],
        }
    )
    new = np.array([True, False, True, True])
    found = told(subject, lambda s: rules.rule_turns(s, new))
    assert found == [(1, "turn_without_stage", "error"), (3, "turn_without_stage", "warning")]


def test_a_figure_without_end_is_told_shortly() -> None:
    subject = ruling({"地块编号": ["A"], "台账面积（亩）": [1e300]})
    rules.counted_area(subject, np.array([NONE]), np.zeros(1, dtype=bool))
    (problem,) = subject.findings.told(["A"])
    assert len(problem.message) < 100
