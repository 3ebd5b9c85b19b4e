"""Columns of the tables on industries, policies and reclamation."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any

from dongtou_geo.domain.layout import M2_IN, FactKind, FamilyBasis, Strength

Cell = Callable[[str], Any]
# A year, a month or a day: reports rarely give the day.
PARTIAL_DAY = re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?")


def one_of(kinds: type[StrEnum]) -> Cell:
    """Return a cell that takes one of some words.

    Parameters
    ----------
    kinds : type
        The words.
    """

    def take(cell: str) -> StrEnum:
        try:
            return kinds(cell)
        except ValueError:
            msg = f"{'、'.join(kinds)} 之一"
            raise ValueError(msg) from None

    return take


def words(cell: str) -> tuple[str, ...]:
    """Take words separated by semicolons, none is all right."""
    return tuple(word.strip() for word in cell.split(";") if word.strip())


def partial_day(cell: str) -> str:
    """Take a year, a month or a day."""
    if not PARTIAL_DAY.fullmatch(cell):
        msg = "形如 2018、2018-07 或 2018-07-14 的日期"
        raise ValueError(msg)
    return cell


def partial_day_or_none(cell: str) -> str | None:
    """Take a year, a month or a day, empty = None."""
    return partial_day(cell) if cell.strip() else None


def area_unit_or_none(cell: str) -> str | None:
    """Take a unit of area, empty = None."""
    if cell and cell not in M2_IN:
        msg = f"{'、'.join(M2_IN)} 之一，或空"
        raise ValueError(msg)
    return cell or None


def layout_columns(
    text: Cell, text_or_none: Cell, count: Cell, amount_or_none: Cell, keys: Cell
) -> dict[str, Mapping[str, Cell]]:
    """Return the columns by table, from the cells that all tables share.

    Parameters
    ----------
    text, text_or_none, count, amount_or_none, keys : callable
        As in ``catalog.tables``, which registers these tables beside its own.
    """
    return {
        **_industry_columns(text, text_or_none, count),
        **_fact_columns(text, text_or_none, amount_or_none, keys),
    }


def _industry_columns(text: Cell, text_or_none: Cell, count: Cell) -> dict[str, Mapping[str, Cell]]:
    return {
        "industries": {
            "id": text,
            "parent_id": text_or_none,
            "name": text,
            "words": words,
            "source_ref": text,
            "note": text_or_none,
        },
        "industries_places": {
            "industry_id": text,
            "place_id": text_or_none,
            "place_text": text_or_none,
            "strength": one_of(Strength),
            "source_ref": text,
            "note": text_or_none,
        },
        "industries_projects": {
            "no": count,
            "industry_id": text_or_none,
            "branch_id": text_or_none,
            "basis": one_of(FamilyBasis),
            "source_ref": text,
            "note": text_or_none,
        },
    }


def _fact_columns(
    text: Cell, text_or_none: Cell, amount_or_none: Cell, keys: Cell
) -> dict[str, Mapping[str, Cell]]:
    return {
        "policy_notes": {
            "id": text,
            "issued_on": partial_day,
            "document": text,
            "phrase": text,
            "bound_to": keys,
            "effect": text,
            "source_ref": text,
        },
        "reclamation_facts": {
            "subject_id": text,
            "kind": one_of(FactKind),
            "on": partial_day_or_none,
            "value": amount_or_none,
            "unit": area_unit_or_none,
            "words": text,
            "source_ref": text,
            "note": text_or_none,
        },
    }
