"""Programs that some format tests need."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Ogr2ogr = Callable[..., Path]


@pytest.fixture(scope="session")
def ogr2ogr() -> Ogr2ogr:
    """GDAL's own converter: another writer than the one that reads here."""
    program = shutil.which("ogr2ogr")
    if program is None:
        pytest.skip("未找到 ogr2ogr / no ogr2ogr found (Debian: gdal-bin)")

    def convert(target: Path, source: Path, *options: str) -> Path:
        subprocess.run([program, target, source, *options], check=True, capture_output=True)
        return target

    return convert
