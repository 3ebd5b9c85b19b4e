"""打开证据: every figure of the app can be asked what it rests on."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from dongtou_geo.services.proof.ask import FigureAsk, parse_ask
from dongtou_geo.services.proof.briefing import PARCEL_OPEN, prove_parcel_open
from dongtou_geo.services.proof.found import FOUND, prove_found
from dongtou_geo.services.proof.gap import GAP_FIGURES, prove_gap
from dongtou_geo.services.proof.land import LAND_FIGURES, prove_land
from dongtou_geo.services.proof.layout import LAYOUT_FIGURES, prove_layout
from dongtou_geo.services.proof.moves import MOVE_FIGURES, prove_moves
from dongtou_geo.services.proof.projects import PROJECT_FIGURES, prove_projects
from dongtou_geo.services.proof.proof import Proof, Sources
from dongtou_geo.services.proof.quality import QUALITY_FIGURES, prove_quality

Prover = Callable[[Sources, FigureAsk], Proof | None]

# Who proves which figure.
FIGURES: Mapping[str, Prover] = {
    **dict.fromkeys(LAND_FIGURES, prove_land),
    **dict.fromkeys(GAP_FIGURES, prove_gap),
    **dict.fromkeys(LAYOUT_FIGURES, prove_layout),
    **dict.fromkeys(PROJECT_FIGURES, prove_projects),
    **dict.fromkeys(MOVE_FIGURES, prove_moves),
    **dict.fromkeys(QUALITY_FIGURES, prove_quality),
    FOUND: prove_found,
    PARCEL_OPEN: prove_parcel_open,
}


def prove(sources: Sources, text: str) -> Proof | None:
    """Prove the figure that an address names.

    Parameters
    ----------
    sources : Sources
        Plan and ledger.
    text : str
        The figure's word; anybody may have typed it.

    Returns
    -------
    Proof or None
        None where there is no such figure.

    Raises
    ------
    LedgerError
        If the ledger cannot be read.
    """
    ask = parse_ask(text)
    prover = FIGURES.get(ask.figure) if ask else None
    return prover(sources, ask) if prover and ask else None
