"""A ledger: parcels and their events, opened, read and appended to."""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from datetime import UTC, date, datetime
from itertools import groupby
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine, func, insert, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from dongtou_geo.domain.day import day_here
from dongtou_geo.domain.event import Event, EventKind
from dongtou_geo.domain.parcel import AreaBasis, Origin, Parcel
from dongtou_geo.domain.progress import LedgerStamp
from dongtou_geo.errors import LedgerError
from dongtou_geo.store import schema
from dongtou_geo.store.address import shown, sqlite_path

BUSY_SECONDS = 5


@dataclass(frozen=True, slots=True)
class LedgerIdentity:
    """What a ledger says of itself.

    Parameters
    ----------
    ledger_id : str
        Given at creation.
    sample : bool
        The 示例 ledger, shown as such wherever its figures are seen.
    data_until : date or None
        数据截止, where the ledger names one; otherwise it follows from the last record.
    """

    ledger_id: str
    sample: bool = False
    data_until: date | None = None


class Ledger:
    """One ledger in one database.

    Parameters
    ----------
    url : str
        SQLAlchemy URL. Use ``create`` for a new ledger and ``open_ledger`` for an existing one.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self._engine = _engine(url)

    def identity(self) -> LedgerIdentity:
        """Return what the ledger says of itself.

        Raises
        ------
        LedgerError
            If the database holds no ledger, or one of a newer version.
        """
        with self._reading() as connection:
            rows = {
                row.key: row.value
                for row in connection.execute(select(schema.meta.c.key, schema.meta.c.value))
            }
        try:
            version, until = int(rows["schema_version"]), rows.get("data_until")
            identity = LedgerIdentity(
                ledger_id=rows["ledger_id"],
                sample=rows.get("sample") == "true",
                data_until=date.fromisoformat(until) if until else None,
            )
        except (KeyError, TypeError, ValueError) as error:
            msg = f"{shown(self.url)} 不是完整的地块台账：台账标识缺失或损坏（{error}）"
            raise LedgerError(msg) from None
        if version > schema.SCHEMA_VERSION:
            msg = (
                f"{shown(self.url)} 由更新的版本建立（结构版本 {version}，"
                f"本程序支持到 {schema.SCHEMA_VERSION}），请升级程序"
            )
            raise LedgerError(msg)
        return identity

    def stamp(self) -> LedgerStamp:
        """Return the identity printed beside every figure of this ledger."""
        identity = self.identity()
        query = select(func.max(schema.events.c.event_id), func.max(schema.events.c.recorded_at))
        with self._reading() as connection:
            last_id, last_at = connection.execute(query).one()
        if isinstance(last_at, str):
            last_at = datetime.fromisoformat(last_at)
        recorded_until = day_here(last_at) if last_at else None
        return LedgerStamp(
            sample=identity.sample,
            ledger_version=f"{identity.ledger_id}-{last_id or 0}",
            data_until=identity.data_until or recorded_until,
        )

    def events(self) -> list[Event]:
        """Return every event ever recorded, in the order of recording."""
        query = select(schema.events).order_by(schema.events.c.event_id)
        with self._reading() as connection:
            return [
                Event(**{**row, "kind": EventKind(row["kind"])})
                for row in connection.execute(query).mappings()
            ]

    def parcels(self) -> list[Parcel]:
        """Return every parcel's register entry, by number."""
        query = select(schema.parcels).order_by(schema.parcels.c.parcel_no)
        with self._reading() as connection:
            return [
                Parcel(
                    **{
                        **row,
                        "origin": Origin(row["origin"]),
                        "area_basis": AreaBasis(row["area_basis"]),
                    }
                )
                for row in connection.execute(query).mappings()
            ]

    def append(self, parcels: Sequence[Parcel], events: Iterable[Event]) -> int:
        """Add parcels and events in one transaction.

        Parameters
        ----------
        parcels : sequence of Parcel
            New register entries.
        events : iterable of Event
            Their ``event_id`` is kept where it is positive, otherwise given by the ledger.

        Returns
        -------
        int
            How many events were added.

        Raises
        ------
        LedgerError
            If the ledger cannot be written; it is then as before.
        """
        rows = [_event_row(event) for event in events]
        try:
            with self._engine.begin() as connection:
                if parcels:
                    connection.execute(insert(schema.parcels), [_parcel_row(p) for p in parcels])
                # One statement takes rows of one shape: those with an id, those without.
                for _, alike in groupby(rows, key=lambda row: "event_id" in row):
                    connection.execute(insert(schema.events), list(alike))
        except SQLAlchemyError as error:
            msg = f"台账 {shown(self.url)} 写入失败，内容未改变：{_cause(error)}"
            raise LedgerError(msg) from error
        return len(rows)

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        try:
            with self._engine.connect() as connection:
                yield connection
        except SQLAlchemyError as error:
            msg = f"{shown(self.url)} 不是可读的地块台账：{_cause(error)}"
            raise LedgerError(msg) from error


