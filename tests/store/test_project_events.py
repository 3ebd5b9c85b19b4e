"""Lines on projects in both homes: as written, in order, and never changed."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from dongtou_geo.domain.project_event import (
    Happened,
    Precision,
    ProjectEvent,
    ProjectEventKind,
    RollingStage,
)
from dongtou_geo.errors import LedgerError
from dongtou_geo.store import migrating, schema, upkeep
from dongtou_geo.store.address import file_url
from dongtou_geo.store.engine import WRITING, engine_of
from dongtou_geo.store.ledger import Ledger
from dongtou_geo.store.opening import create, open_ledger
from dongtou_geo.store.project_events import add_project_events, project_events
from tests.store.second_release import in_sqlite

NOON = datetime(2026, 6, 1, 4, 0, 0, 123_456, tzinfo=UTC)
START = ProjectEvent(
    0, 17, ProjectEventKind.START, Happened(date(2018, 1, 1), Precision.YEAR),
    "洞发改〔2018〕1号 =HYPERLINK()", NOON, "张三",
)  # fmt: skip
STAGE = ProjectEvent(
    0, 43, ProjectEventKind.STAGE, Happened(date(2020, 2, 29)), "会议纪要", NOON, "𠮷",
    stage=RollingStage.RESERVE,
)  # fmt: skip
INVEST = ProjectEvent(
    0, 17, ProjectEventKind.INVEST, Happened(date(2019, 12, 31), Precision.BY), "月报", NOON, "张三",
    invested_wan=0.1 + 0.2,
)  # fmt: skip
CORRECTED = ProjectEvent(
    0, 17, ProjectEventKind.START, Happened(date(2018, 3, 1), Precision.MONTH), "批文", NOON, "李四",
    supersedes=1, reason="月份可查",
)  # fmt: skip
EVENTS = [START, STAGE, INVEST, CORRECTED]


def fill(ledger: Ledger) -> Ledger:
    with ledger.writing() as writer:
        assert add_project_events(writer.connection, EVENTS[:3]) == [1, 2, 3]
        assert add_project_events(writer.connection, EVENTS[3:]) == [4]
    return ledger


def lines(ledger: Ledger, project_no: int | None = None) -> list[ProjectEvent]:
    with ledger.reading() as snapshot:
        return project_events(snapshot.connection, project_no)


def without_ids(events: list[ProjectEvent]) -> list[dict[str, object]]:
    names = [name for name in ProjectEvent.__slots__ if name != "event_id"]
    return [{name: getattr(event, name) for name in names} for event in events]


def test_lines_come_back_as_they_were_written(home: str) -> None:
    ledger = fill(create(home))
    assert without_ids(lines(ledger)) == without_ids(EVENTS)
    assert [event.event_id for event in lines(ledger)] == [1, 2, 3, 4]
    assert [event.event_id for event in lines(ledger, 17)] == [1, 3, 4]
    assert lines(ledger, 5) == []
    assert upkeep.verify(ledger) == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE project_events SET source_doc = 'x'",
        "DELETE FROM project_events WHERE event_id = 1",
    ],
)
def test_the_database_itself_refuses_to_change_a_line(home: str, statement: str) -> None:
    ledger = fill(create(home))
    with (
        pytest.raises(LedgerError, match="project_events are only ever appended"),
        ledger.writing() as writer,
    ):
        writer.connection.execute(text(statement))
    assert without_ids(lines(ledger)) == without_ids(EVENTS)


def test_a_line_cannot_be_replaced_in_a_file(tmp_path: Path) -> None:
    ledger = fill(create(file_url(tmp_path / "a.sqlite")))
    with pytest.raises(LedgerError, match="only ever appended"), ledger.writing() as writer:
        writer.connection.execute(
            text("INSERT OR REPLACE INTO project_events SELECT * FROM project_events LIMIT 1")
        )


def test_verify_finds_a_correction_of_another_projects_line(home: str) -> None:
    ledger = fill(create(home))
    with ledger.writing() as writer:
        writer.connection.execute(
            text(
                "INSERT INTO project_events (event_id, project_no, kind, happened_on, day_precision,"
                " source_doc, recorded_at, recorded_by, supersedes)"
                " VALUES (9, 5, 'void', '2020-01-01', 'day', 'x', '2026-01-01', 'y', 2)"
            )
        )
    (found,) = upkeep.verify(ledger)
    assert (found.code, found.feature, found.value) == ("supersedes_elsewhere", "5", "2")


def test_a_word_of_a_later_version_is_named(home: str) -> None:
    ledger = create(home)
    with ledger.writing() as writer:
        writer.connection.execute(
            text(
                "INSERT INTO project_events (event_id, project_no, kind, happened_on, day_precision,"
                " source_doc, recorded_at, recorded_by)"
                " VALUES (1, 5, 'dream', '2020-01-01', 'day', 'x', '2026-01-01T00:00:00+00:00', 'y')"
            )
        )
    with pytest.raises(LedgerError, match="dream"):
        lines(ledger)


def test_a_copy_carries_the_lines_and_takes_more(home: str, tmp_path: Path) -> None:
    source = fill(create(file_url(tmp_path / "source.sqlite")))
    copied = upkeep.copy(source, home if "postgresql" in home else file_url(tmp_path / "b.sqlite"))
    assert lines(copied.ledger) == lines(source)
    assert copied.rows["project_events"] == 4
    with copied.ledger.writing() as writer:
        assert add_project_events(writer.connection, [STAGE]) == [5]
    backup = tmp_path / "backup.sqlite"
    upkeep.backup(copied.ledger, backup)
    assert lines(open_ledger(file_url(backup))) == lines(copied.ledger)


def test_a_ledger_of_version_3_gets_the_table_and_keeps_all(tmp_path: Path) -> None:
    path = in_sqlite(tmp_path / "old.sqlite")
    url = file_url(path)
    with engine_of(url).execution_options(**WRITING).begin() as connection:
        migrating.take_steps(connection, after=2, until=3)
        connection.execute(text("UPDATE meta SET value = '3' WHERE key = 'schema_version'"))
    ledger = open_ledger(url)
    assert [event.event_id for event in ledger.events()] == [1, 2, 3, 4, 5]
    assert lines(fill(ledger))[0].source_doc == START.source_doc
    assert upkeep.verify(ledger) == []
    with ledger.reading() as snapshot:
        assert migrating.version_of(snapshot.connection) == schema.SCHEMA_VERSION >= 4
