"""Names in the selection pane and words read aloud: Chinese, and the figures of the slide."""

import re
from dataclasses import replace
from io import BytesIO
from typing import Any

import pytest
from pptx import Presentation

from dongtou_geo.reports.deck_names import chart_words
from dongtou_geo.services.briefing_projects import publisher
from dongtou_geo.services.briefing_sheet import Chart, Series
from dongtou_geo.store.ledger import Ledger
from tests.reports.briefings import LATEST, deck_of, progress_json

RATES = Chart(
    "rates", "投产率", ("甲", "乙"), (Series("投产率", (0.5, None)), Series("规划目标", (0.9, None)))
)  # fmt: skip


@pytest.fixture(scope="module")
def slides(sample_ledger: Ledger) -> Any:
    return Presentation(BytesIO(deck_of(sample_ledger, LATEST)))


def words_of(shape: Any) -> str | None:
    found: str | None = shape._element.xpath(".//p:cNvPr")[0].get("descr")
    return found


def test_no_shape_layout_or_note_has_an_english_name(slides: Any) -> None:
    holders = [*slides.slides, *slides.slide_layouts, slides.slide_master]
    holders += [slide.notes_slide for slide in slides.slides]
    names = [shape.name for holder in holders for shape in holder.shapes]
    names += [layout.name for layout in slides.slide_layouts]
    assert len(names) > 200
    assert [name for name in names if not re.search(r"[\u4e00-\u9fff]", name)] == []
    assert [name for name in names if re.search(r"TextBox|Title|Table|Chart|Picture", name)] == []


def test_every_picture_table_and_chart_is_told_in_words(slides: Any, sample_ledger: Ledger) -> None:
    kinds = set()
    for slide in slides.slides:
        for shape in slide.shapes:
            kind = (shape.shape_type == 13, shape.has_table, shape.has_chart)
            if any(kind):
                kinds.add(kind)
                assert re.search(r"[\u4e00-\u9fff]", words_of(shape) or "")
    assert len(kinds) == 3
    district = slides.slides[1]
    (chart,) = (shape for shape in district.shapes if shape.has_chart)
    told = words_of(chart) or ""
    for row in progress_json(sample_ledger.url, LATEST):
        if isinstance(row["rate"], float) and row["id"]:
            assert f"{row['name']} {row['rate'] * 100:.1f}%" in told
    assert "轨道交通装备产业示范区 未填报" in told


def test_a_chart_says_its_target_and_a_curve_its_ends() -> None:
    assert chart_words(RATES) == "条形图，投产率：甲 50.0%，规划目标 90%；乙 未填报"
    amounts = Chart("amounts", "亿元", ("甲",), (Series("亿元", (1234.5,)),), decimals=2)
    assert chart_words(amounts) == "条形图，亿元：甲 1,234.50"
    days = ("2013-03-31", "2013-06-30", "2013-09-30")
    curve = Chart(
        "curve", "变化", days, (Series("投产率", (None, 0.1, 0.2)), Series("目标 90%", (0.9,) * 3))
    )
    assert chart_words(curve) == (
        "折线图，变化：投产率 2013-06-30 为 10.0%，2013-09-30 为 20.0%；目标 90%"
    )
    silent = replace(curve, series=(Series("投产率", (None,) * 3),))
    assert chart_words(silent) == "折线图，变化：投产率 未填报"


def test_no_sheet_names_a_host_but_whoever_published(slides: Any) -> None:
    told = [
        text
        for slide in slides.slides
        for shape in slide.shapes
        for text in (
            [shape.text_frame.text]
            if shape.has_text_frame
            else [cell.text_frame.text for row in shape.table.rows for cell in row.cells]
            if shape.has_table
            else []
        )
    ]
    assert not [text for text in told if re.search(r"[a-z0-9]\.(com|cn|net|org)\b|https?:", text)]
    assert any("（中国网，2024-07-03）" in text for text in told)
    assert publisher("news.66wz.com/system/2021/10/16/1.shtml") == "温州网"
    assert publisher("dongtou.gov.cn/art/1.html") == "洞头区人民政府网站"
    # Another's host that only looks like it, and one whose body we do not know.
    assert publisher("notdongtou.gov.cn/art/1.html") == "公开报道"
    assert publisher("m.21cnev.com/archive.php") == "公开报道"
