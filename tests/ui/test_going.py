"""Where a link inside the app leads."""

import pytest

from dongtou_geo.ui.components.going import target


@pytest.mark.parametrize(
    ("address", "prefix", "page", "query"),
    [
        ("/", "", "map", {}),
        ("/?sel=park_nantang&as_of=2026-06-30", "", "map", {"sel": "park_nantang", "as_of": "2026-06-30"}),
        ("/ledger?parcel=%E7%A4%BA%E4%BE%8B-1%26", "", "ledger", {"parcel": "示例-1&"}),
        ("/gis/progress", "/gis", "progress", {}),
        ("/gis/", "/gis", "map", {}),
        ("/gap?park=", "", "gap", {"park": ""}),
    ],
)  # fmt: skip
def test_an_address_names_its_page_and_query(
    address: str, prefix: str, page: str, query: dict[str, str]
) -> None:
    assert target(address, prefix) == (page, query)
