"""The outlines of a whole ledger under examination: overlaps, areas on paper, indicative parks."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import date

import numpy as np
import shapely
from numpy.typing import NDArray

from dongtou_geo.domain.units import m2_to_mu
from dongtou_geo.errors import LedgerError
from dongtou_geo.frames.area import area_m2
from dongtou_geo.frames.crossings import holding_outline
from dongtou_geo.frames.overlaps import Overlaps, overlaps_within
from dongtou_geo.metrics.quality import base_mu, beyond
from dongtou_geo.services.area_compare import TOLERANCE_MU, TOLERANCE_SHARE
from dongtou_geo.services.intake.ground import ground
from dongtou_geo.services.progress import LedgerView
from dongtou_geo.store import quality_findings

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
PAPERS: tuple[str, ...] = ("ledger", "contract", "title")
# Up to so many parcels the check is made unasked: it takes about a second.
UNASKED = 20_000
# All outlines are held at once, about 1 kB each; more would crowd the other pages out.
MOST = 500_000
_KEPT = 3


@dataclass(frozen=True, slots=True)
class LandCheck:
    """The living parcels of a day, by number, with what their outlines show.

    Parameters
    ----------
    numbers : list of str
        Parcels.
    parks : list of str or None
        Where each counts.
    drawn_mu : ndarray of float, shape (n,)
        Ellipsoidal area of the outline, 亩; NaN = 未落图.
    paper_mu : dict of str to ndarray
        The areas on paper by ``PAPERS``, 亩; NaN = not given.
    off : dict of str to ndarray of bool
        Which of them differ beyond 1 % and 0.2 亩 from the drawn area, else from the ledger's.
    holder : ndarray of int, shape (n,)
        Position in ``park_ids`` of the indicative outline that holds it; -1 = none.
    park_ids : tuple of str
        The parks whose outline is indicative.
    overlaps : Overlaps
        Pairs of positions that lie over one another.
    """

    numbers: list[str]
    parks: list[str | None]
    drawn_mu: Floats
    paper_mu: dict[str, Floats]
    off: dict[str, NDArray[np.bool_]]
    holder: Ints
    park_ids: tuple[str, ...]
    overlaps: Overlaps

    @property
    def base_mu(self) -> Floats:
        """Return what areas on paper are held against, 亩."""
        return base_mu(self.drawn_mu, self.paper_mu["ledger"])


_Key = tuple[str, str | None, date]
_held: OrderedDict[_Key, LandCheck] = OrderedDict()
_guard, _working = threading.Lock(), threading.Lock()


def held_check(view: LedgerView, as_of: date) -> LandCheck | None:
    """Return the check of this state of the ledger if it was made already.

    Parameters
    ----------
    view : LedgerView
        The ledger.
    as_of : date
        The day.
    """
    if view.ledger is None:
        return None
    with _guard:
        return _held.get(_key(view, as_of))


def land_check(view: LedgerView, as_of: date) -> LandCheck | None:
    """Examine every outline of the ledger; the last few results are kept.

    Parameters
    ----------
    view : LedgerView
        The ledger.
    as_of : date
        The day; outlines and areas on paper are those of the register now.

    Returns
    -------
    LandCheck or None
        None where there is no ledger.

    Raises
    ------
    LedgerError
        If the ledger cannot be read, or holds more parcels than fit into memory.

    Notes
    -----
    Kept here and not with the pages: the proof of a figure must rest on the same check.
    """
    if view.ledger is None:
        return None
    # One at a time: whoever else asks waits for the same result instead of computing it too.
    with _working:
        found = held_check(view, as_of)
        if found is None:
            found = _examined(view, as_of)
            with _guard:
                _held[_key(view, as_of)] = found
                while len(_held) > _KEPT:
                    _held.popitem(last=False)
        return found


def _key(view: LedgerView, as_of: date) -> _Key:
    assert view.ledger is not None
    return (view.ledger.url, view.stamp.ledger_version, as_of)


def _examined(view: LedgerView, as_of: date) -> LandCheck:
    assert view.ledger is not None
    numbers: list[str] = []
    parks: list[str | None] = []
    shapes: list[NDArray[np.object_]] = []
    areas: list[Floats] = []
    papers: dict[str, list[float]] = {paper: [] for paper in PAPERS}
    with view.ledger.reading() as snapshot:
        count = quality_findings.living_count(snapshot.connection, as_of)
        if count > MOST:
            msg = f"在册 {count:,} 宗，超过一次能检查的 {MOST:,} 宗；请按园区导出后分批检查"
            raise LedgerError(msg)
        for rows in quality_findings.living_land(snapshot.connection, as_of):
            drawn = shapely.from_wkb([row[2] for row in rows])
            shapes.append(drawn)
            areas.append(area_m2(drawn))
            numbers += [row[0] for row in rows]
            parks += [row[1] for row in rows]
            for place, paper in enumerate(PAPERS, start=3):
                papers[paper] += [np.nan if row[place] is None else row[place] for row in rows]
    outlines = np.concatenate(shapes) if shapes else np.zeros(0, dtype=object)
    drawn_mu = m2_to_mu(1.0) * (np.concatenate(areas) if areas else np.zeros(0))
    paper_mu = {paper: np.array(values, dtype=np.float64) for paper, values in papers.items()}
    against = base_mu(drawn_mu, paper_mu["ledger"])
    off = {
        paper: beyond(values, against, share=TOLERANCE_SHARE, mu=TOLERANCE_MU)
        for paper, values in paper_mu.items()
    }
    indicative = ground().park_outlines
    named = np.array([shape for _name, shape in indicative.values()], dtype=object)
    return LandCheck(
        numbers, parks, drawn_mu, paper_mu, off, holding_outline(outlines, named),
        tuple(indicative), overlaps_within(outlines),
    )  # fmt: skip
