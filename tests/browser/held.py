"""What a ledger holds, replayed from its lines: what the map is compared with."""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date

from dongtou_geo.domain.account import ParcelState
from dongtou_geo.domain.parcel import Parcel
from dongtou_geo.services.tile_source import stories_of
from dongtou_geo.store.ledger import Ledger


@dataclass(frozen=True)
class Held:
    """Every parcel of a ledger and every state it has been in."""

    parcels: dict[str, Parcel]
    timeline: dict[str, list[ParcelState]]

    def state_on(self, number: str, day: date) -> ParcelState | None:
        states = self.timeline[number]
        place = bisect_right(states, day, key=lambda state: state.on)
        return states[place - 1] if place and not states[place - 1].ended else None


def held(ledger: Ledger) -> Held:
    stories = stories_of(ledger, [parcel.parcel_no for parcel in ledger.parcels()])
    return Held(
        {number: parcel for number, (parcel, _) in stories.items()},
        {number: states for number, (_, states) in stories.items()},
    )
