"""进度: land in production against the plan's figure and the plan's target.

Notes
-----
投产率(规划口径) = 投产面积 / 规划面积. There is no official 投产率; the plan's own words
("90%以上的土地", 第五章一) point to the planned area as denominator. Nothing recorded is null
(未填报), never 0 %.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from dongtou_geo.domain.balance import BalanceReader, Holding, reaches
from dongtou_geo.domain.places import Park, Zone
from dongtou_geo.domain.status import STATUSES, Account
from dongtou_geo.domain.target import ParkTarget
from dongtou_geo.domain.units import m2_to_mu, mu_to_m2

PLAN_START = date(2016, 1, 1)
PLAN_DUE = date(2020, 12, 31)
OUTSIDE_NAME = "园区外"


class Verdict(StrEnum):
    """How a park stands against its target."""

    NO_TARGET = "no_target"
    UNKNOWN = "unknown"
    WORDS_ONLY = "words_only"
    MET = "met"
    OVERDUE = "overdue"
    ON_TRACK = "on_track"
    BEHIND = "behind"

    @property
    def label(self) -> str:
        """Return the Chinese words shown to users."""
        return {
            "no_target": "规划未单列目标",
            "unknown": "未填报",
            "words_only": "目标无数字，不评分",
            "met": "已达到",
            "overdue": "逾期未达到",
            "on_track": "进度正常",
            "behind": "进度滞后",
        }[self.value]


@dataclass(frozen=True, slots=True)
class LedgerStamp:
    """Which ledger a figure comes from, printed beside every figure.

    Parameters
    ----------
    sample : bool
        The 示例 ledger.
    ledger_version : str or None
        Changes with every recorded event; None = no ledger.
    data_until : date or None
        数据截止; None = nothing recorded.
    """

    sample: bool = False
    ledger_version: str | None = None
    data_until: date | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """One row of ``progress --json``: rates are fractions, areas 亩, both unrounded."""

    id: str | None
    name: str
    zone_id: str | None
    as_of: date
    sample: bool
    ledger_version: str | None
    data_until: date | None
    planned_mu: float | None
    recorded_mu: float
    unmapped_mu: float
    by_status_mu: dict[Account, float]
    in_production_mu: float | None
    rate: float | None
    rate_at_due: float | None
    reachable_rate: float | None
    met_on: date | None
    target_rate: float | None
    target_text: str | None
    due: date
    gap_mu: float | None
    verdict: Verdict

    def as_dict(self) -> dict[str, object]:
        """Return the row as plain JSON values, keys in the contract's order."""
        row: dict[str, object] = {name: getattr(self, name) for name in self.__slots__}
        row["by_status_mu"] = {account.value: mu for account, mu in self.by_status_mu.items()}
        row["verdict"] = self.verdict.value
        for name in ("as_of", "data_until", "met_on", "due"):
            day = row[name]
            row[name] = day.isoformat() if isinstance(day, date) else None
        return row


@dataclass(frozen=True, slots=True)
class _Subject:
    """Whom a row is about: a park, a zone, or the land in no park."""

    id: str | None
    name: str
    zone_id: str | None = None
    planned_mu: float | None = None
    target: ParkTarget | None = None
    met_on: date | None = None


def progress_by_park(
    parks: Sequence[Park],
    targets: dict[str, ParkTarget],
    balances: BalanceReader,
    *,
    as_of: date,
    stamp: LedgerStamp,
) -> list[Progress]:
    """Score every park on a day; land outside the parks closes the list.

    Parameters
    ----------
    parks : sequence of Park
        In the plan's order.
    targets : dict of str to ParkTarget
        Keyed by park id.
    balances : BalanceReader
        Of the ledger; of no events where there is none.
    as_of : date
        The day.
    stamp : LedgerStamp
        The ledger's identity.

    Returns
    -------
    list of Progress
        One row a park, and a row with id None where land lies in no park.
    """
    known = {park.id for park in parks}
    rows = [_park_row(park, targets.get(park.id), balances, as_of, stamp) for park in parks]
    stray = [balances.on(park_id, as_of) for park_id in balances.park_ids if park_id not in known]
    return rows + _outside_rows(stray, as_of, stamp)


def progress_by_zone(
    zones: Sequence[Zone],
    parks: Sequence[Park],
    balances: BalanceReader,
    *,
    as_of: date,
    stamp: LedgerStamp,
) -> list[Progress]:
    """Sum every zone's parks on a day; the plan gives zones no target.

    Parameters
    ----------
    zones, parks : sequence of Zone, sequence of Park
        In the plan's order.
    balances : BalanceReader
        Of the ledger.
    as_of : date
        The day.
    stamp : LedgerStamp
        The ledger's identity.

    Returns
    -------
    list of Progress
        One row a zone, and a row with id None where land lies in no park.
    """
    rows = []
    for zone in zones:
        own = [park for park in parks if park.zone_id == zone.id]
        now = _sum(balances.on(park.id, as_of) for park in own)
        due = _sum(balances.on(park.id, PLAN_DUE) for park in own)
        planned_mu = sum(park.planned_mu for park in own)
        subject = _Subject(zone.id, zone.name, zone.id, planned_mu)
        rows.append(_row(subject, now, due, as_of=as_of, stamp=stamp))
    known = {park.id for park in parks}
    stray = [balances.on(park_id, as_of) for park_id in balances.park_ids if park_id not in known]
    return rows + _outside_rows(stray, as_of, stamp)


