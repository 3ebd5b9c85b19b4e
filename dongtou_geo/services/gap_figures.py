"""What 缺口清单 is made of: a park's gap, its list, its stages and its curve, and the district's sum."""

from __future__ import annotations

from dataclasses import dataclass

from dongtou_geo.domain.parcel import Origin
from dongtou_geo.domain.progress import LedgerStamp, Progress
from dongtou_geo.domain.status import Account
from dongtou_geo.metrics.gap import Closing, Obstacle
from dongtou_geo.store.gap_rows import GapRow

# What has produced and no longer does: the books count it to 建成未投产, the list names it apart.
STOPPED = "停产"


@dataclass(frozen=True, slots=True)
class GapLine:
    """One parcel of the list.

    Parameters
    ----------
    place : int
        From 1, in the order that closes the gap.
    contribution_mu : float
        What it could add, 亩.
    cumulative_mu : float
        What the parcels up to it could add together, 亩.
    rate : float
        投产率(规划口径) when all of these produce.
    obstacle : Obstacle
        What keeps it from production.
    """

    row: GapRow
    place: int
    contribution_mu: float
    cumulative_mu: float
    rate: float
    obstacle: Obstacle

    @property
    def stopped(self) -> bool:
        """Tell whether it has produced and no part of it produces any more."""
        return self.row.status is Account.COMPLETED and self.row.stopped_m2 > 0

    @property
    def status_label(self) -> str:
        """Return the status in the words that fit its origin; 停产 of what no longer produces."""
        status = self.row.status
        if self.stopped:
            return STOPPED
        return status.filled_sea_label if self.row.origin is Origin.FILLED_SEA else status.label


@dataclass(frozen=True, slots=True)
class StageGap:
    """Land of one stage that is not in production; areas in 亩.

    Parameters
    ----------
    account : Account
        Where the books count it.
    stopped : bool
        It has produced and is 停产: a stage of its own within 建成未投产.
    area_mu : float
        All of it, as the books count it.
    halted_mu : float
        Of that, 停工.
    parcels : int
        How many hold such land; one that stands in two accounts counts in both.
    land_mu, filled_sea_mu : float
        By origin.
    land_parcels, filled_sea_parcels : int
        By origin.
    units : tuple of (str or None, float)
        Responsible units, the largest first; None = 未填报.
    """

    account: Account
    stopped: bool
    area_mu: float
    halted_mu: float
    parcels: int
    land_mu: float
    filled_sea_mu: float
    land_parcels: int
    filled_sea_parcels: int
    units: tuple[tuple[str | None, float], ...]

    @property
    def key(self) -> str:
        """Return the stage's word in an address."""
        return "stopped" if self.stopped else self.account.value

    @property
    def label(self) -> str:
        """Return its name; 停产 has produced, 建成未投产 beside it has not."""
        if self.stopped:
            return STOPPED
        filled = self.account.filled_sea_label
        both = filled != self.account.label and self.filled_sea_mu > 0
        return f"{self.account.label} / {filled}" if both else self.account.label


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """After how many parcels which rate is reached; of which tier the last of them is."""

    parcels: int
    rate: float
    tier: int


@dataclass(frozen=True, slots=True)
class ParkGap:
    """One park's gap and its list.

    Parameters
    ----------
    row : Progress
        The park's row, as 用地进度 shows it.
    closing : Closing or None
        None without a numeric target, or where nothing is recorded.
    parcels : int
        How many could add something.
    listed_mu : float
        What they could add together, 亩.
    lines : list of GapLine
        One page of them.
    page, pages : int
        From 1.
    stages : list of StageGap
        All that is recorded and not in production, nearest to production first.
    points : list of CurvePoint
        The curve.
    outlines : list of (str, Account, bytes)
        Number, status and outline of the first parcels of the list.
    missing : bool
        A parcel was asked for that is not in the list.
    """

    row: Progress
    stamp: LedgerStamp
    closing: Closing | None
    parcels: int
    listed_mu: float
    lines: list[GapLine]
    page: int
    pages: int
    stages: list[StageGap]
    points: list[CurvePoint]
    outlines: list[tuple[str, Account, bytes]]
    missing: bool

    @property
    def stopped_mu(self) -> float:
        """Return what has produced and was stopped, 亩; the books count it to 建成未投产."""
        return sum(stage.area_mu for stage in self.stages if stage.stopped)

    @property
    def unrecorded_mu(self) -> float:
        """Return what the plan counts and the ledger does not hold: roads, green land, the rest."""
        return max((self.row.planned_mu or 0.0) - self.row.recorded_mu, 0.0)

    @property
    def over_recorded_mu(self) -> float:
        """Return what the ledger holds beyond the planned area."""
        return max(self.row.recorded_mu - (self.row.planned_mu or 0.0), 0.0)


@dataclass(frozen=True, slots=True)
class ParkLine:
    """One park in the district's list.

    Parameters
    ----------
    first : list of GapLine
        The parcels that come first.
    """

    row: Progress
    closing: Closing | None
    parcels: int
    first: list[GapLine]


@dataclass(frozen=True, slots=True)
class DistrictGap:
    """Every park's gap, and their sum where a sum means something.

    Parameters
    ----------
    lines : list of ParkLine
        Every park of the plan.
    outside_mu : float
        Recorded land that lies in no park: it closes no park's gap, 亩.
    """

    stamp: LedgerStamp
    lines: list[ParkLine]
    outside_mu: float

    @property
    def counted(self) -> list[ParkLine]:
        """Return the parks that the sum is over."""
        return [line for line in self.lines if line.row.gap_mu is not None]

    @property
    def left_out(self) -> list[ParkLine]:
        """Return the parks that are not in the sum."""
        return [line for line in self.lines if line.row.gap_mu is None]

    @property
    def gap_mu(self) -> float | None:
        """Return the sum of the gaps, or None where no park has one; a passed target counts 0."""
        gaps = [line.row.gap_mu for line in self.counted]
        return sum(max(gap, 0.0) for gap in gaps if gap is not None) if gaps else None
