"""A ledger as a land office keeps it: titles, groups, merged cells, totals, notes, hidden parts."""

from datetime import date
from pathlib import Path

from openpyxl import Workbook

SHEET = "2019年台账"
COLUMNS = [
    "序号", "地块编号", "面积 亩", "面积 公顷", "日期 供应日期", "日期 投产日期", "用地单位 （企业）", "合同编号", "备注",
]  # fmt: skip
ROWS = [6, 7, 10, 11]
ROW_6 = [1, "NT-01", 15.5, 1.0333, date(2012, 3, 1), date(2015, 6, 30), "甲公司", "HT-1", None]


def write_messy(path: Path) -> None:
    book = Workbook()
    page = book.worksheets[0]
    page.title = SHEET
    page["A1"] = "洞头区工业用地台账"
    page.merge_cells("A1:I1")
    page["A2"], page["G2"] = "填报单位：洞头分局", "（单位：亩、万元）"
    tall = {"A": "序号", "B": "地块编号", "G": "用地单位\n（企业）", "H": "合同编号", "I": "备注"}
    for column, text in tall.items():
        page[f"{column}3"] = text
        page.merge_cells(f"{column}3:{column}4")
    page["C3"], page["C4"], page["D4"] = "面积", "亩", "公顷"
    page.merge_cells("C3:D3")
    page["E3"], page["E4"], page["F4"] = "日期", "供应日期", "投产日期"
    page.merge_cells("E3:F3")
    page.append(list(range(1, 10)))  # the row that counts the columns
    page.append(ROW_6)
    page.append([2, "NT-02", 20, 1.3333, date(2013, 3, 1), "2016年6月", None, "HT-2", "分期"])
    page.merge_cells("G6:G7")
    page.append([3, "NT-03", 9, 0.6, None, None, "乙公司", "HT-3", None])
    page.row_dimensions[8].hidden = True
    page.append(["南塘小计", None, "=SUM(C6:C8)"])
    page.append(
        [4, "YW-01", "=2*15", "=C10/15", date(2014, 1, 1), None, "丙公司", 3.30305e18, "丁"]
    )
    page.append([5, "YW-02", 12, "=NA()", None, None, '=IF(1>2,1,"")', "HT-5", None])
    page.append(["合 计", None, "=C9+C10"])
    page.append([])
    page.append(["备注：面积以合同为准"])
    page.append(["填表人：张三", None, None, "日期：2019年12月"])
    for row in (6, 7, 10):
        page[f"E{row}"].number_format = "yyyy/m/d"
    page.column_dimensions["K"].hidden = True
    page["K6"] = "内部"
    page.auto_filter.ref = "A4:I12"
    book.create_sheet("空表")
    book.create_sheet("字典")["A1"] = "0601 工业用地"
    book.save(path)
