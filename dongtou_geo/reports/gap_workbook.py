"""缺口清单 and 到期与逾期 as workbooks: every line, however many the screen showed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from io import BytesIO

from dongtou_geo.domain.balance import reaches
from dongtou_geo.domain.parcel import AreaBasis
from dongtou_geo.domain.progress import LedgerStamp, Progress
from dongtou_geo.domain.units import m2_to_mu
from dongtou_geo.formats.workbook_writing import Sheet, write_sheets
from dongtou_geo.metrics.gap import STEPS
from dongtou_geo.services.gap import whole_list
from dongtou_geo.services.gap_due import WINDOWS, all_due, due_filter
from dongtou_geo.services.gap_figures import GapLine
from dongtou_geo.services.progress import LedgerView, PlanBook, progress
from dongtou_geo.settings import STANDING_LINE
from dongtou_geo.store.gap_due import DueFilter, Window

UNKNOWN = "未填报"
GAP_HEADINGS = (
    "园区", "序", "地块编号", "状态", "自", "来源", "面积（亩）", "可补（亩）", "累计（亩）",
    "投产率（规划口径，%）", "到达目标", "使用权人", "责任单位", "下一约定事项", "下一约定日期",
    "是否逾期", "卡在哪里", "疑似闲置起算日", "合同编号", "是否落图",
)  # fmt: skip
DUE_HEADINGS = (
    "地块编号", "园区", "约定事项", "约定日期", "已过天数（负数为还有）", "面积（亩）", "状态", "自",
    "使用权人", "合同编号", "责任单位", "疑似闲置起算日",
)  # fmt: skip
RULE = (
    "排序：先看阶段，离投产近的在先（已建成、用而未尽、停产 → 在建 → 供而未用 → 征而未供 → 批而未征 → "
    "规划未批）；同一阶段停工、停产的在后；再看下一个约定日期，早的在先，没有的在后；再看面积，大的在先；"
    "最后按编号"
)


def gap_workbook(view: LedgerView, book: PlanBook, as_of: date, park_id: str | None) -> bytes:
    """Return one park's list as XLSX, or every park's.

    Parameters
    ----------
    view : LedgerView
        The ledger.
    book : PlanBook
        What the plan asks.
    as_of : date
        The day.
    park_id : str or None
        None = all parks, one after the other.

    Raises
    ------
    LedgerError
        If the ledger cannot be read.
    """
    parks = [park_id] if park_id else [park.id for park in book.parks]
    rows = [row for row in progress(book, view, as_of=as_of) if row.id in parks]
    lines = whole_list(view, book, parks, as_of=as_of)
    sheet = Sheet("缺口清单", GAP_HEADINGS, (_gap_cells(row, line) for row, line in lines))
    notes = [
        *(_park_note(row) for row in rows),
        RULE,
        "可补 = 该宗尚未投产的面积；累计与投产率按清单先后逐宗投产计算；投产率 = 投产面积 ÷ 规划面积",
        "未录入 = 规划 − 已录入：道路、绿地和尚未录入的地块，台账分不开",
        "疑似闲置：已供应、未动工，约定动工日期已满一年；是否构成闲置由有关部门认定",
    ]
    return _written([sheet], [*notes, *_stamped(view.stamp, as_of)])


def due_workbook(
    view: LedgerView,
    park_names: Mapping[str, str],
    as_of: date,
    park_id: str | None,
    window: Window | None,
    kind: str | None,
) -> bytes:
    """Return the agreed dates that are shown as XLSX.

    Parameters
    ----------
    view : LedgerView
        The ledger.
    park_names : mapping of str to str
        By park id.
    as_of : date
        The day.
    park_id : str or None
        A park; None = the whole ledger.
    window : {"soon", "past", "year"} or None
        None = near and past.
    kind : {"start", "complete", "produce"} or None
        None = any.

    Raises
    ------
    LedgerError
        If the ledger cannot be read.
    """
    wanted = due_filter(as_of, park_id, window, kind)
    sheet = Sheet("到期与逾期", DUE_HEADINGS, _due_cells(view, park_names, wanted))
    notes = [
        f"范围：{park_names.get(park_id or '', '全区')}；{WINDOWS[window] if window else '90 天内和已过'}；"
        f"{STEPS[kind] if kind else '各项约定'}",
        "只列供应之后、尚未完成的约定；同一宗地可有几项",
        "疑似闲置：已供应、未动工，约定动工日期已满一年；是否构成闲置由有关部门认定",
    ]
    return _written([sheet], [*notes, *_stamped(view.stamp, as_of)])


def _gap_cells(row: Progress, line: GapLine) -> tuple[object, ...]:
    found = line.row
    late = found.due_on is not None and found.due_on < row.as_of
    reached = row.target_rate is not None and reaches(line.rate, row.target_rate)
    return (
        row.name, line.place, found.parcel_no, line.status_label, found.since_on,
        found.origin.label, _mu(m2_to_mu(found.area_m2)), _mu(line.contribution_mu),
        _mu(line.cumulative_mu), round(line.rate * 100, 2),
        "是" if reached else "否" if row.target_rate is not None else "无目标线",
        found.occupant, found.responsible_unit or UNKNOWN,
        STEPS[found.due_kind] if found.due_kind else None, found.due_on,
        "逾期" if late else None, line.obstacle.words, line.obstacle.idle_since,
        found.contract_no, "否" if found.area_basis is AreaBasis.LEDGER else "是",
    )  # fmt: skip


def _due_cells(
    view: LedgerView, park_names: Mapping[str, str], wanted: DueFilter
) -> Iterator[tuple[object, ...]]:
    for line in all_due(view, wanted):
        row = line.row
        yield (
            row.parcel_no, park_names.get(row.park_id or "", "园区外"), line.step, row.due_on,
            line.days, _mu(line.area_mu), line.status_label, row.since_on, row.occupant,
            row.contract_no, row.responsible_unit or UNKNOWN, line.idle_since,
        )  # fmt: skip


def _park_note(row: Progress) -> str:
    if row.recorded_mu == 0:
        return f"{row.name}：未填报"
    target = "没有数字目标" if row.gap_mu is None else _gap_words(row.gap_mu)
    return (
        f"{row.name}：规划 {row.planned_mu:,.1f} 亩，已录入 {row.recorded_mu:,.1f} 亩，"
        f"投产 {row.in_production_mu:,.1f} 亩；{target}"
    )


def _gap_words(gap_mu: float) -> str:
    return f"距目标差 {gap_mu:,.1f} 亩" if gap_mu > 0 else f"已达到目标，超 {-gap_mu:,.1f} 亩"


def _stamped(stamp: LedgerStamp, as_of: date) -> list[str]:
    sample = ["示例台账：所有数字均为示例，不是实情"] if stamp.sample else []
    version = f"台账版本 {stamp.ledger_version}" if stamp.ledger_version else "无台账"
    return [
        *sample,
        f"截至 {as_of}，数据截止 {stamp.data_until or '未知'}；{version}",
        STANDING_LINE,
    ]


def _mu(value: float) -> float:
    return round(value, 2)


def _written(sheets: list[Sheet], notes: list[str]) -> bytes:
    out = BytesIO()
    write_sheets(out, sheets, notes=notes)
    return out.getvalue()
