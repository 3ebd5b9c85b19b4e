"""The lines by which a day is told anew, one telling after the other, and their words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dongtou_geo.domain.balance import events_by_parcel
from dongtou_geo.domain.event import Event, standing
from dongtou_geo.domain.progress import OUTSIDE_NAME
from dongtou_geo.domain.status import STATUSES, Account
from dongtou_geo.domain.units import m2_to_mu
from dongtou_geo.metrics.movement import OUTSIDE_PARKS
from dongtou_geo.metrics.restating import Telling
from dongtou_geo.services.moved import Moved
from dongtou_geo.store.ledger import Ledger

_PLACE = {account: place for place, account in enumerate(STATUSES)}


def lines_of(ledger: Ledger, found: Moved, some: Sequence[Telling]) -> list[list[Event]]:
    """Return the lines of each telling, in the order of recording.

    Parameters
    ----------
    ledger : Ledger
        Where from.
    found : Moved
        Then and now.
    some : sequence of Telling
        Of it; a page.

    Raises
    ------
    LedgerError
        If the ledger cannot be read.
    """
    with ledger.reading() as snapshot:
        lines = snapshot.events(sorted({telling.parcel_no for telling in some}))
    own = events_by_parcel(lines)
    return [_own(telling, own.get(telling.parcel_no, []), found) for telling in some]


def _own(telling: Telling, lines: Sequence[Event], found: Moved) -> list[Event]:
    day = found.before.as_of
    if telling.recorded_at is None:
        return [line for line in standing(lines) if line.effective_on <= day]
    return [
        line
        for line in lines
        if line.recorded_at == telling.recorded_at
        and (line.effective_on <= day or line.supersedes is not None)
    ]


def split_words(split: Mapping[tuple[str | None, Account], float]) -> str:
    """Write in which statuses a parcel stands.

    Parameters
    ----------
    split : mapping of (park id, Account) to float
        Its land, m2.
    """
    accounts = sorted({account for _, account in split}, key=lambda account: _PLACE[account])
    return "、".join(account.label for account in accounts) or Account.OUTSIDE.label


@dataclass(frozen=True, slots=True)
class TellingRow:
    """One telling as a table shows it; areas in 亩.

    Parameters
    ----------
    parcel_no, places : str
        The parcel, and the parks whose figures it changed.
    corrects : bool
        更正; otherwise 补录.
    before, after : str
        In which statuses it stood on the day, without and with these lines.
    production_mu, recorded_mu : float
        What the figures gained.
    line : Event or None
        The last of its lines.
    lines : int
        How many there are.
    """

    parcel_no: str
    places: str
    corrects: bool
    before: str
    after: str
    production_mu: float
    recorded_mu: float
    line: Event | None
    lines: int


def telling_rows(
    ledger: Ledger,
    found: Moved,
    some: Sequence[Telling],
    parks: Mapping[str, str],
    *,
    park: str | None,
) -> list[TellingRow]:
    """Write some tellings as rows.

    Parameters
    ----------
    ledger : Ledger
        Where from.
    found : Moved
        Then and now.
    some : sequence of Telling
        Of it; a page.
    parks : mapping of str to str
        Parks' names by id.
    park : str or None
        Whose figures are told: a park's id or ``outside``; None = those of all.

    Raises
    ------
    LedgerError
        If the ledger cannot be read.
    """
    own = lines_of(ledger, found, some)
    return [_row(telling, lines, parks, park) for telling, lines in zip(some, own, strict=True)]


def _row(
    telling: Telling, lines: Sequence[Event], parks: Mapping[str, str], park: str | None
) -> TellingRow:
    places = telling.parks if park is None else {None if park == OUTSIDE_PARKS else park}
    return TellingRow(
        telling.parcel_no,
        "、".join(sorted(parks.get(each or "", OUTSIDE_NAME) for each in telling.parks)),
        telling.corrects,
        split_words(telling.before),
        split_words(telling.after),
        m2_to_mu(sum(telling.gained_m2(each, Account.IN_PRODUCTION) for each in places)),
        m2_to_mu(sum(telling.gained_m2(each) for each in places)),
        lines[-1] if lines else None,
        len(lines),
    )
