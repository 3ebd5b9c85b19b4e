"""ledger verify: silent on a sound ledger, and every damage found and named."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from dongtou_geo.domain.problem import Problem, Severity
from dongtou_geo.errors import LedgerError
from dongtou_geo.store import replaying, schema, upkeep, verifying
from dongtou_geo.store.address import file_url, shown
from dongtou_geo.store.ledger import Ledger
from dongtou_geo.store.opening import create, open_ledger
from tests.store.small_office import DRAWN, contents, fill

EVENT = (
    "INSERT INTO events (event_id, parcel_no, kind, effective_on, recorded_at, recorded_by,"
    " supersedes) VALUES ({}, '2026-01-01T00:00:00.000000+00:00', 'x', {})"
)
Spoil = Callable[..., list[Problem]]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.sqlite"


@pytest.fixture
def ledger(home: str) -> Ledger:
    return fill(create(home))


@pytest.fixture
def spoil(ledger: Ledger) -> Spoil:
    """Change a ledger past its books and give what verify finds."""

    def spoiled(*statements: str) -> list[Problem]:
        with ledger.writing() as writer:
            for statement in statements:
                writer.connection.execute(text(statement))
        found = upkeep.verify(ledger)
        assert {problem.file for problem in found} <= {shown(ledger.url)}
        return found

    return spoiled


def codes(found: list[Problem]) -> set[str]:
    return {problem.code for problem in found}


def test_a_sound_ledger_has_no_findings_and_is_left_as_it_is(ledger: Ledger) -> None:
    before = contents(ledger)
    assert upkeep.verify(ledger) == []
    assert contents(ledger) == before


def test_an_empty_ledger_has_no_findings(home: str) -> None:
    assert upkeep.verify(create(home)) == []


@pytest.mark.parametrize(
    ("statement", "code", "feature"),
    [
        ("UPDATE parcel_states SET area_m2 = area_m2 + 1e-9", "state_differs", "B-1"),
        ("UPDATE parcel_states SET halted = true WHERE parcel_no = 'b-2'", "state_differs", "b-2"),
        ("DELETE FROM parcel_states WHERE parcel_no = 'B-10'", "state_differs", "B-10"),
        ("DELETE FROM balance_months WHERE park_id = ''", "month_book_differs", None),
        (
            "UPDATE balance_months SET grains = grains + 1 WHERE account = 'supplied'",
            "month_book_differs",
            "park_a",
        ),
        (
            "UPDATE balance_days SET park_id = 'park_c' WHERE park_id = 'park_b'",
            "day_book_differs",
            "park_b",
        ),
        (
            "UPDATE balance_months SET peak_grains = peak_grains + 1 WHERE account = 'supplied'",
            "month_book_differs",
            "park_a",
        ),
        ("UPDATE balance_months SET peak_grains = peak_grains - 1", "month_book_differs", None),
        (
            "DELETE FROM balance_months WHERE account = 'in_production'",
            "month_book_differs",
            "park_a",
        ),
        ("UPDATE parcels SET area_basis = 'ledger'", "day_book_differs", "park_a"),
    ],
)
def test_books_that_say_something_else_than_the_events_are_found(
    spoil: Spoil, statement: str, code: str, feature: str | None
) -> None:
    found = [problem for problem in spoil(statement) if problem.code == code]
    assert feature in {problem.feature for problem in found}
    assert all(problem.severity is Severity.ERROR for problem in found)


@pytest.mark.parametrize("number", ["0", "B", "B-11", "z"])
def test_states_of_a_parcel_that_is_not_in_the_register_are_found(
    spoil: Spoil, number: str
) -> None:
    found = spoil(
        "INSERT INTO parcel_states (parcel_no, from_on, until_on, since_on, park_id, status,"
        " area_m2, producing_m2, stopped_m2, halted)"
        f" SELECT '{number}', from_on, until_on, since_on, park_id, status,"
        " area_m2, producing_m2, stopped_m2, halted FROM parcel_states WHERE parcel_no = 'B-1'"
    )
    assert [(p.code, p.feature) for p in found] == [("state_differs", number)]


def test_a_month_that_should_not_be_there_is_found(spoil: Spoil) -> None:
    found = spoil("INSERT INTO balance_months VALUES ('park_a', 'supplied', '2019-12-31', 0, 0)")
    assert codes(found) == {"month_book_differs"}
    assert "按记录应为 没有这一行" in found[0].message


def test_a_state_with_a_date_that_is_none_is_found(
    ledger: Ledger, path: Path, spoil: Spoil
) -> None:
    found = spoil("UPDATE parcel_states SET since_on = 'yesterday' WHERE parcel_no = 'b-2'")
    assert [(p.code, p.feature) for p in found] == [("state_differs", "b-2")]


def test_a_version_missing_from_the_history_is_found(
    ledger: Ledger, path: Path, spoil: Spoil
) -> None:
    found = spoil(
        "DROP TRIGGER parcel_versions_no_delete", "DELETE FROM parcel_versions WHERE version = 1"
    )
    missing = [(p.code, p.feature) for p in found if p.code != "trigger_missing"]
    assert missing == [("versions_missing", DRAWN.parcel_no)]


def test_a_single_grain_off_balance_is_found_on_its_day(spoil: Spoil) -> None:
    found = spoil("UPDATE balance_days SET grains = grains + 1 WHERE account = 'outside'")
    assert codes(found) == {"unbalanced", "day_book_differs"}
    assert "2016-01-01" in next(p.message for p in found if p.code == "unbalanced")


def test_land_without_an_outline_stands_outside_the_balance(spoil: Spoil) -> None:
    found = spoil("UPDATE balance_days SET grains = grains + 1 WHERE account = 'unmapped'")
    assert codes(found) == {"day_book_differs"}


def test_a_parcel_whose_events_do_not_fit_is_named(spoil: Spoil) -> None:
    found = spoil(EVENT.format("99, 'B-10', 'approve', '2022-01-01'", "NULL"))
    assert [(p.code, p.feature) for p in found] == [("events_do_not_fit", "B-10")]
    assert "注销" in found[0].message


def test_an_event_of_a_kind_that_is_none_is_named(spoil: Spoil) -> None:
    found = spoil(EVENT.format("99, 'b-2', 'nonsense', '2022-01-01'", "NULL"))
    assert [(p.code, p.feature) for p in found] == [("event_unreadable", "b-2")]


def test_a_date_that_is_none_is_named(ledger: Ledger, path: Path, spoil: Spoil) -> None:
    found = spoil(EVENT.format("99, 'b-2', 'halt', 'yesterday'", "NULL"))
    assert [(p.code, p.feature) for p in found] == [("event_unreadable", "b-2")]


def test_a_correction_of_another_parcels_event_is_found(spoil: Spoil) -> None:
    found = spoil(EVENT.format("99, 'b-2', 'void', '2022-01-01'", "7"))
    assert codes(found) == {"supersedes_elsewhere"}
    assert "B-1" in found[0].message


def test_a_parcel_without_events_is_a_warning(spoil: Spoil) -> None:
    found = spoil(
        "INSERT INTO parcels (parcel_no, origin, area_basis) VALUES ('Z', 'land', 'drawn')"
    )
    assert [(p.code, p.feature, p.severity) for p in found] == [
        ("no_events", "Z", Severity.WARNING)
    ]


def test_of_many_findings_the_first_are_shown_and_the_rest_counted(spoil: Spoil) -> None:
    number = verifying.SHOWN + 3
    found = spoil(
        *(
            f"INSERT INTO parcels (parcel_no, origin, area_basis) VALUES ('Z{n:02}', 'land', 'drawn')"
            for n in range(number)
        )
    )
    assert len(found) == verifying.SHOWN + 1
    assert "另有 3 条" in found[-1].message


def test_portions_of_parcels_make_no_difference(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replaying, "PARCELS_AT_A_TIME", 1)
    assert upkeep.verify(ledger) == []


# What keeps events from being changed


@pytest.mark.parametrize("name", sorted(schema.SQLITE_TRIGGERS))
def test_a_missing_trigger_is_found(path: Path, ledger: Ledger, spoil: Spoil, name: str) -> None:
    found = spoil(f"DROP TRIGGER {name}")
    assert [(p.code, p.feature) for p in found] == [("trigger_missing", name)]


def test_a_trigger_that_refuses_nothing_is_found(path: Path, ledger: Ledger, spoil: Spoil) -> None:
    found = spoil(
        "DROP TRIGGER events_no_update",
        "CREATE TRIGGER events_no_update BEFORE UPDATE ON events BEGIN SELECT 1; END",
    )
    assert codes(found) == {"trigger_missing"}


@pytest.mark.postgis
@pytest.mark.parametrize(
    "statement",
    [
        "DROP TRIGGER events_appended ON events",
        "ALTER TABLE events DISABLE TRIGGER events_appended",
        "DROP TRIGGER events_appended ON events; CREATE TRIGGER events_appended BEFORE UPDATE"
        " ON events FOR EACH ROW EXECUTE FUNCTION events_appended()",
    ],
)
def test_a_trigger_missing_or_disabled_in_postgresql_is_found(
    postgis_url: str, statement: str
) -> None:
    ledger = fill(create(postgis_url))
    with ledger.writing() as writer:
        for part in statement.split(";"):
            writer.connection.execute(text(part))
    found = upkeep.verify(ledger)
    assert [(p.code, p.feature) for p in found] == [("trigger_missing", "events_appended")]


def test_a_missing_index_is_a_warning(spoil: Spoil) -> None:
    found = spoil("DROP INDEX ix_events_parcel_no")
    assert [(p.code, p.severity) for p in found] == [("index_missing", Severity.WARNING)]


# The file


def test_a_damaged_file_is_found(path: Path, ledger: Ledger) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (page,) = connection.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = 'balance_days'"
        ).fetchone()
    whole = bytearray(path.read_bytes())
    whole[(page - 1) * 4096 : page * 4096] = b"\xff" * 4096
    path.write_bytes(whole)
    found = upkeep.verify(open_ledger(file_url(path)))
    assert codes(found) == {"file_damaged"}
    assert "备份" in found[0].message


def test_a_reference_to_nothing_is_found(path: Path, ledger: Ledger) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DELETE FROM parcels WHERE parcel_no = 'B-10'")
        connection.commit()
    found = upkeep.verify(ledger)
    assert codes(found) == {"file_damaged"}
    assert any("events" in problem.message for problem in found)


def test_what_is_no_ledger_is_refused(path: Path) -> None:
    path.write_bytes(b"junk" * 5_000)
    with pytest.raises(LedgerError):
        upkeep.verify(open_ledger(file_url(path)))
