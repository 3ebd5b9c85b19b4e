"""A ledger: parcels and their events, opened, read and appended to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import SQLAlchemyError

from dongtou_geo.domain.day import day_here
from dongtou_geo.domain.event import Event
from dongtou_geo.domain.parcel import Parcel
from dongtou_geo.domain.progress import LedgerStamp
from dongtou_geo.errors import LedgerError
from dongtou_geo.store import reading, schema
from dongtou_geo.store.address import shown
from dongtou_geo.store.engine import WRITING, cause, engine_of, half_character
from dongtou_geo.store.rows import event_of, parcel_of
from dongtou_geo.store.stamps import ChangeStamp, ImportStamp

if TYPE_CHECKING:
    from dongtou_geo.store.bulk import NewLives


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
        self._engine = engine_of(url)

    @contextmanager
    def reading(self) -> Iterator[Snapshot]:
        """Read everything from one moment.

        Yields
        ------
        Snapshot
            Usable until the block ends.

        Raises
        ------
        LedgerError
            If the ledger cannot be read.
        """
        try:
            with self._engine.connect() as connection:
                yield Snapshot(self.url, connection)
        except SQLAlchemyError as error:
            msg = f"{shown(self.url)} 不是可读的地块台账：{cause(error)}"
            raise LedgerError(msg) from error
        except UnicodeEncodeError as error:
            raise half_character(error) from error

    @contextmanager
    def writing(self) -> Iterator[Writer]:
        """Write in one transaction: all of it, or nothing.

        Yields
        ------
        Writer
            Reads what it wrote; usable until the block ends.

        Raises
        ------
        LedgerError
            If the ledger cannot be written; it is then as before.
        """
        engine = self._engine.execution_options(**WRITING)
        try:
            with engine.begin() as connection:
                yield Writer(self.url, connection)
        except SQLAlchemyError as error:
            msg = f"台账 {shown(self.url)} 写入失败，内容未改变：{cause(error)}"
            raise LedgerError(msg) from error
        except UnicodeEncodeError as error:
            raise half_character(error) from error

    def identity(self) -> LedgerIdentity:
        """Return what the ledger says of itself."""
        with self.reading() as snapshot:
            return snapshot.identity()

    def stamp(self) -> LedgerStamp:
        """Return the identity printed beside every figure of this ledger."""
        with self.reading() as snapshot:
            return snapshot.stamp()

    def events(self) -> list[Event]:
        """Return every event ever recorded, in the order of recording."""
        with self.reading() as snapshot:
            return snapshot.events()

    def parcels(self) -> list[Parcel]:
        """Return every parcel's register entry, by number."""
        with self.reading() as snapshot:
            return snapshot.parcels()

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
        EventError
            If a parcel's events do not fit together; the ledger is then as before.
        """
        with self.writing() as writer:
            return len(writer.add(parcels, list(events)))


class Snapshot:
    """One moment of a ledger.

    Parameters
    ----------
    url : str
        For messages.
    connection : Connection
        An open transaction.
    """

    def __init__(self, url: str, connection: Connection) -> None:
        self._url = url
        self.connection = connection

    def identity(self) -> LedgerIdentity:
        """Return what the ledger says of itself.

        Raises
        ------
        LedgerError
            If the database holds no ledger, or one of a newer version.
        """
        table = schema.meta
        query = select(table.c.key, table.c.value)
        rows = {row.key: row.value for row in self.connection.execute(query)}
        try:
            version, until = int(rows["schema_version"]), rows.get("data_until")
            identity = LedgerIdentity(
                ledger_id=rows["ledger_id"],
                sample=rows.get("sample") == "true",
                data_until=date.fromisoformat(until) if until else None,
            )
        except (KeyError, TypeError, ValueError) as error:
            msg = f"{shown(self._url)} 不是完整的地块台账：台账标识缺失或损坏（{error}）"
            raise LedgerError(msg) from None
        if version > schema.SCHEMA_VERSION:
            msg = (
                f"{shown(self._url)} 由更新的版本建立（结构版本 {version}，"
                f"本程序支持到 {schema.SCHEMA_VERSION}），请升级程序"
            )
            raise LedgerError(msg)
        return identity

    def stamp(self) -> LedgerStamp:
        """Return the identity printed beside every figure of this ledger."""
        identity = self.identity()
        # Ids are given in the order of recording, so the last line is the newest.
        table = schema.events
        newest = select(table.c.event_id, table.c.recorded_at).order_by(table.c.event_id.desc())
        row = self.connection.execute(newest.limit(1)).one_or_none()
        return LedgerStamp(
            sample=identity.sample,
            ledger_version=f"{identity.ledger_id}-{row.event_id if row else 0}",
            data_until=identity.data_until or (day_here(row.recorded_at) if row else None),
        )

    def events(self, parcel_nos: Sequence[str] | None = None) -> list[Event]:
        """Return events in the order of recording.

        Parameters
        ----------
        parcel_nos : sequence of str, optional
            Of these parcels only.
        """
        if parcel_nos is not None:
            return reading.events_of(self.connection, parcel_nos)
        query = select(schema.events).order_by(schema.events.c.event_id)
        return [event_of(row) for row in self.connection.execute(query).mappings()]

    def parcels(self) -> list[Parcel]:
        """Return every parcel's register entry, by number."""
        query = select(schema.parcels).order_by(schema.parcels.c.parcel_no)
        return [parcel_of(row) for row in self.connection.execute(query).mappings()]

    def dormant(self, parcel_nos: Sequence[str]) -> set[str]:
        """Return which of some numbers the register has, but without any line that stands.

        Parameters
        ----------
        parcel_nos : sequence of str
            Numbers, known or not.

        Notes
        -----
        So a parcel is left by an import that was undone. It counts nowhere; whoever registers it
        again updates its entry, see ``Writer.change``.
        """
        return reading.dormant_of(self.connection, parcel_nos)

    def parcel(self, parcel_no: str) -> Parcel | None:
        """Return one parcel's register entry, or None."""
        table = schema.parcels
        query = select(table).where(table.c.parcel_no == parcel_no)
        row = self.connection.execute(query).mappings().one_or_none()
        return parcel_of(row) if row else None


