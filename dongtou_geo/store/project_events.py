"""The ledger's lines on the plan's projects: read, appended to, checked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, func, select, text

from dongtou_geo.domain.problem import Problem
from dongtou_geo.domain.project_event import (
    Happened,
    Precision,
    ProjectEvent,
    ProjectEventKind,
    RollingStage,
)
from dongtou_geo.errors import LedgerError
from dongtou_geo.store import schema
from dongtou_geo.store.findings import found
from dongtou_geo.store.loading import insert_rows

_ELSEWHERE = text("""
    SELECT later.event_id, later.project_no, later.supersedes, earlier.project_no AS other
    FROM project_events later JOIN project_events earlier ON earlier.event_id = later.supersedes
    WHERE earlier.project_no <> later.project_no OR earlier.event_id >= later.event_id
    ORDER BY later.event_id
""")


def project_events(connection: Connection, project_no: int | None = None) -> list[ProjectEvent]:
    """Read lines in the order of recording.

    Parameters
    ----------
    connection : Connection
        Any transaction.
    project_no : int, optional
        Of this project only.

    Raises
    ------
    LedgerError
        If a later version of this program wrote a word that this one does not know.
    """
    table = schema.project_events
    query = select(table).order_by(table.c.event_id)
    if project_no is not None:
        query = query.where(table.c.project_no == project_no)
    return [_event(row) for row in connection.execute(query).mappings()]


def add_project_events(connection: Connection, events: Sequence[ProjectEvent]) -> list[int]:
    """Append lines and return their ids.

    Parameters
    ----------
    connection : Connection
        A writing transaction.
    events : sequence of ProjectEvent
        Their ids are given here.
    """
    # Given by hand: a ledger that was copied into a database brought its ids, but no sequence.
    last = connection.execute(select(func.max(schema.project_events.c.event_id))).scalar() or 0
    numbered = [replace(event, event_id=last + n) for n, event in enumerate(events, start=1)]
    insert_rows(connection, schema.project_events, [_row(event) for event in numbered])
    return [event.event_id for event in numbered]


def project_event_problems(connection: Connection) -> Iterator[Problem]:
    """Check what no single row shows: that a correction corrects an earlier line of its project.

    Parameters
    ----------
    connection : Connection
        A reading transaction.

    Yields
    ------
    Problem
        In the order of the lines.
    """
    for row in connection.execute(_ELSEWHERE):
        message = (
            f"项目 {row.project_no} 的第 {row.event_id} 号记录更正的是"
            f"项目 {row.other} 的第 {row.supersedes} 号，应为本项目更早的记录"
        )
        yield found(
            "supersedes_elsewhere", message, feature=str(row.project_no), value=row.supersedes
        )


def _row(event: ProjectEvent) -> dict[str, object]:
    return {
        "event_id": event.event_id,
        "project_no": event.project_no,
        "kind": event.kind.value,
        "happened_on": event.happened.on,
        "day_precision": event.happened.precision.value,
        "source_doc": event.source_doc,
        "recorded_at": event.recorded_at,
        "recorded_by": event.recorded_by,
        "stage": event.stage.value if event.stage else None,
        "invested_wan": event.invested_wan,
        "supersedes": event.supersedes,
        "reason": event.reason,
    }


def _event(row: Mapping[Any, Any]) -> ProjectEvent:
    number = row["event_id"]
    return ProjectEvent(
        event_id=number,
        project_no=row["project_no"],
        kind=_word(ProjectEventKind, row["kind"], number),
        happened=Happened(row["happened_on"], _word(Precision, row["day_precision"], number)),
        source_doc=row["source_doc"],
        recorded_at=row["recorded_at"],
        recorded_by=row["recorded_by"],
        stage=None if row["stage"] is None else _word(RollingStage, row["stage"], number),
        invested_wan=row["invested_wan"],
        supersedes=row["supersedes"],
        reason=row["reason"],
    )


def _word(words: Any, word: str, number: int) -> Any:
    known: Iterable[str] = [known.value for known in words]
    if word not in known:
        msg = f"项目的第 {number} 号记录有本程序不认识的“{word}”，可能由更新的版本写入，请升级程序"
        raise LedgerError(msg)
    return words(word)
