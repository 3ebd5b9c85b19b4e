import math
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dongtou_geo.domain.cell import (
    M2_PER_UNIT,
    WAN_PER_UNIT,
    Day,
    Refused,
    Text,
    read_amount,
    read_day,
    read_number,
    read_text,
    says_not_yet,
)

JUNE = date(2019, 6, 1)


@pytest.mark.parametrize(
    "written",
    [
        "2019-06-01", "2019/6/1", "2019.6.1", "2019年6月1日", "２０１９年６月１日", "20190601", 20190601,
        43617, 43617.0, 43617.75, "2019-06-01 08:30", date(2019, 6, 1), datetime(2019, 6, 1, 8), "2019 年 6 月 1 日",
    ],
)  # fmt: skip
def test_a_day_is_read_however_it_is_written(written: object) -> None:
    assert read_day(written) == Day(JUNE)


@pytest.mark.parametrize(
    "written", ["2019.6", "2019年6月", "2019-06", "2019/6", 2019.6, 201906, "201906"]
)
def test_a_month_is_its_first_day_and_says_so(written: object) -> None:
    assert read_day(written) == Day(JUNE, month_only=True)


def test_a_text_with_one_digit_is_january_but_the_number_may_be_october() -> None:
    assert read_day("2019.1") == Day(date(2019, 1, 1), month_only=True)
    refused = read_day(2019.1)
    assert isinstance(refused, Refused)
    assert refused.code == "day_ambiguous"
    assert "2019-01" in refused.message
    assert "2019-10" in refused.message
    assert read_day(2019.11) == Day(date(2019, 11, 1), month_only=True)


@pytest.mark.parametrize("written", ["2019", 2019, "2019年", "19.6.1", "19年6月"])
def test_half_a_date_is_ambiguous(written: object) -> None:
    refused = read_day(written)
    assert isinstance(refused, Refused)
    assert refused.code == "day_ambiguous"


@pytest.mark.parametrize(
    "written", ["2019-13-01", "2019-02-30", "昨天", math.inf, 10**18, True, "1900-01-01", -5]
)
def test_what_is_no_date_is_refused_with_the_value(written: object) -> None:
    refused = read_day(written)
    assert isinstance(refused, Refused)
    assert refused.code == "day_unreadable"
    assert str(written)[:5] in refused.message


@pytest.mark.parametrize(
    "written", [None, "", " ", "/", "—", "无", "未开工", "尚未投产", "待定", math.nan]
)
def test_nothing_is_no_date(written: object) -> None:
    assert read_day(written) == Day(None)


def test_words_for_not_yet_are_known() -> None:
    assert says_not_yet("未开工")
    assert not says_not_yet("/")
    assert not says_not_yet(None)


@pytest.mark.parametrize(
    ("written", "m2"),
    [
        ("1,234.5", 1234.5), ("3亩", 2000.0), ("１．５ 公顷", 15_000.0), ("3000㎡", 3000.0), ("0.2万平方米", 2000.0),
        (12, 12.0), ("1e3", 1000.0), ("2 km²", 2e6),
    ],
)  # fmt: skip
def test_an_area_is_read_with_its_own_unit(written: object, m2: float) -> None:
    assert read_amount(written, M2_PER_UNIT) == pytest.approx(m2)


def test_a_bare_figure_has_the_unit_of_its_column() -> None:
    assert read_amount("3", M2_PER_UNIT, "亩") == pytest.approx(2000.0)
    assert read_amount("3公顷", M2_PER_UNIT, "亩") == pytest.approx(30_000.0)
    assert read_amount("1.2亿元", WAN_PER_UNIT) == pytest.approx(12_000.0)


@pytest.mark.parametrize(
    "written", ["约12", "1,23", "50%", "十二亩", "12亩左右", True, "1.2.3", "3 万元"]
)
def test_what_is_no_figure_is_refused(written: object) -> None:
    refused = read_amount(written, M2_PER_UNIT)
    assert isinstance(refused, Refused)
    assert refused.code == "figure_unreadable"


def test_a_negative_or_endless_figure_is_refused() -> None:
    for written, code in (
        ("-1", "figure_negative"),
        (math.inf, "figure_unreadable"),
        (10**400, "figure_unreadable"),
    ):
        refused = read_amount(written, M2_PER_UNIT)
        assert isinstance(refused, Refused)
        assert refused.code == code


@pytest.mark.parametrize(
    "text", ["<script>", "=HYPERLINK(1)", "'; DROP", "𠮷䶮", "两行\n名称", "a\tb"]
)
def test_hostile_and_rare_text_is_kept_as_it_is(text: str) -> None:
    assert read_text(text) == Text(text)


@pytest.mark.parametrize(
    ("text", "kept"), [("甲\u202e乙", "甲乙"), ("x\x00y", "xy"), ("\ud800z", "z")]
)
def test_unseen_characters_are_taken_out_and_said(text: str, kept: str) -> None:
    assert read_text(text) == Text(kept, cleaned=True)


def test_long_text_is_refused() -> None:
    assert read_text("字" * 500) == Text("字" * 500)
    refused = read_text("字" * 501)
    assert isinstance(refused, Refused)
    assert "501" in refused.message


def test_numbers_in_text_columns_keep_their_digits() -> None:
    assert read_text(12.0) == Text("12")
    assert read_text(330305) == Text("330305")
    assert read_text(datetime(2019, 6, 1)) == Text("2019-06-01")


def test_a_parcel_number_is_trimmed_and_normal_with_its_case() -> None:
    assert read_number("  Ａ－01 b\n") == Text("A-01 b")
    assert read_number(" ") == Text(None)
    for written, code in (("x" * 65, "parcel_no_too_long"), (3.3e18, "code_turned_number")):
        refused = read_number(written)
        assert isinstance(refused, Refused)
        assert refused.code == code


@given(
    st.one_of(
        st.text(), st.integers(), st.floats(), st.booleans(), st.none(), st.dates(), st.datetimes(),
        st.from_regex(r"\d{0,5}[-./年,]?\d{0,3}[-./月]?\d{0,3}[日亩%]?", fullmatch=True),
    )
)  # fmt: skip
def test_any_cell_is_read_or_refused(value: object) -> None:
    assert isinstance(read_day(value), Day | Refused)
    assert isinstance(read_text(value), Text | Refused)
    assert isinstance(read_number(value), Text | Refused)
    amount = read_amount(value, M2_PER_UNIT, "亩")
    assert amount is None or isinstance(amount, Refused) or (math.isfinite(amount) and amount >= 0)


@pytest.mark.parametrize("unseen", ["\u200b", "\u00ad", "\u2060", "\ufeff", "\u200d"])
def test_two_numbers_that_look_alike_are_one(unseen: str) -> None:
    assert read_number(f"A{unseen}-1") == Text("A-1", cleaned=True)
    assert read_number(unseen) == Text(None, cleaned=True)
