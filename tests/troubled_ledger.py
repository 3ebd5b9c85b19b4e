"""A ledger in which every kind of trouble was put on purpose, once."""

from datetime import date

from dongtou_geo.domain.units import m2_to_mu
from dongtou_geo.store.ledger import Ledger
from tests.services.books import PARKS, box, drawn_m2, line, parcel, register

HOSTILE = "<img src=x onerror=alert(1)>"


def put_trouble(ledger: Ledger) -> None:
    """Add an overlap, areas off, reversed dates, alike numbers and a later line."""
    shapes = {
        "A-1": box(0, 0, 1, 1), "A-2": box(0.9, 0, 2, 1), "a—1": box(5, 5, 6, 6),
        HOSTILE: box(8, 8, 9, 9),
    }  # fmt: skip
    mu = {number: m2_to_mu(drawn_m2(wkb)) for number, wkb in shapes.items()}
    entries = [
        parcel("A-1", shapes["A-1"], ledger_area_mu=mu["A-1"], contract_area_mu=mu["A-1"] * 1.05),
        parcel("A-2", shapes["A-2"], ledger_area_mu=mu["A-2"] + 0.1),
        parcel("a—1", shapes["a—1"], title_area_mu=mu["a—1"] * 2000 / 3),
        parcel(HOSTILE, shapes[HOSTILE], agreed_start_on=date(2020, 1, 2), agreed_complete_on=date(2020, 1, 1)),
        parcel("paper", ledger_area_mu=10.0, contract_area_mu=12.0),
    ]  # fmt: skip
    parks = {"A-1": PARKS[0], "A-2": PARKS[0], "a—1": PARKS[1], HOSTILE: None, "paper": PARKS[1]}
    ledger.append(
        entries,
        [
            *(register(n, drawn_m2(wkb), parks[n]) for n, wkb in shapes.items()),
            register("paper", 6666.7, PARKS[1]),
            line("A-2", "approve", date(2020, 8, 1)),
        ],
    )
