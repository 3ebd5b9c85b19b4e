"""打开证据: every figure of the app can be asked what it rests on."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from dongtou_geo.services.proof.ask import FigureAsk, parse_ask
from dongtou_geo.services.proof.land import LAND_FIGURES, prove_land
from dongtou_geo.services.proof.proof import Proof, Sources

Prover = Callable[[Sources, FigureAsk], Proof | None]

# Who proves which figure.
FIGURES: Mapping[str, Prover] = {
    **dict.fromkeys(LAND_FIGURES, prove_land),
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
