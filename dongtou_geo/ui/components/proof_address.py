"""The part of the address that says which figure's proof is open."""

from __future__ import annotations

import streamlit as st

PROOF_KEY = "proof"


def open_proof(word: str) -> None:
    """Open a figure's proof over the page: the rest of the address stays as it is.

    Parameters
    ----------
    word : str
        The figure, as ``FigureAsk.text`` writes it.
    """
    st.query_params[PROOF_KEY] = word


def close_proof() -> None:
    """Go back to the page as it was."""
    st.query_params.pop(PROOF_KEY, None)
