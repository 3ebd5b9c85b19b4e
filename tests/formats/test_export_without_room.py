"""A file system that takes no more bytes: every writer says so, and leaves nothing behind."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

# The largest file, in bytes, that each may write: early, and near the end of its work.
ROOM = {
    "a.gpkg": (1_000, 150_000),
    "a.shp.zip": (2_000, 90_000, 260_500),  # at the last GDAL 3.12 writes half and says nothing
    "a.geojson": (1_000, 100_000),
    "a.kml": (1_000, 100_000),
    "a.kmz": (1_000, 8_000),
    "a.dxf": (1_000, 30_000),
}
CASES = [(name, room) for name, rooms in ROOM.items() for room in rooms]
SCRIPT = """
import json, resource, sys
from functools import partial
from pathlib import Path
from dongtou_geo.errors import DongtouGeoError
from dongtou_geo.formats.export_dxf import write_dxf
from dongtou_geo.formats.export_geojson import write_geojson
from dongtou_geo.formats.export_gpkg import write_gpkg
from dongtou_geo.formats.export_kml import write_kml
from dongtou_geo.formats.export_shapefile import write_shapefile_zip
from tests.formats.exports import parcels
writers = {
    "a.gpkg": write_gpkg, "a.shp.zip": write_shapefile_zip, "a.geojson": write_geojson,
    "a.kml": write_kml, "a.kmz": write_kml, "a.dxf": partial(write_dxf, epsg=4549),
}
cells, outlines = parcels(("\u957f" * 500,) * 400)
said = []
for name, room in json.loads(sys.argv[2]):
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, resource.RLIM_INFINITY))
    folder = Path(sys.argv[1]) / f"{name}-{room}"
    try:
        writers[name](folder / name, cells, outlines, layer="a")
        message = "written"
    except DongtouGeoError as error:
        message = str(error)
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
    said.append([message, [str(path.relative_to(folder)) for path in folder.rglob("*")]])
print(json.dumps(said))
"""


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, int], tuple]:
    pytest.importorskip("resource", reason="only POSIX bounds the size of files")
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(tmp_path_factory.mktemp("room")), json.dumps(CASES)],
        capture_output=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    return dict(zip(CASES, json.loads(done.stdout), strict=True))


@pytest.mark.parametrize(("name", "room"), CASES)
def test_no_half_file_is_left(name: str, room: int, outcomes: dict) -> None:
    message, left = outcomes[name, room]
    assert f"/{name}-{room}/{name} 无法写入：" in message or "已丢弃" in message
    assert left == []
