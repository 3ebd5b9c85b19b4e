"""PostgreSQL with PostGIS as a ledger's home: what is refused, and who waits for whom."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date

import psycopg
import pytest
import shapely
from sqlalchemy import text

from dongtou_geo.domain.event import EventKind
from dongtou_geo.errors import LedgerError
from dongtou_geo.store import engine, postgis
from dongtou_geo.store.ledger import Ledger, LedgerIdentity
from dongtou_geo.store.opening import create, open_ledger
from tests.postgis.server import PostgisServer
from tests.store.small_office import DRAWN, OUTLINE, PARCELS, contents, fill, line

pytestmark = pytest.mark.postgis
HALT = line(DRAWN.parcel_no, EventKind.APPROVE, date(2016, 2, 1))


@pytest.fixture
def ledger(postgis_url: str) -> Ledger:
    return fill(create(postgis_url))


def sql(server: PostgisServer, url: str) -> psycopg.Connection[tuple[object, ...]]:
    return server.connection(url.rpartition("/")[2])


def refusal(url: str, use: Callable[[str], object] = open_ledger) -> str:
    """The message with which an address is refused: one Chinese line without the password."""
    with pytest.raises(LedgerError) as refused:
        use(url)
    message = str(refused.value)
    assert "\n" not in message
    assert any("\u4e00" <= sign <= "\u9fff" for sign in message)
    return message


# What is refused


@pytest.mark.parametrize("use", [open_ledger, create])
def test_what_cannot_be_reached_is_told_in_chinese_without_the_password(
    postgis_server: PostgisServer, postgis_url: str, use: Callable[[str], object]
) -> None:
    port = str(postgis_server.port)
    wrong = {
        postgis_server.address("ledger_nowhere"): "没有这个数据库",
        postgis_server.address("postgres", password="geheim"): "用户名或密码不对",
        postgis_url.replace("dongtou:", "nobody:"): "用户名或密码不对",
        postgis_url.replace(port, "1"): "没有启动",
        postgis_url.replace("127.0.0.1", "no-such-host.invalid"): "找不到数据库服务器",
    }
    for url, expected in wrong.items():
        message = refusal(url, use)
        assert expected in message
        assert url.rpartition("/")[2] in message
        assert "geheim" not in message
        assert postgis_server.password not in message


def test_a_server_that_does_not_answer_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as mute:
        url = f"postgresql+psycopg://a:geheim@127.0.0.1:{mute.getsockname()[1]}/x"
        message = refusal(f"{url}?connect_timeout=2")
    assert "没有应答" in message
    assert "geheim" not in message


def test_an_empty_database_is_no_ledger(postgis_url: str) -> None:
    assert "没有台账的表" in refusal(postgis_url)


def test_create_refuses_what_exists_and_leaves_it_alone(ledger: Ledger) -> None:
    before = ledger.events()
    assert "已存在" in refusal(ledger.url, create)
    assert ledger.events() == before


def test_create_refuses_a_database_in_which_others_use_the_same_names(
    postgis_server: PostgisServer, postgis_url: str
) -> None:
    with sql(postgis_server, postgis_url) as connection:
        connection.execute("CREATE TABLE events (a text)")
    assert "events" in refusal(postgis_url, create)
    with sql(postgis_server, postgis_url) as connection:
        assert connection.execute("SELECT count(*) FROM events").fetchone() == (0,)
        assert connection.execute("SELECT to_regclass('parcels')").fetchone() == (None,)


def test_of_two_who_create_at_once_one_is_refused(postgis_url: str) -> None:
    made: list[Ledger] = []
    refused: list[str] = []

    def run() -> None:
        try:
            made.append(create(postgis_url))
        except LedgerError as error:
            refused.append(str(error))

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 1
    assert ["已存在" in message for message in refused] == [True, True]


def test_postgis_is_installed_by_whoever_may_and_asked_for_by_others(
    postgis_server: PostgisServer,
) -> None:
    url = postgis_server.new_database(postgis=False)
    with sql(postgis_server, url) as connection:
        connection.execute("CREATE ROLE clerk LOGIN PASSWORD 'pw'")
        connection.execute("GRANT CREATE ON SCHEMA public TO clerk")
    try:
        clerk = url.replace(f"dongtou:{postgis_server.password}", "clerk:pw")
        assert "CREATE EXTENSION postgis" in refusal(clerk, create)
        assert create(url).events() == []
    finally:
        postgis_server.drop(url)


def test_a_database_that_cannot_keep_chinese_is_refused(postgis_server: PostgisServer) -> None:
    with postgis_server.connection() as connection:
        connection.execute(
            "CREATE DATABASE latin TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'"
            + (" LOCALE_PROVIDER libc" if connection.info.server_version >= 150_000 else "")
        )
    try:
        assert "LATIN1" in refusal(postgis_server.address("latin"), create)
    finally:
        postgis_server.drop(postgis_server.address("latin"))


def test_a_ledger_of_a_newer_version_is_refused(
    postgis_server: PostgisServer, ledger: Ledger
) -> None:
    with sql(postgis_server, ledger.url) as connection:
        connection.execute("UPDATE meta SET value = '99' WHERE key = 'schema_version'")
    assert "99" in refusal(ledger.url)


def test_what_is_no_outline_is_refused_and_nothing_kept(ledger: Ledger) -> None:
    bad = replace(DRAWN, parcel_no="bad", geometry_wkb=b"\x01\x02")
    with pytest.raises(LedgerError, match="WKB"):
        ledger.append([bad], [])
    assert len(ledger.parcels()) == len(PARCELS)


# What is kept


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE events SET area_m2 = 1",
        "DELETE FROM events WHERE event_id = 1",
        "TRUNCATE events",
        "INSERT INTO events SELECT * FROM events WHERE event_id = 1"
        " ON CONFLICT (event_id) DO UPDATE SET area_m2 = 1",
    ],
)
def test_the_database_itself_refuses_to_change_an_event(
    postgis_server: PostgisServer, ledger: Ledger, statement: str
) -> None:
    before = ledger.events()
    with (
        sql(postgis_server, ledger.url) as connection,
        pytest.raises(psycopg.errors.RaiseException, match="only ever appended"),
    ):
        connection.execute(statement)
    assert ledger.events() == before


def test_an_outline_is_a_geometry_that_postgis_can_work_with(
    postgis_server: PostgisServer, ledger: Ledger
) -> None:
    with sql(postgis_server, ledger.url) as connection:
        row = connection.execute(
            "SELECT ST_SRID(geometry_wkb), ST_Area(geometry_wkb) FROM parcels WHERE parcel_no = %s",
            [DRAWN.parcel_no],
        ).fetchone()
    assert row == (4490, pytest.approx(OUTLINE.area))


def test_numbers_sort_by_code_point_whatever_language_the_server_speaks(
    postgis_server: PostgisServer, ledger: Ledger
) -> None:
    numbers = sorted(parcel.parcel_no for parcel in PARCELS)
    assert [parcel.parcel_no for parcel in ledger.parcels()] == numbers
    with sql(postgis_server, ledger.url) as connection:
        chinese = connection.execute(
            'SELECT parcel_no FROM parcels ORDER BY parcel_no COLLATE "zh-x-icu"'
        ).fetchall()
    assert [number for (number,) in chinese] != numbers


def test_many_rows_at_once_are_kept_like_one_by_one(
    postgis_server: PostgisServer, postgis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From some number on rows are copied in; the two ways must not differ."""
    shapes: list[bytes | None] = [
        None,
        OUTLINE.wkb,
        shapely.to_wkb(OUTLINE, byte_order=0),
        shapely.to_wkb(shapely.set_srid(OUTLINE, 4490), include_srid=True),
        shapely.MultiPolygon([OUTLINE]).wkb,
    ]
    words = [None, "", "a\tb\\N\n\r第二行", "𠮷", "'\"", "=1+1"]
    numbers = range(30)
    parcels = [
        replace(DRAWN, parcel_no=f"P\\{n}", geometry_wkb=shapes[n % 5], note=words[n % 6])
        for n in numbers
    ]
    events = [
        replace(
            HALT, parcel_no=p.parcel_no, kind=EventKind.REGISTER, area_m2=100 / 3, reason=p.note
        )
        for p in parcels
    ]
    one_by_one = create(postgis_url, LedgerIdentity("abc"))
    one_by_one.append(parcels, events)
    monkeypatch.setattr(postgis, "MANY", 1)
    other = postgis_server.new_database()
    at_once = create(other, LedgerIdentity("abc"))
    at_once.append(parcels, events)
    assert contents(at_once) == contents(one_by_one)
    for number, bad in enumerate((b"", b"\x01\x02", b"\x01\x03\x00\x00\x00")):
        with pytest.raises(LedgerError, match="WKB"):
            at_once.append([replace(DRAWN, parcel_no=f"bad-{number}", geometry_wkb=bad)], [])
    with pytest.raises(LedgerError, match="内容未改变"):
        at_once.append([parcels[0]], [])
    assert contents(at_once) == contents(one_by_one)
    postgis_server.drop(other)


