"""Which datasets and tables there are, and where they lie."""

from __future__ import annotations

from pathlib import Path
from typing import Final

DATASETS: Final = ("zones", "parks", "reclamation", "projects", "coast")
TABLES: Final = (
    *("targets", "project_groups", "data_notes", "project_events"),
    *("industries", "industries_places", "industries_projects"),
    *("policy_notes", "reclamation_facts"),
)

Extent = tuple[float, float, float, float]
# West, south, east, north in EPSG:4490: whatever can be Dongtou's lies within.
DISTRICT_EXTENT: Final[Extent] = (120.5, 26.5, 122.5, 28.5)
# The box that the coast is cut to: a 1920x1080 screen at zoom 11 around 121.05, 27.91, with a
# margin, so that no cut edge of the mainland is seen.
COAST_EXTENT: Final[Extent] = (120.3, 27.5, 121.8, 28.32)


def extent_of(dataset_id: str) -> Extent:
    """Return the box that a dataset must stay within.

    Parameters
    ----------
    dataset_id : str
        One of ``DATASETS``.

    Returns
    -------
    tuple of float
        West, south, east, north in degrees, EPSG:4490.
    """
    return COAST_EXTENT if dataset_id == "coast" else DISTRICT_EXTENT


def dataset_path(root: Path, dataset_id: str) -> Path:
    """Return where a dataset lies.

    Parameters
    ----------
    root : Path
        The geodata folder.
    dataset_id : str
        One of ``DATASETS``.
    """
    return root / f"{dataset_id}.geojson"


def table_path(root: Path, table_id: str) -> Path:
    """Return where a table of the plan lies.

    Parameters
    ----------
    root : Path
        The geodata folder.
    table_id : str
        One of ``TABLES``.
    """
    return root / "plan" / f"{table_id}.csv"


def sidecar_path(path: Path) -> Path:
    """Return where the sidecar of a dataset or table lies.

    Parameters
    ----------
    path : Path
        The dataset or table.
    """
    return path.with_suffix(".toml")


def shown_path(path: Path) -> str:
    """Name a file of geodata/ for a message: from the repository, with forward slashes.

    Parameters
    ----------
    path : Path
        A dataset, a table or a sidecar, wherever the geodata folder stands.
    """
    folder = "geodata/plan" if path.parent.name == "plan" else "geodata"
    return f"{folder}/{path.name}"
