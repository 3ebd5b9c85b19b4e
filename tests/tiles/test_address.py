"""Tile addresses: what there is, and what is said of what there is not."""

import pytest

from dongtou_geo.errors import DongtouGeoError
from dongtou_geo.tiles.address import TileAddress, TileAddressError, tile_address


def test_zoom_0_is_the_world_and_zoom_20_its_units() -> None:
    assert TileAddress(0, 0, 0).box() == (-(2**31), -(2**31), 2**31, 2**31)
    last = 2**20 - 1
    assert TileAddress(20, last, last).box() == (2**31 - 4096, 2**31 - 4096, 2**31, 2**31)


def test_the_buffer_is_in_tile_units() -> None:
    plain, wide = TileAddress(18, 5, 7).box(), TileAddress(18, 5, 7).box(64)
    assert [a - b for a, b in zip(wide, plain, strict=True)] == [-256, -256, 256, 256]


@pytest.mark.parametrize("words", [("14", "13700", "6890"), (14, 13700, 6890)])
def test_numbers_and_text_of_numbers_are_read(words) -> None:
    assert tile_address(*words) == TileAddress(14, 13700, 6890)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((40, 0, 0), "缩放级别 40 应为 0 至 20 的整数"),
        ((-1, 0, 0), "缩放级别 -1 应为 0 至 20"),
        ((3, -1, 0), "列号 x 为 -1，缩放级别 3 时应为 0 至 7"),
        ((3, 0, 8), "行号 y 为 8，缩放级别 3 时应为 0 至 7"),
        (("abc", 0, 0), "缩放级别 z 为“abc”，应为整数"),
        ((14, "1.5", 0), "列号 x 为“1.5”，应为整数"),
        ((14, 2.0, 0), "列号 x 为“2.0”，应为整数"),
        ((14, True, 0), "列号 x 为“True”，应为整数"),
        ((14, 0, "１２"), "行号 y 为“１２”，应为整数"),
        ((14, 0, "-1"), "行号 y 为“-1”，应为整数"),
        ((14, 0, ""), "行号 y 为“”，应为整数"),
        ((14, 0, "9" * 5000), "行号 y 为“99999999999999999999…”"),
        ((14, 10**5000, 0), "列号 x 为 过大的数"),
        ((14, 0, "<script>alert(1)</script>"), "行号 y 为“<script>alert(1)</sc…”"),
    ],
)
def test_anything_else_is_refused_in_chinese(words, said) -> None:
    with pytest.raises(TileAddressError, match="瓦片地址无效") as caught:
        tile_address(*words)
    assert said in str(caught.value)
    assert isinstance(caught.value, DongtouGeoError)
