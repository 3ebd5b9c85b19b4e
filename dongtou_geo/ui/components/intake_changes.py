"""What the file would change in the ledger, parcel by parcel."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dongtou_geo.services.intake.choices import Ground
from dongtou_geo.services.intake.differences import differences
from dongtou_geo.services.intake.examine import Examined
from dongtou_geo.ui.components.render import render

MOST_LISTED = 200


def change_list(examined: Examined, ground: Ground) -> None:
    """Show new, changed, unchanged and missing parcels.

    Parameters
    ----------
    examined : Examined
        The file.
    ground : Ground
        Parks.
    """
    values, counts = examined.arrival.values, examined.counts()
    changed = [change for change in examined.changes if change.kinds]
    lines = [
        (str(values.numbers[change.row]), differences(change, ground.park_names))
        for change in changed[:MOST_LISTED]
    ]
    new = values.numbers[examined.new]
    new_mu = float(examined.arrival.area_m2[examined.new].sum()) * 3 / 2000
    st.html(render("intake_changes.html", counts=counts, changed=len(changed), lines=lines,
                   more=len(changed) - len(lines), new_mu=new_mu,
                   new=_some(new.tolist()), missing=_some(examined.missing)))  # fmt: skip


def _some(numbers: Sequence[str]) -> str:
    shown = "、".join(numbers[:12])
    return f"{shown} 等" if len(numbers) > 12 else shown
