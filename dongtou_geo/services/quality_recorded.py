"""填报: what each park's part of the ledger lacks, and when anybody last wrote in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from dongtou_geo.domain.day import day_here
from dongtou_geo.domain.progress import Progress
from dongtou_geo.services.dossier import Atlas
from dongtou_geo.services.progress import LedgerView, progress
from dongtou_geo.store import quality_rows
from dongtou_geo.store.quality_rows import (
    FLAGS,
    STALE_DAYS,
    Flag,
    GapQuery,
    LastLine,
    ParkGaps,
    Share,
)

OUTSIDE, DISTRICT = "outside", "all"
FLAG_NAMES: dict[Flag, str] = {
    "unmapped": "未落图",
    "unit": "缺责任单位",
    "document": "缺依据文号",
    "stage": "缺阶段",
    "occupant": "缺使用权人",
    "agreed": "缺约定日期",
    "contract": "缺合同编号",
    "stale": "久无记录",
}
FLAG_RULES: dict[Flag, str] = {
    "unmapped": "没有图形、按台账面积计的地块",
    "unit": "没有填责任单位的地块",
    "document": "批准至投产的各条记录中，至少一条没有写依据文号的地块",
    "stage": "后面的阶段有日期而前面的没有；填海地块不要求征收，收回以后从征而未供重新算起",
    "occupant": "供而未用及以后的地块中没有填使用权人的；供应以前没有使用权人，不计",
    "agreed": "供而未用及以后的地块中，约定动工、竣工、投产三个日期没有填全的",
    "contract": "供而未用及以后的地块中没有填合同编号（或划拨决定书号）的",
    "stale": f"未全部投产的地块中，截至日以前超过 {STALE_DAYS} 天没有录入任何记录的",
}


@dataclass(frozen=True, slots=True)
class RecordedRow:
    """One park's part of the ledger.

    Parameters
    ----------
    subject : str
        Park id, ``outside`` (园区外) or ``all`` for the sum.
    gaps : ParkGaps
        What its parcels lack.
    last : LastLine or None
        The line recorded last by the as-of day; None = there was none yet.
    silent_days : int or None
        Days from then to the as-of day.
    """

    subject: str
    name: str
    row: Progress | None
    planned_mu: float | None
    gaps: ParkGaps
    last: LastLine | None
    silent_days: int | None

    @property
    def reported(self) -> bool:
        """Tell whether anything is recorded here."""
        return self.gaps.everything.parcels > 0

    @property
    def stale(self) -> bool:
        """Tell whether nobody has written here for more than 180 days."""
        return self.silent_days is not None and self.silent_days > STALE_DAYS


def gaps_of(view: LedgerView, as_of: date) -> tuple[list[ParkGaps], dict[int, LastLine]]:
    """Ask the ledger what every park's parcels lack; some seconds where there are very many.

    Parameters
    ----------
    view : LedgerView
        The ledger.
    as_of : date
        The day.
    """
    if view.ledger is None:
        return [], {}
    with view.ledger.reading() as snapshot:
        gaps = quality_rows.park_gaps(snapshot.connection, as_of)
        ids = [own.last_id for own in gaps if own.last_id is not None]
        return gaps, quality_rows.last_lines(snapshot.connection, ids)


def recorded_rows(
    atlas: Atlas,
    view: LedgerView,
    as_of: date,
    told: tuple[list[ParkGaps], dict[int, LastLine]],
    place: str = "",
) -> list[RecordedRow]:
    """Return a row a park, one for 园区外 and, where several are shown, their sum.

    Parameters
    ----------
    atlas : Atlas
        The plan.
    view : LedgerView
        The ledger.
    as_of : date
        The day.
    told : tuple
        As ``gaps_of`` returns it.
    place : str
        A zone, a park or ``outside``: only these; "" = all.
    """
    gaps, lines = told
    by_park = {row.id: row for row in progress(atlas.book, view, as_of=as_of)}
    known = {park.id for park in atlas.book.parks}
    own = {each.park_id: each for each in gaps if each.park_id in known}
    rest = summed(OUTSIDE, [each for each in gaps if each.park_id not in known])
    rows = [
        _row(park.id, park.name, by_park.get(park.id), park.planned_mu,
             own.get(park.id) or summed(park.id, []), lines, as_of)
        for park in atlas.book.parks
        if place in ("", park.id, park.zone_id)
    ]  # fmt: skip
    if place in ("", OUTSIDE):
        rows.append(_row(OUTSIDE, "园区外", by_park.get(None), None, rest, lines, as_of))
    if len(rows) > 1:
        planned = sum(row.planned_mu or 0.0 for row in rows)
        name = atlas.place_names.get(place, "合计")
        total = summed(DISTRICT, [row.gaps for row in rows])
        subject = place or DISTRICT
        rows.append(
            _row(subject, f"{name}合计" if place else name, None, planned, total, lines, as_of)
        )
    return rows


def _row(
    subject: str,
    name: str,
    row: Progress | None,
    planned_mu: float | None,
    gaps: ParkGaps,
    lines: dict[int, LastLine],
    as_of: date,
) -> RecordedRow:
    last = lines.get(gaps.last_id) if gaps.last_id is not None else None
    silent = (as_of - day_here(last.recorded_at)).days if last else None
    return RecordedRow(subject, name, row, planned_mu, gaps, last, silent)


def summed(subject: str, gaps: list[ParkGaps]) -> ParkGaps:
    """Add up what several parks lack.

    Parameters
    ----------
    subject : str
        What the sum is of.
    gaps : list of ParkGaps
        The parks.
    """
    ids = [own.last_id for own in gaps if own.last_id is not None]
    return ParkGaps(
        subject,
        _sum([own.everything for own in gaps]),
        _sum([own.supplied for own in gaps]),
        {flag: _sum([own.by_flag[flag] for own in gaps]) for flag in FLAGS},
        max(ids) if ids else None,
    )


def _sum(shares: list[Share]) -> Share:
    return Share(sum(s.parcels for s in shares), sum(s.area_m2 for s in shares))


def place_query(
    atlas: Atlas, place: str
) -> tuple[tuple[str, ...] | None, tuple[str, ...] | None] | None:
    """Return what a place means to the ledger: its parks, or outside of which parks.

    Parameters
    ----------
    atlas : Atlas
        The plan.
    place : str
        A park, a zone, ``outside`` or ``all``.

    Returns
    -------
    tuple or None
        ``(park_ids, outside_of)``; None where there is no such place.
    """
    if place in ("", DISTRICT):
        return None, None
    parks = atlas.book.parks
    if place == OUTSIDE:
        return None, tuple(park.id for park in parks)
    own = tuple(park.id for park in parks if place in (park.id, park.zone_id))
    return (own, None) if own else None


def gap_query(atlas: Atlas, place: str, as_of: date, flag: Flag | None) -> GapQuery | None:
    """Name the parcels of a place that lack something.

    Parameters
    ----------
    atlas : Atlas
        The plan.
    place : str
        As for ``place_query``.
    as_of : date
        The day.
    flag : str or None
        What they lack; None = whatever.
    """
    where = place_query(atlas, place)
    return None if where is None else GapQuery(as_of, flag, *where)
