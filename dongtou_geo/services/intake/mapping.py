"""Which column of a file is which field of the ledger, and in which unit."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache

from dongtou_geo.domain.cell import M2_PER_UNIT, WAN_PER_UNIT, read_amount
from dongtou_geo.domain.ledger_field import (
    LEDGER_FIELDS,
    TYPED_STATUS_NAMES,
    FieldKind,
    LedgerField,
)
from dongtou_geo.errors import UsageError
from dongtou_geo.formats.arrived import Arrived, ChoiceNeededError
from dongtou_geo.formats.export_shapefile import short_names

# A Shapefile cuts names at 10 bytes: 3 characters in UTF-8, 5 in GBK.
_SHORTEST_CUT = 3
_LIKE_A_UNIT = re.compile(r"[元亩顷米里]$|^(sq)?(m|km|ft|acre)s?\d?$")
# Of these many rows columns in two units must agree.
_LOOKED_AT = 500
# What only a 界址点 TXT has.
_POINT_COUNT, _STATED_AREA = "界址点数", "地块面积"
_BRACKETS = re.compile(r"[（(\[【]([^）)\]】]*)[）)\]】]")


@dataclass(frozen=True, slots=True)
class Mapped:
    """A field's column.

    Parameters
    ----------
    column : str
        As in the file.
    unit : str
        Unit of bare figures, a key of the field's units; "" for what is no figure.
    assumed : bool
        The file names no unit: it is the contract's.
    """

    column: str
    unit: str = ""
    assumed: bool = False


@dataclass(frozen=True, slots=True)
class ColumnMapping:
    """All fields found.

    Parameters
    ----------
    fields : dict of str to Mapped
        By contract name.
    unused : tuple of str
        Columns that are no field.
    typed_status : tuple of str
        Columns with a typed status or percentage, left alone.
    rivals : dict of str to str
        Columns that could be a field too, and the column that is taken for it.
    """

    fields: dict[str, Mapped] = field(default_factory=dict)
    unused: tuple[str, ...] = ()
    typed_status: tuple[str, ...] = ()
    rivals: dict[str, str] = field(default_factory=dict)


def map_columns(arrived: Arrived, chosen: Mapping[str, str] | None = None) -> ColumnMapping:
    """Find the ledger's fields among the columns of a file.

    Parameters
    ----------
    arrived : Arrived
        The file.
    chosen : mapping of str to str, optional
        Field to column, optionally with a unit after a colon: ``{"ledger_area_mu": "面积:公顷"}``;
        an empty column leaves the field out. What is chosen goes before what is found.

    Returns
    -------
    ColumnMapping
        Contract names go before Chinese names, these before other names.

    Raises
    ------
    UsageError
        If a chosen field or column does not exist.
    ChoiceNeededError
        If two columns fit a field equally well.
    """
    columns = [str(column) for column in arrived.cells.columns]
    default_unit = _unit_in(arrived.facts.get("单位", ""))
    fields = {
        name: _mapped(LEDGER_FIELDS[name], column, unit or default_unit)
        for name, (column, unit) in _chosen(chosen or {}, columns).items()
        if column
    }
    if _POINT_COUNT in columns and "area_m2" not in fields:
        # The area that a 界址点 TXT states is its drawing's own, not another paper's.
        stated = next((c for c in columns if c.startswith(_STATED_AREA)), None)
        if stated is not None and _unit_in(stated, M2_PER_UNIT):
            fields["area_m2"] = Mapped(stated, _unit_in(stated, M2_PER_UNIT))
    taken = {mapped.column for mapped in fields.values()}
    left_out = {name for name, column in (chosen or {}).items() if not column}
    rivals: dict[str, str] = {}
    cut = not arrived.column_letters  # only layers cut their names
    ranked = _ranked([c for c in columns if c not in taken], cut=cut)
    for name, candidates in ranked.items():
        if name not in fields and name not in left_out:
            column = _best(name, candidates, arrived)
            fields[name] = _mapped(LEDGER_FIELDS[name], column, default_unit)
            rivals |= {other: column for _, other in candidates if other != column}
    used = {mapped.column for mapped in fields.values()}
    rest = [column for column in columns if column not in used]
    typed = tuple(column for column in rest if _plain(column) in TYPED_STATUS_NAMES)
    rivals = {other: column for other, column in rivals.items() if other in rest}
    return ColumnMapping(fields, tuple(c for c in rest if c not in typed), typed, rivals)


def _chosen(chosen: Mapping[str, str], columns: Sequence[str]) -> dict[str, tuple[str, str]]:
    found = {}
    for name, words in chosen.items():
        if name not in LEDGER_FIELDS:
            msg = f"没有字段“{name}”，应为 {'、'.join(LEDGER_FIELDS)} 之一"
            raise UsageError(msg)
        column, _, unit = words.rpartition(":")
        if not column or words in columns:
            column, unit = words, ""
        if column and column not in columns:
            msg = f"文件里没有列“{column}”，应为 {'、'.join(columns)} 之一"
            raise UsageError(msg)
        known = units_of(LEDGER_FIELDS[name])
        if unit and unit not in known:
            msg = f"字段 {name} 没有单位“{unit}”，应为 {'、'.join(u for u in known if u)} 之一"
            raise UsageError(msg)
        found[name] = (column, unit)
    return found


def _ranked(columns: Sequence[str], *, cut: bool) -> dict[str, list[tuple[int, str]]]:
    """Return for each field the columns that may be it, with how far-fetched each is."""
    found: dict[str, list[tuple[int, str]]] = {}
    for column in columns:
        hits = [(rank, name) for name in LEDGER_FIELDS if (rank := _rank(name, column)) is not None]
        if not hits and cut:
            hits = _cut_hits(column)
        if hits:
            best = min(rank for rank, _ in hits)
            for rank, name in hits:
                if rank == best:
                    found.setdefault(name, []).append((rank, column))
    return found


def _rank(name: str, column: str) -> int | None:
    names = [_plain(word) for word in _names(LEDGER_FIELDS[name])]
    forms = _forms(column)
    hits = [names.index(form) + 100 * n for n, form in enumerate(forms) if form in names]
    return min(hits, default=None)


@cache
def _own_short_names() -> dict[str, str]:
    """Return how our own Shapefiles shorten the fields, by contract name and by heading."""
    found: dict[str, str] = {}
    for long in ([*LEDGER_FIELDS], [known.heading for known in LEDGER_FIELDS.values()]):
        found |= zip(short_names(long), LEDGER_FIELDS, strict=True)
    return found


def _cut_hits(column: str) -> list[tuple[int, str]]:
    """Match a name that was cut at 10 bytes by what is left of it, if only one field fits."""
    if column in _own_short_names():
        return [(999, _own_short_names()[column])]
    stem = _plain(column)
    if len(stem) < _SHORTEST_CUT or (stem.isascii() and len(column) < 10):
        return []
    fits = {
        name
        for name, known in LEDGER_FIELDS.items()
        if any(_plain(word).startswith(stem) for word in _names(known))
    }
    return [(1000, fits.pop())] if len(fits) == 1 else []


def _names(known: LedgerField) -> tuple[str, ...]:
    return (known.name, known.label, *known.aliases)


def _best(name: str, candidates: Sequence[tuple[int, str]], arrived: Arrived) -> str:
    best = min(rank for rank, _ in candidates)
    columns = [column for rank, column in candidates if rank == best]
    own_unit = [c for c in columns if _unit_in(c) in _own_units(LEDGER_FIELDS[name])]
    if len(columns) > 1 and len(own_unit) == 1 and _agree(columns, arrived):
        return own_unit[0]  # the same area once more in hectares
    if len(columns) > 1:
        label = LEDGER_FIELDS[name].label
        msg = (
            f"有 {len(columns)} 列都像“{label}”：{'、'.join(columns)}；"
            f"请用 --map {name}=列名 指明一列"
        )
        raise ChoiceNeededError(msg, "--map", tuple(f"{name}={column}" for column in columns))
    return columns[0]


def _agree(columns: Sequence[str], arrived: Arrived) -> bool:
    """Tell whether columns hold the same area in different units; a rounding is no difference."""
    for row in range(min(len(arrived.cells), _LOOKED_AT)):
        read = [
            read_amount(arrived.cells[column].iloc[row], M2_PER_UNIT, _unit_in(column))
            for column in columns
        ]
        figures = [figure for figure in read if isinstance(figure, float)]
        if figures and max(figures) - min(figures) > max(0.02 * max(figures), 50.0):
            return False
    return True


def _mapped(known: LedgerField, column: str, default_unit: str) -> Mapped:
    units = units_of(known)
    if not units:
        return Mapped(column)
    _refuse_foreign_unit(known, column, units)
    own = _unit_in(column, units)
    ours = column.isascii() and column in _own_short_names()
    if own or ours or column.lower() == known.name:
        return Mapped(column, own or _contract_unit(known))
    if default_unit in units and default_unit:
        return Mapped(column, default_unit)
    return Mapped(column, _contract_unit(known), assumed=True)


def _refuse_foreign_unit(known: LedgerField, column: str, units: Mapping[str, float]) -> None:
    """Ask where a heading names a unit that is none of ours: 万美元 is not 万元."""
    normal = unicodedata.normalize("NFKC", column).lower()
    for words in _BRACKETS.findall(normal):
        unit = str(words).strip().removeprefix("单位").strip(" :")
        if unit not in units and _LIKE_A_UNIT.search(unit):
            options = tuple(f"{known.name}={column}:{word}" for word in units if word)
            msg = (
                f"列“{column}”的单位“{unit}”不认识，应为{'、'.join(u for u in units if u)}之一；"
                f"请用 --map {known.name}={column}:单位 指明"
            )
            raise ChoiceNeededError(msg, "--map", options)


def units_of(known: LedgerField) -> dict[str, float]:
    """Return the units that a field's figures may have; none for what is no figure.

    Parameters
    ----------
    known : LedgerField
        The field.
    """
    if known.kind in (FieldKind.AREA_M2, FieldKind.AREA_MU):
        return M2_PER_UNIT
    return WAN_PER_UNIT if known.kind is FieldKind.WAN else {}


def _own_units(known: LedgerField) -> set[str]:
    units = units_of(known)
    factor = units.get(_contract_unit(known)) if units else None
    return {unit for unit, value in units.items() if unit and value == factor}


def _contract_unit(known: LedgerField) -> str:
    return {FieldKind.AREA_M2: "平方米", FieldKind.AREA_MU: "亩", FieldKind.WAN: "万元"}[known.kind]


def _unit_in(text: str, units: Mapping[str, float] | None = None) -> str:
    """Find a unit in brackets, or as a word of its own, in a heading or a line above the table."""
    known = units if units is not None else {**M2_PER_UNIT, **WAN_PER_UNIT}
    normal = unicodedata.normalize("NFKC", text).lower()
    words = [*_BRACKETS.findall(normal), *re.split(r"[\s:/,、_]+", _BRACKETS.sub(" ", normal))]
    for word in words:
        bare = str(word).strip().removeprefix("单位").strip(" :")
        if bare and bare in known:
            return bare
    return ""


def _forms(column: str) -> list[str]:
    """Return what a heading may be called: whole, its last line, its first."""
    normal = _BRACKETS.sub(" ", unicodedata.normalize("NFKC", column))
    parts = [part for part in re.split(r"[\s/]+", normal) if part]
    parts = [part for part in parts if part.lower() not in {**M2_PER_UNIT, **WAN_PER_UNIT}]
    # A group over its members: 面积 over 台账 and 合同 is 台账面积 and 合同面积.
    forms = ["".join(parts), "".join(reversed(parts)), *parts[-1:], *parts[:1]]
    return list(dict.fromkeys(_plain(form) for form in forms if form))


@lru_cache(maxsize=4096)
def _plain(name: str) -> str:
    normal = _BRACKETS.sub("", unicodedata.normalize("NFKC", name))
    # A name cut at 10 bytes may have lost the bracket's other half.
    normal = re.sub(r"[(\[【].*$", "", normal)
    return "".join(normal.split()).strip("*:").lower()
