"""The rules on a row's values: numbers, order of dates, areas, codes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cache

import numpy as np
from numpy.typing import NDArray

from dongtou_geo.domain.account import AREA_TOLERANCE_M2, LARGEST_M2
from dongtou_geo.domain.land_use import knows_land_use, parcel_code_doubt
from dongtou_geo.domain.ledger_field import (
    AGREED_FIELDS,
    LEDGER_FIELDS,
    STAGE_FIELDS,
)
from dongtou_geo.domain.parcel import Origin
from dongtou_geo.domain.problem import Severity
from dongtou_geo.domain.units import M2_PER_MU
from dongtou_geo.services.intake.columns import Days, Floats, Values
from dongtou_geo.services.intake.findings import Findings
from dongtou_geo.services.intake.mapping import ColumnMapping

TOLERANCE_SHARE, TOLERANCE_MU = 0.01, 0.2
NAT = np.datetime64("NaT", "D")
# What must not come before what, beside the chain of stages.
_AFTER = {"halted_on": "started_on", "stopped_on": "produced_on"}


@dataclass(frozen=True, slots=True)
class Ruling:
    """A file's values under examination.

    Parameters
    ----------
    values : Values
        What the rows say.
    mapping : ColumnMapping
        Which column says it.
    findings : Findings
        Added to.
    """

    values: Values
    mapping: ColumnMapping
    findings: Findings

    def column(self, field: str) -> str | None:
        """Return the column of a field, or None."""
        mapped = self.mapping.fields.get(field)
        return mapped.column if mapped else None

    def tell(
        self,
        code: str,
        severity: Severity,
        which: NDArray[np.bool_],
        message: str | Callable[[int], str],
        field: str | None = None,
    ) -> None:
        """Note a finding about the rows of a mask.

        Parameters
        ----------
        code : str
            Code of the rule.
        severity : Severity
            How much it weighs.
        which : ndarray of bool
            The rows.
        message : str or callable
            The sentence, or one made from the row's position.
        field : str, optional
            The field it is about.
        """
        column = self.column(field) if field else None
        self.findings.add(code, severity, np.flatnonzero(which), message, column=column)


def rule_numbers(ruling: Ruling) -> None:
    """Refuse rows without a parcel number, and all of those that share one.

    Parameters
    ----------
    ruling : Ruling
        The file.
    """
    numbers = ruling.values.numbers
    missing = np.array([number is None for number in numbers], dtype=bool)
    # A number that could not be read has been told already.
    ruling.tell(
        "parcel_no_missing", Severity.ERROR, missing & ~ruling.findings.rejected, "没有地块编号，应填写唯一的编号",
        "parcel_no",
    )  # fmt: skip
    times = Counter(numbers.tolist())
    doubled = np.zeros(len(numbers), dtype=bool)
    if len(times) < len(numbers):
        doubled = np.array([times[number] > 1 for number in numbers], dtype=bool) & ~missing
    ruling.tell(
        "parcel_no_doubled", Severity.ERROR, doubled,
        lambda at: f"地块编号“{numbers[at]}”在文件里出现 {times[numbers[at]]} 次，应只有一次", "parcel_no",
    )  # fmt: skip
    doubts = {
        at: doubt
        for at, number in enumerate(numbers)
        if number is not None and len(number) >= 15 and (doubt := parcel_code_doubt(number))
    }
    ruling.findings.add(
        "parcel_code_doubtful", Severity.WARNING, doubts, lambda at: doubts[at],
        column=ruling.column("parcel_no"),
    )  # fmt: skip


def settle_days(ruling: Ruling, today: date) -> None:
    """Check the order of all dates and let a month follow the stage before it.

    Parameters
    ----------
    ruling : Ruling
        The file; a month-only date in the month of an earlier stage is moved to that stage's day,
        so that the order on paper is the order in the ledger.
    today : date
        Later stage dates are refused.
    """
    days = ruling.values.days
    for name in (*STAGE_FIELDS, *_AFTER):
        if name in days:
            _rule_future(ruling, name, today)
    before = np.full(len(ruling.values.numbers), NAT)
    stage = np.full(len(before), "", dtype=object)
    for name in STAGE_FIELDS:
        if name in days:
            _rule_order(ruling, name, before, stage)
            given = ~np.isnat(days[name])
            before[given], stage[given] = days[name][given], LEDGER_FIELDS[name].label
    for name, earlier in _AFTER.items():
        if name in days and earlier in days:
            label = np.full(len(before), LEDGER_FIELDS[earlier].label, dtype=object)
            _rule_order(ruling, name, days[earlier], label)
    _rule_agreed(ruling)


def _rule_future(ruling: Ruling, name: str, today: date) -> None:
    on, label = ruling.values.days[name], LEDGER_FIELDS[name].label
    ruling.tell(
        "day_in_future", Severity.ERROR, on > np.datetime64(today),
        lambda at: f"{label} {on[at]} 晚于今天 {today}，应为已经发生的日期", name,
    )  # fmt: skip


def _rule_order(ruling: Ruling, name: str, before: Days, stage: NDArray[np.object_]) -> None:
    on, label = ruling.values.days[name], LEDGER_FIELDS[name].label
    late = on < before
    same_month = on.astype("datetime64[M]") == before.astype("datetime64[M]")
    follows = late & same_month & ruling.values.month_only[name]
    on[follows] = before[follows]
    ruling.tell(
        "stage_order", Severity.ERROR, late & ~follows,
        lambda at: f"{label} {on[at]} 早于{stage[at]} {before[at]}，先后颠倒", name,
    )  # fmt: skip


def _rule_agreed(ruling: Ruling) -> None:
    before = np.full(len(ruling.values.numbers), NAT)
    for name in AGREED_FIELDS:
        if name in ruling.values.days:
            _warn_agreed(ruling, name, before)
            given = ~np.isnat(ruling.values.days[name])
            before[given] = ruling.values.days[name][given]


def _warn_agreed(ruling: Ruling, name: str, before: Days) -> None:
    on, label = ruling.values.days[name], LEDGER_FIELDS[name].label
    ruling.tell(
        "agreed_order", Severity.WARNING, on < before,
        lambda at: f"{label} {on[at]} 早于前一个约定日期 {before[at]}，请核对合同", name,
    )  # fmt: skip


def counted_area(ruling: Ruling, drawn_m2: Floats, known: NDArray[np.bool_]) -> Floats:
    """Choose the area that each row counts with, and refuse rows that have none.

    Parameters
    ----------
    ruling : Ruling
        The file.
    drawn_m2 : ndarray of float
        Area of the outlines on the ellipsoid, m2; NaN = no outline (未落图).
    known : ndarray of bool
        Rows of parcels that the ledger holds: they need no area.

    Returns
    -------
    ndarray of float
        m2: drawn, else ledger, title, contract or stated area; NaN where there is none.
    """
    amounts = ruling.values.amounts
    area_m2 = drawn_m2.copy()
    for name in ("ledger_area_mu", "title_area_mu", "contract_area_mu", "area_m2"):
        if name in amounts:
            factor = 1.0 if name == "area_m2" else M2_PER_MU
            area_m2 = np.where(np.isnan(area_m2), amounts[name] * factor, area_m2)
    wrong = np.isnan(area_m2) & ~known & ~ruling.findings.rejected
    ruling.tell(
        "area_missing", Severity.ERROR, wrong, "没有图形也没有面积，应至少有其一", "ledger_area_mu"
    )
    out = (area_m2 <= 0) | (area_m2 > LARGEST_M2)
    ruling.tell(
        "area_out_of_range", Severity.ERROR, out,
        lambda at: f"面积 {_mu_text(area_m2[at])} 亩不合理，应大于 0 且不超过 {LARGEST_M2 / M2_PER_MU:,.0f} 亩；"
        "请核对单位",
        "ledger_area_mu",
    )  # fmt: skip
    ruling.tell(
        "unmapped", Severity.WARNING,
        np.isnan(drawn_m2) & ~known & ~wrong & ~out & ~ruling.findings.rejected,
        "没有图形，按未落图计，面积取自文件",
    )  # fmt: skip
    return np.where(out, np.nan, area_m2)


def _mu_text(area_m2: float) -> str:
    area_mu = area_m2 / M2_PER_MU
    return f"{area_mu:,.2f}" if area_mu < 1e12 else f"{area_mu:.3g}"


def rule_areas(ruling: Ruling, drawn_m2: Floats, area_m2: Floats) -> None:
    """Compare the areas on paper with the outline, and production with the parcel.

    Parameters
    ----------
    ruling : Ruling
        The file.
    drawn_m2 : ndarray of float
        Area of the outlines, m2; NaN = none.
    area_m2 : ndarray of float
        The area that each row counts with, m2.
    """
    amounts = ruling.values.amounts
    for name in ("ledger_area_mu", "contract_area_mu", "title_area_mu", "area_m2"):
        if name in amounts:
            factor = 1.0 if name == "area_m2" else M2_PER_MU
            _rule_off(ruling, name, amounts[name] * factor, drawn_m2)
    part = amounts.get("area_in_production_m2")
    if part is not None:
        ruling.tell(
            "production_over_area", Severity.ERROR, part > area_m2 + AREA_TOLERANCE_M2,
            lambda at: f"投产面积 {part[at]:,.2f} ㎡ 大于地块面积 {area_m2[at]:,.2f} ㎡，应不大于地块面积",
            "area_in_production_m2",
        )  # fmt: skip
        produced = ruling.values.days.get("produced_on", np.full(len(part), NAT))
        ruling.tell(
            "production_without_day", Severity.WARNING, (part > 0) & np.isnat(produced),
            "有投产面积而没有投产日期，不计入投产", "area_in_production_m2",
        )  # fmt: skip
    started = amounts.get("area_started_m2")
    if started is not None:
        ruling.tell(
            "started_over_area", Severity.WARNING, started > area_m2 + AREA_TOLERANCE_M2,
            lambda at: f"动工面积 {started[at]:,.2f} ㎡ 大于地块面积 {area_m2[at]:,.2f} ㎡，请核对",
            "area_started_m2",
        )  # fmt: skip


def _rule_off(ruling: Ruling, name: str, paper_m2: Floats, drawn_m2: Floats) -> None:
    difference_m2 = paper_m2 - drawn_m2
    off = np.abs(difference_m2) > np.maximum(TOLERANCE_SHARE * drawn_m2, TOLERANCE_MU * M2_PER_MU)
    label = LEDGER_FIELDS[name].label

    def words(at: int) -> str:
        paper, drawn = paper_m2[at] / M2_PER_MU, drawn_m2[at] / M2_PER_MU
        share = difference_m2[at] / drawn_m2[at]
        return f"{label} {paper:,.2f} 亩与图形 {drawn:,.2f} 亩相差 {share:+.1%}，超出 1% 与 0.2 亩"

    ruling.tell("area_off", Severity.WARNING, off & (drawn_m2 > 0), words, name)


def rule_codes(ruling: Ruling) -> None:
    """Warn of land-use codes that no system knows.

    Parameters
    ----------
    ruling : Ruling
        The file.
    """
    codes = ruling.values.texts.get("land_use_code")
    if codes is None:
        return
    known = {code: knows_land_use(code) for code in set(codes) - {None}}
    unknown = np.array([code is not None and not known[code] for code in codes], dtype=bool)
    ruling.tell(
        "land_use_unknown", Severity.WARNING, unknown,
        lambda at: f"地类“{codes[at]}”不在 GB/T 21010-2017、三调、用地用海分类或 GB 50137 中，已照原文保留",
        "land_use_code",
    )  # fmt: skip


def rule_turns(ruling: Ruling, new: NDArray[np.bool_]) -> None:
    """Refuse a stop of what never produced, and warn of a halt of what was never begun.

    Parameters
    ----------
    ruling : Ruling
        The file.
    new : ndarray of bool
        Rows of parcels that the ledger does not hold yet.
    """
    days, none = ruling.values.days, np.full(len(new), NAT)
    for name, severity in (("stopped_on", Severity.ERROR), ("halted_on", Severity.WARNING)):
        before = _AFTER[name]
        wrong = ~np.isnat(days.get(name, none)) & np.isnat(days.get(before, none)) & new
        label, needed = LEDGER_FIELDS[name].label, LEDGER_FIELDS[before].label
        ruling.tell(
            "turn_without_stage", severity, wrong, f"有{label}而没有{needed}，应先填{needed}", name
        )


def rule_missing_stages(
    ruling: Ruling, new: NDArray[np.bool_], origin: NDArray[np.object_]
) -> None:
    """Warn of stages without a date before a later one that has one.

    Parameters
    ----------
    ruling : Ruling
        The file.
    new : ndarray of bool
        Rows of parcels that the ledger does not hold yet.
    origin : ndarray of object
        ``Origin`` value of each row: filled sea is not expropriated.
    """
    count = len(new)
    days = [ruling.values.days.get(name, np.full(count, NAT)) for name in STAGE_FIELDS]
    given = ~np.isnat(np.array(days).reshape(len(STAGE_FIELDS), count))
    later = np.flip(np.logical_or.accumulate(np.flip(given, axis=0), axis=0), axis=0)
    gaps = ~given & later
    gaps[STAGE_FIELDS.index("acquired_on")] &= origin != Origin.FILLED_SEA.value
    names = [LEDGER_FIELDS[name].label.removesuffix("日期") for name in STAGE_FIELDS]
    # Six stages leave 64 sentences, however many rows there are.
    patterns = (gaps.T @ (1 << np.arange(len(names)))).astype(int).tolist()

    @cache
    def sentence(pattern: int) -> str:
        missing = "、".join(name for bit, name in enumerate(names) if pattern >> bit & 1)
        return f"缺少{missing}日期，状态按已有的最后一步计"

    ruling.tell(
        "stage_missing", Severity.WARNING, gaps.any(axis=0) & new, lambda at: sentence(patterns[at])
    )
