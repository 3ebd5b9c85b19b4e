"""What proves a figure: formula, 口径, its terms, the rows behind it, and the notes that touch it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from dongtou_geo.domain.data_note import DataNote
from dongtou_geo.domain.progress import LedgerStamp
from dongtou_geo.services.dossier import Atlas
from dongtou_geo.store import lots, present
from dongtou_geo.store.ledger import Ledger
from dongtou_geo.store.lots import LotQuery

Kind = Literal["text", "parcel", "mu", "day", "moment", "number", "percent", "wan"]
Row = tuple[object, ...]
Rows = Callable[[int, int], list[Row]]
# A map of more outlines than this shows no more than one of fewer.
MOST_OUTLINES = 800


@dataclass(frozen=True, slots=True)
class Sources:
    """Where proofs are read from.

    Parameters
    ----------
    atlas : Atlas
        The plan.
    ledger : Ledger or None
        None = no ledger.
    stamp : LedgerStamp
        Which ledger, in which state.
    """

    atlas: Atlas
    ledger: Ledger | None
    stamp: LedgerStamp


@dataclass(frozen=True, slots=True)
class Term:
    """One number of a formula.

    Parameters
    ----------
    name : str
        As the formula names it.
    value : float or None
        None = 未填报.
    unit : str
        亩, 万元, 宗, 项; ``%`` for a fraction.
    source : str
        Where it comes from: the plan's chapter, or the ledger.
    """

    name: str
    value: float | None
    unit: str
    source: str


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a proof's table.

    Parameters
    ----------
    name : str
        Its head.
    unit : str
        Written small beside it.
    kind : str
        How its values are written; ``mu`` has two decimals.
    """

    name: str
    unit: str = ""
    kind: Kind = "text"


@dataclass(frozen=True, slots=True)
class ProofTable:
    """The rows behind a figure.

    Parameters
    ----------
    title : str
        What they are.
    columns : tuple of Column
        Its columns.
    count : int
        How many rows there are.
    total : float or None
        What they sum to, in the unit of ``total_column``.
    rows : callable
        Given a limit and an offset, returns tuples as wide as the columns.
    total_column : int or None
        Which column is summed.
    """

    title: str
    columns: tuple[Column, ...]
    count: int
    total: float | None
    rows: Rows = field(repr=False)
    total_column: int | None = None


@dataclass(frozen=True, slots=True)
class Proof:
    """A figure with all that it rests on.

    Parameters
    ----------
    title : str
        Place and figure: ``南塘工业区 · 投产率（规划口径）``.
    value : float or None
        None = 未填报.
    unit : str
        As for ``Term``.
    formula : str
        In words: ``投产率 = 投产面积 ÷ 规划面积``.
    basis : str
        口径: what counts, what does not, and by whose word.
    as_of : date or None
        The day; None for a figure of the plan.
    terms : tuple of Term
        The numbers of the formula.
    tables : tuple of ProofTable
        The rows behind it.
    notes : tuple of DataNote
        What is wrong or unclear with the plan's side of it.
    parcels : LotQuery or tuple of str or None
        Whose outlines the proof's map draws; None = no map.
    """

    title: str
    value: float | None
    unit: str
    formula: str
    basis: str
    as_of: date | None = None
    terms: tuple[Term, ...] = ()
    tables: tuple[ProofTable, ...] = ()
    notes: tuple[DataNote, ...] = ()
    parcels: LotQuery | tuple[str, ...] | None = None


def fixed_table(
    title: str,
    columns: tuple[Column, ...],
    rows: Sequence[Row],
    *,
    total_column: int | None = None,
) -> ProofTable:
    """Return a table of rows that are there already.

    Parameters
    ----------
    title : str
        What they are.
    columns : tuple of Column
        Its columns.
    rows : sequence of tuple
        All of them.
    total_column : int, optional
        The column to sum; None in it counts as nothing.
    """
    total = None
    if total_column is not None:
        amounts = [row[total_column] for row in rows]
        total = float(sum(amount for amount in amounts if isinstance(amount, int | float)))
    kept = list(rows)
    return ProofTable(
        title, columns, len(kept), total, lambda limit, offset: kept[offset : offset + limit],
        total_column,
    )  # fmt: skip


def outlines(sources: Sources, proof: Proof) -> list[tuple[str, bytes, str | None]]:
    """Return the outlines that a proof's map draws.

    Parameters
    ----------
    sources : Sources
        Where from.
    proof : Proof
        The proof.

    Returns
    -------
    list of (str, bytes, str or None)
        Number, outline as WKB in EPSG:4490, status where it is known; ``MOST_OUTLINES`` at most.
    """
    if sources.ledger is None or not proof.parcels:
        return []
    with sources.ledger.reading() as snapshot:
        if isinstance(proof.parcels, LotQuery):
            found = lots.lot_outlines(snapshot.connection, proof.parcels, MOST_OUTLINES)
            return [(number, wkb, status.value) for number, wkb, status in found]
        entries = present.entries_of(snapshot.connection, proof.parcels[:MOST_OUTLINES])
    return [
        (number, entry.geometry_wkb, None)
        for number, entry in entries.items()
        if entry.geometry_wkb is not None
    ]