class Writer(Snapshot):
    """A writing transaction: what it reads includes what it wrote.

    Notes
    -----
    What writes is loaded when somebody does: whoever reads a figure need not wait for it.
    """

    def add(self, parcels: Sequence[Parcel], events: Sequence[Event]) -> list[int]:
        """Write parcels and events, keep the books, and return the events' ids.

        Parameters
        ----------
        parcels : sequence of Parcel
            New register entries.
        events : sequence of Event
            New lines; an id that is positive is kept, else the ledger gives one.
        """
        from dongtou_geo.store import writing

        return writing.add(self.connection, parcels, events)

    def add_lives(self, lives: NewLives) -> int:
        """Write many new parcels with their whole stories, and return how many events that are.

        Parameters
        ----------
        lives : NewLives
            The parcels, as columns; what is written is the same as by ``add``.
        """
        from dongtou_geo.store import bulk

        return bulk.add_lives(self.connection, lives)

    def change(
        self,
        updated: Sequence[Parcel],
        parcels: Sequence[Parcel],
        events: Sequence[Event],
        *,
        at: datetime,
        by: str,
        import_id: str | None = None,
    ) -> list[int]:
        """Change register entries, add others, write events, and return the events' ids.

        Parameters
        ----------
        updated : sequence of Parcel
            Entries whose number is in the register; what they said before is kept.
        parcels : sequence of Parcel
            New register entries.
        events : sequence of Event
            New lines, as for ``add``.
        at : datetime
            When the entries are changed, an aware moment.
        by : str
            Who changes them.
        import_id : str, optional
            The import that changes them; it must be registered before.
        """
        stamp = ChangeStamp(at, by, import_id)
        from dongtou_geo.store import writing

        return writing.change(self.connection, updated, parcels, events, stamp)

    def update_parcels(
        self, parcels: Sequence[Parcel], *, at: datetime, by: str, import_id: str | None = None
    ) -> None:
        """Change register entries; what they said before is kept.

        Parameters
        ----------
        parcels : sequence of Parcel
            Entries whose number is in the register.
        at : datetime
            When, an aware moment.
        by : str
            Who.
        import_id : str, optional
            The import that changes them; it must be registered before.
        """
        self.change(parcels, [], [], at=at, by=by, import_id=import_id)

    def register_import(self, stamp: ImportStamp) -> None:
        """Write which file the events of this transaction came with."""
        row = {name: getattr(stamp, name) for name in ImportStamp.__slots__}
        self.connection.execute(insert(schema.imports), [row])

    def mark_undone(self, import_id: str, at: datetime, by: str) -> None:
        """Write that an import was undone."""
        table = schema.imports
        where = table.c.import_id == import_id
        self.connection.execute(update(table).where(where).values(undone_at=at, undone_by=by))

    def rebuild(self) -> None:
        """Build the books anew from the events."""
        from dongtou_geo.store import writing

        writing.rebuild(self.connection)


def utc_now() -> datetime:
    """Return the present moment in UTC."""
    return datetime.now(UTC)
