"""Parcels made up for 缺口清单, and what their gap is by the events alone."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from random import Random

from dongtou_geo.domain.account import ParcelState, transitions
from dongtou_geo.domain.event import Event, EventKind, standing
from dongtou_geo.domain.parcel import AreaBasis, Origin, Parcel
from dongtou_geo.domain.status import Account

NOON = datetime(2026, 6, 1, 4, tzinfo=UTC)
FIRST = date(2016, 1, 1)
PARKS = ("park_nantang", "park_nantang", "park_nantang", "park_yangwen", None)
UNITS = ("甲办", "乙办", " ", "", None)
AREAS = (0.5, 1.0, 2000 / 3, 900.0, 900.0, 12_345.678)
CHAIN = ("approve", "acquire", "supply", "start", "complete", "produce")
ODD = ("halt", "resume", "stop", "stop", "stop", "restart", "produce", "produce", "withdraw",
       "move_park", "end")  # fmt: skip
# Agreed days that lie, seen from the day asked for, at every edge.
AWAY = (-800, -366, -365, -364, -1, 0, 1, 90, 91)


def made_up(rng: Random, count: int, as_of: date) -> tuple[list[Parcel], list[Event]]:
    """Make parcels up: some way along the chain, then whatever may happen to land."""
    parcels, events = [], []
    for place in range(count):
        number = f"P-{place:03d}"
        area_m2 = rng.choice(AREAS)
        on = FIRST + timedelta(days=rng.randrange(200))
        park = rng.choice(PARKS)
        parcels.append(_entry(rng, number, as_of))
        events.append(line(number, "register", on, area_m2, park))
        stages = rng.choice((0, 1, 2, 3, 3, 4, 4, 5, 6, 6, 6, 6))
        kinds = [*CHAIN[:stages], *rng.choices(ODD, k=rng.choice((0, 1, 2, 3, 5)))]
        for kind in kinds:
            on += timedelta(days=rng.choice((0, 1, 30, 200)))
            part = rng.choice((None, area_m2 / 2, area_m2 / 2 - 0.4, area_m2 / 2 - 0.4, 0.3))
            part = part if kind in ("produce", "stop", "restart") else None
            events.append(line(number, kind, on, part and max(part, 0.0), rng.choice(PARKS)))
            if kind == "end":
                break
    return parcels, events


def _entry(rng: Random, number: str, as_of: date) -> Parcel:
    def day() -> date | None:
        return None if rng.random() < 0.3 else as_of + timedelta(days=rng.choice(AWAY))

    return Parcel(
        number, rng.choice(tuple(Origin)), AreaBasis.LEDGER, responsible_unit=rng.choice(UNITS),
        agreed_start_on=day(), agreed_complete_on=day(), agreed_produce_on=day(),
    )  # fmt: skip


def line(number: str, kind: str, on: date, area_m2: float | None, park: str | None = None) -> Event:
    """One line of the ledger."""
    park = park if kind in ("register", "move_park") else None
    return Event(0, number, EventKind(kind), on, NOON, "张三", area_m2=area_m2, park_id=park)


@dataclass(frozen=True)
class Told:
    """What the events tell of one parcel on a day."""

    state: ParcelState
    parcel: Parcel
    halted_on: date | None
    stopped_on: date | None

    @property
    def parts(self) -> dict[Account, float]:
        """The m2 of each account but 投产."""
        split = self.state.split()
        return {
            account: m2 for account, m2 in split.items() if account is not Account.IN_PRODUCTION
        }

    @property
    def due(self) -> list[tuple[str, date]]:
        """Every step still to come whose day was agreed, in the order in which they come."""
        steps = {
            "start": (self.parcel.agreed_start_on, "supplied"),
            "complete": (self.parcel.agreed_complete_on, "supplied building"),
            "produce": (self.parcel.agreed_produce_on, "supplied building completed"),
        }
        status = self.state.status.value
        return [
            (step, on)
            for step, (on, waiting) in steps.items()
            if on is not None and status in waiting.split()
            and not (status == "completed" and self.state.stopped_m2 > 0)
        ]  # fmt: skip

    @property
    def key(self) -> tuple[object, ...]:
        """Its place in the order, by the words of the decision."""
        stages = ("completed part_used in_production", "building", "supplied", "acquired",
                  "approved", "planned")  # fmt: skip
        status = self.state.status.value
        tier = next(i for i, words in enumerate(stages) if status in words.split())
        stands_still = self.state.halted or self.state.stopped_m2 > 0
        due = self.due[0][1] if self.due else date.max
        return tier, stands_still, due, -sum(self.parts.values()), self.state.parcel_no


def told(parcels: list[Parcel], events: list[Event], as_of: date) -> list[Told]:
    """Replay every parcel's events up to a day."""
    entries = {parcel.parcel_no: parcel for parcel in parcels}
    known = [event for event in events if event.effective_on <= as_of]
    by_parcel = groupby(
        sorted(standing(known), key=lambda e: e.parcel_no), key=lambda e: e.parcel_no
    )
    found = []
    for number, own in by_parcel:
        states = list(transitions(list(own)))
        if states[-1].ended:
            continue
        days = {state.on: state for state in states}
        halted = _since([(on, state.halted) for on, state in days.items()])
        stopped = _since([(on, state.stopped_m2 > 0) for on, state in days.items()])
        found.append(Told(states[-1], entries[number], halted, stopped))
    return found


def _since(days: list[tuple[date, bool]]) -> date | None:
    began = None
    for on, flagged in days:
        began = (began or on) if flagged else None
    return began
