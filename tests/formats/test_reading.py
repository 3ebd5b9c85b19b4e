"""The one way in: every format by its content, choices asked for, refusals in our words."""

import zipfile
from contextlib import suppress
from pathlib import Path

import pytest
from openpyxl import Workbook

from dongtou_geo.formats.arrived import ChoiceNeededError, FormatError
from dongtou_geo.formats.reading import layers_of, read
from tests.formats.gis_samples import (
    KML,
    NUMBERS,
    drawing,
    feature,
    frame,
    geojson,
    shapefile_parts,
    written,
    zipped,
)

TXT = """[属性描述]
坐标系=2000国家大地坐标系
几度分带=3
带号=40
[地块坐标]
4,0.6400,A-01,南塘地块,面,,工业用地,,@
J1,1,3080000.000,40600000.000
J2,1,3080080.000,40600000.000
J3,1,3080080.000,40600080.000
J4,1,3080000.000,40600080.000
J1,1,3080000.000,40600000.000
"""


def workbook(path: Path, *titles: str) -> Path:
    book = Workbook()
    book.remove(book.worksheets[0])
    for title in titles or ("台账",):
        sheet = book.create_sheet(title)
        sheet.append(["地块编号", "用地单位"])
        sheet.append([f"{title}-01", "甲公司"])
    book.save(path)
    return path


def table(path: Path) -> Path:
    path.write_bytes("地块编号,用地单位\nA-01,甲公司\n".encode("gbk"))
    return path


def boundary(path: Path) -> Path:
    path.write_bytes(TXT.encode("gbk"))
    return path


def kml(path: Path) -> Path:
    path.write_text(KML, "utf-8")
    return path


MAKERS = {
    "zd.gpkg": written,
    "zd.shp": written,
    "zd.geojson": lambda path: geojson(path, feature(地块编号="A-01")),
    "zd.dxf": drawing,
    "zd.kml": kml,
    "zd.xlsx": workbook,
    "zd.csv": table,
    "zd.txt": boundary,
}


def made(folder: Path, name: str) -> Path:
    folder.mkdir(exist_ok=True)
    return MAKERS[name](folder / name)


@pytest.mark.parametrize("name", MAKERS)
def test_every_format_is_listed_and_read(name: str, tmp_path: Path) -> None:
    path = made(tmp_path, name)
    (layer,) = layers_of(path)
    arrived = read(path)
    assert len(arrived.cells) == len(arrived.row_numbers) > 0
    assert (arrived.outlines is None) == (path.suffix in (".xlsx", ".csv"))
    assert read(path, layer=layer).cells.equals(arrived.cells)


@pytest.mark.parametrize("name", [name for name in MAKERS if name != "zd.csv"])
@pytest.mark.parametrize("suffix", [".zip", ".xls"])
def test_another_suffix_does_not_hide_what_a_file_is(
    name: str, suffix: str, tmp_path: Path
) -> None:
    path = made(tmp_path, name)
    expected = len(read(path).cells)
    renamed = path.rename(path.with_suffix(suffix))
    assert len(read(renamed).cells) == expected


@pytest.mark.parametrize("name", MAKERS)
def test_every_format_is_read_from_a_zip(name: str, tmp_path: Path) -> None:
    path = made(tmp_path / "in", name)
    expected = read(path)
    archive = zipped(tmp_path / "发来的.zip", *shapefile_parts(path), folder="南塘/")
    assert len(layers_of(archive)) == 1
    arrived = read(archive)
    assert arrived.cells.equals(expected.cells)
    assert arrived.declared_crs == expected.declared_crs


