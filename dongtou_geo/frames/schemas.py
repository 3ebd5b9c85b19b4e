"""What a valid frame of each dataset holds: one pandera schema a dataset.

Notes
-----
Values are checked one by one as JSON gave them, so that a finding names the feature and not the
column; a column's ``description`` says in Chinese what would be right. Checks carry the finding's
code as their error text.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection
from typing import Any, Final

import pandas as pd
import pandera.geopandas as pa

from dongtou_geo.domain.places import LocationBasis
from dongtou_geo.domain.units import plan_area_mu

CRS: Final = "EPSG:4490"
FIDELITIES: Final = ("surveyed", "digitised", "indicative")
CONFIDENCES: Final = ("high", "medium", "low")
AREA_UNITS: Final = ("亩", "公顷", "平方公里", "平方米")
SUBGROUPS: Final = ("manufacturing", "energy", "information", "producer_services")
GROUPS: Final = ("implement", "invite", "infrastructure")
UNPLACED: Final = ("district_wide", "offshore", "multi_site")
EARLIEST_YEAR, LATEST_YEAR = 1990, 2100
# The plan's figure and its 亩 are both printed: they differ by rounding at most.
MU_TOLERANCE = 0.01

# Rules on a whole row: code -> the property they are reported at, and what would be right.
ROW_RULES: Final[dict[str, tuple[str, str]]] = {
    "reversed_years": ("end_year", "不早于 start_year 的年份"),
    "park_by_guess": ("park_id", "规划写明园区（named_park）才有园区，其余为空"),
    "subgroup_misplaced": ("subgroup", "implement 项目属四类之一，其余为空"),
    "placed_without_place": ("geometry", "空：全区性、区外海上和多处地块的项目不上图"),
    "plan_area_incomplete": ("plan_area_value", "数值、单位、亩数三者都有或都为空"),
    "plan_area_mismatch": ("plan_area_mu", "plan_area_value 按 plan_area_unit 折算的亩数"),
}


def schema_of(kind: str) -> pa.DataFrameSchema:
    """Return the schema of a dataset.

    Parameters
    ----------
    kind : str
        Dataset id.

    Returns
    -------
    pandera.geopandas.DataFrameSchema
        Strict: no other column is allowed.

    Raises
    ------
    KeyError
        If there is no such dataset.
    """
    return _SCHEMAS[kind]


def property_names(kind: str) -> tuple[str, ...]:
    """Return the properties that every feature of a dataset carries.

    Parameters
    ----------
    kind : str
        Dataset id.

    Returns
    -------
    tuple of str
        In the contract's order, without the geometry.
    """
    return tuple(name for name in _SCHEMAS[kind].columns if name != "geometry")


def _column(
    test: Callable[[Any], bool], expected: str, *, code: str = "bad_value", nullable: bool = False
) -> pa.Column:
    return pa.Column(
        None,
        pa.Check(test, element_wise=True, error=code),
        nullable=nullable,
        description=f"{expected}{'或空' if nullable else ''}",
    )


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and value.strip() != ""


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_integer(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _text(*, nullable: bool = False) -> pa.Column:
    return _column(_is_text, "非空文字", nullable=nullable)


def _word(words: Collection[str], *, nullable: bool = False) -> pa.Column:
    return _column(
        lambda value: isinstance(value, str) and value in words,
        f"{'、'.join(words)} 之一",
        code="unknown_word",
        nullable=nullable,
    )


def _amount(expected: str, *, nullable: bool = True) -> pa.Column:
    return _column(lambda value: _is_number(value) and value > 0, expected, nullable=nullable)


def _words(*, empty: bool) -> pa.Column:
    def test(value: Any) -> bool:
        return isinstance(value, list) and all(map(_is_text, value)) and (empty or bool(value))

    return _column(test, f"文字列表{'，可为空列表' if empty else '，至少一项'}")


def _year() -> pa.Column:
    return _column(
        lambda value: _is_integer(value) and EARLIEST_YEAR <= value <= LATEST_YEAR,
        f"{EARLIEST_YEAR}-{LATEST_YEAR} 的整数年份",
    )


def _point() -> pa.Column:
    def test(value: Any) -> bool:
        return isinstance(value, list) and len(value) == 2 and all(map(_is_number, value))

    return _column(test, "[经度, 纬度]")


def _unique(test: Callable[[Any], bool], expected: str) -> pa.Column:
    # pandera's own unique=True stumbles over a list where a text should be.
    def once(cells: pd.Series) -> pd.Series:
        return ~cells.map(repr).duplicated(keep=False)

    checks = [
        pa.Check(test, element_wise=True, error="bad_value"),
        pa.Check(once, error="duplicate_value"),
    ]
    return pa.Column(None, checks, description=expected)


def _is_nothing(value: Any) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value))


def _row_check(code: str, holds: Callable[[pd.Series], bool]) -> pa.Check:
    return pa.Check(lambda frame: frame.apply(holds, axis=1).astype(bool), error=code)


def _polygons(
    kind: str, *, parent: pa.Column, name: pa.Column | None = None, planned: bool = False
) -> dict[str, pa.Column]:
    return {
        "id": _unique(_is_text, "全表唯一的编号"),
        "name": name or _text(),
        "kind": _word((kind,)),
        "parent_id": parent,
        "plan_area_value": _amount("正数", nullable=not planned),
        "plan_area_unit": _word(AREA_UNITS, nullable=not planned),
        "plan_area_mu": _amount("正数（亩）", nullable=not planned),
        "source_ref": _text(),
        "fidelity": _word(FIDELITIES),
        "confidence": _word(CONFIDENCES),
        "method": _text(),
    }


_GEOMETRY = pa.Column(None, nullable=False, description="有图形")
_MAYBE_GEOMETRY = pa.Column(None, nullable=True, description="有图形或空")
_NOTHING = pa.Column(
    None,
    pa.Check(lambda _value: False, element_wise=True, error="bad_value"),
    nullable=True,
    description="空",
)


def _plan_area_complete(row: pd.Series) -> bool:
    given = [
        not _is_nothing(row[name]) for name in ("plan_area_value", "plan_area_unit", "plan_area_mu")
    ]
    return all(given) or not any(given)


def _plan_area_agrees(row: pd.Series) -> bool:
    value, unit, mu = row["plan_area_value"], row["plan_area_unit"], row["plan_area_mu"]
    if not _is_number(value) or not _is_number(mu) or unit not in AREA_UNITS:
        return True
    return bool(abs(plan_area_mu(float(value), unit) - mu) <= MU_TOLERANCE)


def _years_in_order(row: pd.Series) -> bool:
    start, end = row["start_year"], row["end_year"]
    return not (_is_integer(start) and _is_integer(end)) or bool(end >= start)


def _park_is_stated(row: pd.Series) -> bool:
    basis = row["location_basis"]
    if basis not in list(LocationBasis):
        return True
    stated = basis == LocationBasis.NAMED_PARK.value
    return _is_nothing(row["park_id"]) is not stated


def _subgroup_in_place(row: pd.Series) -> bool:
    return _is_nothing(row["subgroup"]) is not (row["group"] == "implement")


def _unplaced_has_no_point(row: pd.Series) -> bool:
    return row["location_basis"] not in UNPLACED or _is_nothing(row["geometry"])


_PLAN_AREA = [
    _row_check("plan_area_incomplete", _plan_area_complete),
    _row_check("plan_area_mismatch", _plan_area_agrees),
]

_PROJECT_COLUMNS = {
    "id": _unique(_is_text, "全表唯一的编号"),
    "no": _unique(_is_integer, "附表序号，整数且唯一"),
    "name": _text(),
    "group": _word(GROUPS),
    "subgroup": _word(SUBGROUPS, nullable=True),
    "start_year": _year(),
    "end_year": _year(),
    "total_investment_wan": _amount("正数（万元）；待定"),
    "plan_investment_wan": _amount("正数（万元）", nullable=False),
    "land_area_m2": _amount("正数（m²）"),
    "land_area_text": _text(nullable=True),
    "floor_area_m2": _amount("正数（m²）"),
    "floor_area_text": _text(nullable=True),
    "park_id": _text(nullable=True),
    "zone_id": _text(nullable=True),
    "location_basis": _word([basis.value for basis in LocationBasis]),
    "location_confidence": _word(CONFIDENCES),
    "approx_error_m": _amount("正数（米）"),
    "sensitive": _column(lambda value: isinstance(value, bool), "true 或 false"),
    "aliases": _words(empty=True),
    "source_ref": _text(),
    "note": _text(nullable=True),
    "geometry": _MAYBE_GEOMETRY,
}

_SCHEMAS: Final = {
    "zones": pa.DataFrameSchema(
        _polygons("zone", parent=_NOTHING) | {"label_point": _point(), "geometry": _GEOMETRY},
        checks=_PLAN_AREA,
        strict=True,
    ),
    "parks": pa.DataFrameSchema(
        _polygons("park", parent=_text(), planned=True)
        | {
            "zone_id": _text(),
            "industries": _words(empty=False),
            "plan_role": _text(),
            "managing_unit": _text(nullable=True),
            "geometry": _GEOMETRY,
        },
        checks=_PLAN_AREA,
        strict=True,
    ),
    "reclamation": pa.DataFrameSchema(
        _polygons("reclamation", parent=_text()) | {"geometry": _GEOMETRY},
        checks=_PLAN_AREA,
        strict=True,
    ),
    "projects": pa.DataFrameSchema(
        _PROJECT_COLUMNS,
        checks=[
            _row_check("reversed_years", _years_in_order),
            _row_check("park_by_guess", _park_is_stated),
            _row_check("subgroup_misplaced", _subgroup_in_place),
            _row_check("placed_without_place", _unplaced_has_no_point),
        ],
        strict=True,
    ),
    "coast": pa.DataFrameSchema(
        _polygons("land", parent=_NOTHING, name=_text(nullable=True)) | {"geometry": _GEOMETRY},
        checks=_PLAN_AREA,
        strict=True,
    ),
}
