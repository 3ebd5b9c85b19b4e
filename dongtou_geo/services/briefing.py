"""汇报: the walk from the district to the next steps, on one day of one ledger."""

from __future__ import annotations

from datetime import date

from dongtou_geo.domain.balance import BalanceReader
from dongtou_geo.domain.progress import LedgerStamp, progress_by_park, progress_by_zone
from dongtou_geo.services.briefing_actions import gap_sheet, next_sheet, notes_sheet
from dongtou_geo.services.briefing_figures import Pen
from dongtou_geo.services.briefing_places import (
    Standing,
    credit,
    district_sheet,
    park_sheet,
    zones_sheet,
)
from dongtou_geo.services.briefing_projects import projects_sheet
from dongtou_geo.services.briefing_sheet import Briefing, Sheet
from dongtou_geo.services.dossier import Atlas
from dongtou_geo.services.gap import district_gap
from dongtou_geo.services.gap_due import due_filter
from dongtou_geo.services.progress import LedgerView
from dongtou_geo.services.projects import project_rows
from dongtou_geo.store.gap_due import DueCount, Window, due_counts

TRIES = 3


def briefing(atlas: Atlas, view: LedgerView, as_of: date) -> Briefing:
    """Write every sheet from one state of a ledger.

    Parameters
    ----------
    atlas : Atlas
        The plan.
    view : LedgerView
        The ledger; without one everything of the land is 未填报.
    as_of : date
        The day.

    Returns
    -------
    Briefing
        The sheets in the order of the walk.

    Raises
    ------
    LedgerError
        If the ledger cannot be read.
    """
    for _try in range(TRIES):
        found = _written(atlas, view, as_of)
        # Somebody may have recorded between two of the questions: the corner names one version.
        if view.ledger is None or view.ledger.stamp() == found.stamp:
            break
    return found


def _written(atlas: Atlas, view: LedgerView, as_of: date) -> Briefing:
    with view.books() as (balances, stamp):
        standing = _standing(atlas, balances, stamp, as_of)
        places = (
            _cover(standing),
            district_sheet(standing),
            zones_sheet(standing),
            *(park_sheet(standing, park) for park in atlas.book.parks),
        )
    sheets = (
        *places,
        gap_sheet(standing, district_gap(view, atlas.book, as_of=as_of)),
        projects_sheet(standing, project_rows(atlas, view.ledger, as_of)),
        next_sheet(standing, _due(view, as_of)),
        notes_sheet(standing),
    )
    return Briefing(as_of, stamp, sheets)


def _due(view: LedgerView, as_of: date) -> dict[tuple[str, Window], DueCount]:
    if view.ledger is None:
        return {}
    with view.ledger.reading() as snapshot:
        return due_counts(snapshot.connection, due_filter(as_of, None))


def _standing(atlas: Atlas, balances: BalanceReader, stamp: LedgerStamp, as_of: date) -> Standing:
    book = atlas.book
    return Standing(
        atlas=atlas,
        pen=Pen(stamp, as_of),
        parks=progress_by_park(book.parks, book.targets, balances, as_of=as_of, stamp=stamp),
        zones=progress_by_zone(book.zones, book.parks, balances, as_of=as_of, stamp=stamp),
        balances=balances,
    )


def _cover(standing: Standing) -> Sheet:
    stamp = standing.pen.stamp
    sample = ("数字取自示例台账：地块为虚构，只作演示",)
    return Sheet(
        id="cover",
        name="封面",
        layout="cover",
        title="洞头区产业用地投产情况",
        lead=("对照“十三五”工业和信息化规划的投产目标",),
        points=((f"截至 {standing.pen.as_of}",), *((sample,) if stamp.sample else ())),
        map_subject="district",
        source=credit(),
    )
