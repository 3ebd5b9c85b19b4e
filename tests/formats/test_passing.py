"""What one process packs, another unpacks: the same values of the same types, or a refusal."""

import json
import math
import os
import pickle
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import ipc

from dongtou_geo.domain.intake_problem import IntakeProblem
from dongtou_geo.domain.problem import Severity
from dongtou_geo.formats.arrived import Arrived, FormatError
from dongtou_geo.formats.passing import pack, unpack

CELLS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(st.characters(exclude_categories=())),
    st.dates(),
    st.datetimes(timezones=st.sampled_from([None, UTC])),
    st.times(),
    st.timedeltas(),
    st.binary(),
)


def arrived_with(values: list, dtype: Any = "object") -> Arrived:
    cells = pd.DataFrame({"值": pd.Series(values, dtype=dtype)})
    return Arrived("层", cells, np.arange(2, len(values) + 2))


def passed(arrived: Arrived, folder: Path) -> Arrived:
    folder.mkdir(exist_ok=True)
    pack(arrived, folder)
    return unpack(folder)


@pytest.fixture(scope="module")
def shared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("passing")


@given(values=st.lists(CELLS, max_size=8))
def test_mixed_cells_come_back_exactly(values: list, shared_folder: Path) -> None:
    found = passed(arrived_with(values), shared_folder).cells["值"]
    assert found.dtype == object
    for was, now in zip(values, found, strict=True):
        assert type(now) is type(was)
        assert now == was or (math.isnan(was) and math.isnan(now))


def test_missing_values_of_pandas_come_back(tmp_path: Path) -> None:
    values = [pd.NaT, pd.NA, np.float64(1.5), np.int64(3), np.bool_(True), datetime(2019, 1, 2)]
    found = passed(arrived_with(values), tmp_path).cells["值"].tolist()
    assert found[0] is pd.NaT
    assert found[1] is pd.NA
    assert found[2:] == [1.5, 3, True, datetime(2019, 1, 2)]


@pytest.mark.parametrize(
    ("dtype", "values"),
    [
        ("str", ["𠮷", None, "=1+1"]),
        ("string", ["𠮷", None, ""]),
        ("float64", [1.5, np.nan, -np.inf]),
        ("float32", [1.5, np.nan, 0.1]),
        ("int64", [2**62, -1, 0]),
        ("int16", [2, -1, 0]),
        ("Int64", [2**62, None, 0]),
        ("bool", [True, False, True]),
        ("boolean", [True, None, False]),
        ("datetime64[s]", ["1900-01-01", None, "2019-02-28"]),
        ("datetime64[ms]", ["1900-01-01T10:11:12.345", None, "9999-12-31"]),
        ("datetime64[ns]", ["1970-01-01T00:00:00.000000001", None, "2019-02-28"]),
        ("datetime64[ms, Asia/Shanghai]", ["1900-01-01", None, "2019-02-28"]),
        ("timedelta64[ms]", ["1 days", None, "2 days"]),
        ("category", ["划拨", None, "出让"]),
    ],
)
def test_typed_columns_stay_typed(dtype: str, values: list, tmp_path: Path) -> None:
    arrived = arrived_with(values, dtype)
    found = passed(arrived, tmp_path)
    pd.testing.assert_frame_equal(found.cells, arrived.cells)
    assert found.cells["值"].dtype == arrived.cells["值"].dtype


def test_cells_may_be_changed_afterwards(tmp_path: Path) -> None:
    found = passed(arrived_with([1.5, 2.5], "float64"), tmp_path)
    found.cells.iloc[0, 0] = 9.0
    found.row_numbers[0] = 7
    assert found.cells["值"].tolist() == [9.0, 2.5]


def test_everything_else_comes_back(tmp_path: Path) -> None:
    problem = IntakeProblem(3, "Sheet1!D3", "甲-1", "bad_day", Severity.ERROR, "日期“x”\ud800")
    whole = IntakeProblem(None, None, None, "hidden_rows", Severity.INFO, "跳过")
    arrived = Arrived(
        layer="表 1\ud800</script>",
        cells=pd.DataFrame([[1, "a", None], [2, "b", 0.5]], columns=["编号", "编号_2", "'; DROP"]),
        row_numbers=np.array([17, 2**40]),
        column_letters={"编号": "A", "'; DROP": "AZ"},
        declared_crs="EPSG:4490",
        encoding="gb18030",
        encoding_reason="字节只在 GB18030 中成字",
        problems=(problem, whole),
        facts={"几度分带": "3", "带号": "40"},
    )
    found = passed(arrived, tmp_path)
    pd.testing.assert_frame_equal(found.cells, arrived.cells)
    assert found.cells.columns.dtype == arrived.cells.columns.dtype
    assert found.row_numbers.tolist() == [17, 2**40]
    assert found.outlines is None
    for name in ("layer", "column_letters", "declared_crs", "encoding", "encoding_reason"):
        assert getattr(found, name) == getattr(arrived, name)
    assert found.problems == arrived.problems
    assert found.facts == arrived.facts
    assert found.cell("编号", 0) == "表 1\ud800</script>!A17"


