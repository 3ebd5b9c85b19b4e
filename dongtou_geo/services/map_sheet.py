"""A map that leaves the app: the plan, the figures and the parcels of one day, read in one go."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from dongtou_geo.domain.balance import BalanceReader, Balances
from dongtou_geo.domain.places import Park, Project, Reclamation, Zone
from dongtou_geo.domain.progress import LedgerStamp, Progress, progress_by_park, progress_by_zone
from dongtou_geo.errors import UsageError
from dongtou_geo.services.dossier import PARCEL_PREFIX, PROJECT_PREFIX, Atlas, load_atlas
from dongtou_geo.store.balances import StoredBalances
from dongtou_geo.store.day_parcels import DayParcels, no_parcels, parcels_on
from dongtou_geo.store.ledger import Ledger


@dataclass(frozen=True, slots=True)
class MapSheet:
    """What a printed map or a one-file map shows.

    Parameters
    ----------
    atlas : Atlas
        The plan.
    stamp : LedgerStamp
        Which ledger; ``ledger_version`` None = no ledger.
    as_of : date
        The day of every figure and every parcel.
    rows : tuple of Progress
        One a park as ``progress --json`` has them, 园区外 last where there is such land.
    zones : tuple of Progress
        The same by zone.
    parcels : DayParcels
        Alive on the day, drawn or not.
    """

    atlas: Atlas
    stamp: LedgerStamp
    as_of: date
    rows: tuple[Progress, ...]
    zones: tuple[Progress, ...]
    parcels: DayParcels

    @property
    def unmapped(self) -> int:
        """Return how many parcels have no outline (未落图)."""
        return len(self.parcels) - int(self.parcels.drawn.sum())

    @property
    def source(self) -> str:
        """Return the day and the ledger in one line, as it stands beside figures."""
        stamp = self.stamp
        if stamp.ledger_version is None:
            return f"截至 {self.as_of} · 无台账，各项未填报"
        ledger = "示例台账" if stamp.sample else "台账"
        if stamp.data_until is None:
            return f"截至 {self.as_of} · {ledger}尚无记录"
        return f"截至 {self.as_of} · {ledger}（数据截止 {stamp.data_until}）"

    @property
    def version(self) -> str:
        """Return the ledger's version for the margin."""
        version = self.stamp.ledger_version
        return "无台账" if version is None else f"台账版本 {version}"

    @property
    def margin(self) -> str:
        """Return day, ledger and version in one line."""
        known = self.stamp.ledger_version is not None
        return f"{self.source} · {self.version}" if known else self.source

    def row(self, feature_id: str) -> Progress | None:
        """Return the row of a park or zone."""
        return next((row for row in (*self.rows, *self.zones) if row.id == feature_id), None)

    def place(self, feature_id: str) -> Zone | Park | Reclamation | Project | None:
        """Return a zone, park, reclamation area or project by the id that addresses have."""
        if feature_id.startswith(PROJECT_PREFIX):
            number = feature_id.removeprefix(PROJECT_PREFIX)
            return next((p for p in self.atlas.projects if str(p.no) == number), None)
        book = self.atlas.book
        places: tuple[Zone | Park | Reclamation, ...] = (
            *book.zones,
            *book.parks,
            *self.atlas.reclamation,
        )
        return next((place for place in places if place.id == feature_id), None)


def map_sheet(ledger: Ledger | None, *, as_of: date | None, today: date) -> MapSheet:
    """Read everything that a map of one day shows, from one state of the ledger.

    Parameters
    ----------
    ledger : Ledger or None
        None = no ledger: figures are 未填报 and there are no parcels.
    as_of : date or None
        The day; by default the sample's 数据截止, else today.
    today : date
        Today in Asia/Shanghai.

    Returns
    -------
    MapSheet
        Figures as ``progress --json`` gives them.

    Raises
    ------
    LedgerError
        If the ledger cannot be read.
    DatasetError
        If the plan cannot be read.
    """
    atlas = load_atlas()
    if ledger is None:
        day = as_of or today
        nothing = Balances([])
        return _sheet(atlas, LedgerStamp(), day, nothing, no_parcels())
    with ledger.reading() as snapshot:
        stamp = snapshot.stamp()
        day = as_of or (stamp.data_until if stamp.sample else None) or today
        parcels = parcels_on(snapshot.connection, day)
        return _sheet(atlas, stamp, day, StoredBalances(snapshot.connection), parcels)


def checked_selection(sheet: MapSheet, feature_id: str | None) -> str | None:
    """Refuse a selection that names nothing.

    Parameters
    ----------
    sheet : MapSheet
        What the map shows.
    feature_id : str or None
        A zone, park, reclamation area or project, or ``parcel:`` and a number; None = 全区.

    Returns
    -------
    str or None
        The same.

    Raises
    ------
    UsageError
        If there is no such thing on that day.
    """
    if feature_id is None or sheet.place(feature_id) is not None:
        return feature_id
    if feature_id.startswith(PARCEL_PREFIX):
        if feature_id.removeprefix(PARCEL_PREFIX) in sheet.parcels.numbers:
            return feature_id
        msg = f"--select {feature_id}：截至 {sheet.as_of} 台账中没有这个地块"
        raise UsageError(msg)
    known = "、".join(park.id for park in sheet.atlas.book.parks)
    msg = (
        f"--select {feature_id}：没有这个要素，应为片区、园区（{known}）、围垦区或"
        "项目（project_1 至 project_43）的编号，或 parcel:地块号"
    )
    raise UsageError(msg)


def _sheet(
    atlas: Atlas,
    stamp: LedgerStamp,
    day: date,
    balances: BalanceReader,
    parcels: DayParcels,
) -> MapSheet:
    book = atlas.book
    rows = progress_by_park(book.parks, book.targets, balances, as_of=day, stamp=stamp)
    zones = progress_by_zone(book.zones, book.parks, balances, as_of=day, stamp=stamp)
    return MapSheet(atlas, stamp, day, tuple(rows), tuple(zones), parcels)
