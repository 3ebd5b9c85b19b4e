"""Check everything that the repository claims, and tell all that is wrong at once."""

from __future__ import annotations

from pathlib import Path

from dongtou_geo import settings
from dongtou_geo.catalog.datasets import DATASETS
from dongtou_geo.domain.problem import Problem
from dongtou_geo.services.check.bonds import bond_problems
from dongtou_geo.services.check.contract import contract_problems
from dongtou_geo.services.check.datasets import CheckedDataset, check_dataset
from dongtou_geo.services.check.tables import check_tables

__all__ = ["check_all"]


def check_all(*, geodata: Path = settings.GEODATA, layers: Path = settings.LAYERS) -> list[Problem]:
    """Find everything that is wrong under geodata/ and layers/.

    Parameters
    ----------
    geodata : Path
        Folder of the datasets and the plan's tables.
    layers : Path
        Folder of the layer files.

    Returns
    -------
    list of Problem
        By file, feature and field; empty when all is well.

    Notes
    -----
    A file that cannot be read is one finding and hides no other file's.
    """
    # pydantic models of the layers are needed here alone.
    from dongtou_geo.catalog.layers import layer_problems

    datasets: dict[str, CheckedDataset] = {}
    problems: list[Problem] = []
    for dataset_id in DATASETS:
        datasets[dataset_id] = check_dataset(geodata, dataset_id)
        problems.extend(datasets[dataset_id].problems)
    problems.extend(bond_problems(datasets))
    problems.extend(check_tables(geodata, datasets))
    problems.extend(contract_problems(geodata, datasets))
    problems.extend(layer_problems(layers, DATASETS))
    return sorted(problems, key=_place)


def _place(problem: Problem) -> tuple[str, str, str, str, str]:
    # None has no order among texts.
    return (
        problem.file,
        problem.feature or "",
        problem.field or "",
        problem.code,
        problem.value or "",
    )