def create(url: str, identity: LedgerIdentity | None = None) -> Ledger:
    """Make an empty ledger, with its parent folders.

    Parameters
    ----------
    url : str
        SQLAlchemy URL.
    identity : LedgerIdentity, optional
        What the ledger says of itself; a new id by default.

    Returns
    -------
    Ledger
        The new ledger.

    Raises
    ------
    LedgerError
        If one exists there already, or the place cannot be written.
    """
    path = sqlite_path(url)
    _engine(url)  # a driver that is missing must leave no file behind
    if path is not None:
        _claim(path)
    who = identity or LedgerIdentity(ledger_id=uuid.uuid4().hex[:12])
    rows = {"ledger_id": who.ledger_id, "schema_version": str(schema.SCHEMA_VERSION)}
    if who.sample:
        rows["sample"] = "true"
    if who.data_until:
        rows["data_until"] = who.data_until.isoformat()
    try:
        ledger = Ledger(url)
        with ledger._engine.begin() as connection:
            if path is not None:
                # Kept in the file; set here alone, so that opening changes no other program's file.
                connection.exec_driver_sql("PRAGMA journal_mode=WAL")
            schema.metadata.create_all(connection, checkfirst=False)
            connection.execute(
                insert(schema.meta), [{"key": k, "value": v} for k, v in rows.items()]
            )
    except SQLAlchemyError as error:
        if path is not None:
            path.unlink(missing_ok=True)
        msg = f"台账 {shown(url)} 未能建立：{_cause(error)}"
        raise LedgerError(msg) from None
    return ledger


def open_ledger(url: str) -> Ledger:
    """Open an existing ledger.

    Parameters
    ----------
    url : str
        SQLAlchemy URL.

    Returns
    -------
    Ledger
        The ledger, its identity checked.

    Raises
    ------
    LedgerError
        If there is none, or the database is no ledger.
    """
    path = sqlite_path(url)
    if path is not None and not path.is_file():
        msg = f"台账 {path} 不存在；可用 ledger new 新建，或 sample 生成示例台账"
        raise LedgerError(msg)
    ledger = Ledger(url)
    ledger.identity()
    return ledger


def _claim(path: Path) -> None:
    """Create the file only if nobody else has: two `ledger new` at once must not both win."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        msg = f"台账 {path} 无法建立：上级文件夹建不了（{error.strerror or error}）"
        raise LedgerError(msg) from None
    try:
        path.open("xb").close()
    except FileExistsError:
        msg = f"台账 {path} 已存在，不会覆盖；请换一个文件名"
        raise LedgerError(msg) from None
    except OSError as error:
        msg = f"台账 {path} 无法建立：{error.strerror or error}"
        raise LedgerError(msg) from error


def _engine(url: str) -> Engine:
    path = sqlite_path(url)
    try:
        # NullPool: no connection outlives its use, so that a ledger replaced on disk is seen.
        if path is None:
            return create_engine(url, poolclass=NullPool)
        return create_engine(url, poolclass=NullPool, creator=lambda: _connected(path))
    except (SQLAlchemyError, ModuleNotFoundError) as error:
        msg = f"台账地址“{shown(url)}”无法使用：{_cause(error)}"
        raise LedgerError(msg) from None


def _connected(path: Path) -> sqlite3.Connection:
    # mode=rw: SQLite would make an empty file where a ledger has vanished.
    connection = sqlite3.connect(
        f"file:{quote(str(path.absolute()))}?mode=rw", uri=True, timeout=BUSY_SECONDS
    )
    for pragma in ("synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")
    return connection


def _cause(error: BaseException) -> str:
    return str(getattr(error, "orig", None) or error).splitlines()[0]


def _event_row(event: Event) -> dict[str, object]:
    row = {field.name: getattr(event, field.name) for field in fields(event)}
    row["kind"] = event.kind.value
    if event.event_id <= 0:
        del row["event_id"]
    return row


def _parcel_row(parcel: Parcel) -> dict[str, object]:
    return {**asdict(parcel), "origin": parcel.origin.value, "area_basis": parcel.area_basis.value}


def utc_now() -> datetime:
    """Return the present moment in UTC."""
    return datetime.now(UTC)
