"""汇报: figures of a place, written with their formula and source."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from dongtou_geo.domain import written
from dongtou_geo.domain.progress import LedgerStamp, Progress, Verdict
from dongtou_geo.domain.status import STATUSES, Account
from dongtou_geo.services.briefing_sheet import Figure
from dongtou_geo.services.proof.ask import FigureAsk

PLAN = "《洞头区工业和信息化发展“十三五”规划》"
ALL, OUTSIDE = "all", "outside"


def status_name(status: Account) -> str:
    """Return a status in the words for land and for filled sea.

    Parameters
    ----------
    status : Account
        One of the eight.
    """
    both = {status.label: None, status.filled_sea_label: None}
    return " / ".join(both)


@dataclass(frozen=True, slots=True)
class Place:
    """What a briefing says of a park, a zone, the district or the land outside the parks."""

    id: str
    name: str
    planned_mu: float | None
    recorded_mu: float
    unmapped_mu: float
    in_production_mu: float | None
    rate: float | None


def place_of(row: Progress) -> Place:
    """Return a row of 用地进度 as a place.

    Parameters
    ----------
    row : Progress
        Of a park, a zone or 园区外.
    """
    return Place(
        row.id or OUTSIDE, row.name, row.planned_mu, row.recorded_mu, row.unmapped_mu,
        row.in_production_mu, row.rate,
    )  # fmt: skip


def district_of(rows: Iterable[Progress]) -> Place:
    """Sum the platforms; land outside them has no planned area and stays out.

    Parameters
    ----------
    rows : iterable of Progress
        One a park.

    Notes
    -----
    投产率(规划口径) = Σ 投产面积 / Σ 规划面积: a platform without records counts in the denominator.
    """
    parks = [row for row in rows if row.id is not None]
    planned_mu = sum(row.planned_mu or 0.0 for row in parks)
    known = [row.in_production_mu for row in parks if row.in_production_mu is not None]
    producing_mu = sum(known) if known else None
    return Place(
        ALL,
        "五个产业平台",
        planned_mu,
        sum(row.recorded_mu for row in parks),
        sum(row.unmapped_mu for row in parks),
        producing_mu,
        producing_mu / planned_mu if producing_mu is not None and planned_mu else None,
    )


@dataclass(frozen=True, slots=True)
class Pen:
    """Writes figures of one ledger on one day.

    Parameters
    ----------
    stamp : LedgerStamp
        The ledger.
    as_of : date
        The day.
    """

    stamp: LedgerStamp
    as_of: date

    @property
    def ledger(self) -> str:
        """Return the ledger as a source."""
        if self.stamp.ledger_version is None:
            return "无台账"
        name = "示例台账" if self.stamp.sample else "地块台账"
        return f"{name}（版本 {self.stamp.ledger_version}），截至 {self.as_of}"

    def ask(self, figure: str, subject: str, detail: str = "") -> FigureAsk:
        """Return what opens a figure's proof."""
        return FigureAsk(figure, subject, self.as_of, detail)

    def area(self, figure: str, label: str, place: Place, value: float | None) -> Figure:
        """Write an area of a place in 亩."""
        source = PLAN if figure == "planned_mu" else self.ledger
        formula = f"{place.name}{label} {written.mu(value)}"
        return Figure(
            label=label,
            value=value,
            text=written.mu(value),
            unit="亩",
            formula=formula if value is None else f"{formula} 亩",
            source=source,
            ask=self.ask(figure, place.id),
        )

    def planned(self, place: Place) -> Figure:
        """Write the plan's area."""
        return self.area("planned_mu", "规划", place, place.planned_mu)

    def recorded(self, place: Place) -> Figure:
        """Write the recorded area; nothing recorded is 未填报."""
        return self.area("recorded_mu", "已录入", place, place.recorded_mu or None)

    def producing(self, place: Place) -> Figure:
        """Write the area in production."""
        return self.area("in_production_mu", "投产", place, place.in_production_mu)

    def unmapped(self, place: Place) -> Figure:
        """Write the recorded area without an outline."""
        value = place.unmapped_mu if place.recorded_mu else None
        return self.area("unmapped_mu", "其中未落图", place, value)

    def rate(self, place: Place) -> Figure:
        """Write 投产率(规划口径)."""
        parts = (
            f"投产 {written.mu(place.in_production_mu)} 亩 ÷ 规划 {written.mu(place.planned_mu)} 亩"
        )
        return Figure(
            label="投产率（规划口径）",
            value=place.rate,
            text=written.percent(place.rate),
            formula=f"{place.name}投产率（规划口径）= {parts} = {written.percent(place.rate)}"
            if place.rate is not None
            else f"{place.name}没有地块记录：{written.UNKNOWN}，不是 0%",
            source=f"{self.ledger}；规划面积：{PLAN}",
            ask=self.ask("rate", place.id),
        )

    def gap(self, row: Progress) -> Figure:
        """Write what is missing to a park's target, or by how much it is passed."""
        label = "超过目标" if (row.gap_mu or 0.0) < 0 else "距目标还差"
        value = None if row.gap_mu is None else abs(row.gap_mu)
        return Figure(
            label=label,
            value=value,
            text=written.mu(value),
            unit="亩",
            formula=_gap_formula(row, label),
            source=f"{self.ledger}；目标：{row.target_text}",
            ask=self.ask("gap_mu", row.id or OUTSIDE),
            late=row.verdict is Verdict.OVERDUE,
        )

    def others(self, row: Progress) -> list[Figure]:
        """Write a park's rate at due and its reachable rate, where there are any."""
        found = []
        for name, label, value in (
            ("rate_at_due", f"到期时 {row.due}", row.rate_at_due),
            ("reachable_rate", "可达上限", row.reachable_rate),
        ):
            if value is not None:
                words = {
                    "rate_at_due": f"{row.due} 的投产面积 ÷ 规划面积",
                    "reachable_rate": "已录入面积 ÷ 规划面积，即已录入地块全部投产",
                }
                found.append(
                    Figure(
                        label=label,
                        value=value,
                        text=written.percent(value),
                        formula=f"{row.name}{label} = {words[name]} = {written.percent(value)}",
                        source=f"{self.ledger}；规划面积：{PLAN}",
                        ask=self.ask(name, row.id or OUTSIDE),
                    )
                )
        return found

    def split(self, row: Progress) -> list[Figure]:
        """Write the area in each status that holds any."""
        return [
            Figure(
                label=status_name(status),
                value=row.by_status_mu[status],
                text=written.mu(row.by_status_mu[status]),
                unit="亩",
                formula=f"{row.name}{status_name(status)} {written.mu(row.by_status_mu[status])} 亩",
                source=self.ledger,
                ask=self.ask("status_mu", row.id or OUTSIDE, status.value),
            )
            for status in STATUSES
            if row.by_status_mu[status] > 0
        ]


def _gap_formula(row: Progress, label: str) -> str:
    if row.gap_mu is None:
        return f"{row.name}{label}：{written.UNKNOWN}"
    goal = written.goal(row.target_rate or 0.0)
    return (
        f"{row.name}{label} = |{goal} × 规划 {written.mu(row.planned_mu)} 亩 − "
        f"投产 {written.mu(row.in_production_mu)} 亩| = {written.mu(abs(row.gap_mu))} 亩"
    )


def furthest_behind(rows: Sequence[Progress], count: int = 3) -> list[Progress]:
    """Return the parks with most 亩 missing to their target, most first.

    Parameters
    ----------
    rows : sequence of Progress
        One a park.
    count : int
        How many at most.
    """
    behind = [row for row in rows if row.id is not None and (row.gap_mu or 0.0) > 0]
    return sorted(behind, key=lambda row: -(row.gap_mu or 0.0))[:count]
