"""汇报: its sheets as plain data, so that page, deck and paper show the same figures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

from dongtou_geo.domain.progress import LedgerStamp
from dongtou_geo.services.proof.ask import FigureAsk


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure, written once for every medium.

    Parameters
    ----------
    label : str
        What it is.
    value : float or None
        In its unit, percentages as fractions; None = 未填报.
    text : str
        As written everywhere, without its unit (a percentage carries its sign).
    unit : str
        亩, 亿元, 宗, 个 or nothing.
    formula : str
        How it comes about, with its numbers.
    source : str
        Where its numbers come from.
    ask : FigureAsk or None
        What opens its proof.
    late : bool
        逾期: the only thing written in red.
    """

    label: str
    value: float | None
    text: str
    unit: str = ""
    formula: str = ""
    source: str = ""
    ask: FigureAsk | None = None
    late: bool = False

    @property
    def with_unit(self) -> str:
        """Return the text with its unit; 未填报 has none."""
        return self.text if not self.unit or self.value is None else f"{self.text} {self.unit}"


@dataclass(frozen=True, slots=True)
class Late:
    """Words that say 逾期: with the figures that are late the only thing in red."""

    text: str


Words = tuple[str | Figure | Late, ...]


def plain(words: Words) -> str:
    """Return words with their figures as text.

    Parameters
    ----------
    words : Words
        Text and figures in reading order.
    """
    return "".join(part if isinstance(part, str) else part.text for part in words)


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table.

    Parameters
    ----------
    name : str
        Its heading.
    unit : str
        Under the heading.
    share : float
        Its width against the others'.
    right : bool
        Figures stand at the right.
    """

    name: str
    unit: str = ""
    share: float = 1.0
    right: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table: every cell is words; ``strong`` names rows that sum others."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Words, ...], ...]
    strong: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Series:
    """One series of a chart; None where nothing is recorded."""

    name: str
    values: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart.

    Parameters
    ----------
    kind : {"rates", "amounts", "curve"}
        Bars of fractions against their targets, bars of amounts, or lines of fractions.
    title : str
        Words above it, with the unit.
    categories : tuple of str
        In reading order.
    series : tuple of Series
        The measured first, then the target where there is one.
    colours : tuple of str
        Of the bars, one a category; empty = the house's teal.
    decimals : int
        Of the amounts.
    figures : tuple of Figure
        Of the bars, one a category: what is written beside them and opens their proof.
    """

    kind: Literal["rates", "amounts", "curve"]
    title: str
    categories: tuple[str, ...]
    series: tuple[Series, ...]
    colours: tuple[str, ...] = ()
    decimals: int = 1
    figures: tuple[Figure, ...] = ()


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet of the briefing.

    Parameters
    ----------
    id : str
        Its word in the address.
    name : str
        In the list of sheets.
    layout : {"cover", "district", "zones", "park", "gap", "projects", "next", "notes"}
        How it is laid out.
    title : str
        Its heading.
    lead : Words
        The one sentence to remember.
    hero : Figure or None
        The one figure set large.
    hero_basis : tuple of Words
        Its denominator and day, a line each.
    figures : tuple of Figure
        Beside it.
    tables, charts : tuple of Table, tuple of Chart
        In reading order.
    points : tuple of Words
        Short sentences.
    map_subject : str or None
        Zone or park id, or "district": what its map shows.
    source : str
        口径 and source, at its foot.
    """

    id: str
    name: str
    layout: Literal["cover", "district", "zones", "park", "gap", "projects", "next", "notes"]
    title: str
    lead: Words
    hero: Figure | None = None
    hero_basis: tuple[Words, ...] = ()
    figures: tuple[Figure, ...] = ()
    tables: tuple[Table, ...] = ()
    charts: tuple[Chart, ...] = ()
    points: tuple[Words, ...] = ()
    map_subject: str | None = None
    source: str = ""

    def shown(self) -> Iterator[Figure]:
        """Yield every figure on the sheet, in reading order."""
        if self.hero is not None:
            yield self.hero
        yield from self.figures
        for chart in self.charts:
            yield from chart.figures
        cells = (cell for table in self.tables for row in table.rows for cell in row)
        for words in (self.lead, *self.hero_basis, *cells, *self.points):
            yield from (part for part in words if isinstance(part, Figure))


@dataclass(frozen=True, slots=True)
class Briefing:
    """The whole walk: district, zones, parks, gap, projects, next steps."""

    as_of: date
    stamp: LedgerStamp
    sheets: tuple[Sheet, ...]

    @property
    def corner(self) -> str:
        """Return what stands in the corner of every sheet: which ledger, until when, as of when."""
        stamp = self.stamp
        if stamp.ledger_version is None:
            ledger = "无台账"
        else:
            until = f"数据截止 {stamp.data_until}" if stamp.data_until else "尚无记录"
            name = "示例台账" if stamp.sample else "台账"
            ledger = f"{name}版本 {stamp.ledger_version} · {until}"
        return f"{ledger} · 截至 {self.as_of}"

    def sheet(self, sheet_id: str) -> Sheet | None:
        """Return a sheet by its word in the address, None where there is no such sheet."""
        return next((sheet for sheet in self.sheets if sheet.id == sheet_id), None)