def test_column_names_of_broken_text_come_back(tmp_path: Path) -> None:
    cells = pd.DataFrame([[1, 2]])
    cells.columns = pd.Index(["\udc80", "b"], dtype=object)
    found = passed(Arrived("层", cells, np.array([1])), tmp_path)
    assert found.cells.columns.tolist() == ["\udc80", "b"]


def test_text_that_is_no_unicode_comes_back(tmp_path: Path) -> None:
    dtype = pd.StringDtype("python", na_value=np.nan)
    found = passed(arrived_with(["a\ud800", None], dtype), tmp_path).cells["值"]
    assert found[0] == "a\ud800"
    assert pd.isna(found[1])


def test_outlines_come_back_vertex_by_vertex(tmp_path: Path) -> None:
    with np.errstate(invalid="ignore"):
        outlines = np.array(
            [
                shapely.Polygon([(0, 0), (1, np.nan), (1, 1)]),
                shapely.Polygon([(np.inf, 0), (1, 0), (1, 1)]),
                None,
                shapely.MultiPolygon([shapely.box(0, 0, 1, 1)]),
                shapely.Polygon(),
                shapely.from_wkt("GEOMETRYCOLLECTION (POINT (1 2), LINESTRING (0 0, 1e308 0.1))"),
                shapely.Polygon([(0, 0), (1, 1), (0, 1), (1, 0)]),
                shapely.Point(1, 2, 3),
            ]
        )
    cells = pd.DataFrame(index=pd.RangeIndex(len(outlines)))
    found = passed(Arrived("层", cells, np.arange(len(outlines)), outlines), tmp_path)
    assert found.outlines is not None
    assert found.outlines.dtype == object
    assert [shapely.to_wkb(shape) for shape in found.outlines] == [
        shapely.to_wkb(shape) for shape in outlines
    ]
    assert found.cells.shape == (8, 0)


@pytest.mark.parametrize("outlines", [None, np.array([], dtype=object)])
def test_nothing_comes_back_as_nothing(outlines, tmp_path: Path) -> None:
    cells = pd.DataFrame({"a": pd.Series([], dtype=object), "b": pd.Series([], dtype="float64")})
    found = passed(Arrived("空", cells, np.array([], dtype=np.int64), outlines), tmp_path)
    pd.testing.assert_frame_equal(found.cells, cells)
    assert (found.outlines is None) == (outlines is None)


def test_folder_may_go_at_once(tmp_path: Path) -> None:
    folder = tmp_path / "gone"
    outlines = np.array([shapely.box(0, 0, 1, 1)] * 3)
    arrived = Arrived("层", arrived_with(["a", "b", "c"], "str").cells, np.arange(3), outlines)
    found = passed(arrived, folder)
    for path in folder.iterdir():
        path.write_bytes(b"")
        path.unlink()
    assert found.cells["值"].tolist() == ["a", "b", "c"]
    assert found.outlines is not None
    assert shapely.area(found.outlines).tolist() == [1.0, 1.0, 1.0]


def test_cells_of_no_known_kind_are_refused(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="列“值”含无法处理的数值：类型 object"):
        pack(arrived_with([object()]), tmp_path)


def test_parts_of_different_length_are_refused(tmp_path: Path) -> None:
    arrived = Arrived("层", pd.DataFrame({"a": [1, 2]}), np.array([1]))
    with pytest.raises(FormatError, match="不一致"):
        pack(arrived, tmp_path)


def replace_json(folder: Path, key: str, value: object) -> None:
    rest = json.loads((folder / "rest.json").read_text())
    rest[key] = value
    (folder / "rest.json").write_text(json.dumps(rest))


def write_arrow(folder: Path, **columns: pa.Array) -> None:
    table = pa.table(columns)
    path = str(folder / "typed.arrow")
    with pa.OSFile(path, "wb") as sink, ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)


