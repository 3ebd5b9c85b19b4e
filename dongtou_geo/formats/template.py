"""The empty ledger workbook that clerks fill in: headings, lists to choose from, and the rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from dongtou_geo.domain.ledger_field import (
    AGREED_FIELDS,
    EVENT_DAY_FIELDS,
    LEDGER_FIELDS,
    SUPPLY_MODES,
    FieldKind,
    LedgerField,
)
from dongtou_geo.domain.parcel import Origin
from dongtou_geo.formats.workbook_writing import column_width, put_text

TABLE_SHEET = "地块台账"
RULES_SHEET = "填写说明"
CHOICES_SHEET = "选项"
ORIGINS = tuple(origin.label for origin in Origin)
# Lists and formats reach that far; rows below are read all the same.
LAST_ROW = 10_000
COMMENT_AUTHOR = "填表说明"

# Measured by the program on the drawn outline: nobody fills it in.
_MEASURED = frozenset(("area_m2",))
_HEAD_FILL = PatternFill("solid", fgColor="FFDDEBF7")
_NEEDED_FILL = PatternFill("solid", fgColor="FFFCE4D6")
_OLDEST_DAY = "DATE(1949,10,1)"
_LATEST_AGREED = "DATE(2099,12,31)"

_COMMENTS = {
    "area_in_production_m2": "只有一部分投产时才填，单位平方米。填了投产日期而此格留空，按整块投产计；填 0 表示没有投产。",
    "parcel_no": "每块地一个，全表不得重复，不超过 64 个字。本列已设为文本，长编号不会变成 3.3E+18。",
}
_EXAMPLES = {
    "parcel_no": "NT-2019-01",
    "ledger_area_mu": "35.62",
    "contract_area_mu": "35.60",
    "title_area_mu": "35.60",
    "land_use_code": "0601",
    "occupant": "温州某某有限公司",
    "area_in_production_m2": "12000",
    "area_started_m2": "8000",
    "total_investment_wan": "12000",
    "invested_wan": "3500",
    "contract_no": "3303052019A21005",
    "supervision_no": "3303052019B00016",
    "responsible_unit": "区经信局",
    "source_doc": "洞政〔2019〕12号",
    "note": "分两期建设",
}
_MEANINGS = {
    "parcel_no": "地块的编号，全表不得重复，不超过 64 个字",
    "ledger_area_mu": "台账登记的地块面积；没有界址图形的地块按它计算",
    "contract_area_mu": "出让合同或划拨决定书上的面积",
    "title_area_mu": "不动产权证上的面积",
    "land_use_code": "地类编码，如 0601 工业用地",
    "occupant": "用地单位（受让人）全称",
    "approved_on": "农转用批复日期；填海的填用海批复日期",
    "acquired_on": "征收完成日期；填海的填填海验收日期",
    "supplied_on": "出让合同签订或划拨决定书核发日期",
    "started_on": "实际动工日期",
    "completed_on": "竣工验收日期",
    "produced_on": "实际投产日期",
    "area_in_production_m2": "已投产部分的面积；留空 = 整块投产，0 = 没有投产；不得大于地块面积",
    "halted_on": "在建停工的日期，没有停工的留空",
    "stopped_on": "投产后整块停产的日期，没有停产的留空",
    "handed_over_on": "实际交地日期",
    "agreed_start_on": "合同约定的动工日期",
    "agreed_complete_on": "合同约定的竣工日期",
    "agreed_produce_on": "合同约定的投产日期",
    "area_started_m2": "已动工部分的面积",
    "total_investment_wan": "计划总投资",
    "invested_wan": "已完成投资",
    "contract_no": "出让合同编号",
    "supervision_no": "土地市场动态监测监管系统的电子监管号",
    "responsible_unit": "负责推进这块地的单位",
    "source_doc": "本行数据的依据文号",
    "note": "其他需要说明的事",
}
_GENERAL = (
    "怎么填：在“地块台账”表第 2 行起一行填一块地，不改动、不合并表头；空着的列可以删去。",
    "日期写成 2019-05-20；只知道月份的写 2019-05；只写年份、两位数年份（19.5）或 2019.1 这样的数字不能读入。",
    "不用填状态和百分比：程序按日期自动判定。批准、征收、供应、动工、竣工、投产的日期应先后相接，不得晚于今天。",
    "合计、小计行和表下的备注不会读入；隐藏的行和列不会读入。",
)


def template_fields() -> list[LedgerField]:
    """Return the fields that a clerk fills in, in the template's order."""
    return [field for name, field in LEDGER_FIELDS.items() if name not in _MEASURED]


def write_template(path: Path, park_names: Mapping[str, str]) -> None:
    """Write the empty workbook for a land office.

    Parameters
    ----------
    path : Path
        The .xlsx file; replaced if it exists.
    park_names : mapping of str to str
        Park id to the name that clerks choose from the list.
    """
    book = Workbook()
    fields = template_fields()
    choices = {
        "park_id": tuple(park_names.values()),
        "origin": ORIGINS,
        "supply_mode": SUPPLY_MODES,
    }
    _write_table(book.worksheets[0], fields)
    _write_rules(book.create_sheet(RULES_SHEET), fields, choices)
    _write_choices(book, fields, choices)
    _validate_days(book.worksheets[0], fields)
    book.save(path)


