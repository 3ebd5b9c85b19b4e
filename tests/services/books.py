"""What the tests of recording, splitting, undoing and comparing share: clerks and the books."""

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from shutil import copyfile
from typing import Any
from uuid import uuid4

import pytest
import shapely

from dongtou_geo.domain.account import ParcelState, postings, state_on, transitions
from dongtou_geo.domain.balance import Balances, events_by_parcel
from dongtou_geo.domain.event import Event, EventKind, standing
from dongtou_geo.domain.parcel import AreaBasis, Origin, Parcel
from dongtou_geo.domain.status import STATUSES, Account
from dongtou_geo.frames.area import area_m2
from dongtou_geo.services.record import Clerk
from dongtou_geo.store.address import file_url
from dongtou_geo.store.balances import StoredBalances
from dongtou_geo.store.ledger import Ledger
from dongtou_geo.store.opening import create, open_ledger

NOW = datetime(2026, 6, 1, 4, tzinfo=UTC)
CLERK = Clerk("李四", NOW)
START = date(2016, 1, 1)
PARKS = ("park_nantang", "park_yangwen")
# About 100 m a side: a degree is about 98.4 km east and 110.8 km north here.
EAST, NORTH = 100 / 98_400, 100 / 110_800
LON, LAT = 121.05, 27.85


def box(west: float, south: float, east: float, north: float) -> bytes:
    """An outline whose corners are given in hundreds of metres."""
    corners = (LON + west * EAST, LAT + south * NORTH, LON + east * EAST, LAT + north * NORTH)
    return bytes(shapely.to_wkb(shapely.box(*corners)))


def drawn_m2(wkb: bytes) -> float:
    return float(area_m2([shapely.from_wkb(wkb)])[0])


def line(parcel_no: str, kind: str, on: date, **given: Any) -> Event:
    at = given.pop("recorded_at", NOW - timedelta(days=400))
    return Event(0, parcel_no, EventKind(kind), on, at, "张三", **given)


def parcel(number: str, wkb: bytes | None = None, **given: Any) -> Parcel:
    basis = AreaBasis.LEDGER if wkb is None else AreaBasis.DRAWN
    return Parcel(
        number, **{"origin": Origin.LAND, "area_basis": basis, "geometry_wkb": wkb, **given}
    )


def register(number: str, area: float, park: str | None = PARKS[0], on: date = START) -> Event:
    return line(number, "register", on, area_m2=area, park_id=park)


def replayed(ledger: Ledger, known_at: datetime | None = None) -> Balances:
    unmapped = {p.parcel_no for p in ledger.parcels() if p.area_basis is AreaBasis.LEDGER}
    return Balances(standing(ledger.events(), known_at=known_at), unmapped=frozenset(unmapped))


def days_of(events: Iterable[Event]) -> list[date]:
    """Every day on which something may change, the days around it, and the ends of time."""
    days = {e.effective_on + timedelta(days=n) for e in events for n in (-1, 0, 1)}
    return sorted(days | {date(1990, 1, 1), date(2100, 1, 1)})


def figures(ledger: Ledger) -> dict[tuple[date, str | None], tuple[float, ...]]:
    """What the books say of every park on every day that matters."""
    days = days_of(ledger.events())
    with ledger.reading() as snapshot:
        stored = StoredBalances(snapshot.connection)
        return {
            (day, park): tuple(stored.on(park, day).by_status_m2[s] for s in STATUSES)
            for day in days
            for park in (*PARKS, None)
        }


def assert_books(ledger: Ledger) -> None:
    """The stored balances are those of a replay, on any day, and nothing is out of balance."""
    balances = replayed(ledger)
    for (day, park), stored in figures(ledger).items():
        expected = balances.on(park, day).by_status_m2
        assert list(stored) == pytest.approx([expected[s] for s in STATUSES], abs=1e-6)
    with ledger.reading() as snapshot:
        stored_balances = StoredBalances(snapshot.connection)
        for day in days_of(ledger.events()):
            for park in (*PARKS, None):
                wanted = balances.on(park, day).unmapped_m2
                assert stored_balances.on(park, day).unmapped_m2 == pytest.approx(wanted, abs=1e-6)
    assert sum(posted(ledger.events()).values()) == pytest.approx(0, abs=1e-6)


def posted(events: Iterable[Event], on: date | None = None) -> Counter[tuple[str | None, Account]]:
    """What the standing events posted, those of one day or all."""
    total: Counter[tuple[str | None, Account]] = Counter()
    for own in events_by_parcel(standing(events)).values():
        before = None
        for after in transitions(own):
            if on is None or after.on == on:
                for key, m2 in postings(before, after).items():
                    total[key] += m2  # type: ignore[assignment] # a Counter of floats
            before = after
    return total


def state(ledger: Ledger, number: str, on: date) -> ParcelState | None:
    with ledger.reading() as snapshot:
        return state_on(standing(snapshot.events([number])), on)


def copier(folder: Path) -> Callable[[], Ledger]:
    """A maker of empty ledgers: copies of one, which is quicker than new ones."""
    create(file_url(folder / "empty"))

    def made() -> Ledger:
        path = folder / uuid4().hex
        copyfile(folder / "empty", path)
        return open_ledger(file_url(path))

    return made