ROWS = pa.array([2, 3], type=pa.int64())
PROBLEM = IntakeProblem(1, None, None, "c", Severity.ERROR, "m").as_dict()
FORGERIES = {
    "nothing": lambda d: [path.unlink() for path in d.iterdir()],
    "no cells": lambda d: (d / "typed.arrow").unlink(),
    "cut off": lambda d: (d / "typed.arrow").write_bytes((d / "typed.arrow").read_bytes()[:-40]),
    "overwritten": lambda d: (d / "typed.arrow").write_bytes(b"\xff" * 5000),
    "no json": lambda d: (d / "rest.json").write_bytes(b"\xff\xfe"),
    "deep json": lambda d: (d / "mixed.jsonl").write_text("[" * 200_000),
    "json, no object": lambda d: (d / "rest.json").write_text("[]"),
    "more rows": lambda d: (d / "mixed.jsonl").write_text('["a","b","c"]\n'),
    "more columns": lambda d: (d / "mixed.jsonl").write_text('["a","b"]\n["a","b"]\n'),
    "unknown type": lambda d: (d / "mixed.jsonl").write_text('[{"type":"os.system","text":"x"},1]'),
    "no day": lambda d: (d / "mixed.jsonl").write_text('[{"type":"date","text":"2019-13-01"},1]'),
    "object": lambda d: (d / "mixed.jsonl").write_text('{"type":"date","text":"2019-01-01"}\n'),
    "layer": lambda d: replace_json(d, "layer", ["a"]),
    "names": lambda d: replace_json(d, "columns", [{"a": 1}]),
    "letters": lambda d: replace_json(d, "column_letters", ["a"]),
    "facts": lambda d: replace_json(d, "facts", {"a": 1}),
    "problems": lambda d: replace_json(d, "problems", [{"row": "1"}]),
    "row of a problem": lambda d: replace_json(d, "problems", [{**PROBLEM, "row": "x"}]),
    "severity": lambda d: replace_json(d, "problems", [{**PROBLEM, "severity": "fatal"}]),
    "missing rows": lambda d: write_arrow(d, outlines=pa.array([None, None], pa.large_binary())),
    "rows as text": lambda d: write_arrow(d, row_numbers=pa.array(["a", "b"])),
    "no outline": lambda d: write_arrow(
        d, row_numbers=ROWS, outlines=pa.array([b"\x01\x03\xff", None], pa.large_binary())
    ),
    "endless outline": lambda d: write_arrow(
        d,
        row_numbers=ROWS,
        outlines=pa.array([b"\x01\x03\0\0\0\xff\xff\xff\x7f", None], pa.large_binary()),
    ),
}


@pytest.mark.parametrize("forge", FORGERIES.values(), ids=FORGERIES.keys())
def test_forgery_is_refused(forge, tmp_path: Path) -> None:
    outlines = np.array([shapely.box(0, 0, 1, 1), None], dtype=object)
    arrived = Arrived("层", arrived_with(["a", "b"]).cells, np.array([2, 3]), outlines)
    pack(arrived, tmp_path)
    forge(tmp_path)
    with pytest.raises(FormatError, match="已损坏"):
        unpack(tmp_path)


def test_no_pickle_is_opened(tmp_path: Path) -> None:
    class Bomb:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "boom"),)

    pack(arrived_with(["a"]), tmp_path)
    for name in ("typed.arrow", "mixed.jsonl", "rest.json"):
        kept = (tmp_path / name).read_bytes()
        (tmp_path / name).write_bytes(pickle.dumps(Bomb()))
        with pytest.raises(FormatError):
            unpack(tmp_path)
        (tmp_path / name).write_bytes(kept)
    assert not (tmp_path / "boom").exists()


def test_many_outlines_pass(tmp_path: Path) -> None:
    x, y = np.divmod(np.arange(20_000), 200)
    outlines = shapely.box(x, y, x + 0.9, y + 0.9)
    cells = pd.DataFrame({"编号": [f"甲-{n}" for n in range(20_000)], "日期": date(2019, 1, 2)})
    found = passed(Arrived("层", cells, np.arange(20_000), outlines), tmp_path)
    assert found.outlines is not None
    assert shapely.equals_exact(found.outlines, outlines).all()
    pd.testing.assert_frame_equal(found.cells, cells)


def test_times_and_spans_are_kept(tmp_path: Path) -> None:
    values = [time(8, 30, 0, 1), timedelta(days=-1, microseconds=7), b"\0\xff"]
    assert passed(arrived_with(values), tmp_path).cells["值"].tolist() == values
