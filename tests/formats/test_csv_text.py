from pathlib import Path

import pytest

from dongtou_geo.formats import csv_text
from dongtou_geo.formats.arrived import Arrived, FormatError
from dongtou_geo.formats.csv_text import guarded, read_text, unguarded
from dongtou_geo.formats.workbook import read_workbook, sheets_of

TEXT = "地块编号,用地单位,面积（亩）\r\nNT-01,甲公司,12.5\r\n"


def read(path: Path, content: bytes, encoding: str = "auto") -> Arrived:
    (path / "台账.csv").write_bytes(content)
    return read_workbook(path / "台账.csv", encoding=encoding)


@pytest.mark.parametrize(
    ("codec", "label", "reason"),
    [
        ("utf-8", "UTF-8", "有效的 UTF-8"),
        ("utf-8-sig", "UTF-8", "BOM"),
        ("gbk", "GB18030", "不是有效的 UTF-8"),
        ("utf-16", "UTF-16", "BOM"),
        ("utf-16-le", "UTF-16", "没有标记的 UTF-16"),
        ("utf-16-be", "UTF-16", "没有标记的 UTF-16"),
    ],
)
def test_encoding_is_decided_by_the_bytes(
    tmp_path: Path, codec: str, label: str, reason: str
) -> None:
    arrived = read(tmp_path, TEXT.encode(codec))
    assert arrived.cells.iloc[0].tolist() == ["NT-01", "甲公司", "12.5"]
    assert (arrived.layer, arrived.encoding) == ("台账", label)
    assert reason in (arrived.encoding_reason or "")
    assert sheets_of(tmp_path / "台账.csv") == ["台账"]


def test_ascii_needs_no_encoding(tmp_path: Path) -> None:
    arrived = read(tmp_path, b"parcel_no;occupant\nA;x\n")
    assert arrived.cells.iloc[0].tolist() == ["A", "x"]
    assert "ASCII" in (arrived.encoding_reason or "")


def test_gbk_that_passes_for_utf_8_is_known_by_its_words(tmp_path: Path) -> None:
    # These two bytes are 隆 in GBK and a Latin letter in UTF-8.
    path = tmp_path / "a.txt"
    path.write_bytes(b"\xc2\xa1" * 3)
    assert read_text(path).encoding.label == "UTF-8"
    assert read_text(path, "GBK").text == "隆隆隆"


def test_one_broken_byte_does_not_turn_utf_8_into_nonsense(tmp_path: Path) -> None:
    content = TEXT.encode() + b"NT-02,\xe4\xb8,1\n"
    with pytest.raises(FormatError, match="第 3 行"):
        read(tmp_path, content)


def test_named_encoding_is_taken_at_its_word(tmp_path: Path) -> None:
    arrived = read(tmp_path, TEXT.encode("gb18030"), "gbk")
    assert (arrived.encoding, arrived.cells["用地单位"][0]) == ("GB18030", "甲公司")
    assert read(tmp_path, TEXT.encode("utf-16-be"), "utf-16").cells["用地单位"][0] == "甲公司"
    with pytest.raises(FormatError, match=r"第 1 行（第 1 个字节）"):
        read(tmp_path, TEXT.encode("gb18030"), "utf-8")
    for name in ("klingon", "rot13", "zlib"):
        with pytest.raises(FormatError, match=f"不认识编码“{name}”"):
            read(tmp_path, TEXT.encode(), name)


@pytest.mark.parametrize("sign", [",", ";", "\t"])
def test_delimiter_is_the_one_that_names_columns(tmp_path: Path, sign: str) -> None:
    content = f"台账，2019,1;2\n{TEXT.replace(',', sign)}"
    assert read(tmp_path, content.encode()).cells["用地单位"].tolist() == ["甲公司"]


def test_excel_may_name_the_delimiter(tmp_path: Path) -> None:
    arrived = read(tmp_path, b"sep=;\nparcel_no;occupant\nA;x,y\n")
    assert arrived.cells.iloc[0].tolist() == ["A", "x,y"]
    assert arrived.row_numbers.tolist() == [3]


def test_rows_are_those_a_spreadsheet_shows(tmp_path: Path) -> None:
    content = '地块编号,备注\nA,"一\n二"\n\nB,"x""y"\n'
    arrived = read(tmp_path, content.encode())
    assert arrived.row_numbers.tolist() == [2, 4]
    assert arrived.cells["备注"].tolist() == ["一\n二", 'x"y']
    assert arrived.cell("备注", 1) == "台账!B4"


def test_cells_stay_text(tmp_path: Path) -> None:
    arrived = read(tmp_path, "地块编号,面积,备注\n007, 2019.1 ,\n".encode())
    assert arrived.cells.iloc[0].tolist() == ["007", " 2019.1 ", None]


def test_what_excel_spoilt_is_an_error(tmp_path: Path) -> None:
    arrived = read(tmp_path, "地块编号,备注\n3.30305E+18,#REF!\n".encode())
    assert [(p.code, p.cell) for p in arrived.problems] == [
        ("code_turned_number", "台账!A2"),
        ("cell_error", "台账!B2"),
    ]


def test_careless_quotes_are_read_and_open_ones_refused(tmp_path: Path) -> None:
    careless = read(tmp_path, '地块编号,备注\n"A" ,"x"y\n'.encode())
    assert careless.cells.iloc[0].tolist() == ["A ", "xy"]
    with pytest.raises(FormatError, match="引号没有成对"):
        read(tmp_path, '地块编号,备注\nA,"x\nB,y\n'.encode())


def test_endless_cell_is_refused(tmp_path: Path) -> None:
    with pytest.raises(
        FormatError, match=r"^CSV 无法拆成单元格：有一个单元格超过 131072 个字符[^a-z]*$"
    ):
        read(tmp_path, f"地块编号,备注\nA,{'x' * 200_000}\n".encode())


def test_endless_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_text, "MAX_TEXT_BYTES", 10)
    with pytest.raises(FormatError, match="分成几个文件"):
        read(tmp_path, TEXT.encode())


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("=1+1", "'=1+1"),
        ("-5", "'-5"),
        ("\t=1", "'\t=1"),
        ("＝1", "'＝1"),
        ("'=1", "''=1"),
        ("#REF!", "'#REF!"),
        ("'; DROP TABLE", "'; DROP TABLE"),
        ("it's", "it's"),
        ("#1 楼", "#1 楼"),
        ("", ""),
    ],
)
def test_guard_goes_on_and_comes_off(text: str, safe: str) -> None:
    assert guarded(text) == safe
    assert unguarded(safe) == text
