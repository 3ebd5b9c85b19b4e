"""The address of 产业布局: what it says comes back, and a wrong word falls back with a remark."""

import pytest

from dongtou_geo.catalog.industries import load_layout
from dongtou_geo.services.dossier import load_atlas
from dongtou_geo.services.industry import matrix
from dongtou_geo.ui.industry_address import DEFAULT_MU, IndustryAddress, read_address

LAYOUT = load_layout()
TABLE = matrix(load_atlas(), LAYOUT)


def read(**params: str) -> IndustryAddress:
    return read_address(params, TABLE, LAYOUT)


def test_a_bare_address_asks_for_nothing() -> None:
    assert read() == IndustryAddress()
    assert read().params == {}


@pytest.mark.parametrize(
    "params",
    [
        {"at": "zone_main", "industry": "traditional"},
        {"at": "park_rail"},
        {"industry": "unsorted"},
        {"want": "traditional_stone", "mu": "100"},
        {"at": "not_stated", "want": "petrochem", "mu": "0.5"},
    ],
)
def test_what_it_says_comes_back(params: dict[str, str]) -> None:
    found = read(**params)
    assert found.params == params
    assert found.remarks == ()


def test_the_area_alone_asks_for_nothing() -> None:
    assert read(mu="100").params == {}


@pytest.mark.parametrize("word", ["", "many", "-3", "0", "nan", "inf", "1e9", "２x"])
def test_an_area_that_cannot_be_is_told(word: str) -> None:
    found = read(want="petrochem", mu=word)
    assert found.wanted_mu == DEFAULT_MU
    assert len(found.remarks) == 1 and "亩" in found.remarks[0]


def test_words_that_are_nothing_are_left_out_and_told() -> None:
    found = read(at="zone_east", industry="steel", want="<script>" * 20)
    assert (found.row, found.column, found.wanted) == (None, None, None)
    assert len(found.remarks) == 3
    assert all(len(remark) < 80 for remark in found.remarks)
