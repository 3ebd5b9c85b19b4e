"""缺口清单: what is missing to a park's target, and the parcels that could close it, in order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from itertools import accumulate

from dongtou_geo.domain.balance import Balances
from dongtou_geo.domain.parcel import Origin
from dongtou_geo.domain.progress import LedgerStamp, Progress
from dongtou_geo.domain.status import STATUSES, Account
from dongtou_geo.domain.units import m2_to_mu
from dongtou_geo.metrics.gap import Closing, closing, obstacle, sampled
from dongtou_geo.services.gap_figures import (
    CurvePoint,
    DistrictGap,
    GapLine,
    ParkGap,
    ParkLine,
    StageGap,
)
from dongtou_geo.services.progress import NO_LEDGER, LedgerView, PlanBook, books_of, scored
from dongtou_geo.store import gap_rows
from dongtou_geo.store.gap_rows import NEAREST_FIRST, GapOrder
from dongtou_geo.store.gap_stages import StageSum, stage_sums
from dongtou_geo.store.ledger import Snapshot

PAGE_ROWS = 50
FIRST_PARCELS = 3
DRAWN_PARCELS = 300
CURVE_POINTS = 200
AT_ONCE = 5_000
# The stages of a gap by their words, nearest to production first: the account, and whether it is
# 停产. Of 建成未投产, what has produced and was stopped stands apart.
STAGE_WORDS: dict[str, tuple[Account, bool]] = {
    Account.COMPLETED.value: (Account.COMPLETED, False),
    "stopped": (Account.COMPLETED, True),
    Account.PART_USED.value: (Account.PART_USED, False),
    **{account.value: (account, False) for account in reversed(STATUSES[:5])},
}


def park_gap(
    view: LedgerView,
    book: PlanBook,
    park_id: str,
    *,
    as_of: date,
    page: int = 1,
    parcel_no: str | None = None,
) -> ParkGap:
    """Return a park's gap and one page of its list.

    Parameters
    ----------
    view : LedgerView
        The ledger.
    book : PlanBook
        What the plan asks.
    park_id : str
        A park of the plan.
    as_of : date
        The day.
    page : int
        From 1; one beyond the last shows the last.
    parcel_no : str, optional
        Shows the page on which this parcel stands instead.

    Raises
    ------
    LedgerError
        If the ledger cannot be read.
    KeyError
        If the plan has no such park.
    """
    with _moment(view, book, as_of) as (rows, stamp, snapshot):
        row = {row.id: row for row in rows}[park_id]
        order, sums, drawn = GapOrder(), list[StageSum](), list[tuple[str, Account, bytes]]()
        if snapshot is not None:
            order = gap_rows.orders(snapshot.connection, as_of, [park_id])[park_id]
            sums = stage_sums(snapshot.connection, as_of, park_id)
            drawn = gap_rows.outlines(snapshot.connection, as_of, order.numbers[:DRAWN_PARCELS])
        cumulative_mu = _cumulative(order)
        pages = max(1, -(-len(order.numbers) // PAGE_ROWS))
        missing = parcel_no is not None and parcel_no not in order.numbers
        if parcel_no is not None and not missing:
            page = order.numbers.index(parcel_no) // PAGE_ROWS + 1
        page = min(max(page, 1), pages)
        start = (page - 1) * PAGE_ROWS
        lines = list(_lines(snapshot, row, order, cumulative_mu, range(start, start + PAGE_ROWS)))
    found = _closing(row, cumulative_mu)
    return ParkGap(
        row, stamp, found, len(order.numbers), cumulative_mu[-1] if cumulative_mu else 0.0, lines,
        page, pages, _stages(sums), _points(row, order, cumulative_mu, found), drawn, missing,
    )  # fmt: skip


def district_gap(view: LedgerView, book: PlanBook, *, as_of: date) -> DistrictGap:
    """Return every park's gap with the parcels that come first.

    Parameters
    ----------
    view : LedgerView
        The ledger.
    book : PlanBook
        What the plan asks.
    as_of : date
        The day.

    Raises
    ------
    LedgerError
        If the ledger cannot be read.
    """
    with _moment(view, book, as_of) as (rows, stamp, snapshot):
        parks = [row for row in rows if row.id is not None]
        orders = {str(row.id): GapOrder() for row in parks}
        if snapshot is not None:
            orders = gap_rows.orders(snapshot.connection, as_of, list(orders))
        lines = []
        for row in parks:
            order = orders[str(row.id)]
            cumulative_mu = _cumulative(order)
            first = list(_lines(snapshot, row, order, cumulative_mu, range(FIRST_PARCELS)))
            lines.append(ParkLine(row, _closing(row, cumulative_mu), len(order.numbers), first))
    outside_mu = sum(row.recorded_mu for row in rows if row.id is None)
    return DistrictGap(stamp, lines, outside_mu)


def whole_list(
    view: LedgerView, book: PlanBook, park_ids: Sequence[str], *, as_of: date
) -> Iterator[tuple[Progress, GapLine]]:
    """Yield every parcel of some parks' lists, park by park, in order.

    Parameters
    ----------
    view : LedgerView
        The ledger.
    book : PlanBook
        What the plan asks.
    park_ids : sequence of str
        Parks of the plan.
    as_of : date
        The day.

    Raises
    ------
    LedgerError
        If the ledger cannot be read.
    """
    with _moment(view, book, as_of) as (rows, _stamp, snapshot):
        if snapshot is None:
            return
        by_id = {row.id: row for row in rows}
        for park_id in park_ids:
            row = by_id[park_id]
            order = gap_rows.orders(snapshot.connection, as_of, [park_id])[park_id]
            cumulative_mu = _cumulative(order)
            for start in range(0, len(order.numbers), AT_ONCE):
                some = range(start, start + AT_ONCE)
                for line in _lines(snapshot, row, order, cumulative_mu, some):
                    yield row, line


def gap_lines(
    view: LedgerView, book: PlanBook, park_id: str, *, as_of: date, limit: int, offset: int
) -> list[GapLine]:
    """Return some lines of a park's list.

    Parameters
    ----------
    view : LedgerView
        The ledger.
    book : PlanBook
        What the plan asks.
    park_id : str
        A park of the plan.
    as_of : date
        The day.
    limit, offset : int
        Which lines.

    Raises
    ------
    LedgerError
        If the ledger cannot be read.
    """
    with _moment(view, book, as_of) as (rows, _stamp, snapshot):
        if snapshot is None:
            return []
        row = {row.id: row for row in rows}[park_id]
        order = gap_rows.orders(snapshot.connection, as_of, [park_id])[park_id]
        some = range(offset, offset + limit)
        return list(_lines(snapshot, row, order, _cumulative(order), some))


@contextmanager
def _moment(
    view: LedgerView, book: PlanBook, as_of: date
) -> Iterator[tuple[list[Progress], LedgerStamp, Snapshot | None]]:
    """Read progress and parcels from one moment: the list must add up to the park's own figures."""
    if view.ledger is None:
        yield scored(book, Balances([]), as_of, NO_LEDGER), NO_LEDGER, None
        return
    with view.ledger.reading() as snapshot:
        balances, stamp = books_of(snapshot)
        yield scored(book, balances, as_of, stamp), stamp, snapshot


