"""What every page stands in: title, navigation, the sample bar, and words where it cannot be shown.

All of it is drawn inside the page's fragment, so that it follows the date and the ledger of the
very run that draws the figures.
"""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from dongtou_geo.errors import DongtouGeoError
from dongtou_geo.services.progress import LedgerView
from dongtou_geo.ui import cache
from dongtou_geo.ui.components.chrome import header, refusal, sample_bar, show_problems
from dongtou_geo.ui.components.proof import proof_over

Body = Callable[[LedgerView], None]


def framed(name: str, body: Body) -> Callable[[], None]:
    """Return a page that shows its body in the frame.

    Parameters
    ----------
    name : str
        The page's name in the navigation.
    body : callable
        Draws the page from the ledger as it stands now.
    """

    @st.fragment
    def stage() -> None:
        header(name)
        problems = cache.errors_in_geodata()
        if problems:
            # A broken map looks like a working one; the list says what to mend.
            show_problems(problems)
            return
        try:
            ledger = cache.ledger()
            sample_bar(ledger.stamp)
            body(ledger)
            proof_over(ledger)
        except DongtouGeoError as error:
            refusal(str(error))

    return stage
