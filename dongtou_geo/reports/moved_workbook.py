"""What moved between two looks, as a workbook: a row a parcel and way, with its paper."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from io import BytesIO

from dongtou_geo.domain.day import SHANGHAI
from dongtou_geo.domain.progress import OUTSIDE_NAME, LedgerStamp
from dongtou_geo.domain.units import m2_to_mu
from dongtou_geo.formats.workbook_writing import Sheet, write_sheets
from dongtou_geo.metrics.compare import Move
from dongtou_geo.metrics.movement import Shift
from dongtou_geo.services.moved import Moved, decisive, with_lines
from dongtou_geo.settings import STANDING_LINE
from dongtou_geo.store.ledger import Ledger

_AT_ONCE = 2_000
HEADINGS = (
    "地块编号", "分割或合并自", "原园区", "园区", "由", "至", "面积（亩）", "生效日期",
    "事项", "依据文号", "理由", "录入人", "录入时间", "有关记录（条）",
)  # fmt: skip


def moved_workbook(
    ledger: Ledger,
    found: Moved,
    shown: Sequence[Shift],
    parks: Mapping[str, str],
    stamp: LedgerStamp,
) -> bytes:
    """Return what moved as XLSX: every row, however many the screen showed.

    Parameters
    ----------
    ledger : Ledger
        Where from.
    found : Moved
        The comparison.
    shown : sequence of Shift
        What of it.
    parks : mapping of str to str
        Parks' names by id.
    stamp : LedgerStamp
        Which ledger that is.

    Raises
    ------
    LedgerError
        If the ledger cannot be read.
    """
    out = BytesIO()
    rows = _rows(ledger, found, shown, parks)
    write_sheets(out, [Sheet("移动的地块", HEADINGS, rows)], notes=_notes(found, shown, stamp))
    return out.getvalue()


def _rows(
    ledger: Ledger, found: Moved, shown: Sequence[Shift], parks: Mapping[str, str]
) -> Iterator[tuple[object, ...]]:
    for start in range(0, len(shown), _AT_ONCE):
        for move in with_lines(ledger, found, shown[start : start + _AT_ONCE], list(parks)):
            yield _row(move, parks)


def _row(move: Move, parks: Mapping[str, str]) -> tuple[object, ...]:
    line = decisive(move)
    own = (
        (
            line.kind.label,
            line.source_doc,
            line.reason,
            line.recorded_by,
            # A cell of Excel knows no zone: the clock here, without one.
            line.recorded_at.astimezone(SHANGHAI).replace(tzinfo=None, microsecond=0),
        )
        if line
        else (None,) * 5
    )
    return (
        move.parcel_no,
        move.came_from,
        parks.get(move.park_before or "", OUTSIDE_NAME),
        parks.get(move.park_id or "", OUTSIDE_NAME),
        move.before.label,
        move.after.label,
        m2_to_mu(move.area_m2),
        move.since,
        *own,
        len(move.events),
    )


def _notes(found: Moved, shown: Sequence[Shift], stamp: LedgerStamp) -> list[str]:
    before, after = found.before, found.after
    if before.known_at is None:
        looks = f"{before.as_of} 至 {after.as_of}，两日均按现有记录推定"
    else:
        then = before.known_at.astimezone(SHANGHAI).date()
        looks = f"{before.as_of} 的数：{then} 日终所知与现在所知"
    sample = ["示例台账：所有数字均为示例，不是实情"] if stamp.sample else []
    total = m2_to_mu(sum(shift.area_m2 for shift in shown))
    return [
        *sample,
        looks,
        f"共 {len(shown)} 行，合计 {total:,.2f} 亩；一宗地块有几种去向的各占一行",
        "账外：不在台账内；状态由事件日期推定",
        f"台账版本 {stamp.ledger_version}，数据截止 {stamp.data_until or '未知'}",
        STANDING_LINE,
    ]
