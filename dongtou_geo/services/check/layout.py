"""Industries, policies and reclamation: every id leads somewhere, every project is told once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from dongtou_geo.catalog.tables import TableRow
from dongtou_geo.domain.layout import FactKind, FamilyBasis
from dongtou_geo.domain.problem import Problem
from dongtou_geo.frames.finding import finding

Rows = Mapping[str, Sequence[TableRow]]


def layout_problems(
    files: Mapping[str, str], rows: Rows, known: Mapping[str, set[object]]
) -> Iterator[Problem]:
    """Check the tables of 产业布局 and 围垦区.

    Parameters
    ----------
    files : mapping of str to str
        Table id to its name for the findings.
    rows : mapping of str to sequence of TableRow
        Table id to its rows.
    known : mapping of str to set
        Ids by word: zone, park, recl, project; empty where the dataset cannot be read.

    Yields
    ------
    Problem
        Table by table.
    """
    families = {r.values["id"] for r in _sound(rows["industries"]) if not r.values["parent_id"]}
    branches = {
        r.values["id"]: r.values["parent_id"]
        for r in _sound(rows["industries"])
        if r.values["parent_id"]
    }
    anything = families | set(branches)
    places = {*known["zone"], *known["park"], *known["recl"]}
    yield from _dangling(files["industries"], rows["industries"], "parent_id", families)
    name = "industries_places"
    yield from _dangling(files[name], rows[name], "industry_id", anything)
    if known["zone"] and known["park"] and known["recl"]:
        yield from _dangling(files[name], rows[name], "place_id", places)
    yield from _placeless(files[name], rows[name])
    name = "industries_projects"
    yield from _dangling(files[name], rows[name], "industry_id", families)
    yield from _project_problems(files[name], _sound(rows[name]), branches, known["project"])
    name = "reclamation_facts"
    if known["recl"]:
        yield from _dangling(files[name], rows[name], "subject_id", known["recl"])
    yield from _fact_problems(files[name], _sound(rows[name]), known["park"])


def _sound(rows: Iterable[TableRow]) -> list[TableRow]:
    return [row for row in rows if not row.bad_cells]


def _dangling(
    file: str, rows: Iterable[TableRow], field: str, known: set[object]
) -> Iterator[Problem]:
    for row in rows:
        value = row.values.get(field)
        if value is None or value in known or not known:
            continue
        yield finding(
            file,
            "unknown_reference",
            "没有这个编号",
            expected=f"{'、'.join(sorted(map(str, known)))} 之一",
            feature=_name(row),
            field=field,
            value=value,
        )


def _placeless(file: str, rows: Iterable[TableRow]) -> Iterator[Problem]:
    for row in _sound(rows):
        if row.values["place_id"] or row.values["place_text"]:
            continue
        yield finding(
            file,
            "missing_value",
            "地点须写一处",
            expected="place_id 或 place_text，至少一处",
            feature=_name(row),
            field="place_id",
            value=row.values["place_id"],
        )


def _project_problems(
    file: str, rows: Sequence[TableRow], branches: Mapping[object, object], known: set[object]
) -> Iterator[Problem]:
    told = Counter(str(row.values["no"]) for row in rows)
    for number in sorted(known - set(told), key=str):
        yield finding(
            file,
            "missing_value",
            "缺一行",
            expected="附表每项一行",
            feature=str(number),
            field="no",
        )
    for row in rows:
        number, family, branch = (row.values[key] for key in ("no", "industry_id", "branch_id"))
        if told[str(number)] > 1 or (known and str(number) not in known):
            yield finding(
                file, "duplicate_value" if told[str(number)] > 1 else "unknown_reference",
                "不是附表的一项", expected="附表每项一行", feature=_name(row), field="no",
                value=number,
            )  # fmt: skip
        if branch is not None and branches.get(branch) != family:
            yield finding(
                file, "unknown_reference", "不是该门类的行业", expected="该门类的行业，或空",
                feature=_name(row), field="branch_id", value=branch,
            )  # fmt: skip
        silent = row.values["basis"] in (FamilyBasis.NONE, FamilyBasis.INFRASTRUCTURE)
        if silent == (family is not None):
            yield finding(
                file, "bad_cell", "与 industry_id 不合",
                expected="写了产业须有依据；none、infrastructure 不写产业",
                feature=_name(row), field="basis", value=row.values["basis"],
            )  # fmt: skip


def _fact_problems(file: str, rows: Iterable[TableRow], parks: set[object]) -> Iterator[Problem]:
    for row in rows:
        kind, value, unit = (row.values[key] for key in ("kind", "value", "unit"))
        if kind.is_area != (value is not None) or (value is None) != (unit is None):
            yield finding(
                file, "missing_value", "面积与单位不全或多余",
                expected="面积类的行写 value 和 unit，其余不写", feature=_name(row),
                field="value", value=value,
            )  # fmt: skip
        if kind is FactKind.PARK and parks and row.values["words"] not in parks:
            yield finding(
                file, "unknown_reference", "没有这个园区", expected="园区的编号",
                feature=_name(row), field="words", value=row.values["words"],
            )  # fmt: skip


def _name(row: TableRow) -> str:
    own = next(
        (
            row.values[key]
            for key in ("id", "no", "subject_id", "industry_id")
            if row.values.get(key)
        ),
        None,
    )
    return f"{own}（第 {row.line} 行）" if own else f"第 {row.line} 行"
