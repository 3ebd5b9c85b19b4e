"""Import and all checks of a GeoPackage, side by side with reading it and ``is_valid``.

Run: ``.venv/bin/python -m benchmarks.intake [PARCELS] [ROUNDS]`` (default 100,000 parcels of 8
vertices, 5 rounds). Each run is a process of its own with a new ledger; both in turn, medians.
Making the file is not timed. Memory is the largest of a run's own and its children's.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, date, datetime
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from dongtou_geo.domain.ledger_field import STAGE_FIELDS

RATIO_BAR, GIB_BAR, MILLION_GIB_BAR = 6.0, 1.5, 6.0
WEST, SOUTH = 121.0, 27.7
EAST_STEP, NORTH_STEP = 0.00062, 0.00046


def outlines(count: int) -> np.ndarray:
    """Lay parcels of 8 vertices out in blocks of 10 by 10 with roads between."""
    wide = int(np.ceil(np.sqrt(count)))
    at = np.arange(count)
    east, north = at % wide, at // wide
    x = WEST + east * EAST_STEP + (east // 10) * EAST_STEP * 0.3
    y = SOUTH + north * NORTH_STEP + (north // 10) * NORTH_STEP * 0.3
    corners = [(0, 0), (0.5, 0), (1, 0), (1, 0.5), (1, 1), (0.5, 1), (0, 1), (0, 0.5)]
    rings = np.stack(
        [np.column_stack([x + a * EAST_STEP, y + b * NORTH_STEP]) for a, b in corners], axis=1
    )
    return shapely.polygons(rings)


def make_file(path: Path, count: int) -> None:
    """Write a GeoPackage as a survey office would send it."""
    rng = np.random.default_rng(1)
    reached = rng.integers(0, len(STAGE_FIELDS) + 1, count)
    day = np.datetime64("2013-01-01") + rng.integers(0, 600, count).astype("timedelta64[D]")
    days = {}
    for nth, name in enumerate(STAGE_FIELDS):
        days[name] = np.where(nth < reached, day, np.datetime64("NaT")).astype("datetime64[ms]")
        day = day + rng.integers(30, 700, count).astype("timedelta64[D]")
    shapes = outlines(count)
    cells = {
        "parcel_no": [f"P-{at:07d}" for at in range(count)],
        "park_id": np.array(["park_nantang", "park_yangwen"])[rng.integers(0, 2, count)],
        "occupant": [f"企业{at % 5000}有限公司" for at in range(count)],
        "land_use_code": ["0601"] * count,
        **days,
    }
    frame = gpd.GeoDataFrame(pd.DataFrame(cells), geometry=shapes, crs=4490)
    frame.to_file(path, layer="地块", driver="GPKG")


def run_theirs(path: Path) -> None:
    """Read the file and ask whether its outlines are valid."""
    import pyogrio

    frame = pyogrio.read_dataframe(path)
    shapely.is_valid(frame.geometry.to_numpy())


def run_ours(path: Path, folder: Path) -> None:
    """Import the file into a new ledger, with every check."""
    from dongtou_geo.services.intake.apply import apply
    from dongtou_geo.services.intake.choices import Choices
    from dongtou_geo.services.intake.examine import examine
    from dongtou_geo.services.intake.ground import ground
    from dongtou_geo.store.address import file_url
    from dongtou_geo.store.opening import create

    now = datetime(2026, 6, 30, tzinfo=UTC)
    ledger = create(file_url(folder / "ledger.sqlite"))
    choices = Choices(registered_on=date(2026, 6, 30))
    examined = examine(path, ledger, choices, ground(), now)
    assert not examined.rejected.any(), examined.problems[:3]
    assert apply(ledger, examined, "x", now) is not None


def one_run(which: str, path: Path) -> None:
    """Run one side and print seconds and GiB; called in a process of its own."""
    import resource

    with tempfile.TemporaryDirectory() as folder:
        # Both sides with their libraries loaded: what is measured is the work.
        import pyogrio  # noqa: F401

        from dongtou_geo.services.intake import apply, examine, ground  # noqa: F401

        start = time.perf_counter()
        if which == "ours":
            run_ours(path, Path(folder))
        else:
            run_theirs(path)
        seconds = time.perf_counter() - start
    peaks = [
        resource.getrusage(who).ru_maxrss
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    ]
    print(json.dumps({"seconds": seconds, "gib": max(peaks) / 2**20}))


def measured(which: str, path: Path) -> dict[str, float]:
    """Start a run and return what it printed."""
    words = [sys.executable, "-m", "benchmarks.intake", which, str(path)]
    done = subprocess.run(words, check=True, capture_output=True, encoding="utf-8")
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def main(count: int = 100_000, rounds: int = 5) -> int:
    """Measure and return 1 where a bar is missed."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "parcels.gpkg"
        make_file(path, count)
        theirs, ours = [], []
        for _ in range(rounds):
            theirs.append(measured("theirs", path))
            ours.append(measured("ours", path))
    medians = [statistics.median(run["seconds"] for run in side) for side in (theirs, ours)]
    ratio, gib = medians[1] / medians[0], max(run["gib"] for run in ours)
    limit = GIB_BAR if count <= 100_000 else MILLION_GIB_BAR
    print(
        f"{count:,} parcels: read + is_valid {medians[0]:.2f} s, import and all checks {medians[1]:.2f} s"
    )
    print(f"ratio {ratio:.2f} (bar {RATIO_BAR}), peak {gib:.2f} GiB (bar {limit})")
    return 0 if ratio <= RATIO_BAR and gib <= limit else 1


if __name__ == "__main__":
    if len(sys.argv) > 1 and sys.argv[1] in ("ours", "theirs"):
        one_run(sys.argv[1], Path(sys.argv[2]))
    else:
        sys.exit(main(*(int(word) for word in sys.argv[1:])))
