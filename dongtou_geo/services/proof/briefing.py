"""Proof of what one parcel could add to production: the figures of 汇报 that no other page has."""

from __future__ import annotations

from dongtou_geo.domain.units import m2_to_mu
from dongtou_geo.metrics.gap import obstacle
from dongtou_geo.services.proof.ask import FigureAsk
from dongtou_geo.services.proof.proof import Column, Proof, Sources, Term, fixed_table
from dongtou_geo.store.gap_rows import rows_of

PARCEL_OPEN = "parcel_open_mu"
_COLUMNS = (
    Column("地块编号", kind="parcel"),
    Column("状态"),
    Column("自", kind="day"),
    Column("可补", "亩", "mu"),
    Column("使用权人"),
    Column("责任单位"),
    Column("卡在哪里"),
)


def prove_parcel_open(sources: Sources, ask: FigureAsk) -> Proof | None:
    """Prove what a parcel could add to production.

    Parameters
    ----------
    sources : Sources
        Plan and ledger.
    ask : FigureAsk
        ``subject`` is the parcel's number.

    Returns
    -------
    Proof or None
        None where no such parcel is alive on the day.

    Notes
    -----
    可补 = 地块面积 − 已投产面积: what is recorded and does not produce, stopped land included.
    """
    if sources.ledger is None or ask.as_of is None:
        return None
    with sources.ledger.reading() as snapshot:
        found = list(rows_of(snapshot.connection, ask.as_of, [ask.subject]))
    if not found:
        return None
    row, ledger = found[0], f"地块台账，截至 {ask.as_of}"
    contribution_mu = m2_to_mu(row.contribution_m2)
    words = obstacle(row, ask.as_of).text
    cells = (
        row.parcel_no, row.status.label, row.since_on, contribution_mu, row.occupant,
        row.responsible_unit, words,
    )  # fmt: skip
    return Proof(
        title=f"{row.parcel_no} · 可补面积",
        value=contribution_mu,
        unit="亩",
        formula="可补 = 地块面积 − 已投产面积",
        basis="在册而没有投产的面积；停产的面积也算在内",
        as_of=ask.as_of,
        terms=(
            Term("地块面积", m2_to_mu(row.area_m2), "亩", ledger),
            Term("已投产面积", m2_to_mu(row.producing_m2), "亩", ledger),
        ),
        tables=(fixed_table("地块", _COLUMNS, [cells], total_column=3),),
        parcels=(row.parcel_no,),
    )
