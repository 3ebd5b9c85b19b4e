"""The plan's tables: every cell, and every key that must lead somewhere."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path

from dongtou_geo.catalog.datasets import TABLES, shown_path, table_path
from dongtou_geo.catalog.sidecar import TableSidecar
from dongtou_geo.catalog.tables import COLUMNS, TableRow, read_table
from dongtou_geo.domain.problem import Problem
from dongtou_geo.frames.finding import finding
from dongtou_geo.services.check.datasets import CheckedDataset
from dongtou_geo.services.check.files import check_sidecar, read_or_tell
from dongtou_geo.services.check.layout import layout_problems
from dongtou_geo.services.check.project_events import project_event_problems

# 表1 has ten rows and 表3 twenty; 表2 a row a year and one of changes.
INDICATORS = frozenset(
    [f"T1.{row}" for row in range(1, 11)]
    + [f"T2.{year}" for year in range(2010, 2016)]
    + ["T2.change"]
    + [f"T3.{row}" for row in range(1, 21)]
)
CHAPTER = re.compile(r"(前言|附表|第[一二三四五六]章([一二三四五](（[一二三四]）\d?)?)?)")
_DATASET_OF = {"zone": "zones", "park": "parks", "recl": "reclamation"}


def check_tables(root: Path, datasets: Mapping[str, CheckedDataset]) -> list[Problem]:
    """Check targets, project groups, data notes and project events.

    Parameters
    ----------
    root : Path
        The geodata folder.
    datasets : mapping of str to CheckedDataset
        What the tables' keys lead to.

    Returns
    -------
    list of Problem
        Everything found in the tables.
    """
    problems: list[Problem] = []
    rows = {table_id: _read(root, table_id, problems) for table_id in TABLES}
    files = {table_id: shown_path(table_path(root, table_id)) for table_id in TABLES}
    problems.extend(_target_problems(files["targets"], rows["targets"], datasets["parks"]))
    groups = {row.values.get("id") for row in rows["project_groups"]}
    for table_id in ("project_groups", "data_notes", "industries", "policy_notes"):
        problems.extend(_repeated(files[table_id], rows[table_id]))
    known = _known_keys(datasets, groups)
    problems.extend(_unbound(files["data_notes"], rows["data_notes"], known))
    events = rows["project_events"]
    problems.extend(project_event_problems(files["project_events"], events, datasets["projects"]))
    problems.extend(_unbound(files["policy_notes"], rows["policy_notes"], known))
    problems.extend(layout_problems(files, rows, known))
    return problems


def _read(root: Path, table_id: str, problems: list[Problem]) -> list[TableRow]:
    path, columns = table_path(root, table_id), COLUMNS[table_id]
    rows = read_or_tell(
        path,
        partial(read_table, columns=columns),
        problems,
        expected=f"UTF-8 的 CSV，表头 {','.join(columns)}",
    )
    check_sidecar(path, TableSidecar, rows=None if rows is None else len(rows), problems=problems)
    for row in rows or []:
        for bad in row.bad_cells:
            problems.append(
                finding(
                    shown_path(path),
                    "bad_cell",
                    "不合适",
                    expected=bad.expected,
                    feature=_row_name(row),
                    field=bad.column,
                    value=bad.value,
                )
            )
    return rows or []


def _row_name(row: TableRow) -> str:
    own = row.values.get("id") or row.values.get("subject_id") or row.values.get("no")
    return f"{own}（第 {row.line} 行）" if own else f"第 {row.line} 行"


def _target_problems(
    file: str, rows: Iterable[TableRow], parks: CheckedDataset
) -> Iterator[Problem]:
    known = parks.ids()
    scored: Counter[tuple[object, object]] = Counter()
    for row in rows:
        park_id = row.values.get("subject_id")
        if known and park_id is not None and park_id not in known:
            yield finding(
                file,
                "unknown_reference",
                f"在 {parks.file} 中没有",
                expected=f"{'、'.join(sorted(map(str, known)))} 之一",
                feature=_row_name(row),
                field="subject_id",
                value=park_id,
            )
        subject = (row.values.get("plan_id"), park_id)
        scored[subject] += row.values.get("scored") is True
        if row.values.get("scored") is True and scored[subject] > 1:
            yield finding(
                file,
                "scored_twice",
                "同一规划、同一园区已有计分目标",
                expected="每个园区至多一行 yes",
                feature=_row_name(row),
                field="scored",
                value="yes",
            )


def _repeated(file: str, rows: Iterable[TableRow]) -> Iterator[Problem]:
    seen: set[object] = set()
    for row in rows:
        own = row.values.get("id")
        if own is not None and own in seen:
            yield finding(
                file,
                "duplicate_value",
                "重复出现",
                expected="全表唯一的编号",
                feature=_row_name(row),
                field="id",
                value=own,
            )
        seen.add(own)


def _known_keys(
    datasets: Mapping[str, CheckedDataset], groups: set[object]
) -> dict[str, set[object]]:
    """Ids that a note may be bound to, by the key's first word."""
    return {
        **{word: datasets[dataset_id].ids() for word, dataset_id in _DATASET_OF.items()},
        "project": {str(number) for number in datasets["projects"].ids("no")},
        "group": groups,
        "indicator": set(INDICATORS),
    }


def _unbound(
    file: str, rows: Iterable[TableRow], known: Mapping[str, set[object]]
) -> Iterator[Problem]:
    for row in rows:
        for key in row.values.get("bound_to", ()):
            word, _, own = key.partition(":")
            fits = CHAPTER.fullmatch(own) if word == "chapter" else own in known.get(word, ())
            # Where the dataset itself cannot be read, that is the finding.
            if fits or (word in known and not known[word]):
                continue
            yield finding(
                file,
                "unknown_reference",
                "没有这个对象",
                expected="已有的要素或指标，写作 project:15、park:park_nantang、indicator:T3.4",
                feature=_row_name(row),
                field="bound_to",
                value=key,
            )
