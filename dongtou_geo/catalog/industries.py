"""Industries, where the plan wants them, and what is known of reclamation: geodata/plan/."""

from __future__ import annotations

from pathlib import Path

from dongtou_geo import settings
from dongtou_geo.catalog.datasets import table_path
from dongtou_geo.catalog.tables import COLUMNS, sound_values
from dongtou_geo.domain.layout import (
    AreaFact,
    Industry,
    Layout,
    Placing,
    PolicyNote,
    ProjectIndustry,
)


def load_layout(*, root: Path = settings.GEODATA) -> Layout:
    """Read the five tables on industries, policies and reclamation.

    Parameters
    ----------
    root : Path
        The geodata folder.

    Raises
    ------
    DatasetError
        If a table cannot be read or a cell cannot be used.
    """

    # COLUMNS has checked the kind of every cell, which mypy cannot see.
    def rows(table_id: str) -> list[dict[str, object]]:
        return sound_values(table_path(root, table_id), COLUMNS[table_id])

    return Layout(
        industries=tuple(Industry(**row) for row in rows("industries")),  # type: ignore[arg-type]  # checked by COLUMNS
        placings=tuple(Placing(**row) for row in rows("industries_places")),  # type: ignore[arg-type]  # checked by COLUMNS
        projects=tuple(
            ProjectIndustry(**row)  # type: ignore[arg-type]  # checked by COLUMNS
            for row in rows("industries_projects")
        ),
        policies=tuple(PolicyNote(**row) for row in rows("policy_notes")),  # type: ignore[arg-type]  # checked by COLUMNS
        facts=tuple(AreaFact(**row) for row in rows("reclamation_facts")),  # type: ignore[arg-type]  # checked by COLUMNS
    )
