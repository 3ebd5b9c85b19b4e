"""到期与逾期: which contracts pass an agreed date soon, which have passed one, and for how long."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from dongtou_geo.domain.parcel import Origin
from dongtou_geo.domain.progress import LedgerStamp
from dongtou_geo.domain.units import m2_to_mu
from dongtou_geo.metrics.gap import STEPS, idle_from, near_until, year_before
from dongtou_geo.services.gap import PAGE_ROWS
from dongtou_geo.services.progress import NO_LEDGER, LedgerView
from dongtou_geo.store import gap_due
from dongtou_geo.store.gap_due import KINDS, DueCount, DueFilter, DueRow, Window

WINDOWS: dict[Window, str] = {"soon": "90 天内", "past": "已过", "year": "已过一年"}


@dataclass(frozen=True, slots=True)
class DueLine:
    """One step of a contract.

    Parameters
    ----------
    days : int
        Days past; below zero for days to come.
    idle_since : date or None
        疑似闲置 since that day.
    """

    row: DueRow
    days: int
    idle_since: date | None

    @property
    def step(self) -> str:
        """Return 约定动工, 约定竣工 or 约定投产."""
        return STEPS[self.row.kind]

    @property
    def status_label(self) -> str:
        """Return the status in the words that fit its origin."""
        status = self.row.status
        return status.filled_sea_label if self.row.origin is Origin.FILLED_SEA else status.label

    @property
    def area_mu(self) -> float:
        """Return the whole parcel's area, 亩."""
        return m2_to_mu(self.row.area_m2)


@dataclass(frozen=True, slots=True)
class DueCell:
    """How many steps are due, and the land of their parcels, 亩."""

    parcels: int
    area_mu: float


@dataclass(frozen=True, slots=True)
class DuePage:
    """The counts of all steps and windows, and one page of the steps that were asked for.

    Parameters
    ----------
    cells : dict of (str, Window) to DueCell
        By step and window; all nine are there.
    undated : dict of str to DueCell
        Parcels that wait for a step whose day nobody wrote down.
    """

    stamp: LedgerStamp
    cells: dict[tuple[str, Window], DueCell]
    undated: dict[str, DueCell]
    lines: list[DueLine]
    count: int
    page: int
    pages: int


def due_filter(
    as_of: date, park_id: str | None, window: Window | None = None, kind: str | None = None
) -> DueFilter:
    """Return which agreed dates are asked for on a day.

    Parameters
    ----------
    as_of : date
        The day.
    park_id : str or None
        A park; None = the whole ledger.
    window : {"soon", "past", "year"} or None
        None = near or past.
    kind : {"start", "complete", "produce"} or None
        None = any.
    """
    return DueFilter(as_of, near_until(as_of), year_before(as_of), park_id, window, kind)


def due_page(view: LedgerView, wanted: DueFilter, *, page: int = 1) -> DuePage:
    """Return the counts, and one page of steps.

    Parameters
    ----------
    view : LedgerView
        The ledger.
    wanted : DueFilter
        As ``due_filter`` makes it.
    page : int
        From 1; one beyond the last shows the last.

    Raises
    ------
    LedgerError
        If the ledger cannot be read.
    """
    if view.ledger is None:
        return DuePage(NO_LEDGER, _cells({}), {}, [], 0, 1, 1)
    with view.ledger.reading() as snapshot:
        counts = gap_due.due_counts(snapshot.connection, wanted)
        count = _count(counts, wanted)
        pages = max(1, -(-count // PAGE_ROWS))
        page = min(max(page, 1), pages)
        rows = gap_due.due_rows(
            snapshot.connection, wanted, limit=PAGE_ROWS, offset=(page - 1) * PAGE_ROWS
        )
        undated = gap_due.undated(snapshot.connection, wanted.as_of, wanted.park_id)
        stamp = snapshot.stamp()
    return DuePage(
        stamp, _cells(counts), {kind: _cell(found) for kind, found in undated.items()},
        [_line(row, wanted.as_of) for row in rows], count, page, pages,
    )  # fmt: skip


def due_slice(view: LedgerView, wanted: DueFilter, *, limit: int, offset: int) -> list[DueLine]:
    """Return some of the steps that are asked for, the earliest day first.

    Parameters
    ----------
    view : LedgerView
        The ledger.
    wanted : DueFilter
        As ``due_filter`` makes it.
    limit, offset : int
        Which lines.

    Raises
    ------
    LedgerError
        If the ledger cannot be read.
    """
    if view.ledger is None:
        return []
    with view.ledger.reading() as snapshot:
        rows = gap_due.due_rows(snapshot.connection, wanted, limit=limit, offset=offset)
    return [_line(row, wanted.as_of) for row in rows]


def all_due(view: LedgerView, wanted: DueFilter) -> Iterator[DueLine]:
    """Yield every step that is asked for, of one moment, the earliest day first.

    Parameters
    ----------
    view : LedgerView
        The ledger.
    wanted : DueFilter
        As ``due_filter`` makes it.

    Raises
    ------
    LedgerError
        If the ledger cannot be read.
    """
    if view.ledger is None:
        return
    with view.ledger.reading() as snapshot:
        for row in gap_due.due_rows(snapshot.connection, wanted, limit=None):
            yield _line(row, wanted.as_of)


def _count(counts: dict[tuple[str, Window], DueCount], wanted: DueFilter) -> int:
    windows: tuple[Window, ...] = (wanted.window,) if wanted.window else ("soon", "past")
    return sum(
        found.parcels
        for (kind, window), found in counts.items()
        if window in windows and wanted.kind in (None, kind)
    )


def _cells(counts: dict[tuple[str, Window], DueCount]) -> dict[tuple[str, Window], DueCell]:
    return {
        (kind, window): _cell(counts.get((kind, window), DueCount()))
        for kind in KINDS
        for window in WINDOWS
    }


def _cell(found: DueCount) -> DueCell:
    return DueCell(found.parcels, m2_to_mu(found.area_m2))


def _line(row: DueRow, as_of: date) -> DueLine:
    days = (as_of - row.due_on).days
    return DueLine(row, days, idle_from(row.status, row.kind, row.due_on, as_of))
