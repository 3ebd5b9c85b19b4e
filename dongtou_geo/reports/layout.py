"""Where everything stands on each kind of sheet."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from dongtou_geo.reports.stage import (
    INK,
    LINE,
    PAPER,
    SAMPLE,
    SOFT,
    TEAL,
    Box,
    ChartPart,
    Fill,
    MapPart,
    Part,
    Text,
    fitted_text,
)
from dongtou_geo.reports.tables import fitted_table
from dongtou_geo.services.briefing_sheet import Briefing, Column, Figure, Sheet, Table, Words
from dongtou_geo.settings import STANDING_LINE

LEFT, RIGHT = 0.6, 12.733
FULL = RIGHT - LEFT
TOP, BOTTOM = 1.86, 6.52
EMPTY = "尚无地块记录：请在“数据入库”导入台账；没有记录不等于 0%"


def laid_out(briefing: Briefing, sheet: Sheet) -> list[Part]:
    """Return the parts of a sheet, from the ground up.

    Parameters
    ----------
    briefing : Briefing
        For what stands in the corner.
    sheet : Sheet
        Which.
    """
    return [*_frame(briefing, sheet), *_LAYOUTS[sheet.layout](sheet), *_foot(briefing, sheet)]


def _frame(briefing: Briefing, sheet: Sheet) -> Iterator[Part]:
    if briefing.stamp.sample:
        tag = Box(RIGHT - 0.7, 0.5, 0.7, 0.32)
        yield Fill(tag, SAMPLE)
        words = Box(tag.left + 0.09, tag.top + 0.015, 0.6, 0.3)
        yield Text(words, (("示例",),), 14, colour=PAPER)
    if sheet.layout == "cover":
        return
    yield Text(Box(LEFT, 0.4, FULL - 1.0, 0.6), ((sheet.title,),), 28, bold=True, role="title")
    yield Text(Box(LEFT, 1.06, FULL, 0.5), (sheet.lead,), _lead_size(sheet), role="lead")
    yield Fill(Box(LEFT, 1.62, FULL, 0.014), INK)


def _lead_size(sheet: Sheet) -> float:
    return fitted_text(Box(LEFT, 1.06, FULL, 0.42), (sheet.lead,), (20, 18, 16, 14, 12), 0).size


def _foot(briefing: Briefing, sheet: Sheet) -> Iterator[Part]:
    if sheet.layout != "cover":
        yield fitted_text(Box(LEFT, 6.57, FULL, 0.37), ((sheet.source,),), (11, 10, 9), 0)
    yield Fill(Box(LEFT, 6.98, FULL, 0.01), LINE)
    number = briefing.sheets.index(sheet) + 1
    corner = Box(LEFT, 7.05, 6.6, 0.3)
    yield Text(corner, ((briefing.corner,),), 10.5, colour=SOFT)
    standing = Box(LEFT + 6.0, 7.05, FULL - 6.0, 0.3)
    words = f"{STANDING_LINE}　　{number} / {len(briefing.sheets)}"
    yield Text(standing, ((words,),), 10.5, colour=SOFT, right=True)


def _cover(sheet: Sheet) -> Iterator[Part]:
    if sheet.map_subject:
        yield MapPart(Box(7.35, 1.15, RIGHT - 7.35, 5.3), sheet.map_subject)
    yield Fill(Box(LEFT, 2.05, 0.9, 0.07), TEAL)
    yield Text(Box(LEFT, 2.25, 6.7, 0.9), ((sheet.title,),), 40, bold=True, role="title")
    yield Text(Box(LEFT, 3.3, 6.4, 1.0), (sheet.lead,), 20, role="lead")
    yield Text(Box(LEFT, 6.45, 6.4, 0.4), ((sheet.source,),), 9, colour=SOFT)
    yield Text(Box(LEFT, 3.85, 6.4, 0.4), sheet.points[:1], 20)
    if sheet.points[1:]:
        yield Text(Box(LEFT, 4.6, 6.4, 0.7), sheet.points[1:], 16, colour=SAMPLE)


def _hero(sheet: Sheet, width: float) -> Iterator[Part]:
    hero = sheet.hero
    if hero is None:
        return
    known = hero.value is not None
    size = 80 if known else 54
    yield Text(
        Box(LEFT - 0.06, TOP - 0.16 if known else TOP + 0.12, width, 1.4), ((hero,),), size,
        bold=known, colour=TEAL if known else SOFT, role="hero",
    )  # fmt: skip
    yield Text(Box(LEFT, TOP + 1.2, width, 0.34), ((hero.label,),), 16, bold=True)
    yield fitted_text(
        Box(LEFT, TOP + 1.54, width, 0.6), sheet.hero_basis, (14, 13, 12, 11), 0
    )  # fmt: skip


def _district(sheet: Sheet) -> Iterator[Part]:
    yield from _hero(sheet, 4.5)
    yield ChartPart(Box(5.4, TOP - 0.1, RIGHT - 5.4, 2.55), sheet.charts[0], 12)
    bottom = BOTTOM - 0.32 if sheet.points else BOTTOM
    box = Box(LEFT, 4.32, FULL, bottom - 4.32)
    yield fitted_table(box, sheet.tables[0], (16, 15, 14, 13, 12))
    yield from _points_line(sheet)


def _points_line(sheet: Sheet) -> Iterator[Part]:
    if sheet.points:
        yield Text(Box(LEFT, BOTTOM - 0.28, FULL, 0.3), sheet.points[:1], 12, colour=SOFT)


def _zones(sheet: Sheet) -> Iterator[Part]:
    if sheet.map_subject:
        yield MapPart(Box(LEFT, TOP, 5.0, BOTTOM - TOP - 0.36), sheet.map_subject)
    box = Box(LEFT + 5.25, TOP, FULL - 5.25, BOTTOM - TOP - 0.36)
    yield fitted_table(box, sheet.tables[0], (16, 15, 14, 13, 12))
    yield from _points_line(sheet)


def _park(sheet: Sheet) -> Iterator[Part]:
    yield from _hero(sheet, 4.1)
    yield fitted_table(Box(LEFT, 3.92, 4.1, 1.62), _figure_table(sheet), (14, 13, 12), head=False)
    yield fitted_text(Box(LEFT, 5.62, 4.1, BOTTOM - 5.62), sheet.points, (12, 11, 10.5), 0.1)
    if not sheet.charts:
        if sheet.map_subject:
            yield MapPart(Box(5.05, TOP, RIGHT - 5.05, 4.0), sheet.map_subject)
        yield Text(Box(5.05, TOP + 4.12, RIGHT - 5.05, 0.5), ((EMPTY,),), 14, colour=SOFT)
        return
    if sheet.map_subject:
        yield MapPart(Box(9.95, TOP, RIGHT - 9.95, 2.36), sheet.map_subject)
    split, curve = sheet.charts
    yield ChartPart(Box(5.05, TOP, 4.7, 2.36), split, 11.5)
    yield ChartPart(Box(5.05, 4.32, RIGHT - 5.05, BOTTOM - 4.32), curve, 11.5)


def _figure_table(sheet: Sheet) -> Table:
    columns = (Column("指标", share=1.35), Column("数值", share=1.75, right=True))
    rows = [((figure.label,), _with_unit(figure)) for figure in sheet.figures]
    if len(rows) > 1:
        # Always read together: 已录入 / 规划.
        (recorded, planned), unit = sheet.figures[:2], f" {sheet.figures[1].unit}"
        rows[:2] = [((f"{recorded.label} / {planned.label}",), (recorded, " / ", planned, unit))]
    return Table(columns, tuple(rows))


def _with_unit(figure: Figure) -> Words:
    unit = f" {figure.unit}" if figure.unit and figure.value is not None else ""
    return (figure, unit)


def _gap(sheet: Sheet) -> Iterator[Part]:
    parks, parcels = sheet.tables
    width = 8.6 if sheet.charts else FULL
    yield fitted_table(Box(LEFT, TOP, width, 2.2), parks, (14, 13, 12, 11))
    if sheet.charts:
        left = LEFT + width + 0.3
        yield ChartPart(Box(left, TOP, RIGHT - left, 2.2), sheet.charts[0], 11)
    box = Box(LEFT, 4.2, FULL, BOTTOM - 4.2)
    if parcels.rows:
        yield fitted_table(box, parcels, (14, 13, 12, 11, 10))
    else:
        words = "没有可列的地块：有数字目标的平台已达到目标，或尚无记录"
        yield Text(box, ((words,),), 15, colour=SOFT)


def _projects(sheet: Sheet) -> Iterator[Part]:
    groups, largest = sheet.tables
    width = 7.3
    yield fitted_table(Box(LEFT, TOP, width, 2.75), groups, (14, 13, 12))
    left = LEFT + width + 0.3
    yield ChartPart(Box(left, TOP, RIGHT - left, 2.75), sheet.charts[0], 11.5)
    yield fitted_table(Box(LEFT, 4.72, FULL, 1.46), largest, (14, 13, 12, 11))
    yield from _points_line(sheet)


def _next(sheet: Sheet) -> Iterator[Part]:
    box = Box(LEFT, TOP, FULL, BOTTOM - TOP)
    yield fitted_table(box, sheet.tables[0], (18, 17, 16, 15, 14, 13, 12, 11))


def _notes(sheet: Sheet) -> Iterator[Part]:
    box = Box(LEFT, TOP, FULL, BOTTOM - TOP)
    yield fitted_text(box, sheet.points, (16, 15, 14, 13, 12, 11), 0.45)


_LAYOUTS: dict[str, Callable[[Sheet], Iterator[Part]]] = {
    "cover": _cover,
    "district": _district,
    "zones": _zones,
    "park": _park,
    "gap": _gap,
    "projects": _projects,
    "next": _next,
    "notes": _notes,
}
