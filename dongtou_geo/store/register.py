"""The register and its history: what an entry says, and what it said before it was changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    Connection,
    Row,
    and_,
    bindparam,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)

from dongtou_geo.domain.parcel import Parcel
from dongtou_geo.errors import LedgerError
from dongtou_geo.store import schema
from dongtou_geo.store.reading import bases_of, portions
from dongtou_geo.store.rows import parcel_of, parcel_row
from dongtou_geo.store.stamps import ChangeStamp

_V, _P, _I = schema.parcel_versions, schema.parcels, schema.imports
_FIELDS = [column.name for column in _P.columns if not column.primary_key]


@dataclass(frozen=True, slots=True)
class FormerEntry:
    """A register entry as it was until it was changed.

    Parameters
    ----------
    parcel : Parcel
        What it said.
    version : int
        Counted from 1 for each parcel.
    replaced_at : datetime
        Until when it was in force, UTC.
    replaced_by : str
        Who changed it.
    import_id : str or None
        The import that changed it, or whose change was taken back; None = by hand.
    """

    parcel: Parcel
    version: int
    replaced_at: datetime
    replaced_by: str
    import_id: str | None


def replace_entries(connection: Connection, parcels: Sequence[Parcel], stamp: ChangeStamp) -> None:
    """Write register entries anew and keep what they said; the books are not looked at.

    Parameters
    ----------
    connection : Connection
        A writing transaction.
    parcels : sequence of Parcel
        Entries whose number is in the register.
    stamp : ChangeStamp
        Who says so.

    Raises
    ------
    LedgerError
        If a number is not in the register, or is there twice; the transaction must then be rolled
        back.
    """
    if not parcels:
        return
    numbers = [parcel.parcel_no for parcel in parcels]
    doubled = [number for number, times in Counter(numbers).items() if times > 1]
    if doubled:
        msg = f"地块 {doubled[0]} 在同一次修改中出现不止一次，应只有一次"
        raise LedgerError(msg)
    missing = sorted(set(numbers) - bases_of(connection, numbers).keys())
    if missing:
        msg = f"台账里没有地块 {missing[0]}，不能修改它的登记信息；请核对地块编号"
        raise LedgerError(msg)
    for some in portions(numbers):
        _keep(connection, some, stamp)
    where = _P.c.parcel_no == bindparam("own_parcel_no")
    changed = update(_P).where(where).values({name: bindparam(name) for name in _FIELDS})
    rows = [parcel_row(parcel) for parcel in parcels]
    connection.execute(changed, [{**row, "own_parcel_no": row.pop("parcel_no")} for row in rows])


def former_entries(
    connection: Connection,
    *,
    parcel_nos: Sequence[str] | None = None,
    import_id: str | None = None,
) -> list[FormerEntry]:
    """Return what entries said before, by number and version.

    Parameters
    ----------
    connection : Connection
        Any transaction.
    parcel_nos : sequence of str, optional
        Of these parcels only.
    import_id : str, optional
        Changed by this import only.
    """
    query = select(_V).order_by(_V.c.parcel_no, _V.c.version)
    if import_id is not None:
        query = query.where(_V.c.import_id == import_id)
    if parcel_nos is None:
        return [_former(row) for row in connection.execute(query)]
    return [
        _former(row)
        for some in portions(sorted(parcel_nos))
        for row in connection.execute(query.where(_V.c.parcel_no.in_(some)))
    ]


def changes_after(
    connection: Connection, import_id: str, registered: Sequence[str]
) -> list[FormerEntry]:
    """Return the changes that rest on what an import did to the register.

    Parameters
    ----------
    connection : Connection
        Any transaction.
    import_id : str
        The import.
    registered : sequence of str
        Parcels that it registered.

    Returns
    -------
    list of FormerEntry
        Later changes of entries that it changed or registered; not those of imports that are
        undone, whose changes were taken back.
    """
    own = (
        select(_V.c.parcel_no, func.min(_V.c.version).label("version"))
        .where(_V.c.import_id == import_id)
        .group_by(_V.c.parcel_no)
        .subquery()
    )
    stands = or_(
        _V.c.import_id.is_(None),
        and_(_V.c.import_id != import_id, _I.c.undone_at.is_(None)),
    )
    others = select(_V).outerjoin(_I, _I.c.import_id == _V.c.import_id).where(stands)
    later = others.join(own, own.c.parcel_no == _V.c.parcel_no).where(_V.c.version > own.c.version)
    found = [_former(row) for row in connection.execute(later)]
    known = {(former.parcel.parcel_no, former.version) for former in found}
    at = select(_I.c.recorded_at).where(_I.c.import_id == import_id).scalar_subquery()
    for some in portions(sorted(registered)):
        since = others.where(_V.c.parcel_no.in_(some), _V.c.replaced_at >= at)
        found += [
            former
            for former in map(_former, connection.execute(since))
            if (former.parcel.parcel_no, former.version) not in known
        ]
    return sorted(found, key=lambda former: (former.parcel.parcel_no, former.version))


def _keep(connection: Connection, numbers: Sequence[str], stamp: ChangeStamp) -> None:
    """Write what entries say into the history."""
    earlier = select(func.coalesce(func.max(_V.c.version), 0)).where(
        _V.c.parcel_no == _P.c.parcel_no
    )
    said = select(
        _P.c.parcel_no,
        earlier.scalar_subquery() + 1,
        literal(stamp.at, schema.UtcDateTime),
        literal(stamp.by, _V.c.replaced_by.type),
        literal(stamp.import_id, _V.c.import_id.type),
        *(_P.c[name] for name in _FIELDS),
    ).where(_P.c.parcel_no.in_(numbers))
    names = ["parcel_no", "version", "replaced_at", "replaced_by", "import_id", *_FIELDS]
    connection.execute(insert(_V).from_select(names, said))


def _former(row: Row[*tuple[object, ...]]) -> FormerEntry:
    said = row._mapping
    return FormerEntry(
        parcel_of({name: said[_V.c[name]] for name in ("parcel_no", *_FIELDS)}),
        said[_V.c.version],
        said[_V.c.replaced_at],
        said[_V.c.replaced_by],
        said[_V.c.import_id],
    )
