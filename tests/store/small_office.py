"""A small ledger in which something of everything stands: what looks after ledgers is tried on it."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import shapely
from sqlalchemy import select

from dongtou_geo.domain.event import Event, EventKind, Opening
from dongtou_geo.domain.parcel import AreaBasis, Origin, Parcel
from dongtou_geo.domain.status import Account
from dongtou_geo.store import schema
from dongtou_geo.store.ledger import Ledger
from dongtou_geo.store.writing import ImportStamp

NOON = datetime(2026, 6, 1, 4, 0, 0, 123_456, tzinfo=UTC)
OUTLINE = shapely.box(121.1, 27.8, 121.1 + 1 / 3000, 27.81)
DRAWN = Parcel(
    "南塘-𠮷 7", Origin.FILLED_SEA, AreaBasis.DRAWN, OUTLINE.wkb, 1.5, note="第一行\n'x'"
)
HOLED = shapely.Polygon(OUTLINE.exterior, [OUTLINE.centroid.buffer(1e-5).exterior])
PARCELS = [
    DRAWN,
    Parcel("B-1", Origin.LAND, AreaBasis.LEDGER, occupant="=HYPERLINK()"),
    Parcel("b-2", Origin.LAND, AreaBasis.DRAWN, shapely.MultiPolygon([HOLED]).wkb),
    Parcel("B-10", Origin.LAND, AreaBasis.DRAWN, handed_over_on=date(2016, 2, 29)),
]


def line(parcel_no: str, kind: EventKind, on: date, **given: object) -> Event:
    return Event(0, parcel_no, kind, on, NOON, "张三", **given)  # type: ignore[arg-type]


def fill(ledger: Ledger) -> Ledger:
    """Write an import, a clerk's day, corrections, and changes of the register."""
    kind = EventKind
    first, second = date(2016, 1, 1), date(2019, 5, 31)
    with ledger.writing() as writer:
        writer.register_import(ImportStamp("imp-1", "台账.xlsx", "0" * 64, NOON, "张三"))
        registers = [
            line(p.parcel_no, kind.REGISTER, first, area_m2=1000 / 3 + n, park_id=park)
            for n, (p, park) in enumerate(zip(PARCELS, ("park_a", None, "park_b", "park_a"), strict=True))
        ]  # fmt: skip
        opened = replace(registers[2], opening=Opening(Account.COMPLETED, 0.1 + 0.2, 7.0))
        registers[2] = replace(opened, related_no="B-1")
        writer.add(PARCELS, [replace(event, import_id="imp-1") for event in registers])
    numbers = [parcel.parcel_no for parcel in PARCELS]
    ledger.append(
        [],
        [
            line(numbers[0], kind.SUPPLY, second, source_doc="批文〔2016〕1号"),
            line(numbers[0], kind.PRODUCE, date(2020, 2, 29), area_m2=100 / 7),
            line(numbers[1], kind.APPROVE, second),
            line(numbers[2], kind.MOVE_PARK, second, park_id="park_a"),
            line(numbers[3], kind.SPLIT, date(2021, 1, 1), area_m2=300.0),
        ],
    )
    ledger.append([], [line(numbers[1], kind.VOID, second, supersedes=7, reason="误记")])
    ledger.append(
        [], [line(numbers[0], kind.SUPPLY, date(2018, 1, 5), supersedes=5, reason="补录")]
    )
    # An outline is surveyed anew and drawn as before; an outline is found to be none.
    surveyed = replace(DRAWN, geometry_wkb=OUTLINE.buffer(1e-5).wkb, ledger_area_mu=1.4)
    undrawn = replace(PARCELS[3], area_basis=AreaBasis.LEDGER)
    with ledger.writing() as writer:
        writer.update_parcels([surveyed, undrawn], at=NOON, by="张三", import_id="imp-1")
    with ledger.writing() as writer:
        writer.update_parcels([replace(DRAWN, note=None)], at=NOON, by="李四")
        writer.mark_undone("imp-1", NOON, "李四")
    return ledger


def contents(ledger: Ledger) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table."""
    with ledger.reading() as snapshot:
        return {
            table.name: [
                tuple(row)
                for row in snapshot.connection.execute(select(table).order_by(*table.primary_key))
            ]
            for table in schema.metadata.sorted_tables
        }


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())
