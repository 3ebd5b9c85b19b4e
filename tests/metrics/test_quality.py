"""Areas beyond tolerance, the guess at why, and numbers that look alike."""

import numpy as np
import pytest

from dongtou_geo.metrics.quality import (
    base_mu,
    beyond,
    likely_reason,
    look_alike_key,
    look_alikes,
)


def test_an_area_is_off_only_beyond_the_share_and_beyond_the_mu() -> None:
    drawn = np.array([10.0, 10.0, 10.0, 100.0, 100.0, np.nan, 10.0, 0.0])
    paper = np.array([10.15, 10.21, 9.79, 100.9, 101.1, 5.0, np.nan, 3.0])
    off = beyond(paper, drawn, share=0.01, mu=0.2)
    assert off.tolist() == [False, True, True, False, True, False, False, False]


def test_the_ledgers_area_stands_in_for_a_missing_outline() -> None:
    base = base_mu(np.array([1.0, np.nan, np.nan]), np.array([9.0, 2.0, np.nan]))
    assert base[:2].tolist() == [1.0, 2.0]
    assert np.isnan(base[2])


@pytest.mark.parametrize(
    ("paper", "drawn", "word"),
    [
        (6666.67, 10.0, "平方米"),
        (10.0 / 15, 10.0, "公顷"),
        (12.85, 10.0, "墨卡托"),
        (10.5, 10.0, "大于图形"),
        (9.5, 10.0, "小于图形"),
    ],
)
def test_the_reason_follows_from_how_the_areas_relate(
    paper: float, drawn: float, word: str
) -> None:
    assert word in likely_reason(paper, drawn)


def test_numbers_that_differ_in_width_case_space_or_dash_look_alike() -> None:
    numbers = ["NT-01", "nt—01", "ＮＴ－０１", "NT 01", "NT-02", "nt-01a"]
    assert look_alike_key("NT-01") == look_alike_key("ｎｔ－ ０１")
    (group,) = look_alikes((number, "park_nantang") for number in numbers)
    assert [number for number, _park in group.members] == ["NT-01", "nt—01", "ＮＴ－０１"]


def test_numbers_that_differ_otherwise_do_not() -> None:
    assert look_alikes((number, None) for number in ["A-1", "A-11", "B-1", "A1-"]) == []
