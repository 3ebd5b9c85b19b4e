"""What all exports share: kinds of columns, and a file that is whole or not there."""

import errno
import os
from datetime import date, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely

from dongtou_geo.formats.arrived import FormatError
from dongtou_geo.formats.exporting import (
    ColumnKind,
    checked_outlines,
    columns_of,
    inert,
    parcel_names,
    published,
    unwritable,
    without_nul,
    xml_characters,
)


def the_column(values: list, name: str = "x", dtype: str = "object"):
    (column,) = columns_of(pd.DataFrame({name: pd.Series(values, dtype=dtype)}))
    return column


@pytest.mark.parametrize(
    ("values", "kind", "written"),
    [
        (["a", None, np.nan, pd.NA], ColumnKind.TEXT, ("a", None, None, None)),
        ([1, None], ColumnKind.INTEGER, (1, None)),
        ([np.int64(1), 2.5], ColumnKind.REAL, (1.0, 2.5)),
        ([2.0, np.inf], ColumnKind.REAL, (2.0, None)),
        ([2**70, 1], ColumnKind.REAL, (float(2**70), 1.0)),
        ([date(2019, 1, 2), pd.NaT], ColumnKind.DAY, (date(2019, 1, 2), None)),
        ([datetime(2019, 1, 2)], ColumnKind.DAY, (date(2019, 1, 2),)),
        ([pd.Timestamp("2019-01-02")], ColumnKind.DAY, (date(2019, 1, 2),)),
        ([datetime(2019, 1, 2, 8, 30)], ColumnKind.TEXT, ("2019-01-02T08:30:00",)),
        ([date(2019, 1, 2), "待定", 3], ColumnKind.TEXT, ("2019-01-02", "待定", "3")),
        ([True, False], ColumnKind.TEXT, ("是", "否")),
    ],
)
def test_kind_follows_the_values(values: list, kind: ColumnKind, written: tuple) -> None:
    column = the_column(values)
    assert (column.kind, column.values) == (kind, written)
    assert [type(value) for value in column.values] == [type(value) for value in written]


def test_typed_columns_are_told_apart() -> None:
    assert the_column(["2019-01-02", None], dtype="datetime64[s]").kind is ColumnKind.DAY
    assert the_column(["a", None], dtype="str").values == ("a", None)
    assert the_column([1, None], dtype="Int64").values == (1, None)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("stopped_on", ColumnKind.DAY),
        ("停产日期", ColumnKind.DAY),
        ("台账面积（亩）", ColumnKind.REAL),
        ("note", ColumnKind.TEXT),
        ("supply_mode", ColumnKind.TEXT),
        ("别的", ColumnKind.TEXT),
    ],
)
def test_kind_of_an_empty_column_is_the_fields(name: str, kind: ColumnKind) -> None:
    assert the_column([None, np.nan], name).kind is kind


def test_parcels_are_named_by_their_number() -> None:
    assert parcel_names(pd.DataFrame({"地块编号": ["甲", None, 3]})) == ("甲", "第 2 行", "3")
    assert parcel_names(pd.DataFrame({"a": [1, 2]})) == ("第 1 行", "第 2 行")


def test_outlines_are_one_polygon_a_row() -> None:
    cells = pd.DataFrame({"a": [1, 2, 3]})
    outlines = np.array([shapely.box(0, 0, 1, 1), None, shapely.Polygon()], dtype=object)
    found = checked_outlines(cells, outlines)
    assert [shape is None for shape in found] == [False, True, True]
    assert outlines[2] is not None
    solid = shapely.force_3d(outlines, 5.0)
    assert not shapely.has_z(checked_outlines(cells, solid)).any()
    with pytest.raises(FormatError, match="属性 3 行与图形 1 个不一致"):
        checked_outlines(cells, outlines[:1])
    with pytest.raises(FormatError, match="面或多面"):
        checked_outlines(cells[:1], np.array([shapely.Point(1, 2)]))
    with pytest.raises(FormatError, match="非数值"):
        endless = shapely.Polygon([(np.inf, 0), (1, 0), (1, 1)])
        checked_outlines(cells[:1], np.array([endless]))


