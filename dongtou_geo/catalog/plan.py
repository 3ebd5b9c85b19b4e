"""The plan under geodata/ as nouns: zones, parks, reclamation, projects, targets and notes."""

from __future__ import annotations

from pathlib import Path

from dongtou_geo import settings
from dongtou_geo.catalog.datasets import dataset_path, table_path
from dongtou_geo.catalog.features import FeatureRecord, read_records
from dongtou_geo.catalog.tables import (
    DATA_NOTE_COLUMNS,
    PROJECT_GROUP_COLUMNS,
    TARGET_COLUMNS,
    sound_values,
)
from dongtou_geo.domain.data_note import DataNote, notes_for
from dongtou_geo.domain.places import LocationBasis, Park, Project, Reclamation, Zone
from dongtou_geo.domain.project_group import ProjectGroup
from dongtou_geo.domain.target import Target
from dongtou_geo.errors import DatasetError

__all__ = [
    "load_data_notes",
    "load_parks",
    "load_project_groups",
    "load_projects",
    "load_reclamation",
    "load_targets",
    "load_zones",
    "notes_for",
]


def load_zones(*, root: Path = settings.GEODATA) -> list[Zone]:
    """Read the three zones.

    Parameters
    ----------
    root : Path
        The geodata folder.

    Returns
    -------
    list of Zone
        In the plan's order.

    Raises
    ------
    DatasetError
        If the file cannot be read or a property cannot be used.
    """
    return [
        Zone(id=record.text("id"), name=record.text("name"), source_ref=record.text("source_ref"))
        for record in read_records(dataset_path(root, "zones"))
    ]


def load_parks(*, root: Path = settings.GEODATA) -> list[Park]:
    """Read the start-up area and the four parks.

    Parameters
    ----------
    root : Path
        The geodata folder.

    Returns
    -------
    list of Park
        In the plan's order; areas are the plan's figures.

    Raises
    ------
    DatasetError
        If the file cannot be read or a property cannot be used.
    """
    return [
        Park(
            id=record.text("id"),
            name=record.text("name"),
            zone_id=record.text("zone_id"),
            planned_mu=record.number("plan_area_mu"),
            plan_area_value=record.number("plan_area_value"),
            plan_area_unit=record.text("plan_area_unit"),
            source_ref=record.text("source_ref"),
            industries=record.words("industries"),
            plan_role=record.text("plan_role"),
            managing_unit=record.text_or_none("managing_unit"),
            confidence=record.text("confidence"),
            method=record.text("method"),
        )
        for record in read_records(dataset_path(root, "parks"))
    ]


def load_reclamation(*, root: Path = settings.GEODATA) -> list[Reclamation]:
    """Read the reclamation areas, a parent before its parts.

    Parameters
    ----------
    root : Path
        The geodata folder.

    Returns
    -------
    list of Reclamation
        With recl_daxiaomen, which is its four parts once more: leave it out of sums.

    Raises
    ------
    DatasetError
        If the file cannot be read or a property cannot be used.
    """
    return [
        Reclamation(
            id=record.text("id"),
            name=record.text("name"),
            parent_id=record.text("parent_id"),
            planned_mu=record.number_or_none("plan_area_mu"),
            plan_area_value=record.number_or_none("plan_area_value"),
            plan_area_unit=record.text_or_none("plan_area_unit"),
            source_ref=record.text("source_ref"),
            confidence=record.text("confidence"),
            method=record.text("method"),
        )
        for record in read_records(dataset_path(root, "reclamation"))
    ]


def load_projects(*, root: Path = settings.GEODATA) -> list[Project]:
    """Read the annex's 43 projects.

    Parameters
    ----------
    root : Path
        The geodata folder.

    Returns
    -------
    list of Project
        In the annex's order; money in 万元 and areas in m2, as printed.

    Raises
    ------
    DatasetError
        If the file cannot be read or a property cannot be used.
    """
    return [_project(record) for record in read_records(dataset_path(root, "projects"))]


def load_targets(*, root: Path = settings.GEODATA) -> list[Target]:
    """Read what the plan asks of the parks.

    Parameters
    ----------
    root : Path
        The geodata folder.

    Returns
    -------
    list of Target
        One a phrase.

    Raises
    ------
    DatasetError
        If the table cannot be read or a cell cannot be used.
    """
    rows = sound_values(table_path(root, "targets"), TARGET_COLUMNS)
    return [
        Target(**{name: value for name, value in row.items() if name != "note"}) for row in rows
    ]


def load_project_groups(*, root: Path = settings.GEODATA) -> list[ProjectGroup]:
    """Read 表4 with the annex's sums beside it.

    Parameters
    ----------
    root : Path
        The geodata folder.

    Returns
    -------
    list of ProjectGroup
        In 表4's order, the total last.

    Raises
    ------
    DatasetError
        If the table cannot be read or a cell cannot be used.
    """
    path = table_path(root, "project_groups")
    return [ProjectGroup(**row) for row in sound_values(path, PROJECT_GROUP_COLUMNS)]


def load_data_notes(*, root: Path = settings.GEODATA) -> list[DataNote]:
    """Read the notes on the plan's figures.

    Parameters
    ----------
    root : Path
        The geodata folder.

    Returns
    -------
    list of DataNote
        DQ-01 first.

    Raises
    ------
    DatasetError
        If the table cannot be read or a cell cannot be used.
    """
    rows = sound_values(table_path(root, "data_notes"), DATA_NOTE_COLUMNS)
    return [DataNote(**row) for row in rows]


def _project(record: FeatureRecord) -> Project:
    return Project(
        no=record.integer("no"),
        name=record.text("name"),
        group=record.text("group"),
        subgroup=record.text_or_none("subgroup"),
        start_year=record.integer("start_year"),
        end_year=record.integer("end_year"),
        total_investment_wan=record.number_or_none("total_investment_wan"),
        plan_investment_wan=record.number("plan_investment_wan"),
        land_area_m2=record.number_or_none("land_area_m2"),
        floor_area_m2=record.number_or_none("floor_area_m2"),
        land_area_text=record.text_or_none("land_area_text"),
        floor_area_text=record.text_or_none("floor_area_text"),
        park_id=record.text_or_none("park_id"),
        zone_id=record.text_or_none("zone_id"),
        location_basis=_basis(record),
        location_confidence=record.text("location_confidence"),
        sensitive=record.flag("sensitive"),
        on_map=record.geometry is not None,
        aliases=record.words("aliases"),
        note=record.text_or_none("note"),
    )


def _basis(record: FeatureRecord) -> LocationBasis:
    word = record.text("location_basis")
    try:
        return LocationBasis(word)
    except ValueError as error:
        words = "、".join(basis.value for basis in LocationBasis)
        msg = f"{record.where} location_basis：“{word}”不合适，应为 {words} 之一"
        raise DatasetError(msg) from error
