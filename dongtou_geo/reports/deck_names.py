"""What each shape of a slide is called in the selection pane, and what is read aloud for it."""

from __future__ import annotations

from typing import Any

from dongtou_geo.domain import written
from dongtou_geo.reports.stage import Fill, TablePart, Text, clean, column_head
from dongtou_geo.services.briefing_sheet import Chart, Series, Sheet, plain

MOST_NAMED = 24
RULE_HEIGHT = 0.1  # inches; a lower fill is a rule, a higher one the ground of a tag
ROLES = {"title": "标题", "lead": "导语", "hero": "主要数字"}
LAYOUTS = (
    "标题幻灯片", "标题和内容", "节标题", "两栏内容", "比较", "仅标题", "空白", "内容与标题",
    "图片与标题", "标题和竖排文字", "垂直排列标题与文本",
)  # fmt: skip
HOLDERS = {
    "title": "标题", "ctrTitle": "标题", "subTitle": "副标题", "body": "文本", "dt": "日期",
    "ftr": "页脚", "sldNum": "编号", "pic": "图片", "sldImg": "幻灯片图像", "hdr": "页眉",
}  # fmt: skip


def named(shape: Any, name: str, words: str) -> None:
    """Name a shape, and give it its alternative text.

    Parameters
    ----------
    shape : pptx shape
        Any kind.
    name : str
        In the selection pane.
    words : str
        Read aloud in its place; "" where its own text is, or where there is nothing to say.
    """
    shape.name = clean(name)
    if words:
        properties = shape._element.xpath(".//p:cNvPr")[0]  # python-pptx sets no alternative text
        properties.set("descr", clean(words))


def name_template(slides: Any) -> None:
    """Give the layouts, and what they hold, the names that PowerPoint has for them in Chinese.

    Parameters
    ----------
    slides : pptx presentation
        Made from python-pptx's own template, whose names are English.
    """
    master = slides.slide_masters[0]
    for layout, name in zip(master.slide_layouts, LAYOUTS, strict=True):
        layout.name = name
    for holder in (master, *master.slide_layouts):
        holder_names(holder)


def holder_names(holder: Any) -> None:
    """Name the placeholders of a master, a layout or a notes page after what they are for.

    Parameters
    ----------
    holder : pptx slide, layout or master
        Whose.
    """
    for number, shape in enumerate(holder.placeholders, start=1):
        kind = shape._element.xpath(".//p:ph")[0].get("type", "obj")
        shape.name = f"{HOLDERS.get(kind, '内容')}占位符 {number}"


def text_name(part: Text) -> str:
    """Return the name of a text: its role, else how it begins.

    Parameters
    ----------
    part : Text
        The text.
    """
    begins = plain(part.lines[0]) if part.lines else ""
    short = begins if len(begins) <= MOST_NAMED else f"{begins[:MOST_NAMED]}…"
    return ROLES.get(part.role, f"文字：{short}")


def fill_name(part: Fill) -> str:
    """Return the name of a filled rectangle.

    Parameters
    ----------
    part : Fill
        The rectangle.
    """
    return "分隔线" if part.box.height < RULE_HEIGHT else "标签底色"


def table_name(part: TablePart) -> str:
    """Return the name of a table: its first column's.

    Parameters
    ----------
    part : TablePart
        The table.
    """
    return f"表格：{part.table.columns[0].name}"


def table_words(part: TablePart) -> str:
    """Return what is said of a table before its cells are read.

    Parameters
    ----------
    part : TablePart
        The table.
    """
    heads = "、".join(column_head(column) for column in part.table.columns)
    return f"表格，{len(part.table.rows)} 行，各列为 {heads}"


def chart_words(chart: Chart) -> str:
    """Say a chart in words: each bar with its figure, or where each line begins and ends.

    Parameters
    ----------
    chart : Chart
        The chart.
    """
    if chart.kind == "curve":
        told = [_line_words(chart, series) for series in chart.series]
        return f"折线图，{chart.title}：{'；'.join(told)}"
    return f"条形图，{chart.title}：{'；'.join(_bar_words(chart))}"


def map_words(sheet: Sheet) -> str:
    """Say what a map shows.

    Parameters
    ----------
    sheet : Sheet
        On which it stands.
    """
    return f"{sheet.name}示意图：园区范围为手绘示意，不是测绘成果；数字见本页文字"


def _bar_words(chart: Chart) -> list[str]:
    measured, *others = chart.series
    found = []
    for at, name in enumerate(chart.categories):
        value = measured.values[at]
        amount = written.UNKNOWN if value is None else _written(chart, value)
        goals = [(one.name, one.values[at]) for one in others]
        beside = "".join(
            f"，{word} {written.goal(goal)}" for word, goal in goals if goal is not None
        )
        found.append(f"{name} {amount}{beside}")
    return found


def _written(chart: Chart, value: float) -> str:
    return written.percent(value) if chart.kind == "rates" else f"{value:,.{chart.decimals}f}"


def _line_words(chart: Chart, series: Series) -> str:
    known = [
        (day, rate) for day, rate in zip(chart.categories, series.values, strict=True)
        if rate is not None
    ]  # fmt: skip
    if not known:
        return f"{series.name} {written.UNKNOWN}"
    (first, start), (last, end) = known[0], known[-1]
    if "%" in series.name:  # a target: its name says it
        return series.name
    return f"{series.name} {first} 为 {written.percent(start)}，{last} 为 {written.percent(end)}"