def test_a_table_is_asked_for_its_sheet(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", "南塘", "杨文")
    assert layers_of(path) == ["南塘", "杨文"]
    with pytest.raises(ChoiceNeededError, match="--layer"):
        read(path)
    assert read(path, layer="杨文").cells["地块编号"].tolist() == ["杨文-01"]


def test_several_shapefiles_in_a_zip_are_layers(tmp_path: Path) -> None:
    south = written(tmp_path / "a" / "南塘.shp")
    north = written(tmp_path / "a" / "杨文.shp", frame().iloc[:1])
    empty = written(tmp_path / "a" / "空.shp", frame().iloc[:0])
    parts = [part for path in (south, north, empty) for part in shapefile_parts(path)]
    archive = zipped(tmp_path / "a.zip", *parts)
    assert sorted(layers_of(archive)) == ["南塘", "杨文"]
    with pytest.raises(ChoiceNeededError) as raised:
        read(archive)
    assert sorted(raised.value.options) == ["南塘", "杨文"]
    assert read(archive, layer="杨文").layer == "杨文"
    assert len(read(archive, layer="空").cells) == 0
    with pytest.raises(FormatError, match=r"没有图层“x”，有：.*南塘"):
        read(archive, layer="x")


def test_equal_names_in_a_zip_are_told_apart_by_their_folder(tmp_path: Path) -> None:
    path = written(tmp_path / "zd.shp")
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for part in shapefile_parts(path):
            archive.write(part, f"一/{part.name}")
            archive.write(part, f"二/{part.name}")
    assert sorted(layers_of(tmp_path / "a.zip")) == ["一/zd.shp", "二/zd.shp"]
    assert read(tmp_path / "a.zip", layer="二/zd.shp").cells.iloc[0, 0] == NUMBERS[0]


def test_different_formats_in_a_zip_are_offered_side_by_side(tmp_path: Path) -> None:
    gpkg = written(tmp_path / "图.gpkg", layer="南塘")
    written(gpkg, layer="杨文")
    archive = zipped(
        tmp_path / "a.zip", gpkg, workbook(tmp_path / "台账.xlsx"), boundary(tmp_path / "点.txt")
    )
    assert sorted(layers_of(archive)) == ["台账", "图/南塘", "图/杨文", "点"]
    assert read(archive, layer="图/杨文").layer == "杨文"
    assert read(archive, layer="台账").cells["用地单位"].tolist() == ["甲公司"]
    assert read(archive, layer="点").outlines is not None


def test_what_lies_beside_the_data_does_not_count(tmp_path: Path) -> None:
    path = written(tmp_path / "zd.shp")
    archive = zipped(tmp_path / "a.zip", *shapefile_parts(path))
    with zipfile.ZipFile(archive, "a") as more:
        more.writestr("说明.txt", "第一批地块")
        more.writestr("project.json", '{"a": 1}')
        more.writestr("zd.shp.xml", "<metadata/>")
        more.writestr("__MACOSX/._zd.shp", "x")
        more.writestr("old.zip", b"PK\x05\x06" + bytes(18))
    assert layers_of(archive) == ["zd"]


@pytest.mark.parametrize(
    ("inside", "words"),
    [
        ("a.zip", "先解压"), ("a.rar", "先解压"), ("a.dwg", "另存为 DXF"), ("a.dbf", "缺少 .shp"),
        ("说明.docx", "没有可以读取的数据（说明.docx）"),
    ],
)  # fmt: skip
def test_a_zip_without_data_says_what_it_holds(inside: str, words: str, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(inside, "x")
    with pytest.raises(FormatError, match=words):
        layers_of(tmp_path / "a.zip")


def test_an_archive_under_another_suffix_is_not_opened_inside_an_archive(tmp_path: Path) -> None:
    inner = zipped(tmp_path / "a.gpkg", written(tmp_path / "zd.gpkg"))
    with pytest.raises(FormatError, match="先解压"):
        read(zipped(tmp_path / "b.zip", inner))


@pytest.mark.parametrize(
    ("inside", "words"),
    [
        ("word/document.xml", "Word 文档"), ("xl/workbook.bin", "xlsb"),
        ("ppt/presentation.xml", "PowerPoint"), ("META-INF/manifest.xml", "OpenDocument"),
    ],
)  # fmt: skip
def test_other_office_files_are_named(inside: str, words: str, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as archive:
        archive.writestr(inside, "x")
    with pytest.raises(FormatError, match=words):
        read(tmp_path / "a.xlsx")


def test_names_in_gbk_of_a_zip_and_hostile_names(tmp_path: Path) -> None:
    path = written(tmp_path / "zd.shp")
    archive = tmp_path / "a.zip"
    raw = "乗地块".encode("gbk")  # its second byte is a backslash
    with zipfile.ZipFile(archive, "w") as packed:
        for part in shapefile_parts(path):
            packed.write(part, "nnnnnn" + part.suffix)
    archive.write_bytes(archive.read_bytes().replace(b"nnnnnn", raw))
    assert layers_of(archive) == ["乗地块"]
    assert len(read(archive).cells) == 3
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as packed:
        packed.write(written(tmp_path / "a.gpkg"), "x" * 300 + "<>:|?*\n.gpkg")
    assert len(read(tmp_path / "b.zip").cells) == 3


@pytest.mark.parametrize("name", [*MAKERS, "zd.zip"])
@pytest.mark.parametrize(
    "content", [b"", b"\x00", b"\xff" * 500, b"{", b"<", b"PK\x03\x04", b"0\nSECTION\n"]
)
def test_junk_is_refused_whatever_it_is_called(name: str, content: bytes, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(FormatError, match=r"[\u4e00-\u9fff]"):
        read(path)
    with suppress(FormatError):
        layers_of(path)


def test_nothing_is_left_beside_a_file(tmp_path: Path) -> None:
    for name in MAKERS:
        made(tmp_path, name)
    before = sorted(tmp_path.iterdir())
    contents = [path.read_bytes() for path in before]
    for name in MAKERS:
        read(tmp_path / name)
    assert sorted(tmp_path.iterdir()) == before
    assert [path.read_bytes() for path in before] == contents


def test_a_workbook_cut_short_is_refused(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx")
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(FormatError, match="不完整"):
        read(path)


def test_the_cause_of_a_refusal_is_kept(tmp_path: Path) -> None:
    path = made(tmp_path, "zd.dxf")
    path.write_bytes(path.read_bytes()[:-10])
    with pytest.raises(FormatError) as raised:
        read(path)
    assert "EOF" in str(raised.value.__cause__) or "ENDSEC" in str(raised.value.__cause__)


def test_a_workbook_that_packs_well_is_no_bomb(tmp_path: Path) -> None:
    """Formatted empty rows pack better than any data; the workbook's reader has its own limits."""
    path = workbook(tmp_path / "a.xlsx")
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/empty.bin", bytes(11 * 1024 * 1024))
    assert len(read(path).cells) == 1