def _cumulative(order: GapOrder) -> list[float]:
    return [m2_to_mu(area_m2) for area_m2 in accumulate(order.contribution_m2)]


def _closing(row: Progress, cumulative_mu: Sequence[float]) -> Closing | None:
    if row.target_rate is None or row.in_production_mu is None or not row.planned_mu:
        return None
    return closing(row.target_rate, row.planned_mu, row.in_production_mu, cumulative_mu)


def _rate(row: Progress, added_mu: float) -> float:
    return ((row.in_production_mu or 0.0) + added_mu) / (row.planned_mu or 1.0)


def _lines(
    snapshot: Snapshot | None,
    row: Progress,
    order: GapOrder,
    cumulative_mu: Sequence[float],
    places: range,
) -> Iterator[GapLine]:
    if snapshot is None:
        return
    numbers = order.numbers[places.start : places.stop]
    for place, found in enumerate(
        gap_rows.rows_of(snapshot.connection, row.as_of, numbers), start=places.start
    ):
        yield GapLine(
            row=found,
            place=place + 1,
            contribution_mu=m2_to_mu(found.contribution_m2),
            cumulative_mu=cumulative_mu[place],
            rate=_rate(row, cumulative_mu[place]),
            obstacle=obstacle(found, row.as_of),
        )


def _stages(sums: Sequence[StageSum]) -> list[StageGap]:
    found = []
    for account, stopped in STAGE_WORDS.values():
        own = [line for line in sums if (line.account, line.stopped) == (account, stopped)]
        if not own:
            continue
        by_origin, counts = dict.fromkeys(Origin, 0.0), dict.fromkeys(Origin, 0)
        units: dict[str | None, float] = {}
        for line in own:
            by_origin[line.origin] += line.area_m2
            counts[line.origin] += line.parcels
            unit = line.responsible_unit
            units[unit] = units.get(unit, 0.0) + line.area_m2
        ranked = sorted(units.items(), key=lambda pair: (-pair[1], pair[0] or ""))
        found.append(
            StageGap(
                account=account,
                stopped=stopped,
                area_mu=m2_to_mu(sum(line.area_m2 for line in own)),
                halted_mu=m2_to_mu(sum(line.halted_m2 for line in own)),
                parcels=sum(line.parcels for line in own),
                land_mu=m2_to_mu(by_origin[Origin.LAND]),
                filled_sea_mu=m2_to_mu(by_origin[Origin.FILLED_SEA]),
                land_parcels=counts[Origin.LAND],
                filled_sea_parcels=counts[Origin.FILLED_SEA],
                units=tuple((unit, m2_to_mu(area_m2)) for unit, area_m2 in ranked),
            )
        )
    return found


def _points(
    row: Progress, order: GapOrder, cumulative_mu: Sequence[float], found: Closing | None
) -> list[CurvePoint]:
    if row.in_production_mu is None or not order.numbers:
        return []
    ends = [i for i in range(len(order.tiers) - 1) if order.tiers[i] != order.tiers[i + 1]]
    crossing = [found.parcels - 1] if found and found.parcels else []
    chosen = sampled(len(order.numbers), CURVE_POINTS, [*ends, *crossing])
    return [
        CurvePoint(0, _rate(row, 0.0), order.tiers[0]),
        *(CurvePoint(i + 1, _rate(row, cumulative_mu[i]), order.tiers[i]) for i in chosen),
    ]


def tier_words(tier: int) -> str:
    """Return what stands in one tier of the order, for the curve's legend.

    Parameters
    ----------
    tier : int
        Place in ``NEAREST_FIRST``.
    """
    if tier == 0:
        return "建成、用而未尽、停产"
    status = NEAREST_FIRST[tier][0]
    filled = status.filled_sea_label
    return status.label if filled == status.label else f"{status.label} / {filled}"
