"""地块: what the ledger says of a parcel beside its dated events."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Origin(StrEnum):
    """Where the land came from: filled sea skips 征收."""

    LAND = "land"
    FILLED_SEA = "filled_sea"

    @property
    def label(self) -> str:
        """Return the Chinese word shown to users."""
        return {"land": "陆地", "filled_sea": "填海"}[self.value]


class AreaBasis(StrEnum):
    """Which area a parcel counts with."""

    DRAWN = "drawn"
    LEDGER = "ledger"

    @property
    def label(self) -> str:
        """Return the Chinese word shown to users."""
        return {"drawn": "图形面积", "ledger": "台账面积（未落图）"}[self.value]


@dataclass(frozen=True, slots=True)
class Parcel:
    """One parcel's register entry; its status follows from events alone.

    Parameters
    ----------
    parcel_no : str
        Unique number, trimmed and NFKC-normalised.
    origin : Origin
        Land or filled sea.
    area_basis : AreaBasis
        ``ledger`` when the parcel has no outline (未落图).
    geometry_wkb : bytes or None
        Outline in EPSG:4490 lon/lat as WKB; None = 未落图.
    ledger_area_mu, contract_area_mu, title_area_mu : float or None
        The three areas on paper, 亩.
    handed_over_on, agreed_start_on, agreed_complete_on, agreed_produce_on : date or None
        Dates agreed in the contract.
    """

    parcel_no: str
    origin: Origin
    area_basis: AreaBasis
    geometry_wkb: bytes | None = None
    ledger_area_mu: float | None = None
    contract_area_mu: float | None = None
    title_area_mu: float | None = None
    land_use_code: str | None = None
    occupant: str | None = None
    handed_over_on: date | None = None
    agreed_start_on: date | None = None
    agreed_complete_on: date | None = None
    agreed_produce_on: date | None = None
    area_started_m2: float | None = None
    total_investment_wan: float | None = None
    invested_wan: float | None = None
    supply_mode: str | None = None
    contract_no: str | None = None
    supervision_no: str | None = None
    responsible_unit: str | None = None
    note: str | None = None