# Who waits for whom


@contextmanager
def impatient(seconds: int) -> Iterator[None]:
    patience, engine.BUSY_SECONDS = engine.BUSY_SECONDS, seconds
    try:
        yield
    finally:
        engine.BUSY_SECONDS = patience


def test_a_second_writer_waits_and_sees_what_the_first_wrote(ledger: Ledger) -> None:
    seen: list[int] = []

    def second() -> None:
        with open_ledger(ledger.url).writing() as writer:
            seen.extend(event.event_id for event in writer.events())
            writer.add([], [HALT])

    with ledger.writing() as first:
        thread = threading.Thread(target=second)
        thread.start()
        time.sleep(0.5)
        assert seen == []
        (given,) = first.add([], [HALT])
    thread.join()
    assert seen[-1] == given
    assert ledger.events()[-1].event_id == given + 1


def test_a_second_writer_that_waited_too_long_is_told_so(ledger: Ledger) -> None:
    other = open_ledger(ledger.url)
    before = ledger.events()
    with ledger.writing(), impatient(1):
        started = time.monotonic()
        with pytest.raises(LedgerError, match="另一处正在写入"):
            other.append([], [HALT])
        assert 0.9 < time.monotonic() - started < 5
    assert ledger.events() == before


def test_one_reading_is_one_moment_while_others_write(ledger: Ledger) -> None:
    with ledger.reading() as snapshot:
        before = snapshot.events()
        open_ledger(ledger.url).append([], [HALT])
        assert snapshot.events() == before
        assert str(snapshot.stamp().ledger_version).endswith(f"-{before[-1].event_id}")
    assert len(ledger.events()) == len(before) + 1


def test_a_reading_cannot_write(ledger: Ledger) -> None:
    with pytest.raises(LedgerError, match="read-only"), ledger.reading() as snapshot:
        snapshot.connection.execute(text("DELETE FROM parcel_states"))


def test_a_connection_that_breaks_is_told_and_nothing_kept(
    postgis_server: PostgisServer, ledger: Ledger
) -> None:
    before = ledger.events()
    with pytest.raises(LedgerError, match="连接中断"), ledger.writing() as writer:
        writer.add([], [HALT])
        with sql(postgis_server, ledger.url) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        writer.events()
    assert ledger.events() == before
