"""Files as they arrive, by hand; and a ledger to compare them with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely

from dongtou_geo.formats.arrived import Arrived
from dongtou_geo.services.intake.apply import apply
from dongtou_geo.services.intake.choices import Choices, Ground
from dongtou_geo.services.intake.examine import Examined, examine_arrived
from dongtou_geo.store.address import file_url
from dongtou_geo.store.ledger import Ledger
from dongtou_geo.store.opening import create

NOW = datetime(2026, 6, 30, 4, tzinfo=UTC)
TODAY = date(2026, 6, 30)
GROUND = Ground({"park_nantang": "南塘工业区", "park_yangwen": "杨文工业区"})
SOURCE = ("甲.gpkg", "a" * 64)


def box(at: int, *, wide: float = 0.001) -> shapely.Polygon:
    """Return the nth of a row of parcels, 98 m wide and 111 m high, that touch."""
    west = 121.1 + at * 0.001
    return shapely.box(west, 27.82, west + wide, 27.821)


def layer(
    columns: Mapping[str, Sequence[Any]], outlines: Sequence[shapely.Geometry | None] | None = None
) -> Arrived:
    """Return a layer in EPSG:4490."""
    cells = pd.DataFrame(columns, dtype=object)
    shapes = None
    if outlines is not None:
        shapes = np.empty(len(outlines), dtype=object)
        shapes[:] = outlines
    rows = np.arange(1, 1 + len(cells))
    return Arrived("地块", cells, rows, outlines=shapes, declared_crs="EPSG:4490")


def sheet(columns: Mapping[str, Sequence[Any]]) -> Arrived:
    """Return a worksheet whose table begins in row 4."""
    cells = pd.DataFrame(columns, dtype=object)
    letters = {column: chr(65 + at) for at, column in enumerate(columns)}
    return Arrived("台账", cells, np.arange(4, 4 + len(cells)), column_letters=letters)


def new_ledger(folder: Path) -> Ledger:
    return create(file_url(folder / "ledger.sqlite"))


def examined(ledger: Ledger, arrived: Arrived, **choices: Any) -> Examined:
    return examine_arrived(arrived, SOURCE, ledger, Choices(**choices), GROUND, NOW)


def brought_in(ledger: Ledger, arrived: Arrived, **choices: Any) -> str:
    """Examine and write; everything must be fine."""
    found = examined(ledger, arrived, **choices)
    assert not found.rejected.any(), found.problems
    import_id = apply(ledger, found, "张三", NOW)
    assert import_id is not None
    return import_id
