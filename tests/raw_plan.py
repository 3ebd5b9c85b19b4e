"""The plan's rows as they lie in geodata/: read with the standard library alone, for tests."""

import csv
import json
from functools import cache
from typing import Any

from dongtou_geo.settings import GEODATA

Properties = dict[str, Any]


@cache
def raw_features(dataset: str) -> dict[str, Properties]:
    """Return the properties of a dataset's features by id; projects by their number."""
    document = json.loads((GEODATA / f"{dataset}.geojson").read_text("utf-8"))
    own = [feature["properties"] for feature in document["features"]]
    return {str(one.get("no", one["id"])): one for one in own}


@cache
def raw_rows(table: str) -> list[dict[str, str]]:
    """Return the rows of a table of geodata/plan/."""
    with (GEODATA / "plan" / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def planned_mu(*parks: str) -> float:
    """Add up the 亩 that the plan gives to parks; all of them where none is named."""
    own = raw_features("parks")
    return float(sum(own[park]["plan_area_mu"] for park in parks or own))


def target_rate(park: str) -> float:
    """Return the one target of a park that is scored."""
    (rate,) = (
        row["rate"]
        for row in raw_rows("targets")
        if row["subject_id"] == park and row["scored"] == "yes"
    )
    return float(rate)
