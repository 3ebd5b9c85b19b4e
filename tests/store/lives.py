"""Random lives of parcels, once as columns and once as the objects that say the same."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import shapely
from hypothesis import strategies as st

from dongtou_geo.domain.event import STAGE_CHAIN, Event, EventKind
from dongtou_geo.domain.parcel import AreaBasis, Origin, Parcel
from dongtou_geo.store.bulk import KIND_CODES, NewLives

NOON = datetime(2026, 6, 1, 4, 0, 0, 123_456, tzinfo=UTC)
FIRST = date(2016, 1, 1)
PARKS = ("park_a", "park_b", None)
OUTLINE = shapely.box(121.1, 27.8, 121.1 + 1 / 3000, 27.81).wkb
# Whole areas, those whose grains lie half-way, and the smallest and largest that there are.
AREAS = st.one_of(
    st.sampled_from([0.5, 1.0, 7.0, 1e4, 2000 / 3, 3e9, 1234.000000005, 0.000000015]),
    st.floats(0.01, 3e9),
)
ODD_KINDS = (
    *(EventKind.HALT, EventKind.RESUME, EventKind.STOP, EventKind.RESTART),
    *(EventKind.WITHDRAW, EventKind.MOVE_PARK, EventKind.END),
)


@dataclass(frozen=True, slots=True)
class Life:
    """One parcel and what happened to it."""

    parcel: Parcel
    area_m2: float
    park_id: str | None
    on: date
    events: tuple[tuple[EventKind, date, float | None, str | None, bool], ...]


@st.composite
def plain_events(draw: st.DrawFn, area_m2: float, on: date) -> list[Any]:
    """Some stages of the chain, each once, in its order; several may fall on one day."""
    found = []
    for kind in STAGE_CHAIN:
        if draw(st.booleans()):
            on += timedelta(days=draw(st.sampled_from([0, 0, 1, 27, 31, 400])))
            doc = draw(st.sampled_from([None, "批文〔2016〕1号", "𠮷'\"\\", ""]))
            found.append((kind, on, draw(_part_of(area_m2, kind)), doc, draw(st.booleans())))
    return found


def _part_of(area_m2: float, kind: EventKind) -> st.SearchStrategy[float | None]:
    """A stage's area; of production any that there can be, near every edge."""
    if kind is not EventKind.PRODUCE:
        return st.none()
    edges = [0.0, area_m2, area_m2 / 2, area_m2 / 100, area_m2 - area_m2 / 100]
    edges += [area_m2 + 1.0, max(area_m2 - 1.0, 0.0), min(1.0, area_m2)]
    nearby = [float(np.nextafter(edge, side)) for edge in edges[:5] for side in (0.0, 1e10)]
    return st.one_of(st.none(), st.sampled_from(edges + nearby), st.floats(0, area_m2))


@st.composite
def lives(draw: st.DrawFn, *, odd: bool, most: int = 6) -> list[Life]:
    """A few parcels; where ``odd`` is set some have led no plain life, or one that cannot be."""
    numbers = draw(
        st.lists(st.sampled_from([f"P-{n}" for n in range(20)]), max_size=most, unique=True)
    )
    found = []
    for number in numbers:
        area_m2 = draw(AREAS)
        on = FIRST + timedelta(days=draw(st.integers(0, 100)))
        events = draw(plain_events(area_m2, on))
        if odd and draw(st.booleans()):
            kinds = st.sampled_from([*ODD_KINDS, *STAGE_CHAIN, EventKind.REDRAW])
            more = st.tuples(kinds, st.integers(-3, 500), st.sampled_from([None, area_m2 / 2, 1.0]))
            for kind, gap, m2 in draw(st.lists(more, max_size=3)):
                events.append((kind, on + timedelta(days=gap), m2, None, False))
            events = draw(st.permutations(events))
        found.append(
            Life(draw(entries(number)), area_m2, draw(st.sampled_from(PARKS)), on, tuple(events))
        )
    return found


@st.composite
def entries(draw: st.DrawFn, number: str) -> Parcel:
    """A register entry with and without everything."""
    some = draw(st.booleans())
    return Parcel(
        number,
        draw(st.sampled_from(Origin)),
        draw(st.sampled_from(AreaBasis)),
        OUTLINE if some else None,
        ledger_area_mu=draw(st.sampled_from([None, 0.1 + 0.2, 0.0])),
        occupant="=HYPERLINK()" if some else None,
        handed_over_on=date(2016, 2, 29) if some else None,
        agreed_start_on=date(2013, 1, 1),
        note=draw(st.sampled_from([None, "", "第一行\n'x'"])),
    )


def as_columns(found: list[Life], **given: Any) -> NewLives:
    """The lives as ``add_lives`` takes them; events of different parcels in turn."""
    events = [(place, *event) for place, life in enumerate(found) for event in life.events]
    # In turn, but those of one parcel in their order.
    turn = sorted(range(len(events)), key=lambda n: sum(e[0] == events[n][0] for e in events[:n]))
    events = [events[n] for n in turn]
    entries = [life.parcel for life in found]
    names = [
        *("origin", "area_basis", "geometry_wkb", "ledger_area_mu", "occupant"),
        *("handed_over_on", "agreed_start_on", "note"),
    ]
    register: dict[str, Any] = {name: [getattr(p, name) for p in entries] for name in names}
    register["handed_over_on"] = np.array(register["handed_over_on"], dtype="M8[D]")
    register["ledger_area_mu"] = np.array(register["ledger_area_mu"], dtype=float)
    columns: dict[str, Any] = {
        "parcel_nos": [p.parcel_no for p in entries],
        "register": register,
        "registered_on": np.array([life.on for life in found], dtype="M8[D]"),
        "area_m2": np.array([life.area_m2 for life in found], dtype=float),
        "park_ids": [life.park_id for life in found],
        "event_parcel": np.array([e[0] for e in events], dtype=np.intp),
        "event_kind": np.array([KIND_CODES[e[1]] for e in events], dtype=np.int8),
        "event_on": np.array([e[2] for e in events], dtype="M8[D]"),
        "event_area_m2": np.array([e[3] for e in events], dtype=float),
        "event_docs": [e[4] for e in events],
        "event_month_only": np.array([e[5] for e in events], dtype=bool),
        "recorded_at": NOON,
        "recorded_by": "张三",
    }
    return NewLives(**columns | given)


def as_objects(found: list[Life]) -> tuple[list[Parcel], list[Event]]:
    """The same as ``add`` takes it."""
    events = []
    for life in found:
        number = life.parcel.parcel_no
        lines = [
            Event(0, number, kind, on, NOON, "张三", doc, m2, month_only=rough)
            for kind, on, m2, doc, rough in life.events
        ]
        register = Event(
            0, number, EventKind.REGISTER, life.on, NOON, "张三", None, life.area_m2, life.park_id
        )
        events += [register, *lines]
    return [life.parcel for life in found], events
