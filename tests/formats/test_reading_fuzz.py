"""Whatever bytes come, a reading ends in what arrived or in our own refusal."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dongtou_geo.formats.arrived import ChoiceNeededError, FormatError
from dongtou_geo.formats.reading import layers_of, read
from tests.formats.gis_samples import (
    KML,
    drawing,
    feature,
    frame,
    geojson,
    shapefile_parts,
    written,
    zipped,
)

KINDS = ("gpkg", "shp", "geojson", "kml", "dxf", "gdb.zip", "shp.zip")
SUFFIXES = (
    ".gpkg",
    ".shp",
    ".zip",
    ".geojson",
    ".kml",
    ".kmz",
    ".dxf",
    ".xlsx",
    ".xls",
    ".csv",
    ".txt",
)
QUICK = settings(
    max_examples=25, deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Path]]:
    """One valid file of each kind, with those that belong to it."""
    folder = tmp_path_factory.mktemp("valid")
    shp = shapefile_parts(written(folder / "zd.shp", encoding="GBK"))
    gdb = written(
        folder / "zd.gdb", frame(), layer="zd", driver="OpenFileGDB", promote_to_multi=True
    )
    kml = folder / "zd.kml"
    kml.write_text(KML, "utf-8")
    return {
        "gpkg": [written(folder / "zd.gpkg")],
        "shp": shp,
        "geojson": [geojson(folder / "zd.geojson", feature(a="甲"), feature(a=2))],
        "kml": [kml],
        "dxf": [drawing(folder / "zd.dxf", "R2000")],
        "gdb.zip": [zipped(folder / "gdb.zip", gdb)],
        "shp.zip": [zipped(folder / "shp.zip", *shp)],
    }


def ends_well(path: Path) -> bool:
    """Read a file; True where something arrived. Any other exception than ours passes through."""
    try:
        names = layers_of(path)
        arrived = read(path, layer=names[0] if names else None)
    except (FormatError, ChoiceNeededError) as refusal:
        assert any(sign > "\u2e80" for sign in str(refusal))
        return False
    rows = len(arrived.row_numbers)
    assert len(arrived.cells) == rows
    assert arrived.outlines is None or len(arrived.outlines) == rows
    assert arrived.cells.columns.is_unique
    return True


def laid_out(folder: Path, parts: list[Path], changed: Path, content: bytes) -> Path:
    for part in parts:
        (folder / part.name).write_bytes(content if part == changed else part.read_bytes())
    whole = [part for part in parts if part.suffix == ".shp"] or parts
    return folder / whole[0].name


def damaged(data: st.DataObject, parts: list[Path]) -> tuple[Path, bytearray]:
    """One of the files that belong together, and its content to be damaged."""
    part = data.draw(st.sampled_from(parts))
    return part, bytearray(part.read_bytes())


@pytest.mark.parametrize("kind", KINDS)
def test_the_undamaged_file_arrives(kind: str, samples, tmp_path: Path) -> None:
    parts = samples[kind]
    assert ends_well(laid_out(tmp_path, parts, parts[0], parts[0].read_bytes()))


@pytest.mark.parametrize("kind", KINDS)
@QUICK
@given(data=st.data())
def test_flipped_bits(kind: str, data: st.DataObject, samples, tmp_path: Path) -> None:
    part, content = damaged(data, samples[kind])
    flips = st.tuples(st.integers(0, len(content) - 1), st.integers(0, 255))
    for place, value in data.draw(st.lists(flips, min_size=1, max_size=4)):
        content[place] = value
    ends_well(laid_out(tmp_path, samples[kind], part, bytes(content)))


@pytest.mark.parametrize("kind", KINDS)
@QUICK
@given(data=st.data())
def test_cut_and_spliced(kind: str, data: st.DataObject, samples, tmp_path: Path) -> None:
    part, content = damaged(data, samples[kind])
    start = data.draw(st.integers(0, len(content)))
    end = data.draw(st.integers(start, len(content)))
    content[start:end] = data.draw(st.binary(max_size=20))
    ends_well(laid_out(tmp_path, samples[kind], part, bytes(content)))


@QUICK
@given(content=st.binary(max_size=200), suffix=st.sampled_from(SUFFIXES))
def test_random_bytes(content: bytes, suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"zd{suffix}"
    path.write_bytes(content)
    assert suffix == ".csv" or not ends_well(path)