def test_characters_a_format_cannot_hold_are_removed() -> None:
    text = "\0\x01\t\n\r\x1f𠮷\u202e\ud800\ufffe\uffff"
    assert without_nul(text) == "\x01\t\n\r\x1f𠮷\u202e\ufffd\ufffe\uffff"
    assert xml_characters(text) == "\t\n\r𠮷\u202e\ufffd"


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@x", "\t=1", "\r=1"])
def test_formulas_are_made_text(text: str) -> None:
    assert inert(text) == f"'{text}"
    assert inert(f"a{text}") == f"a{text}"


def test_file_appears_whole_with_its_folder(tmp_path: Path) -> None:
    target = tmp_path / "新" / "深" / "a.txt"
    with published(target, overwrite=False) as part:
        part.write_text("whole")
        part.with_name("a.txt-journal").write_text("aside")
        assert not target.exists()
        assert part.suffix == ".txt"
    assert target.read_text() == "whole"
    assert list(target.parent.iterdir()) == [target]


def test_what_is_there_is_kept_unless_told(tmp_path: Path) -> None:
    target = tmp_path / "a.txt"
    target.write_text("old")
    with pytest.raises(FormatError, match="已存在"), published(target, overwrite=False):
        pytest.fail("nothing may be written")
    with published(target, overwrite=True) as part:
        part.write_text("new")
        assert target.read_text() == "old"
    assert target.read_text() == "new"


def test_what_came_in_meanwhile_is_kept(tmp_path: Path) -> None:
    target = tmp_path / "a.txt"
    with pytest.raises(FormatError, match="已存在"), published(target, overwrite=False) as part:
        part.write_text("mine")
        target.write_text("theirs")
    assert target.read_text() == "theirs"
    assert list(tmp_path.iterdir()) == [target]


def test_link_that_leads_nowhere_is_there_too(tmp_path: Path) -> None:
    target = tmp_path / "a.txt"
    target.symlink_to(tmp_path / "none")
    with pytest.raises(FormatError, match="已存在"), published(target, overwrite=False):
        pytest.fail("nothing may be written")
    assert target.is_symlink()


@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "No space left"), ValueError("x")])
def test_failure_leaves_everything_as_it_was(tmp_path: Path, error: Exception) -> None:
    target = tmp_path / "a.txt"
    target.write_text("old")
    with pytest.raises((FormatError, ValueError)), published(target, overwrite=True) as part:
        part.write_text("half")
        raise error
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_folder_in_the_place_is_refused(tmp_path: Path) -> None:
    target = tmp_path / "a.txt"
    (target / "inside").mkdir(parents=True)
    with pytest.raises(FormatError, match="无法写入"), published(target, overwrite=True) as part:
        part.write_text("x")
    assert [path.name for path in tmp_path.rglob("*")] == ["a.txt", "inside"]
    with pytest.raises(FormatError, match="无法写入"):
        (tmp_path / "file").write_text("")
        with published(tmp_path / "file" / "a.txt", overwrite=False) as part:
            part.write_text("x")


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        (errno.ENOSPC, "磁盘空间不足"),
        (errno.EFBIG, "大小上限"),
        (errno.EACCES, "没有写入权限"),
        (errno.EROFS, "只读"),
        (errno.EIO, "读写出错"),
    ],
)
def test_reason_is_told(number: int, reason: str, tmp_path: Path) -> None:
    error = unwritable(tmp_path / "a.txt", OSError(number, os.strerror(number)))
    assert str(error).startswith(f"文件 {tmp_path / 'a.txt'} 无法写入：")
    assert reason in str(error)
    assert "写入中断" in str(unwritable(tmp_path / "a.txt", RuntimeError("disk I/O error")))
