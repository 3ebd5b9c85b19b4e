"""What the browser draws from beside the tiles: the plan's features, and single parcels."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import shapely
from pypinyin import Style, lazy_pinyin

from dongtou_geo import settings
from dongtou_geo.catalog.layers import LEDGER_DATASET, Layer
from dongtou_geo.domain.account import ParcelState
from dongtou_geo.domain.parcel import Parcel
from dongtou_geo.domain.units import m2_to_mu
from dongtou_geo.errors import DatasetError

# Seven decimals are a centimetre on the ground: enough for a screen, not for an export.
SCREEN_DECIMALS = 7
PARCEL_PREFIX = "parcel:"
PROJECT_PREFIX = "project_"
# The largest project's circle is about 28 px wide in radius; area goes with investment.
RADIUS_PER_ROOT_WAN = 0.027
SMALLEST_RADIUS = 4.5
STATED_PLACES = ("named_park", "phase1_star", "named_island", "named_subdistrict")

Json = dict[str, object]


def plan_document(layers: Iterable[Layer], *, geodata: Path = settings.GEODATA) -> Json:
    """Return layers and the plan's features for the browser.

    Parameters
    ----------
    layers : iterable of Layer
        Bottom first.
    geodata : Path
        Folder of the datasets.

    Returns
    -------
    dict
        ``layers`` (as their TOML says) and ``features`` (one FeatureCollection a dataset).
    """
    drawn = list(layers)
    datasets = {layer.dataset for layer in drawn} - {LEDGER_DATASET, "coast"}
    return {
        "layers": [layer.model_dump() for layer in drawn],
        "features": {name: _collection(geodata / f"{name}.geojson") for name in sorted(datasets)},
    }


def parcel_properties(parcel: Parcel, states: list[ParcelState], tile_id: int) -> Json:
    """Return a parcel's number and the days on which its status changed.

    Parameters
    ----------
    parcel : Parcel
        The register entry.
    states : list of ParcelState
        Every state it has been in, in order.
    tile_id : int
        What the tiles know it by.

    Returns
    -------
    dict
        Id, number, origin, area and dated status only, no names of people or firms.
    """
    return {
        "id": f"{PARCEL_PREFIX}{parcel.parcel_no}",
        "tile_id": tile_id,
        "name": parcel.parcel_no,
        "origin": parcel.origin.value,
        "steps": _steps(states),
    }


def parcel_outline(parcel: Parcel) -> Any:
    """Return a parcel's outline as GeoJSON, as fine as a screen shows it; None = 未落图.

    Parameters
    ----------
    parcel : Parcel
        The register entry.
    """
    if parcel.geometry_wkb is None:
        return None
    outline = shapely.from_wkb(parcel.geometry_wkb)
    return json.loads(shapely.to_geojson(shapely.transform(outline, _screen)))


def search_keys(name: str, aliases: Iterable[str] = ()) -> list[str]:
    """Return what a name can be found by: its pinyin initials, its pinyin, and its aliases.

    Parameters
    ----------
    name : str
        The name as shown.
    aliases : iterable of str
        Other names in use.

    Returns
    -------
    list of str
        Lower case, without the name itself.
    """
    keys: list[str] = []
    for word in (name, *aliases):
        keys.append("".join(lazy_pinyin(word, style=Style.FIRST_LETTER)).lower())
        keys.append("".join(lazy_pinyin(word)).lower())
    return list(dict.fromkeys([*keys, *(alias.lower() for alias in aliases)]))


def read_source(path: Path) -> Any:
    """Read a dataset as it lies on the disk.

    Parameters
    ----------
    path : Path
        The GeoJSON file.

    Returns
    -------
    object
        Its JSON, unchecked.

    Raises
    ------
    DatasetError
        If it cannot be read.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from error


def _collection(path: Path) -> Json:
    raw = read_source(path)
    try:
        features = [_plan_feature(feature) for feature in raw["features"]]
    except (LookupError, TypeError, ValueError) as error:
        raise _unreadable(path, error) from error
    # Large circles first, so that the small ones lie on top of them.
    features.sort(key=lambda feature: -feature["properties"].get("radius", 0.0))
    return {"type": "FeatureCollection", "features": features}


def _unreadable(path: Path, error: Exception) -> DatasetError:
    return DatasetError(f"{path.name} 读不出（{error}）；请运行 python -m dongtou_geo check")


def _plan_feature(feature: Mapping[str, Json]) -> dict[str, Any]:
    props = feature["properties"]
    shown = _project_properties(props) if "no" in props else _place_properties(props)
    return {"type": "Feature", "geometry": feature["geometry"], "properties": shown}


def _place_properties(props: Json) -> Json:
    name = str(props["name"])
    value, unit = props.get("plan_area_value"), props.get("plan_area_unit")
    area = f"规划约 {value:,.10g} {unit}" if value is not None else "规划未给面积"
    shown: Json = {
        "id": props["id"],
        "name": name,
        "keys": search_keys(name),
        "hover": f"{area} · 示意",
    }
    if props["kind"] == "zone":
        shown["label_point"] = props["label_point"]
        shown["short"] = name.split("（", maxsplit=1)[0]
    return shown


def _project_properties(props: Json) -> Json:
    name = str(props["name"])
    total_wan = props["total_investment_wan"]
    money = "总投资待定" if total_wan is None else f"总投资 {float(str(total_wan)) / 1e4:,.2f} 亿元"
    stated = props["location_basis"] in STATED_PLACES and not props["sensitive"]
    root_wan = 0.0 if total_wan is None else float(str(total_wan)) ** 0.5
    return {
        "id": f"{PROJECT_PREFIX}{props['no']}",
        "name": f"{props['no']} {name}",
        "short": f"{props['no']} {name if len(name) <= SHORT_NAME else name[:SHORT_NAME] + '…'}",
        "keys": search_keys(name, props.get("aliases") or ()),  # type: ignore[arg-type]  # a list of names, by the sidecar's schema
        "group": props["group"],
        "radius": round(max(SMALLEST_RADIUS, RADIUS_PER_ROOT_WAN * root_wan), 1),
        "place_stated": stated,
        "hover": f"{money} · 点位示意" if stated else f"{money} · 位置不代表实地",
    }


SHORT_NAME = 12


def _screen(coordinates):  # type: ignore[no-untyped-def] # numpy array in, array out
    return coordinates.round(SCREEN_DECIMALS)


def _steps(states: list[ParcelState]) -> list[Json]:
    steps: list[Json] = []
    for state in states:
        flag = "停工" if state.halted else "停产" if state.stopped_m2 > 0 else None
        step: Json = {
            "from": state.on.isoformat(),
            "since": state.since.isoformat(),
            "status": None if state.ended else state.status.value,
            "area_mu": round(m2_to_mu(state.area_m2), 2),
        }
        if flag:
            step["flag"] = flag
        if steps and steps[-1]["from"] == step["from"]:
            steps[-1] = step
        elif not steps or {**steps[-1], "from": ""} != {**step, "from": ""}:
            steps.append(step)
    return steps
