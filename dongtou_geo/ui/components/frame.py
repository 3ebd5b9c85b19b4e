"""What every page stands in: title, navigation, the sample bar, and words where it cannot be shown.

All but title and navigation is drawn inside the page's fragment, so that it follows the date and
the ledger of the very run that draws the figures.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

import streamlit as st

from dongtou_geo.domain.day import SHANGHAI
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
        problems = cache.errors_in_geodata()
        if problems:
            # A broken map looks like a working one; the list says what to mend.
            show_problems(problems)
            return

        def draw() -> None:
            ledger = cache.ledger()
            sample_bar(ledger.stamp)
            body(ledger)
            proof_over(ledger)

        guarded(draw, refusal)

    def whole() -> None:
        header(name)
        stage()

    return whole


def guarded(draw: Callable[[], None], say: Callable[[str], None]) -> None:
    """Draw, and say in Chinese why that cannot be.

    Parameters
    ----------
    draw : callable
        Draws the page.
    say : callable
        Given one sentence where it fails.

    Notes
    -----
    What nobody foresaw goes into the service's log with its trace: the reader is told that it did,
    not shown English.
    """
    try:
        draw()
    except DongtouGeoError as error:
        say(str(error))
    except Exception:
        when = datetime.now(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")
        logging.getLogger(__name__).exception("page failed")
        say(f"此页出错，未能显示；其他页面可以继续使用。详情已记入服务日志（{when}），请告知管理员")
