"""What public reports say became of the plan's projects: geodata/plan/project_events.csv."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from dongtou_geo import settings
from dongtou_geo.catalog.datasets import table_path
from dongtou_geo.catalog.tables import PROJECT_EVENT_COLUMNS, sound_values
from dongtou_geo.domain.project_event import Happened, PublicReport


def load_project_reports(*, root: Path = settings.GEODATA) -> list[PublicReport]:
    """Read the public reports on the 43 projects.

    Parameters
    ----------
    root : Path
        The geodata folder.

    Returns
    -------
    list of PublicReport
        In the file's order; projects that no report was found on are not in it.

    Raises
    ------
    DatasetError
        If the table cannot be read or a cell cannot be used.
    """
    path = table_path(root, "project_events")
    return [report_of(row) for row in sound_values(path, PROJECT_EVENT_COLUMNS)]


def report_of(row: dict[str, Any]) -> PublicReport:
    """Return the report of a sound row.

    Parameters
    ----------
    row : dict
        Cells as values.
    """
    return PublicReport(
        project_no=row["no"],
        kind=row["kind"],
        happened=Happened(row["happened_on"], row["precision"]),
        source_ref=row["source_ref"],
        reported_on=row["reported_on"],
        confidence=row["confidence"],
        note=row["note"],
    )