def _write_table(page: Any, fields: Sequence[LedgerField]) -> None:
    page.title = TABLE_SHEET
    page.freeze_panes = "B2"
    page.row_dimensions[1].height = 32
    for column, field in enumerate(fields, start=1):
        cell = page.cell(1, column)
        put_text(cell, field.heading)
        cell.font = Font(bold=True)
        cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
        cell.fill = _NEEDED_FILL if field.name == "parcel_no" else _HEAD_FILL
        dimension = page.column_dimensions[get_column_letter(column)]
        dimension.width = max(column_width([field.heading]), 13)
        # A format of the whole column: an empty cell has none to keep.
        dimension.number_format = _number_format(field)
        if field.name in _COMMENTS:
            cell.comment = Comment(_COMMENTS[field.name], COMMENT_AUTHOR, height=110, width=260)
    page.auto_filter.ref = f"A1:{get_column_letter(len(fields))}1"


def _number_format(field: LedgerField) -> str:
    if field.kind is FieldKind.TEXT:
        return "@"
    if field.kind is FieldKind.DAY:
        return "yyyy-mm-dd"
    return "General" if field.kind is FieldKind.CHOICE else "0.####"


def _write_rules(
    page: Any, fields: Sequence[LedgerField], choices: Mapping[str, Sequence[str]]
) -> None:
    for letter, width in zip("ABCDE", (18, 8, 10, 64, 24), strict=True):
        page.column_dimensions[letter].width = width
    for line in _GENERAL:
        page.append([line])
        page.merge_cells(start_row=page.max_row, end_row=page.max_row, start_column=1, end_column=5)
        page.cell(page.max_row, 1).alignment = Alignment(wrap_text=True, vertical="top")
        page.row_dimensions[page.max_row].height = 32
    page.append(["列", "必填", "单位", "填什么", "举例"])
    for cell in page[page.max_row]:
        cell.font, cell.fill = Font(bold=True), _HEAD_FILL
    for row, field in enumerate(fields, start=page.max_row + 1):
        words = (
            field.label,
            "必填" if field.name == "parcel_no" else "选填",
            field.unit or "—",
            _meaning(field, choices),
            _example(field, choices),
        )
        for column, word in enumerate(words, start=1):
            cell = page.cell(row, column)
            put_text(cell, word)
            cell.alignment = Alignment(wrap_text=True, vertical="top")


def _meaning(field: LedgerField, choices: Mapping[str, Sequence[str]]) -> str:
    if field.name == "park_id":
        return "所在园区，从列表中选；不在任何园区内的留空"
    if field.name in choices:
        return f"从列表中选：{'、'.join(choices[field.name])}"
    if field.name in _MEANINGS:
        return _MEANINGS[field.name]
    return f"{field.label.removesuffix('文号')}所依据文件的文号"


def _example(field: LedgerField, choices: Mapping[str, Sequence[str]]) -> str:
    if field.kind is FieldKind.DAY:
        return "2019-05-20"
    if field.name in choices:
        return next(iter(choices[field.name]), "")
    return _EXAMPLES.get(field.name, _EXAMPLES["source_doc"])


def _write_choices(
    book: Any, fields: Sequence[LedgerField], choices: Mapping[str, Sequence[str]]
) -> None:
    """Put the lists on a hidden sheet: a list inside the rule itself ends at 255 characters."""
    page = book.create_sheet(CHOICES_SHEET)
    page.sheet_state = "hidden"
    table = book.worksheets[0]
    names = [field.name for field in fields]
    for column, (name, words) in enumerate(choices.items(), start=1):
        if not words:
            continue
        for row, word in enumerate(words, start=1):
            put_text(page.cell(row, column), word)
        letter = get_column_letter(column)
        rule = DataValidation(
            type="list",
            formula1=f"'{CHOICES_SHEET}'!${letter}$1:${letter}${len(words)}",
            allow_blank=True,
            showErrorMessage=True,
            errorTitle=LEDGER_FIELDS[name].label,
            error=f"请从列表中选择{LEDGER_FIELDS[name].label}",
        )
        rule.add(_cells(names.index(name) + 1))
        table.add_data_validation(rule)


def _validate_days(page: Any, fields: Sequence[LedgerField]) -> None:
    """Ask for real dates; only a warning, because a month alone may be all that is known."""
    for names, latest, until in (
        (EVENT_DAY_FIELDS, "TODAY()", "今天"),
        (AGREED_FIELDS, _LATEST_AGREED, "2099-12-31"),
    ):
        rule = DataValidation(
            type="date",
            operator="between",
            formula1=_OLDEST_DAY,
            formula2=latest,
            allow_blank=True,
            showErrorMessage=True,
            errorStyle="warning",
            errorTitle="日期",
            error=f"请填 1949-10-01 至{until}之间的日期，如 2019-05-20；只知道月份的写 2019-05",
        )
        for column, field in enumerate(fields, start=1):
            if field.name in names:
                rule.add(_cells(column))
        page.add_data_validation(rule)


def _cells(column: int) -> str:
    letter = get_column_letter(column)
    return f"{letter}2:{letter}{LAST_ROW}"
