"""台账问题: what in the ledger does not fit together, each with what would be right."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from dongtou_geo.domain.day import SHANGHAI
from dongtou_geo.domain.ledger_field import AGREED_FIELDS, LEDGER_FIELDS
from dongtou_geo.domain.units import m2_to_mu
from dongtou_geo.metrics.quality import likely_reason, look_alikes
from dongtou_geo.services.dossier import Atlas
from dongtou_geo.services.progress import LedgerView
from dongtou_geo.services.quality_land import PAPERS, LandCheck
from dongtou_geo.services.quality_recorded import place_query
from dongtou_geo.store import quality_findings
from dongtou_geo.store.ledger import Ledger
from dongtou_geo.store.quality_findings import FoundQuery, FoundRow, Told

PAPER_NAMES = {"ledger": "台账", "contract": "合同", "title": "证载"}


@dataclass(frozen=True, slots=True)
class Issue:
    """One kind of finding.

    Parameters
    ----------
    code : str
        As in the address.
    unit : str
        What is counted.
    right : str
        What would be right.
    drawn : bool
        Found by examining outlines, so only once that was done.
    information : bool
        Nothing is wrong with it; it may only be good to know.
    area : str
        What its 亩 are; "" = it has none.
    """

    code: str
    name: str
    unit: str
    right: str
    drawn: bool = False
    information: bool = False
    area: str = ""


ISSUES: dict[str, Issue] = {
    issue.code: issue
    for issue in (
        Issue("overlap", "图形重叠", "对", "同一块地只在一宗里：宽过 0.1 米且大于 1 平方米的重叠应核对界线", True, area="重叠面积"),
        Issue("area", "面积不符", "宗", "台账、合同、证载与图形相差不超过 1%，或不超过 0.2 亩", True, area="计入面积（未落图用台账面积）"),
        Issue("agreed_order", "约定日期倒序", "宗", "交地不晚于约定动工，动工不晚于竣工，竣工不晚于投产", area="地块面积"),
        Issue("alike", "编号形似", "组", "编号除全角半角、大小写、空格、横线写法以外应有区别；若是同一宗，只留一宗"),
        Issue("no_lines", "有登记而无记录", "宗", "登记过的地块应有一条有效记录；撤销导入后留下的可重新登记"),
        Issue("undone", "已撤销的导入", "次", "撤销后其记录不再计入；如需恢复，重新导入原文件", information=True),
        Issue("later", "截至日之后还有记录", "宗", "把截至日改到记录之后即可计入；不是差错", information=True, area="地块面积"),
        Issue("outline", "落在所属园区示意轮廓之外", "宗", "园区轮廓是示意，可能偏差数公里：以台账所属园区为准", True, True, "图形面积"),
    )
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Scope:
    """Where findings are looked for.

    Parameters
    ----------
    as_of : date
        The day.
    place : str
        A park, a zone, ``outside`` or "" = everywhere.
    text : str
        Part of a parcel's number.
    """

    as_of: date
    place: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class IssueCount:
    """How many findings of a kind; None = outlines were not examined yet."""

    issue: Issue
    count: int | None
    area_mu: float | None


@dataclass(frozen=True, slots=True)
class AreaCell:
    """One area on paper against the drawn one, 亩; None = not given."""

    mu: float | None
    difference_mu: float | None
    share: float | None
    off: bool


@dataclass(frozen=True, slots=True)
class IssueRow:
    """One finding.

    Parameters
    ----------
    parcel_no : str or None
        The parcel; None for a finding about no parcel.
    value : str
        What is there.
    right : str
        What would be right, where it is more than the kind says.
    area_mu : float or None
        亩, as ``Issue.area`` says.
    other_no : str or None
        The other parcel of a pair.
    cells : tuple of AreaCell
        For 面积不符: drawn, ledger, contract and title area.
    """

    parcel_no: str | None
    park_id: str | None
    value: str
    right: str = ""
    area_mu: float | None = None
    other_no: str | None = None
    cells: tuple[AreaCell, ...] = ()


Rows = Sequence[IssueRow]


def issue_counts(
    atlas: Atlas, view: LedgerView, scope: Scope, check: LandCheck | None
) -> list[IssueCount]:
    """Count the findings of every kind.

    Parameters
    ----------
    atlas : Atlas
        The plan.
    view : LedgerView
        The ledger.
    scope : Scope
        Where.
    check : LandCheck or None
        What examining the outlines found; None = not done.
    """
    return [issue_count(atlas, view, scope, check, code) for code in ISSUES]


def issue_count(
    atlas: Atlas, view: LedgerView, scope: Scope, check: LandCheck | None, code: str
) -> IssueCount:
    """Count the findings of one kind.

    Parameters
    ----------
    atlas, view, scope, check
        As for ``issue_counts``.
    code : str
        A key of ``ISSUES``.
    """
    issue = ISSUES[code]
    if view.ledger is None or (issue.drawn and check is None):
        return IssueCount(issue, None if issue.drawn and view.ledger else 0, None)
    if code in ("agreed_order", "later"):
        with view.ledger.reading() as snapshot:
            total = quality_findings.found_total(snapshot.connection, _query(atlas, scope, code))
        return IssueCount(issue, total.parcels, m2_to_mu(total.area_m2))
    if issue.drawn and check is not None:
        at = _drawn_at(atlas, scope, check, code)
        amounts = (
            check.overlaps.area_m2[at] * m2_to_mu(1.0) if code == "overlap" else check.base_mu[at]
        )
        return IssueCount(issue, len(at), float(np.nansum(amounts)))
    if code == "no_lines":
        with view.ledger.reading() as snapshot:
            count, _none = quality_findings.without_lines(snapshot.connection, limit=0)
        return IssueCount(issue, count, None)
    return IssueCount(issue, len(_listed(atlas, view.ledger, scope, code)), None)


def issue_rows(
    atlas: Atlas,
    view: LedgerView,
    scope: Scope,
    check: LandCheck | None,
    code: str,
    *,
    limit: int | None = None,
    offset: int = 0,
) -> list[IssueRow]:
    """Return findings of one kind.

    Parameters
    ----------
    atlas, view, scope, check, code
        As for ``issue_count``.
    limit : int, optional
        At most so many; None = all.
    offset : int
        How many to pass over.
    """
    if view.ledger is None or (ISSUES[code].drawn and check is None):
        return []
    end = None if limit is None else offset + limit
    if code in ("agreed_order", "later"):
        with view.ledger.reading() as snapshot:
            found = quality_findings.found_rows(
                snapshot.connection, _query(atlas, scope, code), limit=limit, offset=offset
            )
        return [_told(row, code, scope.as_of) for row in found]
    if check is not None and ISSUES[code].drawn:
        at = _drawn_at(atlas, scope, check, code)[offset:end]
        named: Callable[[LandCheck, int], IssueRow] = {
            "overlap": _overlap, "area": area_row, "outline": lambda own, i: _outline(atlas, own, i),
        }[code]  # fmt: skip
        return [named(check, int(place)) for place in at]
    if code == "no_lines":
        with view.ledger.reading() as snapshot:
            _count, numbers = quality_findings.without_lines(
                snapshot.connection, limit=limit, offset=offset
            )
        return [IssueRow(number, None, "没有有效记录，不计入任何面积") for number in numbers]
    return _listed(atlas, view.ledger, scope, code)[offset:end]


def compared(atlas: Atlas, scope: Scope, check: LandCheck) -> NDArray[np.intp]:
    """Return the positions of all parcels with two areas to compare, within tolerance or not.

    Parameters
    ----------
    atlas : Atlas
        The plan.
    scope : Scope
        Where.
    check : LandCheck
        The parcels.
    """
    given = [~np.isnan(check.drawn_mu), *(~np.isnan(check.paper_mu[paper]) for paper in PAPERS)]
    several = np.sum(given, axis=0) >= 2
    return np.flatnonzero(several & _inside(atlas, scope, check))


def area_row(check: LandCheck, at: int) -> IssueRow:
    """Set a parcel's areas side by side.

    Parameters
    ----------
    check : LandCheck
        The parcels.
    at : int
        Which.
    """
    base, drawn = float(check.base_mu[at]), float(check.drawn_mu[at])
    cells = [AreaCell(None if np.isnan(drawn) else drawn, None, None, off=False)]
    reasons: dict[str, list[str]] = {}
    for paper in PAPERS:
        mu, off = float(check.paper_mu[paper][at]), bool(check.off[paper][at])
        itself = np.isnan(drawn) and paper == "ledger"
        if np.isnan(mu) or itself or not base > 0:
            cells.append(AreaCell(None if np.isnan(mu) else mu, None, None, off=False))
            continue
        cells.append(AreaCell(mu, mu - base, (mu - base) / base, off))
        if off:
            reasons.setdefault(likely_reason(mu, base), []).append(PAPER_NAMES[paper])
    against = "图形" if not np.isnan(drawn) else "台账（未落图）"
    told = [f"{'、'.join(names)}面积{why}" for why, names in reasons.items()]
    right = "；".join(told) or f"与{against}相差在 1% 或 0.2 亩以内"
    return IssueRow(check.numbers[at], check.parks[at], against, right, base, cells=tuple(cells))


def _inside(atlas: Atlas, scope: Scope, check: LandCheck) -> NDArray[np.bool_]:
    inside = np.ones(len(check.numbers), dtype=bool)
    where = place_query(atlas, scope.place)
    if where is not None and where != (None, None):
        own, outside_of = where
        inside = np.array(
            [park in own if own is not None else park not in (outside_of or ()) for park in check.parks],
            dtype=bool,
        )  # fmt: skip
    text = scope.text.strip().casefold()
    if text:
        inside &= np.array([text in number.casefold() for number in check.numbers], dtype=bool)
    return inside


def _drawn_at(atlas: Atlas, scope: Scope, check: LandCheck, code: str) -> NDArray[np.intp]:
    inside = _inside(atlas, scope, check)
    if code == "overlap":
        return np.flatnonzero(inside[check.overlaps.i] | inside[check.overlaps.j])
    if code == "area":
        return np.flatnonzero(inside & np.any([check.off[paper] for paper in PAPERS], axis=0))
    place = {park: number for number, park in enumerate(check.park_ids)}
    own = np.array([place.get(park or "", -1) for park in check.parks], dtype=np.int64)
    return np.flatnonzero(inside & ~np.isnan(check.drawn_mu) & (own != check.holder))


def _overlap(check: LandCheck, at: int) -> IssueRow:
    found = check.overlaps
    i, j = int(found.i[at]), int(found.j[at])
    mu = m2_to_mu(float(found.area_m2[at]))
    value = f"与 {check.numbers[j]} 重叠 {mu:,.2f} 亩，最宽 {found.width_m[at]:,.2f} 米"
    return IssueRow(check.numbers[i], check.parks[i], value, "", mu, check.numbers[j])


def _outline(atlas: Atlas, check: LandCheck, at: int) -> IssueRow:
    names, holder = atlas.place_names, int(check.holder[at])
    own = names.get(check.parks[at] or "", "园区外")
    there = (
        f"在{names[check.park_ids[holder]]}的示意轮廓内"
        if holder >= 0
        else "不在任何园区的示意轮廓内"
    )
    value = f"台账属{own}，图形{there}"
    return IssueRow(check.numbers[at], check.parks[at], value, "", float(check.base_mu[at]))


def _query(atlas: Atlas, scope: Scope, code: str) -> FoundQuery:
    told: Told = "later" if code == "later" else "agreed_order"
    where = place_query(atlas, scope.place) or (None, None)
    return FoundQuery(scope.as_of, told, *where, text=scope.text)


def _told(row: FoundRow, code: str, as_of: date) -> IssueRow:
    mu = m2_to_mu(row.area_m2)
    if code == "later":
        value = f"{as_of} 之后有 {row.later_lines} 条记录，最早 {row.later_on}"
        return IssueRow(row.parcel_no, row.park_id, value, "", mu)
    given = [
        (LEDGER_FIELDS[name].label, day)
        for name, day in zip(AGREED_FIELDS, row.agreed, strict=True)
        if day is not None
    ]
    wrong = [
        f"{label} {day} 早于{before} {earlier}"
        for (before, earlier), (label, day) in pairwise(given)
        if day < earlier
    ]
    return IssueRow(row.parcel_no, row.park_id, "；".join(wrong), "请核对合同", mu)


def _listed(atlas: Atlas, ledger: Ledger, scope: Scope, code: str) -> list[IssueRow]:
    with ledger.reading() as snapshot:
        connection = snapshot.connection
        if code == "undone":
            return [
                IssueRow(None, None, f"{own.file}：{own.undone_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M} 由"
                f"{own.undone_by or '—'}撤销，涉及 {own.parcels} 宗", f"其中 {own.left} 宗只剩登记" if own.left else "")
                for own in quality_findings.undone_imports(connection)
            ]  # fmt: skip
        groups = look_alikes(quality_findings.living_numbers(connection, scope.as_of))
    where, text = place_query(atlas, scope.place) or (None, None), scope.text.strip().casefold()
    return [
        IssueRow(
            group.members[0][0], group.members[0][1],
            "与 " + "、".join(number for number, _park in group.members[1:]) + " 形似",
            "", None, group.members[1][0],
        )
        for group in groups
        if any(_within(park, where) and text in number.casefold() for number, park in group.members)
    ]  # fmt: skip


def _within(park: str | None, where: tuple[tuple[str, ...] | None, tuple[str, ...] | None]) -> bool:
    own, outside_of = where
    if own is not None:
        return park in own
    return outside_of is None or park not in outside_of
