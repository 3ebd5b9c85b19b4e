"""No flag of a command is read on the page of 数据入库; what is chosen is said in Chinese."""

import pytest

from dongtou_geo.ui.components.intake_choices import _option
from dongtou_geo.ui.components.intake_words import CHANGES, mapped, question, said


@pytest.mark.parametrize(
    ("words", "asked"),
    [
        ("文件中有 2 张工作表是地块表：甲、乙，请用 --layer 指明一张", "文件中有 2 张工作表是地块表：甲、乙"),
        ("有 2 列都像“面积”：甲、乙；请用 --map area_m2=列名 指明一列", "有 2 列都像“面积”：甲、乙"),
        ("“a.zip”里有 2 个图层（甲、乙），请用 --layer 指定一个", "“a.zip”里有 2 个图层（甲、乙）"),
        ("像是 GCJ-02；请用 --crs EPSG:4490+gcj02 反算（非测绘精度），或用 --crs EPSG:4490 照原样入库", "像是 GCJ-02"),
    ],
)  # fmt: skip
def test_a_question_is_asked_without_its_flag(words: str, asked: str) -> None:
    assert question(words) == asked


@pytest.mark.parametrize(
    ("words", "plain"),
    [
        (
            "3 宗新地块计入园区外；可用 --park 指明园区",
            f"3 宗新地块计入园区外；可在“{CHANGES}”里选园区",
        ),
        (
            "按亩读入；如不是，请用 --map area_m2=面积:单位 指明",
            f"按亩读入；如不是，请在“{CHANGES}”里改",
        ),
        ("请核对文件，或用 --crs EPSG:编号 指明坐标系", "请核对文件"),
        ("按 --crs 指定的CGCS2000 经纬度读取", "按您选定的CGCS2000 经纬度读取"),
        ("界址点数不符", "界址点数不符"),
    ],
)
def test_what_a_command_says_is_said_for_a_page(words: str, plain: str) -> None:
    assert said(words) == plain


@pytest.mark.parametrize(
    ("option", "read"),
    [
        ("parcel_no=宗地号", "“宗地号”列是地块编号"),
        ("parcel_no=A+B", "“A+B”列是地块编号"),
        ("contract_area_mu=合同:公顷", "“合同”列（公顷）是合同面积"),
        ("甲=乙", "甲=乙"),
        ("EPSG:4549", "CGCS2000 3 度带 中央经线 120°（4549）"),
        ("EPSG:4490+gcj02", "CGCS2000 经纬度（4490），由 GCJ-02 反算，非测绘精度"),
    ],
)
def test_an_option_is_read_in_chinese(option: str, read: str) -> None:
    assert _option(option) == read
    assert mapped("地块表") == "地块表"