def rate_of(holding: Holding, planned_mu: float | None) -> float | None:
    """Return 投产率(规划口径), or None where nothing is recorded.

    Parameters
    ----------
    holding : Holding
        What the park holds.
    planned_mu : float or None
        The plan's figure, 亩.

    Returns
    -------
    float or None
        A fraction, unrounded and unclipped.
    """
    if not holding.has_records or not planned_mu:
        return None
    return m2_to_mu(holding.in_production_m2) / planned_mu


def verdict_on(
    target: ParkTarget | None,
    rate: float | None,
    recorded: bool,
    as_of: date,
) -> Verdict:
    """Judge a park, in the contract's order.

    Parameters
    ----------
    target : ParkTarget or None
        What the plan asks.
    rate : float or None
        投产率(规划口径).
    recorded : bool
        Whether anything is recorded.
    as_of : date
        The day.

    Returns
    -------
    Verdict
        The first rule that applies.

    Notes
    -----
    Before the due day a park is on track when its rate is at least the target times the share
    of 2016-01-01..due that has passed.
    """
    if target is None or not target.has_own_words:
        return Verdict.NO_TARGET
    if not recorded or rate is None:
        return Verdict.UNKNOWN
    if target.rate is None:
        return Verdict.WORDS_ONLY
    if reaches(rate, target.rate):
        return Verdict.MET
    if as_of > target.due:
        return Verdict.OVERDUE
    elapsed = (as_of - PLAN_START).days / (target.due - PLAN_START).days
    return Verdict.ON_TRACK if rate >= target.rate * max(elapsed, 0.0) else Verdict.BEHIND


def _park_row(
    park: Park, target: ParkTarget | None, balances: BalanceReader, as_of: date, stamp: LedgerStamp
) -> Progress:
    subject = _Subject(
        park.id,
        park.name,
        park.zone_id,
        park.planned_mu,
        target,
        _met_on(park, target, balances, as_of),
    )
    at_due = balances.on(park.id, target.due if target else PLAN_DUE)
    return _row(subject, balances.on(park.id, as_of), at_due, as_of=as_of, stamp=stamp)


def _met_on(
    park: Park, target: ParkTarget | None, balances: BalanceReader, as_of: date
) -> date | None:
    if target is None or target.rate is None:
        return None
    return balances.first_reached(park.id, mu_to_m2(target.rate * park.planned_mu), as_of)


def _row(
    subject: _Subject, now: Holding, at_due: Holding, *, as_of: date, stamp: LedgerStamp
) -> Progress:
    target = subject.target
    by_status_mu = {account: m2_to_mu(now.by_status_m2[account]) for account in STATUSES}
    recorded_mu = sum(by_status_mu.values())
    in_production_mu = by_status_mu[Account.IN_PRODUCTION] if now.has_records else None
    due = target.due if target else PLAN_DUE
    rate = rate_of(now, subject.planned_mu)
    return Progress(
        id=subject.id,
        name=subject.name,
        zone_id=subject.zone_id,
        as_of=as_of,
        sample=stamp.sample,
        ledger_version=stamp.ledger_version,
        data_until=stamp.data_until,
        planned_mu=subject.planned_mu,
        recorded_mu=recorded_mu,
        unmapped_mu=m2_to_mu(now.unmapped_m2),
        by_status_mu=by_status_mu,
        in_production_mu=in_production_mu,
        rate=rate,
        rate_at_due=rate_of(at_due, subject.planned_mu) if as_of >= due else None,
        reachable_rate=_share(recorded_mu, subject.planned_mu) if now.has_records else None,
        met_on=subject.met_on,
        target_rate=target.rate if target else None,
        target_text=target.text if target else None,
        due=due,
        gap_mu=_gap_mu(subject, in_production_mu),
        verdict=verdict_on(target, rate, now.has_records, as_of),
    )


def _share(part_mu: float, planned_mu: float | None) -> float | None:
    return part_mu / planned_mu if planned_mu else None


def _gap_mu(subject: _Subject, in_production_mu: float | None) -> float | None:
    """Return what is missing to the target; below zero where it is passed."""
    rate = subject.target.rate if subject.target else None
    if rate is None or in_production_mu is None or subject.planned_mu is None:
        return None
    return rate * subject.planned_mu - in_production_mu


def _outside_rows(holdings: Iterable[Holding], as_of: date, stamp: LedgerStamp) -> list[Progress]:
    total = _sum(holdings)
    if not total.has_records:
        return []
    return [_row(_Subject(None, OUTSIDE_NAME), total, total, as_of=as_of, stamp=stamp)]


def _sum(holdings: Iterable[Holding]) -> Holding:
    parts = list(holdings)
    return Holding(
        by_status_m2={
            account: sum(part.by_status_m2[account] for part in parts) for account in STATUSES
        },
        unmapped_m2=sum(part.unmapped_m2 for part in parts),
        has_records=any(part.has_records for part in parts),
    )
