"""The panel beside the map: one template a kind of dossier; a click in it selects."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from dongtou_geo.catalog.layers import ClassStyle
from dongtou_geo.domain.progress import Progress
from dongtou_geo.domain.status import STATUSES
from dongtou_geo.services.dossier import (
    DistrictDossier,
    Dossier,
    ParcelDossier,
    ParkDossier,
    ProjectDossier,
    ReclamationDossier,
    ZoneDossier,
)
from dongtou_geo.services.park_industries import park_industries
from dongtou_geo.services.progress import LedgerView
from dongtou_geo.services.projects import state_of
from dongtou_geo.services.proof.land import NOT_PRODUCING
from dongtou_geo.ui import cache
from dongtou_geo.ui.components.clickable import clickable
from dongtou_geo.ui.components.render import render
from dongtou_geo.ui.components.sparkline import sparkline

_TEMPLATES = {
    DistrictDossier: "district.html",
    ZoneDossier: "zone.html",
    ParkDossier: "park.html",
    ReclamationDossier: "reclamation.html",
    ProjectDossier: "project.html",
    ParcelDossier: "parcel.html",
}


def panel_html(
    dossier: Dossier, view: LedgerView, as_of: date, fills: dict[str, ClassStyle]
) -> str:
    """Return the panel's HTML for a dossier.

    Parameters
    ----------
    dossier : Dossier
        What is selected.
    view : LedgerView
        The ledger, for its stamp.
    as_of : date
        The day shown.
    fills : dict of str to ClassStyle
        The paint of each status.
    """
    spark = (
        sparkline(dossier.curve, dossier.row.target_rate)
        if isinstance(dossier, ParkDossier)
        else None
    )
    return render(
        _TEMPLATES[type(dossier)],
        dossier=dossier,
        stamp=view.stamp,
        as_of=as_of,
        statuses=STATUSES,
        not_producing=not_producing_mu,
        fills=fills,
        spark=spark,
        stated=(
            park_industries(cache.atlas(), dossier.park) if isinstance(dossier, ParkDossier) else ()
        ),
        project_state=(
            state_of(view.ledger, dossier.project.no, as_of)
            if isinstance(dossier, ProjectDossier)
            else None
        ),
    )


def not_producing_mu(row: Progress) -> float:
    """Return how much land is supplied but not in production, 亩.

    Parameters
    ----------
    row : Progress
        A place's row.
    """
    return sum(row.by_status_mu[account] for account in NOT_PRODUCING)


def panel(html: str, on_select: Callable[[str | None], None]) -> None:
    """Show the panel.

    Parameters
    ----------
    html : str
        From ``panel_html``: escaped by the templates.
    on_select : callable
        Given the feature id that was clicked; None = back to the district.
    """
    clickable("panel", html, lambda chosen: on_select(chosen if chosen != "district" else None))
