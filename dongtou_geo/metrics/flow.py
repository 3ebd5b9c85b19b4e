"""Where land went: lots of one look laid against the lots of another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from dongtou_geo.domain.status import Account

# A square centimetre is a float's, not the land's.
_DUST_M2 = 1e-4


@dataclass(frozen=True, slots=True)
class Lot:
    """Land of one parcel in one account."""

    parcel_no: str
    park_id: str | None
    account: Account
    area_m2: float


@dataclass(frozen=True, slots=True)
class Flow:
    """Land that went from one lot to another; None = from or to outside the ledger."""

    source: Lot | None
    sink: Lot | None
    area_m2: float

    @property
    def is_still(self) -> bool:
        """Tell whether it stayed in its park and account."""
        return (
            self.source is not None
            and self.sink is not None
            and self.source.park_id == self.sink.park_id
            and self.source.account == self.sink.account
        )


# What land most likely did, first: it stayed where it was, then it stayed in the parcel, the park.
_LIKELY: tuple[Callable[[Lot], object], ...] = (
    lambda lot: (lot.parcel_no, lot.park_id, lot.account),
    lambda lot: (lot.park_id, lot.account),
    lambda lot: lot.parcel_no,
    lambda lot: lot.park_id,
    lambda _lot: None,
)


def flows(before: Sequence[Lot], after: Sequence[Lot]) -> list[Flow]:
    """Lay two sets of lots of the same land side by side.

    Parameters
    ----------
    before, after : sequence of Lot
        One parcel's, or those of parcels that a split or merge makes one.

    Returns
    -------
    list of Flow
        Every m2 of both sides is in exactly one.
    """
    here, there = [lot.area_m2 for lot in before], [lot.area_m2 for lot in after]
    found: dict[tuple[int, int], float] = {}
    for likely in _LIKELY:
        for i, source in enumerate(before):
            for j, sink in enumerate(after):
                area_m2 = min(here[i], there[j])
                if area_m2 > _DUST_M2 and likely(source) == likely(sink):
                    here[i] -= area_m2
                    there[j] -= area_m2
                    found[i, j] = found.get((i, j), 0.0) + area_m2
    return [
        *(Flow(before[i], after[j], area_m2) for (i, j), area_m2 in found.items()),
        *(Flow(lot, None, m2) for lot, m2 in zip(before, here, strict=True) if m2 > _DUST_M2),
        *(Flow(None, lot, m2) for lot, m2 in zip(after, there, strict=True) if m2 > _DUST_M2),
    ]
