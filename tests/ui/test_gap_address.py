"""The address of 缺口清单: what is written is read again, and what is wrong is told."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dongtou_geo.services.gap_due import WINDOWS
from dongtou_geo.store.gap_due import KINDS
from dongtou_geo.ui.components.gap_address import VIEWS, GapAddress, gap_params, read_gap_address

PARKS = ("park_nantang", "park_yangwen")


@given(
    st.sampled_from([None, *PARKS]),
    st.integers(1, 9_999_999),
    st.text(min_size=1, max_size=64),
    st.sampled_from([None, *WINDOWS]),
    st.sampled_from([None, *KINDS]),
)
def test_a_written_address_is_read_again(
    park: str | None, page: int, number: str, window: str | None, kind: str | None
) -> None:
    listed = GapAddress(park, "parcels", page, number)
    due = GapAddress(park, "due", page, None, window, kind)  # type: ignore[arg-type]
    for address in (listed, due):
        assert read_gap_address(gap_params(address), PARKS) == address


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"park": "park_moon"}, "地址中的园区“park_moon”不存在，已显示全区"),
        ({"view": "x"}, "地址中的视图“x”不存在，已显示补足顺序"),
        ({"page": "0"}, "地址中的页码“0”无法识别（应为正整数），已显示第 1 页"),
        ({"page": "-1"}, "地址中的页码“-1”无法识别（应为正整数），已显示第 1 页"),
        ({"page": "²"}, "地址中的页码“²”无法识别（应为正整数），已显示第 1 页"),
        ({"due": "never"}, "地址中的期限“never”不存在，已略去"),
        ({"step": "dance"}, "地址中的约定事项“dance”不存在，已略去"),
    ],
)
def test_a_wrong_word_falls_back_and_is_told(params: dict[str, str], words: str) -> None:
    found = read_gap_address(params, PARKS)
    assert found.remarks == (words,)
    assert (found.park_id, found.shown, found.page) == (None, "parcels", 1)


def test_a_bare_address_is_the_district_and_writes_nothing() -> None:
    assert read_gap_address({}, PARKS) == GapAddress()
    assert gap_params(GapAddress()) == {}


def test_clicked_words_lead_on() -> None:
    here = GapAddress("park_nantang", page=3, parcel_no="A")
    assert here.at("park:park_yangwen") == GapAddress("park_yangwen")
    assert here.at("park:") == GapAddress()
    assert here.at("page:2") == GapAddress("park_nantang", page=2)
    assert here.at("parcel:B:1") == GapAddress("park_nantang", parcel_no="B:1")
    assert here.at("parcel:A") == GapAddress("park_nantang", page=3)
    due = GapAddress("park_nantang", "due", page=2)
    assert due.at("due:start.year") == GapAddress("park_nantang", "due", 1, None, "year", "start")
    assert due.at("due:.") == GapAddress("park_nantang", "due")
    assert due.at("due:.moon").window is None
    assert here.at("nonsense") == here
    assert set(VIEWS) == {"parcels", "due"}
